"""Removing what was exported: a real Butler by the real bridge; the service says what is public and was read back."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import STACK_PYTHON, TOKEN, error_of

EXPORT = "0a4f9c1b-7d0e-4a7e-8d0a-018f2b6e2d3e"
RUN, ODD, OTHERS = "u/alien/zooniverse-1", "u/alien/odd", "u/other/private-1"
PUBLIC = {"state": "PUBLISHED", "dataset_type": "zooniverse_cutout", "repository": "demo"}


class Published:
    """What the service says: an export, its items, and which others are under way."""

    def __init__(self, repository: dict) -> None:
        self.export = dict(PUBLIC)
        self.under_way: list[dict] = []
        self.items = [
            {
                "run": RUN,
                "dataset_id": dataset["id"],
                "source_sha256": hashlib.sha256(Path(dataset["file"]).read_bytes()).hexdigest(),
            }
            for dataset in repository["runs"][RUN]
        ]

    def answer(self, exchange) -> None:
        """Two items a page, so that there is more than one."""
        target = urlsplit(exchange.path)
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        match target.path.removeprefix("/epo-export/v1/").split("/"):
            case ["me"]:
                exchange.reply(200, {"username": "alien", "groups": ["galaxies"]})
            case ["exports"]:
                exchange.reply(200, {"exports": [one for one in self.under_way if one["state"] == query["state"]]})
            case ["exports", _]:
                exchange.reply(200, self.export)
            case ["exports", _, "items"]:
                assert query["state"] == "PUBLISHED"
                first = int(query.get("cursor", "0"))
                following = str(first + 2) if first + 2 < len(self.items) else None
                exchange.reply(200, {"items": self.items[first : first + 2], "next_cursor": following})


@pytest.fixture
def own(repository, tmp_path):
    """A copy of the repository, to remove from."""
    path = tmp_path / "own"
    shutil.copytree(repository["path"], path)
    return path


@pytest.fixture
def published(service, repository):
    said = Published(repository)
    service.answer = said.answer
    return said


@pytest.fixture
def extension_config(own, service, tmp_path):
    token_file = tmp_path / "token"
    token_file.write_text(f"{TOKEN}\n")
    return {
        "butler_command": [STACK_PYTHON],
        "repositories": {"mine": str(own)},
        "service_url": service.url,
        "token_file": str(token_file),
    }


@pytest.fixture
def plan(get):
    async def ask():
        return await get("butler/removal", repository="mine", export_id=EXPORT)

    return ask


@pytest.fixture
def remove(get):
    async def ask(plan: str, **changes: object):
        body = {"repository": "mine", "export_id": EXPORT, "plan": plan, **changes}
        return await get("butler/removal", method="POST", body=json.dumps(body))

    return ask


@pytest.fixture
def count(get):
    async def ask(run: str) -> int | None:
        answer = await get("butler/collections", repository="mine", count_prefix="u/")
        found = {one["name"]: one for one in json.loads(answer.body)["collections"]}
        return sum(use["count"] for use in found[run]["dataset_types"]) if run in found else None

    return ask


async def test_a_run_that_is_just_what_was_published_goes_whole(published, plan, remove, count, own):
    shown = json.loads((await plan()).body)
    assert (shown["count"], shown["runs"]) == (3, [{"run": RUN, "count": 3, "gone": 0, "stays": []}])
    assert await count(RUN) == 3
    done = json.loads((await remove(shown["plan"])).body)
    assert done == {"removed": 3, "gone": 0, "kept": 0, "runs": [{"run": RUN, "fate": "removed"}]}
    assert await count(RUN) is None
    assert await count(ODD) == 5
    assert not list((own / RUN).rglob("*.png"))
    assert json.loads((await plan()).body)["runs"] == [{"run": RUN, "count": 0, "gone": 3, "stays": []}]


async def test_what_is_not_public_is_shown_and_stays(published, plan, remove, count, repository):
    del published.items[0]
    shown = json.loads((await plan()).body)
    stays = [{"dataset_type": "zooniverse_cutout", "count": 1}]
    assert shown["runs"] == [{"run": RUN, "count": 2, "gone": 0, "stays": stays}]
    done = json.loads((await remove(shown["plan"])).body)
    assert done == {"removed": 2, "gone": 0, "kept": 0, "runs": [{"run": RUN, "fate": "not_empty"}]}
    assert await count(RUN) == 1


async def test_other_dataset_types_of_the_run_are_shown_and_stay(published, plan, repository):
    published.items = [
        {"run": ODD, "dataset_id": one["id"], "source_sha256": "0" * 64} for one in repository["runs"][ODD]
    ]
    (run,) = json.loads((await plan()).body)["runs"]
    assert run == {"run": ODD, "count": 4, "gone": 0, "stays": [{"dataset_type": "zooniverse_metadata", "count": 1}]}


async def test_a_file_that_changed_since_is_kept(published, plan, remove, count):
    published.items[1]["source_sha256"] = "0" * 64
    shown = json.loads((await plan()).body)
    done = json.loads((await remove(shown["plan"])).body)
    assert done == {"removed": 2, "gone": 0, "kept": 1, "runs": [{"run": RUN, "fate": "not_empty"}]}
    assert await count(RUN) == 1


async def test_nothing_goes_where_something_changed_since_the_pi_looked(published, plan, remove, count):
    shown = json.loads((await plan()).body)
    del published.items[0]
    assert error_of(await remove(shown["plan"])) == (409, "removal_changed")
    assert await count(RUN) == 3


@pytest.mark.parametrize("state", ["HELD", "WITHDRAWN", "PUBLISHING"])
async def test_nothing_goes_before_it_is_public_or_after_it_was(published, plan, remove, count, state):
    shown = json.loads((await plan()).body)
    published.export["state"] = state
    assert error_of(await plan()) == (409, "not_removable")
    assert error_of(await remove(shown["plan"])) == (409, "not_removable")
    assert await count(RUN) == 3


@pytest.mark.parametrize("state", ["SUBMITTED", "COLLECTING"])
async def test_nothing_goes_while_another_export_is_still_retrieved(published, plan, state):
    published.under_way = [{"state": state, "repository": "elsewhere", "subject_set": "Another place"}]
    assert (await plan()).code == 200
    published.under_way = [{"state": state, "repository": "demo", "subject_set": "A second set"}]
    answer = await plan()
    assert error_of(answer) == (409, "not_removable")
    assert "A second set" in answer.body.decode()


async def test_anothers_run_is_left_alone(published, plan, repository):
    published.items[0]["run"] = OTHERS
    assert error_of(await plan()) == (409, "not_removable")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        json.dumps({"repository": "mine", "export_id": EXPORT}),
        json.dumps({"repository": "mine", "export_id": "../me", "plan": "x"}),
        json.dumps({"repository": 1, "export_id": EXPORT, "plan": "x"}),
    ],
)
async def test_a_body_of_another_form_is_refused(published, get, body):
    assert error_of(await get("butler/removal", method="POST", body=body)) == (400, "bad_request")


async def test_a_query_of_another_form_is_refused(published, get):
    assert error_of(await get("butler/removal", repository="mine")) == (400, "bad_request")
    assert error_of(await get("butler/removal", repository="mine", export_id=[EXPORT, EXPORT])) == (400, "bad_request")
    unknown = await get("butler/removal", repository="nowhere", export_id=EXPORT)
    assert error_of(unknown) == (404, "repository_unknown")


async def test_nothing_goes_where_the_service_talks_nonsense(published, service, plan, count):
    service.answer = lambda exchange: exchange.reply(200, {"nonsense": True})
    assert error_of(await plan()) == (502, "service_error")
    assert await count(RUN) == 3
