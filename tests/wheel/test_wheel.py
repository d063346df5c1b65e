"""The wheel as it is built: what a lab and a stack get from it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STACK = os.environ.get("EPO_TEST_STACK_PYTHON", str(ROOT / ".venv/stack/bin/python"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it, with the extension that the checkout has built already."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, cwd=out)
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put the wheel, and nothing else, into a folder."""
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def _run(python: str, installed: Path, code: str) -> str:
    # -P and an empty folder, so that the checkout is not found in place of the wheel.
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [python, "-P", "-c", code], check=True, capture_output=True, text=True, env=environment, cwd=installed
    )
    return done.stdout.strip()


def test_the_base_asks_for_no_jupyter(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        message = Parser().parsestr(archive.read(metadata).decode())
    needs = message.get_all("Requires-Dist") or []
    assert not [need for need in needs if "jupyter" in need and "extra ==" not in need]
    assert [need for need in needs if "jupyter" in need and "lab" in need.split("extra ==")[1]]


def test_the_lab_finds_extension_and_server_part(names: set[str]) -> None:
    data = {name.split(".data/data/", 1)[1] for name in names if ".data/data/" in name}
    assert "share/jupyter/labextensions/rsp-epo-export/package.json" in data
    assert "share/jupyter/labextensions/rsp-epo-export/install.json" in data
    assert "etc/jupyter/jupyter_server_config.d/rsp_epo_export.json" in data


def test_it_carries_the_configuration_that_a_repository_includes(names: set[str]) -> None:
    assert any(name.startswith("rsp_epo_export/configs/") and name.endswith(".yaml") for name in names)
    assert "rsp_epo_export/lab/operations.json" in names


def test_it_carries_no_tests_and_no_demo(names: set[str]) -> None:
    assert not [name for name in names if name.split("/")[0] in {"tests", "demo", "bench", "service"}]


def test_it_imports_in_the_lab_which_has_no_butler(installed: Path) -> None:
    code = (
        "import rsp_epo_export, sys; rsp_epo_export._jupyter_server_extension_points(); "
        "print('lsst' in sys.modules, rsp_epo_export.__file__)"
    )
    answer = _run(sys.executable, installed, code)
    assert answer.startswith("False ")
    assert str(installed) in answer


def test_a_repository_made_by_it_takes_a_cutout_in_the_stack(installed: Path, tmp_path: Path) -> None:
    code = f"""
import numpy as np
from rsp_epo_export import make_repository
butler = make_repository({str(tmp_path / "repository")!r})
butler.collections.register("u/alien/zooniverse-1")
ref = butler.put(np.full((8, 8, 3), 7, np.uint8), "zooniverse_cutout", htm20=8 * 4**20, run="u/alien/zooniverse-1")
print(butler.getURI(ref).getExtension(), butler.get(ref).sum())
"""
    assert _run(STACK, installed, code) == f".png {7 * 8 * 8 * 3}"
