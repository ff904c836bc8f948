"""Contractions that are products of matrices, large enough for BLAS.

Groups of axes are joined into rows and columns. An operand whose axes stand in another order
is copied into it; a transposed matrix is taken as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from gradform.codegen.native.definitions.arrays import (
    Affine,
    Arrays,
    Gemm,
    Monomial,
    Move,
    Symmetric,
)
from gradform.records import record

__all__ = ["matrix_product"]

# Below so many multiplications, or so few rows or columns, loops are faster than a call.
LEAST_WORK = 8_000
LEAST_SIDE = 4
# BLAS counts with integers of 32 bits.
MOST = 2**31 - 1


@record
class _Operand:
    """An array with a letter for each axis."""

    array: int
    letters: str


def matrix_product(
    arrays: Arrays, letters: Sequence[str], out: str, arguments: Sequence[int]
) -> int | None:
    """The contraction as a product of matrices, or None."""
    if len(letters) != 2 or any(len(set(names)) < len(names) for names in letters):
        return None
    left, right = (_Operand(a, x) for a, x in zip(arguments, letters, strict=True))
    extents: dict[str, int] = {}
    for operand in (left, right):
        extents |= zip(operand.letters, arrays[operand.array].shape, strict=True)
    groups = _groups(left.letters, right.letters, out)
    if groups is None or not _pays([prod(extents[x] for x in group) for group in groups]):
        return None
    batch, rows, summed, columns = groups
    left, right = _base(arrays, left), _base(arrays, right)
    made = None if batch else _gram(arrays, left, right, (rows, summed, columns), extents)
    if made is None:
        made = _gemm(arrays, left, right, groups, extents)
    order = batch + rows + columns
    if order == out:
        return made
    move = Move(tuple(Affine(((out.index(letter), 1),)) for letter in order))
    return arrays.add(move, (made,), tuple(extents[letter] for letter in out))


def _groups(left: str, right: str, out: str) -> tuple[str, str, str, str] | None:
    """Letters of batch, rows, summed, columns; None where a letter is in one operand only."""
    both = set(left) & set(right)
    batch = "".join(x for x in out if x in both)
    rows = "".join(x for x in out if x in left and x not in both)
    columns = "".join(x for x in out if x in right and x not in both)
    summed = "".join(x for x in left if x in both and x not in out)
    if set(left) | set(right) != set(batch + rows + summed + columns):
        return None
    return batch, rows, summed, columns


def _pays(volumes: Sequence[int]) -> bool:
    _, rows, summed, columns = volumes
    work = rows * summed * columns
    if max(volumes) > MOST:
        return False
    return work >= LEAST_WORK and min(rows, columns) >= LEAST_SIDE and summed > 1


def _base(arrays: Arrays, operand: _Operand) -> _Operand:
    """The operand without permutations of its axes."""
    while True:
        definition = arrays[operand.array]
        match definition.kind:
            case Move(indices) as move if move.everywhere and len(indices) == len(operand.letters):
                axes = [index.axis for index in indices]
                if set(axes) != set(range(len(indices))):
                    return operand
                letters = "".join(operand.letters[axis] for axis in axes if axis is not None)
                operand = _Operand(definition.arguments[0], letters)
            case _:
                return operand


def _gemm(
    arrays: Arrays,
    left: _Operand,
    right: _Operand,
    groups: tuple[str, str, str, str],
    extents: dict[str, int],
) -> int:
    batch, rows, summed, columns = groups
    # The summed letters in the order of an operand that then needs no copy.
    for operand, other in ((left, rows), (right, columns)):
        order = "".join(x for x in operand.letters if x in summed)
        if operand.letters in (batch + other + order, batch + order + other):
            summed = order
            break
    first, turned_first = _ordered(arrays, left, (batch, rows, summed), extents)
    second, turned_second = _ordered(arrays, right, (batch, summed, columns), extents)
    kind = Gemm(len(batch), len(rows), len(summed), len(columns), (turned_first, turned_second))
    shape = tuple(extents[x] for x in batch + rows + columns)
    return arrays.add(kind, (first, second), shape)


def _ordered(
    arrays: Arrays, operand: _Operand, groups: tuple[str, str, str], extents: dict[str, int]
) -> tuple[int, bool]:
    """The operand with its axes in groups, and whether the two groups are exchanged."""
    batch, first, second = groups
    if operand.letters == batch + first + second:
        return operand.array, False
    if operand.letters == batch + second + first:
        return operand.array, True
    order = batch + first + second
    move = Move(tuple(Affine(((order.index(x), 1),)) for x in operand.letters))
    return arrays.add(move, (operand.array,), tuple(extents[x] for x in order)), False


# ------------------------------------------------------------ symmetric products


def _gram(
    arrays: Arrays,
    left: _Operand,
    right: _Operand,
    groups: tuple[str, str, str],
    extents: dict[str, int],
) -> int | None:
    """A'A, or A' diag(w) A where one side is the other times something of the summed axes."""
    rows, summed, columns = groups
    if len(rows) != len(columns):
        return None
    shape = tuple(extents[x] for x in rows + columns)
    for one, other in ((left, right), (right, left)):
        own = rows if one is left else columns
        partner = columns if one is left else rows
        weights = _weights(arrays, one, other, str.maketrans(own, partner), summed)
        if weights is None:
            continue
        if one.letters == summed + own:
            turned = False
        elif one.letters == own + summed:
            turned = True
        else:
            continue
        coefficient, arguments = weights
        kind = Symmetric(len(summed), turned, coefficient)
        return arrays.add(kind, (one.array, *arguments), shape)
    return None


def _weights(
    arrays: Arrays, one: _Operand, other: _Operand, renamed: dict[int, int], summed: str
) -> tuple[float, tuple[int, ...]] | None:
    """(c, (w,)) with other = c·w·one under renamed letters; no w where it is 1."""
    wanted = one.letters.translate(renamed)
    if len(one.letters) != len(other.letters):
        return None
    if one.array == other.array:
        return (1.0, ()) if wanted == other.letters else None
    definition = arrays[other.array]
    if not isinstance(definition.kind, Monomial) or len(summed) != 1:
        return None
    rest: list[tuple[int, float]] = []
    found = False
    for factor, power in zip(definition.arguments, definition.kind.powers, strict=True):
        base = _base(arrays, _Operand(factor, other.letters[: len(arrays[factor].shape)]))
        if not found and power == 1 and base == _Operand(one.array, wanted):
            found = True
            continue
        weight = _along(arrays, factor, other.letters, summed)
        if weight is None:
            return None
        rest.append((weight, power))
    if not found:
        return None
    coefficient = definition.kind.coefficient
    if not rest:
        return coefficient, ()
    powers = tuple(power for _, power in rest)
    size = arrays[other.array].shape[other.letters.index(summed)]
    if list(powers) == [1.0] and arrays[rest[0][0]].shape == (size,):
        return coefficient, (rest[0][0],)
    return coefficient, (arrays.add(Monomial(1.0, powers), tuple(w for w, _ in rest), (size,)),)


def _along(arrays: Arrays, factor: int, letters: str, summed: str) -> int | None:
    """A factor that depends on the summed axis only, as a vector or a number."""
    definition = arrays[factor]
    if not definition.shape:
        return factor
    axis = letters.index(summed)
    move = definition.kind
    if not isinstance(move, Move) or not move.everywhere:
        return None
    if any(index.terms and index.axis != axis for index in move.indices):
        return None
    kept = tuple(Affine(((0, 1),)) if index.terms else index for index in move.indices)
    return arrays.add(Move(kept), definition.arguments, (definition.shape[axis],))
