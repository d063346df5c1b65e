"""A stand-in for the export service, for what the real one cannot be made to do.

It answers every request with what the test put into `answer`, and keeps what it was sent.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Exchange(BaseHTTPRequestHandler):
    """One request. Tests answer it by `reply`, or by hand."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        size = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        service = self.server.service
        service.received.append(Received(self.command, self.path, headers, self.rfile.read(size)))
        service.answer(self)

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815 (the library's names)

    def reply(self, status: int, body: Any = b"", **headers: str) -> None:
        """Send a whole answer. What is not bytes goes as JSON; names of headers have `_` for `-`."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if not isinstance(body, bytes):
            headers.setdefault("content_type", "application/json")
        for name, value in {**headers, "content_length": str(len(data))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def wait_until_left(self) -> None:
        """Wait until the other side closes the connection, and note it."""
        self.close_connection = True
        if not self.connection.recv(1):
            self.server.service.left.set()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    service: StandInService


class StandInService:
    """The running stand-in. A context manager."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.left = threading.Event()
        self.arrived = threading.Event()
        self.answer: Callable[[Exchange], None] = lambda exchange: exchange.reply(200, {"username": "alien"})
        self._server = _Server(("127.0.0.1", 0), Exchange)
        self._server.service = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> StandInService:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
