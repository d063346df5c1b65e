"""What a collection's name says, and what it cannot be made to say."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from rsp_epo_export.collection_names import Owner, owner_of, run_directory

from .conftest import HOSTILE_NAMES, path_of, refs_of


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("u/alien/zooniverse-1", Owner("user", "alien")),
        ("u/alien/batch-1/20260901T010203Z", Owner("user", "alien")),
        ("u/alien/with space?", Owner("user", "alien")),
        ("g/epo.team/run", Owner("group", "epo.team")),
    ],
)
def test_a_name_below_an_account_is_of_that_account(name: str, owner: Owner) -> None:
    assert owner_of(name) == owner


@pytest.mark.parametrize(
    "name",
    [
        "",
        "u",
        "u/alien",
        "u/alien/",
        "u//x",
        "/u/alien/x",
        "U/alien/x",
        "user/alien/x",
        "LSSTCam/runs/nightly",
        "u/alien/../bob/x",
        "u/alien/./x",
        "u/alien/..",
        "u/../x",
        "u/alien//x",
        "u/alien/%2e%2e/x",
        "u/al ien/x",
        "u/al*ien/x",
        "u/.alien/x",
        "u/álien/x",
        "u/alien/x\x00",
        "u/alien/x\n",
        "u/alien/x\x85",
        "u/alien/x\ud800",
    ],
)
def test_any_other_name_is_nobodys(name: str) -> None:
    assert owner_of(name) is None


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_runs_directory_holds_its_files_or_is_not_known(butler: Butler, repository: Path, name: str) -> None:
    (ref,) = refs_of(butler, name)
    directory = run_directory(name)
    if directory is not None:
        assert path_of(butler, ref).is_relative_to(repository / directory / "zooniverse_cutout")


def test_the_directories_of_harmless_names_are_known() -> None:
    known = {name: run_directory(name) for name in HOSTILE_NAMES if run_directory(name) is not None}
    assert known == {
        "u/alien/sp ace": "u/alien/sp_ace",
        "u/alien/qu'ote\"s; DROP TABLE run --": "u/alien/qu'ote_s;_DROP_TABLE_run_--",
        "u/alien/a#b": "u/alien/a#b",
        "u/alien/st*r[a]?": "u/alien/st_r[a]_",
        "u/alien/é.x/y.z": "u/alien/é.x/y.z",
        'u/alien/b\\s<>:"|': "u/alien/b_s_____",
    }
