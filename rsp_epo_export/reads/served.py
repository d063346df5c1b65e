"""What is different about a repository that a Butler server serves (`RemoteButler`).

It is read-only, its datastore cannot be seen, and its files are behind URLs that the server signs for an hour. Those
URLs are as good as a password, so none goes into a message.
"""

from __future__ import annotations

__all__ = ("download", "is_served", "locate_served")

from lsst.daf.butler import Butler, DatasetNotFoundError, DatasetRef
from lsst.resources import ResourcePath

from .errors import TooLargeError, UnreadableError

_MEMBER = "zip-path="


def is_served(butler: Butler) -> bool:
    """Tell whether a Butler server serves the repository."""
    # By name: importing the class takes libraries that a stack without servers need not have.
    return type(butler).__name__ == "RemoteButler"


def locate_served(butler: Butler, ref: DatasetRef) -> list[ResourcePath]:
    """Give the signed URLs of a dataset's files, with the headers that they take; none where it has no file."""
    try:
        return list(butler.getURIs(ref).iter_all())
    except DatasetNotFoundError:  # what the server knows, and its datastore does not
        return []


def download(butler: Butler, ref: DatasetRef, limit: int) -> tuple[str, bytes]:
    """Give the name and the bytes of a dataset that is one plain whole file.

    Raises
    ------
    TooLargeError
        The file is larger than `limit`.
    UnreadableError
        It is gone, several files or a member of a zip, or did not arrive whole.
    """
    uris = locate_served(butler, ref)
    if len(uris) != 1:
        why = "is stored as several files" if uris else "is not in the datastore any more"
        raise UnreadableError(f"The dataset {ref.id} {why}.")
    (uri,) = uris
    if uri.unquoted_fragment.startswith(_MEMBER):
        raise UnreadableError(f"The dataset {ref.id} is a member of a zip on the Butler server, which is not unpacked.")
    try:
        size = uri.size()
        if size > limit:
            raise TooLargeError(f"The file of the dataset {ref.id} has over {limit} bytes.")
        payload = uri.read(size) if size else b""
    except (OSError, ValueError, StopIteration) as error:  # what requests raises is an OSError
        # Only what comes behind the URL.
        status = str(error).partition("status: ")[2].partition("\n")[0]
        why = f"status {status}" if status else "no connection"
        raise UnreadableError(
            f"The file of the dataset {ref.id} could not be downloaded from the Butler server ({why})."
        ) from None
    if len(payload) != size:
        raise UnreadableError(f"The file of the dataset {ref.id} did not arrive whole. Try again.")
    return ResourcePath(uri.geturl()).basename(), payload
