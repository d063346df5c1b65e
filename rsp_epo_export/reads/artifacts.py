"""The bytes of one artifact, as they are on disk."""

from __future__ import annotations

__all__ = ("Artifact", "ArtifactReader", "Confinement")

import contextlib
import json
import os
import stat
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from lsst.daf.butler import Butler, DatasetRef
from lsst.resources import ResourcePath

from ..collection_names import run_directory
from .errors import DatasetNotFoundError, TooLargeError, UnreadableError
from .locations import locate
from .served import download, is_served

_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
_ZIP_INDEX = "_butler_zip_index.json"
_ZIP_DIRECTORY = "zips"  # where ingest_zip puts archives of any run (ZipIndex.calculate_zip_file_path_in_store)
_MAXIMUM_ZIP_INDEX = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Artifact:
    """The bytes of one artifact; `media_type` is what they look like, never what the name claims for an image."""

    media_type: str
    name: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Confinement:
    """What an artifact must be for a reader who is not its owner.

    In a direct repository whoever writes may point a dataset at any file that they can name, another PI's included. So
    it must be a regular file below the directory of its own run in the datastore, reached through no symbolic link,
    and belong to `uid` unless that is `None`. A zip must lie there or in the datastore's directory of zips, and its own
    index must name the dataset, its run and the member.
    """

    uid: int | None


class ArtifactReader:
    """Reads artifacts of one repository; keeps the zip open that it read last, as members come in a row."""

    def __init__(self, butler: Butler) -> None:
        self._butler = butler
        self._zip: _Zip | None = None

    def close(self) -> None:
        """Close what is open."""
        if self._zip is not None:
            self._zip.close()
            self._zip = None

    def read(self, dataset_id: UUID, limit: int, confinement: Confinement | None = None) -> Artifact:
        """Give the artifact of a dataset that is one plain whole file.

        Parameters
        ----------
        dataset_id
            The dataset.
        limit
            The most bytes that the caller takes.
        confinement
            What to insist on before reading; `None` reads whatever this process may read.

        Raises
        ------
        DatasetNotFoundError
            The repository has no such dataset.
        TooLargeError
            The artifact is larger than `limit`.
        UnreadableError
            It is gone, no regular file, no plain whole file, not readable, or not confined.
        """
        return self._read(dataset_id, limit, confinement, members=False)

    def retrieve(self, dataset_id: UUID, limit: int, confinement: Confinement | None = None) -> Artifact:
        """Give the artifact of a dataset that is a plain whole file or a member of a zip.

        The member is read straight from the zip and only up to `limit`: `Butler.retrieveArtifacts` would believe the
        index inside the zip and unpack what it names, however large.

        Raises as `read`; a dataset stored as several files is `UnreadableError`, since it has no single artifact.
        """
        return self._read(dataset_id, limit, confinement, members=True)

    def _read(self, dataset_id: UUID, limit: int, confinement: Confinement | None, *, members: bool) -> Artifact:
        ref = self._butler.get_dataset(dataset_id)
        if ref is None:
            raise DatasetNotFoundError(f"The repository has no dataset {dataset_id}.")
        if is_served(self._butler):
            if confinement is not None:
                raise _nobody_vouches(ref)
            name, payload = download(self._butler, ref, limit)
            return Artifact(_media_type(payload, name), name, payload)
        location = locate(self._butler, [ref.id])[ref.id]
        if location.uri is None:
            why = (
                "is stored as several files" if location.kind == "disassembled" else "is not in the datastore any more"
            )
            raise UnreadableError(f"The dataset {dataset_id} {why}.")
        uri = ResourcePath(location.uri)
        try:
            if location.kind == "zip_member":
                if not members:
                    raise UnreadableError(f"The dataset {dataset_id} is a member of a zip, not a file of its own.")
                name = uri.unquoted_fragment.partition("=")[2]
                payload = self._open_zip(uri, ref, confinement).member(name, ref, limit, confinement)
            else:
                name, payload = uri.basename(), self._whole_file(uri, ref, limit, confinement)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error).partition("\n")[0]
            raise UnreadableError(f"The file of the dataset {dataset_id} cannot be read: {reason}.") from error
        return Artifact(_media_type(payload, name), name.rpartition("/")[2], payload)

    def _whole_file(self, uri: ResourcePath, ref: DatasetRef, limit: int, confinement: Confinement | None) -> bytes:
        if not uri.isLocal:
            if confinement is not None:
                raise _nobody_vouches(ref)
            if uri.size() > limit:
                raise TooLargeError(f"The file of the dataset {ref.id} has over {limit} bytes.")
            return uri.read(limit)
        with _open_regular(
            uri.ospath, ref, self._allowed(ref, zips=False) if confinement else None, confinement
        ) as file:
            if os.fstat(file.fileno()).st_size > limit:
                raise TooLargeError(f"The file of the dataset {ref.id} has over {limit} bytes.")
            payload = file.read(limit + 1)
        if len(payload) > limit:  # it grew meanwhile
            raise TooLargeError(f"The file of the dataset {ref.id} has over {limit} bytes.")
        return payload

    def _open_zip(self, uri: ResourcePath, ref: DatasetRef, confinement: Confinement | None) -> _Zip:
        if not uri.isLocal:
            raise UnreadableError(f"The zip of the dataset {ref.id} is not on this file system.")
        # Opened and checked for every member; what is kept is the parsed directory of a file that is still the same.
        file = _open_regular(uri.ospath, ref, self._allowed(ref, zips=True) if confinement else None, confinement)
        status = os.fstat(file.fileno())
        identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if self._zip is not None and self._zip.identity == identity:
            file.close()
            return self._zip
        self.close()
        self._zip = _Zip(file, identity)
        return self._zip

    def _allowed(self, ref: DatasetRef, *, zips: bool) -> list[str]:
        """Give the directories in which an artifact of this run may lie, without symbolic links in their roots."""
        directory = run_directory(ref.run)
        if directory is None:
            raise UnreadableError(f"The run {ref.run!r} has no directory of its own.")
        roots = [root for root in self._butler.get_datastore_roots().values() if root is not None and root.isLocal]
        below = [directory, _ZIP_DIRECTORY] if zips else [directory]
        return [f"{os.path.realpath(root.ospath)}/{segment}" for root in roots for segment in below]


class _Zip:
    """An open zip, and what its own index says of its members."""

    def __init__(self, file: IO[bytes], identity: tuple[int, ...]) -> None:
        self.identity = identity
        self._file = file
        self._index: dict[str, Any] | None = None
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, OverflowError) as error:
            file.close()
            raise ValueError(f"it is not a zip ({error})") from error

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def member(self, name: str, ref: DatasetRef, limit: int, confinement: Confinement | None) -> bytes:
        if confinement is not None and not self._names(name, ref):
            raise UnreadableError(f"The zip of the dataset {ref.id} does not say that it holds it.")
        payload = self._read(name, limit)
        if payload is None:
            raise TooLargeError(f"The file of the dataset {ref.id} has over {limit} bytes.")
        return payload

    def _read(self, name: str, limit: int) -> bytes | None:
        """Give a member, or `None` if it has more than `limit` bytes, whatever its header says."""
        try:
            with self._zip.open(name) as member:
                payload = member.read(limit + 1)
        except KeyError:
            raise ValueError("the zip has no such member") from None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
            raise ValueError(f"the zip is damaged ({error})") from error
        return payload if len(payload) <= limit else None

    def _names(self, name: str, ref: DatasetRef) -> bool:
        """Tell whether the index names this dataset of this run as this member (`ZipIndex` of daf_butler)."""
        if self._index is None:
            content = self._read(_ZIP_INDEX, _MAXIMUM_ZIP_INDEX)
            self._index = json.loads(content) if content is not None else {}
        with contextlib.suppress(KeyError, TypeError, AttributeError):
            assert self._index is not None
            ids = self._index["artifact_map"][name]["ids"]
            return str(ref.id) in ids and self._index["refs"]["compact_refs"][str(ref.id)]["run"] == ref.run
        return False


def _nobody_vouches(ref: DatasetRef) -> UnreadableError:
    return UnreadableError(f"The file of the dataset {ref.id} is not on this file system, so nobody vouches for it.")


def _open_regular(path: str, ref: DatasetRef, allowed: list[str] | None, confinement: Confinement | None) -> IO[bytes]:
    """Open a regular file for reading; every check is of the opened descriptor, so that no swap can pass it."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if confinement is not None else 0)
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(f"The file of the dataset {ref.id} is not a regular file.")
        if confinement is not None and allowed is not None:
            real = os.path.realpath(f"/proc/self/fd/{descriptor}")
            if not any(real.startswith(f"{directory}/") for directory in allowed):
                raise UnreadableError(f"The file of the dataset {ref.id} does not lie in the directory of its run.")
            if confinement.uid is not None and status.st_uid != confinement.uid:
                raise UnreadableError(
                    f"The file of the dataset {ref.id} does not belong to the account that granted it."
                )
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _media_type(payload: bytes, name: str) -> str:
    """Tell images by their first bytes; nothing is ever called HTML or SVG, which a browser would run."""
    for signature, media_type in _SIGNATURES:
        if payload.startswith(signature):
            return media_type
    return "application/json" if name.endswith(".json") else "application/octet-stream"
