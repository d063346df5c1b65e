"""The service in both identities: by a file of tokens, and behind stand-ins of Gafaelfawr and its ingress."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from helper.live_service import ALIEN, ROOT, free_ports, live_service, node

STACK_PYTHON = os.environ.get("EPO_TEST_STACK_PYTHON", str(ROOT / ".venv" / "stack" / "bin" / "python"))


@dataclass(frozen=True)
class Reachable:
    """Where the service is for its users, and their tokens; `order` tells the stand-ins what befalls them."""

    origin: str
    repository: Path
    token: str = field(repr=False)
    tokens: dict[str, str] = field(repr=False)
    order: Callable[[str], None] | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@contextmanager
def local(repository: Path) -> Iterator[Reachable]:
    """Run the service with a file of tokens."""
    with live_service(repository, STACK_PYTHON) as running:
        yield Reachable(running.url, repository, ALIEN, {"alien": ALIEN})


@contextmanager
def gafaelfawr(repository: Path) -> Iterator[Reachable]:
    """Run the service as on the RSP. The repository's runs are given to the user `alien`."""
    (port,) = free_ports(1)
    uid = os.getuid() or 4123  # Gafaelfawr knows no uid 0
    if uid != os.getuid():
        subprocess.run(["chown", "-R", str(uid), str(repository / "u")], check=True)
    with subprocess.Popen(
        [node(), "service/stand-ins/run.ts", str(port), str(uid)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as stand_ins:
        try:
            assert stand_ins.stdin is not None
            assert stand_ins.stdout is not None
            told = json.loads(stand_ins.stdout.readline())

            def order(line: str) -> None:
                print(line, file=stand_ins.stdin, flush=True)
                assert stand_ins.stdout.readline() == "done\n"

            identity = {
                "mode": "gafaelfawr",
                "gafaelfawr_url": told["gafaelfawr"],
                "reviewers_group": "g_reviewers",
                "operators_group": "g_operators",
            }
            with live_service(repository, STACK_PYTHON, port=port, identity=identity):
                yield Reachable(told["ingress"], repository, told["tokens"]["alien"], told["tokens"], order)
        finally:
            assert stand_ins.stdin is not None
            stand_ins.stdin.close()
