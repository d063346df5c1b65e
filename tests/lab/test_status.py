"""What the panel asks first, and again and again."""

from __future__ import annotations

import json

import pytest

from .conftest import STACK_PYTHON, TOKEN
from .stand_in_service import Exchange


@pytest.fixture
def extension_config(service, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    return {"butler_command": [STACK_PYTHON], "service_url": service.url, "token_file": str(tmp_path / "token")}


@pytest.fixture
def status(get):
    async def ask():
        answer = await get("status")
        assert answer.code == 200
        return json.loads(answer.body)

    return ask


async def test_all_is_well(status, get, service):
    await get("butler/repositories")
    assert (await status())["service"] == {"ok": True, "url": service.url, "source": "setting", "error": None}
    ready = await status()
    while ready["butler"]["error"] is not None:
        assert ready["butler"]["error"]["type"] == "butler_starting"
        ready = await status()
    assert ready == {
        "butler": {"ok": True, "error": None},
        "service": {"ok": True, "url": service.url, "source": "setting", "error": None},
        "user": "alien",
    }


async def test_it_keeps_no_butler_alive(status, extension):
    while not (await status())["butler"]["ok"]:
        pass
    before = extension.bridge_pids()
    await extension.end_bridges()
    assert (await status())["butler"]["ok"]
    assert before
    assert extension.bridge_pids() == {}


async def test_a_service_that_says_nothing_does_not_hang_it(status, service):
    service.answer = Exchange.wait_until_left
    answer = (await status())["service"]
    assert (answer["ok"], answer["error"]["type"]) == (False, "service_timeout")


async def test_a_rejected_token_is_the_services_error(status, service):
    service.answer = lambda exchange: exchange.reply(401, b"")
    answer = (await status())["service"]
    assert (answer["ok"], answer["error"]["type"]) == (False, "token_rejected")


async def test_the_services_own_error_is_told_by_its_type(status, service):
    service.answer = lambda exchange: exchange.reply(503, {"detail": [{"msg": "Wait.", "type": "database_down"}]})
    assert (await status())["service"]["error"] == {"type": "database_down", "msg": "Wait."}


@pytest.mark.parametrize("body", [{"username": 7}, [], {}])
async def test_a_service_that_does_not_say_who_the_pi_is_is_not_well(status, service, body):
    service.answer = lambda exchange: exchange.reply(200, body)
    assert (await status())["service"]["error"]["type"] == "service_error"


async def test_polling_is_no_activity(jp_serverapp, get):
    before = jp_serverapp.web_app.settings.get("api_last_activity")
    await get("status", no_track_activity="1")
    assert jp_serverapp.web_app.settings.get("api_last_activity") == before
    await get("status")
    assert jp_serverapp.web_app.settings.get("api_last_activity") != before


async def test_forwarded_polling_is_no_activity(jp_serverapp, get):
    before = jp_serverapp.web_app.settings.get("api_last_activity")
    assert (await get("service/me", no_track_activity="1")).code == 200
    assert jp_serverapp.web_app.settings.get("api_last_activity") == before


class TestNothingThere:
    @pytest.fixture
    def extension_config(self, tmp_path):
        return {"butler_command": [str(tmp_path / "no-python")]}

    async def test_each_says_what_is_missing(self, status, monkeypatch):
        answer = await status()
        assert answer["butler"]["error"]["type"] == "butler_missing"
        assert answer["service"]["error"]["type"] == "service_not_configured"
        assert answer["service"]["url"] is None
        assert answer["user"] is None

    async def test_an_untrusted_address_is_not_shown(self, status, monkeypatch):
        monkeypatch.setenv("EPO_EXPORT_URL", "https://alien:secret@elsewhere.example")
        answer = (await status())["service"]
        assert (answer["url"], answer["error"]["type"]) == (None, "service_untrusted")
        assert "secret" not in json.dumps(answer)


class TestHub:
    @pytest.fixture(autouse=True)
    def hub(self, monkeypatch, environment):
        monkeypatch.setenv("JUPYTERHUB_USER", "alien-of-the-hub")

    @pytest.fixture
    def extension_config(self, hub, tmp_path):
        return {"butler_command": [str(tmp_path / "no-python")]}

    async def test_the_hub_names_the_user_where_the_service_cannot(self, status):
        assert (await status())["user"] == "alien-of-the-hub"
