"""The framing of the bridge: lines of JSON on two descriptors, some with raw bytes behind. Imports the library only."""

from __future__ import annotations

__all__ = ("MAXIMUM_LINE", "Cancel", "Channel", "LineTooLongError", "Malformed", "Request", "parse")

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

MAXIMUM_LINE = 1024 * 1024
"""The most bytes of one line, its end not counted, in either direction."""

_MAXIMUM_ID = 2**53 - 1  # what JSON keeps exact in every language

Message: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A call."""

    id: int
    call: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cancel:
    """The wish to give up the request of this id."""

    id: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is no request; `id` is set where the line had one that could be read."""

    id: int | None
    msg: str


class LineTooLongError(ValueError):
    """A message would have more than `MAXIMUM_LINE` bytes."""


class Channel:
    """The two descriptors of the protocol. One thread may read while another writes."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink

    @classmethod
    def take_over(cls) -> Channel:
        """Keep standard input and output for the protocol alone.

        Afterwards descriptor 1 is standard error and descriptor 0 is empty, for this process and those it starts.
        """
        source, sink = os.dup(0), os.dup(1)  # not inherited by child processes (PEP 446)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.close(empty)
        os.dup2(2, 1)
        return cls(source, sink)

    def lines(self) -> Iterator[bytes | None]:
        """Give each line without its end, until the other side closes; `None` for one that was too long."""
        buffer = b""
        skipping = False
        while chunk := os.read(self._source, 65536):
            *ended, rest = (buffer + chunk).split(b"\n")
            for line in ended:
                yield None if skipping or len(line) > MAXIMUM_LINE else line
                skipping = False
            buffer = rest
            if len(buffer) > MAXIMUM_LINE:
                skipping, buffer = True, b""

    def send(self, message: Message, payload: bytes | None = None) -> None:
        """Write one message and its payload.

        Raises
        ------
        LineTooLongError
            Nothing was written.
        BrokenPipeError
            The other side is gone.
        """
        if payload is not None:
            message = {**message, "bytes": len(payload)}
        line = json.dumps(message, separators=(",", ":")).encode("ascii")
        if len(line) > MAXIMUM_LINE:
            raise LineTooLongError(f"an answer of {len(line)} bytes")
        self._write(line + b"\n")
        if payload:
            self._write(payload)

    def _write(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            view = view[os.write(self._sink, view) :]


def parse(line: bytes | None) -> Request | Cancel | Malformed:
    """Tell what a line is."""
    if line is None:
        return Malformed(None, f"A line is at most {MAXIMUM_LINE} bytes long.")
    try:
        message = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return Malformed(None, "A line is one JSON object.")
    if not isinstance(message, dict):
        return Malformed(None, "A line is one JSON object.")
    if set(message) == {"cancel"} and _is_id(message["cancel"]):
        return Cancel(message["cancel"])
    given = message.get("id")
    if not isinstance(given, int) or not _is_id(given):
        return Malformed(None, "A request has an integer 'id'.")
    call, params = message.get("call"), message.get("params", {})
    if not isinstance(call, str) or not isinstance(params, dict) or not set(message) <= {"id", "call", "params"}:
        return Malformed(given, "A request has an 'id', a 'call' and an object 'params', and nothing else.")
    return Request(given, call, params)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAXIMUM_ID
