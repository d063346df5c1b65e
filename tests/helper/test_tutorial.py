"""The tutorial, run as mobu runs it: only its code, cell by cell, in a kernel named `lsst`, before the real service."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import yaml
from nbclient import NotebookClient

from rsp_epo_export import EpoExport

from .conftest import ALIEN
from .live_service import ROOT, LiveService

TUTORIAL = ROOT / "notebooks" / "tutorial.ipynb"


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(TUTORIAL, as_version=nbformat.NO_CONVERT)


def code_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_it_is_a_valid_notebook_for_the_stacks_kernel_that_mobu_runs_where_the_service_is(notebook):
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["metadata"]["kernelspec"]["name"]) == (4, "lsst")
    assert notebook["metadata"]["mobu"] == {"required_applications": ["epo-export"]}


def test_nothing_that_it_printed_is_saved_in_it(notebook):
    for cell in notebook["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_it_asserts_in_every_step(notebook):
    steps = code_of(notebook)[1:-1]  # but the imports; the last is the cleaning up, which has several
    silent = [step for step in steps if "assert " not in step]
    assert silent == []


def test_mobu_finds_it_by_the_repositorys_own_rules_and_can_read_every_notebook():
    rules = yaml.safe_load((ROOT / "mobu.yaml").read_text())["collection_rules"]
    assert {rule["type"] for rule in rules} == {"intersect_union_of"}
    found = [path for rule in rules for pattern in rule["patterns"] for path in ROOT.glob(pattern)]
    assert TUTORIAL in found
    for path in found:
        nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))


@pytest.fixture
def run(
    service: LiveService, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], None]:
    """Run the tutorial so many times in one kernel, in a lab that has no file of this checkout."""
    kernel = tmp_path / "share" / "kernels" / "lsst"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "LSST", "language": "python"}))
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    index = tmp_path / "index.json"
    index.write_text(json.dumps({"demo": str(repository)}))
    for name, value in {
        "JUPYTER_PATH": tmp_path / "share",
        "TMPDIR": temporary,
        "PYTHONPATH": ROOT,
        "JUPYTERHUB_USER": "alien",
        "ACCESS_TOKEN": ALIEN,
        "DAF_BUTLER_REPOSITORY_INDEX": index,
    }.items():
        monkeypatch.setenv(name, str(value))

    def times(count: int) -> None:
        code = code_of(nbformat.read(TUTORIAL, as_version=4))
        sent = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for _ in range(count) for cell in code])
        NotebookClient(sent, timeout=180, kernel_name="lsst", resources={"metadata": {"path": str(home)}}).execute()

    return times


_OF_WITHDRAWALS = ("closed", "index.json")


class Trace:
    """What the tutorial could leave: on disk, in the repository, with the service, and in public."""

    def __init__(self, service: LiveService, repository: Path, tmp_path: Path) -> None:
        self.epo = EpoExport(repository, service_url=service.url, token=ALIEN)
        self.tmp_path = tmp_path
        self.repository = repository
        self.public = service.log.parent / "data" / "public"

    def collections(self) -> set[str]:
        return {collection.name for collection in self.epo.collections()}

    def live_grants(self) -> set[str]:
        return {grant["collection"] for grant in self.epo.grants() if grant["state"] == "live"}

    def exports(self) -> dict[str, str]:
        return {export.id: export.state for export in self.epo.exports()}

    def files(self) -> set[Path]:
        roots = (self.tmp_path / "home", self.tmp_path / "tmp", self.repository, self.public)
        found = {path for root in roots for path in root.rglob("*")}
        # What lets the public server say "gone" instead of "never there" stays (docs/decisions/0006).
        noted = {path for path in found if path.name in _OF_WITHDRAWALS and self.public in path.parents}
        return found - noted - {path.parent for path in noted}


@pytest.fixture
def trace(service: LiveService, repository: Path, tmp_path: Path) -> Trace:
    return Trace(service, repository, tmp_path)


def test_it_runs_twice_in_one_kernel_and_leaves_nothing(run, trace, service, monkeypatch):
    monkeypatch.setenv("EPO_EXPORT_URL", service.url)
    monkeypatch.setenv("EPO_EXPORT_REPOSITORY", "demo")
    collections, grants, files, exports = trace.collections(), trace.live_grants(), trace.files(), trace.exports()
    assert trace.public.is_dir()
    run(2)
    assert [state for name, state in trace.exports().items() if name not in exports] == ["WITHDRAWN", "WITHDRAWN"]
    assert trace.collections() == collections
    assert trace.live_grants() == grants
    assert sorted(trace.files() - files) == []


def test_it_runs_against_a_deployment_that_discovery_names(run, trace, service, tmp_path, monkeypatch):
    monkeypatch.setenv("NUBLADO_RUNTIME_MOUNTS_DIR", str(tmp_path / "mounts"))
    found = tmp_path / "mounts" / "discovery" / "v1.json"
    found.parent.mkdir(parents=True)
    found.write_text(json.dumps({"services": {"internal": {"epo-export": {"url": f"{service.url}/epo-export"}}}}))
    assert not {"EPO_EXPORT_URL", "EPO_EXPORT_REPOSITORY"} & set(os.environ)
    collections = trace.collections()
    run(1)
    assert trace.collections() == collections
