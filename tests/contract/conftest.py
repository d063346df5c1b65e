"""A small repository of the stack's making, and the service before it in both identities."""

from __future__ import annotations

import os
import subprocess

import pytest
from helper.live_service import ROOT

from . import platform


@pytest.fixture(scope="session", params=["local", "gafaelfawr"])
def reachable(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("contract") / "repository"
    subprocess.run(
        [platform.STACK_PYTHON, str(ROOT / "tests" / "lab" / "make_repository.py"), str(path)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with getattr(platform, request.param)(path) as running:
        yield running
