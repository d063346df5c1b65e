"""The check of the interface, in a real browser: against the demo, under a real JupyterHub, and where it drifted."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import httpx
import nbformat
import pytest
from helper.live_service import ROOT
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from rsp_epo_export.ui_check import UiCheckError, check_ui

from . import labs

COLLECTION = "u/alien/zooniverse-1"
EVERY_STEP = 8
NOTEBOOK = ROOT / "notebooks" / "ui_check.ipynb"


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    with labs.demo(tmp_path_factory.mktemp("ui") / "demo") as running:
        yield running


def check(environ: dict[str, str], collection: str | None = COLLECTION, patience: float = 60.0):
    return asyncio.run(check_ui(collection, patience=patience, environ=environ))


def test_it_passes_against_the_demo(demo):
    assert len(check(demo.lab.environ).steps) == EVERY_STEP


class TestDrift:
    """The extension that the lab serves is a copy in which something is called otherwise."""

    @pytest.fixture
    def rename(self, demo):
        extension, original = demo.lab.extension, demo.lab.extension.readlink()

        def rename(old: str, new: str) -> None:
            extension.unlink()
            shutil.copytree(original, extension)
            texts = {path: path.read_text() for path in (extension / "static").glob("*.js")}
            assert any(old in text for text in texts.values())
            for path, text in texts.items():
                path.write_text(text.replace(old, new))

        yield rename
        shutil.rmtree(extension)
        extension.symlink_to(original)

    @pytest.mark.parametrize(
        ("old", "new", "step", "reason"),
        [
            ('"Repositories and collections"', '"Places"', "see the repositories", "“Repositories and collections”"),
            ('"rsp-epo-export:open"', '"rsp-epo-export:launch"', "open the panel by its command", "Zooniverse"),
            ('"butler/repositories"', '"butler/places"', "", "404 to GET rsp-epo-export/butler/places"),
        ],
        ids=["a label", "a command id", "a route"],
    )
    def test_what_is_renamed_is_named_with_the_step(self, demo, rename, old, new, step, reason):
        rename(old, new)
        with pytest.raises(UiCheckError) as raised:
            check(demo.lab.environ, patience=20)
        assert step in raised.value.step
        assert reason in raised.value.reason


def test_without_a_browser_it_fails_and_says_so(demo):
    with pytest.raises(UiCheckError, match="there is no browser: no Chromium is on PATH"):
        check({**demo.lab.environ, "PATH": "/nowhere", "CHROMIUM_PATH": ""})
    with pytest.raises(UiCheckError, match="there is no browser at /nowhere/chromium"):
        check({**demo.lab.environ, "CHROMIUM_PATH": "/nowhere/chromium"})


def test_with_a_wrong_token_it_fails_and_does_not_say_it(demo):
    with pytest.raises(UiCheckError, match="the lab refuses the token") as raised:
        check({**demo.lab.environ, "EPO_UI_CHECK_TOKEN": "not-the-token"})
    assert "not-the-token" not in str(raised.value)


def test_a_browser_that_runs_elsewhere_does_as_well(demo, tmp_path):
    program = demo.lab.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={tmp_path}"]
    with subprocess.Popen([program, *flags, "about:blank"], stderr=subprocess.DEVNULL) as browser:
        try:
            told = tmp_path / "DevToolsActivePort"
            deadline = time.monotonic() + 60
            while not (told.exists() and "\n" in told.read_text()) and time.monotonic() < deadline:
                time.sleep(0.1)
            port, path = told.read_text().split("\n")[:2]
            address = f"ws://127.0.0.1:{port}{path}"
            report = check({**demo.lab.environ, "EPO_UI_CHECK_BROWSER": address, "PATH": ""}, None)
        finally:
            browser.terminate()
    assert len(report.steps) == EVERY_STEP - 3  # no collection was named


def test_the_notebook_is_one_that_mobu_runs():
    notebook = nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert notebook["metadata"]["kernelspec"]["name"] == "lsst"
    assert notebook["metadata"]["mobu"] == {"required_applications": ["epo-export"]}
    assert all(not cell.get("outputs") for cell in notebook["cells"])


def test_under_jupyterhub_the_notebook_runs_in_the_labs_own_kernel(demo, tmp_path):
    with labs.hub(tmp_path / "hub", demo) as hub:
        *_, last = asyncio.run(_run_as_mobu_does(hub, NOTEBOOK))
    assert last["status"] == "ok", last
    assert "open the panel" in last["shown"]
    assert "Report(user='alien'" in last["shown"]


async def _run_as_mobu_does(hub: labs.Hub, notebook: Path) -> list[dict[str, str]]:
    """Send the code, cell by cell, to a kernel `lsst` of the user's lab, over its websocket."""
    lab = f"{hub.url}/user/{hub.user}"
    async with httpx.AsyncClient(headers=hub.headers, timeout=120) as client:
        made = await client.post(f"{lab}/api/kernels", json={"name": "lsst"})
        kernel = made.raise_for_status().json()["id"]
        address = f"{lab.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
        socket = await websocket_connect(HTTPRequest(address, headers=hub.headers))
        cells = [cell for cell in nbformat.read(notebook, as_version=4)["cells"] if cell["cell_type"] == "code"]
        said = [await _execute(socket, cell["source"]) for cell in cells]
        socket.close()
        (await client.delete(f"{lab}/api/kernels/{kernel}")).raise_for_status()
        return said


async def _execute(socket, code: str) -> dict[str, str]:
    """Run code, and give its status and what it showed, or what it raised."""
    request = uuid4().hex
    header = {"msg_id": request, "msg_type": "execute_request", "version": "5.3", "username": "", "session": ""}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await socket.write_message(json.dumps(message))
    shown, status, is_idle = "", "", False
    while not (status and is_idle):
        answer = json.loads(await socket.read_message())
        if answer["parent_header"].get("msg_id") != request:
            continue
        match answer["msg_type"], answer["content"]:
            case "execute_result", {"data": {"text/plain": str(text)}}:
                shown += text
            case "error", {"evalue": str(text)}:
                shown += text
            case "status", {"execution_state": "idle"}:
                is_idle = True
            case "execute_reply", {"status": str(said)}:
                status = said
    return {"status": status, "shown": shown}
