"""The contract against the running service, by schemathesis: whatever is sent, the answer is one that it documents."""

from __future__ import annotations

import copy

import httpx
import pytest
import schemathesis
from helper.live_service import ROOT
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi.checks import UndefinedStatusCode
from schemathesis.specs.openapi import checks

EXAMPLES = 12
RUN = "u/alien/zooniverse-1"

schema = schemathesis.openapi.from_path(ROOT / "contract" / "openapi.json")

# Not `unsupported_method` (what is not in the contract answers 404, not 405) and not `positive_data_acceptance` (most
# of what fits the contract is refused for what it names: somebody else's collection, a project that there is not).
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.ignored_auth,
]

fuzz = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def there(reachable):
    """The ids of a project, a grant and a published or held export."""
    with httpx.Client(base_url=f"{reachable.origin}/epo-export/v1", headers=reachable.headers) as client:
        project = client.post("/projects", json={"name": "Contract"}).raise_for_status().json()
        grant = {"repository": "demo", "collection": RUN, "kind": "run", "expires_in_days": 1}
        granted = client.post("/grants", json=grant).raise_for_status().json()
        export = {
            "project_id": project["id"],
            "subject_set": "Contract",
            "repository": "demo",
            "collections": [{"name": RUN, "kind": "run"}],
            "dataset_type": "zooniverse_cutout",
        }
        key = {"idempotency-key": "contract-test"}
        submitted = client.post("/exports", json=export, headers=key).raise_for_status().json()
        while submitted["waits_for"] == "system":
            submitted = client.get(f"/exports/{submitted['id']}").raise_for_status().json()
    assert submitted["state"] in ("PUBLISHED", "HELD"), submitted
    return {"project_id": project["id"], "grant_id": granted["id"], "export_id": submitted["id"]}


def ask(case, reachable) -> None:
    response = case.call(base_url=reachable.origin, headers=reachable.headers, timeout=60)
    case.validate_response(response, checks=CHECKS, headers=reachable.headers)


READING = [one.ok() for one in schema.get_all_operations() if one.ok().method == "get"]


@pytest.mark.parametrize("operation", READING, ids=lambda one: one.path)
def test_what_is_there_is_given_in_the_documented_form(operation, reachable, there):
    wanted = {parameter.name for parameter in operation.path_parameters}
    case = operation.Case(path_parameters={name: value for name, value in there.items() if name in wanted})
    response = case.call(base_url=reachable.origin, headers=reachable.headers, timeout=60)
    if operation.path.endswith("/crosswalk.csv") and response.status_code == 409:
        assert response.json()["detail"][0]["type"] == "wrong_state"  # a held export has none yet
    else:
        assert response.status_code == 200, response.text
    case.validate_response(response, checks=CHECKS[:5])


@schema.parametrize()
@fuzz
def test_whatever_is_sent_is_answered_as_documented(case, reachable):
    ask(case, reachable)


@schema.parametrize()
@fuzz
def test_whatever_is_sent_about_what_is_there_is_answered_as_documented(case, reachable, there):
    for name in case.path_parameters or {}:
        case.path_parameters[name] = there[name]
    ask(case, reachable)


def test_an_answer_that_the_document_lacks_is_found(reachable):
    raw = copy.deepcopy(schema.raw_schema)
    del raw["paths"]["/epo-export/v1/exports/{export_id}"]["get"]["responses"]["404"]
    lacking = schemathesis.openapi.from_dict(raw)["/epo-export/v1/exports/{export_id}"]["GET"]
    with pytest.raises(FailureGroup) as raised:
        ask(lacking.Case(path_parameters={"export_id": "00000000-0000-4000-8000-000000000000"}), reachable)
    assert [type(failure) for failure in raised.value.exceptions] == [UndefinedStatusCode]


def test_the_seed_is_told(capsys):
    with capsys.disabled():
        print(f"\nschemathesis {schemathesis.__version__}: {EXAMPLES} examples an operation, derandomized.")
