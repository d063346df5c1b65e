"""The lab's server extension: what lets the panel reach the Butler and the export service.

It runs in JupyterLab's own Python, which has no Butler, so it imports nothing of ``lsst``. ``docs/lab-routes.md`` says
what it answers, ``docs/bridge.md`` how it speaks with the Butler, and ``docs/decisions/0005-forwarding.md`` what it
forwards to the service, and why so.
"""

from __future__ import annotations

__all__ = ()

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Imported here, so that who imports this package for one of its modules needs no Jupyter server.
    from .extension import EpoExportExtension

    return [{"module": "rsp_epo_export.lab.extension", "app": EpoExportExtension}]
