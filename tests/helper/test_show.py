"""The output that opens the panel, and what is left of it where there is no panel; and a real kernel."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from rsp_epo_export import EpoExport

from .conftest import ALIEN, HOSTILE
from .live_service import ROOT

MIME_TYPE = "application/vnd.rsp-epo-export.show+json"


def test_the_bundle_says_what_to_open_and_says_it_in_html_and_text_too(epo):
    bundle = epo.show("u/alien/zooniverse-1")._repr_mimebundle_()
    assert bundle[MIME_TYPE] == {
        "version": 1,
        "repository": "demo",
        "collection": "u/alien/zooniverse-1",
        "exports": [],
    }
    for kind in ("text/html", "text/plain"):
        assert "u/alien/zooniverse-1" in bundle[kind]
        assert "Export to Zooniverse" in bundle[kind]


def test_without_a_collection_it_opens_the_panel_as_it_is(epo):
    assert epo.show()._repr_mimebundle_()[MIME_TYPE] == {
        "version": 1,
        "repository": "demo",
        "collection": None,
        "exports": [],
    }


def test_it_works_with_neither_service_nor_repository():
    bundle = EpoExport().show()._repr_mimebundle_()
    assert bundle[MIME_TYPE] == {
        "version": 1,
        "repository": None,
        "collection": None,
        "exports": [],
    }
    assert "Export to Zooniverse" in bundle["text/plain"]


def test_a_reader_elsewhere_gets_a_link_to_the_rsp(monkeypatch):
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.lsst.cloud/")
    bundle = EpoExport(service_url="http://127.0.0.1:9").show()._repr_mimebundle_()
    assert 'href="https://data.lsst.cloud/nb/"' in bundle["text/html"]
    assert "https://data.lsst.cloud/nb/" in bundle["text/plain"]


def test_a_hostile_name_is_data_in_the_bundle_and_text_in_the_rest(epo):
    bundle = epo.show(HOSTILE)._repr_mimebundle_()
    assert bundle[MIME_TYPE]["collection"] == HOSTILE
    assert "<img" not in bundle["text/html"]
    assert "\x1b" not in bundle["text/plain"] + bundle["text/html"]


@pytest.fixture
def outputs(service, repository, monkeypatch):
    """Run cells in a real kernel that found everything by itself, and give their outputs."""
    monkeypatch.setenv("EPO_EXPORT_URL", service.url)
    monkeypatch.setenv("EPO_EXPORT_REPOSITORY", str(repository))
    monkeypatch.setenv("ACCESS_TOKEN", ALIEN)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(*cells: str):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
        return [cell["outputs"] for cell in notebook["cells"]]

    return run


def test_in_a_kernel_every_answer_shows_itself_and_a_wait_shows_how_it_goes(outputs):
    cells = outputs(
        "from rsp_epo_export import EpoExport\nepo = EpoExport()\nepo",
        "epo.collections()",
        "epo.preview('u/alien/night')",
        "epo.grant('u/alien/night')",
        "export = epo.submit('u/alien/night', project='Kernel', subject_set='kernel')\n_ = export.wait(60)",
        "export.items()",
        "epo.show('u/alien/night')",
    )
    for cell in cells:
        assert [output["output_type"] for output in cell] in (["execute_result"], ["display_data"])
        assert {"text/html", "text/plain"} <= set(cell[0]["data"])
    assert "data:image/png" in cells[2][0]["data"]["text/html"]
    (followed,) = cells[4]
    assert "PUBLISHED" in followed["data"]["text/plain"]
    assert cells[6][0]["data"][MIME_TYPE]["collection"] == "u/alien/night"
