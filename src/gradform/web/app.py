"""The application: what is served at which address."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gradform.language import Message, say
from gradform.version import __version__
from gradform.web.assets import Assets
from gradform.web.bodies import Unfit, read_body
from gradform.web.desk import Desk
from gradform.web.limits import LIMITS, ServerLimits
from gradform.web.replies import language_of, refusal, respond
from gradform.web.schema.endpoints import ENDPOINTS, Endpoint
from gradform.web.schema.openapi import description
from gradform.web.security import Guard
from gradform.web.workers import Busy

__all__ = ["application"]

_API = "/api/v1"
_ERRORS_AS_ANSWERS = "errors=200"

Handler = Callable[[Request], Awaitable[Response]]


def application(names: Collection[str] = (), limits: ServerLimits = LIMITS) -> Starlette:
    """The page at ``/``, its files below ``/static/``, the API below ``/api/v1/``.

    ``names`` are host names that it is reached by, besides localhost and addresses.
    """
    desk = Desk(limits)
    assets = Assets.of_page()

    @asynccontextmanager
    async def workers(_: Starlette) -> AsyncIterator[None]:
        await desk.pool.start()
        try:
            yield
        finally:
            await desk.pool.stop()

    asked = [
        Route(f"{_API}/{name}", _question(desk, name, endpoint), methods=["POST"])
        for name, endpoint in ENDPOINTS.items()
    ]
    return Starlette(
        routes=[*asked, *_facts(desk, assets), *_files(assets)],
        middleware=[Middleware(Guard, names=names)],
        exception_handlers={404: _not_found, 405: _not_allowed},
        lifespan=workers,
    )


# ---------------------------------------------------------------- questions


def _question(desk: Desk, name: str, endpoint: Endpoint) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            body = await read_body(request, endpoint)
        except Unfit as unfit:
            return unfit.response
        return await _asked(desk, name, body, request)

    return answer


async def _asked(desk: Desk, name: str, body: Mapping[str, Any], request: Request) -> Response:
    """The answer of a worker, unless the client has gone before."""
    language = str(body.get("language", "en"))
    asking = asyncio.ensure_future(desk.ask(name, body))
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait([asking, gone], return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            return Response(status_code=499)  # nobody reads it
        reply = asking.result()
    except Busy as busy:
        text = say("The server is busy. Please try again in a moment.")
        again = {"Retry-After": str(busy.seconds)}
        return refusal(503, "busy", text, request.scope, language=language, headers=again)
    finally:
        asking.cancel()
        gone.cancel()
    status, applied = _preferred(reply.status, request)
    if reply.kind:
        text = _FAILURES[reply.kind]
        scope = request.scope
        return refusal(status, reply.kind, text, scope, language=language, headers=applied)
    return respond(status, reply.content, applied)


def _preferred(status: int, request: Request) -> tuple[int, Mapping[str, str]]:
    """A page that asks while people type counts on text that is no formula yet: for it that is
    an answer, which browsers don't report as a failure (RFC 7240)."""
    if status == 422 and _ERRORS_AS_ANSWERS in request.headers.get("prefer", ""):
        return 200, {"Preference-Applied": _ERRORS_AS_ANSWERS}
    return status, {}


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


_FAILURES: Mapping[str, Message] = {
    "time_limit": say(
        "This took longer than the {seconds} seconds that the server gives a question.",
        seconds=f"{LIMITS.seconds:g}",
    ),
    "stopped": say("The computation was stopped; it may have needed too much memory."),
}


# ---------------------------------------------------------------- facts and files


def _facts(desk: Desk, assets: Assets) -> list[BaseRoute]:
    """What is asked by GET."""
    described = json.dumps(description(), ensure_ascii=False).encode()
    catalogues = Assets.of_catalogues()
    healthy = json.dumps({"status": "ok", "version": __version__}).encode()

    async def openapi(_: Request) -> Response:
        return respond(200, described)

    async def health(_: Request) -> Response:
        return respond(200, healthy)

    async def vocabulary(request: Request) -> Response:
        return await _asked(desk, "vocabulary", {"language": language_of(request.scope)}, request)

    async def examples(request: Request) -> Response:
        return assets.response("examples.json", request)

    async def texts(request: Request) -> Response:
        return catalogues.response(f"{request.path_params['language']}.json", request)

    return [
        Route(f"{_API}/openapi.json", openapi),
        Route(f"{_API}/health", health),
        Route(f"{_API}/vocabulary", vocabulary),
        Route(f"{_API}/examples", examples),
        Route(f"{_API}/texts/{{language}}", texts),
    ]


def _files(assets: Assets) -> list[BaseRoute]:
    async def page(request: Request) -> Response:
        return assets.response("index.html", request)

    async def static(request: Request) -> Response:
        return assets.response(request.path_params["path"], request)

    return [Route("/", page), Route("/static/{path:path}", static)]


async def _not_found(request: Request, _: Exception) -> Response:
    return refusal(404, "not_found", say("There is nothing at this address."), request.scope)


async def _not_allowed(request: Request, error: Exception) -> Response:
    allowed: Mapping[str, str] = getattr(error, "headers", None) or {}
    text = say("This address does not take {method}.", method=request.method[:20])
    return refusal(405, "method", text, request.scope, headers=allowed)
