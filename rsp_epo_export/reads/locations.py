"""Where the datastore keeps the artifact of each dataset."""

from __future__ import annotations

__all__ = ("Kind", "Location", "locate")

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from lsst.daf.butler import Butler
from lsst.daf.butler.datastores.fileDatastore import FileDatastore
from lsst.resources import ResourcePath

from .served import is_served, locate_served

Kind: TypeAlias = Literal["file", "zip_member", "disassembled", "missing"]

_MEMBER = "zip-path="
# Of such a path the URI is the root's with the path behind it: no quoting, no scheme, nothing to normalise.
_SIMPLE_PATH = re.compile(r"(?!/)(?:(?!\.{1,2}/)[A-Za-z0-9_.+-]+/)*[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")


@dataclass(frozen=True, slots=True)
class Location:
    """Where one artifact is.

    ``kind`` is ``file`` (one plain whole file), ``zip_member``, ``disassembled`` (several files) or ``missing`` (the
    registry knows the dataset, the datastore does not). ``uri`` is that of the file or of the zip, which carries the
    member in its fragment; `None` for the other kinds.
    """

    kind: Kind
    uri: str | None


def locate(butler: Butler, ids: Sequence[UUID]) -> Mapping[UUID, Location]:
    """Give the location of every dataset's artifact; the datasets are known to the registry.

    `Butler.get_many_uris` takes 0.1 ms a dataset, most of it to build objects for URIs that are only printed here. The
    records of a plain FileDatastore say the same, which a test makes sure of, in a fifth of the time.
    """
    datastore = getattr(butler, "_datastore", None)
    if type(datastore) is FileDatastore:
        return _locate_by_records(datastore, ids)
    return _locate_served(butler, ids) if is_served(butler) else _locate_by_uris(butler, ids)


def _locate_served(butler: Butler, ids: Sequence[UUID]) -> Mapping[UUID, Location]:
    """Ask the server for each, as it has no question for many."""
    found = {ref.id: _location(locate_served(butler, ref)) for ref in butler.get_many_datasets(ids)}
    return {dataset_id: found.get(dataset_id, Location("missing", None)) for dataset_id in ids}


def _locate_by_records(datastore: FileDatastore, ids: Sequence[UUID]) -> Mapping[UUID, Location]:
    root = datastore.root
    prefix = str(root)
    paths: dict[UUID, list[str]] = {dataset_id: [] for dataset_id in ids}
    for row in datastore._table.fetch(dataset_id=ids):
        paths[row["dataset_id"]].append(row["path"])
    return {dataset_id: _from_paths(root, prefix, found) for dataset_id, found in paths.items()}


def _locate_by_uris(butler: Butler, ids: Sequence[UUID]) -> Mapping[UUID, Location]:
    uris = butler.get_many_uris(butler.get_many_datasets(ids), allow_missing=True)
    found = {ref.id: _location(artifacts.iter_all()) for ref, artifacts in uris.items()}
    return {dataset_id: found.get(dataset_id, Location("missing", None)) for dataset_id in ids}


def _from_paths(root: ResourcePath, prefix: str, paths: Sequence[str]) -> Location:
    if len(paths) == 1 and _SIMPLE_PATH.fullmatch(paths[0]):
        return Location("file", prefix + paths[0])
    return _location([_resource(root, path) for path in paths])


def _resource(root: ResourcePath, path: str) -> ResourcePath:
    """As `StoredFileInfo.file_location`: a path below the root, or an absolute URI (ingested with ``direct``)."""
    resource = ResourcePath(path, forceAbsolute=False, forceDirectory=False)
    return resource if resource.isabs() else root.join(resource, forceDirectory=False)


def _location(uris: Iterable[ResourcePath]) -> Location:
    every = tuple(uris)
    if len(every) != 1:
        return Location("disassembled" if every else "missing", None)
    return Location("zip_member" if every[0].unquoted_fragment.startswith(_MEMBER) else "file", str(every[0]))
