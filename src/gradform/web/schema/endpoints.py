"""The questions of the API: one record each, from which routes, checks and description come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.records import record
from gradform.web.limits import LIMITS
from gradform.web.schema import answers
from gradform.web.schema.questions import ARRAY, DERIVATIONS, QUESTION, TARGETS, question
from gradform.web.schema.validation import Schema

__all__ = ["ENDPOINTS", "Endpoint"]


@record
class Endpoint:
    """A question that is asked by POST.

    summary    one line for the description
    body       what it takes
    answer     what its answer holds
    example    a body
    most       bytes that the body may have
    """

    summary: str
    body: Schema
    answer: Schema
    example: Mapping[str, Any]
    most: int = LIMITS.body


_POINT: Schema = {
    "anyOf": [
        {"type": "null"},
        {"type": "string", "maxLength": 100},
        ARRAY,
    ],
    "description": "A number, its exact text such as sqrt(2), or a list; without it everywhere",
}
_PAIR: Schema = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_INTERVAL: Schema = {
    "anyOf": [{"type": "null"}, _PAIR, {"type": "array", "items": _PAIR, "maxItems": 2}],
    "description": "From where to where it is shown; two intervals for two numbers",
}
_VALUES: Schema = {
    "type": "object",
    "additionalProperties": ARRAY,
    "maxProperties": 100,
    "description": "Numbers by name of the variable; sizes that no array tells as whole numbers",
}
_SIZES: Schema = {
    "type": "object",
    "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 1000},
    "maxProperties": 100,
    "description": "For native code, which is written for certain sizes",
}

ENDPOINTS: Mapping[str, Endpoint] = {
    "derivative": Endpoint(
        "The derivative with its certificate, conditions and forms",
        QUESTION,
        answers.DERIVATIVE,
        {"formula": "norm2(A*x-y)^2", "wrt": "x"},
    ),
    "derivation": Endpoint(
        "Where the derivative comes from, step by step",
        question(
            {},
            {
                "kind": {"enum": list(DERIVATIONS), "default": "chain"},
                "detail": {"type": "boolean", "description": "Every operation as a step"},
            },
        ),
        answers.DERIVATION,
        {"formula": "norm2(A*x-y)^2", "wrt": "x", "kind": "chain"},
    ),
    "graph": Endpoint(
        "The function in steps, local derivatives between them, and the paths of the chain rule",
        QUESTION,
        answers.GRAPH,
        {"formula": "norm2(A*x-y)^2", "wrt": "x"},
    ),
    "plot": Endpoint(
        "Function and derivative as a picture, of one number or two",
        question({}, {"at": _POINT, "over": _INTERVAL, "values": _VALUES}),
        answers.PLOT,
        {"formula": "a*x^2", "wrt": "x", "values": {"a": 2}, "variables": {"x": {"shape": []}}},
        LIMITS.numbers,
    ),
    "code": Endpoint(
        "The derivative as source in a language",
        question({"target": {"enum": list(TARGETS)}}, {"sizes": _SIZES}),
        answers.CODE,
        {"formula": "x'*A*x", "wrt": "x", "target": "numpy"},
    ),
    "evaluate": Endpoint(
        "Value, derivative and limit at given numbers",
        question({"values": _VALUES}),
        answers.EVALUATION,
        {"formula": "x'*A*x", "wrt": "x", "values": {"x": [1, 2], "A": [[1, 2], [3, 4]]}},
        LIMITS.numbers,
    ),
    "subdifferential": Endpoint(
        "The set of slopes at a point where there may be no derivative",
        question({"at": _POINT}, {"values": _VALUES}),
        answers.SUBDIFFERENTIAL,
        {"formula": "abs(x-1) + x^2", "wrt": "x", "at": 1},
    ),
}
