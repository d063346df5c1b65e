"""Removing what was exported: what may go is the service's word, what is there the Butler's; the PI sees both first."""

from __future__ import annotations

__all__ = ("RemovalService",)

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..collection_names import owner_of
from .bridge_client import Json
from .butler import ButlerService
from .errors import NotRemovable, RemovalChanged, ServiceError
from .service import ServiceClient

_AT_A_TIME = 500
_STILL_RETRIEVED = ("SUBMITTED", "COLLECTING")


@dataclass(frozen=True)
class _Run:
    """What one run of an export would lose.

    Attributes
    ----------
    goes
        The published datasets that are still there: id to the SHA-256 of the file that was retrieved.
    gone
        How many published ones are not there any more.
    stays
        How many others there are, by dataset type.
    """

    name: str
    goes: Mapping[str, str]
    gone: int
    stays: Mapping[str, int]

    def to_show(self) -> Json:
        return {
            "run": self.name,
            "count": len(self.goes),
            "gone": self.gone,
            "stays": [{"dataset_type": name, "count": count} for name, count in self.stays.items()],
        }


class RemovalService:
    """Removes what was exported from the PI's own runs.

    Parameters
    ----------
    butler, service
        The lab's two ways.
    log
        Where removals are noted.
    """

    def __init__(self, butler: ButlerService, service: ServiceClient, log: logging.Logger) -> None:
        self._butler = butler
        self._service = service
        self._log = log

    async def plan(self, repository: str, export_id: str) -> Json:
        """What would be removed and what would stay, as ``docs/lab-routes.md`` says.

        Raises
        ------
        NotRemovable
            The export is not public, or something of its repository is still being retrieved.
        LabError
            The Butler or the service does not answer.
        """
        return _to_show(await self._look(repository, export_id))

    async def remove(self, repository: str, export_id: str, plan: str) -> Json:
        """Do what a plan says, if nothing changed since.

        Raises
        ------
        RemovalChanged
            Something did. Nothing was removed.
        LabError
            As `plan`; then some may have been removed, and the next plan says what is left.
        """
        runs = await self._look(repository, export_id)
        if _digest(runs) != plan:
            raise RemovalChanged(
                "The repository, or the export, changed since you looked. Nothing was removed. Look again at what "
                "would go and what would stay."
            )
        counts = {"removed": 0, "gone": 0, "kept": 0}
        fates = {}
        for run in runs:
            datasets = iter(run.goes.items())
            while some := dict(islice(datasets, _AT_A_TIME)):
                done = await self._butler.remove(repository, run.name, some)
                for fate in counts:
                    counts[fate] += len(done.get(fate, ()))
            fates[run.name] = "not_empty" if run.stays else await self._butler.remove_empty_run(repository, run.name)
        self._log.info("rsp-epo-export: of export %s, %s; runs: %s", export_id, counts, fates)
        return {**counts, "runs": [{"run": run, "fate": fate} for run, fate in fates.items()]}

    async def _look(self, repository: str, export_id: str) -> list[_Run]:
        export = await self._service.read(f"exports/{export_id}")
        match export:
            case {"state": str(state), "dataset_type": str(dataset_type), "repository": str(exported_from)}:
                pass
            case _:
                raise _misunderstood()
        if state != "PUBLISHED":
            raise NotRemovable(
                f"The export is {state}, and files may only be removed once EPO has read every published one back and "
                "compared it. Nothing was removed."
            )
        await self._insist_that_nothing_is_read(exported_from)
        published: dict[str, dict[str, str]] = {}
        async for item in self._published(export_id):
            match item:
                case {"run": str(run), "dataset_id": str(dataset_id), "source_sha256": str(digest)}:
                    published.setdefault(run, {})[dataset_id] = digest
                case _:
                    raise _misunderstood()
        await self._insist_on_own(published)
        return [await self._look_at(repository, run, dataset_type, published[run]) for run in sorted(published)]

    async def _look_at(self, repository: str, run: str, dataset_type: str, published: Mapping[str, str]) -> _Run:
        contents = dict(await self._butler.run(repository, run) or {})
        there = await self._butler.ids(repository, run, dataset_type) if dataset_type in contents else set()
        goes = {dataset_id: digest for dataset_id, digest in published.items() if dataset_id in there}
        contents[dataset_type] = len(there) - len(goes)
        stays = {name: count for name, count in sorted(contents.items()) if count}
        return _Run(run, goes, len(published) - len(goes), stays)

    async def _published(self, export_id: str) -> AsyncIterator[object]:
        query = {"state": "PUBLISHED", "limit": str(_AT_A_TIME)}
        while True:
            match await self._service.read(f"exports/{export_id}/items", query):
                case {"items": [*items], "next_cursor": str() | None as following}:
                    for item in items:
                        yield item
                    if following is None:
                        return
                    query["cursor"] = following
                case _:
                    raise _misunderstood()

    async def _insist_that_nothing_is_read(self, exported_from: str) -> None:
        """An export that is still being retrieved would miss what is removed now."""
        for state in _STILL_RETRIEVED:
            match await self._service.read("exports", {"state": state}):
                case {"exports": [*exports]}:
                    pass
                case _:
                    raise _misunderstood()
            for other in exports:
                match other:
                    case {"repository": str(repository), "subject_set": str(name)} if repository == exported_from:
                        raise NotRemovable(
                            f"EPO is still retrieving files of this repository for “{name}”, which would miss what is "
                            "removed now. Nothing was removed. Try again when that export is further."
                        )

    async def _insist_on_own(self, runs: Mapping[str, object]) -> None:
        match await self._service.read("me"):
            case {"username": str(username), "groups": [*groups]}:
                pass
            case _:
                raise _misunderstood()
        for run in runs:
            owner = owner_of(run)
            mine = owner is not None and (owner.name == username if owner.kind == "user" else owner.name in groups)
            if not mine:
                raise NotRemovable(f"The run {run} is not yours, so nothing was removed. Its owner can do it.")


def _to_show(runs: list[_Run]) -> Json:
    return {"plan": _digest(runs), "count": sum(len(run.goes) for run in runs), "runs": [run.to_show() for run in runs]}


def _digest(runs: list[_Run]) -> str:
    content: list[Any] = [[run.name, sorted(run.goes.items()), run.gone, sorted(run.stays.items())] for run in runs]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _misunderstood() -> ServiceError:
    return ServiceError(
        "The export service answered with something that the lab does not understand, so nothing was removed. Reload "
        "the page; if it stays so, ask the RSP's support."
    )
