"""Where the RSP puts the PI's token, and what can be one."""

from __future__ import annotations

__all__ = ("LAB_SECRETS", "find_token", "is_token", "token_in")

import re
from collections.abc import Mapping
from pathlib import Path

LAB_SECRETS = Path("/etc/nublado/secrets")
"""Where Nublado mounts the lab's secrets."""

# What may stand in an Authorization header as it is. Anything else would end up in the text of an HTTP library's error.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")


def find_token(environ: Mapping[str, str], *, lab_secrets: Path = LAB_SECRETS) -> str:
    """Read the token from where the platform puts it, in the platform's order.

    That is: Nublado's mounted secret, the same below ``NUBLADO_RUNTIME_MOUNTS_DIR``, ``NUBLADO_TOKEN``,
    ``ACCESS_TOKEN``. The first that is there and not empty is the one. To be called for each request, because the
    platform replaces the token while the lab runs.

    Parameters
    ----------
    environ
        The environment.
    lab_secrets
        Nublado's directory.

    Returns
    -------
    token
        Empty where there is none. Whether it can be sent, `is_token` says.
    """
    token = token_in(lab_secrets / "token")
    if not token and (mounts := environ.get("NUBLADO_RUNTIME_MOUNTS_DIR")):
        token = token_in(Path(mounts) / "secrets" / "token")
    return token or environ.get("NUBLADO_TOKEN", "").strip() or environ.get("ACCESS_TOKEN", "").strip()


def token_in(path: Path) -> str:
    """Read a file that holds a token; empty where it cannot be read."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def is_token(text: str) -> bool:
    """Tell whether this can be sent as a token. What cannot is never to be shown either."""
    return _TOKEN.fullmatch(text) is not None
