"""The bridge as a process: framing, order, cancellation, noise, its end, and starts that fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .bridge_child import PATIENCE, ROOT, Bridge
from .conftest import MANY

MANY_CUTOUTS = {"run": "u/alien/many", "dataset_type": "zooniverse_cutout"}
LONG = {"id": 1, "call": "list", "params": MANY_CUTOUTS}
LAB_PYTHON = Path(os.environ.get("LAB_PYTHON", ROOT / ".venv" / "lab" / "bin" / "python"))


@pytest.fixture(scope="module")
def bridge(repository: Path) -> Iterator[Bridge]:
    """One child for all tests that leave it as it was; that it still answers shows that they do."""
    with Bridge(str(repository)) as running:
        yield running


@pytest.fixture
def own_bridge(repository: Path) -> Iterator[Bridge]:
    """A child of the test's own, to be ended."""
    with Bridge(str(repository)) as running:
        yield running


def wait_until_stuck(bridge: Bridge) -> None:
    """Wait until the child has filled the pipe that nobody reads, and sleeps; its other thread goes on listening."""
    for _ in range(PATIENCE * 10):
        stat = Path(f"/proc/{bridge.process.pid}/wchan").read_text()
        if "pipe" in stat and "write" in stat:
            return
        time.sleep(0.1)
    pytest.skip("this kernel does not tell what a process waits for")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[]",
        b"7",
        b"null",
        b'"x"',
        b"{}",
        b'{"call": "ping"}',
        b'{"id": null, "call": "ping"}',
        b'{"id": "1", "call": "ping"}',
        b'{"id": true, "call": "ping"}',
        b'{"id": 1.5, "call": "ping"}',
        b'{"id": 9007199254740992, "call": "ping"}',
        b'{"id": 1e400}',
        b'{"cancel": "1"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": 1, "call": "ping", "params": {"x": "' + b"x" * 1024 * 1024 + b'"}}',
        b"x" * 3 * 1024 * 1024,
    ],
)
def test_a_line_that_is_no_request_is_a_bad_request_without_id(bridge: Bridge, line: bytes) -> None:
    bridge.write(line)
    error = bridge.answer(None).error
    assert error is not None
    assert error["type"] == "bad_request"
    assert bridge.ask("ping").result == {}


@pytest.mark.parametrize(
    "request_line",
    [{"id": 5}, {"id": 5, "call": 7}, {"id": 5, "call": "ping", "params": []}, {"id": 5, "call": "ping", "more": 1}],
)
def test_a_request_of_the_wrong_shape_is_answered_with_its_id(bridge: Bridge, request_line: dict[str, Any]) -> None:
    bridge.write(request_line)
    error = bridge.answer(5).error
    assert error is not None
    assert error["type"] == "bad_request"


def test_params_may_be_left_out(bridge: Bridge) -> None:
    bridge.write({"id": 0, "call": "ping"})
    assert bridge.answer(0).result == {}


def test_requests_are_answered_in_the_order_they_came(bridge: Bridge) -> None:
    bridge.write({**LONG, "id": 30}, {"id": 10, "call": "ping"}, b"nonsense", {"id": -20, "call": "nothing"})
    listing = bridge.answer(30).result
    assert listing is not None
    assert listing["count"] == MANY
    assert bridge.answer(10).result == {}
    assert bridge.answer(None).error is not None
    assert bridge.answer(-20).error is not None


def test_an_id_may_be_used_again_once_it_was_answered(bridge: Bridge) -> None:
    for _ in range(2):
        bridge.write({"id": 1, "call": "ping"})
        assert bridge.answer(1).result == {}


def test_an_id_in_use_is_refused_without_touching_the_request_that_has_it(bridge: Bridge) -> None:
    bridge.write(LONG, {"id": 1, "call": "ping"})
    wait_until_stuck(bridge)
    assert bridge.answer(1).result is not None
    error = bridge.answer(None).error
    assert error is not None
    assert "in use" in error["msg"]


def test_a_listing_that_runs_can_be_cancelled_between_its_parts(bridge: Bridge) -> None:
    bridge.write(LONG)
    wait_until_stuck(bridge)
    bridge.write({"cancel": 1}, {"id": 1, "call": "ping"})  # the second is refused: so the first has been heard
    time.sleep(0.3)
    answer = bridge.answer(1)
    assert answer.result is None
    assert answer.error is not None
    assert answer.error["type"] == "cancelled"
    assert 0 < sum(len(part["items"]) for part in answer.parts) < MANY
    assert bridge.answer(None).error is not None
    assert bridge.ask("ping").result == {}


def test_a_request_that_waits_can_be_cancelled_and_those_around_it_not(bridge: Bridge) -> None:
    bridge.write(LONG)
    wait_until_stuck(bridge)
    bridge.write({"id": 2, "call": "ping"}, {"id": 3, "call": "ping"}, {"cancel": 2})
    time.sleep(0.3)
    listing = bridge.answer(1).result
    assert listing is not None
    assert listing["count"] == MANY
    error = bridge.answer(2).error
    assert error is not None
    assert error["type"] == "cancelled"
    assert bridge.answer(3).result == {}


def test_cancelling_what_is_not_there_is_ignored(bridge: Bridge) -> None:
    bridge.write({"cancel": 7}, {"id": 7, "call": "ping"})
    assert bridge.answer(7).result == {}


def test_it_ends_when_its_input_closes(own_bridge: Bridge) -> None:
    assert own_bridge.close()[:2] == (0, b"")


def test_it_ends_even_in_the_middle_of_an_answer_that_nobody_reads(own_bridge: Bridge) -> None:
    own_bridge.write(LONG, {"id": 2, "call": "ping"})
    wait_until_stuck(own_bridge)
    assert own_bridge.process.stdin
    own_bridge.process.stdin.close()
    assert own_bridge.process.wait(PATIENCE) == 0
    own_bridge.process.stdin = None


def test_it_ends_when_its_reader_goes_away(own_bridge: Bridge) -> None:
    own_bridge.write(LONG)
    assert own_bridge.process.stdout
    own_bridge.process.stdout.close()
    assert own_bridge.process.wait(PATIENCE) == 0
    own_bridge.process.stdout = None


def test_an_interrupt_meant_for_a_terminals_group_does_not_end_it(bridge: Bridge) -> None:
    bridge.process.send_signal(signal.SIGINT)
    assert bridge.ask("ping").result == {}


def test_noise_on_standard_output_does_not_reach_the_protocol(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.abc, os, subprocess, sys\n"
        "class Noise(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'lsst.daf.butler':\n"
        "            print('printed', flush=True)\n"
        "            os.write(1, b'written\\n')\n"
        "            subprocess.run(['sh', '-c', 'echo by a child; cat'], check=True)\n"
        "sys.meta_path.insert(0, Noise())\n"
    )
    with Bridge(str(repository), PYTHONPATH=str(tmp_path)) as bridge:
        assert "ready" in bridge.first
        assert bridge.ask("ping").result == {}
        status, out, err = bridge.close()
    assert (status, out) == (0, b"")
    assert [line for line in (b"printed", b"written", b"by a child") if line not in err] == []


@pytest.mark.parametrize("what", ["nothing", "an empty directory", "a repository without its database", "a file"])
def test_a_repository_that_cannot_be_opened_is_fatal(tmp_path: Path, what: str) -> None:
    path = tmp_path / "repository"
    if what == "a file":
        path.write_text("mine")
    elif what != "nothing":
        path.mkdir()
    if what == "a repository without its database":
        (path / "butler.yaml").write_text("datastore: {root: <butlerRoot>}\nregistry: {db: 'sqlite:////no/such/db'}\n")
    bridge = Bridge(str(path))
    assert bridge.first["fatal"]["type"] == "repository_unavailable"
    assert str(path) in bridge.first["fatal"]["msg"]
    assert bridge.close()[:2] == (1, b"")


@pytest.mark.skipif(not LAB_PYTHON.exists(), reason=f"no lab interpreter at {LAB_PYTHON}; LAB_PYTHON names another")
def test_an_interpreter_without_the_butler_is_fatal(repository: Path) -> None:
    bridge = Bridge(str(repository), python=str(LAB_PYTHON))
    assert bridge.first["fatal"]["type"] == "no_butler"
    assert str(LAB_PYTHON) in bridge.first["fatal"]["msg"]
    assert bridge.close()[:2] == (1, b"")


def test_it_explains_itself_on_standard_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rsp_epo_export.bridge", "--help"], capture_output=True, cwd=ROOT, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"docs/bridge.md" in done.stderr
