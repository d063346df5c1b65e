"""The platform's discovery service, asked over the network: shortly, rarely, and without the PI's token."""

from __future__ import annotations

__all__ = ("RepertoireError", "fetch_document")

import time

LARGEST_DOCUMENT = 1024 * 1024
"""The most bytes that a discovery document has."""

_SECONDS = 3.0


class RepertoireError(Exception):
    """Repertoire gave no document. The message is the end of a sentence: what it did."""


def fetch_document(base: str) -> bytes:
    """Ask Repertoire for its document: ``GET <base>/discovery``.

    The route is open to all on the RSP (lsst-sqre/repertoire: src/repertoire/handlers/discovery.py), so no token is
    sent. No redirect is followed and no proxy of the environment is used.

    Parameters
    ----------
    base
        Repertoire's base URL, of which somebody has made sure that it is this RSP's.

    Raises
    ------
    RepertoireError
        There was no answer within some seconds, or another one than a document.
    """
    import httpx

    until = time.monotonic() + _SECONDS
    content = bytearray()
    try:
        with (
            httpx.Client(
                trust_env=False,
                # But the environment's certificates, which is how a site names its own authority.
                verify=httpx.create_ssl_context(trust_env=True),
                timeout=_SECONDS,
                follow_redirects=False,
                headers={"accept": "application/json", "user-agent": "rsp-epo-export"},
            ) as client,
            client.stream("GET", f"{base}/discovery") as response,
        ):
            if response.status_code != 200:
                raise RepertoireError(f"it answered with status {response.status_code}")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LARGEST_DOCUMENT:
                    raise RepertoireError("its answer is too large")
                if time.monotonic() > until:
                    raise RepertoireError(f"its answer took over {_SECONDS:g} seconds")
    except httpx.TimeoutException:
        raise RepertoireError(f"it did not answer within {_SECONDS:g} seconds") from None
    except httpx.HTTPError:
        raise RepertoireError("it cannot be reached, or broke off") from None
    return bytes(content)
