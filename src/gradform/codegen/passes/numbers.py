"""Numbers that a whole array is multiplied with, put where other numbers are.

``2·(3x - 5y + 1)`` is ``6x - 10y + 2``: one pass less over an array. So it goes through what only
moves entries, as zeros around a vector. ``2·(x - y)`` stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.operations import (
    Broadcast,
    Combine,
    Embed,
    Number,
    Product,
    Reshape,
    Spread,
    Take,
    View,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value, live_values
from gradform.ir.nodes import Coefficient, exact

__all__ = ["numbers_inside"]

_MOVES = (Broadcast, Embed, Reshape, Spread, Take, View)


def numbers_inside(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program with numbers in front of arrays put inside of them where that is free."""
    folding = _Folding(program, outputs)
    if not any(folding.is_scaled(value) for value in folding.live):
        return program, list(outputs)
    return rewritten(program, outputs, folding.emit)


class _Folding:
    def __init__(self, program: Program, outputs: Sequence[Value]) -> None:
        self.program = program
        self.live = live_values(program, outputs)
        self.uses = Counter(outputs)
        for value in self.live:
            self.uses.update(program.instructions[value].arguments)
        self.values: dict[Value, Value] = {}

    def is_scaled(self, value: Value) -> bool:
        """Whether an instruction multiplies an array that can take the number in."""
        instruction = self.program.instructions[value]
        if not instruction.axes:
            return False
        return any(self._takes(*term) for term in _terms(instruction))

    def _takes(self, coefficient: Coefficient, value: Value) -> bool:
        return abs(coefficient) != 1 and self._is_free(value)

    def _is_free(self, value: Value) -> bool:
        """Whether a number can be put into a value without another operation."""
        instruction = self.program.instructions[value]
        if isinstance(instruction.operation, Number):
            return True
        if self.uses[value] != 1 or not instruction.axes:
            return False
        match instruction.operation:
            case Product(coefficient):
                return abs(coefficient) != 1
            case Combine(coefficients):
                pairs = zip(coefficients, instruction.arguments, strict=True)
                return all(abs(c) != 1 or self._is_free(v) for c, v in pairs)
            case operation:
                return isinstance(operation, _MOVES) and self._is_free(instruction.arguments[0])

    # ------------------------------------------------------------ the new program

    def emit(self, target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = self.program.instructions[value]
        if value in self.uses and self.is_scaled(value):
            found = self._with_terms(target, instruction)
        else:
            found = target.emit(instruction.operation, arguments, instruction.axes)
        self.values[value] = found
        return found

    def _with_terms(self, target: Program, instruction: Instruction) -> Value:
        terms: list[tuple[Coefficient, Value]] = []
        for coefficient, value in _terms(instruction):
            if self._takes(coefficient, value):
                terms.append((1, self._scaled(target, coefficient, value)))
            else:
                terms.append((coefficient, self.values[value]))
        if len(terms) == 1:
            return target.scale(*terms[0])
        operation = Combine(tuple(coefficient for coefficient, _ in terms))
        return target.emit(operation, [value for _, value in terms], instruction.axes)

    def _scaled(self, target: Program, number: Coefficient, value: Value) -> Value:
        """A number times a value that takes it in."""
        instruction = self.program.instructions[value]
        match instruction.operation:
            case Number(own):
                return target.number(exact(number * own))
            case Product(coefficient, powers):
                operation = Product(exact(number * coefficient), powers)
                arguments = [self.values[argument] for argument in instruction.arguments]
                return target.emit(operation, arguments, instruction.axes)
            case Combine(coefficients):
                pairs = zip(coefficients, instruction.arguments, strict=True)
                scaled = [self._scaled_term(target, number, *pair) for pair in pairs]
                combined = Combine(tuple(coefficient for coefficient, _ in scaled))
                return target.emit(combined, [v for _, v in scaled], instruction.axes)
            case operation:
                (argument,) = instruction.arguments
                moved = self._scaled(target, number, argument)
                return target.emit(operation, (moved,), instruction.axes)

    def _scaled_term(
        self, target: Program, number: Coefficient, coefficient: Coefficient, value: Value
    ) -> tuple[Coefficient, Value]:
        if self._is_free(value):
            return 1, self._scaled(target, exact(number * coefficient), value)
        return exact(number * coefficient), self.values[value]


def _terms(instruction: Instruction) -> list[tuple[Coefficient, Value]]:
    """A sum as coefficients and values, and a multiple as one of them."""
    match instruction.operation:
        case Combine(coefficients):
            return list(zip(coefficients, instruction.arguments, strict=True))
        case Product(coefficient, (1,)):
            return [(coefficient, instruction.arguments[0])]
        case _:
            return []
