"""Repositories, collections, and what a pick covers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler, CollectionType

from rsp_epo_export import butler_reads as reads

from .conftest import HOSTILE_NAMES, MANY, put


def by_name(butler: Butler, *prefixes: str) -> dict[str, reads.Collection]:
    return {one.name: one for one in reads.list_collections(butler, prefixes)}


def counts(collection: reads.Collection | reads.Run) -> dict[str, int | None]:
    return {use.name: use.count for use in collection.dataset_types}


def names(butler: Butler, collection: str, kind: Any) -> list[str]:
    return [run.name for run in reads.resolve(butler, collection, kind)]


def test_every_collection_is_listed_once_by_name(butler: Butler) -> None:
    listed = [one.name for one in reads.list_collections(butler)]
    assert listed == sorted(set(listed))
    assert set(listed) == set(butler.registry.queryCollections())
    assert set(HOSTILE_NAMES) < set(listed)


def test_a_collection_tells_its_type_owner_and_children(butler: Butler) -> None:
    found = by_name(butler)
    run, chain, tagged = found["u/other/private-1"], found["u/alien/deep"], found["u/alien/tagged"]
    assert (run.type, run.owner, run.children) == ("RUN", reads.Owner("user", "other"), ())
    assert (chain.type, chain.owner) == ("CHAINED", reads.Owner("user", "alien"))
    assert chain.children == ("u/alien/batch-1", "u/alien/zooniverse-1", "u/alien/batch-1/20260901T010203Z")
    assert tagged.type == "TAGGED"


def test_a_name_that_leads_into_another_users_directory_has_no_owner(butler: Butler) -> None:
    assert by_name(butler)["u/alien/../bob"].owner is None


def test_only_what_was_asked_for_is_counted(butler: Butler) -> None:
    found = by_name(butler, "u/alien/z")
    assert counts(found["u/alien/zooniverse-1"]) == {"zooniverse_cutout": 5, "zooniverse_metadata": 5}
    assert counts(found["u/other/private-1"]) == {"zooniverse_cutout": None}
    assert counts(found["u/alien/many"]) == {"zooniverse_cutout": None}


def test_nothing_is_counted_by_default(butler: Butler) -> None:
    assert {count for one in reads.list_collections(butler) for count in counts(one).values()} == {None}


def test_a_dataset_type_tells_its_storage_class(butler: Butler) -> None:
    uses = by_name(butler)["u/alien/zooniverse-1"].dataset_types
    assert [(use.name, use.storage_class) for use in uses] == [
        ("zooniverse_cutout", "CutoutImage"),
        ("zooniverse_metadata", "StructuredDataDict"),
    ]


def test_an_empty_run_has_no_dataset_types(butler: Butler) -> None:
    assert by_name(butler, "")["u/alien/empty"].dataset_types == ()


def test_a_chain_counts_each_of_its_runs_once(butler: Butler) -> None:
    assert counts(by_name(butler, "u/alien/")["u/alien/deep"]) == {"zooniverse_cutout": 9, "zooniverse_metadata": 5}


def test_a_chain_over_a_run_that_is_not_counted_has_no_count(butler: Butler) -> None:
    found = by_name(butler, "u/alien/")["u/alien/mixed-owners"]
    assert counts(found) == {"zooniverse_cutout": None, "zooniverse_metadata": 5}


def test_a_tagged_collection_is_counted(butler: Butler) -> None:
    assert counts(by_name(butler, "u/alien/")["u/alien/tagged"]) == {"zooniverse_cutout": 2}


def test_counting_is_not_capped(butler: Butler) -> None:
    assert counts(by_name(butler, "u/alien/many")["u/alien/many"]) == {"zooniverse_cutout": MANY}


def test_what_another_process_added_is_seen(fresh: Butler, root: Path) -> None:
    reader = Butler.from_config(str(root))
    assert list(reads.list_collections(reader)) == []
    put(fresh, "u/alien/new", 1)
    (found,) = reads.list_collections(reader, ["u/alien/"])
    assert counts(found) == {"zooniverse_cutout": 1}
    assert names(reader, "u/alien", "prefix") == ["u/alien/new"]


def test_a_pick_of_a_run_covers_it(butler: Butler) -> None:
    (run,) = reads.resolve(butler, "u/alien/zooniverse-1", "run")
    assert (run.name, run.owner) == ("u/alien/zooniverse-1", reads.Owner("user", "alien"))
    assert counts(run) == {"zooniverse_cutout": 5, "zooniverse_metadata": 5}


def test_a_pick_of_a_chain_covers_its_runs_in_its_order_each_once(butler: Butler) -> None:
    assert names(butler, "u/alien/deep", "chain") == [
        "u/alien/batch-1/20260902T010203Z",
        "u/alien/batch-1/20260901T010203Z",
        "u/alien/zooniverse-1",
    ]


def test_a_pick_of_a_prefix_covers_runs_below_it_by_name(butler: Butler) -> None:
    assert names(butler, "u/alien/batch-1", "prefix") == [
        "u/alien/batch-1/20260901T010203Z",
        "u/alien/batch-1/20260902T010203Z",
    ]


def test_a_prefix_ends_at_a_slash(fresh: Butler) -> None:
    put(fresh, "u/alien/set-1/a", 1)
    put(fresh, "u/alien/set-10/a", 1)
    assert names(fresh, "u/alien/set-1", "prefix") == ["u/alien/set-1/a"]


@pytest.mark.parametrize("prefix", ["u/ali*", "u/[a]lien", "u/alie?", "*", "u/%"])
def test_a_prefix_is_no_pattern(butler: Butler, prefix: str) -> None:
    with pytest.raises(reads.CollectionNotFoundError):
        names(butler, prefix, "prefix")


def test_a_prefix_with_the_characters_of_a_pattern_covers_its_runs(fresh: Butler) -> None:
    put(fresh, "u/alien/a*[b]?/x", 1)
    put(fresh, "u/alien/aab/x", 1)
    assert names(fresh, "u/alien/a*[b]?", "prefix") == ["u/alien/a*[b]?/x"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_run_of_any_name_can_be_picked(butler: Butler, name: str) -> None:
    assert [(run.name, counts(run)) for run in reads.resolve(butler, name, "run")] == [(name, {"zooniverse_cutout": 1})]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("u/alien/nothing", "run"),
        ("u/alien/nothing", "chain"),
        ("u/alien/nothing", "prefix"),
        ("u/alien/batch-1", "run"),
        ("u/alien/zooniverse-1", "chain"),
        ("u/alien/tagged", "run"),
        ("u/alien/empty", "prefix"),
        ("", "run"),
        ("'; DROP TABLE collection; --", "run"),
        ("../../etc", "prefix"),
        ("\x00", "run"),
    ],
)
def test_a_pick_that_covers_nothing_of_its_kind_is_not_found(butler: Butler, name: str, kind: Any) -> None:
    with pytest.raises(reads.CollectionNotFoundError):
        names(butler, name, kind)


def test_an_empty_chain_covers_no_run(fresh: Butler) -> None:
    fresh.collections.register("u/alien/chain", CollectionType.CHAINED)
    assert names(fresh, "u/alien/chain", "chain") == []


def test_repositories_come_from_the_index_by_label(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "index.yaml").write_text(json.dumps({"zoo": "/data/zoo", "demo": "https://example.org/repo"}))
    monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(tmp_path / "index.yaml"))
    assert [one.label for one in reads.repositories()] == ["demo", "zoo"]
    assert [one.uri for one in reads.repositories()] == ["https://example.org/repo", "/data/zoo"]


def test_an_index_that_changed_is_read_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(tmp_path / "index.yaml"))
    for label in ("one", "two"):
        (tmp_path / "index.yaml").write_text(f"{label}: /data/{label}\n")
        assert [one.label for one in reads.repositories()] == [label]


def test_an_index_in_the_environment_itself_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAF_BUTLER_REPOSITORY_INDEX", raising=False)
    monkeypatch.setenv("DAF_BUTLER_REPOSITORIES", "demo.v2: /data/demo")
    assert reads.repositories() == [reads.Repository("demo.v2", "/data/demo")]


def test_without_an_index_there_are_no_repositories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAF_BUTLER_REPOSITORY_INDEX", raising=False)
    monkeypatch.delenv("DAF_BUTLER_REPOSITORIES", raising=False)
    assert reads.repositories() == []


@pytest.mark.parametrize("content", [None, "", "[1, 2]", "demo: {deep: 1}", "a: [", "7"])
def test_an_index_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(tmp_path / "index.yaml"))
    if content is not None:
        (tmp_path / "index.yaml").write_text(content)
    with pytest.raises(reads.RepositoryUnavailableError, match=r"index\.yaml"):
        reads.repositories()
