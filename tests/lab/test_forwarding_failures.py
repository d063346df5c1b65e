"""What the panel is told when the service fails, or what lies before it does."""

from __future__ import annotations

import json
import socket

import pytest

from .conftest import TOKEN, error_of
from .stand_in_service import Exchange

PLATFORM_FORM = {"detail": [{"msg": "Only its owner may grant.", "type": "not_owner", "loc": ["body", "collection"]}]}


@pytest.fixture
def extension_config(service, tmp_path):
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    return {"service_url": service.url, "token_file": str(token_file)}


async def test_the_services_own_error_passes_with_its_status(get, service):
    for status in (400, 403, 404, 409, 413, 422, 500, 503):
        service.answer = lambda exchange, status=status: exchange.reply(status, PLATFORM_FORM, retry_after="7")
        answer = await get("service/grants", method="POST", body="{}")
        assert error_of(answer) == (status, "not_owner")
        assert json.loads(answer.body) == PLATFORM_FORM
        assert answer.headers["Retry-After"] == "7"


async def test_a_rejected_token_is_not_jupyters_login(get, service):
    service.answer = lambda exchange: exchange.reply(
        401, {"detail": [{"msg": "No.", "type": "unauthenticated"}]}, www_authenticate='Bearer realm="data.example"'
    )
    answer = await get("service/me")
    assert error_of(answer) == (502, "token_rejected")
    assert "Www-Authenticate" not in answer.headers


async def test_a_gateway_that_refuses_the_token_is_told_from_the_service(get, service):
    service.answer = lambda exchange: exchange.reply(403, b"<html>403 Forbidden</html>", content_type="text/html")
    assert error_of(await get("service/me")) == (502, "token_rejected")
    lacking = {"detail": [{"msg": "Token missing required scope", "type": "insufficient_scope"}]}
    service.answer = lambda exchange: exchange.reply(403, lacking)
    assert error_of(await get("service/me")) == (502, "token_rejected")


async def test_a_gateway_that_asks_to_slow_down_says_for_how_long(get, service):
    service.answer = lambda exchange: exchange.reply(
        429, b"<html>", content_type="text/html", retry_after="30", x_ratelimit_limit="100"
    )
    answer = await get("service/me")
    assert error_of(answer) == (429, "rate_limited")
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["X-Ratelimit-Limit"] == "100"
    assert "in 30 seconds" in json.loads(answer.body)["detail"][0]["msg"]


async def test_a_gateway_that_does_not_say_for_how_long_is_given_a_minute(get, service):
    for said in ({}, {"retry_after": "soon"}, {"retry_after": "9" * 30}):
        service.answer = lambda exchange, said=said: exchange.reply(429, b"<html>", content_type="text/html", **said)
        answer = await get("service/me")
        assert error_of(answer) == (429, "rate_limited")
        assert "in a minute" in json.loads(answer.body)["detail"][0]["msg"]


async def test_a_redirect_is_not_followed(get, service):
    for status in (301, 302, 303, 304, 307, 308):
        service.received.clear()
        service.answer = lambda exchange, status=status: exchange.reply(
            status, b"", location=f"{service.url}/elsewhere"
        )
        answer = await get("service/me")
        assert error_of(answer) == (502, "service_error")
        assert "Location" not in answer.headers
        assert len(service.received) == 1


OTHER_FORMS = [
    (404, b"<html>default backend</html>"),
    (502, b"<html>Bad Gateway</html>"),
    (500, b""),
    (500, b'{"detail": "a string"}'),
    (500, b'{"detail": []}'),
    (500, b'{"detail": [{"msg": 1, "type": "x"}]}'),
    (500, b'{"detail": [{"msg": "half'),
    (500, b"[" * 100_000),
    (500, b'{"detail": [{"msg": "' + b"x" * 100_000 + b'", "type": "x"}]}'),
]


async def test_a_failure_in_another_form_is_one_service_error(get, service):
    for status, body in OTHER_FORMS:
        service.answer = lambda exchange, status=status, body=body: exchange.reply(
            status, body, content_type="application/json"
        )
        assert error_of(await get("service/me")) == (502, "service_error"), body[:40]


async def test_a_success_that_the_contract_does_not_know_is_not_shown(get, service):
    for media_type in (
        "text/html",
        "image/svg+xml",
        "application/javascript",
        "text/csv",
        "application/json, text/html",
    ):
        service.answer = lambda exchange, of=media_type: exchange.reply(200, b"<script>", content_type=of)
        answer = await get("service/me")
        assert error_of(answer) == (502, "service_error")
        assert b"<script>" not in answer.body


async def test_a_success_without_a_type_is_not_shown(get, service):
    service.answer = lambda exchange: exchange.reply(200, b"<script>")
    assert error_of(await get("service/me")) == (502, "service_error")


async def test_nonsense_instead_of_http_is_unreachable(get, service):
    def nonsense(exchange: Exchange) -> None:
        exchange.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
        exchange.close_connection = True

    service.answer = nonsense
    assert error_of(await get("service/me")) == (502, "service_unreachable")


async def test_a_connection_that_closes_is_unreachable_and_says_what_became_of_a_change(get, service):
    def close(exchange: Exchange) -> None:
        exchange.close_connection = True

    service.answer = close
    answer = await get("service/exports", method="POST", body="{}")
    assert error_of(answer) == (502, "service_unreachable")
    assert "not known" in json.loads(answer.body)["detail"][0]["msg"]


class TestNobodyThere:
    @pytest.fixture
    def extension_config(self, tmp_path):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        (tmp_path / "token").write_text(TOKEN)
        return {"service_url": url, "token_file": str(tmp_path / "token")}

    async def test_no_connection_is_unreachable(self, get):
        assert error_of(await get("service/me")) == (502, "service_unreachable")


class TestSlow:
    @pytest.fixture
    def extension_config(self, service, tmp_path):
        (tmp_path / "token").write_text(TOKEN)
        return {"service_url": service.url, "token_file": str(tmp_path / "token"), "service_timeout": 0.3}

    async def test_no_answer_in_time_is_a_timeout(self, get, service):
        service.answer = Exchange.wait_until_left
        assert error_of(await get("service/me")) == (504, "service_timeout")

    async def test_a_change_without_an_answer_says_what_became_of_it(self, get, service):
        service.answer = Exchange.wait_until_left
        answer = await get("service/exports", method="POST", body="{}")
        assert "not known" in json.loads(answer.body)["detail"][0]["msg"]


class TestNotConfigured:
    @pytest.fixture
    def extension_config(self):
        return {}

    async def test_it_says_what_to_set(self, get):
        answer = await get("service/me")
        assert error_of(answer) == (503, "service_not_configured")
        assert "c.EpoExportExtension.service_url" in json.loads(answer.body)["detail"][0]["msg"]


class TestUntrusted:
    @pytest.fixture
    def extension_config(self, tmp_path):
        (tmp_path / "token").write_text(TOKEN)
        return {"service_url": "https://elsewhere.example", "token_file": str(tmp_path / "token")}

    async def test_nothing_is_sent_elsewhere(self, get, monkeypatch):
        monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.example")
        assert error_of(await get("service/me")) == (503, "service_untrusted")
