"""Losses of regression and classification."""

from __future__ import annotations

from typing import Any

from gradform.functions.kinked import clipped, relu
from gradform.functions.operators import count, inner
from gradform.functions.record import Condition, Function, composite, define
from gradform.functions.shapes import agreeing_scalar
from gradform.functions.softmax import log_sum_exp
from gradform.functions.sources import julia, matlab


def _huber(np: Any, x: Any, d: Any = 1) -> Any:
    size = x * np.sign(np.real(x))
    value = np.where(np.real(size) <= np.real(d), x * x / 2, d * (size - d / 2))
    return np.where(np.real(d) > 0, value, np.nan)


# ∂/∂d (d |x| - d²/2) = |x| - d outside [-d, d], and 0 inside.
huber: Function = define(
    "huber",
    parameters=("expr", "expr?"),
    defaults=(1,),
    formula="x²/2 for |x| <= d, d|x| - d²/2 otherwise, d > 0; d = 1 (Huber 1964)",
    d=(
        lambda x, d, y: clipped(x, -d, d),
        lambda x, d, y: relu(x - d) + relu(-x - d),
    ),
    conditions=(Condition("{1} > 0"),),
    sign="nonnegative",
    evaluate=_huber,
    arguments=("x, c", "x"),
    definition="piecewise(abs(x) <= y, x^2/2, y*(abs(x) - y/2))",
    spell={
        "c": "(fabs({0}) <= {1} ? 0.5 * {0} * {0} : {1} * (fabs({0}) - 0.5 * {1}))",
        "matlab": "huber({0}, {1})",
        "julia": "huber.({0}, {1})",
    },
    helpers={
        "julia": julia.HUBER,
        "matlab": matlab.HUBER,
        "numpy": """\
def huber(x, d):
    size = np.abs(x)
    return np.where(size <= d, 0.5 * x * x, d * (size - 0.5 * d))
""",
        "torch": """\
def huber(x, d):
    size = torch.abs(x)
    return torch.where(size <= d, 0.5 * x * x, d * (size - 0.5 * d))
""",
    },
)

hinge: Function = composite(
    "hinge",
    formula="max(1 - x, 0) of the margins x (Cortes & Vapnik 1995)",
    build=lambda x: relu(1 - x.e),
    conditions=(Condition("{0} != 1", smooth=True),),
    kinks=((1, -1, 0),),
    evaluate=lambda np, x: np.where(np.real(x) < 1, 1 - x, 0 * x),
    definition="max(1 - x, 0)",
)

quantile: Function = composite(
    "quantile",
    aliases=("pinball",),
    parameters=("expr", "expr"),
    formula="t x for x > 0, (t - 1) x otherwise (Koenker & Bassett 1978)",
    build=lambda x, t: t.e * x.e + relu(-x.e),
    conditions=(Condition("{0} != 0", smooth=True),),
    evaluate=lambda np, x, t: np.where(np.real(x) > 0, t * x, (t - 1) * x),
    arguments=("x, c", "x, u"),
    definition="max(y*x, (y - 1)*x)",
)

mse: Function = composite(
    "mse",
    parameters=("expr", "expr"),
    formula="Σ (x_i - y_i)² / n",
    shape=agreeing_scalar,
    build=lambda x, y: inner(x.e - y.e, x.e - y.e) / count(x),
    evaluate=lambda np, x, y: np.mean((x - y) * (x - y), keepdims=True),
    arguments=("x, y", "X, Y"),
    definition="mean((x - y).^2)",
    curvature="convex",
    known_from="a squared norm of x - y",
)


def _cross_entropy(np: Any, logits: Any, target: Any) -> Any:
    top = np.max(np.real(logits))
    total = top + np.log(np.sum(np.exp(logits - top), keepdims=True))
    return total - np.sum(logits * target, keepdims=True)


cross_entropy: Function = composite(
    "cross_entropy",
    parameters=("expr", "expr"),
    formula="logsumexp(o) - Σ t_i o_i = -Σ t_i log softmax(o)_i for Σ t_i = 1",
    shape=agreeing_scalar,
    build=lambda logits, target: log_sum_exp(logits) - inner(logits.e, target.e),
    conditions=(Condition("sum({1}) == 1"),),
    evaluate=_cross_entropy,
    arguments=("x, s",),
)
