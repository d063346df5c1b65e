"""How long the helper waits between questions. The only place of it that looks at a clock."""

from __future__ import annotations

__all__ = ("BackOff", "now", "retry_after", "sleep")

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

sleep = time.sleep
now = time.monotonic

_UNSAID = 5.0


class BackOff:
    """Gives growing pauses, so that a long wait asks rarely, and a short one ends soon.

    Parameters
    ----------
    first, longest
        Seconds.
    factor
        How much longer each pause is than the one before.
    """

    def __init__(self, first: float = 0.5, longest: float = 15.0, factor: float = 1.5) -> None:
        self._first, self._longest, self._factor = first, longest, factor
        self.reset()

    def reset(self) -> None:
        """Begin again with the first pause."""
        self._next = self._first

    def pause(self) -> float:
        """Give the next pause in seconds."""
        pause = self._next
        self._next = min(self._next * self._factor, self._longest)
        return pause


def retry_after(header: str | None) -> float:
    """Read a ``Retry-After`` header: seconds, or a date (RFC 9110, section 10.2.3).

    Returns
    -------
    seconds
        Never negative; five for a header that is missing or says nothing.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return _UNSAID
    if until.tzinfo is None:
        return _UNSAID
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
