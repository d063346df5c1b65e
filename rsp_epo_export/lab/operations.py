"""What may be forwarded to the service: the operations that the contract gives to a PI."""

from __future__ import annotations

__all__ = ("PREFIX", "Operation", "Operations")

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .errors import MethodNotForwarded, NotForwarded

PREFIX = "/epo-export/v1/"
"""What every forwarded path begins with at the service."""

# The only parameters in the contract's paths are UUIDs: `_generate_operations.py` refuses another.
_UUID = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"


@dataclass(frozen=True)
class Operation:
    """One operation of the contract.

    Its query parameters and its media types (those of success) are the only ones that pass.
    """

    method: str
    path: str
    query: tuple[str, ...]
    media_types: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches a path of this operation, as it is on the wire."""
        literals = re.split(r"\{[a-z_]+\}", self.path)
        return re.compile(_UUID.join(map(re.escape, literals)))


class Operations:
    """The list of what may be forwarded."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = [(operation, operation.pattern) for operation in operations]

    @staticmethod
    @cache
    def of_the_contract() -> Operations:
        """The list in ``operations.json``, which comes from ``contract/openapi.json``."""
        entries = json.loads(files(__package__).joinpath("operations.json").read_text(encoding="utf-8"))
        return Operations(
            [
                Operation(entry["method"], entry["path"], tuple(entry["query"]), tuple(entry["media_types"]))
                for entry in entries
            ]
        )

    def find(self, method: str, path: str) -> Operation:
        """Find the operation of a request.

        Parameters
        ----------
        method
            The HTTP method, in capitals.
        path
            The path below `PREFIX` as the browser sent it, not decoded. Every legal path is its own only spelling (its
            letters need no escape), so what has an escape, a dot segment or an empty one matches nothing: there
            is nothing to normalise, and nothing that the service could read in another way.

        Raises
        ------
        NotForwarded, MethodNotForwarded
            There is none.
        """
        matches = [operation for operation, pattern in self._operations if pattern.fullmatch(PREFIX + path)]
        for operation in matches:
            if operation.method == method:
                return operation
        if matches:
            raise MethodNotForwarded(
                f"The export service has no {method} here for a PI. Nothing was sent. Reload the page, in case the "
                "panel is older than the lab."
            )
        raise NotForwarded(
            "This is not among what a PI may ask of the export service. Nothing was sent. Reload the page, in case "
            "the panel is older than the lab."
        )
