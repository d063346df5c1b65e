"""Which lab is looked at, and the token that opens it: the lab that this kernel belongs to."""

from __future__ import annotations

__all__ = ("Target", "find_target")

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..platform.rsp_token import is_token
from .errors import UiCheckError

_STEP = "find the lab"
_EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 (what a lab listens on, as JupyterHub says it)


@dataclass(frozen=True, slots=True)
class Target:
    """A lab.

    Attributes
    ----------
    url
        Its base URL, with no slash at its end.
    token
        What its server takes in an Authorization header.
    user
        Who the lab must say we are; `None` where it has no names.
    """

    url: str
    token: str = field(repr=False)
    user: str | None = None


def find_target(environ: Mapping[str, str]) -> Target:
    """Find the lab of this kernel.

    ``EPO_UI_CHECK_LAB`` and ``EPO_UI_CHECK_TOKEN`` name another one. Else JupyterHub's variables, which its
    single-user server hands on to its kernels (jupyterhub: jupyterhub/spawner.py, ``get_env``); else the file that a
    server of Jupyter writes about itself (jupyter_server: serverapp.py, ``info_file``), found by ``JPY_PARENT_PID``.

    Raises
    ------
    UiCheckError
        There is none, or what is called its token cannot be one.
    """
    if named := environ.get("EPO_UI_CHECK_LAB"):
        return _target(named, environ.get("EPO_UI_CHECK_TOKEN", ""), None)
    if address := environ.get("JUPYTERHUB_SERVICE_URL"):
        return _target(address, environ.get("JUPYTERHUB_API_TOKEN", ""), environ.get("JUPYTERHUB_USER"))
    server = _server(environ)
    return _target(str(server.get("url", "")), str(server.get("token", "")), None)


def _server(environ: Mapping[str, str]) -> dict[str, object]:
    try:
        from jupyter_core.paths import jupyter_runtime_dir

        file = Path(jupyter_runtime_dir()) / f"jpserver-{int(environ['JPY_PARENT_PID'])}.json"
        found = json.loads(file.read_text())
    except (ImportError, KeyError, ValueError, OSError):
        found = None
    if not isinstance(found, dict):
        raise UiCheckError(
            _STEP, "this process is no kernel of a lab. Run it in one, or set EPO_UI_CHECK_LAB and EPO_UI_CHECK_TOKEN."
        )
    return found


def _target(address: str, token: str, user: str | None) -> Target:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or parts.username is not None or parts.query:
        raise UiCheckError(_STEP, "the lab's address must be http(s)://host[:port]/path, without user and query.")
    if not is_token(token):
        raise UiCheckError(_STEP, "there is no token for the lab, or it holds what no token can.")
    netloc = parts.netloc
    if (parts.hostname or "") in _EVERY_ADDRESS:
        netloc = "127.0.0.1" + (f":{parts.port}" if parts.port else "")
    return Target(f"{parts.scheme}://{netloc}{parts.path}".rstrip("/"), token, user)
