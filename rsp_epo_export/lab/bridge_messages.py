"""The bridge's framing: one JSON header a line, and the raw bytes that it announces."""

from __future__ import annotations

__all__ = ("LARGEST_LINE", "Garbled", "Json", "Message", "read_message")

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LARGEST_LINE = 1024 * 1024
"""The longest line that may come, in bytes (``docs/bridge.md``, Framing)."""

Json = dict[str, Any]
"""A JSON object of which nothing is known yet."""


class Garbled(Exception):  # noqa: N818 (said of the message; `ButlerGarbled` is the error)
    """What came is not the protocol. After this, nothing that the child says has a meaning."""


@dataclass(frozen=True)
class Message:
    """A header and its payload."""

    header: Json
    payload: bytes


async def read_message(stream: asyncio.StreamReader, payload_limit: Callable[[int], int]) -> Message | None:
    """Read one message.

    Parameters
    ----------
    stream
        The child's standard output. Its limit bounds the line.
    payload_limit
        The largest payload that the request of this id may get, in bytes. A larger one is not read.

    Returns
    -------
    message
        `None` if the stream ended, even if it did so in the middle of a message.

    Raises
    ------
    Garbled
        It is no message of the protocol.
    """
    try:
        line = await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise Garbled(f"a line of more than {LARGEST_LINE} bytes") from None
    header = _header(line)
    size = header.get("bytes", 0)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise Garbled("a payload without a size")
    if size == 0:
        return Message(header, b"")
    request_id = header.get("id")
    if not isinstance(request_id, int) or "result" not in header:
        raise Garbled("a payload that belongs to no result")
    if size > payload_limit(request_id):
        raise Garbled(f"a payload of {size} bytes, more than was asked for")
    try:
        return Message(header, await stream.readexactly(size))
    except asyncio.IncompleteReadError:
        return None


def _header(line: bytes) -> Json:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        raise Garbled("a line that is not JSON") from None
    if not isinstance(header, dict):
        raise Garbled("a line that is not a JSON object")
    if "id" in header and (isinstance(header["id"], bool) or not isinstance(header["id"], int | None)):
        raise Garbled("an id that is not an integer")
    return header
