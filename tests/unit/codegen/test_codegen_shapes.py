"""Generated functions check their arguments and name what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.python.numpy import generate
from gradform.codegen.python.run import compile_source
from gradform.functions import Shape
from gradform.ir import build
from gradform.ir.dims import ONE, Dim, dim
from gradform.ir.expr import Expr
from tests.unit.codegen.codegen_cases import Variable, function, m, matrix, n, p, scalar, vector


def compiled(expression: Expr, **shapes: tuple[Dim, Dim]) -> Any:
    variables = [Variable(name, Shape(*shape)) for name, shape in shapes.items()]
    outputs = [("g", expression.node, Arrangement.neutral(expression.node.rank))]
    return compile_source(generate("f", outputs, variables, docstring="f."), "f")


A, X, x, y, c = (
    matrix("A", n, n),
    matrix("X", m, n),
    vector("x", n),
    vector("y", m),
    scalar("c"),
)


def test_a_square_matrix_must_be_square() -> None:
    f = compiled(A @ x, A=(n, n), x=(n, ONE))
    with pytest.raises(ValueError, match=r"A must have shape \(n, n\), got \(3, 4\)"):
        f(A=np.ones((3, 4)), x=np.ones(3))
    with pytest.raises(ValueError, match=r"A must have shape \(n, n\), got \(3,\)"):
        f(A=np.ones(3), x=np.ones(3))


def test_a_size_is_that_of_the_first_variable_that_has_it() -> None:
    f = compiled(A @ x, A=(n, n), x=(n, ONE))
    with pytest.raises(ValueError, match=r"x must have shape \(n,\) with n = 3, got \(4,\)"):
        f(A=np.eye(3), x=np.ones(4))
    g = compiled(A @ x, x=(n, ONE), A=(n, n))
    with pytest.raises(ValueError, match=r"A must have shape \(n, n\) with n = 4, got \(3, 3\)"):
        g(A=np.eye(3), x=np.ones(4))


def test_new_and_known_sizes_in_one_variable() -> None:
    f = compiled(X @ x - y, x=(n, ONE), X=(m, n), y=(m, ONE))
    with pytest.raises(ValueError, match=r"X must have shape \(m, n\) with n = 2, got \(4, 3\)"):
        f(x=np.ones(2), X=np.ones((4, 3)), y=np.ones(4))
    with pytest.raises(ValueError, match=r"y must have shape \(m,\) with m = 4, got \(5,\)"):
        f(x=np.ones(3), X=np.ones((4, 3)), y=np.ones(5))
    assert f(x=np.ones(3), X=np.ones((4, 3)), y=np.ones(4)).shape == (4,)


def test_scalars_are_scalars() -> None:
    f = compiled(c * x, c=(ONE, ONE), x=(n, ONE))
    with pytest.raises(ValueError, match=r"c must have shape \(\), got \(2,\)"):
        f(c=np.ones(2), x=np.ones(2))
    np.testing.assert_array_equal(f(c=2, x=[1, 2]), [2.0, 4.0])
    np.testing.assert_array_equal(f(c=np.array(2), x=(1, 2)), [2.0, 4.0])


def test_rows_may_have_one_or_two_axes() -> None:
    f = compiled(2 * x, x=(ONE, n))
    np.testing.assert_array_equal(f(x=[[1, 2]]), [2.0, 4.0])
    np.testing.assert_array_equal(f(x=[1, 2]), [2.0, 4.0])
    with pytest.raises(ValueError, match=r"x must have shape \(1, n\) or \(n,\), got \(2, 2\)"):
        f(x=np.eye(2))


def test_fixed_sizes() -> None:
    three = dim(3)
    f = compiled(matrix("T", three, n) @ x, T=(three, n), x=(n, ONE))
    with pytest.raises(ValueError, match=r"T must have shape \(3, n\), got \(2, 2\)"):
        f(T=np.eye(2), x=np.ones(2))
    g = compiled(vector("v", three) * 2, v=(three, ONE))
    with pytest.raises(ValueError, match=r"v must have shape \(3,\), got \(2,\)"):
        g(v=np.ones(2))


def test_sizes_that_are_computed() -> None:
    inner = vector("w", n - 1)
    f = compiled(inner.sum() * x, x=(n, ONE), w=(n - 1, ONE))
    assert f(x=np.ones(3), w=np.ones(2)).shape == (3,)
    with pytest.raises(ValueError, match=r"w must have shape \(n - 1,\) with n = 3, got \(3,\)"):
        f(x=np.ones(3), w=np.ones(3))
    both = vector("v", m + p)
    g = compiled(both * 2, y=(m, ONE), v=(m + p, ONE), z=(p, ONE))
    with pytest.raises(ValueError, match=r"v must have shape \(m \+ p,\) with m = 2, p = 1"):
        g(y=np.ones(2), v=np.ones(4), z=np.ones(1))


@pytest.mark.parametrize(
    ("size", "good", "bad"),
    [(n - 1, 4, None), (n * 2, 6, 5), (n * 3 + 2, 8, 7), (n * -1 + 9, 4, None)],
)
def test_a_size_that_only_a_computed_one_tells(size: Dim, good: int, bad: int | None) -> None:
    expression = vector("w", size).sum() * Expr(build.ones(n))
    f = compiled(expression, w=(size, ONE))
    count = next(k for k in range(20) if size.evaluate({"n": k}) == good)
    assert f(w=np.ones(good)).shape == (count,)
    if bad is not None:
        with pytest.raises(ValueError, match="w must have shape"):
            f(w=np.ones(bad))


def test_sizes_that_nothing_tells_are_parameters() -> None:
    f = compiled(Expr(build.delta(p)) * 2, x=(n, ONE))
    np.testing.assert_array_equal(f(x=np.ones(2), p=3), 2 * np.eye(3))
    g = compiled(matrix("G", m * n, p), G=(m * n, p))
    assert g(G=np.ones((6, 2)), m=2, n=3).shape == (6, 2)
    with pytest.raises(ValueError, match=r"G must have shape \(m \* n, p\) with m = 2, n = 2"):
        g(G=np.ones((6, 2)), m=2, n=2)


def test_indices_must_exist() -> None:
    entry = Expr(build.contract(1, [(x.node, "i", 1), (build.unit(n, dim(4)), "i", 1)], ""))
    f = compiled(entry, x=(n, ONE))
    with pytest.raises(ValueError, match="n must be at least 5, got 3"):
        f(x=np.ones(3))
    part = Expr(build.matmul(build.select(n, dim(1), p), x.node))
    g = compiled(part * vector("z", p), x=(n, ONE), z=(p, ONE))
    with pytest.raises(ValueError, match=r"n must be at least p \+ 1, got 3"):
        g(x=np.ones(3), z=np.ones(3))
    last = Expr(build.contract(1, [(x.node, "i", 1), (build.unit(n, n - 2), "i", 1)], ""))
    h = compiled(last, x=(n, ONE))
    assert h(x=np.arange(3.0)) == 1.0
    with pytest.raises(ValueError, match="n must be at least 2, got 1"):
        h(x=np.ones(1))


def test_variables_that_do_not_occur_are_checked_too() -> None:
    f = compiled(x.sum(), x=(n, ONE), A=(n, n))
    with pytest.raises(ValueError, match="A must have shape"):
        f(x=np.ones(2), A=np.eye(3))


def test_a_variable_that_is_missing_is_an_error() -> None:
    with pytest.raises(ValueError, match="'x' is not among the variables"):
        compiled(x, A=(n, n))


def test_names_that_code_needs_are_avoided() -> None:
    names = ["lambda", "np", "t0", "n", "f", "_softmax", "float", "g"]
    exp = function("exp")
    total = exp(vector("t0", n))
    product = total / total.sum() * vector("n", n)
    for name in names:
        product = product * scalar(name) if name not in ("t0", "n") else product
    shapes = {name: (n, ONE) if name in ("t0", "n") else (ONE, ONE) for name in names}
    f = compiled(product, **shapes)
    arguments = {"lambda_": 2, "np_": 1, "t0": [0, 0], "n": [1, 2], "f": 1, "_softmax_": 1}
    np.testing.assert_allclose(f(**arguments, float_=1, g=1), [1.0, 2.0])


def test_names_that_are_no_identifiers_are_refused() -> None:
    bad = "x; import os"
    with pytest.raises(ValueError, match="cannot be a name"):
        compiled(vector(bad, n), **{bad: (n, ONE)})


def test_long_messages_are_broken() -> None:
    name = "a_variable_with_quite_a_long_name"
    big = matrix(name, dim("number_of_rows"), n)
    variables = [Variable("x", Shape(n, ONE)), Variable(name, Shape(dim("number_of_rows"), n))]
    source = generate("f", [("g", (big @ x).node, Arrangement((0,)))], variables, docstring="")
    assert max(map(len, source.split("\n"))) <= 100
    with pytest.raises(ValueError, match=r"must have shape \(number_of_rows, n\) with n = 2"):
        compile_source(source, "f")(**{"x": np.ones(2), name: np.eye(3)})
