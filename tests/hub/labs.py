"""Labs to look at: the demo's own, and one that a real JupyterHub starts for its user."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from helper.live_service import ROOT, free_ports, node

_PATIENCE = 120.0


@dataclass(frozen=True)
class Lab:
    """A running lab, the token that opens it, and the directory that holds its extension."""

    url: str
    token: str = field(repr=False)
    extension: Path

    @property
    def environ(self) -> dict[str, str]:
        """What the check is told, to look at this lab from elsewhere."""
        return {**os.environ, "EPO_UI_CHECK_LAB": self.url, "EPO_UI_CHECK_TOKEN": self.token}


@dataclass(frozen=True)
class Demo:
    """What `make demo` started."""

    directory: Path
    lab: Lab


@contextmanager
def demo(directory: Path) -> Iterator[Demo]:
    """Start what `make demo` starts."""
    lab, service, public = (str(port) for port in free_ports(3))
    ports = {"LAB_PORT": lab, "SERVICE_PORT": service, "PUBLIC_PORT": public}
    with subprocess.Popen(
        [node(), "demo/run.ts"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **ports, "DEMO_DIR": str(directory)},
    ) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if line.startswith("READY "))
            address = urlsplit(json.loads(line.removeprefix("READY "))["lab"])
            token = parse_qs(address.query)["token"][0]
            extension = directory / "lab" / "share" / "jupyter" / "labextensions" / "rsp-epo-export"
            yield Demo(directory, Lab(f"http://{address.netloc}", token, extension))
        finally:
            process.terminate()


@dataclass(frozen=True)
class Hub:
    """A running JupyterHub, by the word of one of its services, which may start servers."""

    url: str
    token: str = field(repr=False)
    user: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}


@contextmanager
def hub(directory: Path, of: Demo) -> Iterator[Hub]:
    """Start a JupyterHub whose labs have the demo's extension, kernel, service and repository."""
    port, api, hub_port = free_ports(3)
    token, user = secrets.token_hex(16), "alien"
    labs = directory / "lab"
    labs.mkdir(parents=True)
    demos: dict[str, Any] = json.loads((of.directory / "lab" / "config" / "jupyter_server_config.json").read_text())
    settings = {
        "ServerApp": {"allow_root": True, "root_dir": str(labs), "jpserver_extensions": {"rsp_epo_export.lab": True}},
        **{name: demos[name] for name in ("EpoExportExtension", "LabApp", "LanguageServerManager")},
    }
    (labs / "jupyter_server_config.json").write_text(json.dumps(settings))
    environment = {
        "PATH": os.environ["PATH"],
        "JUPYTER_CONFIG_DIR": str(labs),
        "JUPYTER_PATH": str(of.directory / "lab" / "share" / "jupyter"),
        "JUPYTERHUB_SINGLEUSER_EXTENSION": "1",
        "DAF_BUTLER_REPOSITORY_INDEX": str(of.directory / "repository" / "repositories.yaml"),
    }
    scopes = ["admin:servers", "access:servers", "list:users", "admin:users"]
    (directory / "config.py").write_text(
        f"""
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/hub-of-tests/"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [
    {node()!r}, {str(ROOT / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy")!r}
]
c.JupyterHub.cookie_secret_file = {str(directory / "cookie_secret")!r}
c.JupyterHub.db_url = "sqlite:///{directory / "hub.sqlite"}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {{{user!r}}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {str(directory / "home" / "{username}")!r}
c.Spawner.cmd = [{sys.executable!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.environment = {environment!r}
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{"name": "tests", "services": ["tests"], "scopes": {scopes!r}}}]
"""
    )
    log = directory / "log"
    with (
        log.open("wb") as sink,
        subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(directory / "config.py")],
            cwd=directory,
            stdout=sink,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        running = Hub(f"http://127.0.0.1:{port}/hub-of-tests", token, user)
        try:
            with httpx.Client(headers=running.headers, timeout=120) as client:
                _until(lambda: client.get(f"{running.url}/hub/api/").is_success, log)
                client.post(f"{running.url}/hub/api/users/{user}/server").raise_for_status()
                _until(lambda: client.get(f"{running.url}/user/{user}/api/status").is_success, log)
            yield running
        finally:
            process.terminate()  # with its proxy and its labs


def _until(is_so, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            if is_so():
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"JupyterHub did not become ready:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.2)
