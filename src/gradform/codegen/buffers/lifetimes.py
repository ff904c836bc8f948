"""Which values share memory, how long memory is needed, and who may overwrite it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Diagonal,
    Embed,
    Input,
    Number,
    Operation,
    Reshape,
    Size,
    Spread,
    Take,
    View,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.python.functions import ufunc_template
from gradform.functions.record import Function

__all__ = ["Lifetimes", "with_late_results"]

_SHOWS_ANOTHER = (View, Take, Diagonal, Reshape, Broadcast)
_PLACED = (Embed, Spread)


class Lifetimes:
    """Facts about the live values of a program; positions are indices into ``live``.

    ``template`` is how a function is spelled.
    """

    def __init__(
        self,
        program: Program,
        live: Sequence[Value],
        outputs: Sequence[Value],
        template: Callable[[Function], str | None],
    ) -> None:
        self.program = program
        self._template = template
        self.uses: Counter[Value] = Counter(outputs)
        self._users: dict[Value, Value] = {}
        for value in live:
            for argument in program.instructions[value].arguments:
                self.uses[argument] += 1
                self._users[argument] = value
        self.outputs = frozenset(outputs)
        self.deferred = {value for value in live if self._is_deferred(value)}
        self._bases = {value: frozenset([value]) for value in live}
        self._last: dict[Value, int] = {}
        self._floating: set[Value] = set()
        for position, value in enumerate(live):
            self._note(position, value)
        self._kept = frozenset[Value]().union(*(self._bases[value] for value in outputs))

    def operation(self, value: Value) -> Operation:
        return self.program.operation(value)

    def _is_deferred(self, value: Value) -> bool:
        """Zeros with something in them that are only added to something, and what is only
        repeated to be put into zeros: never made."""
        user = self._users.get(value)
        if self.uses[value] != 1 or user is None:
            return False
        if isinstance(self.operation(value), Broadcast):
            return isinstance(self.operation(user), _PLACED)
        if not isinstance(self.operation(value), _PLACED):
            return False
        added = isinstance(self.operation(user), Combine)
        return added and self.program.axes(user) == self.program.axes(value)

    def _note(self, position: int, value: Value) -> None:
        instruction = self.program.instructions[value]
        operation = instruction.operation
        shares = isinstance(operation, _SHOWS_ANOTHER) or value in self.deferred
        for argument in instruction.arguments:
            if shares:
                self._bases[value] |= self._bases[argument]
            for base in self._bases[argument]:
                self._last[base] = position
        if self._makes_floats(operation, instruction.arguments):
            self._floating.add(value)

    def _makes_floats(self, operation: Operation, arguments: Sequence[Value]) -> bool:
        """Whether the entries surely are floats: a choice between whole numbers is not."""
        if isinstance(operation, Call):
            is_ufunc = self._is_ufunc(operation)
            return is_ufunc and any(argument in self._floating for argument in arguments)
        if not arguments:
            return True
        return any(argument in self._floating for argument in arguments)

    def is_free(self, value: Value, position: int) -> bool:
        """Whether the array of a value may be overwritten by the instruction there."""
        operation = self.operation(value)
        if isinstance(operation, Reshape):
            (value,) = self.program.instructions[value].arguments
            return self.is_free(value, position)
        if isinstance(operation, Input | Call) and not self._is_fresh_call(operation):
            return False
        if isinstance(operation, _SHOWS_ANOTHER) or value not in self._floating:
            return False
        return bool(self.program.axes(value)) and self.ends(value, position)

    def is_floating(self, value: Value) -> bool:
        """Whether the entries surely are floats."""
        return value in self._floating

    def _is_fresh_call(self, operation: Operation) -> bool:
        return isinstance(operation, Call) and self._is_ufunc(operation)

    def _is_ufunc(self, call: Call) -> bool:
        return ufunc_template(self._template(call.function) or "") is not None

    def ends(self, value: Value, position: int) -> bool:
        """Whether nobody looks at the memory of a value after that position."""
        return value not in self._kept and self._last.get(value, -1) <= position

    def ended(self, values: Sequence[Value], position: int) -> set[Value]:
        """Everything whose memory was looked at for the last time, of these or shown by them."""
        bases = {base for value in values for base in self._bases[value]}
        over = {base for base in bases if self.ends(base, position)}
        return {value for value, own in self._bases.items() if own and own <= over}

    def overlap(self, left: Value, right: Value) -> bool:
        """Whether two values may share memory."""
        return not self._bases[left].isdisjoint(self._bases[right])


def with_late_results(
    program: Program, live: Sequence[Value], outputs: Sequence[Value]
) -> list[Value]:
    """The values in an order in which results made of variables alone come last.

    Until then their memory is free for what comes before.
    """
    needed = {each for value in live for each in program.instructions[value].arguments}
    given: set[Value] = set()
    for value in live:
        shown = isinstance(program.operation(value), Input | Number | Constant | Size | View | Take)
        if shown and given.issuperset(program.instructions[value].arguments):
            given.add(value)
    late = {
        value
        for value in outputs
        if value not in needed and given.issuperset(program.instructions[value].arguments)
    }
    return [*(v for v in live if v not in late), *(v for v in live if v in late)]
