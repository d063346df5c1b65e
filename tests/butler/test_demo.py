"""The demo's repository: a real image, good cutouts and odd files."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lsst.daf.butler import Butler
from PIL import Image

from rsp_epo_export import butler_reads as reads

from .bridge_child import ROOT
from .conftest import refs_of

PIXELS_OF_SKY = 8 * 4**20, 16 * 4**20


def make(path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "demo" / "make_repository.py"), "--output", str(path), *more],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=False,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = make(tmp_path_factory.mktemp("demo") / "repository", "--user", "alien")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    summary: dict[str, Any] = json.loads(line)
    return summary


@pytest.fixture(scope="module")
def demo_butler(demo: dict[str, Any]) -> Butler:
    return Butler.from_config(demo["repository"])


def test_the_collections_hold_what_the_summary_says(demo: dict[str, Any], demo_butler: Butler) -> None:
    counted = {
        one.name: sum(use.count or 0 for use in one.dataset_types if use.storage_class == "CutoutImage")
        for one in reads.list_collections(demo_butler, ["u/"])
    }
    assert counted == demo["collections"]
    assert counted["u/alien/zooniverse-1"] >= 300


def test_every_cutout_is_128_pixels_square_and_rgb_with_metadata_at_its_place(demo_butler: Butler) -> None:
    refs = refs_of(demo_butler, "u/alien/zooniverse-1")
    metadata = {ref.dataId: ref for ref in refs_of(demo_butler, "u/alien/zooniverse-1", "zooniverse_metadata")}
    assert set(metadata) == {ref.dataId for ref in refs}
    for ref in refs[::40]:
        pixels = demo_butler.get(ref)
        assert (pixels.shape, pixels.dtype) == ((128, 128, 3), np.uint8)
        about = demo_butler.get(metadata[ref.dataId])
        assert about["ra"] == pytest.approx(53.16, abs=0.03)
        assert about["dec"] == pytest.approx(-27.78, abs=0.02)
        assert PIXELS_OF_SKY[0] <= ref.dataId["htm20"] < PIXELS_OF_SKY[1]


def test_a_flipbook_has_three_different_frames_a_subject(demo_butler: Butler) -> None:
    frames: dict[int, list[bytes]] = {}
    for ref in refs_of(demo_butler, "u/alien/flipbook-1", "zooniverse_frame"):
        frames.setdefault(ref.dataId["htm20"], []).append(demo_butler.get(ref).tobytes())
    assert len(frames) == 20
    assert {len(set(of_one)) for of_one in frames.values()} == {3}


def test_the_odd_files_lie_in_their_runs_directory_and_are_what_they_say(demo_butler: Butler) -> None:
    run = "u/alien/mixed-1"
    notes = {ref.dataId: demo_butler.get(ref).get("note") for ref in refs_of(demo_butler, run, "zooniverse_metadata")}
    reader = reads.ArtifactReader(demo_butler)
    found = {
        notes[ref.dataId]: reader.read(ref.id, 10**7, reads.Confinement(None)).payload
        for ref in refs_of(demo_butler, run)
    }
    assert len(found) == 6
    with Image.open(io.BytesIO(found["a PNG with 16 bits a channel"])) as image:
        assert image.mode == "I;16"
    with Image.open(io.BytesIO(found["a truncated PNG"])) as image, pytest.raises(OSError, match="truncated"):
        image.load()
    assert b"IEND\xaeB`\x82PK\x03\x04" in found["a PNG with a zip behind its end"]
    assert found["a FITS file that is called .png"].startswith(b"SIMPLE  =")
    with Image.open(io.BytesIO(found["a JPEG with EXIF"])) as image:
        assert "objectId" in image.getexif()[0x010E]


def test_the_chain_has_the_newest_run_first(demo_butler: Butler) -> None:
    assert [run.name for run in reads.resolve(demo_butler, "u/alien/batch-1", "chain")] == [
        "u/alien/batch-1/20260902T010203Z",
        "u/alien/batch-1/20260901T010203Z",
    ]


def test_the_index_names_the_repository(demo: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAF_BUTLER_REPOSITORY_INDEX", demo["repository_index"])
    assert reads.repositories() == [reads.Repository("demo", demo["repository"])]


def test_a_complete_repository_is_reused(demo: dict[str, Any]) -> None:
    again = make(Path(demo["repository"]))
    assert json.loads(again.stdout) == {**demo, "created": False}


def test_a_repository_of_another_user_is_left_alone(demo: dict[str, Any]) -> None:
    refused = make(Path(demo["repository"]), "--user", "somebody")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "alien's" in refused.stderr


def test_a_directory_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    refused = make(tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "not empty" in refused.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]
