"""Pages and whole listings of a run's datasets."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path

import pytest
from lsst.daf.butler import Butler, DataCoordinate, DatasetRef, FileDataset
from PIL import Image

from rsp_epo_export import butler_reads as reads
from rsp_epo_export.formatters import CutoutFormatter
from rsp_epo_export.reads import locations

from .conftest import HOSTILE_NAMES, MANY, PLACE, cutout, path_of, place, put, refs_of

RUN = "u/alien/zooniverse-1"


def walk(butler: Butler, run: str, dataset_type: str, limit: int) -> list[reads.Dataset]:
    found: list[reads.Dataset] = []
    cursor = None
    while True:
        page = reads.datasets(butler, run, dataset_type, limit, cursor)
        assert len(page.datasets) <= limit
        found.extend(page.datasets)
        if page.next is None:
            return found
        cursor = page.next


def listed(butler: Butler, run: str, dataset_type: str = "zooniverse_cutout") -> list[reads.Item]:
    return [item for some in reads.list_items(butler, run, dataset_type) for item in some]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 17, 18, 19, 1000])
def test_pages_cover_every_dataset_once_where_dimensions_tie(butler: Butler, limit: int) -> None:
    found = walk(butler, "u/alien/flipbook-1", "zooniverse_frame", limit)
    refs = butler.query_datasets("zooniverse_frame", "u/alien/flipbook-1", limit=None)
    assert len(found) == len(refs) == 18
    assert {one.id: one.data_id for one in found} == {ref.id: dict(ref.dataId.mapping) for ref in refs}


def test_pages_are_ordered_by_the_full_data_id(butler: Butler) -> None:
    kind = butler.get_dataset_type("zooniverse_frame")
    keys = [
        tuple(one.data_id[name] for name in kind.dimensions.required)
        for one in walk(butler, "u/alien/flipbook-1", "zooniverse_frame", 4)
    ]
    assert all(before < after for before, after in pairwise(keys))


def test_pages_cover_a_large_run(butler: Butler) -> None:
    places = [one.data_id["htm20"] for one in walk(butler, "u/alien/many", "zooniverse_cutout", 1000)]
    assert places == [PLACE + 3 * index for index in range(MANY)]


def test_a_page_that_ends_with_the_run_has_no_next(butler: Butler) -> None:
    assert reads.datasets(butler, RUN, "zooniverse_cutout", 5).next is None
    assert reads.datasets(butler, RUN, "zooniverse_cutout", 4).next is not None


def test_a_run_without_datasets_is_one_empty_page(butler: Butler) -> None:
    assert reads.datasets(butler, "u/alien/empty", "zooniverse_cutout") == reads.Page((), None)


def test_what_is_added_or_removed_between_pages_hides_nothing_else(fresh: Butler) -> None:
    refs = [put(fresh, RUN, index) for index in (2, 4, 6, 8)]
    first = reads.datasets(fresh, RUN, "zooniverse_cutout", 2)
    put(fresh, RUN, 1)
    put(fresh, RUN, 5)
    fresh.pruneDatasets(refs[:2], purge=True, unstore=True, disassociate=True)
    second = reads.datasets(fresh, RUN, "zooniverse_cutout", 10, first.next)
    assert [one.data_id["htm20"] - PLACE for one in second.datasets] == [5, 6, 8]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_run_of_any_name_can_be_paged_and_listed(butler: Butler, name: str) -> None:
    (one,) = reads.datasets(butler, name, "zooniverse_cutout").datasets
    (item,) = listed(butler, name)
    assert (one.id, one.data_id) == (item.id, item.data_id)


@pytest.mark.parametrize("instrument", ["O'Cam", 'a"b', "x\ny", "%s", "{x}", "\\", "é" * 10, "' OR 1=1 --"])
def test_a_data_id_of_any_text_pages(fresh: Butler, instrument: str) -> None:
    fresh.collections.register("u/alien/frames")
    for name in (instrument, "A", "z"):
        fresh.registry.insertDimensionData("instrument", {"name": name, "class_name": "demo"})
        fresh.registry.insertDimensionData("day_obs", {"instrument": name, "id": 20260901})
        data_id = {"instrument": name, "day_obs": 20260901, **place(0)}
        fresh.put(cutout(0), "zooniverse_frame", data_id, run="u/alien/frames")
    found = walk(fresh, "u/alien/frames", "zooniverse_frame", 1)
    assert sorted(str(one.data_id["instrument"]) for one in found) == sorted((instrument, "A", "z"))


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_range_is_refused(butler: Butler, limit: int) -> None:
    with pytest.raises(reads.BadRequestError, match="1 to 1000"):
        reads.datasets(butler, RUN, "zooniverse_cutout", limit)


@pytest.mark.parametrize(
    "values", ["not base64!", "é", "", [], [1, 2], ["1"], [1.5], [True], [None], [[1]], {"htm20": 1}, 7]
)
def test_a_cursor_of_something_else_is_refused(butler: Butler, values: object) -> None:
    cursor = values if isinstance(values, str) else base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    with pytest.raises(reads.BadRequestError, match="cursor"):
        reads.datasets(butler, RUN, "zooniverse_cutout", 1, cursor)


@pytest.mark.parametrize("run", ["u/alien/nothing", "u/alien/batch-1", "u/alien/tagged", "*", "u/alien/*", "", "\x00"])
def test_what_is_not_a_run_is_not_found(butler: Butler, run: str) -> None:
    with pytest.raises(reads.CollectionNotFoundError):
        reads.datasets(butler, run, "zooniverse_cutout")
    with pytest.raises(reads.CollectionNotFoundError):
        listed(butler, run)


@pytest.mark.parametrize("dataset_type", ["nothing", "zooniverse_*", "", "zooniverse_cutout.image", "x; DROP TABLE y"])
def test_an_unknown_dataset_type_is_not_found(butler: Butler, dataset_type: str) -> None:
    with pytest.raises(reads.DatasetTypeNotFoundError):
        reads.datasets(butler, RUN, dataset_type)


def test_a_listing_holds_everything_in_the_order_of_pages(butler: Butler) -> None:
    items = listed(butler, "u/alien/many")
    pages = walk(butler, "u/alien/many", "zooniverse_cutout", 1000)
    assert [(item.id, item.data_id) for item in items] == [(one.id, one.data_id) for one in pages]


def test_a_listing_comes_in_parts_of_at_most_500(butler: Butler) -> None:
    parts = [len(some) for some in reads.list_items(butler, "u/alien/many", "zooniverse_cutout")]
    assert parts == [500] * (MANY // 500) + [MANY % 500]


def test_a_listing_goes_on_where_one_query_ends(fresh: Butler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsp_epo_export.reads.datasets._ROWS_AT_A_TIME", 2)
    for index in range(4):  # a whole number of queries
        put(fresh, RUN, index)
    assert [item.data_id["htm20"] - PLACE for item in listed(fresh, RUN)] == [0, 1, 2, 3]


def test_an_item_says_where_its_file_is(butler: Butler) -> None:
    for item in listed(butler, RUN):
        ref = butler.get_dataset(item.id)
        assert ref is not None
        assert (item.kind, item.uri) == ("file", str(butler.getURI(ref)))


def test_both_ways_of_finding_files_agree(butler: Butler) -> None:
    ids = [ref.id for name in (RUN, *HOSTILE_NAMES) for ref in refs_of(butler, name)]
    by_records = locations.locate(butler, ids)
    assert by_records == locations._locate_by_uris(butler, ids)
    assert {location.kind for location in by_records.values()} == {"file"}


def test_both_ways_of_finding_files_agree_on_a_file_outside(fresh: Butler, tmp_path: Path) -> None:
    outside = tmp_path / "out side 1%.png"
    Image.fromarray(cutout(1)).save(outside)
    fresh.collections.register(RUN)
    data_id = DataCoordinate.standardize(place(1), universe=fresh.dimensions)
    ref = DatasetRef(fresh.get_dataset_type("zooniverse_cutout"), data_id, run=RUN)
    fresh.ingest(FileDataset(str(outside), [ref], formatter=CutoutFormatter), transfer="direct")
    assert locations.locate(fresh, [ref.id]) == locations._locate_by_uris(fresh, [ref.id])
    assert listed(fresh, RUN)[0].uri == outside.as_uri()


def test_a_dataset_that_left_the_datastore_is_missing(fresh: Butler) -> None:
    kept, gone = put(fresh, RUN, 1), put(fresh, RUN, 2)
    fresh.pruneDatasets([gone], unstore=True, purge=False, disassociate=False)
    assert [(item.id, item.kind, item.uri is None) for item in listed(fresh, RUN)] == [
        (kept.id, "file", False),
        (gone.id, "missing", True),
    ]
    assert locations.locate(fresh, [gone.id]) == locations._locate_by_uris(fresh, [gone.id])


def test_a_file_that_was_deleted_is_still_listed(fresh: Butler) -> None:
    ref = put(fresh, RUN, 1)
    path_of(fresh, ref).unlink()
    assert [item.kind for item in listed(fresh, RUN)] == ["file"]


def test_the_roots_are_uris_of_directories(butler: Butler, repository: Path) -> None:
    assert reads.roots(butler) == [repository.as_uri() + "/"]
