"""What the tests of the deployment read: the manifests as they are committed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
EXAMPLES = sorted((DEPLOY / "examples").glob("*.yaml"))

_spec = importlib.util.spec_from_file_location("render", DEPLOY / "render.py")
assert _spec is not None
assert _spec.loader is not None
render = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(render)

Manifest = dict[str, Any]


def manifests_of(example: Path) -> list[Manifest]:
    return [found for found in yaml.safe_load_all(render.rendered_path(example).read_text()) if found]


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    return {found["metadata"]["name"]: found for found in manifests if found["kind"] == kind}


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Pod templates by the name of what makes them."""
    return {
        found["metadata"]["name"]: found["spec"]["template"]
        for found in manifests
        if found["kind"] in {"Deployment", "Job"}
    }


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def manifests(example: Path) -> list[Manifest]:
    return manifests_of(example)
