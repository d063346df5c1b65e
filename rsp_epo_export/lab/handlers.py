"""HTTP into calls and back. ``docs/lab-routes.md`` says what each route answers."""

from __future__ import annotations

__all__ = ("handlers",)

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base_handler import LabHandler
from .butler import ButlerService
from .errors import BadRequest, TooLarge
from .operations import Operations
from .removal import RemovalService
from .service import Request, ServiceClient
from .status import StatusService

ROOT = "rsp-epo-export"
_FORWARD_ROOT = f"/{ROOT}/service/"
_LONGEST_NAME = 1024
_MOST_PREFIXES = 20
_LARGEST_PAGE = 1000


class StatusHandler(LabHandler):
    """``GET status``."""

    def initialize(self, status: StatusService) -> None:
        self._status = status

    @web.authenticated
    @authorized
    async def get(self) -> None:
        await self.answer(self._status.status())


class ButlerHandler(LabHandler):
    """What the ``butler/…`` routes share."""

    def initialize(self, butler: ButlerService) -> None:
        self._butler = butler

    def name(self, parameter: str) -> str:
        """A name that the request must give."""
        values = self.values(parameter)
        if len(values) != 1 or not 0 < len(values[0]) <= _LONGEST_NAME:
            raise BadRequest(f"The request needs one {parameter}, of at most {_LONGEST_NAME} characters.")
        return values[0]


class RepositoriesHandler(ButlerHandler):
    """``GET butler/repositories``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        await self.answer(self._butler.repositories())


class CollectionsHandler(ButlerHandler):
    """``GET butler/collections``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        prefixes = self.values("count_prefix")
        if len(prefixes) > _MOST_PREFIXES or not all(0 < len(prefix) <= _LONGEST_NAME for prefix in prefixes):
            raise BadRequest(f"The request may have at most {_MOST_PREFIXES} count_prefix, none of them empty.")
        await self.answer(self._butler.collections(self.name("repository"), prefixes))


class DatasetsHandler(ButlerHandler):
    """``GET butler/datasets``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        after = self.name("after") if self.values("after") else None
        await self.answer(
            self._butler.datasets(
                self.name("repository"), self.name("run"), self.name("dataset_type"), self._limit(), after
            )
        )

    def _limit(self) -> int:
        text = self.name("limit") if self.values("limit") else "100"
        # Python's int() takes more than digits; a number of a thousand digits is none of them.
        limit = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
        if not 1 <= limit <= _LARGEST_PAGE:
            raise BadRequest(f"The limit is a number from 1 to {_LARGEST_PAGE}.")
        return limit


class ImageHandler(ButlerHandler):
    """``GET butler/image``."""

    @property
    def content_security_policy(self) -> str:
        # Whoever opens the address of a PI's file in a tab gets it in an origin of its own.
        return f"{super().content_security_policy}; sandbox"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        try:
            dataset = str(UUID(self.name("id")))
        except ValueError:
            raise BadRequest("The id of a dataset is a UUID.") from None
        image = await self.work(self._butler.image(self.name("repository"), dataset))
        if image is None:
            return
        self.set_header("Cache-Control", "private, max-age=3600, immutable")
        # Other hosts of the platform are the same site as the lab, but have no business with the PI's pictures.
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.finish(image.data, set_content_type=image.media_type)


class RemovalHandler(LabHandler):
    """``GET|POST butler/removal``."""

    def initialize(self, removal: RemovalService) -> None:
        self._removal = removal

    @web.authenticated
    @authorized
    async def get(self) -> None:
        given = {name: self.values(name) for name in ("repository", "export_id")}
        await self.answer(
            self._removal.plan(*_removal_of({name: values[0] for name, values in given.items() if len(values) == 1}))
        )

    @web.authenticated
    @authorized
    async def post(self) -> None:
        match self.get_json_body():
            case {"plan": str(plan), **others}:
                await self.answer(self._removal.remove(*_removal_of(others), plan))
            case _:
                raise BadRequest("The body has a plan, as the GET of this route gave it.")


def _removal_of(given: object) -> tuple[str, str]:
    """The repository and the export that a request is about."""
    match given:
        case {"repository": str(repository), "export_id": str(export_id)} if 0 < len(repository) <= _LONGEST_NAME:
            try:
                return repository, str(UUID(export_id))
            except ValueError:
                pass
    raise BadRequest("The request needs one repository and one export_id, which is a UUID.")


class ServiceHandler(LabHandler):
    """``GET|POST|DELETE service/…``."""

    def initialize(self, service: ServiceClient, operations: Operations, largest_body: int) -> None:
        self._service = service
        self._operations = operations
        self._largest_body = largest_body

    @web.authenticated
    @authorized
    async def get(self) -> None:
        await self.work(self._forward())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        await self.work(self._forward())

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        await self.work(self._forward())

    # The contract has none of the next two, which the panel is told in the words of a forwarded request. Each is a
    # function of its own, because `authorized` keeps what it first found to be the method.

    @web.authenticated
    @authorized
    async def put(self) -> None:
        await self.work(self._forward())

    @web.authenticated
    @authorized
    async def patch(self) -> None:
        await self.work(self._forward())

    async def _forward(self) -> None:
        async with self._service.forward(self._request()) as answer:
            self.set_status(answer.status)
            for name, value in answer.headers.items():
                self.set_header(name, value)
            if answer.content_type is None:
                self.finish()
                return
            self.set_header("Content-Type", answer.content_type)
            # From here on the answer has begun, and its headers stand.
            await self.flush()
            async for chunk in answer.body:
                self.write(chunk)
                # Waits for the browser, so that a slow reader fills no memory here.
                await self.flush()
        self.finish(set_content_type=answer.content_type)

    def _request(self) -> Request:
        path = self.request.path.partition(_FORWARD_ROOT)[2]
        operation = self._operations.find(str(self.request.method), path)
        body = self.request.body
        if len(body) > self._largest_body:
            raise TooLarge(
                f"The request has {len(body)} bytes, and at most {self._largest_body} are sent to the export service. "
                "Nothing was sent. Submit fewer collections at once."
            )
        try:
            sent = parse_qsl(self.request.query, keep_blank_values=True, errors="strict")
        except ValueError:
            raise BadRequest("The address of the request is not UTF-8. Nothing was sent.") from None
        # The rest is the lab's own: its login token, `no_track_activity`, the cache-buster.
        query = [(name, value) for name, value in sent if name in operation.query]
        headers = {name.lower(): value for name, value in self.request.headers.items()}
        if not body:
            headers.pop("content-type", None)  # JupyterLab names one even so, and the service misses the JSON.
        return Request(operation, path, query, headers, body)


class NothingHandler(LabHandler):
    """Whatever else is below the extension's routes."""

    @web.authenticated
    async def get(self) -> None:
        raise web.HTTPError(404)

    post = put = patch = delete = get


def handlers(
    status: StatusService, butler: ButlerService, removal: RemovalService, service: ServiceClient, largest_body: int
) -> list[tuple[str, type[LabHandler], dict[str, Any]]]:
    """The extension's routes: pattern, handler and what the handler needs."""
    forwarding = {"service": service, "operations": Operations.of_the_contract(), "largest_body": largest_body}
    return [
        (f"{ROOT}/status", StatusHandler, {"status": status}),
        (f"{ROOT}/butler/repositories", RepositoriesHandler, {"butler": butler}),
        (f"{ROOT}/butler/collections", CollectionsHandler, {"butler": butler}),
        (f"{ROOT}/butler/datasets", DatasetsHandler, {"butler": butler}),
        (f"{ROOT}/butler/image", ImageHandler, {"butler": butler}),
        (f"{ROOT}/butler/removal", RemovalHandler, {"removal": removal}),
        (f"{ROOT}/service/.*", ServiceHandler, forwarding),
        (f"{ROOT}/.*", NothingHandler, {}),
    ]
