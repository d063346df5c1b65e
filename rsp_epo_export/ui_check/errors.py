"""The one way in which the check fails."""

from __future__ import annotations

__all__ = ("UiCheckError",)


class UiCheckError(Exception):
    """The interface is not what it was, or could not be looked at.

    It never holds the token: it is raised from none of what an HTTP library or Playwright raised.

    Parameters
    ----------
    step
        What was being done.
    reason
        Why it failed, and what to do.
    """

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason
