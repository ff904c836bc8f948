"""Numbers moved to where multiplying by them costs nothing.

2 (1 + 600 x - 200 y) is 2 + 1200 x - 400 y, and -(A (1 - x)) is A (x - 1): one pass over an array
less. Signs move through products of any kind; other numbers into sums only, whose terms then are
not larger than before by more than that number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.operations import (
    Broadcast,
    Combine,
    Embed,
    Matmul,
    Number,
    Operation,
    Outer,
    Product,
    Reshape,
    Spread,
    View,
)
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.ir.nodes import Coefficient, exact

__all__ = ["numbers_inside"]


def numbers_inside(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program without multiplications of arrays by numbers that something else can take."""
    inside = _Inside(program, outputs)
    return rewritten(program, outputs, inside.emit)


class _Inside:
    def __init__(self, program: Program, outputs: Sequence[Value]) -> None:
        self._program = program
        self._uses = Counter(outputs)
        for value in live_values(program, outputs):
            self._uses.update(program.instructions[value].arguments)
        self._uses_of_new: Counter[Value] = Counter()

    def emit(self, target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = self._program.instructions[value]
        match instruction.operation:
            case Product(number, (1,)) if instruction.axes and self._takes(
                target, arguments[0], number
            ):
                found = self._times(target, number, arguments[0])
            case Product(-1, powers) as product if instruction.axes and (
                self._place(target, product, arguments) is not None
            ):
                turned = self._turned(target, product, arguments)
                found = target.multiply(1, list(zip(turned, powers, strict=True)))
            case operation:
                found = target.emit(operation, arguments, instruction.axes)
        self._uses_of_new[found] += self._uses[value]
        return found

    def _takes(self, target: Program, value: Value, number: Coefficient) -> bool:
        """Whether what makes a value can make that multiple of it with the same work."""
        instruction = target.instructions[value]
        arguments = instruction.arguments
        if isinstance(instruction.operation, Number):
            return True
        if self._uses_of_new[value] != 1:
            return False
        match instruction.operation:
            case Broadcast() | Embed() | Reshape() | Spread() | View():
                return self._takes(target, arguments[0], number)
            case Combine(coefficients) if number == -1:
                signs = {coefficient > 0 for coefficient in coefficients}
                return len(signs) == 2 or self._number_among(target, arguments) is not None
            case Combine(coefficients):
                terms = zip(coefficients, arguments, strict=True)
                large = [(c, v) for c, v in terms if target.axes(v) == instruction.axes]
                return all(abs(c) != 1 or self._takes(target, v, number) for c, v in large)
            case Product(coefficient) if abs(coefficient) != 1 or coefficient == number:
                return True
            case Product() | Matmul() | Outer():
                return (
                    number == -1
                    and self._place(target, instruction.operation, arguments) is not None
                )
            case _:
                return False

    def _number_among(self, target: Program, values: Sequence[Value]) -> Value | None:
        return next((v for v in values if isinstance(target.operation(v), Number)), None)

    def _place(
        self, target: Program, operation: Operation, arguments: Sequence[Value]
    ) -> int | None:
        """The factor of a product that takes the sign."""
        powers = operation.powers if isinstance(operation, Product) else (1,) * len(arguments)
        odd = (k for k, power in enumerate(powers) if isinstance(power, int) and power % 2)
        return next((k for k in odd if self._takes(target, arguments[k], -1)), None)

    def _turned(
        self, target: Program, operation: Operation, arguments: Sequence[Value]
    ) -> list[Value]:
        """The factors, one of them with the other sign."""
        place = self._place(target, operation, arguments)
        assert place is not None
        other = self._times(target, -1, arguments[place])
        return [*arguments[:place], other, *arguments[place + 1 :]]

    def _times(self, target: Program, number: Coefficient, value: Value) -> Value:
        """The multiple of a value that takes it."""
        instruction = target.instructions[value]
        operation, arguments = instruction.operation, list(instruction.arguments)
        match operation:
            case Number(own):
                return target.number(exact(number * own))
            case Broadcast() | Embed() | Reshape() | Spread() | View():
                arguments[0] = self._times(target, number, arguments[0])
            case Combine(coefficients):
                return self._sum(target, number, coefficients, arguments)
            case Product(coefficient, powers) if abs(coefficient) != 1 or coefficient == number:
                multiple = exact(number * coefficient)
                return target.multiply(multiple, list(zip(arguments, powers, strict=True)))
            case _:
                arguments = self._turned(target, operation, arguments)
        return target.emit(operation, arguments, instruction.axes)

    def _sum(
        self,
        target: Program,
        number: Coefficient,
        coefficients: Sequence[Coefficient],
        arguments: Sequence[Value],
    ) -> Value:
        terms: list[tuple[Coefficient, Value]] = []
        for coefficient, value in zip(coefficients, arguments, strict=True):
            if isinstance(target.operation(value), Number):
                terms.append((1, self._times(target, exact(number * coefficient), value)))
            elif abs(coefficient) == 1 and number != -1 and self._takes(target, value, number):
                terms.append((coefficient, self._times(target, number, value)))
            else:
                terms.append((exact(number * coefficient), value))
        return target.combine(terms)
