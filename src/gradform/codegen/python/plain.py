"""Which values are Python numbers in generated code, and which operations take them.

Numbers, sizes and what arithmetic makes of them need no array: ``2 * x / n``.
"""

from __future__ import annotations

from collections.abc import Iterable

from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Each,
    Number,
    Product,
    Size,
)
from gradform.codegen.program.straight_line import Program, Value

__all__ = ["plain_values", "takes_number"]


def plain_values(program: Program, live: Iterable[Value]) -> set[Value]:
    """The values that are Python numbers."""
    plain: set[Value] = set()
    for value in live:
        instruction = program.instructions[value]
        match instruction.operation:
            case Number() | Constant() | Size():
                plain.add(value)
            case Combine() | Product():
                places = enumerate(instruction.arguments)
                if all(a in plain and takes_number(program, value, k) for k, a in places):
                    plain.add(value)
    return plain


def takes_number(program: Program, value: Value, place: int) -> bool:
    """Whether an argument may be a Python number.

    Python refuses to divide by zero and makes fractional powers of negative numbers complex.
    """
    instruction = program.instructions[value]
    operation = instruction.operation
    match operation.operation if isinstance(operation, Each) else operation:
        case Combine() | Broadcast():
            return True
        case Product(_, powers):
            power = powers[place]
            if isinstance(power, int) and power > 0:
                return True
            return _is_positive(program, instruction.arguments[place])
        case Call(function) if not function.elementwise:
            return function.kinds(len(instruction.arguments))[place] == "int"
        case _:
            return False


def _is_positive(program: Program, value: Value) -> bool:
    match program.operation(value):
        case Number(number):
            return number > 0
        case Size(size):
            return all(coefficient > 0 for _, coefficient in size.terms)
        case operation:
            return isinstance(operation, Constant)
