"""How many arithmetic operations the instructions of a program take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt, prod

from gradform.codegen.program.operations import (
    Call,
    Combine,
    Cumulate,
    Dot,
    Each,
    Einsum,
    Factor,
    FactorCall,
    FactorSolve,
    Frechet,
    Gram,
    Input,
    Kronecker,
    LogAddExp,
    LogSumExp,
    Mapped,
    Matmul,
    Norm,
    Outer,
    PairGram,
    Product,
    Reduce,
    Softmax,
    Solve,
    Tensordot,
    Trace,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value
from gradform.ir.dims import Dim

__all__ = ["cost"]

# Operations for each entry of what is summed.
_PER_ENTRY = {Norm: 2, LogSumExp: 4, Softmax: 4}


def cost(program: Program, value: Value, sizes: Mapping[str, int]) -> int:
    """Multiplications and additions of one instruction.

    A function of an entry counts once, a product of matrices 2·m·n·k and half of that
    when it is symmetric, a quarter by pairs, an inverse 2·n³, a system with k right-hand
    sides 2n³/3 + 2n²k, other functions of matrices 2·n³.
    """
    instruction = program.instructions[value]
    entries = _entries(instruction.axes, sizes)
    inputs = [_entries(program.axes(argument), sizes) for argument in instruction.arguments]
    match instruction.operation:
        case Combine(coefficients):
            scaled = sum(abs(coefficient) != 1 for coefficient in coefficients)
            return entries * (len(coefficients) - 1 + scaled)
        case Product(coefficient, powers):
            raised = sum(abs(power) != 1 for power in powers)
            return entries * (len(powers) - 1 + raised + (abs(coefficient) != 1))
        case Matmul() | Tensordot() | Dot() | Gram():
            work = _shared_volume(entries, [inputs[0], inputs[-1]])
            return work if isinstance(instruction.operation, Gram) else 2 * work
        case Einsum(left, right, _):
            return 2 * _volume_of_letters(program, instruction, left + right, sizes)
        case Reduce() | Cumulate() | Trace() | Norm() | LogSumExp() | Softmax() as operation:
            return inputs[0] * _PER_ENTRY.get(type(operation), 1)
        case PairGram():
            return program.axes(instruction.arguments[0])[0].evaluate(sizes) * entries // 2
        case Solve() | Factor() | FactorSolve() | FactorCall() as operation:
            n = program.axes(instruction.arguments[0])[0].evaluate(sizes)
            return _cost_by_factors(operation, n, entries)
        case Outer() | Kronecker() | LogAddExp():
            return entries
        case Call(function) if function.elementwise:
            return entries
        case Call():
            return _cost_of_function(program, instruction, sizes)
        case Frechet() | Mapped() | Each():
            return _cost_of_repeated(program, instruction, sizes)
        case _:
            return 0


def _cost_of_each(
    program: Program, instruction: Instruction, each: Each, sizes: Mapping[str, int]
) -> int:
    """The cost for one index, times the length of the leading axis."""
    single = Program()
    arguments = []
    for argument, stacked in zip(instruction.arguments, each.stacked, strict=True):
        axes = program.axes(argument)
        arguments.append(single.emit(Input(str(argument)), (), axes[1:] if stacked else axes))
    value = single.emit(each.operation, arguments, instruction.axes[1:])
    return instruction.axes[0].evaluate(sizes) * cost(single, value, sizes)


def _entries(axes: Sequence[Dim], sizes: Mapping[str, int]) -> int:
    return prod(axis.evaluate(sizes) for axis in axes)


def _shared_volume(entries: int, inputs: Sequence[int]) -> int:
    """Product of all sizes of a contraction: those of the result times the summed ones.

    Each free size is in one input and in the result, each summed one in both inputs.
    """
    return entries * isqrt(inputs[0] * inputs[1] // max(entries, 1))


def _volume_of_letters(
    program: Program, instruction: Instruction, letters: str, sizes: Mapping[str, int]
) -> int:
    axes = [axis for argument in instruction.arguments for axis in program.axes(argument)]
    extents = {letter: axis.evaluate(sizes) for letter, axis in zip(letters, axes, strict=True)}
    return prod(extents.values())


def _cost_by_factors(
    operation: Solve | Factor | FactorSolve | FactorCall, n: int, entries: int
) -> int:
    """Cholesky's factors take n³/3, others twice that; an inverse twice its factors more."""
    match operation:
        case Solve():
            return 2 * n**3 // 3 + 2 * n * entries
        case Factor(positive):
            return (1 if positive else 2) * n**3 // 3
        case FactorSolve():
            return 2 * n * entries
        case FactorCall(_, positive):
            return (2 if positive else 4) * n**3 // 3 if entries > 1 else n


def _cost_of_function(program: Program, instruction: Instruction, sizes: Mapping[str, int]) -> int:
    total = 0
    for argument in instruction.arguments:
        extents = [axis.evaluate(sizes) for axis in program.axes(argument)]
        total += 2 * prod(extents) * min(extents) if len(extents) == 2 else prod(extents)
    return total


def _cost_of_repeated(program: Program, instruction: Instruction, sizes: Mapping[str, int]) -> int:
    """A linear map, once for each entry of the argument when that is left open; or one
    operation for each index of a leading axis."""
    if isinstance(instruction.operation, Each):
        return _cost_of_each(program, instruction, instruction.operation, sizes)
    if isinstance(instruction.operation, Frechet):
        return _cost_of_derivative(instruction, sizes)
    times = prod(axis.evaluate(sizes) for axis in instruction.axes[2:])
    own = _cost_of_function(program, instruction, sizes) + _entries(instruction.axes[:2], sizes)
    return times * own


def _cost_of_derivative(instruction: Instruction, sizes: Mapping[str, int]) -> int:
    """One evaluation at a matrix twice as large for each direction, for each entry open."""
    n = instruction.axes[0].evaluate(sizes)
    left_open = len(instruction.axes) // 2 - 1
    order = len(instruction.arguments) - 1 + left_open
    return int(n ** (2 * left_open) * 2 * (2**order * n) ** 3)
