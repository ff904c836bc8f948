"""Products of several kinds, diagonals, triangles, and stacking of columns."""

from __future__ import annotations

from typing import Any

from gradform.errors import ShapeError
from gradform.functions.operators import diagonal_matrix, inner
from gradform.functions.record import Function, Typed, composite, primitive
from gradform.functions.shapes import (
    SCALAR,
    THIS,
    Shape,
    Unifier,
    column,
    describe,
    square,
    vector_length,
)
from gradform.functions.sources import julia, matlab
from gradform.functions.sources.c_arrays import BAND_SUMS
from gradform.ir import build
from gradform.ir.dims import ONE, Dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from gradform.language import say


def _dot_shape(unify: Unifier, name: str, args: Any) -> Shape:
    first, second = (vector_length(unify, name, shape) for shape in args)
    if not unify.same(first, second):
        raise ShapeError(
            say(
                "{name}: lengths {first} and {second} differ.",
                name=name,
                first=unify.resolve(first),
                second=unify.resolve(second),
            ),
            kind="dimension_mismatch",
        )
    return SCALAR


dot: Function = composite(
    "dot",
    parameters=("expr", "expr"),
    formula="Σ x_i y_i of two vectors",
    shape=_dot_shape,
    build=lambda x, y: inner(x.e, y.e),
    evaluate=lambda np, x, y: np.sum(x.reshape(-1, 1) * y.reshape(-1, 1), keepdims=True),
    arguments=("x, y",),
)

outer: Function = composite(
    "outer",
    parameters=("expr", "expr"),
    formula="x_i y_j of two vectors",
    shape=lambda unify, name, args: Shape(*(vector_length(unify, name, each) for each in args)),
    build=lambda x, y: Expr(build.outer(x.node, y.node)),
    evaluate=lambda np, x, y: x.reshape(-1, 1) @ y.reshape(1, -1),
    arguments=("x, z", "a, x", "x, c"),
)


Labels = tuple[str, ...]


def join(
    slow: Dim, fast: Dim, labels: tuple[Any, Any, Any]
) -> list[tuple[Node, tuple[Any, ...], int]]:
    """The factor that joins two axes into one; none where an axis has size 1."""
    return [] if slow is ONE or fast is ONE else [(build.flatten_leaf(slow, fast), labels, 1)]


def _joined(slow: Dim, fast: Dim, name: str) -> tuple[str, str, str]:
    """Labels (joined, slow, fast); an axis of size 1 leaves the other one as it is."""
    if slow is ONE or fast is ONE:
        return name, name, name
    return name, name + "slow", name + "fast"


def kronecker(x: Typed, y: Typed) -> Expr:
    """kron(X, Y)[I, J] = Σ X_ik Y_jl F[I, i, j] F[J, k, l] with F joining two axes."""
    shape = Shape(x.shape.rows * y.shape.rows, x.shape.cols * y.shape.cols)
    row = _joined(x.shape.rows, y.shape.rows, "I")
    col = _joined(x.shape.cols, y.shape.cols, "J")
    factors = [
        (x.node, x.labels(row[1], col[1]), 1),
        (y.node, y.labels(row[2], col[2]), 1),
        *join(x.shape.rows, y.shape.rows, row),
        *join(x.shape.cols, y.shape.cols, col),
    ]
    return Expr(build.contract(1, factors, Typed(x.node, shape).labels(row[0], col[0])))


kron: Function = composite(
    "kron",
    parameters=("expr", "expr"),
    formula="the blocks X_ij Y (Magnus & Neudecker, 2.2)",
    shape=lambda unify, name, args: Shape(args[0].rows * args[1].rows, args[0].cols * args[1].cols),
    build=kronecker,
    evaluate=lambda np, x, y: np.kron(x, y),
    arguments=("X, A", "x, z", "x, A", "A, x", "a, X"),
)


def stacked_columns(x: Typed) -> Expr:
    """vec(X)[I] = Σ X_ij F[I, j, i]: the row index is the fast one."""
    if x.node.rank < 2:
        return x.e
    factors = [(x.node, ("i", "j"), 1), *join(x.shape.cols, x.shape.rows, ("I", "j", "i"))]
    return Expr(build.contract(1, factors, ("I",)))


vec: Function = composite(
    "vec",
    formula="the columns below one another (Magnus & Neudecker, 2.4)",
    shape=lambda unify, name, args: column(args[0].rows * args[0].cols),
    build=stacked_columns,
    evaluate=lambda np, x: x.reshape(-1, 1, order="F"),
    arguments=("X", "x", "a"),
    latex=r"\operatorname{{vec}}\left({0}\right)",
)


def _diag_shape(unify: Unifier, name: str, args: Any) -> Shape:
    shape: Shape = args[0]
    if shape.is_matrix:
        if not unify.same(shape.rows, shape.cols):
            raise ShapeError(
                say(
                    "diag needs a vector or a square matrix; {this} is {shape}.",
                    this=THIS,
                    shape=describe(unify.shape(shape)),
                ),
                kind="not_square",
            )
        return column(unify.resolve(shape.rows))
    length = vector_length(unify, name, shape)
    return Shape(length, length)


def _diagonal(x: Typed) -> Expr:
    if x.node.rank == 2:
        return Expr(build.contract(1, [(x.node, (0, 0), 1)], (0,)))
    return diagonal_matrix(x.e) if x.node.rank else x.e


diag: Function = composite(
    "diag",
    formula="the diagonal matrix of a vector; the diagonal of a square matrix, a vector",
    shape=_diag_shape,
    build=_diagonal,
    evaluate=lambda np, x: np.diagflat(x) if 1 in x.shape else np.diag(x)[:, None],
    arguments=("x", "A", "a"),
    latex=r"\operatorname{{diag}}\left({0}\right)",
)


def _lower_part(x: Typed) -> Expr:
    return x.e * Expr(build.lower(x.node.axes[0])) if x.node.rank else x.e


tril: Function = composite(
    "tril",
    formula="the lower triangle, diagonal included, zeros above",
    shape=square,
    build=_lower_part,
    evaluate=lambda np, x: np.tril(x),
    arguments=("A", "a"),
)

triu: Function = composite(
    "triu",
    formula="the upper triangle, diagonal included, zeros below",
    shape=square,
    build=lambda x: _lower_part(Typed(build.transpose(x.node), x.shape)).T,
    evaluate=lambda np, x: np.triu(x),
    arguments=("A", "a"),
)


def _band_sums(np: Any, x: Any) -> Any:
    size = len(x)
    sums = {k: np.sum(np.diagonal(x, k)) for k in range(1 - size, size)}
    return np.array([[sums[j - i] for j in range(size)] for i in range(size)])


bandsum: Function = primitive(
    "bandsum",
    formula="every entry replaced by the sum of its diagonal (Toeplitz; Matrix Cookbook, 2.8.3)",
    shape=square,
    axes=lambda x: x.axes,
    of_scalar=lambda x: x,
    of_transpose="same",
    keeps_symmetry=True,
    self_adjoint=True,
    linear_map="bandsum",
    evaluate=_band_sums,
    arguments=("A", "a"),
    spell={
        "c": "band_sums({rows}, {0}, {result})",
        "matlab": "band_sums({0})",
        "julia": "band_sums({0})",
    },
    helpers={
        "julia": julia.BAND_SUMS,
        "matlab": matlab.BAND_SUMS,
        "c": BAND_SUMS,
        "numpy": """\
def bandsum(x):
    size = len(x)
    sums = [np.trace(x, offset) for offset in range(1 - size, size)]
    return np.array([[sums[size - 1 + j - i] for j in range(size)] for i in range(size)])
""",
        "jax": """\
def bandsum(x):
    size = len(x)
    sums = jnp.stack([jnp.trace(x, offset) for offset in range(1 - size, size)])
    places = jnp.arange(size)
    return sums[places - places[:, None] + size - 1]
""",
        "torch": """\
def bandsum(x):
    size = len(x)
    sums = [torch.sum(torch.diagonal(x, offset)) for offset in range(1 - size, size)]
    places = torch.arange(size, device=x.device)
    return torch.stack(sums)[places - places[:, None] + size - 1]
""",
    },
)
