"""One bridge child: its process, its protocol, its end. ``docs/bridge.md`` is the protocol."""

from __future__ import annotations

__all__ = ("Answer", "BridgeChild", "Json", "Timeouts")

import asyncio
import json
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .bridge_messages import LARGEST_LINE, Garbled, Json, Message, read_message
from .errors import (
    ButlerDied,
    ButlerFailedToStart,
    ButlerGarbled,
    ButlerMissing,
    ButlerTimeout,
    LabError,
    RepositoryUnavailable,
    from_bridge,
)

_PROTOCOL = 1


@dataclass(frozen=True)
class Timeouts:
    """How long a bridge may take, in seconds."""

    start: float = 120.0
    """From the start of the process until it is ready. The stack takes long on a cold file system."""
    silence: float = 60.0
    """Without a word while a request waits. A long answer that comes in parts is not silence."""
    grace: float = 5.0
    """To stop once asked, before it is killed."""


@dataclass(frozen=True)
class Answer:
    """A complete answer."""

    result: Json
    parts: Sequence[Json] = ()
    payload: bytes = b""


@dataclass
class _Pending:
    """A request without its answer."""

    future: asyncio.Future[Answer]
    limit: int
    parts: list[Json] = field(default_factory=list)
    abandoned: bool = False


class BridgeChild:
    """A running bridge. `start` makes one.

    Requests may overlap: the child answers them one at a time, in the order they came.
    """

    def __init__(self, process: asyncio.subprocess.Process, timeouts: Timeouts, log: logging.Logger) -> None:
        self._process = process
        self._timeouts = timeouts
        self._log = log
        self._pending: dict[int, _Pending] = {}
        self._last_id = 0
        self._heard = asyncio.get_running_loop().time()
        self._end: LabError | None = None
        self._reader: asyncio.Task[None] | None = None
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, command: Sequence[str], timeouts: Timeouts, log: logging.Logger) -> BridgeChild:
        """Start a bridge and wait until it is ready.

        Raises
        ------
        ButlerMissing
            The command cannot be run, or is an interpreter without the Butler.
        RepositoryUnavailable
            The bridge cannot open its repository.
        ButlerFailedToStart
            It ended, talked nonsense, or said nothing in time.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LARGEST_LINE,
                # A group of its own: Ctrl-C in the lab's terminal is for the lab, and a kill reaches what a wrapper
                # script started.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not a command"
            raise ButlerMissing(
                f"The Butler's Python, {command[0]!r}, cannot be started: {reason}. Correct "
                "c.EpoExportExtension.butler_command in jupyter_server_config.py and restart the lab."
            ) from None
        child = cls(process, timeouts, log)
        try:
            await child._until_ready()
        except BaseException:
            child._kill()
            # Shielded: who cancelled the start does not want to leave a process behind.
            await asyncio.shield(child._reap())
            raise
        child._reader = asyncio.create_task(child._read())
        return child

    @property
    def alive(self) -> bool:
        """Whether a request may be sent."""
        return self._end is None

    @property
    def busy(self) -> bool:
        """Whether a request has no answer yet."""
        return bool(self._pending)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def call(self, name: str, params: Json, *, limit: int = 0) -> Answer:
        """Ask for one thing. If the caller is cancelled, so is the request.

        Parameters
        ----------
        name, params
            As ``docs/bridge.md`` lists them.
        limit
            The largest payload that may come, in bytes.

        Raises
        ------
        LabError
            What the bridge answered, by `from_bridge`.
        ButlerDied, ButlerGarbled
            The child is no more.
        ButlerTimeout
            It was silent for too long.
        """
        if self._end is not None:
            raise self._end
        loop = asyncio.get_running_loop()
        self._last_id += 1
        request_id = self._last_id
        pending = _Pending(loop.create_future(), limit)
        self._pending[request_id] = pending
        asked = loop.time()
        self._send({"id": request_id, "call": name, "params": params})
        try:
            while not pending.future.done():
                left = max(self._heard, asked) + self._timeouts.silence - loop.time()
                if left <= 0:
                    loop.call_later(self._timeouts.grace, self._kill_if_silent_since, self._heard)
                    raise ButlerTimeout(
                        f"The Butler said nothing for {self._timeouts.silence:g} seconds and the request was given "
                        "up. Nothing was changed. Try again; if it stays so, the repository's database or storage "
                        "is slow or out of reach."
                    )
                await asyncio.wait({pending.future}, timeout=left)
            return pending.future.result()
        finally:
            if not pending.future.done():
                pending.abandoned = True
                self._send({"cancel": request_id})

    async def close(self) -> None:
        """End the child: politely, by closing its standard input, and by force if it stays."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(self._timeouts.grace):
                await self._process.wait()
        except TimeoutError:
            self._log.warning("The Butler's bridge (pid %d) did not end when asked, and is killed.", self.pid)
        finally:
            self._kill()
            await asyncio.shield(self._reap())

    def _send(self, message: dict[str, Any]) -> None:
        """Write one line. If the child is gone, the reader finds out and says so to all who wait."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(json.dumps(message, ensure_ascii=True).encode() + b"\n")

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(self._timeouts.start):
                message = await self._next_message(0)
        except TimeoutError:
            raise ButlerFailedToStart(
                f"The Butler was not ready within {self._timeouts.start:g} seconds. Try again in a minute; if it "
                "stays so, raise c.EpoExportExtension.butler_start_timeout, or look into the lab's log."
            ) from None
        except Garbled as error:
            raise ButlerFailedToStart(
                f"The Butler's bridge broke its protocol at the start: {error}. The command in "
                "c.EpoExportExtension.butler_command must be a Python interpreter that prints nothing of its own."
            ) from None
        if message is None:
            raise ButlerFailedToStart(
                "The Butler's bridge ended before it was ready; its last words are in the lab's log. Check that "
                "rsp_epo_export is installed beside the Butler, and try again."
            )
        match message.header:
            case {"ready": {"protocol": protocol}} if protocol == _PROTOCOL:
                return
            case {"fatal": {"type": "no_butler"}}:
                raise ButlerMissing(
                    "The Python that the lab took for the Butler's has no lsst.daf.butler. Set "
                    "c.EpoExportExtension.butler_command in jupyter_server_config.py to one that has it, such as "
                    '["/path/to/python"], and restart the lab.'
                )
            case {"fatal": {"type": "repository_unavailable", "msg": str(msg)}}:
                raise RepositoryUnavailable(msg)
            case {"fatal": {"type": str(), "msg": str(msg)}}:
                raise ButlerFailedToStart(msg)
            case _:
                raise ButlerFailedToStart(
                    "The Butler's bridge speaks another protocol than the lab. Install the same version of "
                    "rsp-epo-export in the lab and beside the Butler."
                )

    async def _read(self) -> None:
        """Give each answer to who waits for it, until the child ends or breaks the protocol."""
        end: LabError = ButlerDied(
            "The Butler's bridge died while it answered. Nothing was changed, and a new one starts with the next "
            "request: try again. If it dies each time, its last words are in the lab's log."
        )
        try:
            while (message := await self._next_message()) is not None:
                self._heard = asyncio.get_running_loop().time()
                self._dispatch(message)
        except Garbled as error:
            end = ButlerGarbled(
                f"The Butler's bridge broke its protocol ({error}) and was stopped. Nothing was changed, and a new "
                "one starts with the next request. If this stays so, install the same version of rsp-epo-export in "
                "the lab and beside the Butler."
            )
            self._log.warning("The Butler's bridge (pid %d) broke its protocol: %s", self.pid, error)
        finally:
            self._end = end
            self._kill()
            for pending in self._pending.values():
                if not pending.future.done():
                    pending.future.set_exception(end)
                    # One that nobody waits for any more is not worth a warning in the log.
                    pending.future.exception()
            self._pending.clear()

    async def _next_message(self, limit: int | None = None) -> Message | None:
        assert self._process.stdout is not None  # It was asked for as a pipe.
        return await read_message(self._process.stdout, self._payload_limit if limit is None else lambda _: limit)

    def _payload_limit(self, request_id: int) -> int:
        pending = self._pending.get(request_id)
        return pending.limit if pending else 0

    def _dispatch(self, message: Message) -> None:
        match message.header:
            case {"id": int(request_id), "part": dict(part)} if request_id in self._pending:
                if not self._pending[request_id].abandoned:
                    self._pending[request_id].parts.append(part)
                return
            case {"id": int(request_id), "result": dict(result)} if request_id in self._pending:
                pending = self._pending.pop(request_id)
                outcome: Answer | LabError = Answer(result, pending.parts, message.payload)
            case {"id": int(request_id), "error": {"type": str(error), "msg": str(msg)}} if request_id in self._pending:
                pending = self._pending.pop(request_id)
                outcome = from_bridge(error, msg)
            case _:
                raise Garbled("a message that answers nothing that was asked")
        if pending.future.done() or pending.abandoned:
            return
        if isinstance(outcome, LabError):
            pending.future.set_exception(outcome)
        else:
            pending.future.set_result(outcome)

    async def _listen(self) -> None:
        """Take what the child says to people into the lab's log. It must be read, or the child blocks."""
        stderr = self._process.stderr
        assert stderr is not None  # It was asked for as a pipe.
        while chunk := await stderr.read(4096):
            for line in chunk.decode(errors="replace").splitlines():
                if line.strip():
                    self._log.info("Butler's bridge (pid %d): %r", self.pid, line)

    def _kill_if_silent_since(self, heard: float) -> None:
        if self._heard == heard and self._pending:
            self._log.warning("The Butler's bridge (pid %d) hangs, and is killed.", self.pid)
            self._kill()

    def _kill(self) -> None:
        if self._process.returncode is not None:
            return  # Its id may be another's by now. What it started ends by itself: the standard input was shared.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _reap(self) -> None:
        await self._process.wait()
        if self._reader is not None:
            await self._reader
        # Its last words are what helps most. What it started may hold the pipe open for longer.
        await asyncio.wait({self._listener}, timeout=1)
        self._listener.cancel()
        with suppress(asyncio.CancelledError):
            await self._listener
