"""The rendered manifests against the schemas that Kubernetes and the operators publish."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from .conftest import EXAMPLES, Manifest, manifests_of

# The oldest that the chart takes, and a new one.
KUBERNETES = ("1.30", "1.37")
CRDS = {
    (crd["spec"]["names"]["kind"], f"{crd['spec']['group']}/{version['name']}"): version["schema"]["openAPIV3Schema"]
    for path in sorted((Path(__file__).parent / "crds").glob("*.yaml"))
    for crd in yaml.safe_load_all(path.read_text())
    for version in crd["spec"]["versions"]
}
# Their schemas are long. The rules are checked by promtool (`make chart`); the monitor has three fields.
NOT_HERE = {"PodMonitor", "PrometheusRule"}
ALL = [
    pytest.param(manifest, id=f"{example.stem}-{manifest['kind']}-{manifest['metadata']['name']}")
    for example in EXAMPLES
    for manifest in manifests_of(example)
    if manifest["kind"] not in NOT_HERE
]


def _closed(schema: Any) -> Any:
    """Refuse what the schema does not name: Kubernetes would drop it without a word."""
    if isinstance(schema, list):
        return [_closed(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if closed.get("type") == "object" and isinstance(closed.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


def _check(manifest: Manifest) -> None:
    custom = CRDS.get((manifest["kind"], manifest["apiVersion"]))
    if custom is None:
        for version in KUBERNETES:
            kubernetes_validate.validate(manifest, version, strict=True)
        return
    schema = copy.deepcopy(custom)
    # Every resource has these, and the schema of a custom one need not say so.
    schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {}}
    jsonschema.validate(manifest, _closed(schema))


@pytest.mark.parametrize("manifest", ALL)
def test_it_is_what_its_schema_asks_for(manifest: Manifest) -> None:
    _check(manifest)


def _of(kind: str) -> Manifest:
    return next(
        copy.deepcopy(found) for example in EXAMPLES for found in manifests_of(example) if found["kind"] == kind
    )


@pytest.mark.parametrize("kind", ["GafaelfawrIngress", "GafaelfawrServiceToken", "VaultSecret", "Deployment"])
def test_a_field_that_the_schema_does_not_know_is_found(kind: str) -> None:
    manifest = _of(kind)
    manifest["config" if "config" in manifest else "spec"]["allowCokies"] = False
    with pytest.raises((jsonschema.ValidationError, kubernetes_validate.ValidationError), match="allowCokies"):
        _check(manifest)


def test_an_ingress_with_two_kinds_of_scopes_is_found() -> None:
    manifest = _of("GafaelfawrIngress")
    manifest["config"]["scopes"] = {"all": ["read:image"], "anonymous": True}
    with pytest.raises(jsonschema.ValidationError, match="is valid under each of"):
        _check(manifest)
