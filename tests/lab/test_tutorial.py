"""The tutorial as mobu runs it: its code sent cell by cell to a kernel `lsst` of a lab that has no Butler itself."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from helper.live_service import ALIEN, live_service

from .conftest import ROOT, STACK_PYTHON

TUTORIAL = ROOT / "notebooks" / "tutorial.ipynb"


@pytest.fixture(scope="session")
def live(repository):
    with live_service(Path(repository["path"]), STACK_PYTHON) as running:
        yield running


@pytest.fixture
def lab(live, repository, tmp_path, jp_data_dir, monkeypatch):
    """What a lab's environment says, and its kernel of the stack."""
    kernel = jp_data_dir / "kernels" / "lsst"
    kernel.mkdir(parents=True)
    argv = [STACK_PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "LSST", "language": "python"}))
    mounts = tmp_path / "mounts"
    (mounts / "discovery").mkdir(parents=True)
    (mounts / "secrets").mkdir()
    service = {"epo-export": {"url": f"{live.url}/epo-export"}}
    (mounts / "discovery" / "v1.json").write_text(json.dumps({"services": {"internal": service}}))
    (mounts / "secrets" / "token").write_text(ALIEN)
    (tmp_path / "index.json").write_text(json.dumps({"demo": repository["path"]}))
    monkeypatch.setenv("NUBLADO_RUNTIME_MOUNTS_DIR", str(mounts))
    monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(tmp_path / "index.json"))
    monkeypatch.setenv("JUPYTERHUB_USER", "alien")


@pytest.fixture
def kernel(lab, jp_fetch, jp_ws_fetch):
    """Start the kernel, and give what runs code in it as mobu does: an `execute_request` over the lab's websocket."""

    @asynccontextmanager
    async def start():
        made = await jp_fetch("api", "kernels", method="POST", body=json.dumps({"name": "lsst"}))
        kernel = json.loads(made.body)["id"]
        socket = await jp_ws_fetch("api", "kernels", kernel, "channels")

        async def execute(code: str) -> dict[str, object]:
            request = uuid4().hex
            header = {"msg_id": request, "msg_type": "execute_request", "version": "5.3", "username": "", "session": ""}
            content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
            await socket.write_message(json.dumps(message))
            while True:
                answer = json.loads(await socket.read_message())
                if answer["msg_type"] == "execute_reply" and answer["parent_header"].get("msg_id") == request:
                    return answer["content"]

        try:
            yield execute
        finally:
            socket.close()
            await jp_fetch("api", "kernels", kernel, method="DELETE")

    return start


async def test_it_runs_in_the_stacks_kernel_of_a_lab_without_a_butler(kernel, tmp_path_factory, monkeypatch):
    # The helper's tests run the tutorial at the same time, and look for what it left.
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("kernel")))
    assert find_spec("lsst") is None
    cells = json.loads(TUTORIAL.read_text())["cells"]
    async with kernel() as execute:
        for cell in cells:
            if cell["cell_type"] == "code":
                reply = await execute("".join(cell["source"]))
                assert reply["status"] == "ok", reply
