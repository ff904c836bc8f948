"""What the API answers is what the library answers, and has the shape that is described."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import gradform as gf
from gradform.web.schema.answers import ERROR
from gradform.web.schema.endpoints import ENDPOINTS
from gradform.web.schema.validation import misfit
from gradform.web.workers.worker import outcome
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, ErrorRow, Row, answer, error_rows
from tests.web.questions import as_question, examples, variables_of

# The API knows no constraints and no conditions on sizes.
_PLAIN = [row for row in ROWS if not row.data.get("constraint") and not row.conditions]
SAMPLE = [row for row in _PLAIN if row.data.get("order", 1) <= 2][::6]
ERRORS = [row for row in error_rows() if row.data["wrt"] and len(row.source) <= 4_000]
EXAMPLES = list(examples())
each_row = pytest.mark.parametrize("row", SAMPLE, ids=str)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["formula"])


def told(name: str, question: dict[str, Any]) -> tuple[int, Any]:
    """Status and content; the question and the answer fit their schemas."""
    assert misfit(question, ENDPOINTS[name].body) is None
    found = outcome(name, json.dumps(question).encode())
    content = json.loads(found.content)
    schema = ENDPOINTS[name].answer if found.status == 200 else ERROR
    assert misfit(content, schema) is None
    return found.status, content


def answered(name: str, question: dict[str, Any]) -> Any:
    status, content = told(name, question)
    assert status == 200, content
    return content


@each_row
def test_derivatives_are_those_of_the_library(row: Row) -> None:
    found, known = answered("derivative", as_question(row)), answer(row)
    assert found["answer"]["text"] == known.text
    assert found["answer"]["latex"] == known.latex
    assert found["answer"]["shape"] == list(known.shape)
    assert found["forms"]["differential"] == known.differential
    assert found["conditions"] == list(known.conditions)
    assert found["certificate"]["points"] == known.certificate.points > 0
    assert found["certificate"]["worst_error"] <= found["certificate"]["tolerance"]
    assert {each["name"]: each["shape"] for each in found["variables"]} == {
        name: list(shape) for name, shape in known.shapes.items()
    }


@each_row
def test_values_are_right_and_agree_with_their_limits(row: Row) -> None:
    _, inputs, _ = next(frozen_points(row))
    values = {name: np.asarray(value).tolist() for name, value in inputs.items()}
    status, found = told("evaluate", {**as_question(row), "values": values})
    if status == 422 and found["error"]["kind"] == "too_long":
        return  # too many entries for one limit each
    assert status == 200, found
    if "constraint" in row.data or found["worst_error"] is None:
        return
    wanted = np.asarray(answer(row)(**inputs))
    assert found["derivative"] == wanted.tolist()
    assert found["worst_error"] < 1e-6


@each_example
def test_examples_have_answers(example: dict[str, Any]) -> None:
    answered("derivative", example)
    answered("derivation", example)
    answered("graph", example)
    for target in ("latex", "markdown", "numpy", "jax", "torch"):
        assert answered("code", {**example, "target": target})["source"].strip()


@pytest.mark.parametrize("row", ERRORS, ids=str)
def test_errors_have_their_kind_and_place(row: ErrorRow) -> None:
    try:
        gf.derivative(
            row.source, row.data["wrt"], shapes=row.shapes, assume=row.structures, infer=True
        )
    except gf.GradformError as error:
        wanted = error
    else:
        return
    question = {"formula": row.source, "wrt": row.data["wrt"], "variables": variables_of(row)}
    status, content = told("derivative", question)
    found = content["error"]
    assert status == 422
    if found["kind"] in ("too_long", "too_deep"):
        return  # the server reads less than the library
    assert (found["kind"], found["line"], found["column"]) == (
        wanted.kind,
        wanted.line,
        wanted.column,
    )
    if wanted.span is not None:
        assert (
            row.source[found["start"] : found["end"]]
            == row.source[wanted.span.start : wanted.span.end]
        )
    assert [each["text"] for each in found["replacements"]] == [fix.text for fix in wanted.fixes]


def test_chinese() -> None:
    _, content = told("derivative", {"formula": "A + x", "language": "zh"})
    assert _has_chinese(content["error"]["message"])
    content = answered("derivative", {"formula": "x'*A*x", "language": "zh"})
    assert _has_chinese(content["certificate"]["text"])
    content = answered("derivation", {"formula": "norm2(A*x-y)^2", "language": "zh"})
    assert all(_has_chinese(step["title"]) for step in content["steps"])


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [("x'*A*x", "x"), ("norm2(A*x-y)^2", "A"), ("a*b", "a"), ("c*x", "x"), ("X + x*x'", "X")],
)
def test_without_a_variable_the_first_that_is_no_scalar(formula: str, wrt: str) -> None:
    assert answered("derivative", {"formula": formula})["question"]["wrt"] == wrt


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("x" * 4_001, "too_long"),
        ("+".join(["x"] * 501) + "x", "too_long"),
        ("(" * 101 + "x" + ")" * 101, "too_deep"),
        ("1 + 2", "wrt_undeclared"),
        ("", "empty"),
    ],
)
def test_limits_of_the_formula(formula: str, kind: str) -> None:
    status, content = told("derivative", {"formula": formula})
    assert (status, content["error"]["kind"]) == (422, kind)


def test_a_kind_has_to_fit_the_shape() -> None:
    declared = {"x": {"kind": "matrix", "shape": ["n"]}}
    status, content = told("derivative", {"formula": "x'*x", "variables": declared})
    assert (status, content["error"]["kind"]) == (422, "dimension_mismatch")


def test_numbers_that_do_not_fit() -> None:
    for values in ({"x": [1, 2]}, {"x": [1], "A": [[1, 2], [3]]}, {"x": [[1]], "A": 1}, {}):
        status, _ = told("evaluate", {"formula": "x'*A*x", "values": values})
        assert status == 422


def test_no_limit_at_a_kink() -> None:
    found = answered("evaluate", {"formula": "norm1(x)", "values": {"x": [2, 0]}})
    assert found["difference"] == [1.0, None]
    assert found["worst_error"] is None


@pytest.mark.parametrize(
    ("at", "text"),
    [(0, "[-1, 1]"), (0.1, "{1}"), ("-1/3", "{-1}"), (None, "{-1} for x < 0")],
)
def test_subdifferentials(at: object, text: str) -> None:
    found = answered("subdifferential", {"formula": "abs(x)", "wrt": "x", "at": at})
    assert found["status"] == "EXACT"
    assert found["text"].startswith(text)
    assert (found["svg"] is None) == (at is None)


def test_decimals_are_meant_exactly() -> None:
    found = answered("subdifferential", {"formula": "abs(x - 1/10)", "wrt": "x", "at": 0.1})
    assert found["text"] == "[-1, 1]"


def test_subdifferentials_use_what_is_declared() -> None:
    question = {"formula": "norm1(x)", "wrt": "x", "at": [1, 0]}
    row = {"x": {"kind": "row", "shape": [1, "n"]}}
    assert answered("subdifferential", {**question, "variables": row})["status"] == "EXACT"
    longer = {"x": {"kind": "column", "shape": [3]}}
    assert told("subdifferential", {**question, "variables": longer})[0] == 422


def test_native_code_needs_sizes() -> None:
    question = {"formula": "x'*A*x", "target": "native"}
    assert told("code", question)[0] == 422
    assert "double" in answered("code", {**question, "sizes": {"n": 3}})["source"]


def test_derivations_of_each_kind() -> None:
    for kind in ("chain", "differential", "componentwise"):
        question = {"formula": "norm2(A*x-y)^2", "wrt": "x", "kind": kind}
        found = answered("derivation", question)
        assert found["kind"] == kind
        assert found["checked"] > 0
        assert found["steps"]


def test_pictures_come_without_and_with_their_rules() -> None:
    numbers: dict[str, Any] = {"variables": {"x": {"shape": []}}}
    pictures = [
        answered("graph", {"formula": "norm2(A*x-y)^2", "wrt": "x"}),
        answered("plot", {"formula": "x^2", **numbers}),
        answered("subdifferential", {"formula": "abs(x)", "at": 0}),
    ]
    for found in pictures:
        ElementTree.fromstring(found["svg"])
        ElementTree.fromstring(found["file"])
        assert "<style" not in found["svg"]
        assert "style=" not in found["svg"]
        assert "<style" in found["file"]


@pytest.mark.parametrize("name", ["plot", "subdifferential", "evaluate"])
def test_rows_have_the_same_length(name: str) -> None:
    question = {"formula": "tr(A)", "wrt": "A", "at": 1, "values": {"A": [[1, 2], [3]]}}
    if name == "evaluate":
        del question["at"]
    status, content = told(name, question)
    assert (status, content["error"]["kind"]) == (422, "array")
