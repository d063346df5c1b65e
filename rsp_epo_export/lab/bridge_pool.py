"""The bridges that run: one for each repository, started when first asked, ended when idle, replaced when dead."""

from __future__ import annotations

__all__ = ("BridgePool",)

import asyncio
import logging
from collections.abc import Callable, Sequence

from .bridge_client import Answer, BridgeChild, Json, Timeouts
from .errors import ButlerDied, ButlerStarting


class BridgePool:
    """Bridge children by the URI of their repository. `None` stands for one without a repository.

    Parameters
    ----------
    command
        Gives the command that starts a bridge for a repository.
    timeouts
        Of each child.
    idle
        Seconds without a request after which a child is ended.
    log
        Where the children's standard error goes.
    """

    def __init__(
        self,
        command: Callable[[str | None], Sequence[str]],
        timeouts: Timeouts,
        idle: float,
        log: logging.Logger,
    ) -> None:
        self._command = command
        self._timeouts = timeouts
        self._idle = idle
        self._log = log
        self._starts: dict[str | None, asyncio.Task[BridgeChild]] = {}
        self._timers: dict[str | None, asyncio.TimerHandle] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._closed = False

    async def call(self, repository: str | None, name: str, params: Json, *, limit: int = 0) -> Answer:
        """Ask the bridge of a repository for one thing.

        A child may die of something that has nothing to do with the request, and every call may be made twice: if it
        dies, another one is asked, once.

        Raises
        ------
        LabError
            As `BridgeChild.start` and `BridgeChild.call`.
        """
        try:
            return await self._call(repository, name, params, limit)
        except ButlerDied:
            if self._closed:
                raise
            self._log.warning("The Butler's bridge died during %r. Asking another one.", name)
            return await self._call(repository, name, params, limit)

    def pids(self) -> dict[str | None, int]:
        """The process ids of the children that are ready."""
        return {
            repository: start.result().pid
            for repository, start in self._starts.items()
            if _usable(start) and start.done()
        }

    async def close(self) -> None:
        """End all children, and start no more."""
        self._closed = True
        await self.end_all()

    async def end_all(self) -> None:
        """End all children."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        starts = list(self._starts.values())
        self._starts.clear()
        await asyncio.gather(*(self._end(start) for start in starts), *self._retiring, return_exceptions=True)

    async def _call(self, repository: str | None, name: str, params: Json, limit: int) -> Answer:
        child = await self._child(repository)
        try:
            return await child.call(name, params, limit=limit)
        finally:
            self._wait_for_idleness(repository)

    async def _child(self, repository: str | None) -> BridgeChild:
        if self._closed:
            raise ButlerStarting("The lab is stopping.")
        start = self._starts.get(repository)
        if start is None or not _usable(start):
            if start is not None:
                self._retire(start)
            start = asyncio.create_task(BridgeChild.start(self._command(repository), self._timeouts, self._log))
            # Where all who waited for it went away, nobody else looks at how it failed.
            start.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._starts[repository] = start
        # Shielded: others wait for the same start.
        return await asyncio.shield(start)

    def _wait_for_idleness(self, repository: str | None) -> None:
        if timer := self._timers.pop(repository, None):
            timer.cancel()
        if not self._closed:
            loop = asyncio.get_running_loop()
            self._timers[repository] = loop.call_later(self._idle, self._end_if_idle, repository)

    def _end_if_idle(self, repository: str | None) -> None:
        start = self._starts.get(repository)
        if start is None or not start.done():
            return
        if _usable(start) and start.result().busy:
            self._wait_for_idleness(repository)
            return
        del self._starts[repository]
        self._timers.pop(repository, None)
        self._retire(start)

    def _retire(self, start: asyncio.Task[BridgeChild]) -> None:
        task = asyncio.create_task(self._end(start))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    @staticmethod
    async def _end(start: asyncio.Task[BridgeChild]) -> None:
        start.cancel()  # A start that is done ignores this; another one kills its process.
        (outcome,) = await asyncio.gather(start, return_exceptions=True)
        if isinstance(outcome, BridgeChild):
            await outcome.close()


def _usable(start: asyncio.Task[BridgeChild]) -> bool:
    """Whether a child runs, or may yet."""
    if not start.done():
        return True
    return not start.cancelled() and start.exception() is None and start.result().alive
