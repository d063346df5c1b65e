"""What is removed from a repository: datasets that were exported, exactly those, and a run that is empty without them.

The caller says which datasets are public and were read back; here each is removed only if its file still is what was
retrieved. Nothing is removed by a name, a pattern or a query, so nothing that came later can go with it.
"""

from __future__ import annotations

__all__ = ("Exported", "ReadOnlyError", "Removed", "RunFate", "remove_empty_run", "remove_exported", "writeable")

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from lsst.daf.butler import Butler

from .collection_names import owner_of
from .reads.artifacts import ArtifactReader
from .reads.collections import resolve
from .reads.errors import CollectionNotFoundError, ReadError, TooLargeError, UnreadableError
from .reads.served import is_served

_LARGEST = 1024 * 1024 * 1024

RunFate: TypeAlias = Literal["removed", "not_empty", "in_anothers_chain", "gone"]


class ReadOnlyError(ReadError):
    """A Butler server serves the repository, and takes nothing away."""

    code = "repository_read_only"


@dataclass(frozen=True, slots=True)
class Exported:
    """A published dataset, and the SHA-256 (hexadecimal) of its file as the export service retrieved it."""

    dataset_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of each dataset.

    Attributes
    ----------
    removed
        Gone now, with their files.
    gone
        The run did not have them any more.
    kept
        Their file is not what was retrieved, or cannot be read.
    """

    removed: Sequence[UUID]
    gone: Sequence[UUID]
    kept: Sequence[UUID]


def writeable(butler: Butler, repository: str) -> Butler:
    """Open a repository once more, for writing.

    Raises
    ------
    ReadOnlyError
        It is one that a Butler server serves.
    """
    if is_served(butler):
        raise ReadOnlyError("A Butler server serves this repository, so nothing can be removed from it.")
    return Butler.from_config(repository, writeable=True)


def remove_exported(butler: Butler, run: str, exported: Sequence[Exported]) -> Removed:
    """Remove datasets of a run, with their files and from every TAGGED collection. Doing it twice does no harm.

    Parameters
    ----------
    butler
        A writeable Butler.
    run
        The run that they were exported from; a dataset of another is left alone.
    exported
        The datasets.
    """
    wanted = {one.dataset_id: one.sha256 for one in exported}
    found = {ref.id: ref for ref in butler.get_many_datasets(wanted) if ref.run == run}
    reader = ArtifactReader(butler)
    try:
        same = [dataset_id for dataset_id in found if _sha256(reader, dataset_id) == wanted[dataset_id]]
    finally:
        reader.close()
    butler.pruneDatasets([found[dataset_id] for dataset_id in same], disassociate=True, unstore=True, purge=True)
    kept = found.keys() - set(same)
    return Removed(
        removed=same,
        gone=[dataset_id for dataset_id in wanted if dataset_id not in found],
        kept=[dataset_id for dataset_id in wanted if dataset_id in kept],
    )


def remove_empty_run(butler: Butler, run: str) -> RunFate:
    """Remove a run that has no dataset, from its owner's chains too; one in another's chain stays.

    `Butler.removeRuns` looks once more, so a dataset that somebody puts into the run at this very moment goes with it.
    """
    try:
        (found,) = resolve(butler, run, "run")
    except CollectionNotFoundError:
        return "gone"
    if any(use.count for use in found.dataset_types):
        return "not_empty"
    parents = butler.collections.get_info(run, include_parents=True).parents or frozenset()
    if any(owner_of(parent) != owner_of(run) for parent in parents):
        return "in_anothers_chain"
    butler.removeRuns([run], unlink_from_chains=True)
    return "removed"


def _sha256(reader: ArtifactReader, dataset_id: UUID) -> str | None:
    try:
        return hashlib.sha256(reader.retrieve(dataset_id, _LARGEST).payload).hexdigest()
    except (UnreadableError, TooLargeError):
        return None
