"""What the helper answers with: plain lists and dictionaries that show themselves."""

from __future__ import annotations

__all__ = (
    "GrantRecord",
    "KnownRepository",
    "PreflightAnswer",
    "Rows",
    "collections",
    "crosswalk",
    "exports",
    "grants",
    "items",
    "notifications",
    "projects",
    "repositories",
)

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import models
from .errors import AnswerError
from .text import Markup, cell, html, link, plain, table_html, table_text

if TYPE_CHECKING:
    from astropy.table import Table

    from ..butler_reads import Collection
    from ..platform.discovery import Source
    from ..platform.places import Repositories, RepositoryPlace
    from .export import Export

_Row = TypeVar("_Row")

_SHOWN = 50

Columns = Sequence[tuple[str, Callable[[Any], object]]]


class Rows(list[_Row], Generic[_Row]):
    """A list that shows itself as a table, of which long ones show the beginning.

    Parameters
    ----------
    caption
        What the rows are, with `{count}` for how many.
    columns
        The header of each column, and what stands there for a row.
    rows
        The rows.
    """

    def __init__(self, caption: str, columns: Columns, rows: Iterable[_Row]) -> None:
        super().__init__(rows)
        self._caption = caption
        self._columns = columns

    def to_table(self) -> Table:
        """Give the columns as an `astropy.table.Table`; dictionaries and lists become text."""
        from astropy.table import Table

        return Table(
            {
                name: [_plain_value(give(row)) for row in self] if self else []
                for name, give in self._columns
            }
        )  # fmt: skip

    def _repr_html_(self) -> str:
        return table_html(*self._shown(text=False))

    def __repr__(self) -> str:
        return table_text(*self._shown(text=True))

    def _shown(self, *, text: bool) -> tuple[str, list[str], list[list[object]], int]:
        rows = [[_shown_value(give(row), text=text) for _, give in self._columns] for row in self[:_SHOWN]]
        caption = self._caption.replace("{count}", str(len(self)))
        return caption, [name for name, _ in self._columns], rows, len(self) - _SHOWN


class GrantRecord(dict[str, Any]):
    """A grant: the keys of `models.Grant`."""

    def _repr_html_(self) -> str:
        return f"<p>{html(self._words())}</p>"

    def __repr__(self) -> str:
        return plain(self._words())

    def _words(self) -> str:
        what = {"run": "the RUN", "chain": "the chain", "prefix": "all runs below"}[self["kind"]]
        match self["state"]:
            case "live":
                return f"{self['grantee']} may read {what} {self['collection']} until {self['expires']}."
            case "revoked":
                return f"{self['grantee']} may no longer read {what} {self['collection']}: revoked {self['revoked']}."
            case _:
                return f"{self['grantee']} may no longer read {what} {self['collection']}: ended {self['expires']}."


class PreflightAnswer:
    """Whether a submission would be taken, and what it would take.

    Attributes
    ----------
    report
        The service's answer, with the keys of `models.PreflightReport`.
    """

    def __init__(self, report: models.PreflightReport) -> None:
        self.report = report

    @property
    def ok(self) -> bool:
        """Whether a submission of this would be taken now."""
        return self.report["ok"]

    @property
    def total(self) -> int:
        """How many items the export would have."""
        return self.report["total"]

    @property
    def problems(self) -> list[models.Reason]:
        """What would have it refused."""
        return self.report["problems"]

    @property
    def warnings(self) -> list[models.Reason]:
        """What the PI should know."""
        return self.report["warnings"]

    def __bool__(self) -> bool:
        return self.ok

    def _repr_html_(self) -> str:
        head, *rest = self._lines()
        return f"<p>{html(head)}</p><ul>{''.join(f'<li>{html(line)}</li>' for line in rest)}</ul>"

    def __repr__(self) -> str:
        head, *rest = self._lines()
        return "\n".join([plain(head), *(f"  - {cell(line)}" for line in rest)])

    def _lines(self) -> list[str]:
        taken = "would be taken" if self.ok else "would not be taken yet"
        lines = [f"A submission of this {taken}: {self.total} items."]
        lines += [f"Problem: {problem['msg']}" for problem in self.problems]
        lines += [f"Note: {warning['msg']}" for warning in self.warnings]
        for collection in self.report["collections"]:
            lines += [f"{run['name']}: {run['count']} items" for run in collection["runs"]]
        return lines


def collections(found: Iterable[Collection], mine: Sequence[str]) -> Rows[Collection]:
    """Give collections as rows; `mine` are the beginnings of the names that are the PI's."""
    columns: Columns = (
        ("collection", lambda row: row.name),
        ("type", lambda row: row.type),
        ("yours", lambda row: "yes" if row.name.startswith(tuple(mine)) else "no"),
        ("datasets", lambda row: ", ".join(_use(use) for use in row.dataset_types)),
        ("children", lambda row: list(row.children)),
    )
    return Rows("{count} collections", columns, found)


@dataclass(frozen=True, slots=True)
class KnownRepository:
    """A Butler repository that this environment names.

    `exportable` is `None` where the service could not be asked; `why_not` is a sentence where it is false.
    """

    label: str
    uri: str
    source: Source
    read_only: bool
    exportable: bool | None

    @property
    def why_not(self) -> str | None:
        """Why EPO does not export from it."""
        if self.exportable is not False:
            return None
        if self.read_only:
            return "A Butler server serves it, which is read-only and so holds no run of yours."
        return "EPO's service does not open it. Ask EPO to add it."


_SAID_BY: Mapping[Source, str] = {
    "setting": "your settings",
    "environment": "EPO_EXPORT_REPOSITORIES",
    "discovery_file": "the lab's discovery file",
    "repertoire": "Repertoire",
    "repository_index": "the repository index",
}


def repositories(found: Repositories, is_exportable: Callable[[RepositoryPlace], bool | None]) -> Rows[KnownRepository]:
    """Give repositories as rows. What discovery passed over is said in the caption."""
    columns: Columns = (
        ("repository", lambda row: row.label),
        ("at", lambda row: row.uri),
        ("named by", lambda row: _SAID_BY[row.source]),
        ("EPO exports from it", lambda row: _EXPORTABLE[row.exportable]),
        ("why not", lambda row: row.why_not),
    )
    caption = " ".join(("{count} repositories.", *(problem.msg for problem in found.problems)))
    return Rows(
        caption,
        columns,
        [
            KnownRepository(place.label, place.uri, place.source, place.read_only, is_exportable(place))
            for place in found.places.values()
        ],
    )


_EXPORTABLE = {True: "yes", False: "no", None: "not known: the service did not answer"}


def grants(found: Iterable[models.Grant]) -> Rows[GrantRecord]:
    """Give grants as rows."""
    columns: Columns = tuple(
        (key, lambda row, key=key: row[key])  # type: ignore[misc]  # mypy infers no lambda with a default
        for key in ("repository", "collection", "kind", "state", "grantee", "expires", "enforcement")
    )
    return Rows("{count} grants", columns, map(GrantRecord, found))


def projects(found: Iterable[models.Project]) -> Rows[models.Project]:
    """Give projects as rows."""
    columns: Columns = (
        ("project", lambda row: row["name"]),
        ("owner", lambda row: row["owner"]),
        ("status", lambda row: row["status"]),
        ("items an export may have", lambda row: row["object_limit"]),
        ("id", lambda row: row["id"]),
    )
    return Rows("{count} projects", columns, found)


def exports(found: Iterable[Export]) -> Rows[Export]:
    """Give exports as rows."""
    columns: Columns = (
        ("subject set", lambda row: row.model["subject_set"]),
        ("state", lambda row: row.state),
        ("items", lambda row: row.counts["total"]),
        ("published", lambda row: row.counts["published"]),
        ("refused", lambda row: row.counts["refused"]),
        ("manifest", lambda row: row.model["manifest_url"] and _Url(row.model["manifest_url"])),
        ("created", lambda row: row.model["created"]),
        ("id", lambda row: row.id),
    )
    return Rows("{count} exports", columns, found)


def notifications(found: Iterable[models.Notification]) -> Rows[models.Notification]:
    """Give what the PI was told as rows."""
    columns: Columns = (
        ("when", lambda row: row["created"]),
        ("what", lambda row: row["summary"]),
        ("more", lambda row: row["text"]),
        ("export", lambda row: row["export_id"]),
    )
    return Rows("{count} notifications", columns, found)


def items(found: Iterable[models.Item], state: str | None) -> Rows[models.Item]:
    """Give items as rows."""
    columns: Columns = (
        ("number", lambda row: row["number"]),
        ("run", lambda row: row["run"]),
        ("data_id", lambda row: row["data_id"]),
        ("state", lambda row: row["state"]),
        ("reason", lambda row: row["reason"]["msg"] if row["reason"] else None),
        ("url", lambda row: row["url"] and _Url(row["url"])),
        ("dataset_id", lambda row: row["dataset_id"]),
    )
    return Rows(f"{{count}} items{f' that are {state}' if state else ''}", columns, found)


def crosswalk(text: str) -> Rows[dict[str, Any]]:
    """Read the service's crosswalk: which subject is which dataset.

    Raises
    ------
    AnswerError
        It is no such file.
    """
    keys = ("external_id", "frame", "dataset_id", "run", "data_id", "url")
    columns: Columns = tuple(
        (key, lambda row, key=key: row[key] if key != "url" else _Url(row[key]))  # type: ignore[misc]  # as above
        for key in keys
    )
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if not set(keys) <= set(reader.fieldnames or ()):
            raise KeyError("a column")
        rows = [
            {**{key: row[key] for key in keys}, "frame": int(row["frame"]), "data_id": json.loads(row["data_id"])}
            for row in reader
        ]
    except (KeyError, TypeError, ValueError, csv.Error):
        raise AnswerError(
            "service_error",
            "The export service's crosswalk is not of the form that this helper knows. Nothing was changed. Download "
            "it from the panel, or start a newer image of the lab.",
        ) from None
    return Rows("{count} published images", columns, rows)


class _Url(str):
    """An address, which HTML shows as a link."""

    __slots__ = ()


def _shown_value(value: object, *, text: bool) -> object:
    return Markup(link(value, value.rpartition("/")[2])) if isinstance(value, _Url) and not text else value


def _plain_value(value: object) -> object:
    return value if isinstance(value, int) else cell(value)


def _use(use: Any) -> str:  # noqa: ANN401 (a DatasetTypeUse, whose module needs the Butler)
    return use.name if use.count is None else f"{use.name} ({use.count})"
