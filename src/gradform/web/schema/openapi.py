"""The description of the API, OpenAPI 3.1, made of the records that the server works by."""

from __future__ import annotations

from typing import Any

from gradform.language import languages
from gradform.version import __version__
from gradform.web.schema.answers import ERROR, VOCABULARY
from gradform.web.schema.endpoints import ENDPOINTS, Endpoint
from gradform.web.schema.validation import Schema

__all__ = ["description"]

_JSON = "application/json"
_REFUSALS = {
    400: "The body is no JSON, or a field does not fit",
    403: "Not from this page: another Host or Origin",
    404: "There is nothing at this address",
    408: "The body did not arrive in time",
    413: "The body is too large",
    415: "The body is not application/json",
    422: "The formula is not well formed, or has no answer here; kind says why",
    503: "Too busy; ask again after Retry-After seconds",
}


def description() -> dict[str, Any]:
    """The document at ``/api/v1/openapi.json``."""
    asked = {f"/api/v1/{name}": {"post": _asked(name, each)} for name, each in ENDPOINTS.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gradform",
            "version": __version__,
            "description": "Certified derivatives of functions of scalars, vectors and matrices",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {
            **asked,
            "/api/v1/vocabulary": _told("vocabulary", "What can be written", VOCABULARY),
            "/api/v1/examples": _told("examples", "Formulas by topic", {}),
            "/api/v1/texts/{language}": _texts(),
            "/api/v1/health": _told("health", "Whether the server is there", _HEALTH),
            "/api/v1/openapi.json": _told("openapi", "This description", {"type": "object"}),
        },
        "components": {
            "schemas": {"Error": ERROR},
            "responses": {str(status): _refusal(status) for status in _REFUSALS},
        },
    }


_HEALTH: Schema = {
    "type": "object",
    "properties": {"status": {"const": "ok"}, "version": {"type": "string"}},
    "required": ["status", "version"],
}


_PREFER: dict[str, Any] = {
    "name": "Prefer",
    "in": "header",
    "schema": {"type": "string"},
    "description": "errors=200: what is else refused with status 422 comes with status 200",
}
_LANGUAGE: dict[str, Any] = {
    "name": "language",
    "in": "path",
    "required": True,
    "schema": {"enum": list(languages())},
}


def _texts() -> dict[str, Any]:
    schema: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
    told = _told("texts", "All texts in a language, by their English templates", schema)
    told["get"]["parameters"] = [_LANGUAGE]
    return told


def _asked(name: str, endpoint: Endpoint) -> dict[str, Any]:
    answer = {"anyOf": [endpoint.answer, {"$ref": "#/components/schemas/Error"}]}
    body = {"schema": endpoint.body, "examples": {"example": {"value": endpoint.example}}}
    refusals = {str(status): _refused(status) for status in _REFUSALS if status != 404}
    return {
        "operationId": name,
        "summary": endpoint.summary,
        "description": f"A body has at most {endpoint.most:,} bytes.",
        "parameters": [_PREFER],
        "requestBody": {"required": True, "content": {_JSON: body}},
        "responses": {"200": _response("The answer", answer), **refusals},
    }


def _told(name: str, summary: str, schema: Schema) -> dict[str, Any]:
    responses = {
        "200": _response(summary, schema),
        **{str(status): _refused(status) for status in (403, 404, 503)},
    }
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}


def _response(summary: str, schema: Schema) -> dict[str, Any]:
    return {"description": summary, "content": {_JSON: {"schema": schema}}}


def _refused(status: int) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/{status}"}


def _refusal(status: int) -> dict[str, Any]:
    found = _response(_REFUSALS[status], {"$ref": "#/components/schemas/Error"})
    if status == 503:
        wait = {"description": "Seconds", "required": True, "schema": {"type": "integer"}}
        found["headers"] = {"Retry-After": wait}
    return found
