"""From the bytes of a request to a JSON value that fits its schema."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gradform.language import languages, say
from gradform.web.limits import LIMITS
from gradform.web.replies import language_of, refusal
from gradform.web.schema.endpoints import Endpoint
from gradform.web.schema.validation import misfit
from gradform.web.security import is_json

__all__ = ["Unfit", "read_body"]


class Unfit(Exception):
    """The body cannot be used; ``response`` says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


async def read_body(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """The body of a question. Raises Unfit for one that is none."""
    if not is_json(request.headers):
        text = say("The body has to be JSON, with Content-Type application/json.")
        raise Unfit(refusal(415, "content_type", text, request.scope))
    try:
        async with asyncio.timeout(LIMITS.arriving):
            content = await _content(request, endpoint.most)
    except TimeoutError:
        text = say("The question did not arrive in time.")
        raise Unfit(refusal(408, "slow_request", text, request.scope)) from None
    return _fitting(request, content, endpoint)


async def _content(request: Request, most: int) -> bytes:
    """All bytes, or Unfit as soon as they are too many."""
    declared = request.headers.get("content-length", "0")
    parts: list[bytes] = []
    size = int(declared) if declared.isdecimal() else 0
    if size <= most:
        size = 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > most:
                break
    if size > most:
        text = say("The question is too large: at most {most:,} bytes.", most=most)
        raise Unfit(refusal(413, "too_large", text, request.scope))
    return b"".join(parts)


def _fitting(request: Request, content: bytes, endpoint: Endpoint) -> dict[str, Any]:
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        text = say("The body is not JSON.")
        raise Unfit(refusal(400, "bad_json", text, request.scope)) from None
    wrong = misfit(found, endpoint.body)
    if wrong is None:
        asked: dict[str, Any] = found
        return asked
    text = say("{pointer}: {message}", pointer=wrong.pointer or "/", message=wrong.message)
    raise Unfit(refusal(400, "bad_field", text, request.scope, language=_language(found, request)))


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")


def _language(found: Any, request: Request) -> str:
    asked = found.get("language") if isinstance(found, dict) else None
    return asked if asked in languages() else language_of(request.scope)
