"""Real SQLite repositories. One, full of things, is shared and only read; a fresh one is a copy of an empty one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from lsst.daf.butler import Butler, CollectionType, DataCoordinate, DatasetRef, FileDataset

from rsp_epo_export.formatters import CutoutFormatter
from rsp_epo_export.repository import make_repository

PLACE = 8 * 4**20
"""The first pixel of level 20 of the sky."""

MANY = 2600
"""The datasets of `u/alien/many`: several parts of a listing, and more than a pipe holds."""

HOSTILE_NAMES = (
    "u/alien/sp ace",
    "u/alien/qu'ote\"s; DROP TABLE run --",
    "u/alien/../bob",
    "u/alien/a#b",
    "u/alien/100%",
    "u/alien/ctl\x01\n",
    "u/alien/st*r[a]?",
    "u//alien/dbl",
    "u/alien/é.x/y.z",
    "/abs/run",
    "u/alien/trail/",
    "u/alien/./dot",
    "u/alien/..",
    'u/alien/b\\s<>:"|',
)
"""Names that the registry takes, and under which the datastore writes."""

Instruments = ("DemoCam", 'O\'Cam "2"')
NIGHTS = (20260901, 20260902, 20260903)


def place(index: int) -> dict[str, int]:
    """The data ID of a cutout."""
    return {"htm20": PLACE + index}


def cutout(seed: int, shape: tuple[int, ...] = (8, 8, 3)) -> np.ndarray:
    """A cutout of noise."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def put(butler: Butler, run: str, index: int, dataset_type: str = "zooniverse_cutout") -> DatasetRef:
    """Put a cutout into a run, which is made where there is none."""
    butler.collections.register(run)
    return butler.put(cutout(index), dataset_type, place(index), run=run)


def refs_of(butler: Butler, run: str, dataset_type: str = "zooniverse_cutout") -> list[DatasetRef]:
    """The datasets of a run by data ID; `Butler.query_datasets` would take a name with a star for a pattern."""
    with butler.query() as query:
        return sorted(query.datasets(dataset_type, [run]))


def path_of(butler: Butler, ref: DatasetRef) -> Path:
    """Where the file of a dataset is."""
    return Path(butler.getURI(ref).ospath)


@pytest.fixture(scope="session")
def empty_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "repository"
    make_repository(path).close()
    return path


@pytest.fixture
def fresh(empty_repository: Path, tmp_path: Path) -> Butler:
    """A repository of the test's own, to write to."""
    path = tmp_path / "repository"
    shutil.copytree(empty_repository, path)
    return Butler.from_config(str(path), writeable=True)


@pytest.fixture
def root(fresh: Butler) -> Path:
    """The root of the test's own repository."""
    return next(Path(uri.ospath) for uri in fresh.get_datastore_roots().values() if uri is not None)


@pytest.fixture(scope="session")
def repository(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository full of things, only to be read."""
    path = tmp_path_factory.mktemp("full") / "repository"
    shutil.copytree(empty_repository, path)
    butler = Butler.from_config(str(path), writeable=True)
    with butler.transaction():
        for index in range(5):
            put(butler, "u/alien/zooniverse-1", index)
            butler.put({"index": index}, "zooniverse_metadata", place(index), run="u/alien/zooniverse-1")
        for index in range(3):
            put(butler, "u/alien/batch-1/20260901T010203Z", index)
        put(butler, "u/alien/batch-1/20260902T010203Z", 0)
        put(butler, "u/other/private-1", 0)
        for name in HOSTILE_NAMES:
            put(butler, name, 0)
    butler.collections.register("u/alien/empty")
    for chain, children in {
        "u/alien/batch-1": ["u/alien/batch-1/20260902T010203Z", "u/alien/batch-1/20260901T010203Z"],
        "u/alien/deep": ["u/alien/batch-1", "u/alien/zooniverse-1", "u/alien/batch-1/20260901T010203Z"],
        "u/alien/mixed-owners": ["u/other/private-1", "u/alien/zooniverse-1"],
    }.items():
        butler.collections.register(chain, CollectionType.CHAINED)
        butler.collections.redefine_chain(chain, children)
    butler.collections.register("u/alien/tagged", CollectionType.TAGGED)
    butler.registry.associate(
        "u/alien/tagged", butler.query_datasets("zooniverse_cutout", "u/alien/zooniverse-1", limit=2)
    )
    _put_frames(butler)
    _ingest_many(butler, tmp_path_factory.mktemp("many") / "one.png")
    butler.close()
    return path


@pytest.fixture(scope="session")
def butler(repository: Path) -> Iterator[Butler]:
    """The repository full of things, opened to be read."""
    with Butler.from_config(str(repository)) as opened:
        yield opened


@pytest.fixture
def ids(butler: Butler) -> Callable[[str], list[str]]:
    """Give the ids of a run's cutouts, as strings, by data ID."""

    def give(run: str) -> list[str]:
        refs = butler.query_datasets("zooniverse_cutout", run, limit=None)
        return [str(ref.id) for ref in sorted(refs, key=lambda ref: ref.dataId["htm20"])]

    return give


def _put_frames(butler: Butler) -> None:
    butler.collections.register("u/alien/flipbook-1")
    with butler.transaction():
        for instrument in Instruments:
            butler.registry.insertDimensionData("instrument", {"name": instrument, "class_name": "demo"})
            for night in NIGHTS:
                butler.registry.insertDimensionData("day_obs", {"instrument": instrument, "id": night})
                for index in range(3):
                    data_id = {"instrument": instrument, "day_obs": night, **place(index)}
                    butler.put(cutout(index), "zooniverse_frame", data_id, run="u/alien/flipbook-1")


def _ingest_many(butler: Butler, path: Path) -> None:
    """Many datasets that share one file, since only their number matters."""
    from PIL import Image

    Image.fromarray(cutout(0)).save(path)
    butler.collections.register("u/alien/many")
    kind = butler.get_dataset_type("zooniverse_cutout")
    refs = [
        DatasetRef(kind, DataCoordinate.standardize(place(3 * index), universe=butler.dimensions), run="u/alien/many")
        for index in range(MANY)
    ]
    butler.ingest(FileDataset(str(path), refs, formatter=CutoutFormatter), transfer="copy")
