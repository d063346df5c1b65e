"""How the helper waits and repeats, before a stand-in that makes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from rsp_epo_export.helper import patience
from rsp_epo_export.helper.errors import RateLimitedError, ServiceUnreachableError, WaitTimeoutError
from rsp_epo_export.helper.export import Export

EXPORT: dict[str, Any] = {
    "id": "018f2b6e-7d0e-7a7e-8d0a-0a4f9c1b2d3e",
    "project_id": "018f2b6e-7d0e-7a7e-8d0a-0a4f9c1b2d3f",
    "owner": "alien",
    "repository": "demo",
    "collections": [{"name": "u/alien/zooniverse-1", "kind": "run"}],
    "dataset_type": "zooniverse_cutout",
    "subject_set": "first set",
    "metadata_columns": [],
    "frame_dimension": None,
    "state": "COLLECTING",
    "phase": "EXECUTING",
    "waits_for": "system",
    "means": "is being retrieved from the Butler and checked",
    "reason": None,
    "actions": ["cancel"],
    "counts": {
        key: 0 for key in ("total", "listed", "checked", "held", "refused", "published", "withdrawn", "missing")
    },
    "reasons": [],
    "notes": [],
    "manifest_url": None,
    "created": "2026-11-22T10:00:00Z",
    "updated": "2026-11-22T10:00:00Z",
}
PUBLISHED = {**EXPORT, "state": "PUBLISHED", "phase": "COMPLETED", "waits_for": "pi", "means": "is public"}


class Script:
    """Answers one after the other; the last one stays."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)

    def __call__(self, exchange) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(exchange)


def ok(body):
    return lambda exchange: exchange.reply(200, body)


def slow_down(retry_after: str):
    return lambda exchange: exchange.reply(429, {"detail": [{"msg": "Slow.", "type": "rate"}]}, retry_after=retry_after)


def gateway(exchange) -> None:
    exchange.reply(503, b"<html>", content_type="text/html")


def close(exchange) -> None:
    exchange.close_connection = True


@pytest.fixture
def export(before_stand_in) -> Export:
    return Export(before_stand_in._service, EXPORT)


def test_a_request_that_is_asked_to_slow_down_is_sent_again_when_the_platform_said(before_stand_in, stand_in, slept):
    stand_in.answer = Script(slow_down("7"), ok({"grants": []}))
    assert before_stand_in.grants() == []
    assert slept == [7.0]


def test_even_a_change_is_sent_again_then_since_it_was_not_taken(export, stand_in, slept):
    stand_in.answer = Script(slow_down("3"), ok(PUBLISHED))
    assert export.withdraw().state == "PUBLISHED"
    assert [received.method for received in stand_in.received] == ["POST", "POST"]


@pytest.mark.parametrize(("retry_after", "asked"), [("3600", 1), ("1", 3)])
def test_it_gives_up_where_that_is_long_or_does_not_end(before_stand_in, stand_in, slept, retry_after, asked):
    stand_in.answer = slow_down(retry_after)
    with pytest.raises(RateLimitedError) as raised:
        before_stand_in.grants()
    assert (raised.value.type, raised.value.retry_after) == ("rate_limited", float(retry_after))
    assert len(stand_in.received) == asked


@pytest.mark.parametrize("broken", [close, gateway])
def test_a_question_is_repeated_after_a_broken_connection(before_stand_in, stand_in, slept, broken):
    stand_in.answer = Script(broken, broken, ok({"grants": []}))
    assert before_stand_in.grants() == []


def test_a_change_is_not_repeated_after_a_broken_connection(export, stand_in, slept):
    stand_in.answer = Script(close, ok(PUBLISHED))
    with pytest.raises(ServiceUnreachableError, match="not known"):
        export.withdraw()
    assert len(stand_in.received) == 1


def test_a_submission_is_repeated_with_the_same_key(before_stand_in, stand_in, slept):
    answers = {
        "/epo-export/v1/repositories": ok(
            {"repositories": [{"label": "demo", "uri": before_stand_in._repository.name}]}
        ),
        "/epo-export/v1/projects": ok(
            {
                "projects": [
                    {
                        "id": EXPORT["project_id"],
                        "name": "Galaxies",
                        "owner": "alien",
                        "members": [],
                        "zooniverse_project": None,
                        "contact": None,
                        "status": "pending",
                        "object_limit": 100,
                        "created": EXPORT["created"],
                    }
                ]
            }
        ),
        "/epo-export/v1/exports": Script(close, gateway, lambda exchange: exchange.reply(202, EXPORT)),
    }
    stand_in.answer = lambda exchange: answers[exchange.path](exchange)
    export = before_stand_in.submit("u/alien/zooniverse-1", project="Galaxies", subject_set="first set")
    assert export.id == EXPORT["id"]
    keys = [
        received.headers["idempotency-key"] for received in stand_in.received if received.target.endswith("/exports")
    ]
    assert (len(keys), len(set(keys))) == (3, 1)
    answers["/epo-export/v1/exports"] = close
    with pytest.raises(ServiceUnreachableError) as raised:
        before_stand_in.submit("u/alien/zooniverse-1", project="Galaxies", subject_set="first set")
    last = stand_in.received[-1].headers["idempotency-key"]
    assert last not in keys
    assert any(last in note for note in raised.value.__notes__)


def test_a_wait_asks_less_and_less_often_and_again_more_often_after_a_change(export, stand_in, slept):
    moved = {**EXPORT, "counts": {**EXPORT["counts"], "checked": 1}}
    stand_in.answer = Script(*[ok(EXPORT)] * 4, ok(moved), ok(moved), ok(PUBLISHED))
    assert export.wait().state == "PUBLISHED"
    before, after = slept[:4], slept[4:]
    assert before == sorted(before)
    assert before[0] < before[-1]
    assert after[0] == before[0]


def test_a_wait_never_pauses_longer_than_a_quarter_of_a_minute(export, stand_in, slept):
    stand_in.answer = Script(*[ok(EXPORT)] * 30, ok(PUBLISHED))
    export.wait(None)
    assert max(slept) == 15.0


def test_a_wait_honours_retry_after(export, stand_in, slept):
    stand_in.answer = Script(slow_down("42"), ok(PUBLISHED))
    export.wait()
    assert slept == [42.0]


def test_a_wait_outlives_a_service_that_restarts(export, stand_in, slept):
    stand_in.answer = Script(close, gateway, slow_down("1"), ok(EXPORT), close, ok(PUBLISHED))
    assert export.wait().state == "PUBLISHED"


def test_a_wait_gives_up_on_a_service_that_stays_away(export, stand_in, slept):
    stand_in.answer = gateway
    with pytest.raises(ServiceUnreachableError):
        export.wait(None)


def test_a_wait_ends_with_its_time_and_says_that_nothing_is_wrong(export, stand_in, slept):
    stand_in.answer = ok(
        {**EXPORT, "state": "HELD", "waits_for": "staff", "means": "waits for a decision of EPO staff"}
    )
    with pytest.raises(WaitTimeoutError, match="waits for a decision of EPO staff") as raised:
        export.wait(100)
    assert sum(slept) == 100
    assert raised.value.export.state == "HELD"


def test_a_wait_that_is_not_for_staff_ends_when_they_must_decide(export, stand_in, slept):
    held = {**EXPORT, "state": "HELD", "waits_for": "staff", "means": "waits for a decision of EPO staff"}
    stand_in.answer = Script(ok(EXPORT), ok(held), ok(PUBLISHED))
    assert export.wait(staff=False).state == "HELD"
    assert export.wait().state == "PUBLISHED"


def test_an_export_that_came_back_to_its_pi_is_waited_for_no_longer(export, stand_in, slept):
    stand_in.answer = ok({**EXPORT, "state": "RETURNED", "waits_for": "pi", "means": "was returned to its PI"})
    assert export.wait(check=False).state == "RETURNED"
    assert slept == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0.0), ("12", 12.0), (" 12 ", 12.0), (None, 5.0), ("", 5.0), ("-3", 5.0), ("soon", 5.0), ("٣", 5.0)],
)
def test_retry_after_in_seconds(header, seconds):
    assert patience.retry_after(header) == seconds


def test_retry_after_as_a_date():
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3000 < patience.retry_after(soon) <= 3601
    assert patience.retry_after("Sun, 06 Nov 1994 08:49:37 GMT") == 0.0
