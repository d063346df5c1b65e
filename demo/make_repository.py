"""Make the demo's Butler repository: a PI's cutouts of a real image, good ones and bad ones.

Prints one line of JSON: where the repository is, and what each collection holds. A complete repository is left as it
is; an unfinished one is made anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from deep_field import CREDIT, Source, find_sources, read_image
from lsst.daf.butler import (  # type: ignore[attr-defined]  # CollectionType is documented, and in no __all__
    Butler,
    CollectionType,
    DataCoordinate,
    DatasetRef,
    FileDataset,
)
from numpy.typing import NDArray
from odd_files import ODD_FILES

from rsp_epo_export.cutouts import to_cutout
from rsp_epo_export.formatters import CutoutFormatter
from rsp_epo_export.repository import RepositoryError, make_repository

_RECORD = "demo.json"  # inside the repository; written last, so where it is, all is
_INDEX = "repositories.yaml"
_LABEL = "demo"
_INSTRUMENT = "DemoCam"
_NIGHTS = (20260901, 20260902, 20260903)

Pixels = NDArray[np.uint8]


class DemoError(RuntimeError):
    """The demo repository cannot be made here. Nothing was changed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the repository or find it there; give the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True, type=Path, help="the repository's directory")
    parser.add_argument("--user", default="alien", help="the PI whose cutouts they are (default: %(default)s)")
    parser.add_argument("--other", default="other", help="another PI, who has a run too (default: %(default)s)")
    given = parser.parse_args(arguments)
    try:
        summary = ensure_repository(given.output.expanduser().absolute(), given.user, given.other)
    except (DemoError, RepositoryError) as error:
        print(f"make_repository: {error}", file=sys.stderr)
        return 1
    print(json.dumps(summary))
    return 0


def ensure_repository(path: Path, user: str, other: str) -> dict[str, Any]:
    """Give the summary of the repository at `path`, made now unless it is there and whole.

    Raises
    ------
    DemoError
        Something else is at `path`, or a demo repository for other users.
    """
    if user == other:
        raise DemoError("The PI and the other PI are two different users.")
    if (path / _RECORD).is_file():
        record: dict[str, Any] = json.loads((path / _RECORD).read_text())
        if (record["user"], record["other"]) != (user, other):
            raise DemoError(f"The demo repository at {path} is {record['user']}'s. Remove it, or give another path.")
        _write_index(path)
        return {**_places(path), **record, "created": False}
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise DemoError(f"{path} is not empty and is no demo repository. Give the path of a new directory.")

    # Everything inside a repository is relative to its root, so it is made beside and moved when it is whole.
    unfinished = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    collections = _fill(make_repository(unfinished), user, other)
    record = {"user": user, "other": other, "collections": collections, "credit": CREDIT}
    (unfinished / _RECORD).write_text(json.dumps(record))
    if path.is_dir():
        path.rmdir()
    unfinished.rename(path)
    _write_index(path)
    return {**_places(path), **record, "created": True}


def _places(path: Path) -> dict[str, str]:
    return {"repository": str(path), "label": _LABEL, "repository_index": str(path / _INDEX)}


def _write_index(path: Path) -> None:
    """Write the index that DAF_BUTLER_REPOSITORY_INDEX names; JSON is YAML."""
    (path / _INDEX).write_text(json.dumps({_LABEL: str(path)}) + "\n")


def _fill(butler: Butler, user: str, other: str) -> dict[str, int]:
    """Fill an empty repository; give the number of datasets that volunteers could look at, by collection."""
    image = read_image()
    sources = iter(find_sources(image))
    counts: dict[str, int] = {}

    def run(name: str, number: int) -> None:
        counts[name] = _put_cutouts(butler, name, image, _take(sources, number))

    run(f"u/{user}/zooniverse-1", 320)
    counts[f"u/{user}/flipbook-1"] = _put_flipbook(butler, f"u/{user}/flipbook-1", image, _take(sources, 20))
    run(f"u/{user}/mixed-1", 12)
    odd = _ingest_odd_files(butler, f"u/{user}/mixed-1", image, _take(sources, len(ODD_FILES)))
    counts[f"u/{user}/mixed-1"] += odd
    butler.collections.register(f"u/{user}/empty")
    counts[f"u/{user}/empty"] = 0

    # As `pipetask run -o NAME` leaves it, run twice: a chain with the newest run first.
    chain = f"u/{user}/batch-1"
    batches = [f"{chain}/20260901T010203Z", f"{chain}/20260902T010203Z"]
    for batch in batches:
        run(batch, 10)
    butler.collections.register(chain, CollectionType.CHAINED)
    butler.collections.redefine_chain(chain, list(reversed(batches)))
    counts[chain] = sum(counts[batch] for batch in batches)

    run(f"u/{other}/private-1", 10)
    return counts


def _put_cutouts(butler: Butler, run: str, image: Pixels, sources: Sequence[Source]) -> int:
    butler.collections.register(run)
    with butler.transaction():
        for source in sources:
            butler.put(source.cut(image), "zooniverse_cutout", htm20=source.htm20, run=run)
            butler.put(_metadata(source), "zooniverse_metadata", htm20=source.htm20, run=run)
    return len(sources)


def _put_flipbook(butler: Butler, run: str, image: Pixels, sources: Sequence[Source]) -> int:
    """Put three frames a subject.

    No deep field was taken three nights in a row: a frame shows one colour channel of the image, stretched by itself,
    in place of a night.
    """
    butler.registry.insertDimensionData("instrument", {"name": _INSTRUMENT, "class_name": "demo"})
    for night in _NIGHTS:
        butler.registry.insertDimensionData("day_obs", {"instrument": _INSTRUMENT, "id": night})
    butler.collections.register(run)
    with butler.transaction():
        for source in sources:
            pixels = source.cut(image)
            for channel, night in enumerate(_NIGHTS):
                frame = to_cutout(pixels[..., channel])
                place = {"instrument": _INSTRUMENT, "day_obs": night, "htm20": source.htm20}
                butler.put(frame, "zooniverse_frame", place, run=run)
            butler.put(_metadata(source), "zooniverse_metadata", htm20=source.htm20, run=run)
    return len(sources) * len(_NIGHTS)


def _ingest_odd_files(butler: Butler, run: str, image: Pixels, sources: Sequence[Source]) -> int:
    """Ingest one file of each odd kind, as somebody does who has files already; they come to lie in the datastore."""
    kind = butler.get_dataset_type("zooniverse_cutout")
    with tempfile.TemporaryDirectory() as directory:
        for number, (odd, source) in enumerate(zip(ODD_FILES, sources, strict=True)):
            path = Path(directory) / f"{number}{odd.extension}"
            path.write_bytes(odd.make(source.cut(image)))
            place = DataCoordinate.standardize(htm20=source.htm20, universe=butler.dimensions)
            ref = DatasetRef(kind, place, run=run)
            butler.ingest(FileDataset(str(path), [ref], formatter=CutoutFormatter), transfer="copy")
            butler.put({**_metadata(source), "note": odd.what}, "zooniverse_metadata", htm20=source.htm20, run=run)
    return len(ODD_FILES)


def _metadata(source: Source) -> dict[str, Any]:
    return {
        "ra": round(source.ra, 6),
        "dec": round(source.dec, 6),
        "instrumental_magnitude": round(-2.5 * float(np.log10(source.flux)), 3),
        "source": CREDIT,
    }


def _take(sources: Iterator[Source], number: int) -> list[Source]:
    taken = list(islice(sources, number))
    if len(taken) < number:
        raise DemoError(f"The image has too few sources: {number} more were needed, and {len(taken)} were left.")
    return taken


if __name__ == "__main__":
    sys.exit(main())
