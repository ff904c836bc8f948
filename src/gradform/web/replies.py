"""Responses in JSON, and refusals in the language of who asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from gradform.language import Message, matching

__all__ = ["language_of", "refusal", "respond"]

_PLACES = ("line", "column", "start", "end", "variables")


def respond(status: int, content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that is not to be stored by anyone."""
    fields = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content, status, fields, media_type="application/json")


def refusal(
    status: int,
    kind: str,
    message: Message,
    scope: Scope,
    *,
    hint: Message | None = None,
    language: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error of the server itself, in the shape of all errors."""
    spoken = language or language_of(scope)
    places: Mapping[str, Any] = dict.fromkeys(_PLACES)
    told = None if hint is None else hint.told(spoken)
    told_error = {"kind": kind, "message": message.told(spoken), "hint": told, **places}
    error = {**told_error, "replacements": []}
    return respond(status, json.dumps({"error": error}, ensure_ascii=False).encode(), headers)


def language_of(scope: Scope) -> str:
    """The first language of the browser that is spoken here."""
    accepted = Headers(scope=scope).get("accept-language", "")
    for wanted in accepted[:200].split(","):
        found = matching(wanted.partition(";")[0])
        if found is not None:
            return found
    return "en"
