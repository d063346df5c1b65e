"""Where the export service is, and whether the PI's token may go there, in the lab's words."""

from __future__ import annotations

__all__ = ("service_origin",)

from collections.abc import Mapping

from ..platform.service_origin import UntrustedOriginError, service_address, trusted_origin
from .errors import ServiceNotConfigured, ServiceUntrusted


def service_origin(configured: str, environ: Mapping[str, str]) -> str:
    """Give the origin of the export service.

    It is the traitlet ``service_url``, else ``EPO_EXPORT_URL``, else ``EXTERNAL_INSTANCE_URL``, which is this RSP. It
    must be https on this RSP's own host; loopback, as in the demo, is allowed and may be http.

    Raises
    ------
    ServiceNotConfigured
        None of the three is set.
    ServiceUntrusted
        The address is another.
    """
    address = service_address(configured, environ)
    if not address:
        raise ServiceNotConfigured(
            "The lab does not know where the export service is. Set c.EpoExportExtension.service_url in "
            "jupyter_server_config.py, or EPO_EXPORT_URL in the lab's environment, and restart the lab."
        )
    try:
        return trusted_origin(address, environ)
    except UntrustedOriginError as error:
        raise _untrusted(error) from None


def _untrusted(error: UntrustedOriginError) -> ServiceUntrusted:
    match error.why:
        case "not_an_origin":
            return ServiceUntrusted(
                "The address of the export service is not of the form https://host, so nothing was sent to it. Correct "
                "c.EpoExportExtension.service_url, or EPO_EXPORT_URL, and restart the lab."
            )
        case "not_https":
            return ServiceUntrusted(
                f"The export service's address, {error.origin}, is not https, and your RSP token goes nowhere "
                "unencrypted. Nothing was sent. Correct c.EpoExportExtension.service_url, or EPO_EXPORT_URL, and "
                "restart the lab."
            )
        case "another_host":
            return ServiceUntrusted(
                f"The export service's address, {error.origin}, is not on this RSP's own host (EXTERNAL_INSTANCE_URL), "
                "the only one that your RSP token may go to. Nothing was sent. Correct "
                "c.EpoExportExtension.service_url, or EPO_EXPORT_URL, and restart the lab."
            )
