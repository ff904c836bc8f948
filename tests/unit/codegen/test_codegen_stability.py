"""Exponentials do not overflow where the value of the expression does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import symbol
from tests.unit.codegen.codegen_cases import (
    body_of,
    check,
    function,
    m,
    matrix,
    n,
    run,
    scalar,
    source_of,
    vector,
)

x, a, y, c = vector("x", n), vector("a", n), vector("y", m), scalar("c")
X = matrix("X", m, n)
exp, log = function("exp"), function("log")
FAR = [np.array([1000.0, 1001.0, -1000.0]), np.array([-1000.0, -1001.0, -1002.0])]


def softmax(t: Expr) -> Expr:
    return exp(t) / exp(t).sum()


def reference(t: Any, axis: int | None = None) -> Any:
    weights = np.exp(t - np.max(t, axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def at(expression: Expr, **values: Any) -> Any:
    with np.errstate(over="raise", invalid="raise"):
        return run(source_of(expression), values)


@pytest.mark.parametrize("t", FAR)
def test_softmax_and_logsumexp(t: Any) -> None:
    expected = reference(t)
    np.testing.assert_allclose(at(softmax(x), x=t), expected)
    top = t.max()
    log_sum = top + np.log(np.exp(t - top).sum())
    assert at(log(exp(x).sum()), x=t) == pytest.approx(log_sum)
    mean = log(exp(x).sum() / Expr(build.size_of(n)))
    assert at(mean, x=t) == pytest.approx(log_sum - np.log(3))
    check(softmax(x), mean)


@pytest.mark.parametrize("t", FAR)
def test_hessian_of_logsumexp_in_every_form(t: Any) -> None:
    weights = reference(t)
    expected = np.diag(weights) - np.outer(weights, weights)
    e, total = exp(x), exp(x).sum()
    outer = Expr(build.outer(e.node, e.node))
    diagonal = Expr(build.contract(1, [(e.node, "i", 1), (build.delta(n), "ij", 1)], "ij"))
    forms = [
        diagonal / total - outer * total**-2,
        (diagonal * total - outer) * total**-2,
    ]
    for form in forms:
        np.testing.assert_allclose(at(form, x=t), expected, atol=1e-300)
        check(form)


def test_expectations_are_over_softmax() -> None:
    mean = Expr(build.contract(1, [(a.node, "i", 1), (softmax(x).node, "i", 1)], ""))
    assert at(mean, x=FAR[0], a=np.ones(3)) == pytest.approx(1.0)
    assert "_softmax(x)" in body_of(mean)
    check(mean)


@pytest.mark.parametrize("axis", [0, 1])
def test_softmax_along_an_axis(axis: int) -> None:
    total = exp(X).sum(axis)
    labels = "j" if axis == 0 else "i"
    share = Expr(build.contract(1, [(exp(X).node, "ij", 1), (total.node, labels, -1)], "ij"))
    assert body_of(share) == f"return _softmax(X, axis={axis})"
    values = np.vstack([*FAR, FAR[0][::-1], FAR[1]])
    np.testing.assert_allclose(at(share, X=values), reference(values, axis))
    assert body_of(log(total)) == f"return _logsumexp(X, axis={axis})"
    check(share, log(total))


def test_named_applications_hold_their_axis() -> None:
    whole = build.apply(function("softmax"), X.node, axes=(m, n), order=1)
    rows = build.apply(function("logsumexp"), X.node, axes=(m,), order=2)
    everything = build.apply(function("logsumexp"), X.node, axes=(), order=0)
    code = body_of(whole, rows, everything)
    assert "_softmax(X, axis=0)" in code
    assert "_logsumexp(X, axis=1)" in code
    assert "_logsumexp(X))" in code


def test_powers_of_softmax() -> None:
    squared = softmax(x) ** 2 * softmax(x)
    np.testing.assert_allclose(at(squared, x=FAR[0]), reference(FAR[0]) ** 3, atol=1e-300)
    check(squared, exp(x) * exp(x).sum() ** -3, exp(x) ** 3 / exp(x).sum())


@pytest.mark.parametrize("t", FAR)
def test_sums_with_a_constant(t: Any) -> None:
    share = exp(x) / (2 + exp(x))
    np.testing.assert_allclose(at(share, x=t), np.where(t > 0, 1.0, 0.0), atol=1e-300)
    slope = exp(x) / (2 + exp(x)) ** 2
    np.testing.assert_allclose(at(slope, x=t), np.zeros(3), atol=1e-300)
    np.testing.assert_allclose(at(log(2 + exp(x)), x=t), np.maximum(t, np.log(2.0)))
    check(share, slope, log(2 + exp(x)), log(3 * exp(x) + exp(-x)))


@pytest.mark.parametrize("t", FAR)
def test_weights_that_add_up_to_one(t: Any) -> None:
    """1 - u is positive for u between 0 and 1."""
    u = Expr(symbol("u", (), frozenset({"unit"})))
    total = u * exp(x) + (1 - u) * exp(a)
    given = {"x": t, "a": t - 2, "u": np.array(0.25)}
    wanted = t + np.log(0.25 + 0.75 * np.exp(-2))
    np.testing.assert_allclose(at(log(total), **given), wanted)
    share = 0.25 / (0.25 + 0.75 * np.exp(-2))
    np.testing.assert_allclose(at(u * exp(x) / total, **given), np.full(3, share))


def test_sums_of_sums() -> None:
    total = 1 + exp(x).sum()
    assert at(log(total), x=FAR[0]) == pytest.approx(1001 + np.log1p(np.exp(-1.0)))
    check(log(total), exp(x) / total)


def test_rows_over_a_sum_of_rows() -> None:
    total = exp(X).sum(1) + exp(y)
    share = Expr(build.contract(1, [(exp(X).node, "ij", 1), (total.node, "i", -1)], "ij"))
    values = np.vstack([*FAR, FAR[0], FAR[1]])
    assert np.all(np.isfinite(at(share, X=values, y=np.full(4, 900.0))))
    check(share, log(total))


def test_differences_of_exponentials_are_left_alone() -> None:
    assert "logaddexp" not in body_of(log(exp(x) - 1), exp(x) / (exp(x) - 1))
    check((exp(x) - c) / exp(x).sum())


def test_repeated_labels_are_left_alone() -> None:
    square = matrix("A", n, n)
    total = exp(square).sum(1)
    diagonal = Expr(build.contract(1, [(exp(square).node, "ii", 1), (total.node, "i", -1)], "i"))
    check(diagonal)
