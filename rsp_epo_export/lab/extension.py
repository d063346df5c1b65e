"""The server extension: its settings, and the one place that wires its parts."""

from __future__ import annotations

__all__ = ("EpoExportExtension",)

import asyncio
import os

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from traitlets import Dict, Float, Integer, List, Unicode

from ..platform.discovery import Discovery
from ..platform.places import ServicePlace
from .bridge_client import Timeouts
from .bridge_command import bridge_command
from .bridge_pool import BridgePool
from .butler import ButlerService
from .handlers import ROOT, handlers
from .removal import RemovalService
from .rsp_token import read_token
from .service import ServiceClient
from .service_url import service_place
from .status import StatusService


class EpoExportExtension(ExtensionApp):
    """From a Butler collection to a public Zooniverse manifest: what the panel asks the lab for."""

    name = "rsp_epo_export"

    butler_command = List(
        Unicode(),
        help="""The command of a Python interpreter that has lsst.daf.butler and rsp_epo_export, such as
        ["/path/to/python"]. Empty, as by default: the lab's own Python if it has the Butler, else the one of the
        RSP image's science stack.""",
    ).tag(config=True)

    butler_start_timeout = Float(
        120.0, min=0.1, help="Seconds that the Butler may take to start. The stack is slow on a cold file system."
    ).tag(config=True)

    butler_timeout = Float(
        60.0, min=0.1, help="Seconds of silence after which a request to the Butler is given up."
    ).tag(config=True)

    butler_idle_timeout = Float(
        600.0, min=0.1, help="Seconds without a request after which the Butler of a repository is ended."
    ).tag(config=True)

    repositories = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="""Butler repositories beside those that EPO_EXPORT_REPOSITORIES, the RSP's discovery and
        DAF_BUTLER_REPOSITORY_INDEX name, such as the PI's own: label to path or URI.""",
    ).tag(config=True)

    service_url = Unicode(
        help="""The origin of the EPO export service, such as https://data.lsst.cloud: this RSP's own host by https, or
        loopback. Empty, as by default: EPO_EXPORT_URL from the environment, else what the RSP's discovery says, else
        EXTERNAL_INSTANCE_URL."""
    ).tag(config=True)

    service_timeout = Float(
        30.0, min=0.1, help="Seconds to wait for an answer of the EPO export service, and for each piece of it."
    ).tag(config=True)

    service_largest_body = Integer(
        1024 * 1024, min=1, help="The largest body, in bytes, that is sent to the EPO export service."
    ).tag(config=True)

    token_file = Unicode(
        help="""A file that holds the PI's RSP token, for a place that is no RSP. Empty, as by default: where the RSP
        puts it."""
    ).tag(config=True)

    def initialize_handlers(self) -> None:
        """Wire the parts and add the routes."""
        self._pool = BridgePool(
            lambda repository: bridge_command(self.butler_command, repository),
            Timeouts(start=self.butler_start_timeout, silence=self.butler_timeout),
            self.butler_idle_timeout,
            self.log,
        )
        self._discovery = Discovery(os.environ)
        self._service = ServiceClient(
            self._find_service,
            lambda: read_token(self.token_file, os.environ),
            self.service_timeout,
            self._location,
        )
        butler = ButlerService(self._pool, self.repositories, os.environ, self._discovery)
        status = StatusService(butler, self._service, os.environ.get("JUPYTERHUB_USER"))
        removal = RemovalService(butler, self._service, self.log)
        self.handlers.extend(handlers(status, butler, removal, self._service, self.service_largest_body))

    async def stop_extension(self) -> None:
        """End the bridges and give the connections back, before the lab ends."""
        await self._pool.close()
        await self._service.close()

    async def end_bridges(self) -> None:
        """End the bridges that run. Others start with the next requests."""
        await self._pool.end_all()

    def bridge_pids(self) -> dict[str | None, int]:
        """The process ids of the bridges that run, by the URI of their repository, for who looks after the lab."""
        return self._pool.pids()

    async def _find_service(self) -> ServicePlace:
        # In a thread, since Repertoire may have to be asked, and the lab must go on answering meanwhile.
        return await asyncio.to_thread(service_place, self.service_url, os.environ, self._discovery)

    def _location(self, path: str) -> str:
        assert self.serverapp is not None  # There is one whenever there are routes.
        return str(url_path_join(self.serverapp.base_url, ROOT, "service", path))
