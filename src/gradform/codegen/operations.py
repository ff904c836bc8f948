"""The operations of a program: what an array library does in one call.

A closed set. Printers, counters and other back ends match on it; functions stay open
(:class:`Call` holds a function record).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gradform.functions.record import Function
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient

__all__ = [
    "Broadcast",
    "Call",
    "Combine",
    "Cumulate",
    "Diagonal",
    "Dot",
    "Einsum",
    "Embed",
    "Frechet",
    "Identity",
    "Input",
    "Kronecker",
    "LogAddExp",
    "LogSumExp",
    "Matmul",
    "Number",
    "Operation",
    "Outer",
    "Pi",
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


@dataclass(frozen=True, slots=True)
class Input:
    """A variable of the generated function."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A rational constant."""

    value: Coefficient


@dataclass(frozen=True, slots=True)
class Pi:
    """The number π."""


@dataclass(frozen=True, slots=True)
class Size:
    """A dimension as a number."""

    dim: Dim


@dataclass(frozen=True, slots=True)
class Identity:
    """Ones where column = row + offset."""

    offset: Dim


@dataclass(frozen=True, slots=True)
class Triangle:
    """The lower triangle of ones."""


@dataclass(frozen=True, slots=True)
class View:
    """Axis k of the result is axis ``order[k]`` of the argument, or a new one (None)."""

    order: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """One index of an axis; the axis goes away."""

    index: Dim


@dataclass(frozen=True, slots=True)
class Range:
    """A run of indices of an axis."""

    start: Dim
    length: Dim


Pick: TypeAlias = "Position | Range | None"


@dataclass(frozen=True, slots=True)
class Take:
    """Basic indexing; None keeps a whole axis."""

    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Combine:
    """``Σ coefficient · argument``, with broadcasting."""

    coefficients: tuple[Coefficient, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """``coefficient · Π argument ^ power`` entry by entry, with broadcasting."""

    coefficient: Coefficient
    powers: tuple[Coefficient, ...]


@dataclass(frozen=True, slots=True)
class Reduce:
    """The sum over some axes."""

    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matmul:
    """The product of vectors and matrices: last axis with first axis."""


@dataclass(frozen=True, slots=True)
class Dot:
    """The sum of the entrywise product of two arrays of equal shape."""


@dataclass(frozen=True, slots=True)
class Outer:
    """The outer product of two vectors."""


@dataclass(frozen=True, slots=True)
class Tensordot:
    """Contraction of the axes ``left`` of the first with ``right`` of the second."""

    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Einsum:
    """Any other product of two arrays; letters as in ``numpy.einsum``."""

    left: str
    right: str
    result: str


@dataclass(frozen=True, slots=True)
class Diagonal:
    """Entries with equal indices on two axes; the joint axis comes last."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Trace:
    """The sum of the diagonal of a matrix."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Zeros, with the argument where the indices of each pair (first, second) agree.

    Positions are those of the result; the argument lacks the second axes.
    """

    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Embed:
    """Zeros, with the argument from ``start`` on along one axis."""

    axis: int
    start: Dim


@dataclass(frozen=True, slots=True)
class Cumulate:
    """Running sums along an axis, from the end when ``backwards``."""

    axis: int
    backwards: bool


@dataclass(frozen=True, slots=True)
class Triangular:
    """The lower or upper triangle of a matrix, zeros elsewhere."""

    upper: bool


@dataclass(frozen=True, slots=True)
class Reshape:
    """The same entries, last axis fastest, under the axes of the instruction."""


@dataclass(frozen=True, slots=True)
class Kronecker:
    """The Kronecker product of two vectors or two matrices."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """The argument repeated along leading axes it lacks or has with size one."""


@dataclass(frozen=True, slots=True)
class Solve:
    """The solution of a linear system with a matrix of right-hand sides or one."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function record applied."""

    function: Function


@dataclass(frozen=True, slots=True)
class LogAddExp:
    """``log(exp(a) + exp(b))`` without overflow."""


@dataclass(frozen=True, slots=True)
class LogSumExp:
    """``log(Σ exp(a))`` over some axes, without overflow."""

    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Softmax:
    """``exp(a) / Σ exp(a)`` over some axes, without overflow."""

    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Frechet:
    """Fréchet derivative of a matrix function at the first argument.

    The other arguments are directions; the axes beyond the first two are those of the
    directions that are left open, two each.
    """

    function: Function


Operation: TypeAlias = (
    Input
    | Number
    | Pi
    | Size
    | Identity
    | Triangle
    | View
    | Take
    | Combine
    | Product
    | Reduce
    | Matmul
    | Dot
    | Outer
    | Tensordot
    | Einsum
    | Diagonal
    | Trace
    | Spread
    | Embed
    | Cumulate
    | Triangular
    | Reshape
    | Kronecker
    | Broadcast
    | Solve
    | Call
    | LogAddExp
    | LogSumExp
    | Softmax
    | Frechet
)
