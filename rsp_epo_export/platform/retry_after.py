"""How long the platform asks to wait. Imports the library only."""

from __future__ import annotations

__all__ = ("retry_after",)

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(header: str | None) -> float | None:
    """Read a ``Retry-After`` header: seconds, or a date (RFC 9110, section 10.2.3).

    Returns
    -------
    seconds
        Never negative; `None` for a header that is missing or says nothing. A date has whole seconds, and what it cuts
        off must be waited too: one second more.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds() + 1)
