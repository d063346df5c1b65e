"""The models come from the contract, and what is received is checked against them."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from rsp_epo_export.helper import models
from rsp_epo_export.helper._generate import CONTRACT, MODELS
from rsp_epo_export.helper._generate import models as source_of
from rsp_epo_export.helper.checking import MismatchError, checked

ITEM: dict[str, Any] = {
    "number": 1,
    "dataset_id": "018f2b6e-7d0e-7a7e-8d0a-0a4f9c1b2d3e",
    "run": "u/alien/zooniverse-1",
    "data_id": {"htm20": 8, "instrument": "DemoCam"},
    "state": "REFUSED",
    "reason": {"type": "png_truncated", "msg": "The file ends early."},
    "media_type": None,
    "width": None,
    "height": 24,
    "source_size": 10,
    "source_sha256": None,
    "published_size": None,
    "published_sha256": None,
    "url": None,
}


def test_the_models_are_in_step_with_the_contract():
    assert source_of(json.loads(CONTRACT.read_text())) == MODELS.read_text(), (
        "Run: python -m rsp_epo_export.helper._generate"
    )


def test_a_kind_of_schema_that_the_generator_does_not_know_stops_it():
    contract = json.loads(CONTRACT.read_text())
    contract["components"]["schemas"]["Item"]["properties"]["number"] = {"type": "array"}
    with pytest.raises(ValueError, match="ItemNumber"):
        source_of(contract)


def test_what_is_as_the_model_says_passes_unchanged():
    assert checked(copy.deepcopy(ITEM), models.Item) == ITEM


def test_a_key_that_a_newer_service_adds_passes():
    assert "colour" in checked({**ITEM, "colour": "red"}, models.Item)


def test_a_key_that_may_be_missing_may_be_missing():
    detail = {"detail": [{"msg": "No.", "type": "not_yours"}]}
    assert checked(detail, models.ErrorBody) == detail


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("number", "1", "number"),
        ("number", True, "number"),
        ("number", 1.0, "number"),
        ("run", None, "run"),
        ("state", "SHIPPED", "state is none of"),
        ("state", ["LISTED"], "state is none of"),
        ("reason", {"type": "x"}, "reason has no msg"),
        ("reason", [], "reason is not an object"),
        ("width", "8", "width"),
        ("data_id", [], "data_id is not an object"),
        ("data_id", {"htm20": None}, "htm20"),
    ],
)
def test_what_is_of_another_shape_is_refused_by_its_place(key, value, says):
    with pytest.raises(MismatchError, match=says):
        checked({**ITEM, key: value}, models.Item)


def test_a_list_is_checked_to_its_last_entry():
    with pytest.raises(MismatchError, match=r"items\[1\] has no number"):
        checked({"items": [ITEM, {}], "next_cursor": None}, models.ItemList)
