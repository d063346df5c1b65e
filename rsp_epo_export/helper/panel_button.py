"""A cell's output that opens the panel in JupyterLab, and says the same where there is no JupyterLab."""

from __future__ import annotations

__all__ = ("MIME_TYPE", "PanelButton")

from collections.abc import Sequence
from typing import Any

from .export import Export
from .text import cell, html, link, plain

MIME_TYPE = "application/vnd.rsp-epo-export.show+json"
"""What the extension draws as a button, with the latest exports: ``src/domain/show.ts`` has the form of version 1."""

_LATEST = 5


class PanelButton:
    """An output with a button that opens the panel.

    Parameters
    ----------
    repository
        The label of the repository that the panel is to open, as the lab knows it.
    collection
        The name of the collection that it is to show.
    home
        The address of the RSP's notebook aspect, for who reads the notebook elsewhere.
    exports
        The latest exports, for the summary.
    """

    def __init__(
        self, repository: str | None, collection: str | None, home: str | None, exports: Sequence[Export]
    ) -> None:
        self._repository = repository
        self._collection = collection
        self._home = home
        self._exports = list(exports[:_LATEST])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            MIME_TYPE: {
                "version": 1,
                "repository": self._repository,
                "collection": self._collection,
                "exports": [_export_data(export) for export in self._exports],
            },
            "text/html": self._repr_html_(),
            "text/plain": repr(self),
        }

    def _repr_html_(self) -> str:
        where = f" {link(self._home, 'Open the notebook aspect')}." if self._home else ""
        rows = "".join(f"<li>{_export_html(export)}</li>" for export in self._exports)
        latest = f"<p>Latest exports:</p><ul>{rows}</ul>" if rows else ""
        return f"<p>{html(self._words())}{where}</p>{latest}"

    def __repr__(self) -> str:
        lines = [plain(self._words()), *([plain(self._home)] if self._home else [])]
        lines += [f"  - {_export_text(export)}" for export in self._exports]
        return "\n".join(lines)

    def _words(self) -> str:
        what = " of ".join(name for name in (self._collection, self._repository) if name)
        about = f" for {what}" if what else ""
        return f"EPO export{about}: in JupyterLab, open “Export to Zooniverse” in the left sidebar."


def _export_data(export: Export) -> dict[str, Any]:
    model = export.model
    return {
        "subject_set": model["subject_set"],
        "state": export.state,
        "total": export.counts["total"],
        "manifest_url": model["manifest_url"],
    }


def _export_html(export: Export) -> str:
    manifest = export.model["manifest_url"]
    return html(_export_text(export)) + (f" {link(manifest, 'manifest')}" if manifest else "")


def _export_text(export: Export) -> str:
    return cell(f"{export.model['subject_set']}: {export.state}, {export.counts['total']} items")
