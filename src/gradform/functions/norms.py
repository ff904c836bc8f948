"""Vector and matrix norms."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.elementwise import exp, log
from gradform.functions.kinked import abs_
from gradform.functions.linear_algebra import SMALLEST, inv
from gradform.functions.matrix_functions import solution_map
from gradform.functions.operators import count, identity, inner
from gradform.functions.record import Condition, Function, Typed, composite, primitive
from gradform.functions.reductions import max_, no_axes, total_shape
from gradform.functions.shapes import Shape, Unifier, describe, scalar_of_vector
from gradform.functions.sources import julia, matlab
from gradform.functions.special import xlogx
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from gradform.language import say

NORM = "a norm: Boyd & Vandenberghe, Convex Optimization, 3.1.5"
COMPOSITION = "Boyd & Vandenberghe, Convex Optimization, 3.2.4"


def euclidean(x: Expr) -> Expr:
    """(Σ x²)^(1/2)"""
    return (x**2).sum() ** Fraction(1, 2)


norm1: Function = composite(
    "norm1",
    formula="Σ |x_i| over all entries",
    shape=total_shape,
    build=lambda x: abs_(x.e).sum(),
    conditions=(Condition("{0} != 0", smooth=True),),
    evaluate=lambda np, x: np.sum(x * np.sign(np.real(x)), keepdims=True),
    definition="sum(abs(x))",
    curvature="convex",
    known_from=NORM,
    latex=r"\left\lVert {0} \right\rVert_1",
    unicode="‖{0}‖₁",
)

norm2: Function = composite(
    "norm2",
    formula="(Σ x_i²)^(1/2): Euclidean, for matrices Frobenius norm",
    shape=total_shape,
    build=lambda x: euclidean(x.e),
    conditions=(Condition("norm2({0}) != 0", smooth=True),),
    evaluate=lambda np, x: np.sqrt(np.sum(x * x, keepdims=True)),
    definition="sum(x.^2)^(1/2)",
    curvature="convex",
    known_from=NORM,
    latex=r"\left\lVert {0} \right\rVert_2",
    unicode="‖{0}‖₂",
)


def _largest_size(np: Any, x: Any) -> Any:
    sizes = x * np.sign(np.real(x))
    return np.reshape(sizes.flat[np.argmax(np.real(sizes))], (1, 1))


norminf: Function = composite(
    "norminf",
    formula="max |x_i|, of a vector",
    shape=scalar_of_vector,
    build=lambda x: max_(abs_(x.e)),
    conditions=(Condition("the largest entry of abs({0}) is unique", smooth=True),),
    evaluate=_largest_size,
    arguments=("x", "a"),
    definition="max(abs(x))",
    curvature="convex",
    known_from=NORM,
    latex=r"\left\lVert {0} \right\rVert_\infty",
    unicode="‖{0}‖∞",
)


def _vector_norm(primitive_norm: Any) -> Any:
    """Of a vector, its Euclidean norm."""
    return lambda x: primitive_norm(x.e) if x.shape.is_matrix else euclidean(x.e)


def _upright(x: Node) -> Node | None:
    """The transpose, when that is the canonical orientation."""
    return build.transpose(x) if build.oriented(x)[1] else None


def _same_transposed(fn: Any) -> Any:
    """f(X') = f(X)"""

    def rewrite(x: Node) -> Expr | None:
        upright = _upright(x)
        return None if upright is None else fn()(Expr(upright))

    return rewrite


def _transposed(fn: Any) -> Any:
    """f(X') = f(X)'"""

    def rewrite(x: Node) -> Expr | None:
        upright = _upright(x)
        return None if upright is None else fn()(Expr(upright)).T

    return rewrite


# With X = U S V': d tr(S) = tr(V U' dX) (Watson 1992).
normnuc: Function = primitive(
    "normnuc",
    formula="the sum of the singular values; d normnuc = tr(polar(X)' dX)",
    shape=total_shape,
    build=_vector_norm(lambda x: normnuc(x)),
    axes=no_axes,
    rewrite=_same_transposed(lambda: normnuc),
    differential=lambda args, y, dargs: inner(polar(args[0]), dargs[0]),
    sign="nonnegative",
    conditions=(Condition("{0} has full rank", smooth=True),),
    evaluate=lambda np, x: numeric.scalar(np, np.linalg.svd(x, compute_uv=False).sum()),
    analytic=False,
    arguments=("X", "x", "a"),
    curvature="convex",
    known_from=NORM,
    latex=r"\left\lVert {0} \right\rVert_*",
    unicode="‖{0}‖∗",
    spell={
        "numpy": "np.linalg.norm({0}, 'nuc')",
        "matlab": "sum(svd({0}))",
        "julia": "sum(svdvals({0}))",
    },
    stacks={"numpy": "np.linalg.norm({0}, 'nuc', axis=(1, 2))"},
)


def _polar_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """With X = Q H = K Q for H = (X'X)^½ and K = (XX')^½: K dQ + dQ H = dX - Q dX' Q.

    From X = U S V': U'dQ V = Ω solves S Ω + Ω S = E - E' with E = U'dX V, and what dX has
    outside the ranges of U and V is divided by S. K and H have no common null space side,
    so the equation has one solution whichever side of X is longer."""
    (x,), (dx,) = args, dargs
    solution = solution_map((x @ y.T).node, (y.T @ x).node)
    moved = dx - y @ dx.T @ y
    return Expr(build.contract(1, [(solution, (0, 1, 2, 3), 1), (moved.node, (2, 3), 1)], (0, 1)))


def _polar(np: Any, x: Any) -> Any:
    u, values, vt = np.linalg.svd(x, full_matrices=False)
    if values[-1] <= SMALLEST * values[0]:
        return np.full_like(x, np.nan)  # one of several
    return u @ vt


def _direction(x: Typed) -> Expr:
    """Of a vector, x/‖x‖."""
    return polar(x.e) if x.shape.is_matrix else x.e / euclidean(x.e)


polar: Function = primitive(
    "polar",
    formula="U V' where X = U S V': the orthogonal polar factor (Higham, ch. 8)",
    shape=lambda unify, name, args: args[0],
    build=_direction,
    axes=lambda x: x.axes,
    rewrite=_transposed(lambda: polar),
    keeps_symmetry=True,
    differential=_polar_differential,
    conditions=(Condition("{0} has full rank"),),
    evaluate=_polar,
    analytic=False,
    arguments=("A", "x"),
    spell={
        "matlab": "polar({0})",
        "julia": "polar({0})",
    },
    helpers={
        "julia": julia.POLAR,
        "matlab": matlab.POLAR,
        "numpy": """\
def polar(x):
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return u @ vt
""",
        "torch": """\
def polar(x):
    u, _, vt = torch.linalg.svd(x, full_matrices=False)
    return u @ vt
""",
    },
)

SEPARATED = (Condition("the largest singular value of {0} is simple", smooth=True),)

# The largest singular value s1 with vectors u1, v1: ds1 = u1' dX v1.
normspec: Function = primitive(
    "normspec",
    formula="the largest singular value; d normspec = tr(top_singular(X)' dX)",
    shape=total_shape,
    build=_vector_norm(lambda x: normspec(x)),
    axes=no_axes,
    rewrite=_same_transposed(lambda: normspec),
    differential=lambda args, y, dargs: inner(top_singular(args[0]), dargs[0]),
    sign="nonnegative",
    conditions=SEPARATED,
    evaluate=lambda np, x: numeric.scalar(np, np.linalg.norm(x, 2)),
    analytic=False,
    arguments=("X", "x", "a"),
    curvature="convex",
    known_from=NORM,
    latex=r"\left\lVert {0} \right\rVert_\sigma",
    unicode="‖{0}‖σ",
    spell={
        "numpy": "np.linalg.norm({0}, 2)",
        "matlab": "norm({0})",
        "julia": "opnorm({0})",
    },
    stacks={"numpy": "np.linalg.norm({0}, 2, axis=(1, 2))"},
)


def _top_differential(args: tuple[Expr, ...], y: Expr, dargs: tuple[Expr, ...]) -> Expr:
    """Y = X P/s with s = normspec(X) and P = v1 v1' the projector on the top eigenspace of
    M = X'X, so dP = P dM R + R dM P with R = (s² I - M)⁺ (Kato, II.2.1).

    R = (s² (I + P) - M)⁻¹ - P/s², where nothing has to be told from rounding to be inverted.
    """
    (x,), (dx,) = args, dargs
    size = normspec(x)
    gram = x.T @ x
    projector = y.T @ y
    shifted = (identity(x.node.axes[1]) + projector) * size**2 - gram
    resolvent = inv(shifted) - projector / size**2
    change = projector @ (x.T @ dx + dx.T @ x) @ resolvent
    moved = dx @ projector + x @ (change + change.T)
    return (moved - y * inner(y, dx)) / size


def _top(np: Any, x: Any) -> Any:
    u, values, vt = np.linalg.svd(x, full_matrices=False)
    if not values[0]:
        return np.full_like(x, np.nan)  # any pair of vectors
    return np.outer(u[:, 0], vt[0])


top_singular: Function = primitive(
    "top_singular",
    formula="u v' with the singular vectors of the largest singular value",
    shape=lambda unify, name, args: args[0],
    build=lambda x: top_singular(x.e) if x.shape.is_matrix else _direction(x),
    axes=lambda x: x.axes,
    rewrite=_transposed(lambda: top_singular),
    keeps_symmetry=True,
    differential=_top_differential,
    conditions=(Condition("the largest singular value of {0} is simple"),),
    evaluate=_top,
    analytic=False,
    arguments=("X", "W", "x"),
    spell={
        "matlab": "top_pair({0})",
        "julia": "top_pair({0})",
    },
    helpers={
        "julia": julia.TOP_PAIR,
        "matlab": matlab.TOP_PAIR,
        "numpy": """\
def top_singular(x):
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return np.outer(u[:, 0], vt[0])
""",
        "torch": """\
def top_singular(x):
    u, _, vt = torch.linalg.svd(x, full_matrices=False)
    return torch.outer(u[:, 0], vt[0])
""",
    },
)


# ---------------------------------------------------------------- sums of squares and the like


def _row_norms(x: Typed) -> Expr:
    """Σ_i (Σ_j X_ij²)^½"""
    if not x.shape.is_matrix:
        return euclidean(x.e) if x.shape.is_row else abs_(x.e).sum()
    return ((x.e**2).sum(1) ** Fraction(1, 2)).sum()


norm21: Function = composite(
    "norm21",
    formula="the sum of the Euclidean norms of the rows",
    shape=total_shape,
    build=_row_norms,
    conditions=(Condition("the rows of {0} are not 0", smooth=True),),
    evaluate=lambda np, x: np.sum(np.sqrt(np.sum(x * x, 1)), keepdims=True)[:, None],
    curvature="convex",
    known_from=NORM,
    latex=r"\left\lVert {0} \right\rVert_{{2,1}}",
)

sumsq: Function = composite(
    "sumsq",
    formula="Σ x_i² over all entries",
    shape=total_shape,
    build=lambda x: (x.e**2).sum(),
    evaluate=lambda np, x: np.sum(x * x, keepdims=True),
    definition="sum(x.^2)",
    curvature="convex",
    known_from=COMPOSITION,
)


def _with_divisor(unify: Unifier, name: str, args: Any) -> Shape:
    if not args[1].is_scalar:
        raise ShapeError(
            say(
                "{name}: the second argument is a scalar; it is {shape}.",
                name=name,
                shape=describe(unify.shape(args[1])),
            ),
            kind="dimension_mismatch",
        )
    return total_shape(unify, name, args)


quad_over_lin: Function = composite(
    "quad_over_lin",
    parameters=("expr", "expr"),
    formula="Σ x_i²/t for t > 0",
    shape=_with_divisor,
    build=lambda x, t: (x.e**2).sum() / t.e,
    conditions=(Condition("{1} > 0"),),
    evaluate=lambda np, x, t: np.sum(x * x, keepdims=True) / t,
    arguments=("x, c", "X, c", "a, c"),
    definition="sum(x.^2)/y",
    curvature="convex",
    convex_on=(None, "positive"),
    monotone=(None, "decreasing"),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.2.6",
)

geo_mean: Function = composite(
    "geo_mean",
    formula="(Π x_i)^(1/n) = exp(Σ log(x_i)/n), x > 0",
    shape=total_shape,
    build=lambda x: exp(log(x.e).sum() / count(x)),
    conditions=(Condition("{0} > 0"),),
    evaluate=lambda np, x: np.exp(np.mean(np.log(x), keepdims=True)),
    domain="positive",
    arguments=("p", "c"),
    definition="exp(mean(log(x)))",
    curvature="concave",
    convex_on=("positive",),
    monotone=("increasing",),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.1.5",
)

negentropy: Function = composite(
    "negentropy",
    formula="Σ x_i log(x_i) with 0 log(0) = 0",
    shape=total_shape,
    build=lambda x: xlogx(x.e).sum(),
    conditions=(Condition("{0} > 0", smooth=True, border=True),),
    evaluate=lambda np, x: np.sum(x * np.log(np.where(x == 0, 1, x)), keepdims=True),
    domain="positive",
    arguments=("p", "c"),
    definition="sum(piecewise(x == 0, 0, x.*log(x)))",
    curvature="convex",
    convex_on=("positive",),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.1.5",
)
