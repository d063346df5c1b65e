"""What stands between browser and lab: it adds the token, lets nothing else out, and lets nothing be changed."""

from __future__ import annotations

__all__ = ("Gate",)

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from .errors import UiCheckError
from .target import Target

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Route, WebSocketRoute

_HOP_BY_HOP = frozenset(("content-encoding", "content-length", "transfer-encoding", "connection"))
_FROM_BROWSER = frozenset(("accept", "content-type", "cookie", "referer", "x-xsrftoken", "if-none-match"))


class Gate:
    """Answers the browser's requests with the lab's answers.

    The browser itself is never given the token in a header, so no redirect and no other host can carry it away, and a
    remote browser need not reach the lab. Reading goes through, and so does asking the service for a summary; what
    JupyterLab would save of its layout is taken and dropped; any other change is refused and noted.

    Parameters
    ----------
    target
        The lab.
    timeout
        Seconds to wait for an answer.
    """

    def __init__(self, target: Target, timeout: float) -> None:
        self._target = target
        self._origin = _origin(target.url)
        self._base = urlsplit(target.url).path + "/"
        self.failures: list[str] = []
        """What the panel's routes answered with a status of 400 or more: ``404 to GET rsp-epo-export/status``."""
        self.changes: list[str] = []
        """What the page tried to change."""
        self._client = httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)

    @property
    def base_url(self) -> str:
        """The lab's address, for the browser."""
        return self._target.url

    def without_token(self, text: str) -> str:
        """Give a text with the token blotted out, should it have come into it."""
        return text.replace(self._target.token, "…")

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def identify(self) -> str:
        """Ask the lab who the token's user is.

        Raises
        ------
        UiCheckError
            It does not answer, refuses the token, or takes us for another user than the lab's.
        """
        step = "log in to the lab"
        try:
            answer = await self._client.get(f"{self._target.url}/api/me", headers=self._authorization())
            status, name = answer.status_code, ""
            if status == httpx.codes.OK:
                name = str(answer.json()["identity"]["username"])
        except httpx.HTTPError as error:
            raise UiCheckError(step, f"the lab at {self._origin} does not answer ({type(error).__name__}).") from None
        except (ValueError, KeyError, TypeError):
            raise UiCheckError(step, f"what answers at {self._origin} is no Jupyter server.") from None
        if status != httpx.codes.OK:
            raise UiCheckError(step, f"the lab refuses the token: {status} to GET api/me. Is it this lab's?")
        if self._target.user is not None and name != self._target.user:
            raise UiCheckError(step, "the token belongs to another user than the lab.")
        return name

    async def guard(self, context: BrowserContext) -> None:
        """Let every request of a browser's context come here."""
        await context.route("**/*", self._answer)
        await context.route_web_socket("**/*", self._socket)

    async def _answer(self, route: Route) -> None:
        request = route.request
        path = urlsplit(request.url).path
        if _origin(request.url) != self._origin or not path.startswith(self._base):
            await route.abort("blockedbyclient")
            return
        name = path.removeprefix(self._base)
        if request.method not in ("GET", "HEAD") and not _changes_nothing(request.method, name):
            if not name.startswith("lab/api/workspaces/"):
                self.changes.append(f"{request.method} {name}")
            await route.fulfill(status=204)
            return
        sent = {key: value for key, value in (await request.all_headers()).items() if key in _FROM_BROWSER}
        try:
            answer = await self._client.request(
                request.method, request.url, content=request.post_data_buffer, headers=sent | self._authorization()
            )
        except httpx.HTTPError as error:
            self.failures.append(f"{type(error).__name__} to {request.method} {name}")
            await route.abort("failed")
            return
        if answer.status_code >= httpx.codes.BAD_REQUEST and name.startswith("rsp-epo-export/"):
            self.failures.append(f"{answer.status_code} to {request.method} {name}")
        headers: dict[str, str] = {}
        for key, value in answer.headers.multi_items():
            if key.lower() not in _HOP_BY_HOP:
                # Playwright's way of saying that a header comes several times, as Set-Cookie may.
                headers[key] = f"{headers[key]}\n{value}" if key in headers else value
        await route.fulfill(status=answer.status_code, headers=headers, body=answer.content)

    async def _socket(self, socket: WebSocketRoute) -> None:
        # Kernels and events come by these; the panel needs neither, and a socket's address would carry the token.
        await socket.close()

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"token {self._target.token}"}


def _changes_nothing(method: str, name: str) -> bool:
    return method == "POST" and name.startswith("rsp-epo-export/service/") and name.endswith("preflight")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
