"""What a broken gateway, or something that is not the service at all, may answer."""

from __future__ import annotations

import pytest
from lab.stand_in_service import StandInService

from rsp_epo_export import EpoExport
from rsp_epo_export.helper.errors import AnswerError, EpoExportError, ServiceRefusalError, TokenError
from rsp_epo_export.helper.export import Export

from .test_patience import EXPORT, ok


def test_a_redirect_is_not_followed_and_the_token_stays(before_stand_in, stand_in):
    with StandInService() as elsewhere:
        stand_in.answer = lambda exchange: exchange.reply(307, b"", location=f"{elsewhere.url}/epo-export/v1/grants")
        with pytest.raises(AnswerError, match="not followed") as raised:
            before_stand_in.grants()
        assert raised.value.type == "service_error"
        assert elsewhere.received == []
    assert len(stand_in.received) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", b"[" * 100_000, b'"\xff"', b"null", b"[]", b'{"grants": {}}', b'{"grants": [{"id": 1}]}'],
)
def test_an_answer_that_the_contract_does_not_know_is_not_used(before_stand_in, stand_in, body):
    stand_in.answer = lambda exchange: exchange.reply(200, body, content_type="application/json")
    with pytest.raises(AnswerError, match="contract") as raised:
        before_stand_in.grants()
    assert raised.value.type == "service_error"


def test_a_login_page_is_not_taken_for_an_answer(before_stand_in, stand_in):
    stand_in.answer = lambda exchange: exchange.reply(200, b"<html>", content_type="text/html")
    with pytest.raises(AnswerError, match="application/json"):
        before_stand_in.grants()


@pytest.mark.parametrize("text", [b"a,b\r\n1,2\r\n", b"", b'external_id,frame,dataset_id,run,data_id,url\r\nx,"y'])
def test_a_crosswalk_of_another_form_is_not_used(before_stand_in, stand_in, text):
    stand_in.answer = lambda exchange: exchange.reply(200, text, content_type="text/csv; charset=utf-8")
    with pytest.raises(AnswerError, match="crosswalk"):
        Export(before_stand_in._service, EXPORT).crosswalk()


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (401, TokenError, "token_rejected"),
        (403, TokenError, "token_rejected"),
        (500, AnswerError, "service_error"),
        (418, AnswerError, "service_error"),
    ],
)
def test_a_gateways_own_refusal_is_told_apart(before_stand_in, stand_in, status, kind, error):
    stand_in.answer = lambda exchange: exchange.reply(status, b"<html>no</html>", content_type="text/html")
    with pytest.raises(kind) as raised:
        before_stand_in.grants()
    assert raised.value.type == error


def test_a_refusal_is_shown_without_what_would_run_in_a_terminal(before_stand_in, stand_in):
    stand_in.answer = lambda exchange: exchange.reply(
        422,
        {
            "detail": [
                {"msg": "The name \x1b[31m\u202e is odd.", "type": "invalid"},
                {"msg": "So is this.", "type": "x"},
            ]
        },
    )
    with pytest.raises(ServiceRefusalError) as raised:
        before_stand_in.grants()
    assert str(raised.value) == "The name \\x1b[31m\\u202e is odd. So is this. [invalid]"
    assert len(raised.value.detail) == 2


def test_an_id_cannot_lead_to_another_address(before_stand_in, stand_in):
    stand_in.answer = ok(EXPORT)
    before_stand_in.export("../grants?x=1#")
    assert stand_in.received[0].target == "/epo-export/v1/exports/..%2Fgrants%3Fx%3D1%23"


def test_an_address_that_is_none_of_the_web_becomes_no_link(before_stand_in):
    shown = Export(before_stand_in._service, {**EXPORT, "manifest_url": "javascript:alert(1)"})._repr_html_()
    assert "href" not in shown


def test_no_service_at_all_says_so(repository, slept):
    with StandInService() as gone:
        url = gone.url
    with pytest.raises(EpoExportError, match="cannot be reached") as raised:
        EpoExport(repository, service_url=url, token="t").grants()
    assert raised.value.type == "service_unreachable"
