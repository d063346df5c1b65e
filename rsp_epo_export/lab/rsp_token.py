"""The PI's RSP token, for the lab. Read at each call, because the platform replaces it while the lab runs."""

from __future__ import annotations

__all__ = ("read_token",)

from collections.abc import Mapping
from pathlib import Path

from ..platform.rsp_token import LAB_SECRETS, find_token, is_token, token_in
from .errors import TokenMissing


def read_token(token_file: str, environ: Mapping[str, str], *, lab_secrets: Path = LAB_SECRETS) -> str:
    """Read the token from where the platform puts it, in the platform's order (`find_token`).

    Parameters
    ----------
    token_file
        A file to read instead, if not empty. Whoever names one means it, so nothing else is tried.
    environ
        The environment.
    lab_secrets
        Nublado's directory.

    Raises
    ------
    TokenMissing
        There is none, or what there is cannot be a token.
    """
    if token_file:
        token = token_in(Path(token_file))
        where = f"the file {token_file} (c.EpoExportExtension.token_file)"
    else:
        token = find_token(environ, lab_secrets=lab_secrets)
        where = "the lab"
    if not token:
        raise TokenMissing(
            f"There is no RSP token in {where}, so nothing can be asked of the export service in your name. On the "
            "RSP, stop the lab and start it again from the notebook aspect's home page."
        )
    if not is_token(token):
        raise TokenMissing(
            f"What stands for an RSP token in {where} cannot be one, and was not sent. On the RSP, stop the lab and "
            "start it again from the notebook aspect's home page."
        )
    return token
