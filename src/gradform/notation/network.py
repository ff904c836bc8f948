"""Joining the factors of a product by matrix operations.

``Pieces`` holds written matrices with their labels and eliminates labels until one
matrix with the output labels is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradform.errors import CannotError
from gradform.ir.dims import Dim
from gradform.ir.nodes import Leaf, Node
from gradform.notation import matrix
from gradform.notation.matrix import Mat, Rank, Written, chain, entrywise

__all__ = ["Pieces", "Unreadable"]


class Unreadable(CannotError):
    """Matrix notation does not reach this expression."""

    def __init__(self, node: Node | None = None) -> None:
        super().__init__("The expression has no matrix notation.", kind="notation")
        self.node = node


class Piece:
    """A written matrix (two labels: row, column) or column vector (one label)."""

    __slots__ = ("divide", "labels", "mat")

    def __init__(self, mat: Mat, labels: tuple[int, ...], divide: bool = False) -> None:
        self.mat = mat
        self.labels = labels
        self.divide = divide

    def facing(self, row: int) -> Mat:
        """The matrix with label ``row`` as its rows."""
        return self.mat if self.labels[0] == row else self.mat.T

    def other(self, label: int) -> int:
        return self.labels[1] if self.labels[0] == label else self.labels[0]


class Pieces:
    """The network under elimination."""

    def __init__(
        self,
        out: tuple[int, ...],
        dims: dict[int, Dim],
        rank: Callable[[Written], Rank],
    ) -> None:
        self.out = out
        self.rank = rank
        self.dims = dims
        self.items: list[Piece] = []
        self.deltas: list[tuple[int, ...]] = []
        self.scalars: list[Written] = []

    # ------------------------------------------------------------ filling

    def put(self, mat: Mat, labels: Sequence[int], *, divide: bool = False) -> None:
        if len(labels) > 2:
            raise Unreadable
        if divide and len(labels) == 2 and labels[0] == labels[1]:
            raise Unreadable
        self.items.append(Piece(mat, tuple(labels), divide))

    def put_delta(self, labels: Sequence[int]) -> None:
        self.deltas.append(tuple(labels))

    def put_unit(self, mat: Mat, label: int, position: Dim) -> None:
        self.items.append(Indexing(mat, (label,), position))

    def put_lower(self, mat: Mat, labels: Sequence[int]) -> None:
        self.items.append(LowerOnes(mat, tuple(labels)))

    def put_select(self, mat: Mat, labels: Sequence[int], node: Leaf) -> None:
        self.items.append(Selection(mat, tuple(labels), node))

    def put_flatten(self, labels: Sequence[int]) -> None:
        self.items.append(Joined(tuple(labels)))

    # ------------------------------------------------------------ reading

    def scalar(self) -> Mat:
        """The value of an eliminated closed network, as a written scalar."""
        if self.items or self.deltas:
            raise Unreadable
        return matrix.symmetric(matrix.product(self.scalars))

    def read(self) -> Mat:
        """The matrix or vector that elimination left, with the output labels."""
        body = self._assemble()
        if not self.scalars:
            return body
        scalars = list(self.scalars)
        return Mat(
            matrix.product([*scalars, body.plain]),
            lambda: matrix.product([*scalars, body.flipped]),
        )

    def merged(
        self, rows: Sequence[int], cols: Sequence[int]
    ) -> tuple[list[int], list[int], dict[int, Dim]]:
        """Row and column labels with equal ones named alike, and all dimensions."""
        first: dict[int, int] = {}
        for a, b in self.deltas:
            first[b] = first.get(a, a)
        return [first.get(x, x) for x in rows], [first.get(x, x) for x in cols], self.dims

    def at(self, label: int) -> list[Piece]:
        return [piece for piece in self.items if label in piece.labels]

    def is_open(self, label: int) -> bool:
        return label in self.out or any(label in delta for delta in self.deltas)

    def remove(self, *pieces: Piece) -> None:
        self.items = [item for item in self.items if all(item is not piece for piece in pieces)]

    def undivided(self, piece: Piece) -> Piece:
        """A divisor piece written as 1./x."""
        if not piece.divide:
            return piece
        one = matrix.symmetric(matrix.number(1))
        return Piece(entrywise([one], [piece.mat]), piece.labels)

    # ------------------------------------------------------------ output

    def _assemble(self) -> Mat:
        if self.deltas:
            return self._with_identity()
        if len(self.out) == 1:
            return self._one_axis()
        return self._two_axes()

    def _with_identity(self) -> Mat:
        """δ_ij v_i is diag(v), δ_ij alone the identity."""
        if len(self.deltas) > 1 or set(self.deltas[0]) != set(self.out):
            raise Unreadable
        if not self.items:
            return matrix.eye_written(self.dims[self.out[0]])
        if len(self.items) > 1 or len(self.items[0].labels) != 1:
            raise Unreadable
        return matrix.diag(self.undivided(self.items[0]).mat)

    def _one_axis(self) -> Mat:
        if not self.items:
            return matrix.ones_written([self.dims[self.out[0]]])
        if len(self.items) > 1 or self.items[0].labels != self.out:
            raise Unreadable
        return self.undivided(self.items[0]).mat

    def _two_axes(self) -> Mat:
        row, column = self.out
        if len(self.items) == 1 and len(self.items[0].labels) == 2:
            piece = self.undivided(self.items[0])
            if set(piece.labels) != set(self.out):
                raise Unreadable
            return piece.facing(row)
        sides: dict[int, Mat] = {}
        for piece in self.items:
            if len(piece.labels) != 1 or piece.labels[0] not in self.out:
                raise Unreadable
            if piece.labels[0] in sides:
                raise Unreadable
            sides[piece.labels[0]] = self.undivided(piece).mat
        for label in self.out:
            if label not in sides:
                sides[label] = matrix.spread_written(self.dims[label])
        return chain([sides[row], sides[column].T])


class Indexing(Piece):
    """A unit vector."""

    __slots__ = ("position",)

    def __init__(self, mat: Mat, labels: tuple[int, ...], position: Dim) -> None:
        super().__init__(mat, labels)
        self.position = position


class LowerOnes(Piece):
    """The lower triangle of ones."""


class Selection(Piece):
    """Consecutive rows of the identity."""

    __slots__ = ("first", "last")

    def __init__(self, mat: Mat, labels: tuple[int, ...], node: Leaf) -> None:
        super().__init__(mat, labels)
        self.first = matrix.dim_written(node.params[0] + 1)
        self.last = matrix.dim_written(node.params[0] + node.axes[0])


class Joined(Piece):
    """A joined axis: labels (joined, slow, fast)."""

    def __init__(self, labels: tuple[int, ...]) -> None:
        super().__init__(Mat(matrix.name("flatten")), labels)
