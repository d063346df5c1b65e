"""A real bridge in a child process, spoken to as its callers do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds after which a child that should have ended is given up: nothing here depends on its value."""


@dataclass
class Answer:
    """All that came for one request."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    payload: bytes | None = None


class Bridge:
    """`with Bridge(path) as bridge: bridge.ask("ping")`."""

    def __init__(self, *arguments: str, python: str = sys.executable, **environment: str) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("DAF_BUTLER_")}
        path = os.pathsep.join(filter(None, (environment.pop("PYTHONPATH", ""), str(ROOT))))
        self.process = subprocess.Popen(
            [python, "-m", "rsp_epo_export.bridge", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={**inherited, **environment, "PYTHONPATH": path},
        )
        self._last = 0
        self.first = self.receive()

    def __enter__(self) -> Bridge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> tuple[int, bytes, bytes]:
        """Close its input and wait; give its status and what it still wrote on standard output and error."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def write(self, *lines: bytes | dict[str, Any]) -> None:
        """Write lines at once."""
        assert self.process.stdin
        whole = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        self.process.stdin.write(b"".join(line + b"\n" for line in whole))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Read one message, whose payload is then under `payload`."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line.endswith(b"\n"), self.process.communicate(timeout=PATIENCE)
        assert len(line) <= 1024 * 1024 + 1
        message: dict[str, Any] = json.loads(line)
        if "bytes" in message:
            message["payload"] = self.process.stdout.read(message["bytes"])
        return message

    def send(self, call: str, **params: Any) -> int:
        """Send a request and give its id."""
        self._last += 1
        self.write({"id": self._last, "call": call, "params": params})
        return self._last

    def answer(self, request_id: int | None) -> Answer:
        """Read an answer to its end; nothing else may come in between."""
        answer = Answer()
        while True:
            message = self.receive()
            assert message["id"] == request_id, message
            if "part" in message:
                answer.parts.append(message["part"])
                continue
            answer.result, answer.error = message.get("result"), message.get("error")
            answer.payload = message.get("payload")
            return answer

    def ask(self, call: str, **params: Any) -> Answer:
        """Send a request and read its answer."""
        return self.answer(self.send(call, **params))
