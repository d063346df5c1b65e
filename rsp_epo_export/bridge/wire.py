"""What is read from the Butler, as the JSON of docs/bridge.md."""

from __future__ import annotations

__all__ = ("collection", "dataset", "item", "run")

from typing import Any

from ..butler_reads import Collection, Dataset, DatasetTypeUse, Item, Owner, Run


def collection(value: Collection) -> dict[str, Any]:
    """Give C of the call ``collections``."""
    return {
        "name": value.name,
        "type": value.type,
        "owner": _owner(value.owner),
        "children": value.children,
        "dataset_types": [_use(use) for use in value.dataset_types],
    }


def run(value: Run) -> dict[str, Any]:
    """Give a run of the call ``resolve``."""
    return {
        "name": value.name,
        "owner": _owner(value.owner),
        "dataset_types": [_use(use) for use in value.dataset_types],
    }


def dataset(value: Dataset) -> dict[str, Any]:
    """Give a dataset of the call ``datasets``."""
    return {"id": str(value.id), "data_id": value.data_id}


def item(value: Item) -> dict[str, Any]:
    """Give I of the call ``list``."""
    return {"id": str(value.id), "data_id": value.data_id, "kind": value.kind, "uri": value.uri}


def _owner(value: Owner | None) -> dict[str, str] | None:
    return None if value is None else {"kind": value.kind, "name": value.name}


def _use(value: DatasetTypeUse) -> dict[str, Any]:
    return {"name": value.name, "storage_class": value.storage_class, "count": value.count}
