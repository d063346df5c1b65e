"""The rendered chart: what Kubernetes would be asked to run, without Helm."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import yaml

from .conftest import DEPLOY, ROOT, Manifest, of_kind, pods, render

# Of the pods of the RSP's ingress, in Phalanx.
INGRESS = {"gafaelfawr.lsst.io/ingress": "true"}


def _selects(selector: Manifest, labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        rule["operator"] == "In" and labels.get(rule["key"]) in rule["values"]
        for rule in selector.get("matchExpressions", [])
    )


def test_every_value_is_documented() -> None:
    undocumented, covered = [], -1
    lines = (DEPLOY / "chart/values.yaml").read_text().splitlines()
    for number, line in enumerate(lines):
        match = re.match(r"( *)(\w+):( .+)?$", line)
        if not match:
            continue
        indent = len(match[1])
        if indent <= covered:
            covered = -1
        comment = []
        for above in reversed(lines[:number]):
            if not above.strip().startswith("#"):
                break
            comment.append(above.strip())
        if any(text.startswith("# -- ") for text in comment):
            # What is documented covers what it holds.
            covered = indent
        elif match[3] and covered < 0:
            undocumented.append(line.strip())
    assert undocumented == []


def test_it_was_rendered_from_the_chart_as_it_is(example: Path) -> None:
    with render.rendered_path(example).open() as file:
        assert file.readline() == render.header(example), "run `make chart WRITE=1`"


def test_every_container_is_locked_up(manifests: list[Manifest]) -> None:
    for template in pods(manifests).values():
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 1000
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]["limits"]) == {"cpu", "memory"}
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert not container["image"].endswith((":latest", ":"))


def test_what_runs_for_long_has_probes_on_a_port_that_no_service_names(manifests: list[Manifest]) -> None:
    targets = {
        port["targetPort"] for found in of_kind(manifests, "Service").values() for port in found["spec"]["ports"]
    }
    assert targets == {"http", "public"}
    for name in ("epo-export-api", "epo-export-worker"):
        (container,) = pods(manifests)[name]["spec"]["containers"]
        assert container["livenessProbe"]["httpGet"] == {"path": "/health/live", "port": "internal"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": "internal"}
        assert "internal" in {port["name"] for port in container["ports"]}


def test_every_pod_is_covered_by_a_policy_for_both_directions(manifests: list[Manifest]) -> None:
    policies = [found["spec"] for found in of_kind(manifests, "NetworkPolicy").values()]
    for template in pods(manifests).values():
        labels = template["metadata"]["labels"]
        covering = [policy for policy in policies if _selects(policy["podSelector"], labels)]
        assert {kind for policy in covering for kind in policy["policyTypes"]} == {"Ingress", "Egress"}


def test_only_the_ingress_reaches_the_api_and_nobody_the_worker_but_prometheus(manifests: list[Manifest]) -> None:
    nginx = {"namespaceSelector": {}, "podSelector": {"matchLabels": INGRESS}}
    policies = [found["spec"] for found in of_kind(manifests, "NetworkPolicy").values()]
    for name, template in pods(manifests).items():
        reached: dict[int, list[Manifest]] = {}
        for policy in policies:
            if _selects(policy["podSelector"], template["metadata"]["labels"]):
                for rule in policy.get("ingress", []):
                    for port in rule["ports"]:
                        reached.setdefault(port["port"], []).extend(rule["from"])
        if name == "epo-export-migrate":
            assert reached == {}
            continue
        prometheus = reached.pop(8082)
        assert all("matchLabels" in source["namespaceSelector"] for source in prometheus)
        assert reached == ({8080: [nginx], 8081: [nginx]} if name == "epo-export-api" else {})


def test_what_runs_may_call_names_database_and_https_and_the_migration_no_https(manifests: list[Manifest]) -> None:
    policies = [found["spec"] for found in of_kind(manifests, "NetworkPolicy").values()]
    for name, template in pods(manifests).items():
        rules = [
            rule
            for policy in policies
            if _selects(policy["podSelector"], template["metadata"]["labels"])
            for rule in policy.get("egress", [])
        ]
        assert all(rule["to"] for rule in rules)
        called = {port["port"] for rule in rules for port in rule["ports"]}
        assert called == ({53, 5432} if name == "epo-export-migrate" else {53, 5432, 443})
        # Gafaelfawr and Semaphore are behind the ingress, by whatever a cluster knows it.
        https = [peer for rule in rules if rule["ports"] == [{"protocol": "TCP", "port": 443}] for peer in rule["to"]]
        assert ({"namespaceSelector": {}, "podSelector": {"matchLabels": INGRESS}} in https) is (443 in called)


def test_services_and_budgets_find_their_pods_and_no_others(manifests: list[Manifest]) -> None:
    labels_of = {name: template["metadata"]["labels"] for name, template in pods(manifests).items()}
    selectors = [{"matchLabels": found["spec"]["selector"]} for found in of_kind(manifests, "Service").values()]
    selectors += [found["spec"]["selector"] for found in of_kind(manifests, "PodDisruptionBudget").values()]
    for selector in selectors:
        assert [name for name, labels in labels_of.items() if _selects(selector, labels)] == ["epo-export-api"]


def test_the_ingresses_keep_users_and_public_apart(manifests: list[Manifest]) -> None:
    ingresses = of_kind(manifests, "GafaelfawrIngress")
    users, public = ingresses["epo-export"], ingresses["epo-export-public"]
    assert users["config"]["allowCookies"] is False
    assert users["config"]["delegate"]["internal"]["service"] == users["config"]["service"]
    assert users["config"]["scopes"]["all"]
    assert public["config"] == {"scopes": {"anonymous": True}}
    (users_rule,) = users["template"]["spec"]["rules"]
    (public_rule,) = public["template"]["spec"]["rules"]
    assert users_rule["host"] != public_rule["host"]
    assert {path["path"] for path in users_rule["http"]["paths"]} == {"/epo-export/v1", "/epo-export/openapi.json"}
    services = of_kind(manifests, "Service")
    for found in ingresses.values():
        for rule in found["template"]["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                ports = [port["port"] for port in services[backend["name"]]["spec"]["ports"]]
                assert ports == [backend["port"]["number"]]


def test_what_is_public_stays_up_while_the_api_is_not_ready(manifests: list[Manifest]) -> None:
    services = of_kind(manifests, "Service")
    assert services["epo-export-public"]["spec"]["publishNotReadyAddresses"] is True
    assert "publishNotReadyAddresses" not in services["epo-export"]["spec"]


def test_a_worker_has_time_to_give_back_its_chunks(manifests: list[Manifest]) -> None:
    settings = json.loads(of_kind(manifests, "ConfigMap")["epo-export"]["data"]["config.json"])
    spec = of_kind(manifests, "Deployment")["epo-export-worker"]["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] >= settings["stop_seconds"] + 15


def test_no_password_stands_in_a_manifest_and_only_the_migration_has_the_owners(manifests: list[Manifest]) -> None:
    for name, template in pods(manifests).items():
        (container,) = template["spec"]["containers"]
        environment = {variable["name"]: variable for variable in container["env"]}
        key = environment["PGPASSWORD"]["valueFrom"]["secretKeyRef"]["key"]
        is_migration = name == "epo-export-migrate"
        assert key == ("database-owner-password" if is_migration else "database-password")
        assert ("DATABASE_OWNER_URL" in environment) is is_migration
    assert not re.search(r"postgresql://[^@\s\"]*:", json.dumps(manifests))


def test_only_the_worker_gets_the_token_by_which_pis_are_told_and_it_may_do_nothing_else(
    manifests: list[Manifest],
) -> None:
    settings = json.loads(of_kind(manifests, "ConfigMap")["epo-export"]["data"]["config.json"])
    tokens = of_kind(manifests, "GafaelfawrServiceToken")
    if "semaphore" not in settings:
        assert tokens == {}
        return
    ((secret, token),) = tokens.items()
    assert token["spec"] == {"service": settings["semaphore"]["bot"], "scopes": ["write:notifications"]}
    having = {}
    for name, template in pods(manifests).items():
        (container,) = template["spec"]["containers"]
        for volume in template["spec"]["volumes"]:
            if volume.get("secret", {}).get("secretName") == secret:
                (mount,) = (found for found in container["volumeMounts"] if found["name"] == volume["name"])
                # Without subPath: only a whole folder sees that a secret was renewed.
                assert "subPath" not in mount
                having[name] = [f"{mount['mountPath']}/{item['path']}" for item in volume["secret"]["items"]]
    assert having == {"epo-export-worker": [settings["semaphore"]["token_file"]]}


def test_the_migration_finds_what_it_needs_before_the_release_is_there(manifests: list[Manifest]) -> None:
    hooks = {
        (found["kind"], found["metadata"]["name"]): int(found["metadata"]["annotations"]["helm.sh/hook-weight"])
        for found in manifests
        if "helm.sh/hook" in found["metadata"].get("annotations", {})
    }
    if "epo-export-migrate" in of_kind(manifests, "Job"):
        job = hooks.pop(("Job", "epo-export-migrate"))
        assert set(hooks) == {("ConfigMap", "epo-export"), ("ServiceAccount", "epo-export")}
        assert all(weight < job for weight in hooks.values())
    else:
        assert hooks == {}


def test_a_volume_of_one_node_is_not_shared_by_several(manifests: list[Manifest]) -> None:
    claims = of_kind(manifests, "PersistentVolumeClaim")
    if any(claim["spec"]["accessModes"] == ["ReadWriteOnce"] for claim in claims.values()):
        deployments = of_kind(manifests, "Deployment")
        assert [found["spec"]["replicas"] for found in deployments.values()] == [1, 1]
        affinity = deployments["epo-export-worker"]["spec"]["template"]["spec"]["affinity"]["podAffinity"]
        (rule,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
        assert rule["topologyKey"] == "kubernetes.io/hostname"


def test_the_service_takes_its_settings(manifests: list[Manifest], tmp_path: Path) -> None:
    settings = json.loads(of_kind(manifests, "ConfigMap")["epo-export"]["data"]["config.json"])
    (mount,) = (
        found["mountPath"]
        for found in pods(manifests)["epo-export-api"]["spec"]["containers"][0]["volumeMounts"]
        if found["name"] == "config"
    )
    assert mount == "/etc/epo-export"
    # The repositories are the one thing that is not here.
    for repository in settings["repositories"]:
        butler = tmp_path / repository["label"]
        butler.mkdir()
        (butler / "butler.yaml").touch(mode=0o600)
        repository["uri"] = str(butler)
    code = "import { checkSettings } from './service/src/config.ts'; checkSettings(JSON.parse(process.argv[1]));"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code, json.dumps(settings)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "EPO_EXPORT_CONFIG": ""},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_alert_is_in_the_runbook_and_asks_for_a_figure_that_the_service_gives() -> None:
    alerts = [
        rule
        for found in yaml.safe_load_all((DEPLOY / "rendered" / "full.yaml").read_text())
        if found and found["kind"] == "PrometheusRule"
        for group in found["spec"]["groups"]
        for rule in group["rules"]
    ]
    runbook = (ROOT / "docs/manual/runbook.md").read_text()
    given = "\n".join(path.read_text() for path in (ROOT / "service/src/metrics").glob("*.ts"))
    assert len(alerts) == len(re.findall(r"^\| `EpoExport\w+` \|", runbook, re.MULTILINE))
    for alert in alerts:
        assert f"| `{alert['alert']}` |" in runbook
        (name,) = set(re.findall(r"epo_export_\w+", alert["expr"]))
        assert f"'{re.sub('_count$', '', name)}'" in given
