"""The calls of the bridge: each takes its parameters, reads or removes, and gives parts and a result."""

from __future__ import annotations

__all__ = ("Answer", "Calls", "CancelledError", "Exchange")

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Protocol, TypeVar

from lsst.daf.butler import Butler

from .. import butler_reads as reads
from .. import removal
from . import wire
from .params import Params

_T = TypeVar("_T")

_COLLECTIONS_A_PART = 500
_DEFAULT_LIMIT = 10 * 1024 * 1024
_MAXIMUM_LIMIT = 1024 * 1024 * 1024


class NoRepositoryError(reads.ReadError):
    """The bridge was started without a repository."""

    code = "no_repository"


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of an answer."""

    result: dict[str, Any]
    payload: bytes | None = None


class Exchange(Protocol):
    """What a call in progress may do before its answer ends."""

    def part(self, name: str, members: list[Any]) -> None:
        """Send some of a long list. Raises `CancelledError` if the caller has given the request up."""

    def check(self) -> None:
        """Raise `CancelledError` if the caller has given the request up."""


class CancelledError(reads.ReadError):
    """The caller has given the request up."""

    code = "cancelled"


class Calls:
    """Answers calls about one repository, or none.

    Parameters
    ----------
    butler
        The repository, to read.
    to_write
        The same one's URI, where datasets may be removed from it.
    """

    def __init__(self, butler: Butler | None, to_write: str | None) -> None:
        self._butler_or_none = butler
        self._to_write = to_write
        self._writer: Butler | None = None
        self._artifacts = reads.ArtifactReader(butler) if butler is not None else None

    def answer(self, call: str, given: dict[str, Any], exchange: Exchange) -> Answer:
        """Send the parts of an answer, and give its end.

        Raises
        ------
        ReadError
            Of the kinds that docs/bridge.md lists.
        """
        handler = self._handlers.get(call)
        if handler is None:
            raise reads.BadRequestError(f"There is no call {call!r}.")
        return handler(self, Params(call, given), exchange)

    @property
    def _butler(self) -> Butler:
        if self._butler_or_none is None:
            raise NoRepositoryError("The bridge was started without a repository.")
        return self._butler_or_none

    def _ping(self, params: Params, exchange: Exchange) -> Answer:
        params.end()
        return Answer({})

    def _repositories(self, params: Params, exchange: Exchange) -> Answer:
        params.end()
        return Answer({"repositories": [{"label": one.label, "uri": one.uri} for one in reads.repositories()]})

    def _collections(self, params: Params, exchange: Exchange) -> Answer:
        prefixes = params.texts("count_prefixes")
        params.end()
        count = 0
        found = self._checking(reads.list_collections(self._butler, prefixes), exchange)
        while some := [wire.collection(one) for one in islice(found, _COLLECTIONS_A_PART)]:
            count += len(some)
            exchange.part("collections", some)
        return Answer({"count": count})

    def _resolve(self, params: Params, exchange: Exchange) -> Answer:
        collection = params.text("collection")
        kind = params.choice("kind", reads.PICK_KINDS)
        params.end()
        found = self._checking(reads.resolve(self._butler, collection, kind), exchange)
        return Answer({"runs": [wire.run(one) for one in found]})

    def _datasets(self, params: Params, exchange: Exchange) -> Answer:
        run, dataset_type = params.text("run"), params.text("dataset_type")
        limit = params.number("limit", 100, 1, reads.MAXIMUM_PAGE)
        after = params.optional_text("after")
        params.end()
        page = reads.datasets(self._butler, run, dataset_type, limit, after)
        return Answer({"datasets": [wire.dataset(one) for one in page.datasets], "next": page.next})

    def _list(self, params: Params, exchange: Exchange) -> Answer:
        run, dataset_type = params.text("run"), params.text("dataset_type")
        params.end()
        count = 0
        for some in reads.list_items(self._butler, run, dataset_type):
            count += len(some)
            exchange.part("items", [wire.item(one) for one in some])
        roots = reads.roots(self._butler)
        return Answer({"count": count, "roots": roots, "run_directory": reads.run_directory(run)})

    def _roots(self, params: Params, exchange: Exchange) -> Answer:
        run = params.optional_text("run")
        params.end()
        directory = reads.run_directory(run) if run is not None else None
        return Answer({"roots": reads.roots(self._butler), "run_directory": directory})

    def _bytes(self, params: Params, exchange: Exchange) -> Answer:
        return _artifact(self._reader.read, params)

    def _retrieve(self, params: Params, exchange: Exchange) -> Answer:
        return _artifact(self._reader.retrieve, params)

    def _remove(self, params: Params, exchange: Exchange) -> Answer:
        run = params.text("run")
        exported = [removal.Exported(*pair) for pair in params.digests("datasets")]
        params.end()
        fates = removal.remove_exported(self._writeable, run, exported)
        return Answer({name: [str(one) for one in getattr(fates, name)] for name in ("removed", "gone", "kept")})

    def _remove_empty_run(self, params: Params, exchange: Exchange) -> Answer:
        run = params.text("run")
        params.end()
        return Answer({"fate": removal.remove_empty_run(self._writeable, run)})

    @property
    def _writeable(self) -> Butler:
        if self._writer is None:
            if self._to_write is None:
                raise removal.ReadOnlyError("This bridge was started to read only.")
            self._writer = removal.writeable(self._butler, self._to_write)
        return self._writer

    @staticmethod
    def _checking(found: Iterator[_T], exchange: Exchange) -> Iterator[_T]:
        """Pass on what is found, which may cost queries each, until the request is cancelled."""
        for one in found:
            exchange.check()
            yield one

    @property
    def _reader(self) -> reads.ArtifactReader:
        if self._artifacts is None:
            raise NoRepositoryError("The bridge was started without a repository.")
        return self._artifacts

    _handlers: ClassVar[dict[str, Callable[[Calls, Params, Exchange], Answer]]] = {
        "bytes": _bytes,
        "collections": _collections,
        "datasets": _datasets,
        "list": _list,
        "ping": _ping,
        "remove": _remove,
        "remove_empty_run": _remove_empty_run,
        "repositories": _repositories,
        "resolve": _resolve,
        "retrieve": _retrieve,
        "roots": _roots,
    }


def _artifact(read: Callable[..., reads.Artifact], params: Params) -> Answer:
    dataset_id = params.uuid("id")
    limit = params.number("limit", _DEFAULT_LIMIT, 0, _MAXIMUM_LIMIT)
    confinement = None
    if (group := params.optional_group("confine")) is not None:
        confinement = reads.Confinement(group.optional_number("uid", 0, 2**32 - 1))
        group.end()
    params.end()
    artifact = read(dataset_id, limit, confinement)
    return Answer({"media_type": artifact.media_type, "name": artifact.name}, artifact.payload)
