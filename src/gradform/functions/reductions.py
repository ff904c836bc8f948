"""Sums, means and other reductions, of all entries or along an axis.

Axis 1 goes down each column and leaves a row, axis 2 along each row and leaves a column.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.elementwise import exp, log
from gradform.functions.kinked import maximum, minimum, pairwise
from gradform.functions.operators import along, axis_position, count, inner, summed
from gradform.functions.record import Condition, Function, Typed, composite, primitive
from gradform.functions.shapes import SCALAR, Shape, Unifier, needs_axis, reduction
from gradform.functions.sources import julia, matlab
from gradform.functions.sources.c_arrays import GREATEST, MARK_GREATEST, PRODUCT
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from gradform.language import say

AXIS = ("expr", "axis?")
SAMPLES = ("X", "X, 1", "X, 2", "x", "x, 1", "x, 2", "a")


def total_shape(unify: Unifier, name: str, args: Any) -> Shape:
    return SCALAR


def no_axes(*nodes: Node) -> tuple[Dim, ...]:
    """The axes of a scalar value."""
    return ()


def _numpy_axis(axis: int | None) -> int | None:
    return None if axis is None else axis - 1


sum_: Function = composite(
    "sum",
    parameters=AXIS,
    formula="Σ x_i over all entries, over the rows (1) or over the columns (2)",
    shape=reduction,
    build=lambda x, axis=None: summed(x.e, x, axis),
    evaluate=lambda np, x, axis=None: np.sum(x, _numpy_axis(axis), keepdims=True),
    arguments=SAMPLES,
    curvature="affine",
    monotone=("increasing",),
    known_from="linear",
)


def mean_of(x: Typed, axis: int | None = None) -> Expr:
    return summed(x.e, x, axis) / count(x, axis)


mean: Function = composite(
    "mean",
    parameters=AXIS,
    formula="Σ x_i / n",
    shape=reduction,
    build=mean_of,
    evaluate=lambda np, x, axis=None: np.mean(x, _numpy_axis(axis), keepdims=True),
    arguments=SAMPLES,
    curvature="affine",
    monotone=("increasing",),
    known_from="linear",
)


def variance_of(x: Typed, axis: int | None = None) -> Expr:
    centred = x.e - along(mean_of(x, axis), x, axis)
    return summed(centred**2, x, axis) / count(x, axis)


def _variance(np: Any, x: Any, axis: int | None = None) -> Any:
    # numpy.var takes absolute values of complex numbers, which is not analytic.
    centred = x - np.mean(x, _numpy_axis(axis), keepdims=True)
    return np.mean(centred * centred, _numpy_axis(axis), keepdims=True)


var: Function = composite(
    "var",
    parameters=AXIS,
    formula="Σ (x_i - mean(x))² / n, the variance of a population",
    shape=reduction,
    build=variance_of,
    evaluate=_variance,
    arguments=SAMPLES,
    curvature="convex",
    known_from="a quadratic form: the squared norm of x - mean(x)",
    latex=(
        r"\operatorname{{Var}}\left({0}\right)",
        r"\operatorname{{Var}}_{{{1}}}\left({0}\right)",
    ),
)

std: Function = composite(
    "std",
    parameters=AXIS,
    formula="var(x)^(1/2), the standard deviation of a population",
    shape=reduction,
    build=lambda x, axis=None: variance_of(x, axis) ** Fraction(1, 2),
    conditions=(Condition("var({0}) != 0", smooth=True),),
    evaluate=lambda np, x, axis=None: np.sqrt(_variance(np, x, axis)),
    arguments=("X", "X, 1", "X, 2", "x"),
    curvature="convex",
    known_from="a norm of x - mean(x)",
)


def _covariance_of(x: Typed) -> Expr:
    centred = x.e - along(mean_of(x, 1), x, 1)
    if x.shape.is_column or x.shape.is_scalar:
        return inner(centred, centred) / count(x, 1)
    if x.shape.is_row:
        return Expr(build.outer(centred.node, centred.node)) / count(x, 1)
    return centred.T @ centred / count(x, 1)


def _covariance(np: Any, x: Any) -> Any:
    centred = x - np.mean(x, 0, keepdims=True)
    return centred.T @ centred / len(x)


cov: Function = composite(
    "cov",
    formula="C'C/m with C = X less the mean of its m rows, the samples",
    shape=lambda unify, name, args: Shape(args[0].cols, args[0].cols),
    build=_covariance_of,
    evaluate=_covariance,
    arguments=("X", "x"),
    latex=r"\operatorname{{Cov}}\left({0}\right)",
)


def _product_of(x: Node) -> Expr | None:
    """Π 1 = 1, and the product of the entries of X' is that of X."""
    if build.constant_value(x) == 1:
        return Expr(build.constant(1))
    return prod(Expr(build.transpose(x))) if build.oriented(x)[1] else None


# d Π x_i = (Π x_i) Σ dx_i/x_i, the product rule for n factors.
prod: Function = primitive(
    "prod",
    formula="Π x_i over all entries; d prod = prod(x) Σ dx_i/x_i",
    shape=total_shape,
    axes=no_axes,
    of_scalar=lambda x: x,
    rewrite=_product_of,
    differential=lambda args, y, dargs: y * (dargs[0] / args[0]).sum(),
    conditions=(Condition("{0} != 0", smooth=True),),
    evaluate=lambda np, x: np.prod(x, keepdims=True),
    arguments=("x", "X", "a"),
    latex=r"\operatorname{{prod}}\left({0}\right)",
    spell={
        "numpy": "np.prod({0})",
        "c": "product_of({size}, {0})",
        "matlab": "product_of({0})",
        "julia": "prod({0})",
    },
    helpers={"matlab": matlab.PRODUCT, "c": PRODUCT},
    stacks={"numpy": "np.prod({0}, axis=tuple(range(1, {0}.ndim)))"},
)


def cumulated(x: Typed, axis: int | None = None) -> Expr:
    """Partial sums down the columns or along the rows: Σ_j L_ij x_j, L lower ones."""
    position = 0 if axis is None else axis_position(x, axis)
    if position is None or not x.node.rank:
        return x.e
    labels = list(range(x.node.rank))
    triangle = (build.lower(x.node.axes[position]), (position, "k"), 1)
    inside = [*labels[:position], "k", *labels[position + 1 :]]
    return Expr(build.contract(1, [triangle, (x.node, inside, 1)], labels))


def _cumulate(np: Any, x: Any, axis: int | None = None) -> Any:
    longer = 1 if x.shape[0] == 1 else 0
    return np.cumsum(x, longer if axis is None else axis - 1)


cumsum: Function = composite(
    "cumsum",
    parameters=AXIS,
    formula="x_1, x_1 + x_2, …: L x with the lower triangle L of ones",
    shape=needs_axis,
    build=cumulated,
    evaluate=_cumulate,
    arguments=("x", "X, 1", "X, 2", "x, 1", "x, 2", "a"),
    curvature="affine",
    monotone=("increasing",),
    known_from="linear",
)


def _indicate(np: Any, x: Any) -> Any:
    result = np.zeros_like(x)
    result.flat[np.argmax(np.real(x))] = 1
    return result


indmax: Function = primitive(
    "indmax",
    formula="1 at the largest entry, 0 elsewhere; its derivative is 0",
    shape=lambda unify, name, args: args[0],
    axes=lambda x: x.axes,
    of_scalar=lambda x: Expr(build.constant(1)),
    rewrite=lambda x: indmax(Expr(build.transpose(x))).T if build.oriented(x)[1] else None,
    differential=lambda args, y, dargs: y * 0,
    sign="nonnegative",
    conditions=(Condition("the largest entry of {0} is unique", smooth=True),),
    evaluate=_indicate,
    arguments=("x", "X", "a"),
    spell={
        "c": "mark_greatest({size}, {0}, {result})",
        "matlab": "mark_greatest({0})",
        "julia": "mark_greatest({0})",
    },
    helpers={
        "julia": julia.MARK_GREATEST,
        "matlab": matlab.MARK_GREATEST,
        "c": MARK_GREATEST,
        "numpy": """\
def indmax(x):
    result = np.zeros(np.shape(x))
    result.flat[np.argmax(x)] = 1.0
    return result
""",
        "jax": """\
def indmax(x):
    places = jnp.arange(x.size).reshape(x.shape)
    return (places == jnp.argmax(x)).astype(x.dtype)
""",
        "torch": """\
def indmax(x):
    places = torch.arange(x.numel(), device=x.device).reshape(x.shape)
    return (places == torch.argmax(x)).to(x.dtype)
""",
    },
)

UNIQUE = (Condition("the largest entry of {0} is unique", smooth=True),)


def _largest(np: Any, x: Any) -> Any:
    return np.reshape(x.flat[np.argmax(np.real(x))], (1, 1))


def _greatest(np: Any, *xs: Any) -> Any:
    """Of all entries of one argument, or of several numbers."""
    if len(xs) == 1:
        return _largest(np, xs[0])
    return reduce(lambda x, y: numeric.greater(np, x, y), xs)


def _several(unify: Unifier, name: str, args: Any) -> Shape:
    """All entries of one argument, or several scalars."""
    if len(args) > 1 and not all(arg.is_scalar for arg in args):
        pair = "maximum" if name == "max" else "minimum"
        raise ShapeError(
            say(
                "{name} of several arguments takes scalars; of one, it is that of its entries.",
                name=name,
            ),
            kind="arity",
            hint=say("{pair}(x, y) compares entry by entry.", pair=pair),
        )
    return SCALAR


def _of_several(one: Callable[[Expr], Expr], two: Function) -> Callable[..., Expr]:
    def value(*xs: Typed) -> Expr:
        return one(xs[0].e) if len(xs) == 1 else reduce(two, (x.e for x in xs))

    return value


def _stated(name: str, one: tuple[Condition, ...]) -> Callable[..., tuple[Condition, ...]]:
    return lambda xs: one if len(xs) == 1 else pairwise(name, len(xs))


def rounded_max(x: Expr, mu: Expr) -> Expr:
    """μ log Σ exp(x/μ), at most μ log n above the largest entry (Nesterov 2005)"""
    return mu * log(exp(x / mu).sum())


max_: Function = primitive(
    "max",
    repeats=1,
    formula="the largest of all entries, or of several numbers; d max = Σ indmax(x) dx (Danskin "
    "1967)",
    shape=_several,
    build=_of_several(lambda x: max_(x), maximum),
    conditions_for=_stated("max", UNIQUE),
    axes=no_axes,
    of_scalar=lambda x: x,
    rewrite=lambda x: max_(Expr(build.transpose(x))) if build.oriented(x)[1] else None,
    differential=lambda args, y, dargs: inner(indmax(args[0]), dargs[0]),
    conditions=UNIQUE,
    rounded=rounded_max,
    evaluate=_greatest,
    arguments=("x", "X", "a", "a, c", "c, a, c"),
    curvature="convex",
    monotone=("increasing",),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.1.5",
    spell={
        "numpy": "np.max({0})",
        "c": "greatest({size}, {0}, {result})",
        "matlab": "largest({0})",
        "julia": "maximum({0})",
    },
    helpers={"matlab": matlab.LARGEST, "c": GREATEST},
    stacks={"numpy": "np.max({0}, axis=tuple(range(1, {0}.ndim)))"},
)

LEAST = (Condition("the smallest entry of {0} is unique", smooth=True),)

min_: Function = composite(
    "min",
    repeats=1,
    formula="the smallest of all entries, -max(-x), or of several numbers",
    shape=_several,
    build=_of_several(lambda x: -max_(-x), minimum),
    conditions=LEAST,
    conditions_for=_stated("min", LEAST),
    evaluate=lambda np, *xs: -_greatest(np, *(-x for x in xs)),
    arguments=("x", "X", "a", "a, c", "c, a, c"),
    curvature="concave",
    monotone=("increasing",),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.1.5",
)
