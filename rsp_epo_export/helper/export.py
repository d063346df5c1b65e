"""One export, followed from a notebook."""

from __future__ import annotations

__all__ = ("Export",)

from collections.abc import Callable
from typing import Any

from . import answers, models, patience
from .errors import EpoExportError, ExportStoppedError, RateLimitedError, WaitTimeoutError
from .operation import Operation
from .service import ServiceClient
from .text import Markup, link, plain, table_html

_PAGE = 500
_MOST_FAILURES = 10
"""After so many failures in a row a wait gives up: about two minutes."""


class Export:
    """One submission: a set of datasets on their way to a public URL.

    It is made by `EpoExport.submit`, `EpoExport.export` and `EpoExport.exports`. The service goes on with it whether or
    not this object, or the notebook, lives.

    Parameters
    ----------
    service
        Where to ask.
    model
        What the service last said of it.
    """

    def __init__(self, service: ServiceClient, model: models.Export) -> None:
        self._service = service
        self._model = model

    @property
    def id(self) -> str:
        """The export's id, by which `EpoExport.export` finds it again."""
        return self._model["id"]

    @property
    def model(self) -> models.Export:
        """All that the service last said of it."""
        return self._model

    @property
    def status(self) -> models.ExportState:
        """The state it is in now: asks the service."""
        return self.refresh().state

    @property
    def state(self) -> models.ExportState:
        """The state it was last seen in: asks nobody."""
        return self._model["state"]

    @property
    def counts(self) -> models.ExportCounts:
        """The items by fate, as last seen."""
        return self._model["counts"]

    @property
    def manifest_url(self) -> str | None:
        """The public address of the Zooniverse manifest; `None` until the export is published."""
        if self._model["manifest_url"] is None and self._is_under_way:
            self.refresh()
        return self._model["manifest_url"]

    def refresh(self) -> Export:
        """Ask the service how it stands."""
        self._model = self._service.call(models.GET_EXPORT, path={"export_id": self.id})
        return self

    def wait(self, timeout: float | None = 600.0, *, check: bool = True, staff: bool = True) -> Export:
        """Wait until the export is published, or can go on only by its PI. Shows how it goes, in a notebook.

        Parameters
        ----------
        timeout
            Seconds; `None` waits however long it takes. An export that EPO staff look at may take days: the service
            goes on with it by itself.
        check
            Whether to raise where it ends otherwise than published.
        staff
            Whether to wait for EPO's staff too. If not, an export that they look at is given back as it is, HELD.

        Returns
        -------
        export
            This one.

        Raises
        ------
        ExportStoppedError
            It failed, was returned, rejected, cancelled, withdrawn, or expired. Not if `check` is false.
        WaitTimeoutError
            It is still under way.
        EpoExportError
            The service cannot be asked, and did not come back for a while.
        """
        deadline = None if timeout is None else patience.now() + timeout
        back_off = patience.BackOff()
        show = _live_display()
        show(self)
        failures = 0
        pause = 0.0
        while True:
            try:
                before = self._model
                self._model = self._service.call(models.GET_EXPORT, path={"export_id": self.id}, patient=False)
            except EpoExportError as error:
                failures += 1
                if not error.is_transient or failures >= _MOST_FAILURES:
                    raise
                pause = max(back_off.pause(), error.retry_after if isinstance(error, RateLimitedError) else 0.0)
            else:
                failures = 0
                if self._model != before:
                    back_off.reset()
                    show(self)
                if not staff and self._model["waits_for"] == "staff":
                    return self
                if not self._is_under_way:
                    break
                pause = back_off.pause()
            left = None if deadline is None else deadline - patience.now()
            if left is not None and left <= 0:
                raise self._timed_out(timeout)
            patience.sleep(pause if left is None else min(pause, left))
        if check and self.state != "PUBLISHED":
            raise self._stopped()
        return self

    def items(self, state: models.ItemState | None = None) -> answers.Rows[models.Item]:
        """Give every item with its fate and reason, or those in one state, such as ``REFUSED``."""
        found: list[models.Item] = []
        cursor: str | None = None
        while True:
            page = self._service.call(
                models.LIST_ITEMS,
                path={"export_id": self.id},
                query={"limit": _PAGE, "state": state, "cursor": cursor},
            )
            found += page["items"]
            if (cursor := page["next_cursor"]) is None:
                return answers.items(found, state)

    def crosswalk(self) -> answers.Rows[dict[str, Any]]:
        """Tell which Zooniverse subject is which dataset, for your project alone: keep it out of public places.

        Returns
        -------
        rows
            A dictionary for each published image: ``external_id`` (the subject), ``frame`` (from 0), ``dataset_id``,
            ``run``, ``data_id``, ``url``. Its ``to_table()`` gives an `astropy.table.Table`.

        Raises
        ------
        ServiceRefusalError
            ``wrong_state``: it is not published yet.
        """
        return answers.crosswalk(self._service.call(models.DOWNLOAD_CROSSWALK, path={"export_id": self.id}))

    def cancel(self) -> Export:
        """Stop it before it is published; what the service holds of it is deleted."""
        return self._act(models.CANCEL_EXPORT)

    def retry(self) -> Export:
        """Try again what failed, after the export stopped as FAILED."""
        return self._act(models.RETRY_EXPORT)

    def withdraw(self) -> Export:
        """Take it down after it was published: its addresses answer "gone" from now on."""
        return self._act(models.WITHDRAW_EXPORT)

    @property
    def _is_under_way(self) -> bool:
        return self._model["waits_for"] in ("system", "staff")

    def _act(self, operation: Operation[models.Export]) -> Export:
        self._model = self._service.call(operation, path={"export_id": self.id})
        return self

    def _stopped(self) -> ExportStoppedError:
        model = self._model
        why = f" {model['reason']['msg']}" if model["reason"] else ""
        can = [f"export.{action}()" for action in model["actions"]]
        then = f" What you can do: {' or '.join(can)}." if can else " To try again, submit a new export."
        return ExportStoppedError(
            model["reason"]["type"] if model["reason"] else model["state"].lower(),
            f"The export {model['subject_set']!r} {model['means']}.{why} Your datasets are as they were.{then}",
            self,
        )

    def _timed_out(self, timeout: float | None) -> WaitTimeoutError:
        return WaitTimeoutError(
            "still_under_way",
            f"After {timeout:g} seconds the export {self._model['subject_set']!r} {self._model['means']}. Nothing is "
            "wrong: it goes on by itself, and you may close the notebook. Wait again by export.wait(), later by "
            f"epo.export({self.id!r}).wait().",
            self,
        )

    def _lines(self) -> list[tuple[str, object]]:
        model = self._model
        counts = ", ".join(f"{count} {fate}" for fate, count in model["counts"].items() if count and fate != "total")
        lines: list[tuple[str, object]] = [
            ("state", f"{model['state']}: this export {model['means']}"),
            ("items", f"{model['counts']['total']}{f' ({counts})' if counts else ''}"),
            ("collections", [pick["name"] for pick in model["collections"]]),
        ]
        if model["reason"]:
            lines.append(("reason", model["reason"]["msg"]))
        lines += [(f"{entry['count']} items", entry["msg"]) for entry in model["reasons"]]
        lines += [("note", note["msg"]) for note in model["notes"]]
        if model["manifest_url"]:
            lines.append(("manifest", model["manifest_url"]))
        return [*lines, ("id", model["id"])]

    def _repr_html_(self) -> str:
        manifest = self._model["manifest_url"]
        rows = [
            (name, Markup(link(manifest, manifest)) if manifest and name == "manifest" else value)
            for name, value in self._lines()
        ]
        return table_html(f"Export {self._model['subject_set']}", ("", ""), rows)

    def __repr__(self) -> str:
        head = f"Export {plain(self._model['subject_set'])}"
        return "\n".join([head, *(f"  {name}: {_text(value)}" for name, value in self._lines())])


def _text(value: object) -> str:
    return plain(", ".join(value) if isinstance(value, list) else value)


def _live_display() -> Callable[[Export], None]:
    """Give what shows an export in place, anew each time; without a notebook it shows nothing."""
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import display
    except ImportError:
        return lambda export: None
    shell = get_ipython()
    if getattr(shell, "kernel", None) is None:
        return lambda export: None
    handles: list[Any] = []

    def show(export: Export) -> None:
        if handles:
            handles[0].update(export)
        else:
            handles.append(display(export, display_id=True))  # type: ignore[no-untyped-call]

    return show
