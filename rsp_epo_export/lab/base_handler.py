"""What all routes share: errors in the platform's form, and an end to work that nobody waits for."""

from __future__ import annotations

__all__ = ("LabHandler",)

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar

from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from .errors import BadRequest, Detail, LabError

_T = TypeVar("_T")
# As nginx and Gafaelfawr's ingress log it. Nobody is there to read it.
_CLIENT_CLOSED_REQUEST = 499


class LabHandler(APIHandler):
    """A route of the extension."""

    auth_resource = "rsp-epo-export"
    _task: asyncio.Task[Any] | None = None
    _gone = False

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def values(self, parameter: str) -> list[str]:
        """The values of a query parameter, as they were sent: tornado's own getters replace control characters.

        Raises
        ------
        BadRequest
            One is not UTF-8.
        """
        try:
            return [value.decode() for value in self.request.query_arguments.get(parameter, [])]
        except UnicodeDecodeError:
            raise BadRequest(f"The parameter {parameter} is not UTF-8.") from None

    async def answer(self, work: Coroutine[Any, Any, dict[str, Any]]) -> None:
        """Answer with the JSON that some work gives."""
        body = await self.work(work)
        if body is not None:
            self.finish(json.dumps(body))

    async def work(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """Do some work, and stop it if the browser goes away. The answer is then `None`.

        Errors of ours pass. They end up in `write_error`.
        """
        task = asyncio.create_task(work)
        self._task = task
        if self._gone:
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if not self._gone:
                raise
        except StreamClosedError:
            pass  # The browser's stream. It was found closed by a write, before tornado told of it.
        self.set_status(_CLIENT_CLOSED_REQUEST)
        return None

    def on_connection_close(self) -> None:
        """Stop working for a browser that is gone."""
        self._gone = True
        if self._task is not None:
            self._task.cancel()

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:  # noqa: ANN401 (as tornado has it)
        """Log our own errors by their words: what went wrong is known, and a traceback tells no more."""
        if isinstance(value, LabError):
            self.log.warning("rsp-epo-export: %s: %s", value.detail[0]["type"], value.msg)
        else:
            super().log_exception(typ, value, tb)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:  # noqa: ANN401 (as tornado has it)
        """Answer with an error; or, if the answer has begun, break it off, so that no one takes it for whole."""
        if self._headers_written:
            self.request.connection.close()  # type: ignore[union-attr]
            return
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        super().send_error(error.status if isinstance(error, LabError) else status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 (as tornado has it)
        """Write an error in the platform's form."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, LabError):
            detail = list(error.detail)
            for name, value in error.headers.items():
                self.set_header(name, value)
        else:
            detail = [_of_the_lab(status_code, error)]
        self.finish(json.dumps({"detail": detail}))


def _of_the_lab(status_code: int, error: BaseException | None) -> Detail:
    """What JupyterLab's server itself refused, or what is our mistake."""
    if isinstance(error, web.HTTPError):
        if status_code == 403:
            return {"type": "not_authenticated", "msg": "The lab does not know you. Reload the page and log in."}
        if status_code == 404:
            return {"type": "not_found", "msg": "The lab has nothing here. Reload the page."}
        if status_code == 405:
            return {"type": "method_not_allowed", "msg": "The lab does not know this method here. Reload the page."}
        return {"type": "bad_request", "msg": "The lab could not read the request. Reload the page."}
    return {
        "type": "internal",
        "msg": "The lab's EPO export extension made a mistake, which is in the lab's log. Try again; if it stays so, "
        "please report it.",
    }
