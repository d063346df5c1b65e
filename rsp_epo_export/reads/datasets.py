"""The datasets of one run and dataset type: a page of them, or all with where their artifacts are."""

from __future__ import annotations

__all__ = ("ITEMS_AT_A_TIME", "MAXIMUM_PAGE", "DataID", "Dataset", "Item", "Page", "datasets", "list_items")

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias
from uuid import UUID

from lsst.daf.butler import (
    Butler,
    DatasetType,
    DatasetTypeExpressionError,
    MissingDatasetTypeError,
    UnknownComponentError,
)

from .collections import info_of, is_run, type_name
from .errors import BadRequestError, CollectionNotFoundError, DatasetTypeNotFoundError
from .locations import Kind, Location, locate

DataID: TypeAlias = Mapping[str, int | str]

MAXIMUM_PAGE = 1000
"""The most datasets that one page of `datasets` holds."""

ITEMS_AT_A_TIME = 500
"""How many items `list_items` gives at a time."""

_ROWS_AT_A_TIME = 10 * ITEMS_AT_A_TIME


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of a known run and dataset type."""

    id: UUID
    data_id: DataID


@dataclass(frozen=True, slots=True)
class Page:
    """Some datasets, in the order of their data IDs; `next` is the cursor of what follows, `None` at the end."""

    datasets: tuple[Dataset, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """A dataset and where its artifact is. `uri` is set if it is one plain whole file (`kind` ``file``)."""

    id: UUID
    data_id: DataID
    kind: Kind
    uri: str | None


def datasets(butler: Butler, run: str, dataset_type: str, limit: int = 100, after: str | None = None) -> Page:
    """Give a page of the datasets of one run and dataset type, ordered by the full data ID.

    The cursor holds the data ID where the page before ended, so a page costs the same however deep it is, and what is
    added or removed meanwhile neither repeats nor hides anything else.

    Parameters
    ----------
    butler
        The repository.
    run, dataset_type
        Names.
    limit
        The most datasets on the page, 1 to `MAXIMUM_PAGE`.
    after
        `Page.next` of the page before; `None` for the first.

    Raises
    ------
    BadRequestError
        The limit is out of range, or the cursor is none of this dataset type.
    CollectionNotFoundError, DatasetTypeNotFoundError
        There is none of that name, or the collection is not a RUN.
    """
    if not 1 <= limit <= MAXIMUM_PAGE:
        raise BadRequestError(f"A page holds 1 to {MAXIMUM_PAGE} datasets, not {limit}.")
    kind = _checked(butler, run, dataset_type)
    found = _query(butler, run, kind, limit + 1, _decode(after, kind) if after is not None else None)
    page = found[:limit]
    return Page(tuple(page), _encode(_key(page[-1], kind)) if len(found) > limit else None)


def list_items(butler: Butler, run: str, dataset_type: str) -> Iterator[tuple[Item, ...]]:
    """Give every dataset of one run and dataset type with where its artifact is, `ITEMS_AT_A_TIME` at a time.

    They come in the order of their data IDs and are read as they are asked for, so a caller may stop at any time.

    Raises
    ------
    CollectionNotFoundError, DatasetTypeNotFoundError
        There is none of that name, or the collection is not a RUN.
    """
    kind = _checked(butler, run, dataset_type)
    after: tuple[int | str, ...] | None = None
    while True:
        found = _query(butler, run, kind, _ROWS_AT_A_TIME, after)
        locations = locate(butler, [dataset.id for dataset in found])
        rest = iter(found)
        while some := tuple(islice(rest, ITEMS_AT_A_TIME)):
            yield tuple(_item(dataset, locations[dataset.id]) for dataset in some)
        if len(found) < _ROWS_AT_A_TIME:
            return
        after = _key(found[-1], kind)


def _checked(butler: Butler, run: str, dataset_type: str) -> DatasetType:
    """Give the dataset type, after making sure that both exist and the collection is a RUN."""
    info = info_of(butler, run, summary=False)
    if not is_run(info):
        raise CollectionNotFoundError(f"The collection {run!r} is {type_name(info)}, not RUN.")
    try:
        kind = butler.get_dataset_type(dataset_type)
    except (MissingDatasetTypeError, DatasetTypeExpressionError, UnknownComponentError):
        kind = None
    if kind is None or kind.isComponent():
        raise DatasetTypeNotFoundError(f"The repository has no dataset type {dataset_type!r}.")
    return kind


def _query(
    butler: Butler, run: str, kind: DatasetType, limit: int, after: tuple[int | str, ...] | None
) -> list[Dataset]:
    """Give at most `limit` datasets whose data ID comes after `after`, in the order of the required dimensions."""
    required = tuple(kind.dimensions.required)
    names = (*required, *kind.dimensions.implied)
    with butler.query() as query:
        # Rows and not DatasetRefs, which take twice as long to make.
        found = query.join_dataset_search(kind.name, [run]).general(
            kind.dimensions, dataset_fields={kind.name: {"dataset_id"}}, find_first=False
        )
        if after is not None:
            column = query.expression_factory
            columns = [getattr(column, name) for name in required]
            # (a, b) > (x, y) is: a > x, or a = x and b > y. The Butler's expressions have no comparison of rows.
            later = [
                column.all(columns[depth] > after[depth], *(columns[i] == after[i] for i in range(depth)))
                for depth in range(len(required))
            ]
            found = found.where(column.any(later[0], *later[1:]))
        id_field = f"{kind.name}.dataset_id"
        return [
            Dataset(row[id_field], {name: row[name] for name in names if row[name] is not None})
            for row in found.order_by(*required).limit(limit)
        ]


def _item(dataset: Dataset, location: Location) -> Item:
    return Item(dataset.id, dataset.data_id, location.kind, location.uri if location.kind == "file" else None)


def _key(dataset: Dataset, kind: DatasetType) -> tuple[int | str, ...]:
    return tuple(dataset.data_id[name] for name in kind.dimensions.required)


def _encode(key: tuple[int | str, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()


def _decode(cursor: str, kind: DatasetType) -> tuple[int | str, ...]:
    """Give the data ID that a cursor holds, checked against the dimensions' own types."""
    types = [kind.dimensions.universe.dimensions[name].primaryKey.getPythonType() for name in kind.dimensions.required]
    try:
        values = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
    except ValueError:
        values = None
    matches = isinstance(values, list) and len(values) == len(types) > 0
    if not matches or any(type(value) is not wanted for value, wanted in zip(values, types, strict=True)):
        raise BadRequestError(f"The cursor {cursor!r} does not belong to a page of {kind.name!r}.")
    return tuple(values)
