"""What the panel is told when the bridge misbehaves, and that the next request finds a good one."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from pathlib import Path

import pytest

from rsp_epo_export.lab.bridge_client import Timeouts
from rsp_epo_export.lab.bridge_pool import BridgePool
from rsp_epo_export.lab.errors import ButlerTimeout

from .conftest import STACK_PYTHON, error_of


@pytest.fixture
def log(tmp_path, monkeypatch) -> Path:
    """What the stand-ins note."""
    file = tmp_path / "stand-in.log"
    file.touch()
    monkeypatch.setenv("STAND_IN_LOG", str(file))
    return file


@pytest.fixture
def extension_config(stand_in_butler, log):
    return {"butler_command": stand_in_butler}


@pytest.fixture
def ask(get):
    """Ask a stand-in that behaves in this way for a page."""

    async def page(how: str, **changes: str):
        return await get("butler/datasets", **{"repository": how, "run": "r", "dataset_type": "t", **changes})

    return page


async def until(condition) -> None:
    """Wait for what other processes do. The limit only keeps a failure from hanging."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


MISBEHAVIOURS = {
    "wrong-protocol": (503, "butler_failed_to_start"),
    "no-butler": (503, "butler_missing"),
    "closed-repository": (503, "repository_unavailable"),
    "dies-at-start": (503, "butler_failed_to_start"),
    "noisy-at-start": (503, "butler_failed_to_start"),
    "dies": (502, "butler_died"),
    "not-json": (502, "butler_garbled"),
    "not-an-object": (502, "butler_garbled"),
    "wrong-id": (502, "butler_garbled"),
    "long-line": (502, "butler_garbled"),
    "wrong-shape": (502, "butler_garbled"),
}


async def test_each_misbehaviour_is_one_clear_error(ask):
    told = {how: error_of(await ask(how)) for how in MISBEHAVIOURS}
    assert told == MISBEHAVIOURS


@pytest.mark.parametrize("how", ["large-payload", "odd-payload"])
async def test_a_payload_that_was_not_asked_for_is_not_read(get, how):
    answer = await get("butler/image", repository=how, id="00000000-0000-0000-0000-000000000000")
    assert error_of(answer) == (502, "butler_garbled")


OWN_ERRORS = {
    "collection_not_found": (404, "collection_not_found"),
    "unreadable": (404, "unreadable"),
    "too_large": (413, "too_large"),
    "internal": (500, "butler_error"),
    "never_heard_of": (500, "butler_error"),
}


async def test_the_bridges_own_errors_keep_their_words(ask):
    answers = {own: await ask("own-error", run=own) for own in OWN_ERRORS}
    assert {own: error_of(answer) for own, answer in answers.items()} == OWN_ERRORS
    assert {json.loads(answer.body)["detail"][0]["msg"] for answer in answers.values()} == {"So it is."}


async def test_a_read_that_met_a_death_is_asked_once_more(ask, log):
    assert (await ask("dies-once")).code == 200
    assert log.read_text().count("start dies-once") == 2


async def test_a_read_is_not_asked_a_third_time(ask, log):
    await ask("dies")
    assert log.read_text().count("start dies") == 2


async def test_a_garbled_bridge_is_replaced(ask, log):
    await ask("not-json")
    await ask("not-json")
    assert log.read_text().count("start not-json") == 2


class TestSilentAtStart:
    @pytest.fixture
    def extension_config(self, stand_in_butler, log):
        # Named here, so that the index, which needs its time to start, is not asked.
        quiet = {"silent-at-start": "stand-in:silent-at-start"}
        return {"butler_command": stand_in_butler, "butler_start_timeout": 0.5, "repositories": quiet}

    async def test_a_bridge_that_never_gets_ready_is_given_up(self, ask):
        assert error_of(await ask("silent-at-start")) == (503, "butler_failed_to_start")


class TestSilentBridge:
    @pytest.fixture
    def extension_config(self, stand_in_butler, log):
        quiet = {how: f"stand-in:{how}" for how in ("silent", "deaf")}
        return {"butler_command": stand_in_butler, "butler_timeout": 0.2, "repositories": quiet}

    async def test_a_request_without_an_answer_is_given_up_and_cancelled(self, ask, log):
        assert error_of(await ask("silent")) == (504, "butler_timeout")
        await until(lambda: "cancel 1" in log.read_text())

    async def test_a_deaf_bridge_does_not_hold_up_the_end(self, extension, ask):
        await ask("deaf")
        pid = extension.bridge_pids()["stand-in:deaf"]
        await extension.stop_extension()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_bridge_that_hangs_is_killed_and_the_next_request_finds_a_good_one(stand_in_butler, log):
    pool = BridgePool(
        lambda repository: [*stand_in_butler, str(repository)],
        Timeouts(silence=0.2, grace=0.1),
        600,
        logging.getLogger(),
    )
    with pytest.raises(ButlerTimeout):
        await pool.call("stand-in:deaf", "ping", {})
    await until(lambda: not pool.pids())
    with pytest.raises(ButlerTimeout):
        await pool.call("stand-in:deaf", "ping", {})
    assert log.read_text().count("start deaf") == 2
    await pool.close()


class TestMissing:
    @pytest.fixture
    def extension_config(self, tmp_path):
        return {"butler_command": [str(tmp_path / "no-python")]}

    async def test_a_command_that_cannot_be_run_says_what_to_set(self, get):
        answer = await get("butler/repositories")
        assert error_of(answer) == (503, "butler_missing")
        assert "c.EpoExportExtension.butler_command" in json.loads(answer.body)["detail"][0]["msg"]


class TestLabsOwnPython:
    @pytest.fixture
    def extension_config(self):
        return {}

    async def test_without_a_butler_anywhere_it_says_what_to_set(self, get):
        answer = await get("butler/repositories")
        assert error_of(answer) == (503, "butler_missing")
        assert "c.EpoExportExtension.butler_command" in json.loads(answer.body)["detail"][0]["msg"]


class TestIdle:
    @pytest.fixture
    def extension_config(self, stand_in_butler, log):
        return {"butler_command": stand_in_butler, "butler_idle_timeout": 0.2}

    async def test_an_idle_bridge_ends_and_the_next_request_starts_another(self, ask, log):
        assert (await ask("well")).code == 200
        await until(lambda: "end well" in log.read_text())
        assert (await ask("well")).code == 200
        assert log.read_text().count("start well") == 2


class TestRealBridge:
    @pytest.fixture
    def extension_config(self, repository):
        return {"butler_command": [STACK_PYTHON], "repositories": {"mine": repository["path"]}}

    async def test_after_a_kill_the_next_request_is_answered_by_another(self, extension, get, repository):
        asked = {"repository": "mine", "run": "u/alien/zooniverse-1", "dataset_type": "zooniverse_cutout"}
        await get("butler/datasets", **asked)
        before = extension.bridge_pids()[repository["path"]]
        os.kill(before, signal.SIGKILL)
        assert (await get("butler/datasets", **asked)).code == 200
        assert extension.bridge_pids()[repository["path"]] != before

    async def test_many_images_at_once_start_one_bridge(self, extension, get, repository):
        datasets = repository["runs"]["u/alien/zooniverse-1"]
        answers = await asyncio.gather(
            *(get("butler/image", repository="mine", id=datasets[i % 3]["id"]) for i in range(9))
        )
        assert [answer.body for answer in answers] == [Path(datasets[i % 3]["file"]).read_bytes() for i in range(9)]
        assert len(extension.bridge_pids()) == 1

    async def test_stopping_the_extension_ends_the_children(self, extension, get):
        await get("butler/collections", repository="mine")
        pids = extension.bridge_pids().values()
        assert pids
        await extension.stop_extension()
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


async def test_a_browser_that_leaves_cancels_its_request(extension, ask, log, raw_request):
    _, writer = await raw_request("GET", "rsp-epo-export/butler/datasets?repository=slow&run=r&dataset_type=t")
    await until(lambda: "asked" in log.read_text())
    writer.close()
    await until(lambda: "cancel 1" in log.read_text())
    assert (await ask("well")).code == 200
