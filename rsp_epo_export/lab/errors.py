"""What can go wrong in the lab, one class for each error that the panel can tell apart.

Each class has the ``type`` and the HTTP status that ``docs/lab-routes.md`` lists. None has the status 401 or 403 for a
failure between the lab and the service: a PI who sees one of those would log in to JupyterLab again, which is no help.
Nor 424, which is what JupyterHub answers for a lab that is stopped.
"""

# ruff: noqa: N818 (each class is named as its type is, and those are the platform's, which does not end them in "error")

from __future__ import annotations

__all__ = (
    "BadRequest",
    "ButlerDied",
    "ButlerError",
    "ButlerFailedToStart",
    "ButlerGarbled",
    "ButlerMissing",
    "ButlerStarting",
    "ButlerTimeout",
    "CollectionNotFound",
    "Detail",
    "LabError",
    "MethodNotForwarded",
    "NotAnImage",
    "NotForwarded",
    "NotRemovable",
    "RateLimited",
    "RemovalChanged",
    "RepositoryReadOnly",
    "RepositoryUnavailable",
    "RepositoryUnknown",
    "ServiceError",
    "ServiceNotConfigured",
    "ServiceRefusal",
    "ServiceTimeout",
    "ServiceUnreachable",
    "ServiceUntrusted",
    "TokenMissing",
    "TokenRejected",
    "TooLarge",
    "from_bridge",
)

from collections.abc import Mapping, Sequence
from typing import ClassVar, NotRequired, TypedDict


class Detail(TypedDict):
    """One entry of the platform's error form."""

    msg: str
    type: str
    loc: NotRequired[list[str]]


class LabError(Exception):
    """A failure that the panel is told of.

    Parameters
    ----------
    msg
        For the PI: what happened, what is safe, what to do next. It goes to the browser and to the lab's log, so it
        holds no token and no traceback.
    headers
        Headers that go with the answer.
    """

    type: ClassVar[str]
    status: int

    def __init__(self, msg: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msg)
        self.msg = msg
        self.headers = dict(headers or {})

    @property
    def detail(self) -> Sequence[Detail]:
        """The body's ``detail``."""
        return [{"msg": self.msg, "type": self.type}]


class BadRequest(LabError):
    """A parameter is missing or has the wrong shape."""

    type = "bad_request"
    status = 400


class TooLarge(LabError):
    """An image, or the body of a request, is larger than this extension passes on."""

    type = "too_large"
    status = 413


class NotAnImage(LabError):
    """The dataset's file is nothing that may be shown from the lab's origin."""

    type = "not_an_image"
    status = 415


class ButlerMissing(LabError):
    """There is no interpreter with a Butler."""

    type = "butler_missing"
    status = 503


class ButlerStarting(LabError):
    """The bridge has not failed, but is not ready."""

    type = "butler_starting"
    status = 503


class ButlerFailedToStart(LabError):
    """The bridge ended, or said nothing, before it was ready."""

    type = "butler_failed_to_start"
    status = 503


class ButlerDied(LabError):
    """The bridge ended while a request waited for its answer."""

    type = "butler_died"
    status = 502


class ButlerGarbled(LabError):
    """The bridge broke the protocol."""

    type = "butler_garbled"
    status = 502


class ButlerTimeout(LabError):
    """The bridge was silent for too long."""

    type = "butler_timeout"
    status = 504


class ButlerError(LabError):
    """The Butler failed in a way that the protocol has no name for."""

    type = "butler_error"
    status = 500


class RepositoryUnknown(LabError):
    """No repository has this label."""

    type = "repository_unknown"
    status = 404


class RepositoryUnavailable(LabError):
    """The repository cannot be opened."""

    type = "repository_unavailable"
    status = 503


class RepositoryReadOnly(LabError):
    """A Butler server serves the repository, and takes nothing away."""

    type = "repository_read_only"
    status = 409


class NotRemovable(LabError):
    """Nothing may be removed for this export, now or at all."""

    type = "not_removable"
    status = 409


class RemovalChanged(LabError):
    """What would be removed is no longer what the PI was shown."""

    type = "removal_changed"
    status = 409


class CollectionNotFound(LabError):
    """The repository has no such collection."""

    type = "collection_not_found"
    status = 404


class DatasetTypeNotFound(LabError):
    """The repository has no such dataset type."""

    type = "dataset_type_not_found"
    status = 404


class DatasetNotFound(LabError):
    """The repository has no such dataset."""

    type = "dataset_not_found"
    status = 404


class Unreadable(LabError):
    """The dataset is there, but its file is not, or cannot be read."""

    type = "unreadable"
    status = 404


class ServiceNotConfigured(LabError):
    """Nobody said where the export service is."""

    type = "service_not_configured"
    status = 503


class ServiceUntrusted(LabError):
    """The address of the export service is none that the PI's token may go to."""

    type = "service_untrusted"
    status = 503


class ServiceUnreachable(LabError):
    """The export service cannot be connected to, or broke the connection."""

    type = "service_unreachable"
    status = 502


class ServiceTimeout(LabError):
    """The export service did not answer in time."""

    type = "service_timeout"
    status = 504


class ServiceError(LabError):
    """The export service, or something before it, answered what the contract does not know."""

    type = "service_error"
    status = 502


class RateLimited(LabError):
    """The platform asks to slow down."""

    type = "rate_limited"
    status = 429


class TokenMissing(LabError):
    """The lab holds no RSP token."""

    type = "token_missing"
    status = 503


class TokenRejected(LabError):
    """The export service, or the gateway before it, refuses the lab's RSP token."""

    type = "token_rejected"
    status = 502


class NotForwarded(LabError):
    """The contract gives the PI no operation on this path."""

    type = "not_forwarded"
    status = 404


class MethodNotForwarded(LabError):
    """The contract gives the PI this path, with other methods."""

    type = "not_forwarded"
    status = 405


class ServiceRefusal(LabError):
    """The service's own error, in its own words.

    Parameters
    ----------
    status
        The service's status.
    detail
        The service's ``detail``, validated.
    headers
        The headers that go with it.
    """

    type = "service_refusal"

    def __init__(self, status: int, detail: Sequence[Detail], headers: Mapping[str, str]) -> None:
        super().__init__("; ".join(entry["msg"] for entry in detail), headers=headers)
        self.status = status
        self._detail = detail

    @property
    def detail(self) -> Sequence[Detail]:
        return self._detail


_OF_THE_BRIDGE: dict[str, type[LabError]] = {
    error.type: error
    for error in (
        BadRequest,
        CollectionNotFound,
        DatasetNotFound,
        DatasetTypeNotFound,
        RepositoryReadOnly,
        RepositoryUnavailable,
        TooLarge,
        Unreadable,
    )
}


def from_bridge(error_type: str, msg: str) -> LabError:
    """The error that an error of the bridge (``docs/bridge.md``) is for the panel.

    Those that only a mistake of this extension can cause, and those that the protocol does not list, become
    `ButlerError`.
    """
    return _OF_THE_BRIDGE.get(error_type, ButlerError)(msg)
