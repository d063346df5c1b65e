"""Repositories, collections, and the runs that a pick covers."""

from __future__ import annotations

__all__ = (
    "PICK_KINDS",
    "Collection",
    "DatasetTypeUse",
    "PickKind",
    "Repository",
    "Run",
    "list_collections",
    "repositories",
    "resolve",
    "roots",
)

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import yaml  # type: ignore[import-untyped]
from lsst.daf.butler import Butler, ButlerRepoIndex, CollectionInfo, MissingCollectionError
from lsst.resources import ResourcePath

from ..collection_names import Owner, owner_of
from .errors import CollectionNotFoundError, RepositoryUnavailableError
from .served import is_served

CollectionTypeName: TypeAlias = Literal["RUN", "CHAINED", "TAGGED", "CALIBRATION"]

PickKind: TypeAlias = Literal["run", "chain", "prefix"]
"""What a PI may pick: a run, a chain with all its runs, or all runs whose names begin alike."""

PICK_KINDS: tuple[PickKind, ...] = get_args(PickKind)

_WILDCARDS = frozenset("*?[]\\")

_TYPES: dict[str, CollectionTypeName] = {name: name for name in get_args(CollectionTypeName)}


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that the index of this environment names."""

    label: str
    uri: str


@dataclass(frozen=True, slots=True)
class DatasetTypeUse:
    """A dataset type that a collection holds; `count` is `None` where nobody asked to count."""

    name: str
    storage_class: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection. `children` are those of a chain, in its order."""

    name: str
    type: CollectionTypeName
    owner: Owner | None
    children: tuple[str, ...]
    dataset_types: tuple[DatasetTypeUse, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A RUN collection, counted."""

    name: str
    owner: Owner | None
    dataset_types: tuple[DatasetTypeUse, ...]


def repositories() -> list[Repository]:
    """Give the repositories that this environment's index names, by label.

    The index is the file that ``DAF_BUTLER_REPOSITORY_INDEX`` names, or the text of ``DAF_BUTLER_REPOSITORIES``, as for
    `lsst.daf.butler.ButlerRepoIndex`; which is not asked, since it keeps what it read first for ever, and does not give
    out a URI without the libraries to follow it.

    Raises
    ------
    RepositoryUnavailableError
        There is an index, and it cannot be read.
    """
    place, text = os.environ.get(ButlerRepoIndex.index_env_var), os.environ.get(ButlerRepoIndex.repositories_env_var)
    if not place and not text:
        return []
    where = f"at {place}" if place else f"in {ButlerRepoIndex.repositories_env_var}"
    try:
        index = yaml.safe_load(text if text and not place else ResourcePath(place or "").read())
    except Exception as error:  # of any kind of storage, and of the parser
        reason = str(error).partition("\n")[0].rstrip(".")
        raise RepositoryUnavailableError(
            f"The index of Butler repositories {where} cannot be read: {reason}."
        ) from error
    if not isinstance(index, dict) or not all(isinstance(one, str) for pair in index.items() for one in pair):
        raise RepositoryUnavailableError(f"The index of Butler repositories {where} is no list of labels and URIs.")
    return [Repository(label, index[label]) for label in sorted(index)]


def roots(butler: Butler) -> list[str]:
    """Give the URI of each datastore's root that the repository's configuration names; a Butler server tells none."""
    if is_served(butler):
        return []
    return [str(root) for root in butler.get_datastore_roots().values() if root is not None]


def list_collections(butler: Butler, count_prefixes: Sequence[str] = ()) -> Iterator[Collection]:
    """Give every collection, by name.

    Counting costs a query for each run and dataset type, so only collections whose names begin with one of
    `count_prefixes` are counted. A chain has those dataset types that its runs have; the count of one is the sum over
    its runs, each once, and `None` where one of them is not counted itself.
    """
    # A long-lived Butler remembers dataset types; without this, those of another process would be unknown to it.
    butler.registry.refresh()
    infos = {info.name: info for info in butler.collections.query_info("*", include_summary=True)}
    counter = _Counter(butler, infos, tuple(count_prefixes))
    for name in sorted(infos):
        info = infos[name]
        uses = counter.uses(name, _members(name, infos))
        yield Collection(name, type_name(info), owner_of(name), tuple(info.children), uses)


def resolve(butler: Butler, collection: str, kind: PickKind) -> Iterator[Run]:
    """Give the runs that a pick covers now, each once, counted.

    Parameters
    ----------
    butler
        The repository.
    collection
        The name of a RUN, of a CHAINED collection, or the beginning of runs' names without the slash that ends it.
    kind
        ``run``: that run. ``chain``: every run below it, however deep, in its order. ``prefix``: every run whose
        name begins with `collection` and a slash, by name.

    Raises
    ------
    CollectionNotFoundError
        There is no such collection, it is of another type, or the prefix covers no run.
    """
    butler.registry.refresh()
    if kind == "prefix":
        beginning = f"{collection}/"
        # A name may hold the characters of a wildcard, so the wildcard only narrows where it means what it says.
        pattern = "*" if set(beginning) & _WILDCARDS else f"{beginning}*"
        found = butler.collections.query_info(pattern, include_summary=True)
        infos = {one.name: one for one in sorted(found) if is_run(one) and one.name.startswith(beginning)}
        if not infos:
            raise CollectionNotFoundError(f"No run begins with {beginning!r}.")
    else:
        top = info_of(butler, collection)
        wanted = "RUN" if kind == "run" else "CHAINED"
        if type_name(top) != wanted:
            raise CollectionNotFoundError(f"The collection {collection!r} is {type_name(top)}, not {wanted}.")
        infos = dict(_below(butler, top))
    counter = _Counter(butler, infos, ("",))
    for name, info in infos.items():
        if is_run(info):
            yield Run(name, owner_of(name), counter.uses(name, (name,)))


class _Counter:
    """Counts the datasets of each run and dataset type at most once."""

    def __init__(self, butler: Butler, infos: Mapping[str, CollectionInfo], prefixes: tuple[str, ...]) -> None:
        self._butler = butler
        self._infos = infos
        self._prefixes = prefixes
        self._counts: dict[tuple[str, str], int | None] = {}
        self._storage_classes: dict[str, str] = {}

    def uses(self, name: str, members: Iterable[str]) -> tuple[DatasetTypeUse, ...]:
        """Give the dataset types of a collection, which are those of its members."""
        asked = name.startswith(self._prefixes) if self._prefixes else False
        counts: dict[str, int | None] = {}
        for member in members:
            for dataset_type in sorted(self._infos[member].dataset_types or ()):
                before = counts.get(dataset_type, 0)
                count = self._count(member, dataset_type) if asked and before is not None else None
                counts[dataset_type] = None if count is None or before is None else before + count
        return tuple(DatasetTypeUse(kind, self._storage_class(kind), counts[kind]) for kind in sorted(counts))

    def _count(self, member: str, dataset_type: str) -> int | None:
        countable = type_name(self._infos[member]) in ("RUN", "TAGGED")
        if not countable or not member.startswith(self._prefixes):
            return None
        if (key := (member, dataset_type)) not in self._counts:
            with self._butler.query() as query:
                found = query.datasets(dataset_type, [member], find_first=False)
                self._counts[key] = found.count(exact=True)
        return self._counts[key]

    def _storage_class(self, dataset_type: str) -> str:
        if dataset_type not in self._storage_classes:
            self._storage_classes[dataset_type] = self._butler.get_dataset_type(dataset_type).storageClass_name
        return self._storage_classes[dataset_type]


def _members(name: str, infos: Mapping[str, CollectionInfo]) -> tuple[str, ...]:
    """Give the runs below a chain, each once; any other collection is its own only member."""
    if type_name(infos[name]) != "CHAINED":
        return (name,)
    seen: dict[str, None] = {}
    waiting = [name]
    while waiting:
        info = infos.get(waiting.pop())  # None: removed while the collections were read
        if info is None or info.name in seen:
            continue
        seen[info.name] = None
        waiting.extend(reversed(info.children))
    return tuple(below for below in seen if is_run(infos[below]))


def _below(butler: Butler, top: CollectionInfo) -> Iterator[tuple[str, CollectionInfo]]:
    """Give a collection and all below it, depth first, in the order of the chains, each once."""
    seen: set[str] = set()
    waiting = [top]
    while waiting:
        info = waiting.pop()
        if info.name in seen:
            continue
        seen.add(info.name)
        yield info.name, info
        waiting.extend(info_of(butler, child) for child in reversed(info.children) if child not in seen)


def info_of(butler: Butler, collection: str, *, summary: bool = True) -> CollectionInfo:
    """Give what the Butler knows of a collection, with its dataset types if a summary is asked for."""
    if is_served(butler) and set(collection) & _WILDCARDS:
        # The server takes these for a pattern, and has no way of saying that they are meant.
        raise CollectionNotFoundError(f"A Butler server cannot be asked for a collection called {collection!r}.")
    try:
        return butler.collections.get_info(collection, include_summary=summary)
    except MissingCollectionError:
        raise CollectionNotFoundError(f"The repository has no collection {collection!r}.") from None


def type_name(info: CollectionInfo) -> CollectionTypeName:
    """Give the name of a collection's type."""
    return _TYPES[info.type.name]


def is_run(info: CollectionInfo) -> bool:
    """Tell whether datasets are put into this collection itself."""
    return type_name(info) == "RUN"
