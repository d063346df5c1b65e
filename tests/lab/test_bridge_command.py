"""Which interpreter is taken for the Butler's."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rsp_epo_export.lab.bridge_command import bridge_command
from rsp_epo_export.lab.errors import ButlerMissing

from .conftest import ROOT, STACK_PYTHON


def test_the_configured_one_comes_first():
    assert bridge_command(["/stack/python", "-X", "dev"], "/a/repository") == [
        "/stack/python",
        *("-X", "dev", "-P", "-m", "rsp_epo_export.bridge", "--may-remove", "/a/repository"),
    ]


def test_without_a_repository_none_is_named():
    assert bridge_command(["/stack/python"], None)[-1] == "rsp_epo_export.bridge"


def test_this_one_is_taken_where_it_has_the_butler():
    code = "from rsp_epo_export.lab.bridge_command import bridge_command; print(bridge_command([], None)[0])"
    told = subprocess.run([STACK_PYTHON, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert told.stdout.strip() == STACK_PYTHON


def test_with_no_butler_and_no_stack_it_says_what_to_set(tmp_path):
    with pytest.raises(ButlerMissing, match="butler_command"):
        bridge_command([], None, stack=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("site", "product"), [("science", "lsst_distrib"), ("", "lsst_distrib"), ("staff", "lsst_sitcom")]
)
def test_the_stack_is_set_up_as_for_the_lsst_kernel_and_prints_nothing_of_its_own(tmp_path, site, product):
    # A stand-in for the stack, which is not here: it says what is asked of it, and its python3 what it is given.
    (tmp_path / "python3").write_text(f'#!/bin/sh\necho "$PRODUCT $*"\nexec {sys.executable} -c ""\n')
    (tmp_path / "python3").chmod(0o755)
    stack = tmp_path / "load LSST.bash"
    stack.write_text(f'echo noise\nPATH="{tmp_path}:$PATH"\nsetup() {{ echo noise; export PRODUCT="$1"; }}\n')
    command = bridge_command([], "/a repository; rm -rf /", stack=stack)
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, env={"RSP_SITE_TYPE": site, "PATH": "/usr/bin:/bin"}
    )
    assert told.stdout == f"{product} -P -m rsp_epo_export.bridge --may-remove /a repository; rm -rf /\n"
    assert told.stderr.count("noise") == 2


def test_a_stack_that_cannot_be_set_up_fails(tmp_path):
    stack = tmp_path / "loadLSST.bash"
    stack.write_text("setup() { return 1; }\n")
    assert subprocess.run(bridge_command([], None, stack=stack), check=False).returncode == 1
