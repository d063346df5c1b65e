"""A public repository of the RSP, which a Butler server serves: looked at like any other, and never written.

The client is the real `RemoteButler`, the server daf_butler's own over HTTP; what around it stands in,
`butler_server.py` says. What the direct Butler says of the same repository is what must come out.
"""

from __future__ import annotations

import contextlib
import gc
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import pytest
from lsst.daf.butler import Butler

from rsp_epo_export import butler_reads
from rsp_epo_export.helper.errors import ButlerError
from rsp_epo_export.helper.local_repository import LocalRepository
from rsp_epo_export.platform.discovery import Discovery
from rsp_epo_export.reads.served import download

from .bridge_child import Bridge
from .conftest import HOSTILE_NAMES, cutout, path_of, place, put

# The Butler's client leaves its connections to be collected.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

TOKEN = "gt-ofTheServedRepository.SeCrEtSeCrEt"
SERVER = Path(__file__).with_name("butler_server.py")
RUN = "u/alien/zooniverse-1"
_PATIENCE = 60.0


@contextlib.contextmanager
def served_as(repository: Path, log: Path) -> Iterator[str]:
    """Serve a repository; give the URL of its configuration."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api/butler/repo/public/butler.yaml"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, str(SERVER), str(repository), str(port), TOKEN], stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_it_answers(process, url, log)
        yield url
    finally:
        process.kill()
        process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    parts = urlsplit(url)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection(parts.netloc, timeout=5)
            connection.request("GET", parts.path)
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The Butler server does not answer:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="module")
def url(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_as(repository, tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.fixture(autouse=True, scope="module")
def token() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # The Butler's client sends ACCESS_TOKEN to hosts of the RSP alone, and this one to any.
        patch.setenv("BUTLER_RUBIN_ACCESS_TOKEN", TOKEN)
        yield
    gc.collect()  # while the mark above still holds


@pytest.fixture(scope="module")
def served(url: str, token: None) -> Butler:
    return Butler.from_config(url)


def test_a_butler_server_is_told_from_a_repository_on_disk(served, butler):
    assert (butler_reads.is_served(served), butler_reads.is_served(butler)) == (True, False)


def test_its_collections_are_those_of_the_repository(served, butler):
    prefixes = ["u/alien/zoo", "u/alien/deep", "u/alien/batch-1"]
    assert list(butler_reads.list_collections(served, prefixes)) == list(
        butler_reads.list_collections(butler, prefixes)
    )


@pytest.mark.parametrize(
    ("collection", "kind"), [(RUN, "run"), ("u/alien/deep", "chain"), ("u/alien/batch-1", "prefix")]
)
def test_a_pick_covers_the_same_runs(served, butler, collection, kind):
    assert list(butler_reads.resolve(served, collection, kind)) == list(butler_reads.resolve(butler, collection, kind))


def test_its_pages_are_the_same(served, butler):
    for one in (served, butler):
        first = butler_reads.datasets(one, "u/alien/flipbook-1", "zooniverse_frame", 4)
        assert first.next is not None
    after = first.next
    pages = [butler_reads.datasets(one, "u/alien/flipbook-1", "zooniverse_frame", 7, after) for one in (served, butler)]
    assert pages[0] == pages[1]
    assert len(pages[0].datasets) == 7


@pytest.mark.parametrize("name", [name for name in HOSTILE_NAMES if not set(name) & set("*?[]\\")])
def test_a_hostile_name_is_a_name_and_nothing_else(served, butler, name):
    answers = []
    for one in (served, butler):
        try:
            answers.append(butler_reads.datasets(one, name, "zooniverse_cutout"))
        except butler_reads.CollectionNotFoundError as error:
            answers.append(str(error))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("name", [name for name in HOSTILE_NAMES if set(name) & set("*?[]\\")])
def test_a_name_that_the_server_would_take_for_a_pattern_is_not_asked_for(served, name):
    with pytest.raises(butler_reads.CollectionNotFoundError, match="cannot be asked"):
        butler_reads.datasets(served, name, "zooniverse_cutout")


def test_what_is_not_there_is_said_as_of_any_other(served):
    with pytest.raises(butler_reads.CollectionNotFoundError):
        butler_reads.datasets(served, "u/alien/nope", "zooniverse_cutout")
    with pytest.raises(butler_reads.DatasetTypeNotFoundError):
        butler_reads.datasets(served, RUN, "nope")
    with pytest.raises(butler_reads.DatasetNotFoundError):
        butler_reads.ArtifactReader(served).read(uuid4(), 100)


def test_a_picture_is_downloaded_as_it_is(served, butler, ids):
    reader, here = butler_reads.ArtifactReader(served), butler_reads.ArtifactReader(butler)
    for dataset_id in ids(RUN):
        assert reader.read(dataset_id, 10_000) == here.read(dataset_id, 10_000)
        assert reader.retrieve(dataset_id, 10_000) == here.read(dataset_id, 10_000)


def test_a_picture_over_the_limit_is_not_downloaded(served, ids):
    with pytest.raises(butler_reads.TooLargeError):
        butler_reads.ArtifactReader(served).read(ids(RUN)[0], 10)


def test_for_its_files_nobody_vouches(served, ids):
    with pytest.raises(butler_reads.UnreadableError, match="vouches"):
        butler_reads.ArtifactReader(served).read(ids(RUN)[0], 10_000, butler_reads.Confinement(None))


def test_its_datastore_has_no_roots_and_its_listing_signed_urls(served, ids):
    assert butler_reads.roots(served) == []
    (items,) = butler_reads.list_items(served, RUN, "zooniverse_cutout")
    assert [str(item.id) for item in items] == ids(RUN)
    assert {(item.kind, "Signature=" in (item.uri or "")) for item in items} == {("file", True)}


def test_a_file_that_is_gone_is_unreadable_and_its_signed_url_is_in_no_message(fresh, tmp_path):
    ref = put(fresh, "u/alien/gone", 1)
    stored = put(fresh, "u/alien/gone", 2)
    path_of(fresh, ref).unlink()
    fresh.pruneDatasets([stored], disassociate=False, unstore=True)
    with served_as(tmp_path / "repository", tmp_path / "log") as url:
        reader = butler_reads.ArtifactReader(Butler.from_config(url))
        for one, why in ((ref, "status 404"), (stored, "not in the datastore")):
            with pytest.raises(butler_reads.UnreadableError, match=why) as raised:
                reader.read(one.id, 10_000)
            assert "Signature" not in str(raised.value)


def test_a_server_that_went_away_is_told_without_a_signed_url(fresh, tmp_path, monkeypatch):
    ref = put(fresh, "u/alien/one", 1)
    with served_as(tmp_path / "repository", tmp_path / "log") as url:
        butler = Butler.from_config(url)
        uris = butler.getURIs(ref)
    monkeypatch.setattr(butler, "getURIs", lambda _: uris, raising=False)  # it went away between this and the file
    with pytest.raises(butler_reads.UnreadableError, match="no connection") as raised:
        download(butler, ref, 10_000)
    assert "Signature" not in str(raised.value)


class TestNotebook:
    """What the helper does with it."""

    @pytest.fixture
    def here(self, url, tmp_path, monkeypatch):
        monkeypatch.delenv("DAF_BUTLER_REPOSITORY_INDEX", raising=False)
        return LocalRepository(url, Discovery({}, lab_file=tmp_path / "none"))

    def test_it_takes_no_cutout_and_says_why(self, here):
        assert here.is_served
        with pytest.raises(ButlerError, match="a Butler server serves it") as raised:
            here.put(cutout(1), place(1), "u/alien/new", "zooniverse_cutout", None)
        assert raised.value.type == "repository_read_only"

    def test_its_pictures_are_previewed(self, here, butler):
        first = next(here.first_images(here.runs(RUN), "zooniverse_cutout", 1))
        assert first[0] == RUN
        assert isinstance(first[2], bytes)

    def test_a_dataset_is_got_as_from_any_repository(self, here):
        assert np.array_equal(here.butler.get("zooniverse_cutout", place(2), collections=RUN), cutout(2))


class TestBridge:
    """The lab's and the service's child, on a Butler server."""

    def test_it_lists_and_reads(self, url, ids):
        with Bridge(url) as bridge:
            assert bridge.first["ready"]["repository"] == url
            page = bridge.ask("datasets", run=RUN, dataset_type="zooniverse_cutout")
            assert [one["id"] for one in page.result["datasets"]] == ids(RUN)
            answer = bridge.ask("bytes", id=ids(RUN)[0])
            assert answer.result["media_type"] == "image/png"
            assert answer.payload

    def test_without_a_token_for_that_host_it_cannot_be_opened(self, url, monkeypatch):
        monkeypatch.delenv("BUTLER_RUBIN_ACCESS_TOKEN")
        monkeypatch.setenv("ACCESS_TOKEN", TOKEN)  # which the Butler sends to hosts of the RSP alone
        with Bridge(url) as bridge:
            assert bridge.first["fatal"]["type"] == "repository_unavailable"
            assert TOKEN not in str(bridge.first)
