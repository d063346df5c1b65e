"""Make the benchmark's Butler repository: many distinct cutouts in one RUN, ``python make_set.py DIRECTORY COUNT``.

Each cutout is a 256x256 RGB PNG of about 55 KB with the look of a sky: a flat background, noise of a count or two and
a dozen stars. They are ingested as a PI's pipeline would leave them, in the datastore's own directories.
"""

from __future__ import annotations

import argparse
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from lsst.daf.butler import DatasetRef, DatasetType, FileDataset
from numpy.typing import NDArray
from PIL import Image

from rsp_epo_export.repository import make_repository

RUN = "u/alien/bench-1"
DATASET_TYPE = "zooniverse_cutout"
SIDE = 256
STARS = 12
REACH = 14
"""Pixels from a star's centre beyond which it adds nothing."""

BACKGROUND = 20.5
NOISE = 0.34
"""Standard deviation in counts: with it a cutout compresses to about 55 KB."""

FIRST_HTM20 = 8 * 4**20
"""The first of the sky's places at level 20 of the Hierarchical Triangular Mesh."""

CUTOUTS_A_TASK = 100


def sky(seed: int) -> NDArray[np.uint8]:
    """Paint a cutout that no other seed gives."""
    random = np.random.default_rng(seed)
    counts = BACKGROUND + NOISE * random.standard_normal((SIDE, SIDE, 3), dtype=np.float32)
    for _ in range(STARS):
        y, x = (int(place) for place in random.integers(0, SIDE, 2))
        near = tuple(slice(max(0, place - REACH), min(SIDE, place + REACH + 1)) for place in (y, x))
        rows, columns = np.ogrid[near]
        distance = (rows - y) ** 2 + (columns - x) ** 2
        counts[near] += (random.uniform(60, 230) * np.exp(-distance / 12))[..., None]
    return counts.clip(0, 255).astype(np.uint8)


def write_some(directory: Path, first: int, end: int) -> int:
    """Write the cutouts `first` to `end` (not included), and give their size in bytes."""
    size = 0
    for number in range(first, end):
        path = directory / f"{number}.png"
        # The default level, 6, takes four times as long and saves an eighth.
        Image.fromarray(sky(number)).save(path, compress_level=1)
        size += path.stat().st_size
    return size


def main() -> None:
    """Make the set, or nothing: it is built beside its place and moved there when it is whole."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="the repository's directory; it must not exist")
    parser.add_argument("count", type=int, help="how many cutouts")
    arguments = parser.parse_args()
    count: int = arguments.count
    building = arguments.directory.with_name(arguments.directory.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    incoming = building / "incoming"
    incoming.mkdir(parents=True)

    firsts = range(0, count, CUTOUTS_A_TASK)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        sizes = pool.map(
            write_some, [incoming] * len(firsts), firsts, [min(first + CUTOUTS_A_TASK, count) for first in firsts]
        )
        print(f"{count} cutouts of {sum(sizes) / count / 1000:.1f} KB on average", flush=True)

    repository = building / "repository"
    butler = make_repository(repository)
    butler.collections.register(RUN)
    dataset_type: DatasetType = butler.get_dataset_type(DATASET_TYPE)
    butler.ingest(
        *(
            FileDataset(
                path=str(incoming / f"{number}.png"),
                refs=[DatasetRef(dataset_type, butler.registry.expandDataId(htm20=FIRST_HTM20 + number), run=RUN)],
            )
            for number in range(count)
        ),
        transfer="move",
    )
    repository.rename(arguments.directory)
    shutil.rmtree(building)


if __name__ == "__main__":
    main()
