"""Definitions of arrays put together: functions of entries, contractions, softmax."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from string import ascii_letters

from gradform.codegen.native.definitions.arrays import (
    Affine,
    Arrays,
    Combination,
    Contract,
    Extreme,
    Filled,
    Formula,
    Monomial,
    Move,
    Packed,
    Reshaped,
    Squares,
    Unpacked,
)
from gradform.codegen.native.definitions.matrices import matrix_product

__all__ = ["HYPOT", "LOGADDEXP", "Builder", "axis_alone"]

EXPONENTIAL = Formula("exp", "exp({0})")
LOGARITHM = Formula("log", "log({0})")
FINITE = Formula("finite_or_zero", "(isfinite({0}) ? {0} : 0.0)")
# The norm of so few numbers is made of pairs.
FEW = 4
HYPOT = Formula("hypot", "gf_hypot({0}, {1})")
ROOT = Formula("root_of_squares", "gf_root_of_squares({0}, {1}, {2})")
LOGADDEXP = Formula("logaddexp", "gf_log_add_exp({0}, {1})")


def axis_alone(axis: int) -> Affine:
    """The index of an axis as it is."""
    return Affine(((axis, 1),))


class Builder:
    """Adds definitions to ``arrays``."""

    def __init__(self) -> None:
        self.arrays = Arrays()

    def filled(self, value: float) -> int:
        return self.arrays.add(Filled(value), (), ())

    def pointwise(
        self,
        kind: Combination | Monomial | Formula,
        arguments: Sequence[int],
        shape: tuple[int, ...],
    ) -> int:
        """A function of entries with broadcasting."""
        aligned = tuple(self.broadcast(argument, shape) for argument in arguments)
        return self.arrays.add(kind, aligned, shape)

    def broadcast(self, array: int, shape: tuple[int, ...]) -> int:
        """The array repeated to the shape, aligned with the last axes; numbers as they are."""
        own = self.arrays[array].shape
        if own == shape or not own:
            return array
        first = len(shape) - len(own)
        indices = tuple(
            Affine() if size == 1 and shape[first + k] != 1 else axis_alone(first + k)
            for k, size in enumerate(own)
        )
        return self.arrays.add(Move(indices), (array,), shape)

    def repeated(self, array: int, shape: tuple[int, ...]) -> int:
        if self.arrays[array].shape == shape:
            return array
        if not self.arrays[array].shape:
            return self.arrays.add(Move(()), (array,), shape)
        return self.broadcast(array, shape)

    # ------------------------------------------------------------ sums and products

    def tensordot(
        self, arguments: tuple[int, ...], left: Sequence[int], right: Sequence[int]
    ) -> int:
        names = iter(ascii_letters)
        first = [next(names) for _ in self.arrays[arguments[0]].shape]
        second = [next(names) for _ in self.arrays[arguments[1]].shape]
        for k, axis in enumerate(right):
            second[axis] = first[left[k]]
        kept = [x for k, x in enumerate(first) if k not in left]
        kept += [x for k, x in enumerate(second) if k not in right]
        return self.contracted(("".join(first), "".join(second)), "".join(kept), arguments)

    def pair_gram(self, matrix: int, weights: int) -> int:
        """``Σ_r X[r,i] X[r,j] T[r,a,b]`` by pairs of i and j, and of a and b."""
        rows, n = self.arrays[matrix].shape
        k = self.arrays[weights].shape[-1]
        shape = (rows, n, n)
        sides = [
            self.arrays.add(Move((axis_alone(0), axis_alone(axis))), (matrix,), shape)
            for axis in (1, 2)
        ]
        products = self.arrays.add(Monomial(1.0, (1.0, 1.0)), tuple(sides), shape)
        packed = [
            self.arrays.add(Packed(), (array,), (rows, size * (size + 1) // 2))
            for array, size in ((products, n), (weights, k))
        ]
        product = self.tensordot((packed[0], packed[1]), (0,), (0,))
        return self.arrays.add(Unpacked(), (product,), (n, n, k, k))

    def reduced(self, array: int, axes: Sequence[int]) -> int:
        letters = ascii_letters[: len(self.arrays[array].shape)]
        kept = "".join(x for k, x in enumerate(letters) if k not in axes)
        return self.contracted((letters,), kept, (array,))

    def norm(self, array: int, axes: Sequence[int]) -> int:
        """The root of a sum of squares; such a sum can be made block by block."""
        shape = self.arrays[array].shape
        kept = tuple(size for k, size in enumerate(shape) if k not in axes)
        if len(axes) == 1 and 1 < shape[axes[0]] <= FEW:
            entries = [self._picked(array, axes[0], k) for k in range(shape[axes[0]])]
            return reduce(lambda one, other: self.pointwise(HYPOT, (one, other), kept), entries)
        sums = self.arrays.add(Squares(tuple(axes)), (array,), (3, *kept))
        each = [self._picked(sums, 0, k) for k in range(3)]
        return self.pointwise(ROOT, each, kept)

    def _picked(self, array: int, axis: int, index: int) -> int:
        """The entries at one index of an axis."""
        shape = self.arrays[array].shape
        places = [axis_alone(k - (k > axis)) for k in range(len(shape))]
        places[axis] = Affine((), index)
        kept = tuple(size for k, size in enumerate(shape) if k != axis)
        return self.arrays.add(Move(tuple(places)), (array,), kept)

    def contracted(self, letters: Sequence[str], out: str, arguments: Sequence[int]) -> int:
        """A contraction; a product of entries where nothing is summed."""
        extents: dict[str, int] = {}
        for names, argument in zip(letters, arguments, strict=True):
            extents |= zip(names, self.arrays[argument].shape, strict=True)
        shape = tuple(extents[letter] for letter in out)
        if set(extents) == set(out):
            places = [
                self._placed(a, names, out, shape)
                for a, names in zip(arguments, letters, strict=True)
            ]
            return self.arrays.add(Monomial(1.0, (1.0,) * len(places)), tuple(places), shape)
        found = matrix_product(self.arrays, letters, out, arguments)
        if found is not None:
            return found
        return self.arrays.add(Contract(tuple(letters), out), tuple(arguments), shape)

    def _placed(self, array: int, names: str, out: str, shape: tuple[int, ...]) -> int:
        """The argument repeated to the shape of the result, whose indices it is read with."""
        if not names or names == out:
            return array
        return self.arrays.add(
            Move(tuple(axis_alone(out.index(x)) for x in names)), (array,), shape
        )

    def kronecker(self, arguments: tuple[int, ...], shape: tuple[int, ...]) -> int:
        """``A[i, j]·B[k, l]`` in the order i, k, j, l, then with joined axes."""
        rank = len(shape)
        first, second = ascii_letters[:rank], ascii_letters[rank : 2 * rank]
        out = "".join(a + b for a, b in zip(first, second, strict=True))
        return self.reshaped(self.contracted((first, second), out, arguments), shape)

    def reshaped(self, array: int, shape: tuple[int, ...]) -> int:
        """The same entries under other axes; never twice in a row, so that memory is shared."""
        definition = self.arrays[array]
        if isinstance(definition.kind, Reshaped):
            (array,) = definition.arguments
        if self.arrays[array].shape == shape:
            return array
        return self.arrays.add(Reshaped(), (array,), shape)

    # ------------------------------------------------------------ exponentials

    def _shifted(self, array: int, axes: Sequence[int], *, finite: bool) -> tuple[int, int, int]:
        """The largest entry m over the axes, exp(a - m), and the sum of that."""
        shape = self.arrays[array].shape
        kept = tuple(size for k, size in enumerate(shape) if k not in axes)
        top = self.arrays.add(Extreme(tuple(axes)), (array,), kept)
        if finite:
            top = self.pointwise(FINITE, (top,), kept)
        below = self.pointwise(
            Combination((1.0, -1.0)), (array, self.opened(top, axes, shape)), shape
        )
        weights = self.pointwise(EXPONENTIAL, (below,), shape)
        return top, weights, self.reduced(weights, axes)

    def opened(self, array: int, axes: Sequence[int], shape: tuple[int, ...]) -> int:
        """An array that lacks some axes, repeated along them."""
        if not self.arrays[array].shape:
            return array
        indices = tuple(axis_alone(k) for k in range(len(shape)) if k not in axes)
        return self.arrays.add(Move(indices), (array,), shape)

    def softmax(self, array: int, axes: Sequence[int]) -> int:
        shape = self.arrays[array].shape
        _, weights, total = self._shifted(array, axes, finite=False)
        kept = self.arrays[total].shape
        scale = self.pointwise(Monomial(1.0, (-1.0,)), (total,), kept)
        factors = (weights, self.opened(scale, axes, shape))
        return self.pointwise(Monomial(1.0, (1.0, 1.0)), factors, shape)

    def logsumexp(self, array: int, axes: Sequence[int]) -> int:
        top, _, total = self._shifted(array, axes, finite=True)
        shape = self.arrays[total].shape
        logarithm = self.pointwise(LOGARITHM, (total,), shape)
        return self.pointwise(Combination((1.0, 1.0)), (top, logarithm), shape)
