"""Putting and looking, in the PI's own repository: no service is needed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from lsst.daf.butler import Butler
from lsst.sphgeom import LonLat, UnitVector3d
from PIL import Image

from rsp_epo_export import EpoExport, to_cutout
from rsp_epo_export.helper.errors import ButlerError

from .conftest import COUNT, HOSTILE, pixels, place


def names(epo: EpoExport) -> set[str]:
    return {row.name for row in epo.collections()}


def test_a_repository_of_ones_own_takes_a_cutout_at_once(tmp_path, run):
    butler = EpoExport.make_repository(tmp_path / "mine")
    assert isinstance(butler, Butler)
    epo = EpoExport(tmp_path / "mine")
    ref = epo.put_cutout(pixels(1), EpoExport.place(150.1, 2.2), run=run)
    assert np.array_equal(epo.butler.get(ref), pixels(1))


def test_a_place_on_the_sky_is_the_pixel_around_it(own):
    data_id = EpoExport.place(150.1, 2.2)
    assert data_id == EpoExport.place(150.1 - 360, 2.2)
    region = own.butler.dimensions.skypix_dimensions["htm20"].pixelization.pixel(data_id["htm20"])
    center = region.getBoundingCircle().getCenter()
    apart = center.dot(UnitVector3d(LonLat.fromDegrees(150.1, 2.2)))
    assert np.degrees(np.arccos(min(apart, 1.0))) * 3600 < 0.4


@pytest.mark.parametrize(("ra", "dec"), [(0, 91), (float("nan"), 0), (0, float("nan")), (float("inf"), 0)])
def test_what_is_no_place_is_refused(ra, dec):
    with pytest.raises(ValueError, match="declination"):
        EpoExport.place(ra, dec)


def test_a_pil_image_and_metadata_are_put_together(own, run):
    ref = own.put_cutout(Image.fromarray(pixels(2)), place(2), run=run, metadata={"magnitude": 21.5, "who": "ä"})
    assert np.array_equal(own.butler.get(ref), pixels(2))
    assert own.butler.get("zooniverse_metadata", place(2), collections=run) == {"magnitude": 21.5, "who": "ä"}


def test_science_pixels_are_refused_with_the_name_of_what_stretches_them(own, run):
    image = np.linspace(0, 1000, 900, dtype=np.float32).reshape(30, 30)
    with pytest.raises(TypeError, match="to_cutout"):
        own.put_cutout(image, place(0), run=run)
    assert run not in names(own)  # nor is there an empty one
    own.put_cutout(to_cutout(image), place(0), run=run)


@pytest.mark.parametrize("metadata", [{"limit": float("nan")}, {"what": object()}])
def test_metadata_that_is_no_json_leaves_nothing_behind(own, metadata, run):
    with pytest.raises(ValueError, match="metadata"):
        own.put_cutout(pixels(0), place(0), run=run, metadata=metadata)
    assert run not in names(own)


def test_a_cutout_is_never_replaced(own, run):
    ref = own.put_cutout(pixels(0), place(0), run=run)
    with pytest.raises(ButlerError, match="Nothing was changed") as raised:
        own.put_cutout(pixels(1), place(0), run=run)
    assert raised.value.type == "dataset_exists"
    assert np.array_equal(own.butler.get(ref), pixels(0))


def test_metadata_that_is_there_already_keeps_the_cutout_out(own, run):
    own.put_cutout(pixels(0), place(0), run=run)
    own.butler.put({"a": 2}, "zooniverse_metadata", place(1), run=run)
    with pytest.raises(ButlerError) as raised:
        own.put_cutout(pixels(1), place(1), run=run, metadata={"a": 3})
    assert raised.value.type == "dataset_exists"
    assert own.butler.find_dataset("zooniverse_cutout", place(1), collections=run) is None


def test_a_dataset_type_that_is_not_there_is_named(own, run):
    with pytest.raises(ButlerError, match="make_repository") as raised:
        own.put_cutout(pixels(0), place(0), run=run, dataset_type="deepCoadd")
    assert raised.value.type == "dataset_type_not_found"


def test_a_data_id_of_other_dimensions_is_refused(own, run):
    with pytest.raises(ButlerError) as raised:
        own.put_cutout(pixels(0), {"visit": 1}, run=run)
    assert raised.value.type == "dimension_name"
    assert run not in names(own)


def test_collections_are_listed_counted_and_told_whose_they_are(reader, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "alien")  # all that there is without a service
    rows = reader.collections()
    by_name = {row.name: row for row in rows}
    cutouts = next(use for use in by_name["u/alien/zooniverse-1"].dataset_types if use.name == "zooniverse_cutout")
    assert cutouts.count == COUNT
    assert by_name["u/alien/batch-1"].type == "CHAINED"
    assert by_name["u/other/private-1"].dataset_types[0].count is None
    lines = {line.split("  ")[0]: line for line in repr(rows).splitlines()}
    assert re.search(r"RUN\s+yes\s+zooniverse_cutout \(5\)", lines["u/alien/zooniverse-1"])
    assert re.search(r"RUN\s+no\s+zooniverse_cutout", lines["u/other/private-1"])


@pytest.mark.parametrize(
    ("name", "picked"),
    [
        ("u/alien/zooniverse-1", ("u/alien/zooniverse-1", "run")),
        ("u/alien/empty", ("u/alien/empty", "run")),
        ("u/alien/batch-1", ("u/alien/batch-1", "chain")),
        ("u/alien/batch-1/", ("u/alien/batch-1", "prefix")),
        ("u/alien/night", ("u/alien/night", "prefix")),
        ("u/alien", ("u/alien", "prefix")),
    ],
)
def test_a_name_is_a_run_else_a_chain_else_a_beginning(reader, name, picked):
    assert reader._repository.local.pick(name) == picked


@pytest.mark.parametrize("name", ["u/alien/nope", "u/alien/tagged", "u/al"])
def test_a_name_that_picks_nothing_is_refused(reader, name):
    with pytest.raises(ButlerError, match=re.escape(repr(name))) as raised:
        reader.preview(name)
    assert raised.value.type == "collection_not_found"


def test_a_preview_shows_the_first_cutouts_as_small_pictures(reader):
    sheet = reader.preview("u/alien/zooniverse-1", n=3)
    assert (len(sheet), sheet.total) == (3, COUNT)
    shown = sheet._repr_html_()
    assert shown.count('src="data:image/png;base64,') == 3
    assert f"htm20={place(0)['htm20']}" in shown
    assert "32 x 24 pixels" in repr(sheet)


def test_a_preview_of_a_chain_goes_through_its_runs(reader):
    sheet = reader.preview("u/alien/batch-1")
    assert [tile.run for tile in sheet.tiles] == [
        "u/alien/batch-1/20260902T000000Z",
        "u/alien/batch-1/20260901T000000Z",
    ]


def test_large_cutouts_are_made_small_for_the_notebook(own, run):
    own.put_cutout(np.random.default_rng(0).integers(0, 256, (900, 600), dtype=np.uint8), place(0), run=run)
    (tile,) = own.preview(run).tiles
    assert tile.size == (600, 900)
    assert len(tile.png) < 160 * 160 * 3 + 1000


def test_a_cutout_that_cannot_be_shown_says_why_and_the_rest_is_shown(own, run):
    refs = [own.put_cutout(pixels(index), place(index), run=run) for index in range(4)]
    paths = [Path(own.butler.getURI(ref).ospath) for ref in refs]
    paths[0].write_bytes(paths[0].read_bytes()[:100])
    paths[1].write_bytes(b"<script>alert(1)</script>")
    Image.fromarray(np.zeros((4, 4), dtype=np.uint16)).save(paths[2])
    sheet = own.preview(run)
    assert [tile.png is None for tile in sheet.tiles] == [True, True, True, False]
    for problem in ("damaged", "neither a PNG nor a JPEG", "not an 8-bit picture"):
        assert problem in repr(sheet)
    assert "<script" not in sheet._repr_html_()


def test_a_file_that_is_gone_is_said_to_be_gone(own, run):
    ref = own.put_cutout(pixels(0), place(0), run=run)
    Path(own.butler.getURI(ref).ospath).unlink()
    (tile,) = own.preview(run).tiles
    assert (tile.png, str(ref.id) in tile.problem) == (None, True)


def test_hostile_names_are_shown_and_not_run(reader):
    for shown in (reader.collections()._repr_html_(), reader.preview(HOSTILE)._repr_html_()):
        assert "&lt;img src=x" in shown
        assert "<img src=x" not in shown
    for shown in (repr(reader.collections()), repr(reader.preview(HOSTILE)), reader.collections()._repr_html_()):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
