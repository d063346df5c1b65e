"""What Repertoire's models allow, we take; and what the tests answer in its place, its models allow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from rsp_epo_export.platform.discovery import Discovery

from .stand_in_service import StandInService
from .test_discovery import HERE

SCHEMA = Draft202012Validator(json.loads(Path(__file__).with_name("repertoire.schema.json").read_text()))
URL = "https://data.example.org/x"
SERVICE = {"url": URL, "openapi": None, "versions": {}}

ALLOWED = {
    "next to nothing": {},
    "empty parts": {"applications": [], "datasets": {}, "services": {"internal": {}, "ui": {}}},
    "all of it": {
        "applications": ["epo-export"],
        "environment_name": "data.example.org",
        "influxdb_databases": {},
        "datasets": {
            "dp1": {
                "butler_config": URL,
                "description": "DP1",
                "docs_url": URL,
                "services": {"tap": SERVICE},
            }
        },
        "services": {
            "internal": {"epo-export": {"url": URL, "openapi": URL, "versions": {"v1": {"url": f"{URL}/v1"}}}},
            "ui": {"nublado": {"url": URL}},
        },
    },
    "its nulls": {
        "environment_name": None,
        "datasets": {"dp0": {"butler_config": None, "description": None, "docs_url": None, "services": {}}},
        "services": {"internal": {"epo-export": SERVICE}},
    },
}


def test_what_the_tests_answer_is_a_document_of_its_form():
    SCHEMA.validate(HERE)


@pytest.mark.parametrize("document", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_it_may_answer_is_taken_without_a_problem(document, tmp_path):
    SCHEMA.validate(document)
    with StandInService() as repertoire:
        repertoire.answer = lambda exchange: exchange.reply(200, document)
        environ = {
            "REPERTOIRE_BASE_URL": f"{repertoire.url}/repertoire",
            "EXTERNAL_INSTANCE_URL": "https://data.example.org",
        }
        found = Discovery(environ, lab_file=tmp_path / "none.json").read()
    assert list(found.problems) == []
