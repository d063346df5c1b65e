"""How long the helper waits between questions. The only place of it that looks at a clock."""

from __future__ import annotations

__all__ = ("BackOff", "now", "retry_after", "sleep")

import time

from ..platform import retry_after as asked_by_the_platform

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
    """Give the seconds that the platform asks to wait; five where it does not say."""
    asked = asked_by_the_platform.retry_after(header)
    return _UNSAID if asked is None else asked
