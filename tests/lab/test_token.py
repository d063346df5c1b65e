"""Where the PI's token comes from, and that it goes nowhere but up."""

from __future__ import annotations

import logging
import os

import pytest

from rsp_epo_export.lab.errors import TokenMissing
from rsp_epo_export.lab.rsp_token import read_token

from .conftest import TOKEN, error_of
from .stand_in_service import Exchange


@pytest.fixture
def places(tmp_path):
    """Every place of a token, each with another one."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "mounts" / "secrets").mkdir(parents=True)
    (tmp_path / "file").write_text("from-the-file\n")
    (tmp_path / "lab" / "token").write_text("from-the-lab\n")
    (tmp_path / "mounts" / "secrets" / "token").write_text("from-the-mounts")
    return {
        "environ": {
            "NUBLADO_RUNTIME_MOUNTS_DIR": str(tmp_path / "mounts"),
            "NUBLADO_TOKEN": "from-nublado",
            "ACCESS_TOKEN": "from-access",
        },
        "lab_secrets": tmp_path / "lab",
    }


def test_the_platforms_order(places, tmp_path):
    assert read_token("", **places) == "from-the-lab"
    (tmp_path / "lab" / "token").unlink()
    assert read_token("", **places) == "from-the-mounts"
    (tmp_path / "mounts" / "secrets" / "token").write_text("\n")
    assert read_token("", **places) == "from-nublado"
    del places["environ"]["NUBLADO_TOKEN"]
    assert read_token("", **places) == "from-access"
    places["environ"]["ACCESS_TOKEN"] = ""
    with pytest.raises(TokenMissing):
        read_token("", **places)


def test_a_configured_file_comes_first(places, tmp_path):
    assert read_token(str(tmp_path / "file"), **places) == "from-the-file"


def test_a_configured_file_that_is_not_there_is_not_replaced_by_another_token(places, tmp_path):
    with pytest.raises(TokenMissing):
        read_token(str(tmp_path / "nowhere"), **places)


@pytest.mark.parametrize("odd", ["two words", "line\nbreak", "gt-\x00", "ünicode", "x" * 5000])
def test_what_cannot_be_a_token_is_not_sent_and_not_shown(places, odd):
    (places["lab_secrets"] / "token").write_bytes(odd.encode())
    places["environ"].clear()
    with pytest.raises(TokenMissing) as raised:
        read_token("", **places)
    assert odd not in str(raised.value)


@pytest.fixture
def extension_config(service):
    return {"service_url": service.url}


async def test_it_is_read_at_each_call(get, service, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", "the-first")
    await get("service/me")
    monkeypatch.setenv("ACCESS_TOKEN", "the-second")
    await get("service/me")
    assert [received.headers["authorization"] for received in service.received] == [
        "Bearer the-first",
        "Bearer the-second",
    ]


async def test_without_a_token_nothing_is_sent(get, service):
    assert error_of(await get("service/me")) == (503, "token_missing")
    assert service.received == []


async def test_it_reaches_neither_the_browser_nor_a_log(get, service, monkeypatch, caplog, jp_logging_stream):
    monkeypatch.setenv("ACCESS_TOKEN", TOKEN)
    caplog.set_level(logging.DEBUG)

    def close(exchange: Exchange) -> None:
        exchange.close_connection = True

    def nonsense(exchange: Exchange) -> None:
        exchange.wfile.write(b"nonsense\r\n\r\n")
        exchange.close_connection = True

    answers = []
    for behaviour in (
        lambda exchange: exchange.reply(200, {"username": "alien"}),
        lambda exchange: exchange.reply(401, b""),
        lambda exchange: exchange.reply(302, b"", location="https://elsewhere.example"),
        lambda exchange: exchange.reply(500, b"<html>", content_type="text/html"),
        close,
        nonsense,
    ):
        service.answer = behaviour
        answers += [await get("service/me"), await get("status"), await get("service/nothing")]
    assert len(service.received) >= 12
    assert all(received.headers["authorization"] == f"Bearer {TOKEN}" for received in service.received)
    secret = TOKEN.partition(".")[2]
    for answer in answers:
        assert secret not in answer.body.decode() + str(answer.headers)
    # A log that stayed empty would prove nothing.
    assert "service_error" in caplog.text
    assert secret not in caplog.text
    assert secret not in jp_logging_stream.getvalue()


async def test_a_proxy_of_the_environment_does_not_see_it(get, service, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", TOKEN)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert "NO_PROXY" not in os.environ
    assert (await get("service/me")).code == 200
