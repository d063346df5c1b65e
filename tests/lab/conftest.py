"""A real Jupyter server with the extension, and what it reaches: a real Butler, or stand-ins for what goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse
from traitlets.config import Config

from rsp_epo_export.lab.extension import EpoExportExtension

from .stand_in_service import StandInService

pytest_plugins = ["pytest_jupyter.jupyter_server"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STACK_PYTHON = os.environ.get("EPO_TEST_STACK_PYTHON", str(ROOT / ".venv" / "stack" / "bin" / "python"))
TOKEN = "gt-tHeToKeNoFaLiEn0000000.SeCrEtSeCrEtSeCrEt0000"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, jp_environ: None) -> None:
    """Nothing of the surroundings: no token, no service, no repositories."""
    for name in (
        "ACCESS_TOKEN",
        "DAF_BUTLER_REPOSITORY_INDEX",
        "EPO_EXPORT_REPOSITORIES",
        "EPO_EXPORT_URL",
        "EXTERNAL_INSTANCE_URL",
        "JUPYTERHUB_USER",
        "NUBLADO_RUNTIME_MOUNTS_DIR",
        "NUBLADO_TOKEN",
        "REPERTOIRE_BASE_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    # The bridge's interpreter finds this checkout, whether or not it is installed there.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def extension_config() -> dict[str, Any]:
    """The extension's settings. Test modules override this."""
    return {}


@pytest.fixture
def jp_server_config(extension_config: dict[str, Any]) -> Config:
    return Config(
        {
            "ServerApp": {"jpserver_extensions": {"rsp_epo_export.lab": True}},
            "EpoExportExtension": extension_config,
        }
    )


@pytest.fixture
def extension(jp_serverapp, jp_asyncio_loop):
    """The extension in the running server. It stops, with its children, before the test's loop does."""
    (app,) = jp_serverapp.extension_manager.extension_apps["rsp_epo_export.lab"]
    assert isinstance(app, EpoExportExtension)
    yield app
    jp_asyncio_loop.run_until_complete(app.stop_extension())


@pytest.fixture
def get(extension, jp_fetch):
    """Ask a route of the extension: `await get("status", repository="demo")`. Errors are answers."""

    async def ask(route: str, *, method: str = "GET", body: str | bytes | None = None, headers=None, **params):
        return await jp_fetch(
            *("rsp-epo-export", *route.split("/")),
            method=method,
            body=body,
            headers=headers,
            params=[(name, item) for name, value in params.items() for item in as_list(value)],
            raise_error=False,
        )

    def as_list(value: str | list[str]) -> list[str]:
        return value if isinstance(value, list) else [value]

    return ask


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A small repository, made by the stack's interpreter: `path`, and `runs` with their datasets' ids and files."""
    path = tmp_path_factory.mktemp("butler") / "repository"
    made = subprocess.run(
        [STACK_PYTHON, str(HERE / "make_repository.py"), str(path)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return {"path": str(path), "runs": json.loads(made.stdout.splitlines()[-1])}


@pytest.fixture
def stand_in_butler() -> list[str]:
    """The command of a stand-in for the bridge, whose repositories are named after how they misbehave."""
    return [sys.executable, str(HERE / "stand_in_bridge.py")]


@pytest.fixture
def service():
    """A stand-in for the export service: the real one cannot be made to misbehave. Galata's tests use that."""
    with StandInService() as running:
        yield running


def error_of(response: HTTPResponse) -> tuple[int, str]:
    """The status and type of an error, after a check of its form."""
    body = json.loads(response.body)
    assert set(body) == {"detail"}
    for entry in body["detail"]:
        assert set(entry) - {"loc"} == {"msg", "type"}
        assert entry["msg"]
    assert response.headers["Content-Type"] == "application/json"
    return response.code, body["detail"][0]["type"]


@pytest.fixture
def raw_request(jp_http_port, http_server, jp_auth_header, jp_base_url):
    """Send a request by hand: `reader, writer = await raw_request("GET", "path as it goes over the wire")`."""

    async def send(method: str, path: str, headers: str = "", body: bytes = b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        authorization = jp_auth_header["Authorization"]
        head = (
            f"{method} {jp_base_url}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        return reader, writer

    return send
