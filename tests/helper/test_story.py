"""A PI's story, from cutouts in the Butler to images in public and back, against the real service."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from rsp_epo_export import EpoExport
from rsp_epo_export.helper import export as export_module
from rsp_epo_export.helper.errors import (
    ExportStoppedError,
    RequestError,
    ServiceRefusalError,
    TokenError,
    WaitTimeoutError,
)

from .conftest import ALIEN, COUNT, HOSTILE, pixels, place
from .live_service import OTHER


@pytest.fixture(scope="session")
def published(service, repository):
    """An export of `u/alien/zooniverse-1` with one public column. Tests only read it."""
    epo = EpoExport(repository, service_url=service.url, token=ALIEN)
    epo.grant("u/alien/zooniverse-1")
    return epo.submit(
        ["u/alien/zooniverse-1"], project="Galaxies", subject_set="first set", metadata_columns=["magnitude"]
    ).wait(60)


def test_a_submission_ends_with_a_public_manifest_and_the_same_pixels(published, epo):
    assert published.state == published.status == "PUBLISHED"
    manifest = list(csv.DictReader(io.StringIO(httpx.get(published.manifest_url).text)))
    assert len(manifest) == COUNT
    (location,) = [name for name in manifest[0] if name.startswith("location:")]
    assert {row["metadata:magnitude"] for row in manifest} == {str(20 + index) for index in range(COUNT)}
    of_url = {row["url"]: row for row in published.crosswalk()}
    for row in manifest:
        known = of_url[row[location]]
        assert known["external_id"] == row["external_id"]
        there = np.asarray(Image.open(io.BytesIO(httpx.get(row[location]).content)))
        assert np.array_equal(there, epo.butler.get("zooniverse_cutout", known["data_id"], collections=known["run"]))


def test_the_crosswalk_names_the_butlers_datasets(published, epo):
    rows = published.crosswalk()
    refs = epo.butler.query_datasets("zooniverse_cutout", collections="u/alien/zooniverse-1")
    assert {row["dataset_id"] for row in rows} == {str(ref.id) for ref in refs}
    assert {row["frame"] for row in rows} == {0}
    table = rows.to_table()
    assert (len(table), table.colnames[0]) == (COUNT, "external_id")


def test_items_tell_each_datasets_fate(published):
    items = published.items()
    assert [item["number"] for item in items] == list(range(1, COUNT + 1))
    assert {item["state"] for item in items} == {"PUBLISHED"}
    assert published.items("REFUSED") == []
    assert items[0]["url"] in items._repr_html_()


def test_an_export_is_found_again(published, epo):
    assert epo.export(published.id).manifest_url == published.manifest_url
    assert published.id in [export.id for export in epo.exports()]
    assert published.id in [export.id for export in epo.exports("PUBLISHED")]
    assert published.id not in [export.id for export in epo.exports("FAILED")]
    assert published.id in repr(epo.exports())


def test_an_export_shows_itself(published):
    assert "PUBLISHED" in repr(published)
    assert published.manifest_url in repr(published)
    assert f'href="{published.manifest_url}"' in published._repr_html_()


def test_the_pages_of_a_long_list_become_one(published, epo, monkeypatch):
    monkeypatch.setattr(export_module, "_PAGE", 2)
    assert [item["number"] for item in epo.export(published.id).items()] == list(range(1, COUNT + 1))


def test_preflight_says_what_is_missing_and_then_that_nothing_is(epo):
    epo.put_cutout(pixels(0), place(0), run="u/alien/preflight")
    before = epo.preflight("u/alien/preflight")
    assert (before.ok, [problem["type"] for problem in before.problems]) == (False, ["grant_missing"])
    assert "bot-epo-export may not read u/alien/preflight yet" in repr(before)
    epo.grant("u/alien/preflight")
    after = epo.preflight(["u/alien/preflight"])
    assert (bool(after), after.total) == (True, 1)


def test_a_chain_and_a_beginning_are_granted_and_submitted_as_they_are(epo):
    assert epo.grant("u/alien/batch-1")["kind"] == "chain"
    assert epo.grant("u/alien/night/")["kind"] == "prefix"
    export = epo.submit(["u/alien/batch-1", "u/alien/night/"], project="Galaxies", subject_set="several").wait(60)
    assert export.model["collections"] == [
        {"name": "u/alien/batch-1", "kind": "chain"},
        {"name": "u/alien/night", "kind": "prefix"},
    ]
    assert export.counts["published"] == 3


def test_the_frames_of_a_flipbook_are_one_subject(epo):
    run, instrument = "u/alien/flipbook", {"instrument": "DemoCam"}
    epo.put_cutout(pixels(9), place(9), run=run)  # makes the run; another dataset type is not exported
    registry = epo.butler.registry
    registry.insertDimensionData("instrument", {"name": "DemoCam", "class_name": "demo"})
    for night in (20260901, 20260902):
        registry.insertDimensionData("day_obs", {"instrument": "DemoCam", "id": night})
        epo.put_cutout(
            pixels(night), {**instrument, "day_obs": night, **place(0)}, run=run, dataset_type="zooniverse_frame"
        )
    epo.grant(run)
    export = epo.submit(
        run, project="Galaxies", subject_set="nights", dataset_type="zooniverse_frame", frame_dimension="day_obs"
    ).wait(60)
    rows = export.crosswalk()
    assert len({row["external_id"] for row in rows}) == 1
    assert [(row["frame"], row["data_id"]["day_obs"]) for row in rows] == [(0, 20260901), (1, 20260902)]


def test_without_a_grant_nothing_is_submitted_and_the_error_says_how_to_give_one(epo):
    epo.put_cutout(pixels(0), place(0), run="u/alien/ungranted")
    before = len(epo.exports())
    with pytest.raises(ServiceRefusalError, match=r"epo\.grant") as raised:
        epo.submit("u/alien/ungranted", project="Galaxies", subject_set="no")
    assert (raised.value.type, raised.value.status) == ("grant_missing", 403)
    assert len(epo.exports()) == before


@pytest.mark.parametrize("ask", ["grant", "submit"])
def test_another_pis_collection_is_refused(epo, ask):
    asks = {"project": "Galaxies", "subject_set": "no"} if ask == "submit" else {}
    with pytest.raises(ServiceRefusalError) as raised:
        getattr(epo, ask)("u/other/private-1", **asks)
    assert raised.value.type == "not_yours"


def test_what_the_contract_does_not_take_is_refused_by_its_place(epo):
    with pytest.raises(ServiceRefusalError) as raised:
        epo.grant("u/alien/zooniverse-1", days=1000)
    assert raised.value.type == "invalid"
    assert raised.value.detail[0]["loc"] == ["body", "expires_in_days"]


def test_a_grant_is_listed_renewed_and_revoked(run_of, epo):
    run = run_of("revoked")
    again = epo.grant(run, days=60)
    (listed,) = [grant for grant in epo.grants() if grant["collection"] == run]
    assert (listed["id"], listed["expires"]) == (again["id"], again["expires"])
    assert run in epo.grants()._repr_html_()
    (revoked,) = epo.revoke(run)
    assert (revoked["id"], revoked["state"]) == (again["id"], "revoked")
    with pytest.raises(RequestError) as raised:
        epo.revoke(run)
    assert raised.value.type == "grant_missing"


def test_an_export_that_fails_raises_and_can_be_mended_and_retried(run_of, epo):
    run = run_of("damaged", count=1)
    path = Path(epo.butler.getURI("zooniverse_cutout", place(0), collections=run).ospath)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    export = epo.submit(run, project="Galaxies", subject_set="damaged")
    with pytest.raises(ExportStoppedError, match=r"export\.retry\(\)") as raised:
        export.wait(60)
    assert raised.value.export is export
    assert (raised.value.type, export.state) == ("nothing_to_publish", "FAILED")
    assert export.wait(60, check=False).state == "FAILED"
    (refused,) = export.items("REFUSED")
    assert refused["reason"]["msg"] in repr(export)
    path.write_bytes(whole)
    assert export.retry().wait(60).state == "PUBLISHED"


def test_a_failed_export_can_be_cancelled(run_of, epo):
    run = run_of("cancelled", count=1)
    Path(epo.butler.getURI("zooniverse_cutout", place(0), collections=run).ospath).write_bytes(b"nothing")
    export = epo.submit(run, project="Galaxies", subject_set="cancelled").wait(60, check=False)
    assert export.cancel().state == "CANCELLED"
    with pytest.raises(ExportStoppedError, match="cancelled by its PI"):
        export.wait(60)


def test_a_withdrawn_export_is_gone_from_the_public(run_of, epo):
    export = epo.submit(run_of("withdrawn"), project="Galaxies", subject_set="withdrawn").wait(60)
    manifest = export.manifest_url
    assert httpx.get(manifest).status_code == 200
    assert export.withdraw().state == "WITHDRAWN"
    assert httpx.get(manifest).status_code == 410


def test_what_the_pi_is_told_can_be_read_in_the_notebook(published, epo):
    told = [one for one in epo.notifications() if one["export_id"] == published.id]
    assert [one["event"] for one in told] == ["removable", "published"]
    assert published.model["manifest_url"] in told[1]["text"]


def test_what_an_export_cannot_do_now_is_refused_in_the_services_words(published):
    with pytest.raises(ServiceRefusalError) as raised:
        published.cancel()
    assert (raised.value.type, raised.value.status) == ("wrong_state", 409)
    assert published.state == "PUBLISHED"


def test_another_pi_sees_nothing_of_it(published, service, repository):
    other = EpoExport(repository, service_url=service.url, token=OTHER)
    assert published.id not in [export.id for export in other.exports()]
    assert other.notifications() == []
    with pytest.raises(ServiceRefusalError) as raised:
        other.export(published.id)
    assert raised.value.type == "not_found"


def test_a_token_that_the_service_does_not_know_is_said_to_be_so(service, repository):
    with pytest.raises(TokenError, match="stop the lab") as raised:
        EpoExport(repository, service_url=service.url, token="not-a-token-of-anybody").grants()
    assert raised.value.type == "token_rejected"


def test_a_hostile_name_goes_the_whole_way_and_is_never_run(epo):
    subject_set = "<script>alert(1)</script>"
    with pytest.raises(ServiceRefusalError):  # a control character: the contract takes none
        epo.grant(HOSTILE)
    run = HOSTILE.replace("\x1b[31m\u202e", "")
    epo.put_cutout(pixels(0), place(0), run=run)
    grant = epo.grant(run)
    export = epo.submit(run, project=subject_set, subject_set=subject_set).wait(60, check=False)
    for shown in (
        grant,
        export,
        epo.exports(),
        epo.grants(),
        epo.notifications(),
        epo.projects(),
        export.items(),
        epo.show(run),
    ):
        assert "<script" not in shown._repr_html_()
        assert "<img" not in shown._repr_html_()


def test_waiting_ends_when_the_time_is_up_and_the_export_goes_on(run_of, epo):
    run = run_of("slow", count=1)

    def submit_until_one_is_seen_under_way() -> None:
        while True:
            epo.submit(run, project="Galaxies", subject_set="slow").wait(0)

    with pytest.raises(WaitTimeoutError, match="goes on by itself") as raised:
        submit_until_one_is_seen_under_way()
    assert raised.value.export.wait(60).state == "PUBLISHED"


# Submitted and not waited for: last, since the exports of other tests would queue behind these.


def test_a_project_is_found_by_its_name_or_made(epo):
    assert "Found or made" not in [project["name"] for project in epo.projects()]
    epo.put_cutout(pixels(0), place(0), run="u/alien/project")
    epo.grant("u/alien/project")
    first = epo.submit("u/alien/project", project="Found or made", subject_set="1")
    second = epo.submit("u/alien/project", project="Found or made", subject_set="2")
    third = epo.submit("u/alien/project", project=first.model["project_id"], subject_set="3")
    assert first.model["project_id"] == second.model["project_id"] == third.model["project_id"]
    assert [project["name"] for project in epo.projects()].count("Found or made") == 1


def test_the_same_key_makes_one_export(run_of, epo):
    run = run_of("same-key")
    key = str(uuid.uuid4())
    one, same = (epo.submit(run, project="Galaxies", subject_set="once", idempotency_key=key) for _ in range(2))
    assert one.id == same.id
    with pytest.raises(ServiceRefusalError) as raised:
        epo.submit(run, project="Galaxies", subject_set="other", idempotency_key=key)
    assert (raised.value.type, raised.value.status) == ("idempotency_key_reused", 422)


def test_two_submissions_are_two_exports(run_of, epo):
    run = run_of("two")
    assert len({epo.submit(run, project="Galaxies", subject_set="twice").id for _ in range(2)}) == 2
