"""What the contract calls an operation: a method, a path, and the shape of the answer."""

from __future__ import annotations

__all__ = ("Operation",)

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Operation(Generic[_Answer]):
    """One operation of the export service.

    Parameters
    ----------
    method
        The HTTP method.
    path
        From the root of the service's origin, with ``{name}`` for each parameter.
    answer
        The model of what a success answers: a `TypedDict` for JSON, `str` for CSV.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    answer: type[_Answer]
