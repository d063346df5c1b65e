"""Make the Butler repository of the service's tests, or change it midway. Run by the stack's interpreter.

`make_repository.py make PATH` makes it and prints what the tests must know, as JSON;
`make_repository.py remove-run PATH RUN` removes a run with its files.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from lsst.daf.butler import (  # type: ignore[attr-defined]  # CollectionType is documented, and in no __all__
    Butler,
    CollectionType,
    DatasetRef,
    FileDataset,
)
from PIL import Image

from rsp_epo_export.repository import make_repository

_CUTOUT = "zooniverse_cutout"
_METADATA = "zooniverse_metadata"
_NIGHTS = (20260901, 20260902, 20260903)


def main(command: str, path: str, *arguments: str) -> None:
    """Do one of the two."""
    if command == "remove-run":
        Butler.from_config(path, writeable=True).removeRuns(list(arguments))
    else:
        print(json.dumps(_make(Path(path))))


def _make(root: Path) -> dict[str, Any]:
    butler = make_repository(root)
    outside = root.with_name(f"{root.name}-outside")
    outside.mkdir()
    _good_runs(butler)
    _flipbooks(butler)
    return {
        "uri": str(root),
        "mixed": _mixed(butler, outside),
        "bad_metadata": _bad_metadata(butler),
        "hostile": _hostile(butler, root, outside),
        "zipped": _zips(butler, root, outside),
    }


def _good_runs(butler: Butler) -> None:
    for index in range(12):
        # The last two are equal in every byte, and are two datasets.
        _put(butler, "u/alien/story", index, seed=min(index, 10))
        said = {"magnitude": 20 + index / 4, "#survey": "a, “b”", "note": "=1+1", "secret": "not chosen"}
        butler.put(said, _METADATA, {"htm20": _place(index)}, run="u/alien/story")
    butler.collections.register("u/alien/only-metadata")
    for run, count in {
        "u/alien/thirty": 30,
        "u/alien/batch/20260901T000000Z": 3,
        "u/alien/batch/20260902T000000Z": 2,
        "u/other/private-1": 2,
        "u/alien/prefixed/one": 2,
        "u/alien/prefixed/two": 3,
        "u/alien/prefixed-not": 1,
        "u/alien/my cutouts": 2,
        'u/alien/it\'s "mine"; DROP TABLE items': 1,
        "u/alien/retried": 20,
        "u/alien/mended": 2,
        "u/alien/vanishing-1": 2,
        "u/alien/vanishing-2": 2,
        "u/guest/not-his-files": 2,
        "g/galaxies/shared": 2,
    }.items():
        for index in range(count):
            _put(butler, run, index)
    butler.collections.register("u/alien/empty")
    butler.put({"magnitude": 1}, _METADATA, {"htm20": _place(0)}, run="u/alien/only-metadata")
    butler.collections.register("u/alien/batch", CollectionType.CHAINED)
    butler.collections.redefine_chain(
        "u/alien/batch", ["u/alien/batch/20260902T000000Z", "u/alien/batch/20260901T000000Z", "u/other/private-1"]
    )


def _flipbooks(butler: Butler) -> None:
    butler.registry.insertDimensionData("instrument", {"name": "TestCam", "class_name": "test"})
    for night in _NIGHTS:
        butler.registry.insertDimensionData("day_obs", {"instrument": "TestCam", "id": night})
    for run, subjects in (("u/alien/flipbook", 3), ("u/alien/flipbook-broken", 4)):
        butler.collections.register(run)
        # By night first, so that the frames of a subject do not come in a row.
        for night in reversed(_NIGHTS):
            for subject in range(subjects):
                if run.endswith("broken") and subject == 2 and night == _NIGHTS[1]:
                    continue
                where = {"instrument": "TestCam", "day_obs": night, "htm20": _place(subject)}
                ref = butler.put(_pixels(subject * 7 + night % 7), "zooniverse_frame", where, run=run)
                if run.endswith("broken") and subject == 3 and night == _NIGHTS[0]:
                    _file(butler, ref).write_bytes(b"no image")


def _mixed(butler: Butler, outside: Path) -> dict[str, str]:
    """Good cutouts and bad ones; what each must end as, by dataset id."""
    pixels = _pixels(1)
    whole = _save(Image.fromarray(pixels), "PNG")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("catalogue.csv", "object_id\n1\n")
    exif = Image.Exif()
    exif[0x010E] = "objectId 1234567890123456789"
    jpeg = io.BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=92, subsampling=0, exif=exif)
    files = (
        (".png", _save(Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), "PNG"), "more_than_8_bits"),
        (".png", whole[: len(whole) * 2 // 3], "truncated"),
        (".png", whole + archive.getvalue(), "trailing_bytes"),
        (".png", b"SIMPLE  =                    T" + b" " * 2850, "not_an_image"),
        (".png", b"", "empty_file"),
        (".jpg", jpeg.getvalue(), "PUBLISHED"),
    )
    run = "u/alien/mixed"
    fates = {str(_put(butler, run, index).id): "PUBLISHED" for index in range(3)}
    for index, (extension, content, fate) in enumerate(files, start=3):
        source = outside / f"mixed-{index}{extension}"
        source.write_bytes(content)
        fates[str(_ingest(butler, run, index, source, "copy").id)] = fate
    return fates


def _bad_metadata(butler: Butler) -> dict[str, str]:
    """What becomes of items of which `note` is to be published, by dataset id."""
    run = "u/alien/bad-metadata"
    notes: list[tuple[Any, str]] = [
        ({"note": "fine"}, "PUBLISHED"),
        ({"note": True}, "PUBLISHED"),
        ({"other": 1}, "PUBLISHED"),
        ({"note": "two\nlines"}, "bad_metadata"),
        ({"note": {"nested": 1}}, "bad_metadata"),
        ({"note": "x" * 1001}, "bad_metadata"),
        ({"note": "big", "padding": "x" * 70_000}, "bad_metadata"),
        (None, "metadata_missing"),
        (b"not JSON", "bad_metadata"),
        (rb'{"note": "\ud800 half a character"}', "bad_metadata"),
        (b'["a list"]', "bad_metadata"),
        (b'{"note": NaN}', "bad_metadata"),
    ]
    fates = {}
    for index, (said, fate) in enumerate(notes):
        fates[str(_put(butler, run, index).id)] = fate
        if said is not None:
            content = {"note": "to be overwritten"} if isinstance(said, bytes) else said
            ref = butler.put(content, _METADATA, {"htm20": _place(index)}, run=run)
            if isinstance(said, bytes):
                _file(butler, ref).write_bytes(said)
    # Metadata that is another PI's file.
    fates[str(_put(butler, run, len(notes)).id)] = "bad_metadata"
    (theirs,) = butler.query_datasets(_METADATA, collections="u/alien/only-metadata")
    butler.put({"note": ""}, _METADATA, {"htm20": _place(len(notes))}, run=run)
    (ours,) = butler.query_datasets(_METADATA, collections=run, where=f"htm20 = {_place(len(notes))}", find_first=False)
    _replace(_file(butler, ours), lambda path: path.symlink_to(_file(butler, theirs)))
    return fates


def _hostile(butler: Butler, root: Path, outside: Path) -> dict[str, dict[str, str]]:
    """Artifacts that are not what they say: what kind, which dataset, what must become of it."""
    run = "u/mallory/hostile"
    (prey,) = butler.query_datasets(
        _CUTOUT, collections="u/alien/story", where=f"htm20 = {_place(0)}", find_first=False
    )
    theirs = _file(butler, prey)
    loot = outside / "loot.png"
    loot.write_bytes(theirs.read_bytes())
    made: dict[str, dict[str, str]] = {}

    def note(what: str, ref: DatasetRef, fate: str) -> None:
        made[what] = {"id": str(ref.id), "fate": fate}

    def changed(index: int, change: Callable[[Path], object]) -> DatasetRef:
        ref = _put(butler, run, index)
        _replace(_file(butler, ref), change)
        return ref

    note("another PI's file in the same datastore", _ingest(butler, run, 0, theirs, "direct"), "outside_its_run")
    note("a file outside the datastore", _ingest(butler, run, 1, loot, "direct"), "outside_its_run")
    note("a link to another PI's file", changed(2, lambda path: path.symlink_to(theirs)), "is_a_link")
    note("a link to a file of its own run", changed(3, lambda path: path.symlink_to(_own(butler, run))), "is_a_link")
    note("a FIFO", changed(4, os.mkfifo), "not_a_file")
    note("a directory", changed(5, Path.mkdir), "not_a_file")
    note("a file that is gone", changed(6, lambda path: None), "MISSING")
    note("a file of 11 MiB", changed(7, lambda path: path.write_bytes(bytes(11 * 1024 * 1024))), "too_many_bytes")
    note("a good file", _put(butler, run, 8), "PUBLISHED")

    # A directory on the path is a link to another PI's, with a file of the name that the Butler knows.
    linked = "u/mallory/linked"
    ref = _put(butler, linked, 0)
    file = _file(butler, ref)
    shadow = outside / "shadow"
    shadow.mkdir()
    (shadow / file.name).write_bytes(theirs.read_bytes())
    file.unlink()
    file.parent.rmdir()
    file.parent.symlink_to(shadow)
    note("a directory on the path that is a link", ref, "outside_its_run")

    # A run whose name reads as a path into another's.
    dotted = "u/mallory/%2e%2e/alien"
    note("a run whose name is a path", _ingest(butler, dotted, 0, theirs, "direct"), "outside_its_run")
    return made


def _zips(butler: Butler, root: Path, outside: Path) -> dict[str, str]:
    """A zip in `u/alien/zipped`; one in `u/mallory/forged` that was exchanged for alien's."""
    places = {}
    for run in ("u/alien/zipped", "u/mallory/forged"):
        with tempfile.TemporaryDirectory() as scratch:
            maker = make_repository(f"{scratch}/repo")
            for index in range(3):
                _put(maker, run, index, seed=50 + index)
            # Without records: Butler.ingest_zip cannot read those of a skypix dimension back.
            refs = maker.query_datasets(_CUTOUT, collections=run)
            zipped = maker.retrieve_artifacts_zip(refs, scratch)
            butler.ingest_zip(zipped, transfer="copy")
        (first, *_) = butler.query_datasets(_CUTOUT, collections=run)
        places[run] = butler.getURI(first).ospath.partition("#")[0]
    Path(places["u/mallory/forged"]).write_bytes(Path(places["u/alien/zipped"]).read_bytes())
    return places


def _own(butler: Butler, run: str) -> Path:
    return _file(butler, _put(butler, run, 30))


def _place(index: int) -> int:
    return 8 * 4**20 + index


def _pixels(seed: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)


def _put(butler: Butler, run: str, index: int, seed: int | None = None) -> DatasetRef:
    pixels = _pixels(index if seed is None else seed)
    butler.collections.register(run)
    return butler.put(pixels, _CUTOUT, {"htm20": _place(index)}, run=run)


def _ingest(butler: Butler, run: str, index: int, file: Path, transfer: str) -> DatasetRef:
    butler.collections.register(run)
    where = butler.registry.expandDataId({"htm20": _place(index)})
    ref = DatasetRef(butler.get_dataset_type(_CUTOUT), where, run=run)
    butler.ingest(FileDataset(path=str(file), refs=[ref]), transfer=transfer)
    return ref


def _file(butler: Butler, ref: DatasetRef) -> Path:
    return Path(butler.getURI(ref).ospath)


def _replace(file: Path, change: Callable[[Path], object]) -> None:
    file.unlink()
    change(file)


def _save(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
