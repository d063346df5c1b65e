"""The bridge's loop: requests are answered one at a time, in order, while another thread listens for cancellation."""

from __future__ import annotations

__all__ = ("serve",)

import contextlib
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from .protocol import Cancel, Channel, LineTooLongError, Malformed, Request, parse

if TYPE_CHECKING:
    from .calls import Calls

_PROTOCOL = 1
_SECONDS_TO_END = 2.0


def serve(channel: Channel, repository: str | None, *, may_remove: bool) -> int:
    """Open a repository, answer requests until the other side closes, and give the process's exit status."""
    if not os.isatty(0):
        # Ctrl-C in a terminal reaches the whole group; whoever started the bridge ends it by closing its input.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):
        try:
            calls, ready = _open(repository, may_remove)
        except _FatalError as fatal:
            channel.send({"fatal": {"type": fatal.type, "msg": fatal.msg}})
            return 1
        # What opening left behind lives as long as the process: the collector need not walk it during a listing.
        gc.collect()
        gc.freeze()
        channel.send({"ready": ready})
        _Loop(channel, calls).run()
    return 0


@dataclass
class _FatalError(Exception):
    """The bridge cannot start."""

    type: str
    msg: str


def _open(repository: str | None, may_remove: bool) -> tuple[Calls, dict[str, Any]]:
    try:
        import lsst.daf.butler
        from lsst.daf.butler import Butler

        from .calls import Calls
    except ImportError as error:
        traceback.print_exc()
        raise _FatalError(
            "no_butler", f"The Python at {sys.executable} cannot import lsst.daf.butler ({_sentence(error)})."
        ) from None
    uri = butler = None
    if repository is not None:
        try:
            uri = str(Butler.get_repo_uri(repository, return_label=True).abspath())
            butler = Butler.from_config(repository, writeable=False)
            butler.collections.query("*", include_chains=False)  # an empty database opens, and then has no tables
        except Exception as error:  # whatever the configuration makes it import and open
            traceback.print_exc()
            raise _FatalError(
                "repository_unavailable", f"The repository {repository!r} cannot be opened ({_sentence(error)})."
            ) from None
    version = getattr(lsst.daf.butler, "__version__", "unknown")
    return Calls(butler, uri if may_remove else None), {
        "protocol": _PROTOCOL,
        "repository": uri,
        "butler_version": str(version),
    }


class _Loop:
    def __init__(self, channel: Channel, calls: Calls) -> None:
        self._channel = channel
        self._calls = calls
        self._waiting: SimpleQueue[Request | Malformed | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._in_use: dict[int, threading.Event] = {}  # id of a request that waits or runs: set when it is cancelled
        self._closed = threading.Event()
        self._done = threading.Event()

    def run(self) -> None:
        threading.Thread(target=self._listen, name="bridge-input", daemon=True).start()
        try:
            while (message := self._waiting.get()) is not None and not self._closed.is_set():
                if isinstance(message, Malformed):
                    self._fail(message.id, "bad_request", message.msg)
                else:
                    self._answer(message)
        finally:
            self._done.set()

    def _listen(self) -> None:
        try:
            for line in self._channel.lines():
                self._take(parse(line))
        finally:
            self._closed.set()
            self._waiting.put(None)
            # A request that runs stops at its next part. One that hangs in a read, or in writing to a caller who no
            # longer reads, must not outlive the caller.
            if not self._done.wait(_SECONDS_TO_END):
                os._exit(0)

    def _take(self, message: Request | Cancel | Malformed) -> None:
        with self._lock:
            if isinstance(message, Cancel):
                if (cancelled := self._in_use.get(message.id)) is not None:
                    cancelled.set()
                return
            if isinstance(message, Request):
                if message.id in self._in_use:
                    message = Malformed(None, f"The id {message.id} is in use.")
                else:
                    self._in_use[message.id] = threading.Event()
        self._waiting.put(message)

    def _answer(self, request: Request) -> None:
        from ..reads.errors import ReadError  # Calls has imported it; without the Butler there is none

        exchange = _Exchange(self._channel, request.id, lambda: self._cancelled(request.id))
        try:
            exchange.check()
            answer = self._calls.answer(request.call, request.params, exchange)
            self._finish(request.id)
            self._channel.send({"id": request.id, "result": answer.result}, answer.payload)
        except BrokenPipeError:
            raise
        except ReadError as error:
            self._fail(request.id, error.code, str(error))
        except LineTooLongError as error:
            self._fail(request.id, "too_large", f"The answer does not fit into one message ({error}).")
        except Exception as error:
            traceback.print_exc()
            self._fail(request.id, "internal", f"The Butler failed: {_sentence(error)}.")

    def _fail(self, request_id: int | None, code: str, msg: str) -> None:
        self._finish(request_id)
        self._channel.send({"id": request_id, "error": {"type": code, "msg": msg[:2000]}})

    def _finish(self, request_id: int | None) -> None:
        """Free the id before its answer ends, since the caller may use it again at once."""
        if request_id is not None:
            with self._lock:
                self._in_use.pop(request_id, None)

    def _cancelled(self, request_id: int) -> bool:
        return self._closed.is_set() or self._in_use[request_id].is_set()


class _Exchange:
    """A request in progress."""

    def __init__(self, channel: Channel, request_id: int, cancelled: Callable[[], bool]) -> None:
        self._channel = channel
        self._id = request_id
        self._cancelled = cancelled

    def check(self) -> None:
        from .calls import CancelledError

        if self._cancelled():
            raise CancelledError("The request was cancelled.")

    def part(self, name: str, members: list[Any]) -> None:
        self.check()
        try:
            self._channel.send({"id": self._id, "part": {name: members}})
        except LineTooLongError:
            if len(members) < 2:
                raise
            middle = len(members) // 2
            self.part(name, members[:middle])
            self.part(name, members[middle:])


def _sentence(error: BaseException) -> str:
    """Give the first line of an exception's message, without a full stop."""
    return (str(error).strip().partition("\n")[0] or type(error).__name__).rstrip(".")
