"""The Butler's routes, on a real repository, by the real bridge in the stack's interpreter."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from .conftest import STACK_PYTHON, error_of

RUN = "u/alien/zooniverse-1"


@pytest.fixture
def extension_config(repository):
    return {"butler_command": [STACK_PYTHON], "repositories": {"mine": repository["path"]}}


def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **repositories: str) -> None:
    file = tmp_path / "index.json"
    file.write_text(json.dumps(repositories))
    monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", str(file))


async def test_repositories_are_those_of_the_index_and_the_pis_own(get, repository, tmp_path, monkeypatch):
    index(tmp_path, monkeypatch, demo="/somewhere/demo")
    answer = await get("butler/repositories")
    assert json.loads(answer.body) == {
        "repositories": [
            {"label": "demo", "uri": "/somewhere/demo", "source": "repository_index", "read_only": False},
            {"label": "mine", "uri": repository["path"], "source": "setting", "read_only": False},
        ],
        "problems": [],
    }


class TestSecretsInUris:
    @pytest.fixture
    def extension_config(self):
        uri = "https://alien:secret@data.example/api/butler/repo/dp1?key=secret#secret"
        return {"butler_command": [STACK_PYTHON], "repositories": {"dp1": uri}}

    async def test_a_uri_is_shown_without_what_could_be_secret(self, get):
        answer = await get("butler/repositories")
        (shown,) = json.loads(answer.body)["repositories"]
        assert (shown["label"], shown["uri"]) == ("dp1", "https://data.example/api/butler/repo/dp1")


async def test_a_repository_of_the_index_is_opened_by_its_label(get, repository, tmp_path, monkeypatch):
    index(tmp_path, monkeypatch, demo=repository["path"])
    answer = await get("butler/datasets", repository="demo", run=RUN, dataset_type="zooniverse_cutout")
    assert len(json.loads(answer.body)["datasets"]) == 3


async def test_collections_come_whole_and_with_counts_below_the_prefixes(get):
    answer = await get("butler/collections", repository="mine", count_prefix=["u/alien/zoo", "u/alien/b"])
    body = json.loads(answer.body)
    by_name = {collection["name"]: collection for collection in body["collections"]}
    assert body["count"] == len(body["collections"]) == 4
    assert by_name[RUN] == {
        "name": RUN,
        "type": "RUN",
        "owner": {"kind": "user", "name": "alien"},
        "children": [],
        "dataset_types": [{"name": "zooniverse_cutout", "storage_class": "CutoutImage", "count": 3}],
    }
    assert by_name["u/alien/batch"]["type"] == "CHAINED"
    assert by_name["u/alien/batch"]["children"] == [RUN]
    assert by_name["u/other/private-1"]["dataset_types"][0]["count"] is None


async def test_datasets_come_by_page(get, repository):
    asked = {"repository": "mine", "run": RUN, "dataset_type": "zooniverse_cutout", "limit": "2"}
    first = json.loads((await get("butler/datasets", **asked)).body)
    second = json.loads((await get("butler/datasets", **asked, after=first["next"])).body)
    assert [dataset["id"] for dataset in first["datasets"] + second["datasets"]] == [
        dataset["id"] for dataset in repository["runs"][RUN]
    ]
    assert first["datasets"][0]["data_id"] == {"htm20": 8 * 4**20}
    assert second["next"] is None


async def test_an_image_is_the_file_and_nothing_but_an_image(get, repository):
    dataset = repository["runs"][RUN][1]
    answer = await get("butler/image", repository="mine", id=dataset["id"])
    assert answer.code == 200
    assert answer.body == Path(dataset["file"]).read_bytes()
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "private, max-age=3600, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")


async def test_a_file_that_only_calls_itself_a_png_is_still_none_of_the_labs_pages(get, repository):
    page = repository["runs"]["u/alien/odd"][2]
    answer = await get("butler/image", repository="mine", id=page["id"])
    assert answer.headers["Content-Type"] in ("image/png", "application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_is_no_image_is_not_shown(get, repository):
    answer = await get("butler/image", repository="mine", id=repository["runs"]["metadata"][0]["id"])
    assert error_of(answer) == (415, "not_an_image")


async def test_an_image_whose_file_is_gone_is_unreadable(get, repository):
    answer = await get("butler/image", repository="mine", id=repository["runs"]["u/alien/odd"][0]["id"])
    assert error_of(answer) == (404, "unreadable")


async def test_an_image_over_ten_mebibytes_is_too_large(get, repository):
    answer = await get("butler/image", repository="mine", id=repository["runs"]["u/alien/odd"][1]["id"])
    assert error_of(answer) == (413, "too_large")


async def test_an_error_is_not_kept_by_the_browser(get):
    answer = await get("butler/image", repository="mine", id=str(uuid4()))
    assert error_of(answer) == (404, "dataset_not_found")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_label_that_is_not_in_the_index_is_unknown(get):
    assert error_of(await get("butler/collections", repository="nope")) == (404, "repository_unknown")


async def test_a_path_is_no_label(get, repository):
    answer = await get("butler/collections", repository=repository["path"])
    assert error_of(answer) == (404, "repository_unknown")


async def test_a_repository_that_cannot_be_opened_is_unavailable(get, tmp_path, monkeypatch):
    index(tmp_path, monkeypatch, broken=str(tmp_path / "nowhere"))
    assert error_of(await get("butler/collections", repository="broken")) == (503, "repository_unavailable")


PAGES = [
    ({"run": "u/alien/nope", "dataset_type": "zooniverse_cutout"}, (404, "collection_not_found")),
    ({"run": RUN, "dataset_type": "nope"}, (404, "dataset_type_not_found")),
    ({"run": RUN, "dataset_type": "zooniverse_cutout", "after": "nonsense"}, (400, "bad_request")),
    ({"run": RUN, "dataset_type": "zooniverse_cutout", "limit": "0"}, (400, "bad_request")),
    ({"run": RUN, "dataset_type": "zooniverse_cutout", "limit": "1001"}, (400, "bad_request")),
    ({"run": RUN, "dataset_type": "zooniverse_cutout", "limit": "٣"}, (400, "bad_request")),
    ({"run": RUN}, (400, "bad_request")),
    ({"run": "", "dataset_type": "zooniverse_cutout"}, (400, "bad_request")),
    ({"run": [RUN, RUN], "dataset_type": "zooniverse_cutout"}, (400, "bad_request")),
    ({"run": "x" * 1025, "dataset_type": "zooniverse_cutout"}, (400, "bad_request")),
    ({"run": "u/alien/'; drop table\n", "dataset_type": "zooniverse_cutout"}, (404, "collection_not_found")),
    ({"run": "../../etc", "dataset_type": "zooniverse_cutout"}, (404, "collection_not_found")),
]


async def test_a_page_that_cannot_be_had_says_why(get):
    told = [error_of(await get("butler/datasets", repository="mine", **asked)) for asked, _ in PAGES]
    assert told == [error for _, error in PAGES]


async def test_a_dataset_is_named_by_a_uuid(get):
    assert error_of(await get("butler/image", repository="mine", id="../secret")) == (400, "bad_request")


async def test_prefixes_are_few(get):
    asked = {"repository": "mine", "count_prefix": ["u/a/"] * 21}
    assert error_of(await get("butler/collections", **asked)) == (400, "bad_request")


@pytest.mark.parametrize("route", ["nothing", "butler/nothing", "butler/imagex", "status/x"])
async def test_other_routes_are_not_found(get, route):
    assert error_of(await get(route)) == (404, "not_found")


async def test_other_methods_are_not_allowed(get):
    assert error_of(await get("butler/repositories", method="POST", body="")) == (405, "method_not_allowed")


@pytest.mark.parametrize("route", ["status", "butler/repositories", "butler/image", "service/me", "nothing"])
async def test_who_is_not_logged_in_gets_nothing(get, route):
    answer = await get(route, headers={"Authorization": "token wrong"})
    assert error_of(answer) == (403, "not_authenticated")
