"""Indicator functions of convex sets, 0 inside and infinite outside, and distances to sets.

An indicator function is constant inside its set, so its derivative there is 0. Where a set
has no inside, the function has no derivative anywhere.
"""

from __future__ import annotations

from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.kinked import abs_, maximum, relu
from gradform.functions.linear_algebra import pinv
from gradform.functions.norms import euclidean
from gradform.functions.piecewise import where_negative, where_nonpositive
from gradform.functions.record import Condition, Function, Typed, composite, primitive
from gradform.functions.reductions import max_, no_axes, total_shape
from gradform.functions.shapes import (
    SCALAR,
    Shape,
    Unifier,
    describe,
    elementwise,
    scalar_of_square,
)
from gradform.functions.sources.c_arrays import AFFINE, SIMPLEX
from gradform.functions.spectral import eig, lambda_min
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from gradform.language import joined, say

ROCKAFELLAR = "Rockafellar, Convex Analysis, section 4"
DISTANCE = "Boyd & Vandenberghe, Convex Optimization, 3.2.5"

NEAR = 1e-9
"""How far from a set without inside numbers may be by rounding, and still count as in it."""


def _infinity() -> Expr:
    return Expr(build.number("inf"))


def _nothing() -> Expr:
    return Expr(build.constant(0))


def _where(np: Any, inside: Any) -> Any:
    return numeric.scalar(np, np.where(np.all(inside), 0.0, np.inf))


def _with_scalar(unify: Unifier, name: str, args: Any) -> Shape:
    """An array and a scalar to a scalar."""
    if not args[1].is_scalar:
        raise ShapeError(
            say(
                "{name}: the second argument is a scalar; it is {shape}.",
                name=name,
                shape=describe(unify.shape(args[1])),
            ),
            kind="dimension_mismatch",
        )
    return SCALAR


def _box_shape(unify: Unifier, name: str, args: Any) -> Shape:
    elementwise(unify, name, args)
    return SCALAR


# ---------------------------------------------------------------- with an inside

ind_nonneg: Function = composite(
    "ind_nonneg",
    formula="0 where all entries are >= 0, else inf",
    shape=total_shape,
    build=lambda x: where_nonpositive(max_(-x.e), _nothing(), _infinity()),
    conditions=(Condition("{0} > 0", smooth=True),),
    evaluate=lambda np, x: _where(np, np.real(x) >= 0),
    domain="positive",
    arguments=("p", "c"),
    definition="piecewise(min(x) >= 0, 0, inf)",
    curvature="convex",
    monotone=("decreasing",),
    known_from=ROCKAFELLAR,
    latex=r"\iota_{{\ge 0}}\left({0}\right)",
)


def _gaps(x: Typed, low: Typed, high: Typed) -> tuple[Node, Node]:
    """low - x and x - high, entry by entry."""
    axes = next((each.node.axes for each in (x, low, high) if each.node.rank), ())
    wide = [
        each.node if each.node.rank else build.broadcast(each.node, axes) for each in (x, low, high)
    ]
    return build.subtract(wide[1], wide[0]), build.subtract(wide[0], wide[2])


def _excess(x: Typed, low: Typed, high: Typed) -> Expr:
    """How far the worst entry is outside of [low, high], negative inside."""
    below, above = _gaps(x, low, high)
    return max_(maximum(Expr(below), Expr(above)))


ind_box: Function = composite(
    "ind_box",
    parameters=("expr", "expr", "expr"),
    formula="0 where l <= x <= u, entry by entry, else inf",
    shape=_box_shape,
    build=lambda x, low, high: where_nonpositive(_excess(x, low, high), _nothing(), _infinity()),
    conditions=(
        Condition("{0} > {1}", smooth=True),
        Condition("{0} < {2}", smooth=True),
    ),
    evaluate=lambda np, x, low, high: _where(
        np, (np.real(x) >= np.real(low)) & (np.real(x) <= np.real(high))
    ),
    domain="unit",
    arguments=("u, y, r",),
    curvature="convex",
    known_from=ROCKAFELLAR,
    latex=r"\iota_{{[{1}, {2}]}}\left({0}\right)",
)

ind_ball2: Function = composite(
    "ind_ball2",
    parameters=("expr", "expr"),
    formula="0 where norm2(x) <= r, else inf",
    shape=_with_scalar,
    build=lambda x, r: where_nonpositive(euclidean(x.e) - r.e, _nothing(), _infinity()),
    conditions=(Condition("norm2({0}) < {1}", smooth=True),),
    evaluate=lambda np, x, r: _where(np, np.linalg.norm(np.real(x)) <= np.real(r)),
    domain="unit",
    arguments=("u, t",),
    definition="piecewise(norm2(x) <= y, 0, inf)",
    curvature="convex",
    monotone=(None, "decreasing"),
    known_from=ROCKAFELLAR,
)

ind_ball1: Function = composite(
    "ind_ball1",
    parameters=("expr", "expr"),
    formula="0 where norm1(x) <= r, else inf",
    shape=_with_scalar,
    build=lambda x, r: where_nonpositive(abs_(x.e).sum() - r.e, _nothing(), _infinity()),
    conditions=(Condition("norm1({0}) < {1}", smooth=True),),
    evaluate=lambda np, x, r: _where(np, np.sum(np.abs(np.real(x))) <= np.real(r)),
    domain="unit",
    arguments=("u, t",),
    definition="piecewise(norm1(x) <= y, 0, inf)",
    curvature="convex",
    monotone=(None, "decreasing"),
    known_from=ROCKAFELLAR,
)


def _smallest(x: Typed) -> Expr:
    return Expr(lambda_min.value([x]))


ind_psd: Function = composite(
    "ind_psd",
    formula="0 where a symmetric matrix is positive semidefinite, else inf",
    shape=scalar_of_square,
    needs_symmetric=True,
    build=lambda x: where_negative(_smallest(x), _infinity(), _nothing()),
    conditions=(Condition("{0} is positive definite", smooth=True),),
    evaluate=lambda np, x: _where(np, np.linalg.eigvalsh(numeric.symmetric_part(np.real(x))) >= 0),
    domain="spd",
    arguments=("P", "c"),
    definition="piecewise(lambda_min(x) >= 0, 0, inf)",
    curvature="convex",
    known_from=ROCKAFELLAR,
    latex=r"\iota_{{\succeq 0}}\left({0}\right)",
)

# ---------------------------------------------------------------- without an inside


def _on_simplex(np: Any, x: Any) -> Any:
    x = np.real(x)
    return _where(np, (np.min(x) >= 0) & (abs(np.sum(x) - 1) <= NEAR))


ind_simplex: Function = primitive(
    "ind_simplex",
    formula="0 where all entries are >= 0 and their sum is 1, else inf; no derivative anywhere",
    shape=total_shape,
    axes=no_axes,
    no_derivative=say("the simplex has no inside, so the function is nowhere finite nearby"),
    conditions=(Condition("sum({0}) == 1"),),
    sign="nonnegative",
    evaluate=_on_simplex,
    analytic=False,
    domain="simplex",
    arguments=("s",),
    definition="piecewise(min(x) < 0, inf, sum(x) == 1, 0, inf)",
    curvature="convex",
    known_from=ROCKAFELLAR,
    latex=r"\iota_{{\Delta}}\left({0}\right)",
    spell={"c": "simplex_indicator({size}, {0})"},
    helpers={
        "c": SIMPLEX,
        "numpy": """\
def ind_simplex(x):
    allowed = max(1e-9, 8 * np.finfo(x.dtype).eps)
    return 0.0 if np.min(x) >= 0 and abs(np.sum(x) - 1) <= allowed else np.inf
""",
        "jax": """\
def ind_simplex(x):
    allowed = max(1e-9, 8 * float(jnp.finfo(x.dtype).eps))
    inside = (jnp.min(x) >= 0) & (jnp.abs(jnp.sum(x) - 1) <= allowed)
    return jnp.where(inside, 0.0, jnp.inf).astype(x.dtype)
""",
        "torch": """\
def ind_simplex(x):
    allowed = max(1e-9, 8 * torch.finfo(x.dtype).eps)
    inside = (torch.min(x) >= 0) & (torch.abs(torch.sum(x) - 1) <= allowed)
    return torch.where(inside, 0.0, torch.inf).to(x.dtype)
""",
    },
)


def _affine_shape(unify: Unifier, name: str, args: Any) -> Shape:
    x, matrix, right = args
    fits = unify.same(matrix.cols, x.rows) and unify.same(matrix.rows, right.rows)
    if not fits or not x.cols.value == right.cols.value == 1:
        shapes = joined(describe(unify.shape(each)) for each in args)
        raise ShapeError(
            say(
                "{name}(x, E, f) needs E*x and f of one shape; these are {shapes}.",
                name=name,
                shapes=shapes,
            ),
            kind="dimension_mismatch",
        )
    return SCALAR


def _on_plane(np: Any, x: Any, matrix: Any, right: Any) -> Any:
    gap = np.real(matrix @ x - right)
    scale = 1 + np.abs(np.real(matrix)) @ np.abs(np.real(x)) + np.abs(np.real(right))
    return _where(np, np.abs(gap) <= NEAR * scale)


ind_affine: Function = primitive(
    "ind_affine",
    parameters=("expr", "expr", "expr"),
    formula="0 where E x = f, else inf; no derivative anywhere",
    shape=_affine_shape,
    axes=no_axes,
    no_derivative=say(
        "the solutions of E x = f have no inside, so the function is nowhere finite nearby"
    ),
    conditions=(Condition("{1}*{0} == {2}"),),
    sign="nonnegative",
    evaluate=_on_plane,
    analytic=False,
    arguments=("x, X, z", "x, A, y"),
    spell={"c": "affine_indicator({rows1}, {rows}, {0}, {1}, {2})"},
    helpers={
        "c": AFFINE,
        "numpy": """\
def ind_affine(x, matrix, right):
    allowed = max(1e-9, 8 * np.finfo(x.dtype).eps)
    gap = np.abs(np.dot(matrix, x) - right)
    scale = 1 + np.dot(np.abs(matrix), np.abs(x)) + np.abs(right)
    return 0.0 if np.all(gap <= allowed * scale) else np.inf
""",
        "jax": """\
def ind_affine(x, matrix, right):
    allowed = max(1e-9, 8 * float(jnp.finfo(x.dtype).eps))
    gap = jnp.abs(jnp.dot(matrix, x) - right)
    scale = 1 + jnp.dot(jnp.abs(matrix), jnp.abs(x)) + jnp.abs(right)
    return jnp.where(jnp.all(gap <= allowed * scale), 0.0, jnp.inf).astype(x.dtype)
""",
        "torch": """\
def ind_affine(x, matrix, right):
    allowed = max(1e-9, 8 * torch.finfo(x.dtype).eps)
    gap = torch.abs(torch.matmul(matrix, x) - right)
    scale = 1 + torch.matmul(torch.abs(matrix), torch.abs(x)) + torch.abs(right)
    return torch.where(torch.all(gap <= allowed * scale), 0.0, torch.inf).to(x.dtype)
""",
    },
)

# ---------------------------------------------------------------- distances


def _norm(np: Any, x: Any) -> Any:
    return np.sqrt(np.sum(x * x, keepdims=True))


def _below(np: Any, x: Any) -> Any:
    """What of x lies below 0, for complex x by its real part."""
    return np.where(np.real(x) < 0, x, 0 * x)


dist_nonneg: Function = composite(
    "dist_nonneg",
    formula="the Euclidean distance to the entries >= 0: norm2(min(x, 0))",
    shape=total_shape,
    build=lambda x: euclidean(relu(-x.e)),
    conditions=(Condition("dist_nonneg({0}) != 0", smooth=True),),
    evaluate=lambda np, x: _norm(np, _below(np, x)),
    arguments=("x", "X"),
    curvature="convex",
    monotone=("decreasing",),
    known_from=DISTANCE,
)


def _outside(x: Typed, low: Typed, high: Typed) -> Expr:
    below, above = _gaps(x, low, high)
    return relu(Expr(below)) + relu(Expr(above))


dist_box: Function = composite(
    "dist_box",
    parameters=("expr", "expr", "expr"),
    formula="the Euclidean distance to l <= x <= u: norm2(x - clip(x, l, u)), for l <= u",
    shape=_box_shape,
    build=lambda x, low, high: euclidean(_outside(x, low, high)),
    conditions=(Condition("dist_box({0}, {1}, {2}) != 0", smooth=True),),
    evaluate=lambda np, x, low, high: _norm(np, _below(np, x - low) + _below(np, high - x)),
    domain="large",
    arguments=("r, y, u", "r, a, u"),
    curvature="convex",
    monotone=(None, "increasing", "decreasing"),
    known_from=DISTANCE,
)

dist_ball2: Function = composite(
    "dist_ball2",
    parameters=("expr", "expr"),
    formula="the Euclidean distance to norm2(x) <= r: max(norm2(x) - r, 0)",
    shape=_with_scalar,
    build=lambda x, r: relu(euclidean(x.e) - r.e),
    conditions=(
        Condition("norm2({0}) != 0", smooth=True),
        Condition("norm2({0}) != {1}", smooth=True),
    ),
    evaluate=lambda np, x, r: -_below(np, r - _norm(np, x)),
    domain="large",
    arguments=("r, c", "X, c"),
    definition="max(norm2(x) - y, 0)",
    curvature="convex",
    monotone=(None, "decreasing"),
    known_from=DISTANCE,
)


def _from_plane(x: Typed, matrix: Typed, right: Typed) -> Expr:
    if matrix.node.rank < 2 or not x.node.rank:
        gap = (matrix.e * x.e).sum() - right.e
        return abs_(gap) / euclidean(matrix.e)
    return euclidean(pinv(matrix.e) @ (matrix.e @ x.e - right.e))


dist_affine: Function = composite(
    "dist_affine",
    parameters=("expr", "expr", "expr"),
    formula="the Euclidean distance to E x = f, for E of full row rank: norm2(pinv(E)*(E*x - f))",
    shape=_affine_shape,
    build=_from_plane,
    conditions=(Condition("{1}*{0} - {2} != 0", smooth=True),),
    evaluate=lambda np, x, e, f: _norm(np, np.linalg.pinv(e) @ (e @ x - f)),
    analytic=False,
    arguments=("z, W, x", "x, A, y"),
)

dist_psd: Function = composite(
    "dist_psd",
    formula="the Frobenius distance to the positive semidefinite matrices: norm2(min(eig(X), 0))",
    shape=scalar_of_square,
    needs_symmetric=True,
    build=lambda x: euclidean(relu(-eig(x.e))),
    conditions=(Condition("dist_psd({0}) != 0", smooth=True),),
    evaluate=lambda np, x: _norm(
        np, _below(np, np.linalg.eigvalsh(numeric.symmetric_part(x)))[:, None]
    ),
    analytic=False,
    domain="symmetric",
    arguments=("S",),
    curvature="convex",
    known_from=DISTANCE,
)
