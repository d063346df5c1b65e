"""The lab before the real service as on the RSP: what Gafaelfawr and its ingress refuse, told in words that help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract import platform

from .conftest import error_of


@pytest.fixture(scope="module")
def reachable(repository):
    with platform.gafaelfawr(Path(repository["path"])) as running:
        yield running


@pytest.fixture
def user() -> str:
    return "alien"


@pytest.fixture
def extension_config(reachable, user, tmp_path):
    token_file = tmp_path / "token"
    token_file.write_text(reachable.tokens[user])
    return {"service_url": reachable.origin, "token_file": str(token_file)}


async def test_the_service_knows_the_pi_by_gafaelfawrs_word(get):
    answer = json.loads((await get("service/me")).body)
    assert (answer["username"], answer["groups"]) == ("alien", ["g_aliens"])


async def test_a_quota_that_is_spent_is_told_with_when_to_go_on(get, reachable):
    reachable.order("limit 3600")
    answer = await get("service/grants")
    reachable.order("limit 0")
    assert error_of(answer) == (429, "rate_limited")
    assert answer.headers["Retry-After"].endswith(" GMT")
    assert "Go on in 3" in answer.body.decode()


class TestARevokedToken:
    @pytest.fixture
    def user(self):
        return "other"

    async def test_is_told_with_what_to_do(self, get, reachable):
        assert (await get("service/grants")).code == 200
        reachable.order(f"revoke {reachable.tokens['other']}")
        answer = await get("service/grants")
        assert error_of(answer) == (502, "token_rejected")
        assert "start it again" in answer.body.decode()


class TestATokenWithoutTheScope:
    @pytest.fixture
    def user(self):
        return "bot-dashboard"

    async def test_is_told_with_what_to_do(self, get, reachable):
        reachable.order("unscope bot-dashboard")
        answer = await get("service/grants")
        assert error_of(answer) == (502, "token_rejected")
        assert "whether your account may use the export service" in answer.body.decode()
