"""`make_repository`: a repository of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lsst.daf.butler import Butler, Config

from rsp_epo_export.repository import CONFIGURATION, RepositoryError, make_repository

from .conftest import cutout, place


def test_a_new_repository_takes_a_cutout_and_its_metadata_at_once(tmp_path: Path) -> None:
    butler = make_repository(tmp_path / "new" / "repository")
    butler.collections.register("u/alien/first")
    butler.put(cutout(1), "zooniverse_cutout", place(1), run="u/alien/first")
    butler.put({"ra": 1.0}, "zooniverse_metadata", place(1), run="u/alien/first")
    again = Butler.from_config(str(tmp_path / "new" / "repository"))
    np.testing.assert_array_equal(again.get("zooniverse_cutout", place(1), collections="u/alien/first"), cutout(1))


def test_the_dataset_types_have_their_dimensions(fresh: Butler) -> None:
    assert set(fresh.get_dataset_type("zooniverse_cutout").dimensions.required) == {"htm20"}
    assert set(fresh.get_dataset_type("zooniverse_metadata").dimensions.required) == {"htm20"}
    assert set(fresh.get_dataset_type("zooniverse_frame").dimensions.required) == {"instrument", "day_obs", "htm20"}


def test_making_a_repository_where_one_is_opens_it_with_all_that_it_holds(tmp_path: Path) -> None:
    make_repository(tmp_path / "repository").collections.register("u/alien/mine")
    assert "u/alien/mine" in make_repository(tmp_path / "repository").collections.query("*")


@pytest.mark.parametrize("name", ["with space", "epo.d", "é", "a+b,c", "100%"])
def test_the_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    make_repository(tmp_path / name)
    butler = make_repository(tmp_path / name)
    butler.collections.register("u/alien/first")
    ref = butler.put(cutout(1), "zooniverse_cutout", place(1), run="u/alien/first")
    np.testing.assert_array_equal(butler.get(ref), cutout(1))


def test_a_repository_may_be_moved(tmp_path: Path) -> None:
    butler = make_repository(tmp_path / "here")
    butler.collections.register("u/alien/first")
    butler.put(cutout(1), "zooniverse_cutout", place(1), run="u/alien/first")
    butler.close()
    (tmp_path / "here").rename(tmp_path / "there")
    moved = Butler.from_config(str(tmp_path / "there"))
    np.testing.assert_array_equal(moved.get("zooniverse_cutout", place(1), collections="u/alien/first"), cutout(1))


def test_other_dimensions_can_be_asked_for(tmp_path: Path) -> None:
    butler = make_repository(tmp_path / "repository", dimensions=("healpix17",))
    assert set(butler.get_dataset_type("zooniverse_cutout").dimensions.required) == {"healpix17"}


def test_an_unfinished_repository_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "repository"
    (path / "unfinished-repository").mkdir(parents=True)
    (path / "unfinished-repository" / "butler.yaml").write_text("half")
    (path / "gen3.sqlite3").write_bytes(b"")
    make_repository(path)
    assert sorted(entry.name for entry in path.iterdir()) == ["butler.yaml", "gen3.sqlite3"]


def test_a_shared_repository_is_configured_by_an_include(tmp_path: Path) -> None:
    Butler.makeRepo(str(tmp_path / "shared"))
    configuration = tmp_path / "shared" / "butler.yaml"
    configuration.write_text(f"includeConfigs: {CONFIGURATION}\n{configuration.read_text()}")
    butler = make_repository(tmp_path / "shared")
    butler.collections.register("u/alien/first")
    ref = butler.put(cutout(1), "zooniverse_cutout", place(1), run="u/alien/first")
    np.testing.assert_array_equal(butler.get(ref), cutout(1))


def test_a_file_is_no_place_for_a_repository(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RepositoryError, match="is a file"):
        make_repository(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_directory_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(RepositoryError, match="not empty"):
        make_repository(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_path_that_the_butler_would_not_open_again_is_told(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="#"):
        make_repository(tmp_path / "a#b")
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RepositoryError, match="Not a directory"):
        make_repository(tmp_path / "file" / "repository")


def test_a_repository_that_is_not_configured_for_cutouts_is_left_alone(tmp_path: Path) -> None:
    Butler.makeRepo(str(tmp_path / "other"), config=Config())
    before = (tmp_path / "other" / "butler.yaml").read_text()
    with pytest.raises(RepositoryError, match="not configured for cutouts"):
        make_repository(tmp_path / "other")
    assert (tmp_path / "other" / "butler.yaml").read_text() == before
    assert not Butler.from_config(str(tmp_path / "other")).registry.queryDatasetTypes("zooniverse_*")


def test_a_repository_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "butler.yaml").write_text("datastore: {cls: no.such.Datastore}")
    with pytest.raises(RepositoryError, match="cannot be opened"):
        make_repository(tmp_path)


def test_other_dimensions_than_those_that_are_there_are_told(fresh: Butler, root: Path) -> None:
    with pytest.raises(RepositoryError, match="zooniverse_cutout, as a CutoutImage of htm20"):
        make_repository(root, dimensions=("htm9",))


def test_an_unknown_dimension_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'htm99'"):
        make_repository(tmp_path / "repository", dimensions=("htm99",))
