"""A Butler repository of the PI's own, configured for cutouts."""

from __future__ import annotations

__all__ = ("CONFIGURATION", "RepositoryError", "make_repository")

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from lsst.daf.butler import Butler, ButlerConfig, Config, DatasetType

CONFIGURATION = "resource://rsp_epo_export/configs/cutouts.yaml"
"""The configuration that a repository needs to hold cutouts, to be named in ``includeConfigs``."""

_REQUIRED = (("storageClasses", "CutoutImage"), ("datastore", "formatters", "CutoutImage"))

_NEW = "unfinished-repository"

_FRAME_DIMENSIONS = ("instrument", "day_obs", "htm20")


class RepositoryError(RuntimeError):
    """The repository cannot be made here, or the one that is here cannot hold cutouts. Nothing was changed."""


def make_repository(path: str | os.PathLike[str], *, dimensions: Sequence[str] = ("htm20",)) -> Butler:
    """Make a Butler repository for cutouts, or open the one that is there.

    A PI cannot change the configuration of a shared repository, but can have one of their own: SQLite, in their own
    storage. It holds the dataset types

    ``zooniverse_cutout``
        One picture of a subject (storage class ``CutoutImage``), with the given dimensions.
    ``zooniverse_metadata``
        What the PI wants to say of that subject: a JSON dictionary with the same dimensions.
    ``zooniverse_frame``
        One picture of a subject that has several: places of the sky (``htm20``) on one ``day_obs`` of an
        ``instrument``. Instrument and night must be inserted into the repository before the first `put`.

    Parameters
    ----------
    path
        The repository's directory. It is made, with its parents, unless it exists.
    dimensions
        What tells one cutout from another. The default, ``htm20``, is its place on the sky within 0.3 arcseconds and
        needs no preparation. ``visit``, ``tract`` and other dimensions must first be inserted into the repository.

    Returns
    -------
    butler
        The repository, opened for writing.

    Raises
    ------
    RepositoryError
        The path is a file, a directory that holds something else, or a repository that is not configured for cutouts
        or has these dataset types with other dimensions; or the directory cannot be written.
    ValueError
        A dimension is not known to the Butler.
    """
    root = Path(path).expanduser().absolute()
    if "#" in str(root):
        raise RepositoryError(f"The Butler opens no path with a '#' in it ({root}). Give another path.")
    try:
        if not (root / "butler.yaml").exists():
            _create(root)
    except OSError as error:
        raise RepositoryError(f"No repository could be made at {root}: {error.strerror or error}.") from error
    try:
        butler = Butler.from_config(str(root), writeable=True)
    except Exception as error:  # whatever its configuration makes the Butler import and open
        raise RepositoryError(
            f"There is a butler.yaml at {root}, but the repository cannot be opened "
            f"({str(error).partition(chr(10))[0]}). Give another path, or set that directory aside."
        ) from error
    _check_configuration(root)
    _register(butler, root, tuple(dimensions))
    return butler


def _create(root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise RepositoryError(f"{root} is a file. Give the path of a new directory for the repository.")
    new = root / _NEW
    ours = {new, root / "gen3.sqlite3"} if new.exists() else set()  # of a start that was cut off
    if root.is_dir() and set(root.iterdir()) - ours:
        raise RepositoryError(
            f"{root} is not empty and holds no Butler repository. Give the path of a new or an empty directory."
        )
    # Made in a directory of its own and moved, butler.yaml last: so what has a butler.yaml is whole, and makeRepo does
    # not see the name of the root, of which it would take "epo.d" for a file of the format "d".
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    # makeRepo expands the include into the repository's own butler.yaml, so that the repository also opens, to list
    # and to copy, where this package is not installed. All paths in it are relative to the root.
    Butler.makeRepo(str(new), config=Config(CONFIGURATION))
    for entry in sorted(new.iterdir(), key=lambda entry: entry.name == "butler.yaml"):
        entry.rename(root / entry.name)
    new.rmdir()


def _check_configuration(root: Path) -> None:
    # Not the Butler's storage classes, which it shares with every other repository that this process has opened.
    configuration = ButlerConfig(str(root))
    if any(key not in configuration for key in _REQUIRED):
        raise RepositoryError(
            f"The repository at {root} is not configured for cutouts. Give another path for a repository of your own, "
            f"or ask its administrator to add 'includeConfigs: {CONFIGURATION}' to its butler.yaml."
        )


def _register(butler: Butler, root: Path, dimensions: tuple[str, ...]) -> None:
    if unknown := sorted(set(dimensions) - set(butler.dimensions.dimensions.names)):
        raise ValueError(f"The Butler knows no dimension {', '.join(map(repr, unknown))}.")
    wanted = [
        DatasetType("zooniverse_cutout", dimensions, "CutoutImage", universe=butler.dimensions),
        DatasetType("zooniverse_metadata", dimensions, "StructuredDataDict", universe=butler.dimensions),
        DatasetType("zooniverse_frame", _FRAME_DIMENSIONS, "CutoutImage", universe=butler.dimensions),
    ]
    there = {known.name: known for known in butler.registry.queryDatasetTypes([kind.name for kind in wanted])}
    for kind in wanted:
        if (known := there.get(kind.name, kind)) != kind:
            raise RepositoryError(
                f"The repository at {root} already has a dataset type {kind.name}, as a {known.storageClass_name} of "
                f"{', '.join(known.dimensions.required)}. Ask for those dimensions, or give another path."
            )
    for kind in wanted:
        butler.registry.registerDatasetType(kind)
