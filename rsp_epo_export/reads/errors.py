"""What can go wrong when a Butler is read, each with the name that programs know it by. Imports no Butler."""

from __future__ import annotations

__all__ = (
    "BadRequestError",
    "CollectionNotFoundError",
    "DatasetNotFoundError",
    "DatasetTypeNotFoundError",
    "ReadError",
    "RepositoryUnavailableError",
    "TooLargeError",
    "UnreadableError",
)

from typing import ClassVar


class ReadError(Exception):
    """Something could not be read. `code` is the error's name for programs, the message one sentence for a person."""

    code: ClassVar[str] = "internal"


class BadRequestError(ReadError):
    """A parameter is wrong."""

    code = "bad_request"


class CollectionNotFoundError(ReadError):
    """The repository has no such collection, or it is of another type."""

    code = "collection_not_found"


class DatasetTypeNotFoundError(ReadError):
    """The repository has no such dataset type."""

    code = "dataset_type_not_found"


class RepositoryUnavailableError(ReadError):
    """A repository, or the index of repositories, cannot be opened."""

    code = "repository_unavailable"


class DatasetNotFoundError(ReadError):
    """The repository has no dataset of this id."""

    code = "dataset_not_found"


class TooLargeError(ReadError):
    """An artifact or an answer is larger than the caller allows."""

    code = "too_large"


class UnreadableError(ReadError):
    """The artifact is gone, is no plain file, or may not be read."""

    code = "unreadable"
