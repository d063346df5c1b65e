"""The list of what is forwarded comes from the contract, and from nowhere else."""

from __future__ import annotations

import copy
import json

import pytest

from rsp_epo_export.lab import _generate_operations
from rsp_epo_export.lab.errors import NotForwarded
from rsp_epo_export.lab.operations import Operations

CONTRACT = json.loads(_generate_operations.CONTRACT.read_text())


def test_the_list_is_in_step_with_the_contract():
    listed = json.loads(_generate_operations.LIST.read_text())
    assert listed == _generate_operations.operations(CONTRACT), "Run: python -m rsp_epo_export.lab._generate_operations"


def test_what_is_not_the_pis_is_not_in_the_list():
    contract = copy.deepcopy(CONTRACT)
    contract["paths"]["/epo-export/v1/me"]["get"]["tags"] = ["staff"]
    assert "/epo-export/v1/me" not in {entry["path"] for entry in _generate_operations.operations(contract)}


@pytest.mark.parametrize(
    ("path", "method", "parameters"),
    [
        ("/epo-export/v1/things/{name}", "get", [{"in": "path", "name": "name", "schema": {"type": "string"}}]),
        ("/epo-export/v1/things", "put", []),
        ("/epo-export/v2/things", "get", []),
    ],
)
def test_an_operation_that_cannot_be_forwarded_safely_stops_the_build(path, method, parameters):
    operation = {"tags": ["pi"], "parameters": parameters, "responses": {}}
    with pytest.raises(ValueError, match="/v"):
        _generate_operations.operations({"paths": {path: {method: operation}}})


def test_every_operation_of_the_list_can_be_asked_for():
    operations = Operations.of_the_contract()
    for entry in json.loads(_generate_operations.LIST.read_text()):
        path = entry["path"].removeprefix("/epo-export/v1/")
        for parameter in ("project_id", "grant_id", "export_id"):
            path = path.replace(f"{{{parameter}}}", "0a4f9c1b-7d0e-4a7e-8d0a-018f2b6e2d3e")
        assert operations.find(entry["method"], path).path == entry["path"]


def test_the_services_health_is_not_the_pis():
    with pytest.raises(NotForwarded):
        Operations.of_the_contract().find("GET", "../../")
