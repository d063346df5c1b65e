"""Everything that is read from a Butler repository: one module behind the bridge and the notebook helper.

What a PI wrote (names, data IDs) reaches a query only as a bound value, never as a part of an expression. Nothing is
cut short: no query is made with the default limit of `Butler.query_datasets`, which cuts at 20,000 and only warns.
"""

from __future__ import annotations

__all__ = (
    "ITEMS_AT_A_TIME",
    "MAXIMUM_PAGE",
    "PICK_KINDS",
    "Artifact",
    "ArtifactReader",
    "BadRequestError",
    "Collection",
    "CollectionNotFoundError",
    "Confinement",
    "DataID",
    "Dataset",
    "DatasetNotFoundError",
    "DatasetTypeNotFoundError",
    "DatasetTypeUse",
    "Item",
    "Kind",
    "Owner",
    "Page",
    "PickKind",
    "ReadError",
    "Repository",
    "RepositoryUnavailableError",
    "Run",
    "TooLargeError",
    "UnreadableError",
    "datasets",
    "is_served",
    "list_collections",
    "list_items",
    "owner_of",
    "repositories",
    "resolve",
    "roots",
    "run_directory",
)

from .collection_names import Owner, owner_of, run_directory
from .reads.artifacts import Artifact, ArtifactReader, Confinement
from .reads.collections import (
    PICK_KINDS,
    Collection,
    DatasetTypeUse,
    PickKind,
    Repository,
    Run,
    list_collections,
    repositories,
    resolve,
    roots,
)
from .reads.datasets import (
    ITEMS_AT_A_TIME,
    MAXIMUM_PAGE,
    DataID,
    Dataset,
    Item,
    Page,
    datasets,
    list_items,
)
from .reads.errors import (
    BadRequestError,
    CollectionNotFoundError,
    DatasetNotFoundError,
    DatasetTypeNotFoundError,
    ReadError,
    RepositoryUnavailableError,
    TooLargeError,
    UnreadableError,
)
from .reads.locations import Kind
from .reads.served import is_served
