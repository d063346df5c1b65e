"""The export service, as the PI: one HTTP client that only ever speaks with the service's own origin."""

from __future__ import annotations

__all__ = ("ServiceClient",)

import json
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from . import patience
from .checking import MismatchError, checked
from .discovery import Secret
from .errors import (
    AnswerError,
    EpoExportError,
    RateLimitedError,
    ServiceRefusalError,
    ServiceUnreachableError,
    TokenError,
)
from .models import ErrorBody
from .operation import Operation

if TYPE_CHECKING:
    import httpx

_Answer = TypeVar("_Answer")

_PAUSES = (0.5, 2.0)
"""Seconds before a request that is safe to repeat is repeated."""

_LONGEST_RETRY_AFTER = 60.0
_GATEWAY = (502, 503, 504)

# What Gafaelfawr says, in the form of a refusal, of a token that may not come here.
_OF_THE_GATEWAY = "insufficient_scope"

_ADVICE = {
    "grant_missing": "In a notebook: epo.grant('…').",
    "idempotency_key_reused": "In a notebook: leave out idempotency_key.",
}


class ServiceClient:
    """Asks the export service in the PI's name.

    Parameters
    ----------
    origin
        Gives the service's origin, or raises. Called at each request.
    token
        Gives the PI's token, or raises. Called at each request, after ``origin``, because the platform replaces the
        token while the lab runs.
    timeout
        Seconds to wait for an answer.
    """

    def __init__(self, origin: Callable[[], str], token: Callable[[], Secret], timeout: float) -> None:
        self._origin = origin
        self._token = token
        self._timeout = timeout
        self._client: httpx.Client | None = None

    @property
    def origin(self) -> str:
        """Where the service is; raises `ConfigurationError` where that is nowhere that may be asked."""
        return self._origin()

    def call(
        self,
        operation: Operation[_Answer],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | None] | None = None,
        body: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
        patient: bool = True,
    ) -> _Answer:
        """Do an operation of the contract, and give its answer, checked.

        Parameters
        ----------
        operation
            One of `models.py`.
        path, query
            Parameters by name; those of the query that are `None` are left out.
        body
            The request's JSON.
        idempotency_key
            With it, a request that changes something is as safe to repeat as one that reads.
        patient
            Whether to try again by itself where that is safe: when asked to slow down, and after a broken connection
            if the request reads or has a key.

        Raises
        ------
        ConfigurationError, TokenError
            Nothing was sent, or the token is not accepted.
        ServiceUnreachableError, RateLimitedError, AnswerError, ServiceRefusalError
            There was no answer, or none that is a success.
        """
        is_repeatable = operation.method == "GET" or idempotency_key is not None
        pauses = iter(_PAUSES if patient else ())
        while True:
            try:
                return self._call(operation, path or {}, query or {}, body, idempotency_key)
            except (RateLimitedError, ServiceUnreachableError) as error:
                pause = next(pauses, None)
                if isinstance(error, RateLimitedError):  # which took no request, so any may be sent again
                    if pause is None or error.retry_after > _LONGEST_RETRY_AFTER:
                        raise
                    pause = error.retry_after
                elif pause is None or not is_repeatable:
                    raise
            patience.sleep(pause)

    def _call(
        self,
        operation: Operation[_Answer],
        path: Mapping[str, str],
        query: Mapping[str, str | int | None],
        body: Mapping[str, object] | None,
        idempotency_key: str | None,
    ) -> _Answer:
        where = operation.path.format_map({name: quote(value, safe="") for name, value in path.items()})
        headers = {"accept": "text/csv" if operation.answer is str else "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        if idempotency_key is not None:
            headers["idempotency-key"] = idempotency_key
        response = self._send(
            operation.method,
            f"{self._origin()}{where}",
            {name: value for name, value in query.items() if value is not None},
            headers,
            None if body is None else json.dumps(body).encode(),
            is_repeatable=operation.method == "GET" or idempotency_key is not None,
        )
        if not response.is_success:
            raise _refusal(response)
        return _answer(operation, response)

    def _send(
        self,
        method: str,
        url: str,
        query: Mapping[str, str | int],
        headers: Mapping[str, str],
        content: bytes | None,
        *,
        is_repeatable: bool,
    ) -> httpx.Response:
        import httpx

        secret = self._token()
        # What httpx raises holds the request, and it the token: so it is the cause of nothing, nor its context.
        problem: str
        try:
            return self._http().request(
                method,
                url,
                params=dict(query) or None,
                headers={**headers, "authorization": f"Bearer {secret.reveal()}"},
                content=content,
                follow_redirects=False,
            )
        except httpx.ConnectTimeout:
            problem = "cannot be reached"
        except httpx.TimeoutException:
            problem = f"did not answer within {self._timeout:g} seconds"
        except httpx.HTTPError:
            problem = "cannot be reached, or broke off"
        raise ServiceUnreachableError(
            "service_unreachable",
            f"The export service at {self._origin()} {problem}. {_fate(method, is_repeatable=is_repeatable)} "
            "Your exports go on without this notebook. Try again in a minute; if it stays so, ask the RSP's support.",
        )

    def _http(self) -> httpx.Client:
        if self._client is None:
            import httpx

            self._client = httpx.Client(
                # Neither a proxy nor a .netrc from the environment: the token goes straight to the service.
                trust_env=False,
                # But the environment's certificates, which is how a site names its own authority.
                verify=httpx.create_ssl_context(trust_env=True),
                timeout=httpx.Timeout(self._timeout, connect=5.0),
                headers={"user-agent": "rsp-epo-export-helper"},
            )
            weakref.finalize(self, self._client.close)
        return self._client


def _fate(method: str, *, is_repeatable: bool) -> str:
    if method == "GET":
        return "Nothing was changed."
    if is_repeatable:
        return "Whether it took the submission is not known; the same one sent twice makes one export."
    return "Whether it took the request is not known: look at epo.exports() and epo.grants() before you try again."


def _answer(operation: Operation[_Answer], response: httpx.Response) -> _Answer:
    wanted = "text/csv" if operation.answer is str else "application/json"
    if _media_type(response) == wanted:
        try:
            return checked(response.text if operation.answer is str else response.json(), operation.answer)
        except MismatchError as error:
            why = str(error)
        except (ValueError, RecursionError):
            why = "it is not whole"
    else:
        why = f"it is not {wanted}"
    raise AnswerError(
        "service_error",
        f"The export service answered what its contract does not know ({why}). Nothing of it was used, and your "
        "exports are safe with the service. This helper may be older than the service: start a newer "
        "image of the lab, or ask the RSP's support.",
    )


def _refusal(response: httpx.Response) -> EpoExportError:
    """Give the error for an answer that is no success."""
    status = response.status_code
    if status == 429:
        seconds = patience.retry_after(response.headers.get("retry-after"))
        return RateLimitedError(
            "rate_limited",
            f"The RSP asks to slow down, and took no request. Nothing was changed. Go on in {seconds:.0f} seconds.",
            seconds,
        )
    if status < 400:
        return AnswerError(
            "service_error",
            "The export service answered with a redirect, which is not followed, so that your RSP token goes nowhere "
            "else. Nothing more was sent. Check the service's address, or ask the RSP's support.",
        )
    if status == 401:
        return _token_rejected()
    detail = _detail(response)
    if status == 403 and (detail is None or detail["detail"][0]["type"] == _OF_THE_GATEWAY):
        return _token_rejected()
    if detail is not None:
        return ServiceRefusalError(status, detail["detail"], _ADVICE.get(detail["detail"][0]["type"], ""))
    if status in _GATEWAY:
        return ServiceUnreachableError(
            "service_unreachable",
            f"The gateway before the export service answered in its place (status {status}). Your exports are safe "
            "with the service. Try again in a minute; if it stays so, ask the RSP's support.",
        )
    return AnswerError(
        "service_error",
        f"The export service, or the gateway before it, failed with status {status}. Your exports are safe with it. "
        "Try again later; if it stays so, ask the RSP's support.",
    )


def _token_rejected() -> TokenError:
    return TokenError(
        "token_rejected",
        "The export service does not accept your RSP token. Nothing was changed. Tokens end with the lab's session: "
        "save your work, stop the lab, and start it again from the notebook aspect's home page. If it stays so, ask "
        "the RSP's support whether your account may use the export service.",
    )


def _detail(response: httpx.Response) -> ErrorBody | None:
    """Give an error in the platform's form, or `None` if it is not in that form."""
    if _media_type(response) != "application/json":
        return None
    try:
        body = checked(response.json(), ErrorBody)
    except (ValueError, RecursionError):  # MismatchError is a ValueError
        return None
    return body if body["detail"] else None


def _media_type(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
