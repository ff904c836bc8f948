"""Constant tensors, by their size or by the shape that the formula around them needs."""

from __future__ import annotations

from typing import Any

from gradform.functions.record import Function, Typed, composite
from gradform.functions.shapes import Shape, Unifier, column
from gradform.functions.structure import join
from gradform.ir import build
from gradform.ir.dims import ONE, Dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node


def _sizes_shape(unify: Unifier, name: str, args: Any) -> Shape:
    return Shape(args[0], args[1] if len(args) > 1 else ONE)


ones: Function = composite(
    "ones",
    parameters=("dim", "dim?"),
    formula="all entries 1: a column of length n, or an m x n matrix",
    shape=_sizes_shape,
    sized=True,
    build=lambda *sizes, shape: build.ones(*shape.axes),
    evaluate=lambda np, *sizes, shape: np.ones(shape),
    arguments=("n", "m, n"),
)

zeros: Function = composite(
    "zeros",
    parameters=("dim", "dim?"),
    formula="all entries 0: a column of length n, or an m x n matrix",
    shape=_sizes_shape,
    sized=True,
    build=lambda *sizes, shape: build.zero(shape.axes),
    evaluate=lambda np, *sizes, shape: np.zeros(shape),
    arguments=("n", "m, n"),
)


def _identity_shape(unify: Unifier, name: str, args: Any) -> Shape:
    size = args[0] if args else unify.fresh()
    return Shape(size, size)


eye: Function = composite(
    "eye",
    parameters=("dim?",),
    formula="the identity matrix; without a size, of the size that fits",
    shape=_identity_shape,
    sized=True,
    build=lambda *sizes, shape: build.delta(shape.rows) if shape.axes else build.constant(1),
    evaluate=lambda np, *sizes, shape: np.eye(shape[0]),
    arguments=("n",),
)


def _repeated(c: Typed, *, shape: Shape) -> Node:
    return build.broadcast(c.node, shape.axes)


vector: Function = composite(
    "vector",
    formula="a column with all entries c, as long as fits",
    shape=lambda unify, name, args: column(unify.fresh()),
    sized=True,
    build=_repeated,
    evaluate=lambda np, c, shape: np.broadcast_to(c, shape),
    arguments=("a",),
)

matrix: Function = composite(
    "matrix",
    formula="a matrix with all entries c, of the shape that fits",
    shape=lambda unify, name, args: Shape(unify.fresh(), unify.fresh()),
    sized=True,
    build=_repeated,
    evaluate=lambda np, c, shape: np.broadcast_to(c, shape),
    arguments=("a",),
)


def commutation(m: Dim, n: Dim) -> Expr:
    """K[I, J] = Σ_ij F[I, i, j] F[J, j, i], as vec(A')[I] = A_ij where I joins (i, j) and
    vec(A)[J] = A_ij where J joins (j, i)."""
    if m is ONE or n is ONE:
        size = m * n
        return Expr(build.constant(1) if size is ONE else build.delta(size))
    factors = [*join(m, n, ("I", "i", "j")), *join(n, m, ("J", "j", "i"))]
    return Expr(build.contract(1, factors, ("I", "J")))


def _commutation(np: Any, m: int, n: int) -> Any:
    places = np.arange(m * n).reshape(m, n, order="F")
    return np.eye(m * n)[places.ravel()]


commute: Function = composite(
    "commute",
    parameters=("dim", "dim"),
    formula="K with K vec(A) = vec(A') for A of shape m x n (Magnus & Neudecker, 3.7)",
    shape=lambda unify, name, args: Shape(args[0] * args[1], args[0] * args[1]),
    build=commutation,
    evaluate=_commutation,
    arguments=("m, n", "n, n"),
)


def _unit(np: Any, n: int, k: int) -> Any:
    if not 1 <= k <= n:
        raise ValueError(f"there is no unit vector {k} of length {n}")
    return np.eye(n)[:, k - 1 : k]


unit: Function = composite(
    "unit",
    parameters=("dim", "dim"),
    formula="the k-th unit vector of length n, k = 1 … n",
    shape=lambda unify, name, args: column(args[0]),
    build=lambda n, k: build.constant(1) if n is ONE else build.unit(n, k - 1),
    evaluate=_unit,
    arguments=("n, 2", "n, n"),
    latex=r"\mathbf{{e}}^{{({0})}}_{{{1}}}",
)

select: Function = composite(
    "select",
    parameters=("dim", "dim", "dim"),
    formula="rows i … j of the identity of size n, so that select(n,i,j)*x = x(i:j)",
    shape=lambda unify, name, args: Shape(args[2] - args[1] + 1, args[0]),
    build=lambda n, i, j: _selection(n, i, j),
    evaluate=lambda np, n, i, j: np.eye(n)[i - 1 : j],
    arguments=("n, 2, n", "n, 1, 2"),
)


def _selection(n: Dim, i: Dim, j: Dim) -> Node:
    length = j - i + 1
    return build.unit(n, i - 1) if length is ONE else build.select(n, i - 1, length)
