"""From a Butler collection on the Rubin Science Platform to a public Zooniverse manifest.

One package for two interpreters: the stack's (formatters, bridge, notebook helper) and the lab's (server
extension). Importing it imports neither side; each name brings what it needs when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cutouts import to_cutout
    from .helper import EpoExport
    from .repository import make_repository

__all__ = ["EpoExport", "make_repository", "to_cutout"]

_ROOMS = {"EpoExport": ".helper", "make_repository": ".repository", "to_cutout": ".cutouts"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (the names have different types)
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "rsp-epo-export"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .lab import _jupyter_server_extension_points as points

    return points()
