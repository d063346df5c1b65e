"""A real service on a real repository, for the session; and nothing of the surroundings."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from lab.stand_in_service import StandInService
from lsst.daf.butler import Butler, CollectionType

from rsp_epo_export import EpoExport
from rsp_epo_export.helper import patience
from rsp_epo_export.repository import make_repository

from .live_service import ALIEN, LiveService, live_service

PLACE = 8 * 4**20
"""The first pixel of level 20 of the sky."""

COUNT = 5
"""The cutouts of `u/alien/zooniverse-1`."""

HOSTILE = "u/alien/<img src=x onerror=alert(1)>\"'&\x1b[31m\u202e"
"""A run's name that would run in a page, colour a terminal, and turn a line around."""


def place(index: int) -> dict[str, int]:
    return {"htm20": PLACE + index}


def pixels(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "ACCESS_TOKEN",
        "DAF_BUTLER_REPOSITORIES",
        "DAF_BUTLER_REPOSITORY_INDEX",
        "EPO_EXPORT_REPOSITORY",
        "EPO_EXPORT_REPOSITORIES",
        "EPO_EXPORT_URL",
        "EXTERNAL_INSTANCE_URL",
        "JUPYTERHUB_USER",
        "NUBLADO_RUNTIME_MOUNTS_DIR",
        "NUBLADO_TOKEN",
        "REPERTOIRE_BASE_URL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that the service exports from as `demo`."""
    path = tmp_path_factory.mktemp("butler") / "repository"
    butler = make_repository(path)
    with butler.transaction():
        for index in range(COUNT):
            _put(butler, "u/alien/zooniverse-1", index)
            butler.put({"magnitude": 20 + index}, "zooniverse_metadata", place(index), run="u/alien/zooniverse-1")
        _put(butler, "u/alien/batch-1/20260901T000000Z", 0)
        _put(butler, "u/alien/batch-1/20260902T000000Z", 1)
        _put(butler, "u/alien/night/one", 0)
        _put(butler, "u/other/private-1", 0)
        _put(butler, HOSTILE, 0)
    butler.collections.register("u/alien/empty")
    butler.collections.register("u/alien/batch-1", CollectionType.CHAINED)
    butler.collections.redefine_chain(
        "u/alien/batch-1", ["u/alien/batch-1/20260902T000000Z", "u/alien/batch-1/20260901T000000Z"]
    )
    butler.collections.register("u/alien/tagged", CollectionType.TAGGED)
    butler.close()
    return path


@pytest.fixture(scope="session")
def empty_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "repository"
    make_repository(path).close()
    return path


@pytest.fixture(scope="session")
def own(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> EpoExport:
    """A PI with a repository of their own, and no service. Each test puts into a `run` of its own."""
    path = tmp_path_factory.mktemp("own") / "repository"
    shutil.copytree(empty_repository, path)
    return EpoExport(path)


@pytest.fixture
def run(request: pytest.FixtureRequest) -> str:
    """The name of a run that no other test has, and that is not there yet."""
    return f"u/alien/{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"


@pytest.fixture(scope="session")
def reader(repository: Path) -> EpoExport:
    """A PI who looks at the repository, without a service."""
    return EpoExport(repository)


@pytest.fixture(scope="session")
def service(repository: Path) -> Iterator[LiveService]:
    with live_service(repository) as running:
        yield running


@pytest.fixture(scope="session")
def epo(service: LiveService, repository: Path) -> EpoExport:
    """The PI `alien`, before the real service."""
    return EpoExport(repository, service_url=service.url, token=ALIEN)


@pytest.fixture
def run_of(epo: EpoExport) -> Callable[[str, int], str]:
    """Put cutouts into a run of the test's own, and grant it."""

    def make(name: str, count: int = 2) -> str:
        run = f"u/alien/{name}"
        for index in range(count):
            epo.put_cutout(pixels(index), place(index), run=run)
        epo.grant(run)
        return run

    return make


@pytest.fixture
def stand_in() -> Iterator[StandInService]:
    """A stand-in for the service, for what the real one cannot be made to do."""
    with StandInService() as running:
        yield running


@pytest.fixture
def before_stand_in(stand_in: StandInService, repository: Path) -> EpoExport:
    return EpoExport(repository, service_url=stand_in.url, token=ALIEN, timeout=5.0)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the helper would have slept. Its clock moves by that and nothing else."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(patience, "sleep", sleep)
    monkeypatch.setattr(patience, "now", lambda: sum(pauses))
    return pauses


def _put(butler: Butler, run: str, index: int) -> None:
    butler.collections.register(run)
    butler.put(pixels(index), "zooniverse_cutout", place(index), run=run)
