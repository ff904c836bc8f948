"""Where arrays lie in memory, and which of them share it."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.native.definitions.index import Index, linear, variable
from gradform.records import record

__all__ = ["Place", "Scratch", "strides_of"]

ALIGNMENT = 64
# Of a block of rows.
_FIRST_ROW = variable("r0")


def strides_of(shape: Sequence[int]) -> tuple[int, ...]:
    """Steps of the axes of a contiguous array."""
    steps: list[int] = []
    step = 1
    for size in reversed(shape):
        steps.append(step)
        step *= size
    return tuple(reversed(steps))


@record
class Place:
    """Memory of an array.

    name       a pointer, or a variable for a single number
    strides    steps of its axes
    block      the axis of which only a block of rows, from ``r0`` on, is there
    number     whether ``name`` is the number itself
    registers  whether each entry is a variable of its own, ``name_0``, ``name_1`` …
    lanes      whether there is a row for each entry, with that of point ``l`` at ``l``
    """

    name: str
    strides: tuple[int, ...]
    block: int | None = None
    number: bool = False
    registers: bool = False
    lanes: bool = False

    def offset(self, indices: Sequence[Index]) -> Index:
        parts = [*zip(indices, self.strides, strict=True)]
        if self.block is not None:
            parts.append((_FIRST_ROW, -self.strides[self.block]))
        return linear(0, parts)

    def entry(self, indices: Sequence[Index]) -> str:
        if self.number:
            return self.name
        offset = self.offset(indices)
        if self.registers:
            return f"{self.name}_{offset.constant}"
        return f"{self.name}[{offset.text}]" + ("[l]" if self.lanes else "")

    def pointer(self, indices: Sequence[Index]) -> str:
        """The address of an entry."""
        offset = self.offset(indices).text
        return self.name if offset == "0" else f"({self.name} + {offset})"


class Scratch:
    """Scratch memory given out by lifetime: what is no longer needed is used again."""

    def __init__(self) -> None:
        self.bytes = 0
        self._free: list[tuple[int, int]] = []

    def take(self, size: int) -> int:
        """The offset of so many bytes: in the smallest gap that is large enough."""
        size = -(-size // ALIGNMENT) * ALIGNMENT
        fitting = [gap for gap in self._free if gap[1] >= size]
        if not fitting:
            offset = self.bytes
            self.bytes += size
            return offset
        gap = min(fitting, key=lambda each: each[1])
        self._free.remove(gap)
        if gap[1] > size:
            self._free.append((gap[0] + size, gap[1] - size))
        return gap[0]

    def give(self, offset: int, size: int) -> None:
        """Return what was taken; neighbouring gaps become one."""
        size = -(-size // ALIGNMENT) * ALIGNMENT
        self._free.append((offset, size))
        merged: list[tuple[int, int]] = []
        for start, length in sorted(self._free):
            if merged and merged[-1][0] + merged[-1][1] == start:
                merged[-1] = (merged[-1][0], merged[-1][1] + length)
            else:
                merged.append((start, length))
        self._free = merged
