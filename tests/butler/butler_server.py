"""Serve a repository as the RSP does: daf_butler's own server, as a program on loopback.

``butler_server.py REPOSITORY PORT TOKEN``. What is real: the server's routes, queries and serialization, and whatever
talks HTTP with it. What stands in:

- for Safir, of which the server takes its logger and its metadata, and which needs a newer Python than this package:
  the names that the server imports, doing nothing else;
- for Gafaelfawr: a check that what needs a token comes with TOKEN;
- for the object store that signs URLs: URLs signed here, which serve a file as S3 does. They take GET alone, Range too,
  and refuse a request with an ``Authorization`` header.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sys
import types
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from lsst.resources.file import FileResourcePath

LABEL = "public"
_KEY = secrets.token_bytes(16)


def main(repository: str, port: int, token: str) -> None:
    _stand_in_for_safir()
    _sign_urls(f"http://127.0.0.1:{port}")
    app = _butler_server(repository)
    _add_gateway(app, token)
    _add_object_store(app)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _stand_in_for_safir() -> None:
    def module(name: str, **names: Any) -> None:
        made = types.ModuleType(name)
        made.__dict__.update(names)
        sys.modules[name] = made
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, made)

    async def delegated_token() -> str:
        return "delegated"

    async def logger() -> Any:
        return structlog.get_logger()

    module("safir")
    module("safir.dependencies")
    module("safir.dependencies.gafaelfawr", auth_delegated_token_dependency=delegated_token)
    module("safir.dependencies.logger", logger_dependency=logger)
    module("safir.logging", configure_logging=lambda **_: None, configure_uvicorn_logging=lambda: None)
    module("safir.metadata", Metadata=dict, get_metadata=lambda **_: {})


def _butler_server(repository: str) -> FastAPI:
    os.environ |= {
        "DAF_BUTLER_SERVER_REPOSITORIES": json.dumps({LABEL: {"config_uri": repository, "authorized_groups": ["*"]}}),
        "DAF_BUTLER_SERVER_GAFAELFAWR_URL": "DISABLED",
        "DAF_BUTLER_SERVER_AUTHENTICATION": "rubin_science_platform",
    }
    from lsst.daf.butler.remote_butler.server import create_app

    return create_app()


def _add_gateway(app: FastAPI, token: str) -> None:
    @app.middleware("http")
    async def check(request: Request, call_next: Any) -> Response:
        path = request.url.path
        is_open = path.startswith("/signed/") or path.endswith(("/butler.yaml", "/butler.json"))
        if not is_open and request.headers.get("authorization") != f"Bearer {token}":
            return Response(status_code=401)
        return await call_next(request)


def _sign_urls(origin: str) -> None:
    def sign(self: FileResourcePath, *, expiration_time_seconds: int) -> str:
        path = self.ospath
        return f"{origin}/signed/{quote(path.lstrip('/'))}?Signature={_signature(path)}&Expires=4102444800"

    FileResourcePath.generate_presigned_get_url = sign


def _signature(path: str) -> str:
    return hmac.new(_KEY, path.encode(), hashlib.sha256).hexdigest()


def _add_object_store(app: FastAPI) -> None:
    @app.api_route("/signed/{path:path}", methods=["GET"])
    def get(path: str, request: Request) -> Response:
        if "authorization" in request.headers:
            return Response(status_code=400)
        if request.query_params.get("Signature") != _signature(f"/{path}"):
            return Response(status_code=403)
        if not Path(f"/{path}").is_file():
            return Response(status_code=404)
        return FileResponse(f"/{path}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
