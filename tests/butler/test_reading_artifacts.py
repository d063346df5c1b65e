"""The bytes of an artifact, for its owner and for a reader who does not trust the owner."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from lsst.daf.butler import Butler, DataCoordinate, DatasetRef, FileDataset

from rsp_epo_export import butler_reads as reads
from rsp_epo_export.formatters import CutoutFormatter
from rsp_epo_export.reads import locations
from rsp_epo_export.repository import make_repository

from .conftest import HOSTILE_NAMES, cutout, path_of, place, put, refs_of

RUN = "u/alien/zooniverse-1"
LIMIT = 10_000_000
CAMERAS = ("Cam1", "Cam2", "Cam3")
CONFINED = reads.Confinement(uid=None)


def point_at(root: Path, ref: DatasetRef, path: str) -> None:
    """Change the datastore's record of a dataset, as whoever can write the database can."""
    with sqlite3.connect(root / "gen3.sqlite3") as database:
        changed = database.execute(
            "UPDATE file_datastore_records SET path = ? WHERE dataset_id = ?", (path, ref.id.hex)
        ).rowcount
    assert changed == 1


@dataclass
class Zipped:
    """A repository into which a zip of cutouts was ingested."""

    butler: Butler
    refs: list[DatasetRef]
    archive: Path
    root: Path

    @property
    def first(self) -> DatasetRef:
        return self.refs[0]


@pytest.fixture
def zipped(tmp_path: Path) -> Zipped:
    """Cutouts by camera.

    daf_butler 30.2026 ingests no zip of datasets with skypix dimensions (KeyError: 'htm20'), and makes none of datasets
    whose files have equal names (FileExistsError), as have those of one camera's nights.
    """
    source, target = (_by_camera(tmp_path / name) for name in ("source", "target"))
    refs = [_put_by_camera(source, RUN, camera) for camera in CAMERAS]
    target.ingest_zip(source.retrieve_artifacts_zip(refs, tmp_path / "zip"), transfer="copy")
    archive = Path(target.getURI(refs[0]).replace(fragment="").ospath)
    return Zipped(target, refs, archive, tmp_path / "target")


def _by_camera(path: Path) -> Butler:
    butler = make_repository(path, dimensions=("instrument",))
    for camera in CAMERAS:
        butler.registry.insertDimensionData("instrument", {"name": camera, "class_name": "demo"})
    return butler


def _put_by_camera(butler: Butler, run: str, camera: str) -> DatasetRef:
    butler.collections.register(run)
    return butler.put(cutout(1), "zooniverse_cutout", instrument=camera, run=run)


def unreadable(butler: Butler, ref: DatasetRef, confinement: reads.Confinement | None = CONFINED) -> str:
    """Make sure that neither call gives the artifact, and say why."""
    with closing(reads.ArtifactReader(butler)) as reader:
        with pytest.raises(reads.UnreadableError):
            reader.read(ref.id, LIMIT, confinement)
        with pytest.raises(reads.UnreadableError) as refused:
            reader.retrieve(ref.id, LIMIT, confinement)
    return str(refused.value)


@pytest.mark.parametrize("confinement", [None, CONFINED, reads.Confinement(os.getuid())])
def test_a_file_is_given_as_it_is_on_disk(butler: Butler, confinement: reads.Confinement | None) -> None:
    ref = refs_of(butler, RUN)[0]
    path = path_of(butler, ref)
    for read in (reads.ArtifactReader(butler).read, reads.ArtifactReader(butler).retrieve):
        assert read(ref.id, LIMIT, confinement) == reads.Artifact("image/png", path.name, path.read_bytes())


def test_metadata_is_json(butler: Butler) -> None:
    ref = refs_of(butler, RUN, "zooniverse_metadata")[0]
    assert reads.ArtifactReader(butler).read(ref.id, LIMIT).media_type == "application/json"


def test_a_file_that_only_says_it_is_an_image_is_not_called_one(fresh: Butler) -> None:
    ref = put(fresh, RUN, 1)
    path_of(fresh, ref).write_bytes(b"<html><script>alert(1)</script></html>")
    assert reads.ArtifactReader(fresh).read(ref.id, LIMIT).media_type == "application/octet-stream"


def test_an_unknown_dataset_is_not_found(butler: Butler) -> None:
    with pytest.raises(reads.DatasetNotFoundError):
        reads.ArtifactReader(butler).read(uuid4(), LIMIT)


def test_a_file_is_given_up_to_the_limit_and_not_beyond(butler: Butler) -> None:
    ref = refs_of(butler, RUN)[0]
    size = path_of(butler, ref).stat().st_size
    assert len(reads.ArtifactReader(butler).read(ref.id, size).payload) == size
    with pytest.raises(reads.TooLargeError):
        reads.ArtifactReader(butler).read(ref.id, size - 1)


def test_a_deleted_file_is_unreadable(fresh: Butler) -> None:
    ref = put(fresh, RUN, 1)
    path_of(fresh, ref).unlink()
    assert "No such file" in unreadable(fresh, ref, None)


def test_a_dataset_that_left_the_datastore_is_unreadable(fresh: Butler) -> None:
    ref = put(fresh, RUN, 1)
    fresh.pruneDatasets([ref], unstore=True, purge=False, disassociate=False)
    assert "not in the datastore" in unreadable(fresh, ref, None)


@pytest.mark.parametrize("confinement", [None, CONFINED])
def test_a_fifo_is_unreadable_and_nobody_waits_for_it(fresh: Butler, confinement: reads.Confinement | None) -> None:
    ref = put(fresh, RUN, 1)
    path_of(fresh, ref).unlink()
    os.mkfifo(path_of(fresh, ref))
    assert "not a regular file" in unreadable(fresh, ref, confinement)


@pytest.mark.parametrize("confinement", [None, CONFINED])
def test_a_directory_is_unreadable(fresh: Butler, confinement: reads.Confinement | None) -> None:
    ref = put(fresh, RUN, 1)
    path_of(fresh, ref).unlink()
    path_of(fresh, ref).mkdir()
    assert unreadable(fresh, ref, confinement)


def test_the_owner_may_read_through_a_symbolic_link_and_a_confined_reader_not(fresh: Butler, tmp_path: Path) -> None:
    ref = put(fresh, RUN, 1)
    path_of(fresh, ref).rename(tmp_path / "elsewhere.png")
    path_of(fresh, ref).symlink_to(tmp_path / "elsewhere.png")
    assert reads.ArtifactReader(fresh).read(ref.id, LIMIT).media_type == "image/png"
    assert unreadable(fresh, ref)


def test_a_confined_reader_follows_no_linked_directory(fresh: Butler, tmp_path: Path) -> None:
    ref = put(fresh, RUN, 1)
    directory = path_of(fresh, ref).parent
    directory.rename(tmp_path / "elsewhere")
    directory.symlink_to(tmp_path / "elsewhere")
    assert "directory of its run" in unreadable(fresh, ref)


def test_a_root_behind_a_link_is_no_obstacle_to_a_confined_reader(fresh: Butler, root: Path, tmp_path: Path) -> None:
    ref = put(fresh, RUN, 1)
    (tmp_path / "link").symlink_to(root)
    linked = Butler.from_config(str(tmp_path / "link"))
    assert reads.ArtifactReader(linked).read(ref.id, LIMIT, CONFINED).payload


def test_a_file_outside_the_datastore_is_not_for_a_confined_reader(fresh: Butler, tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(path_of(fresh, put(fresh, RUN, 1)).read_bytes())
    data_id = DataCoordinate.standardize(place(2), universe=fresh.dimensions)
    ref = DatasetRef(fresh.get_dataset_type("zooniverse_cutout"), data_id, run=RUN)
    fresh.ingest(FileDataset(str(tmp_path / "outside.png"), [ref], formatter=CutoutFormatter), transfer="direct")
    assert reads.ArtifactReader(fresh).read(ref.id, LIMIT).media_type == "image/png"
    assert "directory of its run" in unreadable(fresh, ref)


def test_another_pis_file_in_the_same_datastore_is_not_for_a_confined_reader(fresh: Butler) -> None:
    theirs = put(fresh, "u/alien/private", 1)
    fresh.collections.register("u/mallory/run")
    data_id = DataCoordinate.standardize(place(1), universe=fresh.dimensions)
    ref = DatasetRef(fresh.get_dataset_type("zooniverse_cutout"), data_id, run="u/mallory/run")
    fresh.ingest(FileDataset(str(path_of(fresh, theirs)), [ref], formatter=CutoutFormatter), transfer=None)
    assert fresh.getURI(ref) == fresh.getURI(theirs)
    assert "directory of its run" in unreadable(fresh, ref)


def test_a_run_that_is_named_into_another_pis_directory_is_not_for_a_confined_reader(fresh: Butler) -> None:
    assert "no directory of its own" in unreadable(fresh, put(fresh, "u/mallory/../alien/private", 1))


def test_a_path_that_climbs_out_of_the_run_is_not_for_a_confined_reader(fresh: Butler, root: Path) -> None:
    theirs, mine = put(fresh, "u/alien/private", 1), put(fresh, "u/mallory/run", 1)
    climbing = f"u/mallory/run/../../../{path_of(fresh, theirs).relative_to(root)}"
    point_at(root, mine, climbing)
    assert "directory of its run" in unreadable(Butler.from_config(str(root)), mine)


def test_a_neighbour_whose_name_begins_alike_is_another_run(fresh: Butler, root: Path) -> None:
    theirs, mine = put(fresh, "u/alien/run-10", 1), put(fresh, "u/alien/run-1", 1)
    point_at(root, mine, str(path_of(fresh, theirs).relative_to(root)))
    assert "directory of its run" in unreadable(Butler.from_config(str(root)), mine)


def test_a_file_of_another_account_is_not_for_a_confined_reader(fresh: Butler) -> None:
    ref = put(fresh, RUN, 1)
    assert "does not belong" in unreadable(fresh, ref, reads.Confinement(os.getuid() + 1))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_the_owner_reads_a_run_of_any_name(butler: Butler, name: str) -> None:
    (ref,) = refs_of(butler, name)
    assert reads.ArtifactReader(butler).read(ref.id, LIMIT).payload == path_of(butler, ref).read_bytes()


def test_members_of_a_zip_are_listed_as_such_and_retrieved(zipped: Zipped) -> None:
    items = [item for some in reads.list_items(zipped.butler, RUN, "zooniverse_cutout") for item in some]
    assert [(item.kind, item.uri) for item in items] == [("zip_member", None)] * 3
    with closing(reads.ArtifactReader(zipped.butler)) as reader, zipfile.ZipFile(zipped.archive) as members:
        for ref in zipped.refs:
            for confinement in (None, CONFINED, reads.Confinement(os.getuid())):
                artifact = reader.retrieve(ref.id, LIMIT, confinement)
                assert artifact.media_type == "image/png"
                assert artifact.payload == members.read(artifact.name)


def test_a_member_of_a_zip_is_no_file_of_its_own(zipped: Zipped) -> None:
    with pytest.raises(reads.UnreadableError, match="member of a zip"):
        reads.ArtifactReader(zipped.butler).read(zipped.first.id, LIMIT)


def test_both_ways_of_finding_members_of_a_zip_agree(zipped: Zipped) -> None:
    ids = [ref.id for ref in zipped.refs]
    assert locations.locate(zipped.butler, ids) == locations._locate_by_uris(zipped.butler, ids)


def test_a_member_is_given_up_to_the_limit_and_not_beyond(zipped: Zipped) -> None:
    with closing(reads.ArtifactReader(zipped.butler)) as reader:
        size = len(reader.retrieve(zipped.first.id, LIMIT).payload)
        assert len(reader.retrieve(zipped.first.id, size).payload) == size
        with pytest.raises(reads.TooLargeError):
            reader.retrieve(zipped.first.id, size - 1)


def test_a_zip_that_was_replaced_is_read_anew(zipped: Zipped, tmp_path: Path) -> None:
    with closing(reads.ArtifactReader(zipped.butler)) as reader:
        name = reader.retrieve(zipped.first.id, LIMIT).name
        with zipfile.ZipFile(tmp_path / "new.zip", "w") as new:
            new.writestr(name, b"something else")
        (tmp_path / "new.zip").replace(zipped.archive)
        assert reader.retrieve(zipped.first.id, LIMIT).payload == b"something else"


@pytest.mark.parametrize("damage", ["no zip", "truncated", "member gone"])
def test_a_damaged_zip_is_unreadable(zipped: Zipped, damage: str) -> None:
    if damage == "member gone":
        with zipfile.ZipFile(zipped.archive, "w") as empty:
            empty.writestr("other", b"")
    else:
        zipped.archive.write_bytes(b"not a zip" if damage == "no zip" else zipped.archive.read_bytes()[:-30])
    assert unreadable(zipped.butler, zipped.first, None)


def test_another_pis_zip_is_not_for_a_confined_reader(zipped: Zipped) -> None:
    mine = _put_by_camera(zipped.butler, "u/mallory/run", CAMERAS[0])
    member = zipped.butler.getURI(zipped.first).fragment
    point_at(zipped.root, mine, f"{zipped.archive.relative_to(zipped.root)}#{member}")
    again = Butler.from_config(str(zipped.root))
    with closing(reads.ArtifactReader(again)) as reader:
        assert reader.retrieve(mine.id, LIMIT).payload  # the record does lead there
    assert "does not say" in unreadable(again, mine)


def test_a_disassembled_dataset_is_listed_as_such_and_has_no_artifact(fresh: Butler, root: Path) -> None:
    ref = put(fresh, RUN, 1)
    with sqlite3.connect(root / "gen3.sqlite3") as database:  # two files, as a composite's components are kept
        database.execute("UPDATE file_datastore_records SET component = 'image'")
        columns = [row[1] for row in database.execute("PRAGMA table_info(file_datastore_records)")]
        others = ", ".join("'mask'" if column == "component" else column for column in columns)
        database.execute(f"INSERT INTO file_datastore_records SELECT {others} FROM file_datastore_records")
    again = Butler.from_config(str(root))
    (items,) = reads.list_items(again, RUN, "zooniverse_cutout")
    assert [(item.kind, item.uri) for item in items] == [("disassembled", None)]
    assert locations.locate(again, [ref.id]) == locations._locate_by_uris(again, [ref.id])
    assert "several files" in unreadable(again, ref, None)
