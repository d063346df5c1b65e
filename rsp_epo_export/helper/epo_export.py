"""`EpoExport`: all that a PI does from a notebook."""

from __future__ import annotations

__all__ = ("EpoExport",)

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

from ..platform.discovery import Discovery
from . import answers, contact_sheet, models
from .discovery import Secret, find_origin, find_secret
from .errors import EpoExportError, RequestError
from .export import Export
from .panel_button import PanelButton
from .repository import RepositoryChoice, no_butler
from .service import ServiceClient
from .text import html, plain

if TYPE_CHECKING:
    from lsst.daf.butler import Butler, DatasetRef

Names: TypeAlias = str | Sequence[str]
"""The name of a collection, or several."""

_CUTOUT = "zooniverse_cutout"


class EpoExport:
    """Exports cutouts from a Butler repository to the Zooniverse, as you.

    Parameters
    ----------
    repository
        The Butler repository: a label of the RSP, or the path of your own. Left out: ``EPO_EXPORT_REPOSITORY``, else
        the only repository here that is not a read-only one of a Butler server.
    service_url
        The export service's origin. Left out: ``EPO_EXPORT_URL``, else what the RSP's discovery says, else
        ``EXTERNAL_INSTANCE_URL``, which is this RSP. It must be https on this RSP's own host, or loopback.
    token
        Your RSP token, for a place that is no RSP; better not written into a notebook. Left out: where the RSP puts it.
    timeout
        Seconds to wait for an answer of the service.

    Notes
    -----
    Nothing is opened or asked until something needs it, and what fails raises an `EpoExportError`.
    """

    def __init__(
        self,
        repository: str | os.PathLike[str] | None = None,
        *,
        service_url: str | None = None,
        token: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        secret = Secret(token) if token is not None else None
        discovery = Discovery(os.environ)
        self._service = ServiceClient(
            lambda: find_origin(service_url, os.environ, discovery), lambda: find_secret(secret, os.environ), timeout
        )
        self._repository = RepositoryChoice(
            os.fspath(repository) if repository is not None else None, self._service, discovery
        )

    # --- your repository ---------------------------------------------------------------------------------------------

    @staticmethod
    def make_repository(path: str | os.PathLike[str], *, dimensions: Sequence[str] = ("htm20",)) -> Butler:
        """Make a repository of your own for cutouts, or open the one that is there: `repository.make_repository`."""
        try:
            from ..repository import make_repository
        except ImportError as error:
            raise no_butler(error) from None
        return make_repository(path, dimensions=dimensions)

    @staticmethod
    def place(ra: float, dec: float) -> dict[str, int]:
        """Give the data ID of a place on the sky (ICRS degrees), for a cutout with the dimension ``htm20``."""
        try:
            from .local_repository import place_on_sky
        except ImportError as error:
            raise no_butler(error) from None
        return place_on_sky(ra, dec)

    @property
    def butler(self) -> Butler:
        """The Butler of the repository, in this process."""
        return self._repository.local.butler

    def put_cutout(
        self,
        image: object,
        data_id: Mapping[str, int | str],
        *,
        run: str,
        metadata: Mapping[str, object] | None = None,
        dataset_type: str = _CUTOUT,
    ) -> DatasetRef:
        """Put a cutout into a RUN collection, which is made if there is none.

        Parameters
        ----------
        image
            An array of `numpy.uint8`, (height, width) or (height, width, 3), or a PIL image of mode ``L`` or ``RGB``. A
            science image becomes one by `rsp_epo_export.to_cutout`.
        data_id
            What tells it from others, such as ``EpoExport.place(ra, dec)``.
        run
            The RUN, such as ``u/alien/zooniverse-1``.
        metadata
            What you want to say of it, as ``zooniverse_metadata`` of the same data ID. Nothing of it becomes public but
            the columns that you name when you submit.
        dataset_type
            Another one than ``zooniverse_cutout``, such as ``zooniverse_frame``.

        Raises
        ------
        TypeError, ValueError
            The image is no 8-bit picture, or the metadata is no JSON.
        ButlerError
            The repository does not take it. Nothing was changed.
        """
        return self._repository.local.put(image, data_id, run, dataset_type, metadata)

    def repositories(self) -> answers.Rows[answers.KnownRepository]:
        """List the Butler repositories that there are here, who named each, and whether EPO exports from it."""
        return self._repository.known()

    def collections(self) -> answers.Rows[Any]:
        """List every collection of the repository, yours counted."""
        mine = self._own_prefixes()
        return answers.collections(self._repository.local.collections(mine), mine)

    def preview(self, run: str, n: int = 24, *, dataset_type: str = _CUTOUT) -> contact_sheet.ContactSheet:
        """Look at the first cutouts of a RUN, a chain, or all runs whose names begin so."""
        here = self._repository.local
        runs = here.runs(run)
        total = sum(use.count or 0 for one in runs for use in one.dataset_types if use.name == dataset_type)
        tiles = (
            contact_sheet.tile(name, dataset.data_id, content)
            for name, dataset, content in here.first_images(runs, dataset_type, n)
        )
        return contact_sheet.ContactSheet(run, dataset_type, tuple(tiles), total)

    # --- read access for EPO -----------------------------------------------------------------------------------------

    def grant(self, run: str, days: int = 30, *, kind: models.GrantKind | None = None) -> answers.GrantRecord:
        """Let EPO's service account read a collection of yours, or renew that.

        Parameters
        ----------
        run
            A RUN, a chain, or the beginning of runs' names.
        days
            How long it lasts.
        kind
            ``run``, ``chain`` or ``prefix``; left out: found by looking into the Butler.
        """
        pick: models.CollectionPick = {"name": run, "kind": kind} if kind else self._repository.pick(run)
        body: models.GrantCreate = {
            "repository": self._repository.service_label,
            "collection": pick["name"],
            "kind": pick["kind"],
            "expires_in_days": days,
        }
        granted = self._service.call(models.CREATE_GRANT, body={**body})
        return answers.GrantRecord(granted)

    def revoke(self, run: str) -> answers.Rows[answers.GrantRecord]:
        """Take back the grants of a collection; exports under way that need them stop. Gives what was revoked.

        Raises
        ------
        RequestError
            ``grant_missing``: there is no live grant of it.
        """
        label = self._repository.service_label
        live = [
            grant
            for grant in self._service.call(models.LIST_GRANTS)["grants"]
            if (grant["repository"], grant["collection"], grant["state"]) == (label, run, "live")
        ]
        if not live:
            raise RequestError(
                "grant_missing",
                f"There is no live grant of {run!r} in {label!r}, so nothing was changed. epo.grants() lists yours.",
            )
        return answers.grants(self._service.call(models.REVOKE_GRANT, path={"grant_id": grant["id"]}) for grant in live)

    def grants(self) -> answers.Rows[answers.GrantRecord]:
        """List the grants of your collections and of your groups'."""
        return answers.grants(self._service.call(models.LIST_GRANTS)["grants"])

    # --- exports -----------------------------------------------------------------------------------------------------

    def projects(self) -> answers.Rows[models.Project]:
        """List your projects."""
        return answers.projects(self._service.call(models.LIST_PROJECTS)["projects"])

    def preflight(
        self,
        collections: Names,
        *,
        dataset_type: str = _CUTOUT,
        metadata_columns: Sequence[str] = (),
        frame_dimension: str | None = None,
    ) -> answers.PreflightAnswer:
        """Ask whether a submission would be taken, and what it would take. Parameters as in `submit`."""
        body = self._submission(collections, dataset_type, metadata_columns, frame_dimension)
        return answers.PreflightAnswer(self._service.call(models.PREFLIGHT_EXPORT, body={**body}))

    def submit(
        self,
        collections: Names,
        *,
        project: str,
        subject_set: str,
        dataset_type: str = _CUTOUT,
        metadata_columns: Sequence[str] = (),
        frame_dimension: str | None = None,
        idempotency_key: str | None = None,
    ) -> Export:
        """Submit an export: the work goes on by itself, wherever this notebook goes.

        Parameters
        ----------
        collections
            A RUN, a chain, the beginning of runs' names, or several of them.
        project
            The name of your project, which is made if there is none; or its id.
        subject_set
            The name of the Zooniverse subject set.
        dataset_type
            What is exported of them.
        metadata_columns
            What becomes public beside the images: keys of ``zooniverse_metadata``, or dimensions of the data ID.
        frame_dimension
            The dimension that tells the frames of one subject apart, such as ``day_obs``.
        idempotency_key
            To repeat a submission of which you do not know whether it arrived: the same key makes one export. Left out:
            a new one.

        Raises
        ------
        ServiceRefusalError
            The service does not take it, in its own words: ``grant_missing``, ``not_yours``, ``collection_empty``, …
        ServiceUnreachableError
            It did not answer. The error's message says how to submit the same again.
        """
        submission = self._submission(collections, dataset_type, metadata_columns, frame_dimension)
        body: models.ExportCreate = {
            **submission,
            "project_id": self._project(project)["id"],
            "subject_set": subject_set,
        }
        key = idempotency_key or str(uuid4())
        try:
            return Export(self._service, self._service.call(models.SUBMIT_EXPORT, body={**body}, idempotency_key=key))
        except EpoExportError as error:
            if error.is_transient:
                error.add_note(f"To be sure that there is one export, submit the same with idempotency_key={key!r}.")
            raise

    def exports(self, state: models.ExportState | None = None) -> answers.Rows[Export]:
        """List your projects' exports, newest first, or those in one state."""
        found: list[Export] = []
        cursor: str | None = None
        while True:
            page = self._service.call(models.LIST_EXPORTS, query={"limit": 500, "state": state, "cursor": cursor})
            found += [Export(self._service, model) for model in page["exports"]]
            if (cursor := page["next_cursor"]) is None:
                return answers.exports(found)

    def export(self, export_id: str) -> Export:
        """Find an export again by its id."""
        return Export(self._service, self._service.call(models.GET_EXPORT, path={"export_id": export_id}))

    def notifications(self) -> answers.Rows[models.Notification]:
        """List the latest that you were told of your exports, here and through the RSP, newest first."""
        return answers.notifications(self._service.call(models.LIST_NOTIFICATIONS)["notifications"])

    # --- the panel ---------------------------------------------------------------------------------------------------

    def show(self, collection: str | None = None) -> PanelButton:
        """Give an output with a button that opens the panel, at a collection if one is named.

        Works without the service and without JupyterLab: the output then says what it can.
        """
        instance = os.environ.get("EXTERNAL_INSTANCE_URL", "").rstrip("/")
        latest: Sequence[Export] = ()
        try:
            page = self._service.call(models.LIST_EXPORTS, query={"limit": 5}, patient=False)
            latest = [Export(self._service, model) for model in page["exports"]]
        except EpoExportError:
            pass  # the summary is a courtesy, and what the service's failure means shows where it is needed
        return PanelButton(self._repository.lab_label, collection, f"{instance}/nb/" if instance else None, latest)

    # --- how it is done ----------------------------------------------------------------------------------------------

    def _own_prefixes(self) -> list[str]:
        try:
            me = self._service.call(models.GET_ME, patient=False)
        except EpoExportError:  # listing collections needs no service, only counting needs to know whose they are
            user = os.environ.get("JUPYTERHUB_USER")
            return [f"u/{user}/"] if user else []
        return [f"u/{me['username']}/", *(f"g/{group}/" for group in me["groups"])]

    def _submission(
        self, collections: Names, dataset_type: str, metadata_columns: Sequence[str], frame_dimension: str | None
    ) -> models.Preflight:
        names = [collections] if isinstance(collections, str) else list(collections)
        columns = [metadata_columns] if isinstance(metadata_columns, str) else list(metadata_columns)
        body: models.Preflight = {
            "repository": self._repository.service_label,
            "collections": [self._repository.pick(name) for name in names],
            "dataset_type": dataset_type,
            "metadata_columns": columns,
        }
        if frame_dimension is not None:
            body["frame_dimension"] = frame_dimension
        return body

    def _project(self, wanted: str) -> models.Project:
        """Find a project by its id or name, or make one of that name."""
        known = self._service.call(models.LIST_PROJECTS)["projects"]
        found = [project for project in known if wanted in (project["id"], project["name"])]
        if len(found) > 1:
            ids = ", ".join(f"{project['id']} of {project['owner']}" for project in found)
            raise RequestError(
                "project_ambiguous",
                f"You have several projects called {wanted!r}, so nothing was submitted. Give one's id: {ids}.",
            )
        return found[0] if found else self._service.call(models.CREATE_PROJECT, body={"name": wanted})

    def _repr_html_(self) -> str:
        return f"<p>{html(repr(self))}</p>"

    def __repr__(self) -> str:
        try:
            service = self._service.origin
        except EpoExportError as error:
            service = error.type
        return plain(f"EpoExport(repository={self._repository.name!r}, service_url={service!r})")
