"""Shapes of what nobody declared: by letter, with sizes found from the formula."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gradform.errors import GradformError
from gradform.functions import Shape
from gradform.syntax.elaborate import Elaborated, elaborate
from gradform.syntax.parser import parse_formula


def inferred(text: str, **options: Any) -> Elaborated:
    return elaborate(parse_formula(text), **{"declared": None, **options})


def shapes(text: str, **options: Any) -> str:
    """``x: n, A: m x n, …`` of all variables."""
    variables = inferred(text, **options).variables.values()
    return ", ".join(f"{each.name}: {_written(each.shape)}" for each in variables)


def _written(shape: Shape) -> str:
    if shape.is_scalar:
        return "scalar"
    return str(shape.rows) if shape.is_column else f"{shape.rows} x {shape.cols}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x'*A*x", "x: n, A: n x n"),
        ("A*x - y", "A: m x n, x: n, y: m"),
        ("norm2(X*w - y)^2", "X: m x n, w: n, y: m"),
        ("norm2(X - U*V)^2", "X: m x n, U: m x k, V: k x n"),
        ("A*B*C", "A: m x n, B: n x k, C: k x p"),
        ("x*y'", "x: n, y: m"),
        ("tr(A*X*B)", "A: m x n, X: n x k, B: k x m"),
        ("det(A)", "A: n x n"),
        ("A^2", "A: n x n"),
        ("solve(A,x)", "A: n x n, x: n"),
        ("x'*eye*x", "x: n"),
        ("A + eye", "A: n x n"),
        ("x.*y.*z", "x: n, y: n, z: n"),
        ("a*x", "a: scalar, x: n"),
        ("alpha*x + beta*y", "alpha: scalar, x: n, beta: scalar, y: n"),
        ("Sigma*mu", "Sigma: m x n, mu: scalar"),
        ("λ*x'*Σ*x", "λ: scalar, x: n, Σ: n x n"),
        ("W_2*x_1 + h2", "W_2: m x n, x_1: n, h2: m"),
        ("x₁'*x₂ + b3", "x₁: n, x₂: n, b3: scalar"),
        ("x_train'*w", "x_train: n, w: n"),
        ("d*e*x", "d: scalar, e: scalar, x: n"),
        ("kron(A,B) - C", "A: m x n, B: k x p, C: k*m x n*p"),
        ("[x, y]*A", "x: n, y: n, A: 2 x m"),
        ("[A, B; C, D]*x", "A: m x n, B: m x k, C: p x n, D: p x k, x: k+n"),
        ("[1, 2; 3, 4]*x", "x: 2"),
        ("u = A*x; u'*u", "A: m x n, x: n"),
        ("u = x; v = A*u; v'*y", "x: n, A: m x n, y: m"),
        # names of dimensions
        ("ones(k)'*x", "x: k"),
        ("ones(k)'*X/k", "X: k x n"),
        ("X - ones(m,n)", "X: m x n"),
        ("(A + eye(n))*x", "A: n x n, x: n"),
        ("x(2:n)'*y", "x: n, y: n-1"),
        ("x(1:k)'*y", "x: n, y: k"),
        ("x(3)*y", "x: n, y: m"),
        ("A(1,:)*x", "A: m x n, x: n"),
        # names that are taken
        ("n'*x", "n: m, x: m"),
        ("m'*A*n", "m: k, A: k x p, n: p"),
        ("n = x'*x; n*x", "x: m"),
        ("A*n", "A: m x k, n: k"),
    ],
)
def test_shapes(text: str, expected: str) -> None:
    assert shapes(text) == expected


def test_sizes_beyond_the_usual_letters() -> None:
    text = "+".join(f"sum(X{k})" for k in range(10))
    sizes = {str(d) for each in inferred(text).variables.values() for d in each.shape}
    assert len(sizes) == 20
    assert {"m", "n", "n1", "n2"} <= sizes


def test_structures_of_inferred_variables() -> None:
    answer = inferred("x'*S*x", assume={"S": "symmetric"})
    assert answer.variables["S"].structure == {"symmetric"}
    assert answer.variables["S"].symbol.structure == {"symmetric"}
    assert shapes("S*A", assume={"S": "spd"}) == "S: n x n, A: n x m"


def test_declared_and_inferred_together() -> None:
    options = {"declared": {"b": ("m",)}, "infer": True}
    assert shapes("A*x - b", **options) == "b: m, A: m x n, x: n"
    assert shapes("A*x - y + b*n", **{**options, "declared": {"b": ("n",), "n": ()}}) == (
        "b: n, n: scalar, A: n x m, x: m, y: n"
    )


def refused(text: str, **options: Any) -> GradformError:
    with pytest.raises(GradformError) as caught:
        inferred(text, **options)
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind", "column", "words"),
    [
        ("A*x - b", "scalar_matrix_add", 5, "b was taken as a scalar"),
        ("x + y'", "dimension_mismatch", 3, "h-z column vectors"),
        ("x'*x + x", "scalar_matrix_add", 6, "h-z column vectors"),
        ("x*y", "dimension_mismatch", 2, "two column vectors"),
        ("det(x)", "not_square", 1, "x is a column vector (n)"),
        ("xA", "undefined_variable", 1, "'xA'"),
        ("loss", "undefined_variable", 1, "Declare loss"),
        ("f(x)", "unknown_function", 1, "f*"),
        ("f*f(x)", "syntax", 3, "not a function"),
        ("h(x)", "syntax", 3, "integer"),
        ("x(i)", "syntax", 3, "integer"),
        ("ones(n)'*ones(m)", "dimension_mismatch", 9, "n and m"),
        ("n = a; ones(n)'*x", "undefined_variable", 13, "a definition"),
        ("vector(1)'*vector(2)", "ambiguous", 1, "ones(n)"),
        ("[x; eye]'*y", "dimension_mismatch", 5, "columns"),
        ("A(1)", "arity", 1, "two indices"),
        ("x + x(2:n)", "index_out_of_range", 7, "length n-1"),
    ],
)
def test_errors(text: str, kind: str, column: int, words: str) -> None:
    error = refused(text)
    assert (error.kind, error.column) == (kind, column)
    assert words in f"{error.message} {error.hint}"
    assert re.search(r"\?[0-9]", error.message) is None


def test_nothing_is_inferred_next_to_declarations() -> None:
    assert refused("x'*y", declared={"x": ("n",)}).kind == "undefined_variable"
    assert refused("x", declared=None, infer=False).kind == "undefined_variable"


def test_structures_need_a_variable() -> None:
    assert refused("A*x", assume={"S": "symmetric"}).kind == "undefined_variable"
    error = refused("A*x", assume={"x": "symmetric"})
    assert (error.kind, "column vector (n)" in error.message) == ("structure", True)
