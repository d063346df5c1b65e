"""The notebook helper, and the tutorial, before the real service as on the RSP."""

from __future__ import annotations

import json
import os
import subprocess

import nbformat
import pytest
from helper.live_service import ROOT
from nbclient import NotebookClient

from rsp_epo_export import EpoExport
from rsp_epo_export.helper import RateLimitedError, TokenError, patience

from .platform import STACK_PYTHON

pytestmark = pytest.mark.parametrize("reachable", ["gafaelfawr"], indirect=True)


@pytest.fixture
def slept(monkeypatch, reachable):
    """The pauses that the helper would make; each is over at once, and so is the platform's limit."""
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        reachable.order("limit 0")

    monkeypatch.setattr(patience, "sleep", pause)
    return pauses


def helper(reachable, user: str) -> EpoExport:
    return EpoExport("demo", service_url=reachable.origin, token=reachable.tokens[user])


def test_it_waits_as_long_as_the_platform_asks_and_goes_on(reachable, slept):
    reachable.order("limit 50")
    assert helper(reachable, "alien").grants() is not None
    assert [0 < pause <= 51 for pause in slept] == [True]


def test_it_does_not_wait_for_long_and_says_for_how_long(reachable, slept):
    reachable.order("limit 3600")
    try:
        with pytest.raises(RateLimitedError) as raised:
            helper(reachable, "alien").grants()
    finally:
        reachable.order("limit 0")
    assert slept == []
    assert 0 < raised.value.retry_after <= 3601


def test_a_revoked_token_is_told_with_what_to_do(reachable):
    epo = helper(reachable, "other")
    epo.grants()
    reachable.order(f"revoke {reachable.tokens['other']}")
    with pytest.raises(TokenError, match="stop the lab, and start it again"):
        epo.grants()


def test_a_token_without_the_scope_is_told_with_what_to_do(reachable):
    reachable.order("unscope bot-dashboard")
    with pytest.raises(TokenError, match="whether your account may use the export service"):
        helper(reachable, "bot-dashboard").grants()


def test_the_tutorial_runs_where_every_export_is_held(reachable, tmp_path, monkeypatch):
    kernel = tmp_path / "share" / "kernels" / "lsst"
    kernel.mkdir(parents=True)
    argv = [STACK_PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "LSST", "language": "python"}))
    (tmp_path / "index.json").write_text(json.dumps({"demo": str(reachable.repository)}))
    for name, value in {
        "JUPYTER_PATH": tmp_path / "share",
        "TMPDIR": tmp_path,
        "PYTHONPATH": ROOT,
        "JUPYTERHUB_USER": "alien",
        "ACCESS_TOKEN": reachable.token,
        "EPO_EXPORT_URL": reachable.origin,
        "EPO_EXPORT_REPOSITORY": "demo",
        "DAF_BUTLER_REPOSITORY_INDEX": tmp_path / "index.json",
    }.items():
        monkeypatch.setenv(name, str(value))
    code = nbformat.read(ROOT / "notebooks" / "tutorial.ipynb", as_version=4)["cells"]

    def give_to_the_pi(**_: object) -> None:
        """Files of the tests' root belong to the PI of the stand-in, who has another uid."""
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", "4123", str(reachable.repository / "u")], check=True)

    client = NotebookClient(
        nbformat.v4.new_notebook(cells=[*code, nbformat.v4.new_code_cell("print(is_published, export.state)")]),
        timeout=180,
        kernel_name="lsst",
        on_cell_executed=give_to_the_pi,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    ended = client.execute()
    assert ended["cells"][-1]["outputs"][0]["text"].split() == ["False", "CANCELLED"]
