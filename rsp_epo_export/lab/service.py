"""The export service, as the PI: one HTTP client that only ever speaks with the service's own origin."""

from __future__ import annotations

__all__ = ("Forwarded", "Request", "ServiceClient")

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..platform.places import ServicePlace
from ..platform.retry_after import retry_after
from .errors import Detail, RateLimited, ServiceError, ServiceRefusal, ServiceTimeout, ServiceUnreachable, TokenRejected
from .operations import PREFIX, Operation, Operations

if TYPE_CHECKING:
    import httpx

_CONNECT_TIMEOUT = 5.0
_LARGEST_ERROR = 64 * 1024
_LARGEST_READ = 4 * 1024 * 1024
_UP = ("accept", "content-type", "idempotency-key")
_DOWN = ("content-disposition", "etag", "location", "retry-after")
# What Gafaelfawr says, in the same form, of a token that may not come here.
_OF_THE_GATEWAY = "insufficient_scope"
_DOWN_WITH_ERRORS = ("retry-after",)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


@dataclass(frozen=True)
class Request:
    """What is asked of the service.

    Parameters
    ----------
    operation
        What the contract calls it.
    path
        The path below `PREFIX`, of which `Operations.find` said that it is the operation's.
    query
        Names and values, in order.
    headers
        All headers of the browser's request; the few that may go up are chosen here.
    body
        The body, if any.
    """

    operation: Operation
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Forwarded:
    """The service's answer, its body still to come.

    Iterating the body raises `ServiceUnreachable` or `ServiceTimeout` where it breaks off: what came is then not whole.
    """

    status: int
    headers: Mapping[str, str]
    content_type: str | None
    body: AsyncIterator[bytes]


class ServiceClient:
    """Asks the export service in the PI's name.

    Parameters
    ----------
    place
        Finds the service, or raises. Called at each request.
    token
        Gives the PI's token, or raises. Called at each request, after ``place``.
    timeout
        Seconds to wait for an answer to begin, and for each piece of it.
    location
        Turns a path below `PREFIX` into the address of the same thing at the lab.
    """

    def __init__(
        self,
        place: Callable[[], Awaitable[ServicePlace]],
        token: Callable[[], str],
        timeout: float,
        location: Callable[[str], str],
    ) -> None:
        self._place = place
        self._token = token
        self._timeout = timeout
        self._location = location
        self._client: httpx.AsyncClient | None = None

    async def place(self) -> ServicePlace:
        """Where the service is.

        Raises
        ------
        ServiceNotConfigured, ServiceUntrusted
            Nowhere that may be asked.
        """
        return await self._place()

    @asynccontextmanager
    async def forward(self, request: Request) -> AsyncIterator[Forwarded]:
        """Ask the service, and give its answer while it comes. Leaving the context ends the request.

        Raises
        ------
        ServiceNotConfigured, ServiceUntrusted, TokenMissing
            Nothing was sent.
        ServiceUnreachable, ServiceTimeout
            There was no answer.
        TokenRejected, RateLimited, ServiceError, ServiceRefusal
            There was, and it is not a success.
        """
        origin = (await self._place()).origin
        token = self._token()
        client = self._http()
        outgoing = client.build_request(
            request.operation.method,
            f"{origin}{PREFIX}{request.path}",
            params=list(request.query) or None,
            headers={
                **{name: request.headers[name] for name in _UP if name in request.headers},
                "accept-encoding": "identity",
                "user-agent": "rsp-epo-export-lab",
                "authorization": f"Bearer {token}",
            },
            content=request.body or None,
        )
        with _failures(request.operation, self._timeout):
            # httpx has a limit for each read; one for the whole beginning keeps a server that drips headers from
            # holding the PI's request.
            async with asyncio.timeout(self._timeout + _CONNECT_TIMEOUT):
                response = await client.send(outgoing, stream=True, follow_redirects=False)
        try:
            headers = self._headers_down(response, origin)
            if not response.is_success:
                raise await self._refusal(request.operation, response, headers)
            media_type = _media_type(response)
            if media_type not in request.operation.media_types and response.status_code != 204:
                raise ServiceError(
                    "The export service answered with something that its contract does not know, which was not passed "
                    "on. Try again later; if it stays so, ask the RSP's support."
                )
            # Made anew: in one header a browser may find several types, and take the last.
            content_type = f"{media_type}; charset=utf-8" if (media_type or "").startswith("text/") else media_type
            yield Forwarded(response.status_code, headers, content_type, self._body(request.operation, response))
        finally:
            await response.aclose()

    async def whoami(self) -> str:
        """Ask the service who it takes the PI for.

        Raises
        ------
        LabError
            As `forward`.
        """
        match await self.read("me"):
            case {"username": str(username)}:
                return username
            case _:
                raise ServiceError("The export service does not say who you are. Try again later.")

    async def read(self, path: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 (not checked yet)
        """Give the JSON at a path of the contract, below `PREFIX`; `None` where it is none, or too large to be one.

        Raises
        ------
        LabError
            As `forward`.
        """
        operation = Operations.of_the_contract().find("GET", path)
        async with self.forward(Request(operation, path, list((query or {}).items()))) as answer:
            body = bytearray()
            async for chunk in answer.body:
                body += chunk
                if len(body) > _LARGEST_READ:
                    break
        return _json(bytes(body))

    async def close(self) -> None:
        """Give all connections back."""
        if self._client is not None:
            await self._client.aclose()

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            # At first use: it takes a tenth of a second, which every start of the lab would pay.
            import httpx

            self._client = httpx.AsyncClient(
                # Neither a proxy nor a .netrc from the environment: the token goes straight to the service.
                trust_env=False,
                # But the environment's certificates, which is how a site names its own authority.
                verify=httpx.create_ssl_context(trust_env=True),
                timeout=httpx.Timeout(self._timeout, connect=_CONNECT_TIMEOUT),
                limits=httpx.Limits(max_connections=20),
            )
        return self._client

    async def _body(self, operation: Operation, response: httpx.Response) -> AsyncIterator[bytes]:
        with _failures(operation, self._timeout):
            async for chunk in response.aiter_bytes():
                yield chunk

    def _headers_down(self, response: httpx.Response, origin: str) -> dict[str, str]:
        headers = {name: value for name, value in response.headers.items() if name in _DOWN or _is_limit(name)}
        if location := headers.pop("location", None):
            path = location.removeprefix(origin)
            if path.startswith(PREFIX) and _PLAIN_PATH.fullmatch(below := path.removeprefix(PREFIX)):
                headers["location"] = self._location(below)
        return headers

    async def _refusal(self, operation: Operation, response: httpx.Response, headers: Mapping[str, str]) -> Exception:
        status = response.status_code
        headers = {name: value for name, value in headers.items() if name in _DOWN_WITH_ERRORS or _is_limit(name)}
        if status == 401:
            return _token_rejected()
        if response.is_redirect or status < 400:
            return ServiceError(
                "The export service answered with a redirect, which is not followed, so that your RSP token goes "
                "nowhere else. Nothing more was sent. Check the service's address, or ask the RSP's support."
            )
        detail = _detail(await self._error_body(operation, response))
        if status == 403 and (detail is None or detail[0]["type"] == _OF_THE_GATEWAY):
            return _token_rejected()
        if detail is not None and status != 429:
            return ServiceRefusal(status, detail, headers)
        if status == 429:
            return RateLimited(
                f"The RSP asks to slow down, and took no request. Nothing was changed. Go on in {_pause(headers)}.",
                headers=headers,
            )
        return ServiceError(
            f"The export service, or the gateway before it, failed with status {status}. Your exports are safe with "
            "it. Try again later; if it stays so, ask the RSP's support.",
            headers=headers,
        )

    async def _error_body(self, operation: Operation, response: httpx.Response) -> bytes:
        if _media_type(response) != "application/json":
            return b""
        body = bytearray()
        async for chunk in self._body(operation, response):
            body += chunk
            if len(body) > _LARGEST_ERROR:
                return b""
        return bytes(body)


def _token_rejected() -> TokenRejected:
    return TokenRejected(
        "The export service does not accept this lab's RSP token. Nothing was changed. Tokens end with the lab's "
        "session: stop the lab and start it again from the notebook aspect's home page. If it stays so, ask the "
        "RSP's support whether your account may use the export service."
    )


@contextmanager
def _failures(operation: Operation, timeout: float) -> Iterator[None]:
    """Turn what httpx raises into our errors, without their causes: those hold the request, and it the token."""
    import httpx

    try:
        yield
    except (TimeoutError, httpx.TimeoutException) as error:
        if isinstance(error, httpx.ConnectTimeout):
            raise _unreachable(operation) from None
        raise ServiceTimeout(
            f"The export service did not answer within {timeout:g} seconds. {_fate(operation)}"
        ) from None
    except httpx.HTTPError:
        raise _unreachable(operation) from None


def _unreachable(operation: Operation) -> ServiceUnreachable:
    return ServiceUnreachable(f"The export service cannot be reached, or broke off. {_fate(operation)}")


def _fate(operation: Operation) -> str:
    if operation.method == "GET":
        return "Nothing was changed. Try again."
    return (
        "Whether it took the request is not known. Look at your exports and grants before you try again; the same "
        "submission sent twice makes one export."
    )


def _pause(headers: Mapping[str, str]) -> str:
    seconds = retry_after(headers.get("retry-after"))
    return f"{seconds:.0f} seconds" if seconds is not None and seconds < 1_000_000 else "a minute"


def _is_limit(name: str) -> bool:
    return name.startswith("x-ratelimit-")


def _media_type(response: httpx.Response) -> str | None:
    content_type = response.headers.get("content-type")
    return content_type.partition(";")[0].strip().lower() if content_type else None


def _json(body: bytes) -> Any:  # noqa: ANN401 (whatever came)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _detail(body: bytes) -> list[Detail] | None:
    """The entries of an error in the platform's form, or `None` if it is not in that form."""
    match _json(body):
        case {"detail": [_, *_] as entries}:
            details = [_entry(entry) for entry in entries]
            return None if None in details else [entry for entry in details if entry is not None]
        case _:
            return None


def _entry(entry: object) -> Detail | None:
    match entry:
        case {"msg": str(msg), "type": str(error), "loc": [*loc]} if all(isinstance(step, str) for step in loc):
            return {"msg": msg, "type": error, "loc": loc}
        case {"msg": str(msg), "type": str(error)}:
            return {"msg": msg, "type": error}
        case _:
            return None
