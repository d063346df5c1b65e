"""The alerts, by promtool: `make chart` builds it, and runs this. Each fires where it should, and only there."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from .conftest import DEPLOY, Manifest, manifests_of

PROMTOOL = os.environ["PROMTOOL"]
GROUPS = [
    group
    for manifest in manifests_of(DEPLOY / "examples/full.yaml")
    if manifest["kind"] == "PrometheusRule"
    for group in manifest["spec"]["groups"]
]
RULES = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}


@dataclass(frozen=True)
class Case:
    """An alert: series, in promtool's notation, a value a minute, and when it is looked at."""

    alert: str
    at: str
    fires: dict[str, str]
    quiet: dict[str, str]
    labels: dict[str, str] | None = None


_FIVE = "epo_export_http_request_duration_seconds_count"
CASES = [
    Case("EpoExportAway", "11m", {"up": "0x20"}, {"epo_export_ledger_up": "0x20"}),
    Case(
        "EpoExportDatabaseAway",
        "6m",
        {'epo_export_ledger_up{pod="a"}': "0x20", 'epo_export_ledger_up{pod="b"}': "0x20"},
        {'epo_export_ledger_up{pod="a"}': "0x20", 'epo_export_ledger_up{pod="b"}': "1x20"},
    ),
    Case(
        "EpoExportQueueStands",
        "6m",
        {'epo_export_queue_oldest_seconds{queue="collect"}': "901+60x20"},
        {'epo_export_queue_oldest_seconds{queue="collect"}': "900x20"},
    ),
    Case(
        "EpoExportStands",
        "6m",
        {'epo_export_exports_oldest_seconds{state="PUBLISHING"}': "1801+60x20"},
        {
            'epo_export_exports_oldest_seconds{state="PUBLISHING"}': "1800x20",
            # Nobody moves these but people.
            'epo_export_exports_oldest_seconds{state="HELD"}': "90000x20",
            'epo_export_exports_oldest_seconds{state="PUBLISHED"}': "90000x20",
        },
    ),
    Case(
        "EpoExportHeldLong",
        "1m",
        {'epo_export_exports_oldest_seconds{state="HELD"}': "259201x5"},
        {'epo_export_exports_oldest_seconds{state="HELD"}': "259200x5"},
    ),
    Case(
        "EpoExportJobsFail",
        "16m",
        {'epo_export_job_duration_seconds_count{outcome="failed"}': "0+1x20"},
        {
            'epo_export_job_duration_seconds_count{outcome="failed"}': "0+0.5x20",
            'epo_export_job_duration_seconds_count{outcome="done"}': "0+100x20",
        },
    ),
    Case(
        "EpoExportBridgeDies",
        "16m",
        {
            'epo_export_bridge_restarts_total{repository="main",pod="a"}': "0+1x20",
            'epo_export_bridge_restarts_total{repository="other",pod="a"}': "0x20",
        },
        {'epo_export_bridge_restarts_total{repository="main",pod="a"}': "0x10 3x10"},
        {"repository": "main"},
    ),
    Case(
        "EpoExportChecksDie",
        "61m",
        {"epo_export_pool_deaths_total": "0+1x70"},
        {"epo_export_pool_deaths_total": "7x70"},
    ),
    Case(
        "EpoExportErrors",
        "11m",
        {f'{_FIVE}{{status="500"}}': "0+1x20"},
        {f'{_FIVE}{{status="404"}}': "0+10x20", f'{_FIVE}{{status="503"}}': "0x5 2x15"},
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("alerts")
    (made / "rules.yaml").write_text(yaml.safe_dump({"groups": GROUPS}))
    return made


def _promtool(*arguments: str | Path) -> None:
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_well_formed(folder: Path) -> None:
    _promtool("check", "rules", "--lint=all", "--lint-fatal", folder / "rules.yaml")


def test_every_alert_has_its_case() -> None:
    assert [case.alert for case in CASES] == list(RULES)


def _check(folder: Path, case: Case, series: dict[str, str], alerts: list[Manifest]) -> None:
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"alertname": case.alert, "eval_time": case.at, "exp_alerts": alerts}],
    }
    path = folder / f"{case.alert}.yaml"
    path.write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}))
    _promtool("test", "rules", path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_it_fires(folder: Path, case: Case) -> None:
    rule = RULES[case.alert]
    labels = rule["labels"] | (case.labels or {})
    _check(folder, case, case.fires, [{"exp_labels": labels, "exp_annotations": rule["annotations"]}])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_it_stays_quiet(folder: Path, case: Case) -> None:
    _check(folder, case, case.quiet, [])


@pytest.mark.parametrize("case", [case for case in CASES if "for" in RULES[case.alert]], ids=lambda case: case.alert)
def test_it_waits_before_it_fires(folder: Path, case: Case) -> None:
    _check(folder, Case(case.alert, "1m", case.fires, case.quiet), case.fires, [])
