"""The application: what is served at which address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gradform.errors import GradformError
from gradform.web.answers import ANSWERS
from gradform.web.answers.failure import failure
from gradform.web.assets import Asset, page_assets

__all__ = ["application"]


def application() -> Starlette:
    """The page at ``/``, its files below ``/static/``, the API below ``/api/v1/``."""
    assets = page_assets()

    async def page(request: Request) -> Response:
        return _file(assets, "index.html", request)

    async def static(request: Request) -> Response:
        return _file(assets, request.path_params["path"], request)

    async def ask(request: Request) -> Response:
        body = json.loads(await request.body())
        return await run_in_threadpool(_answer, request.path_params["name"], body)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/static/{path:path}", static),
            Route("/api/v1/{name}", ask, methods=["POST"]),
        ]
    )


def _answer(name: str, body: Mapping[str, Any]) -> Response:
    if name not in ANSWERS:
        return JSONResponse({"error": {"kind": "not_found", "message": name}}, 404)
    try:
        return JSONResponse(ANSWERS[name](body))
    except GradformError as error:
        return JSONResponse(failure(error), 422)


_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def _file(assets: Mapping[str, Asset], path: str, request: Request) -> Response:
    asset = assets.get(path)
    if asset is None:
        return Response("not found", 404)
    headers = {**_HEADERS, "ETag": asset.etag}
    if request.headers.get("If-None-Match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
