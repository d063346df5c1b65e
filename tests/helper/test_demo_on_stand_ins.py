"""`make demo PLATFORM=stand-ins`, as its user: the PI in the demo's Python, the operator by the demo's `epo-export`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .live_service import ROOT, free_ports, node

PI = """
import json, sys
from rsp_epo_export import EpoExport
epo = EpoExport()
"""
SUBMIT = """
epo.grant("u/alien/mixed-1")
export = epo.submit("u/alien/mixed-1", project="Demo", subject_set="Held")
export.wait(staff=False)
print(json.dumps({"id": export.id, "state": export.state, "counts": export.counts}))
"""
FOLLOW = """
export = epo.export(sys.argv[1]).wait()
told = [one["event"] for one in epo.notifications() if one["export_id"] == export.id]
print(json.dumps({"state": export.state, "manifest": export.manifest_url, "told": told}))
"""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[dict[str, Any]]:
    lab, service, public = (str(port) for port in free_ports(3))
    with subprocess.Popen(
        [node(), "demo/run.ts"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PLATFORM": "stand-ins",
            "DEMO_DIR": str(tmp_path / "demo"),
            "LAB_PORT": lab,
            "SERVICE_PORT": service,
            "PUBLIC_PORT": public,
        },
    ) as process:
        try:
            assert process.stdout is not None
            ready = next(line for line in process.stdout if line.startswith("READY "))
            yield json.loads(ready.removeprefix("READY "))
        finally:
            process.terminate()  # it then ends all that it started, and we wait for that


def test_an_export_is_held_until_the_operator_decides_and_the_pi_is_told(demo):
    def as_pi(code: str, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [demo["python"], "-c", PI + code, *arguments], check=True, capture_output=True, text=True, timeout=300
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))

    held = as_pi(SUBMIT)
    assert (held["state"], held["counts"]["held"], held["counts"]["refused"]) == ("HELD", 13, 4)
    command = [demo["program"], "decide", held["id"], "--approve", "--why", "A demo.", "--by", "operator"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    published = as_pi(FOLLOW, held["id"])
    assert published["state"] == "PUBLISHED"
    assert published["told"] == ["removable", "published", "held"]
    assert published["manifest"].startswith(demo["public"])
