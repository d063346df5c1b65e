"""The bridge's calls, on a real repository (docs/bridge.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from lsst.daf.butler import Butler, CollectionType

from .bridge_child import Bridge
from .conftest import HOSTILE_NAMES, MANY, PLACE, path_of, refs_of

RUN = "u/alien/zooniverse-1"
CUTOUTS = {"run": RUN, "dataset_type": "zooniverse_cutout"}


@pytest.fixture(scope="module")
def bridge(repository: Path) -> Iterator[Bridge]:
    with Bridge(str(repository)) as running:
        yield running


def error_of(bridge: Bridge, call: str, **params: Any) -> str:
    """The type of an error, after a check that it is a sentence and that the child goes on."""
    error = bridge.ask(call, **params).error
    assert error is not None
    assert set(error) == {"type", "msg"}
    assert error["msg"].endswith(".")
    assert "Traceback" not in error["msg"]
    assert "\n" not in error["msg"]
    assert bridge.ask("ping").result == {}
    return str(error["type"])


def test_it_says_that_it_is_ready(bridge: Bridge, repository: Path) -> None:
    ready = bridge.first["ready"]
    assert (ready["protocol"], ready["repository"]) == (1, repository.as_uri())
    assert ready["butler_version"][0].isdigit()


def test_collections_come_in_parts_with_owner_children_and_counts(bridge: Bridge) -> None:
    answer = bridge.ask("collections", count_prefixes=["u/alien/"])
    found = {one["name"]: one for part in answer.parts for one in part["collections"]}
    assert answer.result == {"count": len(found)}
    assert found["u/alien/batch-1"] == {
        "name": "u/alien/batch-1",
        "type": "CHAINED",
        "owner": {"kind": "user", "name": "alien"},
        "children": ["u/alien/batch-1/20260902T010203Z", "u/alien/batch-1/20260901T010203Z"],
        "dataset_types": [{"name": "zooniverse_cutout", "storage_class": "CutoutImage", "count": 4}],
    }
    assert found["u/other/private-1"]["dataset_types"][0]["count"] is None
    assert set(HOSTILE_NAMES) < set(found)
    assert found["u/alien/../bob"]["owner"] is None


def test_a_pick_is_resolved_to_counted_runs(bridge: Bridge) -> None:
    assert bridge.ask("resolve", collection="u/alien/batch-1", kind="chain").result == {
        "runs": [
            {
                "name": f"u/alien/batch-1/{time}",
                "owner": {"kind": "user", "name": "alien"},
                "dataset_types": [{"name": "zooniverse_cutout", "storage_class": "CutoutImage", "count": count}],
            }
            for time, count in (("20260902T010203Z", 1), ("20260901T010203Z", 3))
        ]
    }


def test_pages_follow_each_other(bridge: Bridge) -> None:
    found, cursor = [], None
    while True:
        result = bridge.ask("datasets", **CUTOUTS, limit=2, after=cursor).result
        assert result is not None
        found += [one["data_id"] for one in result["datasets"]]
        cursor = result["next"]
        if cursor is None:
            break
    assert found == [{"htm20": PLACE + index} for index in range(5)]


def test_a_listing_says_where_everything_is(bridge: Bridge, butler: Butler, repository: Path) -> None:
    answer = bridge.ask("list", **CUTOUTS)
    assert answer.result == {"count": 5, "roots": [repository.as_uri() + "/"], "run_directory": RUN}
    assert [item for part in answer.parts for item in part["items"]] == [
        {"id": str(ref.id), "data_id": dict(ref.dataId.mapping), "kind": "file", "uri": str(butler.getURI(ref))}
        for ref in refs_of(butler, RUN)
    ]


def test_a_long_listing_comes_whole_in_parts_of_at_most_500(bridge: Bridge) -> None:
    answer = bridge.ask("list", run="u/alien/many", dataset_type="zooniverse_cutout")
    assert answer.result is not None
    assert answer.result["count"] == MANY == len({item["id"] for part in answer.parts for item in part["items"]})
    assert max(len(part["items"]) for part in answer.parts) == 500


def test_a_run_that_leads_elsewhere_is_listed_without_a_directory(bridge: Bridge) -> None:
    answer = bridge.ask("list", run="u/alien/../bob", dataset_type="zooniverse_cutout")
    assert answer.result is not None
    assert (answer.result["count"], answer.result["run_directory"]) == (1, None)


def test_roots_are_told_without_a_listing(bridge: Bridge, repository: Path) -> None:
    uri = repository.as_uri() + "/"
    assert bridge.ask("roots").result == {"roots": [uri], "run_directory": None}
    assert bridge.ask("roots", run="u/a/b c").result == {"roots": [uri], "run_directory": "u/a/b_c"}


@pytest.mark.parametrize("call", ["bytes", "retrieve"])
@pytest.mark.parametrize("more", [{}, {"confine": None}, {"confine": {}}, {"confine": {"uid": None}}])
def test_the_bytes_of_a_file_follow_their_header(
    bridge: Bridge, butler: Butler, call: str, more: dict[str, Any]
) -> None:
    ref = refs_of(butler, RUN)[0]
    answer = bridge.ask(call, id=str(ref.id), **more)
    assert answer.result == {"media_type": "image/png", "name": path_of(butler, ref).name}
    assert answer.payload == path_of(butler, ref).read_bytes()
    assert bridge.ask("ping").result == {}


def test_a_reader_who_insists_on_another_account_gets_nothing(bridge: Bridge, ids: Callable[[str], list[str]]) -> None:
    assert error_of(bridge, "bytes", id=ids(RUN)[0], confine={"uid": 4_000_000}) == "unreadable"


def test_errors_have_the_types_of_the_protocol(bridge: Bridge, ids: Callable[[str], list[str]]) -> None:
    known, unknown = ids(RUN)[0], str(uuid4())
    assert error_of(bridge, "resolve", collection="u/alien/nothing", kind="run") == "collection_not_found"
    assert error_of(bridge, "list", run="u/alien/batch-1", dataset_type="x") == "collection_not_found"
    assert error_of(bridge, "list", run=RUN, dataset_type="nothing") == "dataset_type_not_found"
    assert error_of(bridge, "bytes", id=unknown) == "dataset_not_found"
    assert error_of(bridge, "bytes", id=known, limit=10) == "too_large"


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("nothing", {}),
        ("__init__", {}),
        ("ping", {"more": 1}),
        ("datasets", {}),
        ("datasets", {"run": 7, "dataset_type": "zooniverse_cutout"}),
        ("datasets", {**CUTOUTS, "limit": 0}),
        ("datasets", {**CUTOUTS, "limit": 1001}),
        ("datasets", {**CUTOUTS, "limit": True}),
        ("datasets", {**CUTOUTS, "limit": 1.5}),
        ("datasets", {**CUTOUTS, "after": 7}),
        ("datasets", {**CUTOUTS, "after": "bm90IG9uZQ=="}),
        ("collections", {"count_prefixes": "u/alien/"}),
        ("collections", {"count_prefixes": [7]}),
        ("collections", {"count_prefixes": ["\ud800"]}),
        ("resolve", {"collection": "\x00", "kind": "run"}),
        ("resolve", {"collection": "\ud800", "kind": "run"}),
        ("resolve", {"collection": RUN, "kind": "glob"}),
        ("resolve", {"collection": RUN, "kind": ["run"]}),
        ("bytes", {"id": "1"}),
        ("bytes", {"id": 7}),
        ("bytes", {"id": "{00000000-0000-0000-0000-000000000000}"}),
        ("bytes", {"id": str(uuid4()), "limit": -1}),
        ("bytes", {"id": str(uuid4()), "confine": 7}),
        ("bytes", {"id": str(uuid4()), "confine": {"uid": "root"}}),
        ("bytes", {"id": str(uuid4()), "confine": {"gid": 7}}),
    ],
)
def test_wrong_parameters_are_a_bad_request(bridge: Bridge, call: str, params: dict[str, Any]) -> None:
    assert error_of(bridge, call, **params) == "bad_request"


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, "'; DROP TABLE collection; --", "x" * 100_000])
def test_any_text_is_a_name_that_exists_or_not(bridge: Bridge, name: str) -> None:
    answer = bridge.ask("resolve", collection=name, kind="run")
    if name in HOSTILE_NAMES:
        assert answer.result is not None
    else:
        assert answer.error is not None
        assert answer.error["type"] == "collection_not_found"
    assert bridge.ask("ping").result == {}


def test_what_is_put_later_is_seen(fresh: Butler, root: Path) -> None:
    from .conftest import put

    with Bridge(str(root)) as bridge:
        assert bridge.ask("collections").result == {"count": 0}
        put(fresh, RUN, 1)
        answer = bridge.ask("list", **CUTOUTS)
        assert answer.result is not None
        assert answer.result["count"] == 1


def test_parts_and_answers_fit_into_a_line_or_say_so(fresh: Butler, root: Path) -> None:
    long = "u/alien/" + "x" * 100_000
    for index in range(12):
        fresh.collections.register(f"{long}/{index:02}")
    with Bridge(str(root)) as bridge:
        answer = bridge.ask("collections")
        assert answer.result == {"count": 12}
        assert len(answer.parts) > 1
        assert error_of(bridge, "resolve", collection=long, kind="prefix") == "too_large"


def test_a_collection_that_fits_into_no_line_says_so(fresh: Butler, root: Path) -> None:
    children = [f"u/alien/{index}/{'x' * 100_000}" for index in range(12)]
    for child in children:
        fresh.collections.register(child)
    fresh.collections.register("u/alien/chain", CollectionType.CHAINED)
    fresh.collections.redefine_chain("u/alien/chain", children)
    with Bridge(str(root)) as bridge:
        assert bridge.ask("collections").error is not None
        assert bridge.ask("ping").result == {}


def test_without_a_repository_it_tells_the_index_only(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "index.yaml").write_text(json.dumps({"demo": str(repository), "a": "/nowhere"}))
    with Bridge(DAF_BUTLER_REPOSITORY_INDEX=str(tmp_path / "index.yaml")) as bridge:
        assert bridge.first["ready"]["repository"] is None
        assert bridge.ask("repositories").result == {
            "repositories": [{"label": "a", "uri": "/nowhere"}, {"label": "demo", "uri": str(repository)}]
        }
        for call, params in (
            ("collections", {}),
            ("roots", {}),
            ("list", CUTOUTS),
            ("bytes", {"id": str(uuid4())}),
        ):
            assert error_of(bridge, call, **params) == "no_repository"


def test_a_repository_can_be_opened_by_its_label(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "index.yaml").write_text(json.dumps({"demo": str(repository)}))
    with Bridge("demo", DAF_BUTLER_REPOSITORY_INDEX=str(tmp_path / "index.yaml")) as bridge:
        assert bridge.first["ready"]["repository"] == repository.as_uri()
        assert bridge.ask("list", **CUTOUTS).result is not None


def test_an_index_that_cannot_be_read_is_an_error_after_which_it_goes_on() -> None:
    with Bridge(DAF_BUTLER_REPOSITORY_INDEX="/nowhere/index.yaml") as bridge:
        assert error_of(bridge, "repositories") == "repository_unavailable"
