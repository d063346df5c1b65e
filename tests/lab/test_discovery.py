"""Where the platform says that things are, and that nobody is led astray by it.

Repertoire is a stand-in that answers in the form of its own documentation (lsst-sqre/repertoire:
docs/user-guide/server-api.rst); the files are of the form that Nublado's controller writes (docs/user-guide/nublado.rst
there).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from rsp_epo_export.platform.discovery import Discovery
from rsp_epo_export.platform.places import (
    ServiceNotNamedError,
    UntrustedServiceError,
    find_repositories,
    find_service,
)

from .conftest import STACK_PYTHON, TOKEN, error_of
from .stand_in_service import StandInService

RSP = {"EXTERNAL_INSTANCE_URL": "https://data.example.org"}
DP1 = "https://data.example.org/api/butler/repo/dp1/butler.yaml"
HERE = {
    "datasets": {
        "dp03": {"services": {"tap": {"url": "https://data.example.org/api/ssotap"}}},
        "dp1": {"butler_config": DP1, "services": {"sia": {"url": "https://data.example.org/api/sia/dp1"}}},
    },
    "services": {
        "internal": {
            "epo-export": {
                "url": "https://data.example.org/epo-export",
                "versions": {"v1": {"url": "https://data.example.org/epo-export/v1"}},
            },
            "gafaelfawr": {"url": "https://data.example.org/auth/api"},
        }
    },
}


def named(url: object, kind: str = "internal") -> dict[str, object]:
    return {"services": {kind: {"epo-export": {"url": url}}}}


@pytest.fixture
def repertoire():
    with StandInService() as running:
        running.answer = lambda exchange: exchange.reply(200, {"applications": ["epo-export"], **HERE})
        yield running


class Clock:
    """A clock that stands until it is set."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lab_file(tmp_path):
    return tmp_path / "etc" / "v1.json"


@pytest.fixture
def discovery_of(lab_file, clock):
    """Make a discovery that looks at nothing of this machine."""

    def make(environ: Mapping[str, str]) -> Discovery:
        return Discovery(environ, lab_file=lab_file, now=clock)

    return make


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def problem_types(found) -> list[str]:
    return [problem.type for problem in found.problems]


def test_the_service_is_named_by_the_first_that_names_it(discovery_of, lab_file, tmp_path, repertoire):
    environ = {
        **RSP,
        "EPO_EXPORT_URL": "http://127.0.0.1:2",
        "NUBLADO_RUNTIME_MOUNTS_DIR": str(tmp_path / "mounts"),
        "REPERTOIRE_BASE_URL": f"{repertoire.url}/repertoire",
    }
    mounted = tmp_path / "mounts" / "discovery" / "v1.json"
    write(lab_file, named("http://127.0.0.1:3/epo-export"))
    write(mounted, named("http://127.0.0.1:4/epo-export/"))
    repertoire.answer = lambda exchange: exchange.reply(200, named("http://127.0.0.1:5/epo-export/v1"))

    def found(setting: str = "") -> tuple[str, str]:
        place = find_service(setting, environ, discovery_of(environ))
        return place.origin, place.source

    assert found("http://127.0.0.1:1") == ("http://127.0.0.1:1", "setting")
    assert found() == ("http://127.0.0.1:2", "environment")
    del environ["EPO_EXPORT_URL"]
    assert found() == ("http://127.0.0.1:3", "discovery_file")
    lab_file.unlink()
    assert found() == ("http://127.0.0.1:4", "discovery_file")
    assert repertoire.received == []
    mounted.unlink()
    assert found() == ("http://127.0.0.1:5", "repertoire")
    del environ["REPERTOIRE_BASE_URL"]
    assert found() == ("https://data.example.org", "instance")
    del environ["EXTERNAL_INSTANCE_URL"]
    with pytest.raises(ServiceNotNamedError):
        found()


def test_a_service_that_is_only_a_user_interface_is_found(discovery_of, lab_file):
    write(lab_file, named("https://data.example.org/epo-export", "ui"))
    assert find_service("", RSP, discovery_of(RSP)).source == "discovery_file"


def test_discovery_that_does_not_know_the_service_leaves_it_to_this_rsp(discovery_of, lab_file):
    write(
        lab_file, {"datasets": {}, "services": {"internal": {"gafaelfawr": {"url": "https://data.example.org/auth"}}}}
    )
    assert find_service("", RSP, discovery_of(RSP)).source == "instance"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://elsewhere.example/epo-export", "another_host"),
        ("http://data.example.org/epo-export", "not_https"),
        ("https://data.example.org.elsewhere.example/epo-export", "another_host"),
        ("https://data.example.org@elsewhere.example/epo-export", "not_an_origin"),
        ("https://alien:secret@data.example.org/epo-export", "not_an_origin"),
        ("https://data.example.org/epo-export/../auth", "not_an_origin"),
        ("https://data.example.org/another", "not_an_origin"),
        ("https://data.example.org/epo-export?to=elsewhere", "not_an_origin"),
        ("https://data.example.org\\@elsewhere.example/epo-export", "not_an_origin"),
        ("file:///epo-export", "not_an_origin"),
    ],
)
def test_an_address_that_the_token_may_not_go_to_is_refused_and_nobody_else_is_asked(discovery_of, lab_file, url, why):
    write(lab_file, named(url))
    with pytest.raises(UntrustedServiceError) as raised:
        find_service("", RSP, discovery_of(RSP))
    assert (raised.value.why, raised.value.source) == (why, "discovery_file")
    assert "secret" not in f"{raised.value} {raised.value.origin}"


MALFORMED = [
    b"",
    b"[}",
    b"\xff\xfe",
    b"[" * 100_000,
    [],
    {"datasets": []},
    {"datasets": {"dp1": "https://data.example.org"}},
    {"datasets": {"dp1": {"butler_config": 7}}},
    {"services": {"internal": {"epo-export": "https://data.example.org"}}},
    {"services": {"internal": {"epo-export": {"url": ["https://data.example.org"]}}}},
    b'{"padding": "' + b"x" * 1_100_000 + b'"}',
]


@pytest.mark.parametrize("content", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_file_is_passed_over_and_named(discovery_of, lab_file, content):
    write(lab_file, content)
    found = discovery_of(RSP).read()
    assert (found.source, problem_types(found)) == (None, ["discovery_malformed"])
    assert str(lab_file) in found.problems[0].msg
    assert find_service("", RSP, discovery_of(RSP)).source == "instance"


def test_a_file_that_may_not_be_read_is_passed_over(discovery_of, lab_file, monkeypatch):
    write(lab_file, HERE)

    def refuse(self: Path, mode: str) -> None:  # root may read anything, so the file system cannot be made to
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    found = discovery_of(RSP).read()
    assert problem_types(found) == ["discovery_malformed"]
    assert "Permission denied" in found.problems[0].msg


def test_what_is_new_in_the_format_is_left_alone(discovery_of, lab_file):
    write(lab_file, {**HERE, "version": [2], "services": {**HERE["services"], "external": 7}})
    found = discovery_of(RSP).read()
    assert (found.document.repositories, found.problems) == ({"dp1": DP1}, ())


def test_repertoire_is_asked_once_in_five_minutes_and_gets_no_token(discovery_of, repertoire, clock):
    environ = {"REPERTOIRE_BASE_URL": f"{repertoire.url}/repertoire/", "ACCESS_TOKEN": TOKEN, **RSP}
    discovery = discovery_of(environ)
    assert discovery.read() == discovery.read()
    (received,) = repertoire.received
    assert (received.method, received.target) == ("GET", "/repertoire/discovery")
    assert "authorization" not in received.headers
    assert TOKEN not in str(received.headers)
    clock.seconds = 299.0
    discovery.read()
    assert len(repertoire.received) == 1
    clock.seconds = 300.0
    discovery.read()
    assert len(repertoire.received) == 2


def test_repertoire_that_fails_later_leaves_what_it_said_before(discovery_of, repertoire, clock):
    discovery = discovery_of({"REPERTOIRE_BASE_URL": f"{repertoire.url}/repertoire", **RSP})
    before = discovery.read().document
    repertoire.answer = lambda exchange: exchange.reply(503, b"")
    clock.seconds = 300.0
    found = discovery.read()
    assert (found.document, problem_types(found)) == (before, ["repertoire_unreachable"])
    assert discovery.read() == found
    assert len(repertoire.received) == 2  # a failure stands for a while too
    clock.seconds = 330.0
    repertoire.answer = lambda exchange: exchange.reply(200, HERE)
    assert discovery.read().problems == ()


def close(exchange):
    exchange.close_connection = True


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (close, "repertoire_unreachable"),
        (lambda exchange: exchange.reply(404, b"<html>"), "repertoire_unreachable"),
        (lambda exchange: exchange.reply(200, b"<html>login</html>"), "discovery_malformed"),
        (lambda exchange: exchange.reply(200, b" " * 1_100_000), "repertoire_unreachable"),
        (lambda exchange: exchange.reply(200, {"datasets": 7}), "discovery_malformed"),
    ],
)
def test_repertoire_that_gives_no_document_is_passed_over(discovery_of, repertoire, answer, problem):
    repertoire.answer = answer
    environ = {"REPERTOIRE_BASE_URL": repertoire.url, **RSP}
    found = discovery_of(environ).read()
    assert (found.source, problem_types(found)) == (None, [problem])
    assert find_service("", environ, discovery_of(environ)).source == "instance"


def test_a_redirect_of_repertoire_is_not_followed(discovery_of, repertoire):
    with StandInService() as elsewhere:
        elsewhere.answer = lambda exchange: exchange.reply(200, HERE)
        repertoire.answer = lambda exchange: exchange.reply(302, b"", location=f"{elsewhere.url}/discovery")
        found = discovery_of({"REPERTOIRE_BASE_URL": repertoire.url}).read()
        assert problem_types(found) == ["repertoire_unreachable"]
        assert elsewhere.received == []


def test_a_proxy_of_the_environment_is_not_asked_for_repertoire(discovery_of, repertoire, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert discovery_of({"REPERTOIRE_BASE_URL": repertoire.url}).read().source == "repertoire"


@pytest.mark.parametrize(
    "base",
    ["https://elsewhere.example/repertoire", "http://data.example.org/repertoire", "https://data.example.org/a?b"],
)
def test_a_repertoire_that_is_not_this_rsps_is_not_asked(lab_file, base):
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return b"{}"

    found = Discovery({**RSP, "REPERTOIRE_BASE_URL": base}, lab_file=lab_file, fetch=fetch).read()
    assert (asked, problem_types(found)) == ([], ["discovery_untrusted"])


def test_this_rsps_repertoire_is_asked_by_https(lab_file):
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return b"{}"

    base = "https://data.example.org/repertoire"
    Discovery({**RSP, "REPERTOIRE_BASE_URL": base}, lab_file=lab_file, fetch=fetch).read()
    assert asked == [base]


def test_of_one_label_the_first_place_counts(discovery_of, lab_file):
    environ = {**RSP, "EPO_EXPORT_REPOSITORIES": '{"a": "/environment/a", "b": "/environment/b"}'}
    write(lab_file, {"datasets": {label: {"butler_config": DP1} for label in "abc"}})
    index = {label: f"/index/{label}" for label in "abcd"}
    found = find_repositories({"a": "/setting/a"}, environ, discovery_of(environ), index)
    assert [(place.label, place.uri, place.source, place.read_only) for place in found.places.values()] == [
        ("a", "/setting/a", "setting", False),
        ("b", "/environment/b", "environment", False),
        ("c", DP1, "discovery_file", True),
        ("d", "/index/d", "repository_index", False),
    ]


@pytest.mark.parametrize(
    "uri",
    ["https://elsewhere.example/dp1/butler.yaml", "http://data.example.org/dp1/butler.yaml", "/etc/butler.yaml"],
)
def test_a_butler_server_elsewhere_is_not_listed_since_the_butler_would_send_it_the_token(discovery_of, lab_file, uri):
    write(lab_file, {"datasets": {"dp1": {"butler_config": uri}}})
    found = find_repositories({}, RSP, discovery_of(RSP), {})
    assert (dict(found.places), problem_types(found)) == ({}, ["discovery_untrusted"])


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"a": 7}', "[" * 100_000])
def test_a_malformed_list_of_repositories_in_the_environment_is_passed_over(discovery_of, text):
    environ = {"EPO_EXPORT_REPOSITORIES": text}
    found = find_repositories({}, environ, discovery_of(environ), {"demo": "/demo"})
    assert (list(found.places), problem_types(found)) == (["demo"], ["discovery_malformed"])


class TestRoutes:
    """The same by the lab's routes, with the stack's Butler."""

    @pytest.fixture
    def extension_config(self, tmp_path):
        (tmp_path / "token").write_text(TOKEN)
        return {"butler_command": [STACK_PYTHON], "token_file": str(tmp_path / "token")}

    @pytest.fixture
    def mounted(self, tmp_path, monkeypatch):
        monkeypatch.setenv("NUBLADO_RUNTIME_MOUNTS_DIR", str(tmp_path / "mounts"))
        return tmp_path / "mounts" / "discovery" / "v1.json"

    async def test_repositories_say_who_named_them(self, get, mounted, tmp_path, monkeypatch):
        monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.example.org")
        write(mounted, HERE)
        write(tmp_path / "index.json", {"demo": "/somewhere/demo"})
        monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(tmp_path / "index.json"))
        assert json.loads((await get("butler/repositories")).body) == {
            "repositories": [
                {"label": "demo", "uri": "/somewhere/demo", "source": "repository_index", "read_only": False},
                {"label": "dp1", "uri": DP1, "source": "discovery_file", "read_only": True},
            ],
            "problems": [],
        }

    async def test_an_index_that_cannot_be_read_hides_nothing_else(self, get, mounted, tmp_path, monkeypatch):
        monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.example.org")
        monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(tmp_path / "nowhere.yaml"))
        assert error_of(await get("butler/repositories")) == (503, "repository_unavailable")
        write(mounted, HERE)
        body = json.loads((await get("butler/repositories")).body)
        assert [one["label"] for one in body["repositories"]] == ["dp1"]
        assert [problem["type"] for problem in body["problems"]] == ["repository_index_unreadable"]

    async def test_a_malformed_file_is_a_problem_and_no_error(self, get, mounted):
        write(mounted, b"[}")
        body = json.loads((await get("butler/repositories")).body)
        assert ([problem["type"] for problem in body["problems"]], body["repositories"]) == (
            ["discovery_malformed"],
            [],
        )
        status = json.loads((await get("status")).body)
        assert status["service"]["error"]["type"] == "service_not_configured"
        assert str(mounted) in status["service"]["error"]["msg"]

    async def test_the_service_of_the_discovery_file_is_asked_with_the_token(self, get, mounted, service):
        write(mounted, named(f"{service.url}/epo-export"))
        assert (await get("service/me")).code == 200
        (received,) = service.received
        assert (received.target, received.headers["authorization"]) == ("/epo-export/v1/me", f"Bearer {TOKEN}")
        assert json.loads((await get("status")).body)["service"] == {
            "ok": True,
            "url": service.url,
            "source": "discovery_file",
            "error": None,
        }

    async def test_the_token_goes_to_no_other_host_that_discovery_names(self, get, mounted, monkeypatch, service):
        monkeypatch.setenv("EXTERNAL_INSTANCE_URL", service.url)  # the next in the order, were it asked
        write(mounted, named("https://elsewhere.example/epo-export"))
        answer = await get("service/me")
        assert error_of(answer) == (503, "service_untrusted")
        assert "discovery" in json.loads(answer.body)["detail"][0]["msg"]
        assert service.received == []

    async def test_the_token_goes_over_no_redirect_of_a_discovered_service(self, get, mounted, service):
        with StandInService() as elsewhere:
            service.answer = lambda exchange: exchange.reply(307, b"", location=f"{elsewhere.url}/epo-export/v1/me")
            write(mounted, named(f"{service.url}/epo-export"))
            assert error_of(await get("service/me")) == (502, "service_error")
            assert elsewhere.received == []
