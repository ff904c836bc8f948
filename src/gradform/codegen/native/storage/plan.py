"""Which arrays are held in memory; all others are expressions, written where they are needed.

An expression is held where it would be evaluated more often than it has entries, unless that
costs next to nothing, and where a library needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from gradform.codegen.native.definitions.arrays import (
    Argument,
    Arrays,
    ByFactors,
    Combination,
    Contract,
    Extreme,
    Factored,
    Filled,
    Formula,
    Gemm,
    Kind,
    Monomial,
    Move,
    Packed,
    Reshaped,
    Scan,
    Squares,
    Symmetric,
    Unpacked,
)

__all__ = ["Plan"]

# Longer expressions are split: C compilers and readers do not like them.
LONGEST = 48
# An expression of at most so much work may be evaluated several times instead of held.
LIGHT, REPEATED = 3, 4
CALL, DIVISION, POWER = 10, 4, 20

# Kinds that are computed into memory, and those that read their arguments from memory.
COMPUTED = (
    *(Contract, Gemm, Symmetric, Packed, Unpacked),
    *(Extreme, Squares, Scan, Factored, ByFactors),
)
_READERS = (Gemm, Symmetric, Unpacked, Scan, Factored, ByFactors, Reshaped)


class Plan:
    """``held`` are the arrays in memory, in order; inputs are too, but are not listed.

    ``outputs[k]`` is the array that is written to output k, each a different one.
    """

    def __init__(self, arrays: Arrays, outputs: Sequence[int]) -> None:
        self.arrays = arrays
        self.outputs = [self._own(output, outputs[:k]) for k, output in enumerate(outputs)]
        self.live = self._live()
        self._held = set(self.outputs)
        self._force()
        self._weigh()
        self._count()
        self.held = [array for array in self.live if array in self._held]

    def is_held(self, array: int) -> bool:
        return array in self._held or isinstance(self.arrays[array].kind, Argument)

    def _own(self, output: int, earlier: Sequence[int]) -> int:
        """The output, or a copy where it is an input or already another output."""
        definition = self.arrays[output]
        if output in earlier or isinstance(definition.kind, Argument):
            copy = Combination((1.0,))
            return self.arrays.fresh(type(definition)(copy, (output,), definition.shape))
        return output

    def _live(self) -> list[int]:
        needed = set(self.outputs)
        for array in range(len(self.arrays.all) - 1, -1, -1):
            if array in needed:
                needed.update(self.arrays[array].arguments)
        return self._ordered(needed)

    def _ordered(self, needed: set[int]) -> list[int]:
        return sorted(needed)

    def _force(self) -> None:
        """What is computed into memory, scalars, and what libraries read."""
        for array in self.live:
            definition = self.arrays[array]
            if isinstance(definition.kind, (*COMPUTED, Reshaped)):
                self._held.add(array)
            if not definition.shape and not isinstance(definition.kind, Filled | Argument):
                self._held.add(array)
            if isinstance(definition.kind, _READERS):
                self._held.update(
                    a for a in definition.arguments if not isinstance(self.arrays[a].kind, Argument)
                )
        self._held -= {a for a in self.live if isinstance(self.arrays[a].kind, Argument)}

    # ------------------------------------------------------------ expressions

    def _weigh(self) -> None:
        """Work for one entry of each expression; what gets too long is held."""
        self.weight: dict[int, int] = {}
        length: dict[int, int] = {}
        for array in self.live:
            definition = self.arrays[array]
            parts = [a for a in definition.arguments if not self.is_held(a)]
            length[array] = len(definition.arguments) + sum(length[a] for a in parts)
            if length[array] > LONGEST and parts:
                longest = max(parts, key=lambda a: length[a])
                if length[longest] > 1:
                    self._held.add(longest)
                    parts.remove(longest)
                    length[array] -= length[longest]
            self.weight[array] = _work(definition.kind) + sum(self.weight[a] for a in parts)

    def _count(self) -> None:
        """Hold what would be evaluated too often."""
        times = dict.fromkeys(self.live, 0)
        for array in reversed(self.live):
            definition = self.arrays[array]
            if array in self._held or isinstance(definition.kind, COMPUTED):
                times[array] = self.volume(array)
            elif self._too_often(array, times[array]):
                self._held.add(array)
                times[array] = definition.size
            if not isinstance(definition.kind, _READERS):
                for argument in definition.arguments:
                    times[argument] += times[array]

    def _too_often(self, array: int, times: int) -> bool:
        definition = self.arrays[array]
        if isinstance(definition.kind, Argument | Filled | Move) or times <= definition.size:
            return False
        return self.weight[array] > LIGHT or times > REPEATED * definition.size

    def volume(self, array: int) -> int:
        """How often the expressions under a held array are evaluated."""
        definition = self.arrays[array]
        match definition.kind:
            case Contract(letters):
                extents: dict[str, int] = {}
                for names, argument in zip(letters, definition.arguments, strict=True):
                    extents |= zip(names, self.arrays[argument].shape, strict=True)
                return prod(extents.values())
            case Extreme() | Squares():
                return self.arrays[definition.arguments[0]].size
            case _:
                return definition.size


def _work(kind: Kind) -> int:
    match kind:
        case Formula(_, template):
            return CALL * max(template.count("("), 1)
        case Monomial(coefficient, powers):
            return (abs(coefficient) != 1) + len(powers) - 1 + sum(map(_power_work, powers))
        case Combination(coefficients):
            return 2 * len(coefficients) - 1
        case Move() as move:
            return 0 if move.everywhere else 1
        case _:
            return 0


def _power_work(power: float) -> int:
    if power in (1, 2):
        return int(power) - 1
    if power in (-1, 0.5, -0.5):
        return DIVISION
    return 3 if power == int(power) and 0 < power <= 8 else POWER
