"""Which arrays share memory, and of which only a block of rows is ever there."""

from __future__ import annotations

from gradform.codegen.native.definitions.arrays import Argument, Reshaped
from gradform.codegen.native.storage.axes import Passes
from gradform.codegen.native.storage.plan import Plan

__all__ = ["Sharing"]


class Sharing:
    """``alias`` tells of a reshaped array whose memory it is."""

    def __init__(self, plan: Plan, passes: Passes | None) -> None:
        self.plan = plan
        self.arrays = plan.arrays
        self.passes = passes
        self.alias = self._aliases()

    def _aliases(self) -> dict[int, int]:
        """Reshaped arrays that are the memory of their argument; outputs give it theirs."""
        found: dict[int, int] = {}
        given = set(self.plan.outputs)
        for array in self.plan.held:
            definition = self.arrays[array]
            if not isinstance(definition.kind, Reshaped):
                continue
            (argument,) = definition.arguments
            if self._one_memory(array, argument, array in given, given):
                found[array] = argument
                if array in given:
                    given.add(argument)
        return found

    def _one_memory(self, array: int, argument: int, output: bool, given: set[int]) -> bool:
        if not output:
            return self.blocked(array) == self.blocked(argument)
        kind = self.arrays[argument].kind
        return argument not in given and not isinstance(kind, Argument | Reshaped)

    def blocked(self, array: int) -> bool:
        """Whether only a block of rows of the array is ever in memory."""
        passes = self.passes
        if passes is None or array not in passes.rows or array not in passes.axis:
            return False
        kind = self.arrays[array].kind
        if isinstance(kind, Argument) or array in self.plan.outputs:
            return False
        if isinstance(kind, Reshaped):
            return self.blocked(self.arrays[array].arguments[0])
        number = passes.rows[array]
        readers = [a for a in self.plan.held if array in self.reads(a)]
        return all(passes.rows.get(reader) == number for reader in readers)

    def reads(self, array: int) -> set[int]:
        """The arrays in memory that a statement reads, also under another shape."""
        found: set[int] = set()
        waiting = list(self.arrays[array].arguments)
        while waiting:
            part = waiting.pop()
            if self.plan.is_held(part):
                found.add(part)
            if not self.plan.is_held(part) or isinstance(self.arrays[part].kind, Reshaped):
                waiting.extend(self.arrays[part].arguments)
        return found

    def memory(self, array: int) -> int:
        """The array whose memory an array uses."""
        while array in self.alias:
            array = self.alias[array]
        return array
