"""The parameters of a request, each checked when it is taken."""

from __future__ import annotations

__all__ = ("Params",)

import re
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from ..reads.errors import BadRequestError

_Choice = TypeVar("_Choice", bound=str)

_SHA256 = re.compile("[0-9a-f]{64}")
_TEXT = "a string of Unicode without NUL"


class Params:
    """The parameters of one call.

    Every method takes one parameter by name and raises `BadRequestError` if it is missing, without a default, or wrong.
    """

    def __init__(self, call: str, given: Mapping[str, Any]) -> None:
        self._call = call
        self._left = dict(given)

    def text(self, name: str) -> str:
        """Take a string."""
        value = self._take(name)
        if not _is_text(value):
            raise self._wrong(name, _TEXT)
        return str(value)

    def optional_text(self, name: str) -> str | None:
        """Take a string, or `None` if it is null or absent."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        if not _is_text(value):
            raise self._wrong(name, f"{_TEXT}, or null")
        return str(value)

    def texts(self, name: str) -> list[str]:
        """Take a list of strings; by default an empty one."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(_is_text(one) for one in value):
            raise self._wrong(name, f"a list, each of it {_TEXT}")
        return value

    def choice(self, name: str, choices: tuple[_Choice, ...]) -> _Choice:
        """Take one of some strings."""
        value = self._take(name)
        for choice in choices:
            if value == choice:
                return choice
        raise self._wrong(name, f"one of {', '.join(choices)}")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Take an integer from `low` to `high`."""
        value = self._left.pop(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._wrong(name, f"an integer from {low} to {high}")
        return value

    def uuid(self, name: str) -> UUID:
        """Take a UUID in its usual form."""
        value = self._take(name)
        try:
            found = UUID(value)
        except (ValueError, AttributeError, TypeError):
            raise self._wrong(name, "a UUID") from None
        if str(found) != value.lower():
            raise self._wrong(name, "a UUID")
        return found

    def digests(self, name: str) -> list[tuple[UUID, str]]:
        """Take an object whose keys are UUIDs and whose values are SHA-256 digests in hexadecimal."""
        value = self._take(name)
        if not isinstance(value, dict) or not all(
            isinstance(digest, str) and _SHA256.fullmatch(digest) for digest in value.values()
        ):
            raise self._wrong(name, "an object of SHA-256 digests")
        return [(Params(self._call, {name: key}).uuid(name), digest) for key, digest in value.items()]

    def optional_group(self, name: str) -> Params | None:
        """Take an object, whose members are then taken from what is returned, or `None` if it is null or absent."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "an object or null")
        return Params(f"{self._call}: {name}", value)

    def optional_number(self, name: str, low: int, high: int) -> int | None:
        """Take an integer from `low` to `high`, or `None` if it is null or absent."""
        if self._left.get(name) is None:
            self._left.pop(name, None)
            return None
        return self.number(name, low, low, high)

    def end(self) -> None:
        """Make sure that nothing is left that nobody took."""
        if self._left:
            raise BadRequestError(f"{self._call} has no parameter {', '.join(sorted(self._left))}.")

    def _take(self, name: str) -> Any:  # noqa: ANN401 (JSON of which nothing is known yet)
        if name not in self._left:
            raise BadRequestError(f"{self._call} needs the parameter {name}.")
        return self._left.pop(name)

    def _wrong(self, name: str, wanted: str) -> BadRequestError:
        return BadRequestError(f"The parameter {name} of {self._call} is {wanted}.")


def _is_text(value: object) -> bool:
    """Tell whether a database can be asked for it: none takes half a surrogate pair, and PostgreSQL no NUL."""
    return isinstance(value, str) and "\0" not in value and not any(0xD800 <= ord(one) < 0xE000 for one in value)
