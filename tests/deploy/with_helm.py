"""What the chart refuses, by Helm: `make chart` builds it, and runs this. Each refusal is a sentence."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from .conftest import DEPLOY, render

HELM = os.environ["HELM"]
CHART = DEPLOY / "chart"
REFUSALS = {
    "config.publicHost=null": "config.publicHost must be set",
    "config.databaseUrl=null": "config.databaseUrl must be set",
    "config.databaseOwnerUrl=null": "config.databaseOwnerUrl must be set",
    "config.reviewersGroup=null": "config.reviewersGroup must be set",
    "config.operatorsGroup=null": "config.operatorsGroup must be set",
    "global.host=null": "global.host must be set",
    "global.vaultSecretsPath=null": "global.vaultSecretsPath must be set",
    "config.publicHost=data.example.org": (
        "config.publicHost must not be the host of the RSP: what PIs publish must share no cookie with it"
    ),
    "config.pathPrefix=/else": "config.pathPrefix must be /epo-export: the service answers nowhere else",
    "storage.accessMode=ReadWriteOnce": (
        "several API or worker pods need storage.accessMode ReadWriteMany: they share quarantine/ and public/"
    ),
}


def _render(*settings: str, kubernetes: str = render.KUBERNETES) -> subprocess.CompletedProcess[str]:
    command = [HELM, "template", "epo-export", str(CHART), "--values", str(DEPLOY / "examples/full.yaml")]
    command += ["--kube-version", kubernetes]
    return subprocess.run([*command, *settings], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("setting", REFUSALS)
def test_it_is_refused_with_its_sentence(setting: str) -> None:
    done = _render("--set", setting)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].endswith(f": {REFUSALS[setting]}"), done.stderr


@pytest.mark.parametrize("pods", ["api", "worker"])
def test_one_pod_of_each_may_share_a_volume_of_one_node(pods: str) -> None:
    alone = ["--set", "storage.accessMode=ReadWriteOnce,api.replicaCount=1,worker.replicaCount=1"]
    assert _render(*alone).returncode == 0
    assert _render(*alone, "--set", f"{pods}.replicaCount=2").returncode == 1


def test_a_kubernetes_whose_hooks_cannot_sleep_is_refused() -> None:
    done = _render(kubernetes="1.29.9")
    assert done.returncode == 1
    assert "requires kubeVersion: >=1.30.0-0" in done.stderr


def test_every_refusal_of_the_chart_has_its_case() -> None:
    templates = "\n".join(path.read_text() for path in (CHART / "templates").iterdir())
    sentences = re.findall(r'\b(?:required|fail) "([^"]+)"', templates)
    assert set(sentences) == set(REFUSALS.values())
