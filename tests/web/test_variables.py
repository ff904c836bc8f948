"""What can be declared comes with every error, so that a wrong guess can be corrected."""

from __future__ import annotations

from typing import Any

import pytest

from gradform.web.answers.variables import variables_named


def kinds(body: dict[str, Any]) -> dict[str, Any] | None:
    found = variables_named(body)
    return None if found is None else {each["name"]: each["kind"] for each in found}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("norm2(A*x - b)^2", {"A": "matrix", "x": "column", "b": "scalar"}),
        ("weights'*x", {"weights": None, "x": "column"}),
        ("softmx(z) + pi", {"z": "column"}),
        ("u = A*x; u'*u + y", {"A": "matrix", "x": "column", "y": "column"}),
        ("w(2)*x + ones(n)'*y", {"w": "column", "x": "column", "y": "column"}),
        ("sin + x", {"x": "column"}),
        ("A*", None),
        ("", None),
    ],
)
def test_variables_by_letter(formula: str, expected: dict[str, Any] | None) -> None:
    assert kinds({"formula": formula}) == expected


def test_declarations_count() -> None:
    body = {"formula": "A*b + x", "variables": {"b": {"shape": ["n"], "structures": ["positive"]}}}
    rows = {each["name"]: each for each in variables_named(body) or []}
    assert rows["b"] == {
        "name": "b",
        "latex": r"\mathbf{b}",
        "kind": "column",
        "shape": ["n"],
        "structures": ["positive"],
        "inferred": False,
    }
    assert rows["x"]["inferred"] and rows["A"]["shape"] == ["m", "k"]


@pytest.mark.parametrize(
    "declared",
    [
        {"shape": ["n"], "structures": ["symmetric"]},
        {"shape": ["n"], "structures": ["no such word"]},
        {"shape": ["n"], "kind": "matrix"},
        {"shape": [1.0, 2.0]},
        {"shape": ["-"]},
    ],
)
def test_declarations_that_contradict_leave_the_rows(declared: dict[str, Any]) -> None:
    rows = variables_named({"formula": "x'*A*x", "variables": {"x": declared}})
    assert rows is not None
    assert [(each["name"], each["inferred"]) for each in rows] == [("x", False), ("A", True)]
