"""The formatter: what goes into the Butler as a cutout, and comes back the same."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from lsst.daf.butler import Butler, Config, DataCoordinate, DatasetRef, DatasetType, FileDataset
from PIL import Image, PngImagePlugin

import rsp_epo_export.formatters
from rsp_epo_export.formatters import CutoutFormatter
from rsp_epo_export.repository import CONFIGURATION

from .conftest import cutout, path_of, place

RUN = "u/alien/test"


@pytest.fixture
def writing(fresh: Butler) -> Butler:
    fresh.collections.register(RUN)
    return fresh


def with_parameters(root: Path, **parameters: Any) -> Butler:
    """A repository whose cutouts are written with these parameters."""
    config = Config(CONFIGURATION)
    config["datastore", "formatters", "CutoutImage"] = {
        "formatter": "rsp_epo_export.formatters.CutoutFormatter",
        "parameters": parameters,
    }
    Butler.makeRepo(str(root), config=config)
    butler = Butler.from_config(str(root), writeable=True)
    butler.registry.registerDatasetType(
        DatasetType("zooniverse_cutout", ("htm20",), "CutoutImage", universe=butler.dimensions)
    )
    butler.collections.register(RUN)
    return butler


def ingest(butler: Butler, path: Path) -> DatasetRef:
    data_id = DataCoordinate.standardize(place(0), universe=butler.dimensions)
    ref = DatasetRef(butler.get_dataset_type("zooniverse_cutout"), data_id, run=RUN)
    butler.ingest(FileDataset(str(path), [ref], formatter=CutoutFormatter), transfer="copy")
    return ref


def chunks_of(png: bytes) -> list[bytes]:
    kinds, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kinds.append(png[at + 4 : at + 8])
        at += 12 + length
    return kinds


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (1, 300), (300, 1, 3), (37, 53), (37, 53, 3), (128, 128, 3)])
def test_an_array_comes_back_with_the_same_pixels(writing: Butler, shape: tuple[int, ...]) -> None:
    pixels = cutout(sum(shape), shape)
    ref = writing.put(pixels, "zooniverse_cutout", place(0), run=RUN)
    back = writing.get(ref)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, pixels)


def test_an_array_that_is_a_view_comes_back_with_the_same_pixels(writing: Butler) -> None:
    pixels = cutout(1, (20, 30, 3))[::-2, 3:20:2, ::-1]
    np.testing.assert_array_equal(writing.get(writing.put(pixels, "zooniverse_cutout", place(0), run=RUN)), pixels)


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3)])
def test_a_pil_image_comes_back_as_its_array(writing: Butler, shape: tuple[int, ...]) -> None:
    pixels = cutout(2, shape)
    ref = writing.put(Image.fromarray(pixels), "zooniverse_cutout", place(0), run=RUN)
    np.testing.assert_array_equal(writing.get(ref), pixels)


def test_a_cutout_is_written_as_a_png_file(writing: Butler) -> None:
    path = path_of(writing, writing.put(cutout(3), "zooniverse_cutout", place(0), run=RUN))
    assert path.suffix == ".png"
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")


def test_a_png_carries_no_metadata_even_where_the_pil_image_did(writing: Butler) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("objectId", "1234")
    buffer = io.BytesIO()
    Image.fromarray(cutout(4)).save(buffer, "PNG", pnginfo=text, dpi=(72, 72), icc_profile=b"profile")
    image = Image.open(buffer)
    assert "objectId" in image.info
    png = path_of(writing, writing.put(image, "zooniverse_cutout", place(0), run=RUN)).read_bytes()
    assert set(chunks_of(png)) == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(
    "science",
    [
        pytest.param(np.zeros((4, 4)), id="float64"),
        pytest.param(np.zeros((4, 4, 3), np.float32), id="float32 RGB"),
        pytest.param(np.zeros((4, 4), np.uint16), id="16 bits"),
        pytest.param(np.zeros((4, 4), np.int64), id="64 bits"),
        pytest.param(np.zeros((4, 4), bool), id="bool"),
        pytest.param(SimpleNamespace(image=SimpleNamespace(array=np.zeros((4, 4)))), id="exposure"),
        pytest.param(Image.fromarray(np.zeros((4, 4), np.float32)), id="PIL of floats"),
        pytest.param(Image.fromarray(np.zeros((4, 4), np.uint16)), id="PIL of 16 bits"),
        pytest.param([[0, 0], [0, 0]], id="list"),
        pytest.param(None, id="None"),
    ],
)
def test_science_data_are_refused_with_the_name_of_what_stretches_them(writing: Butler, science: object) -> None:
    with pytest.raises(TypeError, match=r"rsp_epo_export\.to_cutout"):
        writing.put(science, "zooniverse_cutout", place(0), run=RUN)


@pytest.mark.parametrize("shape", [(4,), (4, 4, 1), (4, 4, 2), (4, 4, 4), (3, 4, 4), (1, 4, 4, 3), (0, 4), (4, 0, 3)])
def test_an_array_of_another_shape_is_refused(writing: Butler, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cutout"):
        writing.put(np.zeros(shape, np.uint8), "zooniverse_cutout", place(0), run=RUN)


def test_masked_pixels_are_refused(writing: Butler) -> None:
    with pytest.raises(ValueError, match="masked"):
        writing.put(np.ma.array(cutout(5), mask=cutout(5) > 100), "zooniverse_cutout", place(0), run=RUN)


def test_a_refused_cutout_leaves_nothing_behind(writing: Butler, root: Path) -> None:
    with pytest.raises(TypeError):
        writing.put(np.zeros((4, 4)), "zooniverse_cutout", place(0), run=RUN)
    assert writing.query_datasets("zooniverse_cutout", RUN, explain=False) == []
    assert list(root.rglob("*.png")) == []


def test_jpeg_is_written_where_the_configuration_asks_for_it(tmp_path: Path) -> None:
    butler = with_parameters(tmp_path / "jpeg", format="jpeg", quality=95)
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    pixels = np.stack([smooth, smooth // 2, 200 - smooth // 2], axis=2)
    ref = butler.put(pixels, "zooniverse_cutout", place(0), run=RUN)
    assert path_of(butler, ref).suffix == ".jpg"
    with Image.open(path_of(butler, ref)) as image:
        assert image.format == "JPEG"
    assert np.abs(butler.get(ref).astype(int) - pixels).max() <= 8


def test_a_lower_jpeg_quality_gives_a_smaller_file(tmp_path: Path) -> None:
    sizes = []
    for quality in (30, 95):
        butler = with_parameters(tmp_path / str(quality), format="jpeg", quality=quality)
        sizes.append(path_of(butler, butler.put(cutout(6, (64, 64, 3)), "zooniverse_cutout", place(0), run=RUN)))
    assert sizes[0].stat().st_size < sizes[1].stat().st_size


def test_png_compression_changes_the_size_and_not_the_pixels(tmp_path: Path) -> None:
    pixels = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
    sizes = []
    for compression in (0, 9):
        butler = with_parameters(tmp_path / str(compression), compression=compression)
        ref = butler.put(pixels, "zooniverse_cutout", place(0), run=RUN)
        np.testing.assert_array_equal(butler.get(ref), pixels)
        sizes.append(path_of(butler, ref).stat().st_size)
    assert sizes[1] < sizes[0]


@pytest.mark.parametrize(
    "parameters",
    [{"format": "gif"}, {"quality": 0}, {"quality": "high"}, {"compression": 10}, {"compression": True}, {"speed": 1}],
)
def test_a_wrong_write_parameter_is_refused(tmp_path: Path, parameters: dict[str, Any]) -> None:
    butler = with_parameters(tmp_path / "wrong", **parameters)
    with pytest.raises(ValueError, match=f"{next(iter(parameters))}"):
        butler.put(cutout(7), "zooniverse_cutout", place(0), run=RUN)


def test_an_ingested_palette_png_is_read_as_rgb(writing: Butler, tmp_path: Path) -> None:
    image = Image.fromarray(cutout(8)).quantize(16)
    image.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(
        writing.get(ingest(writing, tmp_path / "palette.png")), np.asarray(image.convert("RGB"))
    )


@pytest.mark.parametrize("what", ["16 bits", "truncated", "text"])
def test_an_ingested_file_that_is_no_cutout_is_not_read_as_one(writing: Butler, tmp_path: Path, what: str) -> None:
    path = tmp_path / "file.png"
    if what == "16 bits":
        Image.fromarray(np.zeros((4, 4), np.uint16)).save(path)
    elif what == "truncated":
        Image.fromarray(cutout(9, (64, 64, 3))).save(path)
        path.write_bytes(path.read_bytes()[:2000])
    else:
        path.write_text("not an image")
    with pytest.raises(ValueError, match="CutoutFormatter"):
        writing.get(ingest(writing, path))


def test_metadata_is_a_json_file_that_comes_back(writing: Butler) -> None:
    metadata = {"ra": 53.16, "note": "é\n", "tags": ["a", None], "deep": {"n": 1}}
    ref = writing.put(metadata, "zooniverse_metadata", place(0), run=RUN)
    assert path_of(writing, ref).suffix == ".json"
    assert writing.get(ref) == metadata


def test_the_formatter_imports_nothing_of_ours() -> None:
    source = Path(rsp_epo_export.formatters.__file__)
    alone = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('alone', sys.argv[1]); "
        "spec.loader.exec_module(importlib.util.module_from_spec(spec)); "
        "assert not any(name.startswith('rsp_epo_export') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-I", "-c", alone, str(source)], check=True)
