"""Check what came over the wire against a model, so that nothing of another shape goes any further."""

from __future__ import annotations

__all__ = ("MismatchError", "checked")

from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

_Model = TypeVar("_Model")


class MismatchError(ValueError):
    """The value is of another shape. The message names the place and what was expected there, not the value."""


def checked(value: object, model: type[_Model]) -> _Model:
    """Give `value` back as what it was found to be.

    Keys that the model does not have are left in: a newer service may say more.

    Parameters
    ----------
    value
        Parsed JSON.
    model
        A `TypedDict` of `models.py`, or a type that one of its keys may have.

    Raises
    ------
    MismatchError
        A required key is missing, or something has another type.
    """
    _check(value, model, "the answer")
    return cast(_Model, value)  # what `_check` has just made sure of


def _check(value: object, expected: Any, place: str) -> None:  # noqa: ANN401 (types are of many types)
    origin = get_origin(expected)
    if is_typeddict(expected):
        _check_keys(value, expected, place)
    elif origin is list:
        (kind,) = get_args(expected)
        for index, entry in enumerate(_instance(value, list, place)):
            _check(entry, kind, f"{place}[{index}]")
    elif origin is dict:
        _, kind = get_args(expected)
        for key, entry in _instance(value, dict, place).items():
            _check(entry, kind, f"{place}[{key!r}]")
    elif origin is Literal:
        if not isinstance(value, str) or value not in get_args(expected):
            raise MismatchError(f"{place} is none of {', '.join(get_args(expected))}")
    elif origin in (Union, UnionType):
        _check_any(value, get_args(expected), place)
    elif type(value) is not expected:  # not isinstance, by which True would be an integer
        raise MismatchError(f"{place} is not of the type {_name(expected)}")


def _check_keys(value: object, model: Any, place: str) -> None:  # noqa: ANN401
    there = _instance(value, dict, place)
    for key, kind in _hints(model).items():
        if key in there:
            _check(there[key], kind, f"{place}.{key}")
        elif key in model.__required_keys__:
            raise MismatchError(f"{place} has no {key}")


def _check_any(value: object, options: tuple[Any, ...], place: str) -> None:
    if value is None and NoneType in options:
        return
    others = [option for option in options if option is not NoneType]
    if len(others) == 1:
        return _check(value, others[0], place)
    if type(value) not in others:
        raise MismatchError(f"{place} is none of {', '.join(map(_name, others))}")


def _instance(value: object, kind: Any, place: str) -> Any:  # noqa: ANN401
    if type(value) is not kind:
        raise MismatchError(f"{place} is not {'a list' if kind is list else 'an object'}")
    return value


@cache
def _hints(model: Any) -> dict[str, Any]:  # noqa: ANN401
    return get_type_hints(model)


def _name(kind: Any) -> str:  # noqa: ANN401
    return str(getattr(kind, "__name__", kind))
