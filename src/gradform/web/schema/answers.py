"""What the answers hold: JSON Schemas of what is sent."""

from __future__ import annotations

from gradform.notation.layout import LAYOUTS
from gradform.web.schema.questions import DERIVATIONS, KINDS, TARGETS, object_of
from gradform.web.schema.validation import Schema

__all__ = [
    "CODE",
    "DERIVATION",
    "DERIVATIVE",
    "ERROR",
    "EVALUATION",
    "GRAPH",
    "PLOT",
    "SUBDIFFERENTIAL",
    "VOCABULARY",
]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MAYBE_PLACE: Schema = {"type": ["integer", "null"], "minimum": 0}
_NUMBER: Schema = {"type": "number"}
_SHAPE: Schema = {"type": "array", "items": {"type": ["string", "integer"]}}

_ASKED: Schema = object_of(
    {
        "formula": _TEXT,
        "wrt": _TEXT,
        "order": {"enum": [1, 2]},
        "layout": {"enum": list(LAYOUTS)},
    }
)
_VARIABLES: Schema = {
    "type": "array",
    "items": object_of(
        {
            "name": _TEXT,
            "latex": _TEXT,
            "kind": {"enum": [*KINDS, None], "description": "null: to be declared"},
            "shape": _SHAPE,
            "structures": _TEXTS,
            "inferred": {"type": "boolean"},
        }
    ),
}
_CERTIFICATE: Schema = object_of(
    {
        "points": _COUNT,
        "sizes": {"type": "array", "items": {"type": "object", "additionalProperties": _COUNT}},
        "worst_error": _NUMBER,
        "tolerance": _NUMBER,
        "method": _TEXT,
        "checked": _TEXTS,
        "text": _TEXT,
    }
)

DERIVATIVE: Schema = object_of(
    {
        "question": _ASKED,
        "function": object_of({"latex": _TEXT, "equation_latex": _TEXT, "unicode": _TEXT}),
        "variables": _VARIABLES,
        "answer": object_of(
            {
                "text": _TEXT,
                "unicode": _TEXT,
                "latex": _TEXT,
                "quotient": _TEXT,
                "quotient_latex": _TEXT,
                "equation_latex": _TEXT,
                "shape": _SHAPE,
            }
        ),
        "certificate": _CERTIFICATE,
        "conditions": _TEXTS,
        "kinks": _TEXTS,
        "notes": _TEXTS,
        "forms": object_of(
            {
                "index": _TEXT,
                "index_latex": _TEXT,
                "differential": _TEXT,
                "kronecker": _MAYBE_TEXT,
            }
        ),
    }
)

DERIVATION: Schema = object_of(
    {
        "kind": {"enum": list(DERIVATIONS)},
        "heading": _TEXT,
        "steps": {
            "type": "array",
            "items": object_of(
                {
                    "kind": _TEXT,
                    "title": _TEXT,
                    "reason": _TEXT,
                    "latex": _TEXT,
                    "text": _TEXT,
                    "unicode": _TEXT,
                }
            ),
        },
        "checked": {**_COUNT, "description": "Equations that were confirmed at random points"},
        "worst_error": _NUMBER,
        "latex": _TEXT,
        "markdown": _TEXT,
        "text": _TEXT,
    }
)

_UNSTYLED: Schema = {
    "type": "string",
    "description": "With classes, for pages that hold their rules: /static/pictures.css",
}
_STYLED: Schema = {"type": "string", "description": "With its own rules"}

GRAPH: Schema = object_of(
    {
        "svg": _UNSTYLED,
        "file": _STYLED,
        "dot": _TEXT,
        "paths": {
            "type": "array",
            "items": object_of({"text": _TEXT, "unicode": _TEXT, "latex": _TEXT}),
        },
        "path_count": {**_COUNT, "description": "May be larger than the number of those listed"},
    }
)

PLOT: Schema = object_of({"svg": _UNSTYLED, "file": _STYLED})

CODE: Schema = object_of({"source": _TEXT, "language": {"enum": list(TARGETS)}})

_RESULT: Schema = {
    "type": ["number", "array", "null"],
    "description": "A number or nested lists of numbers; null where one is not finite",
}
EVALUATION: Schema = object_of(
    {
        "value": _RESULT,
        "derivative": _RESULT,
        "difference": {**_RESULT, "description": "The limit at these numbers; null without one"},
        "worst_error": {"type": ["number", "null"]},
    }
)

SUBDIFFERENTIAL: Schema = object_of(
    {
        "status": {"enum": ["EXACT", "OUTER", "INNER", "REFUSED", "UNDECIDED"]},
        "kind": _TEXT,
        "text": _TEXT,
        "unicode": _TEXT,
        "latex": _TEXT,
        "explanation": _TEXTS,
        "convexity": _TEXT,
        "svg": _MAYBE_TEXT,
        "file": _MAYBE_TEXT,
    }
)

VOCABULARY: Schema = object_of(
    {
        "functions": {
            "type": "array",
            "items": object_of(
                {"name": _TEXT, "aliases": _TEXTS, "parameters": _TEXTS, "summary": _TEXT}
            ),
        },
        "structures": _TEXTS,
        "layouts": {
            "type": "array",
            "items": object_of({"name": _TEXT, "en": _TEXT, "zh": _TEXT}),
        },
        "languages": {
            "type": "array",
            "items": object_of({"code": _TEXT, "name": _TEXT}),
        },
    }
)

ERROR: Schema = object_of(
    {
        "error": object_of(
            {
                "kind": {"type": "string", "description": "A stable word"},
                "message": _TEXT,
                "hint": _MAYBE_TEXT,
                "line": _MAYBE_PLACE,
                "column": _MAYBE_PLACE,
                "start": {
                    **_MAYBE_PLACE,
                    "description": "Where in the formula, in Unicode characters from 0",
                },
                "end": _MAYBE_PLACE,
                "replacements": {
                    "type": "array",
                    "items": object_of({"start": _COUNT, "end": _COUNT, "text": _TEXT}),
                    "description": "Texts that may stand from start to end, the likeliest first",
                },
                "variables": {
                    "anyOf": [_VARIABLES, {"type": "null"}],
                    "description": "What can be declared, where the text is a formula",
                },
            }
        )
    }
)
