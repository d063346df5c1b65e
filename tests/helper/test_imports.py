"""What is imported when: the lab has no Butler, and a kernel should start quickly."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .live_service import ROOT


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("imports", ["import rsp_epo_export", "from rsp_epo_export import EpoExport; EpoExport()"])
def test_neither_the_butler_nor_httpx_comes_before_it_is_needed(imports):
    heavy = "{'lsst', 'httpx', 'numpy', 'PIL', 'astropy', 'IPython'}"
    assert run(f"import sys; {imports}; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_a_python_without_the_butler_is_told_which_kernel_to_choose():
    code = """
import sys
sys.modules["lsst"] = None  # what an import finds where there is no stack
from rsp_epo_export import EpoExport
for ask in (
    lambda: EpoExport("demo").collections(),
    lambda: EpoExport.make_repository("/nowhere"),
    lambda: EpoExport.place(0, 0),
):
    try:
        ask()
    except Exception as error:
        print(type(error).__name__, error.type, "kernel LSST" in str(error))
"""
    assert run(code).splitlines() == ["ButlerError butler_missing True"] * 3
