"""The operations of a program: what an array library does in one call.

A closed set. Printers, counters and other back ends match on it; functions stay open
(:class:`Call` holds a function record).
"""

from __future__ import annotations

from typing import TypeAlias

from gradform.functions.record import Function
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient
from gradform.records import record

__all__ = [
    "Broadcast",
    "Call",
    "Combine",
    "Concatenate",
    "Cumulate",
    "Diagonal",
    "Dot",
    "Each",
    "Einsum",
    "Embed",
    "Factor",
    "FactorCall",
    "FactorSolve",
    "Frechet",
    "Gram",
    "Mapped",
    "Norm",
    "Identity",
    "Input",
    "Kronecker",
    "LogAddExp",
    "LogSumExp",
    "Matmul",
    "Number",
    "Operation",
    "Outer",
    "PairGram",
    "Constant",
    "Pick",
    "Position",
    "Product",
    "Range",
    "Reduce",
    "Reshape",
    "Size",
    "Softmax",
    "Solve",
    "Spread",
    "Take",
    "Tensordot",
    "Trace",
    "Triangle",
    "Triangular",
    "View",
]


@record
class Input:
    """A variable of the generated function."""

    name: str


@record
class Number:
    """A rational constant."""

    value: Coefficient


@record
class Constant:
    """A number by its name in the input language, such as π."""

    name: str


@record
class Size:
    """A dimension as a number."""

    dim: Dim


@record
class Identity:
    """Ones where column = row + offset."""

    offset: Dim


@record
class Triangle:
    """The lower triangle of ones."""


@record
class View:
    """Axis k of the result is axis ``order[k]`` of the argument, or a new one (None)."""

    order: tuple[int | None, ...]


@record
class Position:
    """One index of an axis; the axis goes away."""

    index: Dim


@record
class Range:
    """A run of indices of an axis."""

    start: Dim
    length: Dim


Pick: TypeAlias = "Position | Range | None"


@record
class Take:
    """Basic indexing; None keeps a whole axis."""

    picks: tuple[Pick, ...]


@record
class Combine:
    """``Σ coefficient · argument``, with broadcasting."""

    coefficients: tuple[Coefficient, ...]


@record
class Product:
    """``coefficient · Π argument ^ power`` entry by entry, with broadcasting."""

    coefficient: Coefficient
    powers: tuple[Coefficient, ...]


@record
class Reduce:
    """The sum over some axes."""

    axes: tuple[int, ...]


@record
class Norm:
    """The root of the sum of squares over some axes, also where squares are no numbers."""

    axes: tuple[int, ...]


@record
class Matmul:
    """The product of vectors and matrices: last axis with first axis."""


@record
class Dot:
    """The sum of the entrywise product of two arrays of equal shape."""


@record
class Gram:
    """A product of matrices known to be symmetric: half of its entries are enough.

    ``X' X`` for one argument, ``X' Y`` for two, where ``axis`` is 0, the axis that is
    summed; ``X X'`` and ``X Y'`` where it is 1.
    """

    axis: int


@record
class PairGram:
    """``Σ_r X[r,i] X[r,j] T[r,a,b]`` over i, j, a, b, for T that is the same under a ↔ b.

    A quarter of its entries is enough.
    """


@record
class Outer:
    """The outer product of two vectors."""


@record
class Tensordot:
    """Contraction of the axes ``left`` of the first with ``right`` of the second."""

    left: tuple[int, ...]
    right: tuple[int, ...]


@record
class Einsum:
    """Any other product of two arrays; letters as in ``numpy.einsum``."""

    left: str
    right: str
    result: str


@record
class Diagonal:
    """Entries with equal indices on two axes; the joint axis comes last."""

    first: int
    second: int


@record
class Trace:
    """The sum of the diagonal of a matrix."""


@record
class Spread:
    """Zeros, with the argument where the indices of each pair (first, second) agree.

    Positions are those of the result; the argument lacks the second axes.
    """

    pairs: tuple[tuple[int, int], ...]


@record
class Embed:
    """Zeros, with the argument from ``start`` on along one axis."""

    axis: int
    start: Dim


@record
class Concatenate:
    """Arrays one after the other along an axis; one without that axis is one index of it.

    Only writers of text know it (:mod:`gradform.codegen.passes.blocks`).
    """

    axis: int


@record
class Cumulate:
    """Running sums along an axis, from the end when ``backwards``."""

    axis: int
    backwards: bool


@record
class Triangular:
    """The lower or upper triangle of a matrix, zeros elsewhere; of a stack, of each matrix."""

    upper: bool


@record
class Reshape:
    """The same entries, last axis fastest, under the axes of the instruction."""


@record
class Kronecker:
    """The Kronecker product of two vectors or two matrices."""


@record
class Broadcast:
    """The argument repeated along leading axes it lacks or has with size one."""


@record
class Solve:
    """The solution of a linear system with a matrix of right-hand sides or one."""


@record
class Factor:
    """The factors of a square matrix, of which several other operations are made.

    Cholesky's L L' where the matrix is known to be ``positive`` definite, else L U with its
    rows exchanged. The axes are those of the matrix; what the value is, each target decides:
    only :class:`FactorSolve` and :class:`FactorCall` take it. A matrix that has no such
    factors is an error when the program runs, never a number.
    """

    positive: bool


@record
class FactorSolve:
    """The solution of a system, with a matrix of right-hand sides or one, by its factors.

    Of the ``transposed`` matrix where that is said.
    """

    positive: bool
    transposed: bool


@record
class FactorCall:
    """A function of a matrix by its factors; the record's ``from_factors`` says which."""

    function: Function
    positive: bool


@record
class Call:
    """A function record applied."""

    function: Function


@record
class LogAddExp:
    """``log(exp(a) + exp(b))`` without overflow."""


@record
class LogSumExp:
    """``log(Σ exp(a))`` over some axes, without overflow."""

    axes: tuple[int, ...]


@record
class Softmax:
    """``exp(a) / Σ exp(a)`` over some axes, without overflow."""

    axes: tuple[int, ...]


@record
class Frechet:
    """Fréchet derivative of a matrix function at the first argument.

    The other arguments are directions; the axes beyond the first two are those of the
    directions that are left open, two each.
    """

    function: Function


@record
class Mapped:
    """A function that is linear in its last argument, a matrix.

    With that argument left out, the tensor of the map: the axes of the value, then those
    of the argument.
    """

    function: Function


@record
class Each:
    """An operation at each index of a leading axis.

    ``stacked`` says which arguments have that axis, in front of those that the operation
    knows; the others are the same at each index. The result has it too.
    """

    operation: Operation
    stacked: tuple[bool, ...]


Operation: TypeAlias = (
    Input
    | Number
    | Constant
    | Size
    | Identity
    | Triangle
    | View
    | Take
    | Combine
    | Product
    | Reduce
    | Norm
    | Matmul
    | Dot
    | Gram
    | PairGram
    | Outer
    | Tensordot
    | Einsum
    | Diagonal
    | Trace
    | Spread
    | Concatenate
    | Embed
    | Cumulate
    | Triangular
    | Reshape
    | Kronecker
    | Broadcast
    | Solve
    | Factor
    | FactorSolve
    | FactorCall
    | Call
    | LogAddExp
    | LogSumExp
    | Softmax
    | Frechet
    | Mapped
    | Each
)
