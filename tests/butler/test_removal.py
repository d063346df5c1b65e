"""What is removed after an export, on real repositories: exactly what was exported, and nothing besides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from lsst.daf.butler import Butler, CollectionType, DatasetRef

from rsp_epo_export.removal import Exported, remove_empty_run, remove_exported

from .bridge_child import Bridge
from .conftest import path_of, place, put, refs_of

RUN = "u/alien/zooniverse-1"


@pytest.fixture
def exported(fresh: Butler) -> Callable[..., list[Exported]]:
    """Put some cutouts into a run, and say what an export of them would know."""

    def make(count: int = 3, run: str = RUN) -> list[Exported]:
        return [known(fresh, put(fresh, run, index)) for index in range(count)]

    return make


def known(butler: Butler, ref: DatasetRef) -> Exported:
    return Exported(ref.id, hashlib.sha256(path_of(butler, ref).read_bytes()).hexdigest())


def test_what_was_exported_goes_with_its_files_and_its_run(fresh, exported, root):
    datasets = exported()
    fates = remove_exported(fresh, RUN, datasets)
    assert set(fates.removed) == {one.dataset_id for one in datasets}
    assert (fates.gone, fates.kept) == ([], [])
    assert [path for path in (root / RUN).rglob("*") if path.is_file()] == []
    assert remove_empty_run(fresh, RUN) == "removed"
    assert RUN not in fresh.collections.query("*")


def test_what_was_not_exported_stays_and_keeps_its_run(fresh, exported):
    datasets = exported()
    later = put(fresh, RUN, 7)
    fresh.put({"a": 1}, "zooniverse_metadata", place(0), run=RUN)
    assert len(remove_exported(fresh, RUN, datasets).removed) == 3
    assert remove_empty_run(fresh, RUN) == "not_empty"
    assert [ref.id for ref in refs_of(fresh, RUN)] == [later.id]
    assert len(refs_of(fresh, RUN, "zooniverse_metadata")) == 1
    assert path_of(fresh, later).exists()


def test_a_file_that_is_no_longer_what_was_retrieved_stays(fresh, exported):
    changed, deleted, same = exported()
    path_of(fresh, fresh.get_dataset(changed.dataset_id)).write_bytes(b"something that the PI wrote since")
    path_of(fresh, fresh.get_dataset(deleted.dataset_id)).unlink()
    fates = remove_exported(fresh, RUN, [changed, deleted, same])
    assert fates.removed == [same.dataset_id]
    assert fates.kept == [changed.dataset_id, deleted.dataset_id]
    assert fresh.get_dataset(changed.dataset_id) is not None


def test_doing_it_twice_does_no_harm(fresh, exported):
    datasets = exported()
    remove_exported(fresh, RUN, datasets[:1])
    fates = remove_exported(fresh, RUN, datasets)
    assert (len(fates.removed), fates.gone) == (2, [datasets[0].dataset_id])
    assert remove_empty_run(fresh, RUN) == "removed"
    assert remove_empty_run(fresh, RUN) == "gone"


def test_a_dataset_of_another_run_stays(fresh, exported):
    datasets = exported(1)
    other = known(fresh, put(fresh, "u/alien/other", 0))
    fates = remove_exported(fresh, RUN, [*datasets, other])
    assert (fates.removed, fates.gone) == ([datasets[0].dataset_id], [other.dataset_id])
    assert len(refs_of(fresh, "u/alien/other")) == 1


def test_it_leaves_the_pis_own_chains_and_tags_but_not_anothers_chain(fresh, exported):
    datasets = exported(1)
    fresh.collections.register("u/alien/tagged", CollectionType.TAGGED)
    fresh.registry.associate("u/alien/tagged", refs_of(fresh, RUN))
    for chain in ("u/alien/chain", "u/other/chain"):
        fresh.collections.register(chain, CollectionType.CHAINED)
        fresh.collections.redefine_chain(chain, [RUN])
    assert len(remove_exported(fresh, RUN, datasets).removed) == 1
    assert remove_empty_run(fresh, RUN) == "in_anothers_chain"
    fresh.collections.redefine_chain("u/other/chain", [])
    assert remove_empty_run(fresh, RUN) == "removed"
    assert fresh.collections.get_info("u/alien/chain").children == ()


def test_the_bridge_removes_only_where_it_was_started_to(fresh, exported, tmp_path):
    (dataset,) = exported(1)
    repository = str(tmp_path / "repository")
    asked = {"run": RUN, "datasets": {str(dataset.dataset_id): dataset.sha256}}
    with Bridge(repository) as reading:
        for call, params in (("remove", asked), ("remove_empty_run", {"run": RUN})):
            assert (reading.ask(call, **params).error or {})["type"] == "repository_read_only"
    assert len(refs_of(fresh, RUN)) == 1
    with Bridge("--may-remove", repository) as removing:
        for wrong in (
            {"not-a-uuid": dataset.sha256},
            {str(dataset.dataset_id): "no digest"},
            [str(dataset.dataset_id)],
        ):
            assert (removing.ask("remove", run=RUN, datasets=wrong).error or {})["type"] == "bad_request"
        assert removing.ask("resolve", collection=RUN, kind="run").result["runs"][0]["dataset_types"][0]["count"] == 1
        assert removing.ask("remove", **asked).result == {
            "removed": [str(dataset.dataset_id)], "gone": [], "kept": []
        }  # fmt: skip
        assert removing.ask("remove_empty_run", run=RUN).result == {"fate": "removed"}
        assert (removing.ask("resolve", collection=RUN, kind="run").error or {})["type"] == "collection_not_found"
