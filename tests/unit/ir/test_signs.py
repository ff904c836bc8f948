"""Signs read off the form: sound, and known where they should be."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import symbol
from gradform.ir.sign import is_nonnegative, is_positive, sign_of
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import fn, n, point, random_tensor, sym

x, y, w, W, d, c, q, b, s, A, X = (Expr(sym(name)) for name in "xywWdcqbsAX")
exp, abs_, cosh, relu, tanh = (fn(name) for name in ("exp", "abs", "cosh", "relu", "tanh"))
u = Expr(symbol("u", (n,), frozenset({"unit"})))
HALF = Fraction(1, 2)

SIGNS: dict[str, tuple[Expr, str | None]] = {
    "positive": (w, "positive"),
    "simplex": (q, "positive"),
    "binary": (b, "nonnegative"),
    "plain": (x, None),
    "pm1": (s, None),
    "a size": (Expr(build.size_of(n)), "positive"),
    "pi": (Expr(build.pi()), "positive"),
    "identity": (Expr(build.delta(n)), "nonnegative"),
    "exp": (exp(x), "positive"),
    "cosh": (cosh(x), "positive"),
    "abs": (abs_(x), "nonnegative"),
    "relu": (relu(x), "nonnegative"),
    "tanh": (tanh(x), None),
    "even power": (x**2, "nonnegative"),
    "odd power": (x**3, None),
    "odd power of positive": (w**3, "positive"),
    "reciprocal": (w**-1, "positive"),
    "root": (x**HALF, "nonnegative"),
    "norm": ((x**2).sum(), "nonnegative"),
    "1 + x²": (1 + x * x, "positive"),
    "x² + y²": (x * x + y * y, "nonnegative"),
    "1 - x²": (1 - x * x, None),
    "1 - b": (1 - b, "nonnegative"),
    "1 - q": (1 - q, "nonnegative"),
    "1 - u": (1 - u, "positive"),
    "1 - u²": (1 - u * u, "positive"),
    "1 - bq": (1 - b * q, "nonnegative"),
    "2 - b": (2 - b, "positive"),
    "2 - b - q": (2 - b - q, "nonnegative"),
    "1 - b - q": (1 - b - q, None),
    "1 - 2b": (1 - b * 2, None),
    "1 - w": (1 - w, None),
    "1 - Σu": (1 - u.sum(), None),
    "w + 1 - b": (w + 1 - b, "nonnegative"),
    "x + 1 - b": (x + 1 - b, None),
    "-w": (-w, None),
    "w - 1": (w - 1, None),
    "w x²": (w * x * x, "nonnegative"),
    "x y": (x * y, None),
    "x²y": (x * x * y, None),
    "2w/3": (w * Fraction(2, 3), "positive"),
    "Σw": (w.sum(), "positive"),
    "zero": (Expr(build.zero((n,))), "nonnegative"),
    "Ww": (W @ w, "positive"),
    "Xw": (X @ w, None),
    "(1 + x²)^-1/2": ((1 + x * x) ** -HALF, "positive"),
}


@pytest.mark.parametrize("name", SIGNS)
def test_sign(name: str) -> None:
    expression, sign = SIGNS[name]
    assert sign_of(expression.node) == sign
    assert is_positive(expression.node) == (sign == "positive")
    assert is_nonnegative(expression.node) == (sign is not None)


def test_a_sign_is_never_wrong() -> None:
    known = 0
    for seed in range(400):
        at = point(seed)
        node = random_tensor(random.Random(seed), at, 3).node
        sign = sign_of(node)
        if sign is None:
            continue
        with np.errstate(all="ignore"):
            value = evaluate_node(node, at.arrays, at.sizes)
        value = value[np.isfinite(value)]
        assert np.all(value >= 0), seed
        known += value.size
        if sign == "positive":
            assert np.all((value > 0) | (np.abs(value) < 1e-200)), seed
    assert known > 500


def test_depth_is_no_problem() -> None:
    deep = x
    for _ in range(3000):
        deep = exp(tanh(deep))
    assert is_positive(deep.node)
