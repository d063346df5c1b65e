"""Where the export service is, and whether the PI's token may go there, in the lab's words."""

from __future__ import annotations

__all__ = ("service_place",)

from collections.abc import Mapping

from ..platform.discovery import Discovery, Source
from ..platform.places import ServiceNotNamedError, ServicePlace, UntrustedServiceError, find_service
from .errors import ServiceNotConfigured, ServiceUntrusted

_CORRECT: Mapping[Source, str] = {
    "setting": "Correct c.EpoExportExtension.service_url, and restart the lab.",
    "environment": "Correct EPO_EXPORT_URL, and restart the lab.",
    "instance": "Correct EXTERNAL_INSTANCE_URL, and restart the lab.",
}
_NOT_YOURS = "The RSP's own discovery names it so: tell the RSP's support."


def service_place(configured: str, environ: Mapping[str, str], discovery: Discovery) -> ServicePlace:
    """Find the export service, in the order of `find_service`: the traitlet ``service_url`` first.

    May take some seconds, where Repertoire must be asked.

    Raises
    ------
    ServiceNotConfigured
        Nobody names it.
    ServiceUntrusted
        Its address is none that the PI's token may go to.
    """
    try:
        return find_service(configured, environ, discovery)
    except ServiceNotNamedError as error:
        raise ServiceNotConfigured(
            " ".join(
                (
                    "The lab does not know where the export service is. Set c.EpoExportExtension.service_url in "
                    "jupyter_server_config.py, or EPO_EXPORT_URL in the lab's environment, and restart the lab.",
                    *(problem.msg for problem in error.problems),
                )
            )
        ) from None
    except UntrustedServiceError as error:
        raise _untrusted(error) from None


def _untrusted(error: UntrustedServiceError) -> ServiceUntrusted:
    correct = _CORRECT.get(error.source, _NOT_YOURS)
    match error.why:
        case "not_an_origin":
            return ServiceUntrusted(
                f"The address of the export service is not of the form https://host, so nothing was sent to it. "
                f"{correct}"
            )
        case "not_https":
            return ServiceUntrusted(
                f"The export service's address, {error.origin}, is not https, and your RSP token goes nowhere "
                f"unencrypted. Nothing was sent. {correct}"
            )
        case "another_host":
            return ServiceUntrusted(
                f"The export service's address, {error.origin}, is not on this RSP's own host (EXTERNAL_INSTANCE_URL), "
                f"the only one that your RSP token may go to. Nothing was sent. {correct}"
            )
