"""What can go wrong in the notebook helper: one class for each kind of failure, one base for all.

Each says what happened, what is safe, and what to do next. None holds the token, nor what an HTTP library raised, since
that holds the request, and the request the token.
"""

from __future__ import annotations

__all__ = (
    "AnswerError",
    "ButlerError",
    "ConfigurationError",
    "EpoExportError",
    "ExportStoppedError",
    "RateLimitedError",
    "RequestError",
    "ServiceRefusalError",
    "ServiceUnreachableError",
    "TokenError",
    "WaitTimeoutError",
)

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .text import plain

if TYPE_CHECKING:
    from .export import Export
    from .models import ErrorBodyDetail


class EpoExportError(Exception):
    """Something that the helper was asked for did not happen.

    Parameters
    ----------
    type
        A snake_case code for programs: the service's own where the service refused, else the helper's.
    msg
        For a person.

    Attributes
    ----------
    is_transient
        Whether the same may well succeed a little later.
    """

    is_transient = False

    def __init__(self, type: str, msg: str) -> None:
        super().__init__(plain(msg))
        self.type = type
        self.msg = plain(msg)

    def __str__(self) -> str:
        return f"{self.msg} [{plain(self.type)}]"


class ConfigurationError(EpoExportError):
    """The helper does not know where something is, or may not go there. Nothing was sent."""


class TokenError(EpoExportError):
    """There is no RSP token, or the platform does not accept it."""


class ButlerError(EpoExportError):
    """The Butler could not give or take something. `type` is the one of `docs/bridge.md` where that has one."""


class RequestError(EpoExportError):
    """What was asked for does not fit what is there: a name that means two things, an export in another state."""


class ServiceUnreachableError(EpoExportError):
    """The export service could not be reached, did not answer in time, or a gateway answered in its place."""

    is_transient = True


class RateLimitedError(EpoExportError):
    """The platform asks to slow down, and took no request.

    Attributes
    ----------
    retry_after
        Seconds, by the platform's word.
    """

    is_transient = True

    def __init__(self, type: str, msg: str, retry_after: float) -> None:
        super().__init__(type, msg)
        self.retry_after = retry_after


class AnswerError(EpoExportError):
    """The service, or something in front of it, answered what the contract does not know."""


class ServiceRefusalError(EpoExportError):
    """The export service said no, in its own words.

    Attributes
    ----------
    status
        Its HTTP status.
    detail
        All that it said: one entry or more, each with `type` and `msg`.
    """

    def __init__(self, status: int, detail: Sequence[ErrorBodyDetail], advice: str = "") -> None:
        msg = " ".join(entry["msg"] for entry in detail)
        super().__init__(detail[0]["type"], f"{msg} {advice}".strip())
        self.status = status
        self.detail = list(detail)
        self.is_transient = status >= 500


class ExportStoppedError(EpoExportError):
    """An export that was waited for ended, or came back to its PI, without being published.

    Attributes
    ----------
    export
        The export, as it stands.
    """

    def __init__(self, type: str, msg: str, export: Export) -> None:
        super().__init__(type, msg)
        self.export = export


class WaitTimeoutError(ExportStoppedError):
    """An export is still under way after the time that was to be waited. It goes on by itself."""
