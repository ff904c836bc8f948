"""What the questions take: JSON Schemas of the bodies."""

from __future__ import annotations

from collections.abc import Mapping

from gradform.language import languages
from gradform.notation.layout import LAYOUTS
from gradform.web.schema.validation import Schema

__all__ = ["ARRAY", "DERIVATIONS", "KINDS", "QUESTION", "TARGETS", "object_of", "question"]

KINDS = ("scalar", "column", "row", "matrix")
DERIVATIONS = ("chain", "differential", "componentwise")
TARGETS = (
    "latex", "markdown", "numpy", "native", "jax", "torch", "dask", "julia", "matlab", "c",
)  # fmt: skip

_NUMBER: Schema = {"type": "number"}
_VECTOR: Schema = {"type": "array", "items": _NUMBER}
ARRAY: Schema = {"anyOf": [_NUMBER, _VECTOR, {"type": "array", "items": _VECTOR}]}

_LARGEST_SIZE = 1_000_000
_NAME: Schema = {"type": "string", "maxLength": 100}
_SIZE: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": _LARGEST_SIZE},
        {"type": "string", "maxLength": 50, "pattern": r"^[A-Za-z0-9_+*() -]+$", "examples": ["n"]},
    ]
}


Fields = Mapping[str, Schema]


def object_of(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


VARIABLE: Schema = object_of(
    {
        "shape": {
            "type": "array",
            "items": _SIZE,
            "maxItems": 2,
            "description": '[] scalar, ["n"] column, [1, "n"] row, ["m", "n"] matrix',
        },
    },
    {
        "kind": {"enum": list(KINDS), "description": "What the shape says in one word"},
        "structures": {"type": "array", "items": _NAME, "maxItems": 8, "examples": [["symmetric"]]},
    },
)

_FIELDS: Fields = {
    "wrt": {
        "type": ["string", "null"],
        "maxLength": 200,
        "description": "The variable: x, x', x(2). Without it the first vector or matrix",
    },
    "order": {"enum": [1, 2], "default": 1},
    "layout": {"enum": list(LAYOUTS), "default": "ml"},
    "variables": {
        "type": "object",
        "additionalProperties": VARIABLE,
        "maxProperties": 100,
        "description": "By name; the shape of others is inferred from their letter",
    },
    "language": {"enum": list(languages()), "default": "en", "description": "Of all words"},
}
_FORMULA: Schema = {
    "type": "string",
    "description": "The function; at most 4,000 characters, 1,000 tokens, 100 brackets deep",
    "examples": ["norm2(A*x-y)^2"],
}


def question(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
    """A formula with its declarations, and what else a question takes."""
    return object_of({"formula": _FORMULA, **required}, {**_FIELDS, **(optional or {})})


QUESTION: Schema = question({})
