"""The PI's Butler repository, in this process. What is read of it is read by `rsp_epo_export.butler_reads`."""

from __future__ import annotations

__all__ = ("LocalRepository", "known_repositories", "place_on_sky", "same_place")

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from lsst.daf.butler import Butler, ButlerUserError, DatasetRef, MissingDatasetTypeError
from lsst.daf.butler.registry import ConflictingDefinitionError
from lsst.resources import ResourcePath
from lsst.sphgeom import HtmPixelization, LonLat, UnitVector3d

from .. import butler_reads
from ..butler_reads import PICK_KINDS, Collection, CollectionNotFoundError, PickKind, ReadError, Run
from ..platform.discovery import Discovery, Problem
from ..platform.places import Repositories, RepositoryPlace, find_repositories
from .errors import ButlerError, ConfigurationError

_METADATA = "zooniverse_metadata"
_HTM_LEVEL = 20


class LocalRepository:
    """A repository that was opened, to be read until something is put.

    Parameters
    ----------
    named
        A label that `known_repositories` knows, a path or a URI. `None` for the only one that may take cutouts.
    discovery
        What the platform says.

    Attributes
    ----------
    uri
        Where it is.
    label
        What this environment calls it; `None` for one that it does not name.

    Raises
    ------
    ConfigurationError
        ``repository_not_chosen``: nothing was named, and there is not exactly one.
    ButlerError
        ``repository_unavailable``: it cannot be opened.
    """

    def __init__(self, named: str | None, discovery: Discovery) -> None:
        known = known_repositories(discovery).places
        if named is None:
            named = _only(known)
        self._named = named
        place = known.get(named)
        # What it is opened by: a URI is no path, and stays as it is.
        self._given = place.uri if place else os.path.expanduser(named)  # noqa: PTH111
        try:
            self.uri = str(ResourcePath(self._given).abspath())
            self._butler = Butler.from_config(self._given)
            self._butler.collections.query("*", include_chains=False)  # an empty database opens, and has no tables
        except Exception as error:  # whatever its configuration makes the Butler import and open
            raise ButlerError(
                "repository_unavailable",
                f"The Butler repository {named!r} cannot be opened ({_sentence(error)}). Nothing was changed. Give a "
                f"label ({', '.join(map(repr, known)) or 'there are none here'}) or the path of a repository.",
            ) from None
        self.label = next(
            (one.label for one in known.values() if one.label == named or same_place(one.uri, self.uri)), None
        )
        self._is_writable = False

    @property
    def butler(self) -> Butler:
        """The Butler itself."""
        return self._butler

    @property
    def is_served(self) -> bool:
        """Whether a Butler server serves it, which is read-only."""
        return butler_reads.is_served(self._butler)

    def collections(self, count_prefixes: Sequence[str]) -> list[Collection]:
        """Give every collection, counted below these prefixes."""
        with _read_errors():
            return list(butler_reads.list_collections(self._butler, count_prefixes))

    def pick(self, name: str) -> tuple[str, PickKind]:
        """Work out what a name picks: a run, else a chain, else all runs whose names begin with it and a slash.

        Returns
        -------
        name, kind
            As `resolve` takes them; a prefix has lost the slash that may end it.

        Raises
        ------
        ButlerError
            ``collection_not_found``: none of these.
        """
        problems = []
        for kind in PICK_KINDS:
            picked = name.removesuffix("/") if kind == "prefix" else name
            try:
                with _read_errors(CollectionNotFoundError):
                    next(butler_reads.resolve(self._butler, picked, kind), None)
            except CollectionNotFoundError as error:
                problems.append(str(error))
            else:
                return picked, kind
        raise ButlerError(
            "collection_not_found",
            f"{problems[0]} Nothing was changed. Give the name of a RUN, of a CHAINED collection, or the beginning of "
            "runs' names; epo.collections() lists what there is.",
        )

    def runs(self, name: str) -> list[Run]:
        """Give the runs that a name picks now, counted."""
        picked, kind = self.pick(name)
        with _read_errors():
            return list(butler_reads.resolve(self._butler, picked, kind))

    def first_images(
        self, runs: Sequence[Run], dataset_type: str, limit: int
    ) -> Iterator[tuple[str, butler_reads.Dataset, bytes | str]]:
        """Give the first datasets of these runs: run, dataset, and the file's bytes, or why there are none."""
        reader = butler_reads.ArtifactReader(self._butler)
        try:
            for run in runs:
                if limit <= 0:
                    return
                if not any(use.name == dataset_type for use in run.dataset_types):
                    continue
                with _read_errors():
                    page = butler_reads.datasets(self._butler, run.name, dataset_type, limit)
                limit -= len(page.datasets)
                for dataset in page.datasets:
                    try:
                        yield run.name, dataset, reader.retrieve(dataset.id, _LARGEST_IMAGE).payload
                    except ReadError as error:
                        yield run.name, dataset, str(error)
        finally:
            reader.close()

    def put(
        self,
        image: object,
        data_id: Mapping[str, int | str],
        run: str,
        dataset_type: str,
        metadata: Mapping[str, object] | None,
    ) -> DatasetRef:
        """Put a picture, and what is said of it, into a run: both or neither.

        Raises
        ------
        TypeError, ValueError
            The image is no 8-bit picture, in the formatter's words; or the metadata is no JSON.
        ButlerError
            The repository does not take it. Nothing was changed.
        """
        if metadata is not None:
            metadata = _json_object(metadata)
        butler = self._writable()
        is_new = False
        try:
            is_new = butler.collections.register(run)
            with butler.transaction():
                ref = butler.put(image, dataset_type, dict(data_id), run=run)
                if metadata is not None:
                    butler.put(metadata, _METADATA, dict(data_id), run=run)
        except BaseException as error:
            if is_new:
                butler.removeRuns([run])
            if (explained := _put_error(error, dataset_type, data_id, run)) is None:
                raise
            raise explained from None
        return ref

    def _writable(self) -> Butler:
        if not self._is_writable:
            try:
                butler = Butler.from_config(self._given, writeable=True)
            except Exception as error:
                raise self._read_only(_sentence(error)) from None
            if not butler.isWriteable():  # a Butler server's, which opens all the same
                raise self._read_only("a Butler server serves it, and takes nothing")
            # One for both: a second one would not see at once what this one registers.
            self._butler, self._is_writable = butler, True
        return self._butler

    def _read_only(self, why: str) -> ButlerError:
        return ButlerError(
            "repository_read_only",
            f"The Butler repository {self._named!r} cannot be written ({why}). Nothing was changed. Put cutouts into "
            "a repository of your own: EpoExport.make_repository(path).",
        )


_LARGEST_IMAGE = 10 * 1024 * 1024


def place_on_sky(ra: float, dec: float) -> dict[str, int]:
    """Give the ``htm20`` data ID of a place: ICRS degrees, within 0.3 arcseconds.

    Raises
    ------
    ValueError
        The declination is not from -90 to 90, or one of both is not finite.
    """
    if not -90 <= dec <= 90 or not abs(ra) <= 360:  # neither is true of NaN
        raise ValueError(f"A place is a right ascension and a declination of -90 to 90 degrees, not {ra!r}, {dec!r}.")
    return {f"htm{_HTM_LEVEL}": HtmPixelization(_HTM_LEVEL).index(UnitVector3d(LonLat.fromDegrees(ra, dec)))}


def same_place(one: str, other: str) -> bool:
    """Tell whether two URIs are the same repository, by name or, on a local disk, by where the name leads."""
    return _place(one) == _place(other)


def _place(uri: str) -> str:
    try:
        path = ResourcePath(uri)
    except Exception:  # a scheme that this stack does not know
        return uri
    text = os.path.realpath(path.ospath) if path.isLocal else str(path)
    return text.removesuffix("butler.yaml").rstrip("/")


def known_repositories(discovery: Discovery) -> Repositories:
    """Give all repositories that this environment names, in the order of `find_repositories`.

    Raises
    ------
    ButlerError
        ``repository_unavailable``: there is a repository index that cannot be read, and nobody else names any.
    """
    try:
        index = {one.label: one.uri for one in butler_reads.repositories()}
    except ReadError as error:
        known = find_repositories({}, os.environ, discovery, {})
        if not known.places:
            raise ButlerError(error.code, f"{error} Nothing was changed.") from None
        return Repositories(known.places, (*known.problems, Problem("repository_index_unreadable", str(error))))
    return find_repositories({}, os.environ, discovery, index)


def _only(known: Mapping[str, RepositoryPlace]) -> str:
    writable = [place.label for place in known.values() if not place.read_only]
    if len(writable) == 1:
        return writable[0]
    there = f"one of {', '.join(map(repr, known))}" if known else "a label or the path of a repository"
    raise ConfigurationError(
        "repository_not_chosen",
        f"Which Butler repository? Give EpoExport(repository=…) or EPO_EXPORT_REPOSITORY: {there}. A repository of "
        "your own is made by EpoExport.make_repository(path).",
    )


@contextmanager
def _read_errors(let_through: type[ReadError] | tuple[()] = ()) -> Iterator[None]:
    try:
        yield
    except let_through:
        raise
    except ReadError as error:
        raise ButlerError(error.code, f"{error} Nothing was changed.") from None


def _put_error(error: BaseException, dataset_type: str, data_id: Mapping[str, int | str], run: str) -> Exception | None:
    """Give what to raise for what `Butler.put` raised, or `None` to let that through."""
    where = f"{dataset_type} of {dict(data_id)!r} in {run!r}"
    match error:
        case ConflictingDefinitionError():
            return ButlerError(
                "dataset_exists",
                f"There is a {where} already, and the Butler never replaces one. Nothing was changed. Give another "
                "run, or remove that dataset first.",
            )
        case MissingDatasetTypeError():
            return ButlerError(
                "dataset_type_not_found",
                f"This repository has no dataset type {dataset_type!r}. Nothing was changed. "
                "EpoExport.make_repository(path) gives a repository that has all it needs.",
            )
        case ButlerUserError():
            return ButlerError(error.error_type, f"No {where} could be put: {_sentence(error)}. Nothing was changed.")
        case _:
            return None


def _json_object(metadata: Mapping[str, object]) -> dict[str, object]:
    try:
        copy = json.loads(json.dumps(dict(metadata), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"The metadata of a cutout is a dictionary that JSON can hold: {error}.") from None
    assert isinstance(copy, dict)
    return copy


def _sentence(error: BaseException) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
