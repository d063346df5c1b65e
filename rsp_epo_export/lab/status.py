"""Whether the lab's two ways, to the Butler and to the service, are open."""

from __future__ import annotations

__all__ = ("StatusService",)

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from .bridge_client import Json
from .butler import ButlerService
from .errors import LabError, ServiceTimeout
from .service import ServiceClient

_PATIENCE = 2.5
_T = TypeVar("_T")


class StatusService:
    """Tells what works, quickly, whatever is broken.

    Parameters
    ----------
    butler, service
        The two ways.
    hub_user
        The lab's user by JupyterHub's word, for when the service cannot be asked.
    """

    def __init__(self, butler: ButlerService, service: ServiceClient, hub_user: str | None) -> None:
        self._butler = butler
        self._service = service
        self._hub_user = hub_user

    async def status(self) -> Json:
        """The status, as ``docs/lab-routes.md`` says."""
        (_, butler_error), (user, service_error) = await asyncio.gather(
            _outcome(self._butler.check(_PATIENCE)), _outcome(self._whoami())
        )
        return {
            "butler": {"ok": butler_error is None, "error": butler_error},
            "service": {"ok": service_error is None, **await self._place(), "error": service_error},
            "user": user or self._hub_user,
        }

    async def _whoami(self) -> str:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._service.whoami()
        except TimeoutError:
            raise ServiceTimeout(
                f"The export service did not answer within {_PATIENCE:g} seconds. It may be slow just now: try again."
            ) from None

    async def _place(self) -> Json:
        try:
            async with asyncio.timeout(_PATIENCE):
                place = await self._service.place()
        except (LabError, TimeoutError):
            return {"url": None, "source": None}
        return {"url": place.origin, "source": place.source}


async def _outcome(work: Awaitable[_T]) -> tuple[_T | None, Json | None]:
    try:
        return await work, None
    except LabError as error:
        return None, {"type": error.detail[0]["type"], "msg": error.msg}
