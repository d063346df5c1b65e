"""Where the helper finds the service, the token and the repository; and that the token goes nowhere else."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import pytest

from rsp_epo_export import EpoExport
from rsp_epo_export.helper.discovery import Secret, find_origin, find_secret
from rsp_epo_export.helper.errors import ConfigurationError, EpoExportError, TokenError
from rsp_epo_export.platform.discovery import Discovery

from .conftest import ALIEN

NOTHING = Discovery({}, lab_file=Path("/nowhere"))
RSP = {"EXTERNAL_INSTANCE_URL": "https://data.lsst.cloud/"}


@pytest.mark.parametrize(
    ("given", "environ", "origin"),
    [
        ("http://127.0.0.1:1", {**RSP, "EPO_EXPORT_URL": "http://127.0.0.1:2"}, "http://127.0.0.1:1"),
        (None, {**RSP, "EPO_EXPORT_URL": "http://127.0.0.1:2"}, "http://127.0.0.1:2"),
        (None, RSP, "https://data.lsst.cloud"),
    ],
)
def test_the_service_is_the_arguments_then_the_environments_then_the_rsps(given, environ, origin):
    assert find_origin(given, environ, NOTHING) == origin


@pytest.mark.parametrize(
    "given",
    ["https://elsewhere.example", "http://data.lsst.cloud", "https://alien:secret@data.lsst.cloud", "data.lsst.cloud"],
)
def test_another_address_is_not_trusted_whoever_gives_it(given):
    with pytest.raises(ConfigurationError) as raised:
        find_origin(given, RSP, NOTHING)
    assert raised.value.type == "service_untrusted"
    assert "Nothing was sent" in str(raised.value) or "nothing was sent" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_without_any_address_it_says_how_to_give_one():
    with pytest.raises(ConfigurationError, match="EPO_EXPORT_URL") as raised:
        find_origin(None, {}, NOTHING)
    assert raised.value.type == "service_not_configured"


def test_the_token_is_the_arguments_then_the_rsps(tmp_path: Path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").write_text("from-the-mounts\n")
    environ = {"NUBLADO_RUNTIME_MOUNTS_DIR": str(tmp_path), "ACCESS_TOKEN": "from-access"}
    assert find_secret(Secret("given"), environ).reveal() == "given"
    assert find_secret(None, environ).reveal() == "from-the-mounts"
    assert find_secret(None, {"ACCESS_TOKEN": "from-access"}).reveal() == "from-access"


@pytest.mark.parametrize("odd", ["", "two words", "line\nbreak", "x" * 5000])
def test_what_cannot_be_a_token_is_neither_sent_nor_shown(odd):
    with pytest.raises(TokenError) as raised:
        find_secret(Secret(odd), {})
    assert raised.value.type == "token_missing"
    assert not odd or odd not in str(raised.value)


def test_the_token_is_read_at_each_request(stand_in, monkeypatch):
    epo = EpoExport(service_url=stand_in.url)
    stand_in.answer = lambda exchange: exchange.reply(200, {"grants": []})
    for token in ("the-first", "the-second"):
        monkeypatch.setenv("ACCESS_TOKEN", token)
        epo.grants()
    assert [received.headers["authorization"] for received in stand_in.received] == [
        "Bearer the-first",
        "Bearer the-second",
    ]


def test_the_token_shows_in_no_repr_and_in_no_error(before_stand_in, stand_in, slept):
    shown = [repr(before_stand_in), before_stand_in._repr_html_(), repr(vars(before_stand_in))]

    def close(exchange):
        exchange.close_connection = True

    for answer in (
        lambda exchange: exchange.reply(401, b""),
        lambda exchange: exchange.reply(302, b"", location="https://elsewhere.example"),
        lambda exchange: exchange.reply(500, b"<html>", content_type="text/html"),
        lambda exchange: exchange.reply(200, {"grants": 1}),
        close,
    ):
        stand_in.answer = answer
        with pytest.raises(EpoExportError) as raised:
            before_stand_in.grants()
        error = raised.value
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__
        # With variables, as IPython's verbose mode shows them.
        summary = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown.append("".join(summary.format()))
    assert all(received.headers["authorization"] == f"Bearer {ALIEN}" for received in stand_in.received)
    assert len(stand_in.received) >= 5
    # This file's own frames hold it, and no other does.
    ours = [text for text in shown if ALIEN in text]
    assert ours == []


def test_a_proxy_of_the_environment_does_not_see_it(before_stand_in, stand_in, monkeypatch):
    stand_in.answer = lambda exchange: exchange.reply(200, {"grants": []})
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert before_stand_in.grants() == []


def index_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **labels: Path) -> None:
    index = tmp_path / "index.yaml"
    index.write_text("".join(f"{label}: {path}\n" for label, path in labels.items()))
    monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(index))


def names(epo: EpoExport) -> set[str]:
    return {row.name for row in epo.collections()}


def test_the_repository_is_the_arguments_then_the_environments_then_the_only_one_of_the_index(
    repository, empty_repository, tmp_path, monkeypatch
):
    index_of(tmp_path, monkeypatch, demo=repository)
    assert "u/alien/zooniverse-1" in names(EpoExport())
    assert "u/alien/zooniverse-1" in names(EpoExport("demo"))
    monkeypatch.setenv("EPO_EXPORT_REPOSITORY", str(empty_repository))
    assert names(EpoExport()) == set()
    assert "u/alien/zooniverse-1" in names(EpoExport(repository))


def test_of_several_repositories_one_must_be_chosen(repository, empty_repository, tmp_path, monkeypatch):
    index_of(tmp_path, monkeypatch, demo=repository, blank=empty_repository)
    with pytest.raises(ConfigurationError, match="'blank', 'demo'") as raised:
        EpoExport().collections()
    assert raised.value.type == "repository_not_chosen"


def test_a_repository_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(EpoExportError, match="nowhere") as raised:
        EpoExport(tmp_path / "nowhere").collections()
    assert raised.value.type == "repository_unavailable"


def test_the_service_knows_a_repository_by_its_label(service, repository, tmp_path, monkeypatch):
    index_of(tmp_path, monkeypatch, demo=repository)
    grant = EpoExport(service_url=service.url, token=ALIEN).grant("u/alien/night/one")
    assert grant["repository"] == "demo"


def test_a_repository_that_epo_does_not_know_is_said_to_be_so(service, empty_repository):
    epo = EpoExport(empty_repository, service_url=service.url, token=ALIEN)
    with pytest.raises(ConfigurationError, match="'demo'") as raised:
        epo.grant("u/alien/x", kind="run")
    assert raised.value.type == "repository_unknown"


SERVED = "https://data.lsst.cloud/api/butler/repo/dp1/butler.yaml"


@pytest.fixture
def discovery_file(tmp_path, monkeypatch):
    """The lab's discovery file, in the place that the environment names."""
    monkeypatch.setenv("NUBLADO_RUNTIME_MOUNTS_DIR", str(tmp_path / "mounts"))
    path = tmp_path / "mounts" / "discovery" / "v1.json"
    path.parent.mkdir(parents=True)
    return path


def document(service: str, **butler_configs: str) -> str:
    return json.dumps(
        {
            "datasets": {label: {"butler_config": url} for label, url in butler_configs.items()},
            "services": {"internal": {"epo-export": {"url": service}}},
        }
    )


def test_a_deployment_is_found_by_the_discovery_file(service, repository, discovery_file, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", ALIEN)
    discovery_file.write_text(document(f"{service.url}/epo-export"))
    assert EpoExport(repository).grant("u/alien/night/one")["repository"] == "demo"


def test_a_service_elsewhere_that_discovery_names_gets_nothing(stand_in, discovery_file, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", ALIEN)
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", stand_in.url)  # the next in the order, were it asked
    discovery_file.write_text(document("https://elsewhere.example/epo-export"))
    with pytest.raises(ConfigurationError, match="discovery") as raised:
        EpoExport().grants()
    assert raised.value.type == "service_untrusted"
    assert stand_in.received == []


def test_what_discovery_passed_over_is_in_the_error_that_comes_of_it(discovery_file):
    discovery_file.write_text("[}")
    with pytest.raises(ConfigurationError, match=r"v1\.json was passed over") as raised:
        EpoExport().grants()
    assert raised.value.type == "service_not_configured"


def test_repositories_say_who_named_them_and_why_epo_does_not_export_from_them(
    service, repository, empty_repository, tmp_path, discovery_file, monkeypatch
):
    monkeypatch.setenv("ACCESS_TOKEN", ALIEN)
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.lsst.cloud")
    index_of(tmp_path, monkeypatch, demo=repository, blank=empty_repository)
    discovery_file.write_text(document(f"{service.url}/epo-export", dp1=SERVED))
    rows = EpoExport().repositories()
    assert [(row.label, row.source, row.read_only, row.exportable) for row in rows] == [
        ("blank", "repository_index", False, False),
        ("demo", "repository_index", False, True),
        ("dp1", "discovery_file", True, False),
    ]
    assert [row.why_not for row in rows] == [
        "EPO's service does not open it. Ask EPO to add it.",
        None,
        "A Butler server serves it, which is read-only and so holds no run of yours.",
    ]
    assert "the lab's discovery file" in repr(rows)


def test_without_the_service_it_is_not_known_whether_epo_exports(repository, tmp_path, monkeypatch):
    index_of(tmp_path, monkeypatch, demo=repository)
    (row,) = EpoExport().repositories()
    assert (row.exportable, row.why_not) == (None, None)


def test_the_only_repository_that_is_not_a_butler_servers_is_the_one(repository, tmp_path, discovery_file, monkeypatch):
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.lsst.cloud")
    index_of(tmp_path, monkeypatch, demo=repository)
    discovery_file.write_text(document("https://data.lsst.cloud/epo-export", dp1=SERVED))
    assert "u/alien/zooniverse-1" in names(EpoExport(service_url="http://127.0.0.1:9"))


def test_a_repository_of_the_environments_list_is_opened_by_its_label(repository, monkeypatch):
    monkeypatch.setenv("EPO_EXPORT_REPOSITORIES", json.dumps({"mine": str(repository)}))
    assert "u/alien/zooniverse-1" in names(EpoExport("mine"))
