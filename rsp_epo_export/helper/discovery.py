"""Where the service is and who the PI is, without being told, in the helper's words: `docs/discovery.md`."""

from __future__ import annotations

__all__ = ("Secret", "find_origin", "find_secret", "repository_name")

from collections.abc import Mapping

from ..platform.discovery import Discovery, Source
from ..platform.places import ServiceNotNamedError, UntrustedServiceError, find_service
from ..platform.rsp_token import find_token, is_token
from .errors import ConfigurationError, TokenError

_RESTART = "On the RSP, save your work, stop the lab, and start it again from the notebook aspect's home page."


class Secret:
    """A token that shows in no output, not even in a traceback that lists variables."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the token, for the header that carries it and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"


def find_origin(service_url: str | None, environ: Mapping[str, str], discovery: Discovery) -> str:
    """Give the origin of the export service, found in the order of `find_service`: the argument first.

    Whoever names it, the token goes only to this RSP's own host by https, or to loopback.

    Raises
    ------
    ConfigurationError
        ``service_not_configured``: nobody says where it is. ``service_untrusted``: it is elsewhere.
    """
    try:
        return find_service(service_url or "", environ, discovery).origin
    except ServiceNotNamedError as error:
        raise ConfigurationError(
            "service_not_configured",
            " ".join(
                (
                    "Nothing says where the export service is, so nothing was sent. On the RSP the lab says it by "
                    "itself; elsewhere set EPO_EXPORT_URL, or give EpoExport(service_url='https://…').",
                    *(problem.msg for problem in error.problems),
                )
            ),
        ) from None
    except UntrustedServiceError as error:
        why = _WHY[error.why].format(origin=error.origin)
        raise ConfigurationError("service_untrusted", f"{why} {_CORRECT.get(error.source, _NOT_YOURS)}") from None


_CORRECT: Mapping[Source, str] = {
    "setting": "Correct service_url.",
    "environment": "Correct EPO_EXPORT_URL.",
    "instance": "Correct EXTERNAL_INSTANCE_URL.",
}
_NOT_YOURS = "The RSP's own discovery names it so: tell the RSP's support."

_WHY = {
    "not_an_origin": ("The export service's address is not of the form https://host, so nothing was sent to it."),
    "not_https": (
        "The export service's address, {origin}, is not https, and your RSP token goes nowhere unencrypted. Nothing "
        "was sent."
    ),
    "another_host": (
        "The export service's address, {origin}, is not on this RSP's own host (EXTERNAL_INSTANCE_URL), the only one "
        "that your RSP token may go to. Nothing was sent."
    ),
}


def find_secret(given: Secret | None, environ: Mapping[str, str]) -> Secret:
    """Give the PI's token: the argument, else where the RSP puts it (`find_token`).

    Raises
    ------
    TokenError
        ``token_missing``: there is none, or what there is cannot be one.
    """
    token = given.reveal() if given is not None else find_token(environ)
    if not token:
        raise TokenError(
            "token_missing",
            f"There is no RSP token here, so nothing can be asked of the export service in your name. {_RESTART}",
        )
    if not is_token(token):
        raise TokenError(
            "token_missing", f"What stands for an RSP token here cannot be one, and was not sent. {_RESTART}"
        )
    return Secret(token)


def repository_name(environ: Mapping[str, str]) -> str | None:
    """Give the label or path of the Butler repository that the environment names."""
    return environ.get("EPO_EXPORT_REPOSITORY") or None
