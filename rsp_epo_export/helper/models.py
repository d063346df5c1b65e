"""The export service's models and operations, as `contract/openapi.json` has them.

Written by `rsp_epo_export/helper/_generate.py`; not to be edited by hand.
"""

# Without `from __future__ import annotations`, which would hide from TypedDict which keys are required.

__all__ = (
    "CANCEL_EXPORT",
    "CREATE_GRANT",
    "CREATE_PROJECT",
    "DOWNLOAD_CROSSWALK",
    "DOWNLOAD_ITEMS",
    "GET_EXPORT",
    "GET_ME",
    "GET_PROJECT",
    "LIST_EXPORTS",
    "LIST_GRANTS",
    "LIST_ITEMS",
    "LIST_NOTIFICATIONS",
    "LIST_PROJECTS",
    "LIST_PROJECT_COLLECTIONS",
    "LIST_REPOSITORIES",
    "PREFLIGHT_EXPORT",
    "RETRY_EXPORT",
    "REVOKE_GRANT",
    "SUBMIT_EXPORT",
    "WITHDRAW_EXPORT",
    "CollectionPick",
    "CollectionPickKind",
    "ErrorBody",
    "ErrorBodyDetail",
    "Export",
    "ExportAction",
    "ExportCounts",
    "ExportCreate",
    "ExportList",
    "ExportPhase",
    "ExportReason",
    "ExportState",
    "ExportWaitsFor",
    "Grant",
    "GrantCreate",
    "GrantCreateKind",
    "GrantEnforcement",
    "GrantKind",
    "GrantState",
    "Item",
    "ItemList",
    "ItemState",
    "ListGrantsAnswer",
    "ListProjectCollectionsAnswer",
    "ListProjectCollectionsAnswerCollection",
    "ListProjectsAnswer",
    "ListRepositoriesAnswer",
    "Me",
    "MeRole",
    "Notification",
    "NotificationEvent",
    "NotificationList",
    "Preflight",
    "PreflightReport",
    "PreflightReportCollection",
    "PreflightReportCollectionRun",
    "Project",
    "ProjectCreate",
    "ProjectStatus",
    "Reason",
    "Repository",
)

from typing import Literal, NotRequired, TypeAlias, TypedDict

from .operation import Operation

CollectionPickKind: TypeAlias = Literal["run", "chain", "prefix"]
"""A RUN; a CHAINED collection (its runs, those to come too); or a prefix (every run below `name/`, those to
    come too)."""


class CollectionPick(TypedDict):
    """A collection, or a set of runs to come, that the PI picked."""

    name: str
    """A Butler collection name, such as `u/alien/zooniverse-1`."""
    kind: CollectionPickKind


class ErrorBodyDetail(TypedDict):
    msg: str
    """One sentence or two for a person: what happened, what is safe, what to do."""
    type: str
    """A snake_case code for programs."""
    loc: NotRequired[list[str]]
    """Where in the request, e.g. ['body', 'subject_set']."""


class ErrorBody(TypedDict):
    """What went wrong."""

    detail: list[ErrorBodyDetail]


ExportState: TypeAlias = Literal[
    "SUBMITTED",
    "COLLECTING",
    "HELD",
    "RETURNED",
    "APPROVED",
    "PUBLISHING",
    "PUBLISHED",
    "FAILED",
    "REJECTED",
    "CANCELLED",
    "WITHDRAWN",
    "EXPIRED",
]
"""Where it stands; see the manual's diagram."""


ExportPhase: TypeAlias = Literal["QUEUED", "EXECUTING", "HELD", "COMPLETED", "ERROR", "ABORTED", "ARCHIVED"]
"""The same as an IVOA UWS phase."""


ExportWaitsFor: TypeAlias = Literal["pi", "staff", "system"]
"""Who is to act next; null at the end."""


class Reason(TypedDict):
    """Why something stopped or was refused."""

    type: str
    """A snake_case code."""
    msg: str
    """For a person."""


ExportAction: TypeAlias = Literal["cancel", "retry", "withdraw"]
"""What the caller may do now."""


class ExportCounts(TypedDict):
    """Items by fate."""

    total: int
    listed: int
    checked: int
    held: int
    refused: int
    published: int
    withdrawn: int
    missing: int


class ExportReason(TypedDict):
    type: str
    msg: str
    count: int


class Export(TypedDict):
    """One submission: a set of datasets on their way to a public URL."""

    id: str
    """The export."""
    project_id: str
    """Its project."""
    owner: str
    """Who submitted it."""
    repository: str
    """The label by which the operator configured the Butler repository."""
    collections: list[CollectionPick]
    dataset_type: str
    subject_set: str
    metadata_columns: list[str]
    frame_dimension: str | None
    state: ExportState
    phase: ExportPhase
    waits_for: ExportWaitsFor | None
    means: str
    """The state in words, after 'This export …'."""
    reason: Reason | None
    actions: list[ExportAction]
    counts: ExportCounts
    """Items by fate."""
    reasons: list[ExportReason]
    """Items refused or missing, by reason."""
    notes: list[Reason]
    """What the PI should know and nothing stopped for."""
    manifest_url: str | None
    """The public Zooniverse manifest (CSV), once published."""
    created: str
    """When it was submitted. UTC, ISO 8601 with Z."""
    updated: str
    """When it last moved. UTC, ISO 8601 with Z."""


class ExportCreate(TypedDict):
    project_id: str
    """The project that the export belongs to."""
    subject_set: str
    """The name of the Zooniverse subject set."""
    repository: str
    """The label by which the operator configured the Butler repository."""
    collections: list[CollectionPick]
    dataset_type: str
    """The Butler dataset type of the images, e.g. `zooniverse_cutout`."""
    metadata_columns: NotRequired[list[str]]
    """What becomes public beside the images. None by default."""
    frame_dimension: NotRequired[str]
    """The dimension that tells the frames of one subject apart (a flipbook), e.g. `day_obs`."""


class ExportList(TypedDict):
    exports: list[Export]
    next_cursor: str | None
    """Give it as `cursor` for the next page; null at the end."""


GrantKind: TypeAlias = Literal["run", "chain", "prefix"]
"""What `collection` names."""


GrantEnforcement: TypeAlias = Literal["ledger", "file_permissions"]
"""What keeps EPO from reading without this grant: the service's own ledger, or file permissions too."""


GrantState: TypeAlias = Literal["live", "expired", "revoked"]
"""Only a live grant lets anything be read."""


class Grant(TypedDict):
    """Leave for the EPO service account to read one collection, given by its owner."""

    id: str
    """The grant."""
    owner: str
    """Who owns the collection: a username, or a group name for `g/…`."""
    granted_by: str
    """The user who gave it."""
    grantee: str
    """The account that may read, e.g. `bot-epo-export`."""
    repository: str
    """The label by which the operator configured the Butler repository."""
    collection: str
    """A Butler collection name, such as `u/alien/zooniverse-1`."""
    kind: GrantKind
    enforcement: GrantEnforcement
    state: GrantState
    created: str
    """When it was given. UTC, ISO 8601 with Z."""
    expires: str
    """When it ends by itself. UTC, ISO 8601 with Z."""
    revoked: str | None
    """When it was taken back. UTC, ISO 8601 with Z."""


GrantCreateKind: TypeAlias = Literal["run", "chain", "prefix"]
"""What `collection` names."""


class GrantCreate(TypedDict):
    repository: str
    """The label by which the operator configured the Butler repository."""
    collection: str
    """A Butler collection name, such as `u/alien/zooniverse-1`."""
    kind: GrantCreateKind
    expires_in_days: int
    """How long it lasts, in days."""


ItemState: TypeAlias = Literal["LISTED", "CHECKED", "HELD", "REFUSED", "PUBLISHED", "WITHDRAWN", "MISSING"]
"""What became of it."""


class Item(TypedDict):
    """One dataset of an export and its fate."""

    number: int
    """Its place in the export, from 1."""
    dataset_id: str
    """The Butler dataset."""
    run: str
    data_id: dict[str, int | str]
    state: ItemState
    reason: Reason | None
    media_type: str | None
    width: int | None
    """Pixels."""
    height: int | None
    """Pixels."""
    source_size: int | None
    """Bytes in the Butler."""
    source_sha256: str | None
    published_size: int | None
    """Bytes as published, after cleaning."""
    published_sha256: str | None
    url: str | None
    """Where it is public."""


class ItemList(TypedDict):
    items: list[Item]
    next_cursor: str | None
    """Give it as `cursor` for the next page; null at the end."""


MeRole: TypeAlias = Literal["pi", "reviewer", "operator"]
"""What this user may do here."""


class Me(TypedDict):
    """Who the service takes the caller for."""

    username: str
    groups: list[str]
    roles: list[MeRole]
    grantee: str
    """The account to which read access is granted."""


NotificationEvent: TypeAlias = Literal["held", "rejected", "failed", "published", "removable"]
"""What happened; `removable`: every published file was read back and compared, so yours may go."""


class Notification(TypedDict):
    """What you are told of an export, here and through Semaphore."""

    id: int
    """Larger for a later one."""
    export_id: str
    """The export that it is about."""
    event: NotificationEvent
    summary: str
    """One line."""
    text: str
    """The rest, as plain text."""
    created: str
    """When it happened. UTC, ISO 8601 with Z."""


class NotificationList(TypedDict):
    notifications: list[Notification]
    next_cursor: str | None
    """Give it as `cursor` for the next page; null at the end."""


class Preflight(TypedDict):
    repository: str
    """The label by which the operator configured the Butler repository."""
    collections: list[CollectionPick]
    dataset_type: str
    """The Butler dataset type of the images, e.g. `zooniverse_cutout`."""
    metadata_columns: NotRequired[list[str]]
    """What becomes public beside the images. None by default."""
    frame_dimension: NotRequired[str]
    """The dimension that tells the frames of one subject apart (a flipbook), e.g. `day_obs`."""


class PreflightReportCollectionRun(TypedDict):
    name: str
    count: int


class PreflightReportCollection(TypedDict):
    name: str
    runs: list[PreflightReportCollectionRun]
    left_out: list[str]
    """Runs of a chain that are not the PI's and are not read."""


class PreflightReport(TypedDict):
    """What a submission would take, asked before it is made."""

    ok: bool
    """Whether a submission of this would be taken now."""
    total: int
    """How many items the export would have."""
    collections: list[PreflightReportCollection]
    problems: list[Reason]
    """What would have the submission refused."""
    warnings: list[Reason]


ProjectStatus: TypeAlias = Literal["pending", "approved", "blocked"]
"""Whether EPO has approved the project."""


class Project(TypedDict):
    """A citizen-science project; every export belongs to one."""

    id: str
    """The project."""
    name: str
    owner: str
    """The PI, by RSP username."""
    members: list[str]
    """Co-investigators, by RSP username, the owner not among them."""
    zooniverse_project: str | None
    """The Zooniverse project, `owner/slug` or its number."""
    contact: str | None
    """Where EPO reaches the team."""
    status: ProjectStatus
    object_limit: int
    """The most items that one export of this project may have."""
    created: str
    """When it was made. UTC, ISO 8601 with Z."""


class ProjectCreate(TypedDict):
    name: str
    """A name that the team recognises."""
    members: NotRequired[list[str]]
    """Co-investigators, by RSP username."""
    zooniverse_project: NotRequired[str]
    """The Zooniverse project, `owner/slug` or its number."""
    contact: NotRequired[str]
    """Where EPO reaches the team, such as an e-mail address."""


class Repository(TypedDict):
    """A Butler repository from which the operator lets the service export."""

    label: str
    """The label by which the operator configured the Butler repository."""
    uri: str
    """Where it is, so that a lab can tell that it sees the same one."""


class ListRepositoriesAnswer(TypedDict):
    repositories: list[Repository]


class ListProjectsAnswer(TypedDict):
    projects: list[Project]


class ListProjectCollectionsAnswerCollection(TypedDict):
    repository: str
    name: str
    kind: str
    exports: int
    """How many exports named it."""
    last_exported: str


class ListProjectCollectionsAnswer(TypedDict):
    collections: list[ListProjectCollectionsAnswerCollection]


class ListGrantsAnswer(TypedDict):
    grants: list[Grant]


GET_ME = Operation("GET", "/epo-export/v1/me", Me)
"""Who you are to the service."""

LIST_REPOSITORIES = Operation("GET", "/epo-export/v1/repositories", ListRepositoriesAnswer)
"""The Butler repositories that EPO can export from."""

LIST_PROJECTS = Operation("GET", "/epo-export/v1/projects", ListProjectsAnswer)
"""Your projects."""

CREATE_PROJECT = Operation("POST", "/epo-export/v1/projects", Project)
"""Make a project."""

GET_PROJECT = Operation("GET", "/epo-export/v1/projects/{project_id}", Project)
"""One project."""

LIST_PROJECT_COLLECTIONS = Operation(
    "GET", "/epo-export/v1/projects/{project_id}/collections", ListProjectCollectionsAnswer
)
"""The index of a project's collections, to poll or to batch."""

LIST_GRANTS = Operation("GET", "/epo-export/v1/grants", ListGrantsAnswer)
"""The grants of your collections and of your groups'."""

CREATE_GRANT = Operation("POST", "/epo-export/v1/grants", Grant)
"""Let EPO read a collection of yours."""

REVOKE_GRANT = Operation("DELETE", "/epo-export/v1/grants/{grant_id}", Grant)
"""Take a grant back."""

PREFLIGHT_EXPORT = Operation("POST", "/epo-export/v1/exports/preflight", PreflightReport)
"""Ask what a submission would take, and whether it would be taken."""

SUBMIT_EXPORT = Operation("POST", "/epo-export/v1/exports", Export)
"""Submit an export."""

LIST_EXPORTS = Operation("GET", "/epo-export/v1/exports", ExportList)
"""Your projects' exports, newest first."""

GET_EXPORT = Operation("GET", "/epo-export/v1/exports/{export_id}", Export)
"""One export."""

LIST_ITEMS = Operation("GET", "/epo-export/v1/exports/{export_id}/items", ItemList)
"""The items of an export, each with its fate and reason."""

DOWNLOAD_ITEMS = Operation("GET", "/epo-export/v1/exports/{export_id}/items.csv", str)
"""The same as one CSV file."""

DOWNLOAD_CROSSWALK = Operation("GET", "/epo-export/v1/exports/{export_id}/crosswalk.csv", str)
"""Which subject is which dataset: for the project's team alone."""

CANCEL_EXPORT = Operation("POST", "/epo-export/v1/exports/{export_id}/cancel", Export)
"""Stop an export; what it holds in quarantine is deleted."""

RETRY_EXPORT = Operation("POST", "/epo-export/v1/exports/{export_id}/retry", Export)
"""Try again only what failed."""

WITHDRAW_EXPORT = Operation("POST", "/epo-export/v1/exports/{export_id}/withdraw", Export)
"""Take a published export down."""

LIST_NOTIFICATIONS = Operation("GET", "/epo-export/v1/notifications", NotificationList)
"""What you were told of your exports, newest first."""
