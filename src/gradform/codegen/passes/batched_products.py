"""Products and systems over a batch.

Where one factor has the leading axis, its rows stack up to one larger product. Where both
have it, matrices are multiplied pair by pair, and anything else is an einsum with one more letter.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.program.operations import (
    Dot,
    Each,
    Einsum,
    Kronecker,
    Matmul,
    Outer,
    Position,
    Solve,
    Tensordot,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value
from gradform.ir.dims import ZERO_DIM, Dim

__all__ = ["BatchedProducts"]

_LETTERS = "ijklmnopqrstuvwxyzabcdefghIJKLMNOPQRSTUVWXYZABCDEFGH"

_Pair = tuple[Value, Value]
_Flags = tuple[bool, ...]


class BatchedProducts:
    """Emits products into the batched program."""

    def __init__(self, program: Program, size: Dim) -> None:
        self.program = program
        self.size = size

    def product(
        self, instruction: Instruction, values: Sequence[Value], stacked: _Flags
    ) -> Value | None:
        """The instruction on these values; None when it is not a product of two."""
        if len(values) != 2:
            return None
        pair = (values[0], values[1])
        match instruction.operation:
            case Matmul():
                return self._matmul(pair, stacked, instruction.axes)
            case Dot():
                letters = _LETTERS[: len(self.program.axes(values[0])) - stacked[0]]
                return self._einsum(Einsum(letters, letters, ""), pair, stacked, ())
            case Einsum() as operation:
                return self._einsum(operation, pair, stacked, instruction.axes)
            case Tensordot(left, right):
                return self._tensordot(left, right, pair, stacked, instruction.axes)
            case Outer():
                return self._between(pair, stacked, 1, instruction.axes)
            case Kronecker():
                return self._kronecker(pair, stacked, instruction.axes)
            case Solve():
                return self._solve(pair, stacked, instruction.axes)
            case _:
                return None

    def _rank(self, value: Value, stacked: bool) -> int:
        return len(self.program.axes(value)) - stacked

    # ------------------------------------------------------------ matrices and vectors

    def _matmul(self, pair: _Pair, stacked: _Flags, axes: tuple[Dim, ...]) -> Value:
        left, right = pair
        ranks = self._rank(left, stacked[0]), self._rank(right, stacked[1])
        if not stacked[1]:
            return self._rows(left, right, axes)
        if not stacked[0] and ranks[1] == 1:
            # A x_b for all b: the rows of X A'
            turned = self.program.view(left, (ranks[0] - 1, *range(ranks[0] - 1)))
            return self._rows(right, turned, axes)
        if max(ranks) > 2:
            return self._tensordot((ranks[0] - 1,), (0,), pair, stacked, axes)
        if ranks == (1, 1):
            return self._einsum(Einsum("i", "i", ""), pair, stacked, axes)
        return self._pairwise(pair, stacked, ranks)

    def _rows(self, left: Value, right: Value, axes: tuple[Dim, ...]) -> Value:
        """The last axis of a stack with the first of an array that is the same for all."""
        if len(self.program.axes(right)) > 2:
            place = (len(self.program.axes(left)) - 1,)
            return self.program.emit(Tensordot(place, (0,)), (left, right), (self.size, *axes))
        return self.program.emit(Matmul(), (left, right), (self.size, *axes))

    def _pairwise(self, pair: _Pair, stacked: _Flags, ranks: tuple[int, int]) -> Value:
        """Products of matrices; a vector is a matrix of one row or column."""
        left, right = pair
        if ranks[0] == 1:
            left = self.program.view(left, (0, None, 1) if stacked[0] else (None, 0))
        if ranks[1] == 1:
            right = self.program.view(right, (0, 1, None))
        axes = (self.size, self.program.axes(left)[-2], self.program.axes(right)[-1])
        value = self.program.emit(Each(Matmul(), stacked), (left, right), axes)
        if ranks[0] == 1:
            return self.program.take(value, 1, Position(ZERO_DIM))
        return self.program.take(value, 2, Position(ZERO_DIM)) if ranks[1] == 1 else value

    def _solve(self, pair: _Pair, stacked: _Flags, axes: tuple[Dim, ...]) -> Value:
        matrix, side = pair
        if not stacked[0]:
            return self._solved_at_once(matrix, side, axes)
        if len(axes) == 2:
            return self.program.emit(Each(Solve(), stacked), pair, (self.size, *axes))
        side = self.program.view(side, (0, 1, None) if stacked[1] else (0, None))
        column = self.program.axes(side)[-2:]
        value = self.program.emit(Each(Solve(), stacked), (matrix, side), (self.size, *column))
        return self.program.take(value, 2, Position(ZERO_DIM))

    def _solved_at_once(self, matrix: Value, side: Value, axes: tuple[Dim, ...]) -> Value:
        """One matrix for all: the right-hand sides are the columns of one larger system."""
        program = self.program
        order = (1, 0, 2)[: len(axes) + 1]
        columns = program.view(side, order)
        flat = [axes[0], self.size * axes[1] if len(axes) == 2 else self.size]
        value = program.emit(Solve(), (matrix, program.reshape(columns, flat)), flat)
        return program.view(program.reshape(value, program.axes(columns)), order)

    # ------------------------------------------------------------ tensors

    def _einsum(
        self, operation: Einsum, pair: _Pair, stacked: _Flags, axes: tuple[Dim, ...]
    ) -> Value:
        used = operation.left + operation.right
        letter = next(letter for letter in "b" + _LETTERS if letter not in used)
        left = letter * stacked[0] + operation.left
        right = letter * stacked[1] + operation.right
        wider = Einsum(left, right, letter + operation.result)
        return self.program.emit(wider, pair, (self.size, *axes))

    def _tensordot(
        self,
        left: tuple[int, ...],
        right: tuple[int, ...],
        pair: _Pair,
        stacked: _Flags,
        axes: tuple[Dim, ...],
    ) -> Value:
        ranks = self._rank(pair[0], stacked[0]), self._rank(pair[1], stacked[1])
        if all(stacked):
            first = _LETTERS[: ranks[0]]
            second = list(_LETTERS[ranks[0] : sum(ranks)])
            for one, other in zip(left, right, strict=True):
                second[other] = first[one]
            free = [letter for k, letter in enumerate(first) if k not in left]
            free += [letter for k, letter in enumerate(second) if k not in right]
            operation = Einsum(first, "".join(second), "".join(free))
            return self._einsum(operation, pair, stacked, axes)
        first_axes = tuple(axis + stacked[0] for axis in left)
        second_axes = tuple(axis + stacked[1] for axis in right)
        place = 0 if stacked[0] else ranks[0] - len(left)
        found = (*axes[:place], self.size, *axes[place:])
        value = self.program.emit(Tensordot(first_axes, second_axes), pair, found)
        order = (place, *(k for k in range(len(found)) if k != place))
        return self.program.view(value, order)

    def _between(self, pair: _Pair, stacked: _Flags, rank: int, axes: tuple[Dim, ...]) -> Value:
        """Entries of one times entries of the other, the axes of the two alternating."""
        left: list[int | None] = []
        right: list[int | None] = []
        for axis in range(rank):
            left += [axis + stacked[0], None]
            right += [None, axis + stacked[1]]
        views = [
            self.program.view(value, [*([0] if own else []), *order])
            for value, own, order in zip(pair, stacked, (left, right), strict=True)
        ]
        return self.program.multiply(1, [(view, 1) for view in views])

    def _kronecker(self, pair: _Pair, stacked: _Flags, axes: tuple[Dim, ...]) -> Value:
        """(X ⊗ Y) with entries X_ik Y_jl at (ij, kl): one joint array, then axes joined."""
        product = self._between(pair, stacked, len(axes), axes)
        return self.program.reshape(product, (self.size, *axes))
