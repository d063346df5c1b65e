"""What the name of a collection says: whose it is, and where the datastore keeps the files of a run.

A name is chosen by whoever registers the collection, so nothing here trusts it: a name that could mean two things, or
that the file system would read differently from a person, has no owner and no directory. Imports no Butler.
"""

from __future__ import annotations

__all__ = ("Owner", "owner_of", "run_directory")

import re
from dataclasses import dataclass
from typing import Literal

_KINDS: dict[str, Literal["user", "group"]] = {"u": "user", "g": "group"}
# Wider than Gafaelfawr's rules for users and groups (gafaelfawr:src/gafaelfawr/constants.py), as other sites have
# others; narrow enough that a name is spelt the same in a path, in a URL and in a log.
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_TO_UNDERSCORE = str.maketrans({character: "_" for character in ' <>:"\\|?*'})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a collection is, by its name."""

    kind: Literal["user", "group"]
    name: str


def owner_of(collection: str) -> Owner | None:
    """Give the owner of a collection by the convention ``u/<user>/…``, ``g/<group>/…`` (DMTN-182).

    Returns
    -------
    owner
        `None` for a name of another form, and for one that is not `plain <run_directory>`: ``u/alien/../bob/x`` is
        nobody's.
    """
    prefix, _, rest = collection.partition("/")
    account, separator, name = rest.partition("/")
    if (
        prefix not in _KINDS
        or not separator
        or not name
        or not _ACCOUNT.fullmatch(account)
        or not _is_plain(collection)
    ):
        return None
    return Owner(_KINDS[prefix], account)


def run_directory(run: str) -> str | None:
    r"""Give the directory, relative to the datastore's root, that holds every file `put` or copied into a run.

    The rule is that of daf_butler for a template that begins with ``{run:/}/``, as the default does
    (``lsst.daf.butler.datastore.file_templates.FileTemplate.format``): each of the characters ``<>:"\|?*`` and the
    space becomes ``_``, slashes stay, and the path is normalised. Two runs may share a directory (``u/a/x y`` and
    ``u/a/x_y``), and a run's directory may hold another's (``u/a/x`` and ``u/a/x/y``).

    Returns
    -------
    directory
        Segments joined by ``/``, without one at either end. `None` for a run whose name the datastore or the file
        system would turn into another place: with an empty segment, ``.`` or ``..``, with a ``%`` (``%2e%2e`` is
        decoded), or with a control character.
    """
    return run.translate(_TO_UNDERSCORE) if _is_plain(run) else None


def _is_plain(name: str) -> bool:
    segments = name.split("/")
    return (
        not any(segment in ("", ".", "..") for segment in segments)
        and "%" not in name
        and not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in name)
        and not any(0xD800 <= ord(character) < 0xE000 for character in name)
    )
