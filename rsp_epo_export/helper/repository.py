"""One repository under its three names: as the notebook opens it, as the lab lists it, as the service knows it."""

from __future__ import annotations

__all__ = ("RepositoryChoice", "no_butler")

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..platform.discovery import Discovery
from . import answers, models
from .discovery import repository_name
from .errors import ButlerError, ConfigurationError, EpoExportError
from .service import ServiceClient

if TYPE_CHECKING:
    from .local_repository import LocalRepository


class RepositoryChoice:
    """The repository that was chosen, opened when something needs it.

    Parameters
    ----------
    given
        A label, a path or a URI. `None`: what ``EPO_EXPORT_REPOSITORY`` names, else the only one there is.
    service
        Whom to ask for its own label.
    discovery
        What the platform says.
    """

    def __init__(self, given: str | None, service: ServiceClient, discovery: Discovery) -> None:
        self._given = given
        self._service = service
        self._discovery = discovery
        self._local: LocalRepository | None = None
        self._service_label: str | None = None

    @property
    def name(self) -> str | None:
        """What it was named, as far as anybody said."""
        return self._given or repository_name(os.environ)

    @property
    def local(self) -> LocalRepository:
        """The repository in this process.

        Raises
        ------
        ButlerError, ConfigurationError
            It cannot be opened, or nobody said which.
        """
        if self._local is None:
            try:
                from .local_repository import LocalRepository
            except ImportError as error:
                raise no_butler(error) from None
            self._local = LocalRepository(self.name, self._discovery)
        return self._local

    @property
    def service_label(self) -> str:
        """What the service calls it: the same label, else the label of the same place.

        Raises
        ------
        ConfigurationError
            ``repository_unknown``: EPO does not export from it.
        """
        if self._service_label is None:
            self._service_label = self._find(self._service.call(models.LIST_REPOSITORIES)["repositories"])
        return self._service_label

    @property
    def lab_label(self) -> str | None:
        """What the lab, and so the panel, lists it as; `None` where that is not known."""
        try:
            return self.local.label or self.service_label
        except EpoExportError:
            return None

    def known(self) -> answers.Rows[answers.KnownRepository]:
        """List the repositories that there are here, and whether EPO exports from each."""
        try:
            from .local_repository import known_repositories, same_place
        except ImportError as error:
            raise no_butler(error) from None
        found = known_repositories(self._discovery)
        offered: Sequence[models.Repository] | None = None
        with suppress(EpoExportError):  # what there is here can be told without the service
            offered = self._service.call(models.LIST_REPOSITORIES, patient=False)["repositories"]
        return answers.repositories(
            found,
            lambda place: (
                None
                if offered is None
                else any(there["label"] == place.label or same_place(there["uri"], place.uri) for there in offered)
            ),
        )

    def pick(self, name: str) -> models.CollectionPick:
        """Give a collection as the service takes it: its name, and what it is by a look into the Butler."""
        name, kind = self.local.pick(name)
        return {"name": name, "kind": kind}

    def _find(self, offered: Sequence[models.Repository]) -> str:
        for there in offered:
            if there["label"] == self.name:
                return there["label"]
        here = self.local  # has found out whether this Python has a Butler
        from .local_repository import same_place

        for there in offered:
            if there["label"] == here.label or same_place(there["uri"], here.uri):
                return there["label"]
        names = ", ".join(repr(there["label"]) for there in offered) or "none yet"
        why = (
            "a Butler server serves it, which is read-only and so holds no run of yours"
            if here.is_served
            else "EPO's service does not open it"
        )
        raise ConfigurationError(
            "repository_unknown",
            f"EPO does not export from the repository {self.name or here.label!r}: {why}. It exports from: {names}. "
            "Nothing was changed, and your cutouts are safe where they are. Ask EPO to add your repository, or put "
            "them into one of those.",
        )


def no_butler(error: ImportError) -> ButlerError:
    """Give the error for a Python that is not the stack's."""
    return ButlerError(
        "butler_missing",
        f"This kernel's Python has no Butler ({error}). Nothing was changed. Choose the kernel LSST for this notebook.",
    )
