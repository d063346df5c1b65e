"""The extension in a server of its own: found by its configuration file, and nothing left when it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable

import pytest

from .conftest import ROOT, STACK_PYTHON


@pytest.fixture
def server(tmp_path, repository):
    """A running `jupyter server`: its process and a function that asks it."""
    config = tmp_path / "etc" / "jupyter"
    shutil.copytree(ROOT / "jupyter-config" / "server-config", config / "jupyter_server_config.d")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
            *(f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=t"),
            f"--EpoExportExtension.butler_command={STACK_PYTHON}",
            f"--EpoExportExtension.repositories=mine={repository['path']}",
        ],
        env={**os.environ, "JUPYTER_CONFIG_PATH": str(config), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )

    def ask(route: str):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/rsp-epo-export/{route}", headers={"Authorization": "token t"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    until(lambda: answers(ask))
    yield process, ask
    process.kill()
    process.wait()


def answers(ask) -> bool:
    try:
        ask("status")
    except OSError:
        return False
    return True


def until(condition: Callable[[], bool]) -> None:
    """Wait for what other processes do. The limit only keeps a failure from hanging."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("It never happened.")


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_no_child_outlives_the_server(server, end):
    process, ask = server
    assert ask("butler/collections?repository=mine")["count"] == 4
    ask("butler/repositories")
    bridges = children(process.pid)
    assert len(bridges) == 2
    process.send_signal(end)
    process.wait(30)
    until(lambda: not any(map(runs, bridges)))
