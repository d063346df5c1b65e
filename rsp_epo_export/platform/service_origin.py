"""Which addresses the PI's token may be sent to: this RSP's own host by https, and loopback."""

from __future__ import annotations

__all__ = ("Distrust", "UntrustedOriginError", "trusted_base", "trusted_origin")

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Distrust: TypeAlias = Literal["not_an_origin", "not_https", "another_host"]
"""Why an address is not trusted."""

# An origin and nothing else. A URL parser would accept more (users, back slashes, empty hosts), and not all parsers
# agree on what they then connect to.
_ORIGIN = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?/?", re.IGNORECASE)

# What may follow an origin: plain segments, none of which begins with a dot and so leads up.
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")


class UntrustedOriginError(ValueError):
    """The token may not go to this address.

    Parameters
    ----------
    why
        The reason, for who words the message.
    origin
        The address, where it is safe to show: `None` for what is no origin, since it may hold a password.
    """

    def __init__(self, why: Distrust, origin: str | None) -> None:
        super().__init__(why)
        self.why = why
        self.origin = origin


@dataclass(frozen=True, slots=True)
class _Origin:
    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        usual = {"https": 443, "http": 80}[self.scheme] == self.port
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


def trusted_origin(address: str, environ: Mapping[str, str]) -> str:
    """Give the origin of an address that the PI's token may be sent to.

    It must be https on this RSP's own host, which is ``EXTERNAL_INSTANCE_URL``; loopback, as in the demo, is allowed
    and may be http.

    Raises
    ------
    UntrustedOriginError
        The address is another.
    """
    origin = _parse(address)
    if origin is None:
        raise UntrustedOriginError("not_an_origin", None)
    if origin.is_loopback:
        return str(origin)
    if origin.scheme != "https":
        raise UntrustedOriginError("not_https", str(origin))
    if origin != _parse(environ.get("EXTERNAL_INSTANCE_URL", "")):
        raise UntrustedOriginError("another_host", str(origin))
    return str(origin)


def trusted_base(url: str, environ: Mapping[str, str]) -> str:
    """Give an address with a path, such as a service's base URL, without the slash that may end it.

    Its origin is one that `trusted_origin` takes; its path has plain segments, and it has no query and no fragment.

    Raises
    ------
    UntrustedOriginError
        The address is another.
    """
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not _PATH.fullmatch(slash + path):
        raise UntrustedOriginError("not_an_origin", None)
    return trusted_origin(f"{scheme}{separator}{host}", environ) + (slash + path).rstrip("/")


def _parse(url: str) -> _Origin | None:
    match = _ORIGIN.fullmatch(url)
    if not match:
        return None
    scheme = match[1].lower()
    port = int(match[3]) if match[3] else {"https": 443, "http": 80}[scheme]
    return _Origin(scheme, match[2].lower(), port) if 0 < port < 65536 else None
