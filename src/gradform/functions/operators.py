"""What derivatives are written with, beyond the operators of an expression."""

from __future__ import annotations

from fractions import Fraction

from gradform.functions.record import Typed
from gradform.ir import build
from gradform.ir.dims import ONE, Dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Coefficient, Contraction, Leaf, Node, Sum

__all__ = [
    "along",
    "axis_position",
    "content",
    "count",
    "diagonal_matrix",
    "diagonal_of",
    "entry",
    "identity",
    "inner",
    "split_scalar",
    "summed",
    "symmetric_part",
    "trace",
]


def trace(a: Expr) -> Expr:
    """Σ A_ii"""
    return Expr(build.contract(1, [(a.node, (0, 0), 1)], ()))


def inner(a: Expr, b: Expr) -> Expr:
    """Σ a·b over all entries"""
    return (a * b).sum()


def identity(n: Dim) -> Expr:
    return Expr(build.delta(n))


def diagonal_matrix(v: Expr) -> Expr:
    """diag(v)_ij = δ_ij v_i"""
    delta = build.delta(v.node.axes[0])
    return Expr(build.contract(1, [(delta, (0, 1), 1), (v.node, (0,), 1)], (0, 1)))


def entry(v: Expr, position: Dim) -> Expr:
    """The entry of a vector at a 0-based position."""
    unit = build.unit(v.node.axes[0], position)
    return Expr(build.contract(1, [(v.node, (0,), 1), (unit, (0,), 1)], ()))


def symmetric_part(a: Expr) -> Expr:
    return (a + a.T) / 2


def axis_position(x: Typed, axis: int) -> int | None:
    """Position among the tensor's axes of axis 1 (rows) or 2 (columns); None: it has size 1."""
    if x.shape[axis - 1] is ONE:
        return None
    return 0 if axis == 1 else x.node.rank - 1


def summed(x: Expr, like: Typed, axis: int | None = None) -> Expr:
    """The sum over all entries, or over the rows (1) or columns (2), of the shape of ``like``."""
    if axis is None:
        return x.sum()
    position = axis_position(like, axis)
    return x if position is None else x.sum(position)


def along(x: Expr, like: Typed, axis: int | None = None) -> Expr:
    """What was reduced by :func:`summed`, repeated to the shape it was reduced from."""
    position = None if axis is None else axis_position(like, axis)
    if axis is not None and position is None:
        return x
    labels = tuple(range(like.node.rank))
    kept = () if axis is None else tuple(k for k in labels if k != position)
    return Expr(build.contract(1, [(x.node, kept, 1)], labels, dict(enumerate(like.node.axes))))


def count(x: Typed, axis: int | None = None) -> Expr:
    """How many entries :func:`summed` adds up."""
    sizes = x.shape if axis is None else (x.shape[axis - 1],)
    return Expr(build.hadamard(*(build.size_of(size) for size in sizes)))


def content(node: Node) -> tuple[Coefficient, Node]:
    """(c, core) with node = c·core; c > 0 unless every coefficient is negative."""
    match node:
        case Contraction() if node.coefficient:
            return node.coefficient, build.scale(Fraction(1) / node.coefficient, node)
        case Sum():
            number, core = build.primitive(node)
            if number < 0 and any(c > 0 for c, _ in node.terms):
                return -number, build.scale(-1, core)
            return number, core
    return 1, node


def split_scalar(node: Node) -> tuple[Expr, Node]:
    """(c, core) with node = c·core: the number and the scalar factors of a matrix."""
    match node:
        case Contraction() if node.coefficient and any(labels for _, labels, _ in node.factors):
            scalars = [factor for factor in node.factors if not factor[1]]
            rest = [factor for factor in node.factors if factor[1]]
            core = build.contract(1, rest, range(node.rank), dict(enumerate(node.axes)))
            return Expr(build.contract(node.coefficient, scalars, ())), core
        case Sum():
            number, core = build.primitive(node)
            return Expr(build.constant(number)), core
    return Expr(build.constant(1)), node


def diagonal_of(node: Node) -> Expr | None:
    """v when the matrix is written as diag(v), else None."""
    match node:
        case Leaf(kind="delta"):
            return Expr(build.ones(node.axes[0]))
        case Contraction():
            rest = [f for f in node.factors if not _joins_outputs(f[0], f[1])]
            if len(rest) == len(node.factors) or any(1 in labels for _, labels, _ in rest):
                return None
            return Expr(build.contract(node.coefficient, rest, (0,), {0: node.axes[0]}))
    return None


def _joins_outputs(node: Node, labels: tuple[int, ...]) -> bool:
    return isinstance(node, Leaf) and node.kind == "delta" and set(labels) == {0, 1}
