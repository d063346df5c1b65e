"""What the panel may ask of the Butler."""

from __future__ import annotations

__all__ = ("IMAGE_LIMIT", "ButlerService", "Image")

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ..platform.discovery import Discovery, Problem
from ..platform.places import Repositories, RepositoryPlace, find_repositories
from .bridge_client import Json
from .bridge_pool import BridgePool
from .errors import (
    ButlerGarbled,
    ButlerStarting,
    CollectionNotFound,
    LabError,
    NotAnImage,
    RepositoryUnavailable,
    RepositoryUnknown,
    Unreadable,
)

IMAGE_LIMIT = 10 * 1024 * 1024
"""The largest image that is shown, in bytes."""

_IMAGE_TYPES = ("image/png", "image/jpeg")
# Asking again is a new process, so a failure stands for a while.
_FAILURE_STANDS = 15.0


@dataclass(frozen=True)
class Image:
    """A picture as it is in the datastore."""

    media_type: str
    data: bytes


class ButlerService:
    """Reads repositories, and removes from them, as the PI, through the bridges.

    Parameters
    ----------
    pool
        The bridges.
    own
        Repositories that the PI named (label to URI), beside those that `find_repositories` finds.
    environ
        The environment.
    discovery
        What the platform says.
    """

    def __init__(
        self, pool: BridgePool, own: Mapping[str, str], environ: Mapping[str, str], discovery: Discovery
    ) -> None:
        self._pool = pool
        self._own = dict(own)
        self._environ = environ
        self._discovery = discovery
        self._places: Mapping[str, RepositoryPlace] = {}
        self._health: asyncio.Task[None] | None = None
        self._checked = 0.0

    async def repositories(self) -> Json:
        """The repositories that the PI may choose from, as ``docs/lab-routes.md`` says."""
        known = await self._known()
        return {
            "repositories": [
                {
                    "label": place.label,
                    "uri": _to_show(place.uri),
                    "source": place.source,
                    "read_only": place.read_only,
                }
                for place in known.places.values()
            ],
            "problems": [{"type": problem.type, "msg": problem.msg} for problem in known.problems],
        }

    async def collections(self, repository: str, count_prefixes: Sequence[str]) -> Json:
        """Every collection of a repository, with counts for those below a prefix."""
        uri = await self._uri(repository)
        answer = await self._pool.call(uri, "collections", {"count_prefixes": list(count_prefixes)})
        collections = [entry for part in answer.parts for entry in _objects(part, "collections")]
        if answer.result.get("count") != len(collections):
            raise _misunderstood("collections")
        return {"collections": collections, "count": len(collections)}

    async def datasets(self, repository: str, run: str, dataset_type: str, limit: int, after: str | None) -> Json:
        """A page of one run and dataset type."""
        uri = await self._uri(repository)
        params = {"run": run, "dataset_type": dataset_type, "limit": limit, "after": after}
        answer = await self._pool.call(uri, "datasets", params)
        following = answer.result.get("next")
        if not isinstance(following, str | None):
            raise _misunderstood("datasets")
        return {"datasets": _objects(answer.result, "datasets"), "next": following}

    async def image(self, repository: str, dataset: str) -> Image:
        """The file of one dataset, if it is a picture that a browser may be given.

        Raises
        ------
        NotAnImage
            It is neither a PNG nor a JPEG file.
        TooLarge
            It has more bytes than `IMAGE_LIMIT`.
        """
        uri = await self._uri(repository)
        params = {"id": dataset, "limit": IMAGE_LIMIT}
        try:
            answer = await self._pool.call(uri, "bytes", params, limit=IMAGE_LIMIT)
        except Unreadable:
            # A member of a zip has no file of its own; `retrieve` takes it out, or says why it cannot.
            answer = await self._pool.call(uri, "retrieve", params, limit=IMAGE_LIMIT)
        media_type = answer.result.get("media_type")
        if media_type not in _IMAGE_TYPES:
            raise NotAnImage(
                "This dataset is neither a PNG nor a JPEG file, so there is nothing to show. The file itself is "
                "untouched. EPO publishes only PNG and JPEG."
            )
        return Image(media_type, answer.payload)

    async def run(self, repository: str, run: str) -> Mapping[str, int] | None:
        """How many datasets of each type a run has; `None` where there is no such run."""
        uri = await self._uri(repository)
        try:
            answer = await self._pool.call(uri, "resolve", {"collection": run, "kind": "run"})
        except CollectionNotFound:
            return None
        match answer.result:
            case {"runs": [{"dataset_types": [*uses]}]}:
                return {use["name"]: use["count"] for use in uses}
            case _:
                raise _misunderstood("runs")

    async def ids(self, repository: str, run: str, dataset_type: str) -> set[str]:
        """The ids of all datasets of one run and dataset type."""
        uri = await self._uri(repository)
        answer = await self._pool.call(uri, "list", {"run": run, "dataset_type": dataset_type})
        found = {str(entry["id"]) for part in answer.parts for entry in _objects(part, "items")}
        if answer.result.get("count") != len(found):
            raise _misunderstood("items")
        return found

    async def remove(self, repository: str, run: str, datasets: Mapping[str, str]) -> Json:
        """Remove datasets of a run (id to SHA-256), as ``docs/bridge.md`` says."""
        uri = await self._uri(repository)
        return (await self._pool.call(uri, "remove", {"run": run, "datasets": dict(datasets)})).result

    async def remove_empty_run(self, repository: str, run: str) -> str:
        """Remove a run if it is empty; its fate, as ``docs/bridge.md`` says."""
        uri = await self._uri(repository)
        return str((await self._pool.call(uri, "remove_empty_run", {"run": run})).result.get("fate"))

    async def check(self, patience: float) -> None:
        """See whether there is a Butler, without waiting long, and without starting one that has worked before.

        Raises
        ------
        ButlerStarting
            After ``patience`` seconds it was neither ready nor failed. It goes on starting.
        LabError
            It failed.
        """
        loop = asyncio.get_running_loop()
        if self._index_works():
            return
        if self._health is None or (self._health.done() and loop.time() - self._checked > _FAILURE_STANDS):
            self._health = asyncio.create_task(self._check())
        await asyncio.wait({self._health}, timeout=patience)
        if not self._health.done():
            raise ButlerStarting("The Butler is starting, which takes up to a minute. Nothing is wrong.")
        self._health.result()

    def _index_works(self) -> bool:
        return self._health is not None and self._health.done() and self._health.exception() is None

    async def _check(self) -> None:
        try:
            await self._known()
        finally:
            self._checked = asyncio.get_running_loop().time()

    async def _known(self) -> Repositories:
        index, problem = {}, None
        try:
            index = await self._read_index()
        except RepositoryUnavailable as error:
            problem = error
        # In a thread, since Repertoire may have to be asked, and the lab must go on answering meanwhile.
        known = await asyncio.to_thread(find_repositories, self._own, self._environ, self._discovery, index)
        if problem is not None:
            if not known.places:
                raise problem
            passed_over = Problem("repository_index_unreadable", problem.msg)
            known = Repositories(known.places, (*known.problems, passed_over))
        self._places = known.places
        return known

    async def _read_index(self) -> dict[str, str]:
        answer = await self._pool.call(None, "repositories", {})
        index: dict[str, str] = {}
        for entry in _objects(answer.result, "repositories"):
            match entry:
                case {"label": str(label), "uri": str(uri)}:
                    index[label] = uri
                case _:
                    raise _misunderstood("repositories")
        return index

    async def _uri(self, label: str) -> str:
        uri = self._own.get(label)  # which wins, so nobody else need be asked
        if uri is None:
            place = self._places.get(label) or (await self._known()).places.get(label)
            uri = place.uri if place is not None else None
        # A URI that looks like an option would be one for the bridge.
        if uri is None or uri.startswith("-"):
            raise RepositoryUnknown(
                f"There is no Butler repository with the label {label!r} here. Choose one of those that are listed, "
                "or add your own to c.EpoExportExtension.repositories in jupyter_server_config.py."
            )
        return uri


def _objects(answer: Json, key: str) -> list[Json]:
    entries = answer.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _misunderstood(key)
    return entries


def _misunderstood(what: str) -> LabError:
    return ButlerGarbled(
        f"The Butler's bridge answered with {what} that the lab does not understand. Nothing was changed. Install the "
        "same version of rsp-epo-export in the lab and beside the Butler."
    )


def _to_show(uri: str) -> str:
    """A URI without what could be secret in it."""
    try:
        parts = urlsplit(uri)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
