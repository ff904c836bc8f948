"""A second interpreter: the value of a formula, straight from its tree, with NumPy.

Every value is a 2-D array (rows, columns): a scalar is 1×1, a column (n, 1), a row
(1, n). Apart from the tree, only the ``evaluate`` of the function records is used;
nothing here knows the tensor expressions, so a mistake there cannot repeat itself here.

A formula is compiled once, for fixed sizes, into a flat list of instructions, because
the limit definition evaluates it many times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import TypeAlias

import numpy as np

from gradform.errors import ArrayError, GradformError, ShapeError, UnknownNameError
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    fold,
)
from gradform.functions import Function, Shape, Unifier, lookup
from gradform.ir.dims import Dim, dim
from gradform.ir.leaves import NUMBERS
from gradform.language import say
from gradform.syntax.sizes import dimension
from gradform.verify import operations
from gradform.verify.operations import Array, Operation

__all__ = ["Array", "Environment", "Evaluator", "compile_formula", "evaluate"]

Environment: TypeAlias = Mapping[str, Array]

_NO_REGISTER = -1
_UNSET: Array = np.empty((0, 0))


def evaluate(
    function: Program | Formula,
    env: Environment,
    sizes: Mapping[str, int],
    shapes: Mapping[int, Shape] | None = None,
) -> Array:
    """The value of a formula as a 2-D array, real or complex.

    env       variable → 2-D array (rows, columns)
    sizes     dimension name → integer
    shapes    ``id(node)`` → shape; needed for constants sized by their context, as ``eye`` and
              ``vector(c)`` are

    A name is a variable, an earlier definition, a constant, a dimension (as a number) or a
    constant such as ``eye``, in this order. Outside its domain a function gives nan.
    Raises ArrayError for arrays that are not 2-D, UnknownNameError, and ShapeError for
    operands that do not fit.
    """
    for name, array in env.items():
        if array.ndim != 2:
            raise ArrayError(
                say(
                    "{name} has {count} axes; rows and columns are expected.",
                    name=name,
                    count=array.ndim,
                ),
                kind="array",
            )
    with np.errstate(all="ignore"):
        return compile_formula(function, env.keys(), sizes, shapes)(env)


def compile_formula(
    function: Program | Formula,
    variables: Collection[str],
    sizes: Mapping[str, int],
    shapes: Mapping[int, Shape] | None = None,
) -> Evaluator:
    """The formula as a callable ``env -> array`` for these sizes; see :func:`evaluate`."""
    compiler = _Compiler(variables, sizes, shapes or {})
    if not isinstance(function, Program):
        return compiler.finish(compiler.formula(function))
    for definition in function.definitions:
        compiler.define(definition.name, compiler.formula(definition.value))
    return compiler.finish(compiler.formula(function.body))


class Evaluator:
    """A compiled formula. ``analytic``: every function in it allows a complex step."""

    __slots__ = ("_instructions", "_loads", "_registers", "_result", "analytic")

    def __init__(
        self,
        registers: list[Array],
        loads: list[tuple[int, str]],
        instructions: list[tuple[int, Operation, tuple[int, ...]]],
        result: int,
        analytic: bool,
    ) -> None:
        self._registers = registers
        self._loads = loads
        self._instructions = instructions
        self._result = result
        self.analytic = analytic

    def __call__(self, env: Environment) -> Array:
        """The value at ``env``."""
        return self.trace(env)[self._result]

    def trace(self, env: Environment) -> list[Array]:
        """The values of all subformulas, to see how large intermediate results are."""
        registers = self._registers.copy()
        for slot, name in self._loads:
            registers[slot] = env[name]
        for slot, operation, operands in self._instructions:
            registers[slot] = operation(*[registers[k] for k in operands])
        return registers


class _Compiler:
    """Turns trees into instructions; a formula's value is the number of its register."""

    def __init__(
        self, variables: Collection[str], sizes: Mapping[str, int], shapes: Mapping[int, Shape]
    ) -> None:
        self.sizes = sizes
        self.shapes = shapes
        self.registers: list[Array] = []
        self.loads: list[tuple[int, str]] = []
        self.instructions: list[tuple[int, Operation, tuple[int, ...]]] = []
        self.named: dict[str, int] = {}
        self.analytic = True
        for name in variables:
            self.named[name] = len(self.registers)
            self.loads.append((self._constant(_UNSET), name))

    def define(self, name: str, register: int) -> None:
        self.named.setdefault(name, register)

    def finish(self, result: int) -> Evaluator:
        return Evaluator(self.registers, self.loads, self.instructions, result, self.analytic)

    def formula(self, root: Formula) -> int:
        return fold(root, self._visit)

    def _constant(self, value: Array) -> int:
        self.registers.append(value)
        return len(self.registers) - 1

    def _emit(self, operation: Operation, *operands: int) -> int:
        slot = self._constant(_UNSET)
        self.instructions.append((slot, operation, operands))
        return slot

    def _visit(self, node: Formula, operands: list[int]) -> int:
        match node:
            case Number():
                return self._constant(np.array([[float(node.value)]]))
            case Name():
                return self._name(node)
            case Slice():
                return _NO_REGISTER  # the index that contains it reads its ends
            case Call():
                return self._call(node, operands)
            case Neg():
                return self._emit(np.negative, *operands)
            case Add():
                return self._chain(operands, [operations.TERM[sign] for sign in node.signs])
            case Mul():
                return self._chain(operands, [operations.FACTOR[op] for op in node.ops])
            case Power():
                power = operations.entrywise_power if node.elementwise else operations.power
                return self._emit(power, *operands)
            case Transpose():
                return self._emit(attrgetter("T"), *operands)
            case Compare():
                return self._emit(operations.COMPARE[node.operator], *operands)
            case Stack():
                return self._emit(
                    partial(operations.stack, [len(row) for row in node.rows]), *operands
                )

    def _chain(self, operands: list[int], joints: list[Operation]) -> int:
        """Operands joined from the left; the first joint is not used."""
        result = operands[0]
        for operand, joint in zip(operands[1:], joints[1:], strict=True):
            result = self._emit(joint, result, operand)
        return result

    def _name(self, node: Name) -> int:
        if node.name in self.named:
            return self.named[node.name]
        if node.name in NUMBERS:
            return self._constant(np.array([[NUMBERS[node.name]]]))
        if node.name in self.sizes:
            return self._constant(np.array([[float(self.sizes[node.name])]]))
        record = lookup(node.name)
        if record is not None and record.evaluate is not None and record.arity[0] == 0:
            return self._apply(record, record.evaluate, node, (), [])
        raise UnknownNameError(
            say("'{name}' is neither a variable nor a dimension.", name=node.name),
            kind="undefined_variable",
            span=node.span,
        )

    def _integer(self, formula: Formula) -> int:
        """A size, an axis or an index."""
        return self._size(dimension(formula, self.sizes.keys(), _not_a_size))

    def _size(self, size: Dim) -> int:
        missing = size.names - self.sizes.keys()
        if missing:
            raise UnknownNameError(
                say("The dimension '{name}' has no size.", name=min(missing)),
                kind="undefined_variable",
            )
        return size.evaluate(self.sizes)

    def _call(self, node: Call, operands: list[int]) -> int:
        if node.name in self.named:
            return self._emit(self._access(node), self.named[node.name])
        record = lookup(node.name)
        if record is None or record.evaluate is None:
            raise UnknownNameError(
                say("'{name}' is not a function that can be evaluated.", name=node.name),
                kind="unknown_function",
                span=node.name_span,
            )
        if not record.accepts(len(node.args)):
            raise ShapeError(
                say(
                    "{name} does not take {count} arguments.", name=node.name, count=len(node.args)
                ),
                kind="arity",
                span=node.name_span,
            )
        return self._apply(record, record.evaluate, node, node.args, operands)

    def _apply(
        self,
        record: Function,
        evaluate: Operation,
        node: Name | Call,
        args: Sequence[Formula],
        operands: list[int],
    ) -> int:
        self.analytic = self.analytic and record.analytic
        arrays: list[int] = []
        numbers: list[int | None] = []  # None where an array goes
        for arg, operand, kind in zip(args, operands, record.kinds(len(args)), strict=True):
            if kind in ("expr", "condition"):
                arrays.append(operand)
                numbers.append(None)
            else:
                numbers.append(self._integer(arg))
        operation: Operation = partial(evaluate, np)
        if record.sized:
            operation = partial(operation, shape=self._shape(record, node, numbers))
        if not record.elementwise and not record.analytic:
            operation = partial(_of_finite, operation)
        if len(arrays) < len(numbers):
            operation = partial(_apply_with_numbers, operation, numbers)
        return self._emit(operation, *arrays)

    def _shape(
        self, record: Function, node: Name | Call, numbers: Sequence[int | None]
    ) -> tuple[int, int]:
        """The shape of a constant: what the context gave it, or what its arguments say."""
        shape = self.shapes.get(id(node))
        if shape is None and numbers and None not in numbers:
            shape = record.shape(Unifier(), node.name, [dim(n) for n in numbers if n is not None])
        if shape is None:
            raise ShapeError(
                say("The size of '{name}' is not known.", name=node.name),
                kind="dimension_mismatch",
                span=node.span,
                hint=say("Write the size: eye(n), c*ones(n)."),
            )
        return self._size(shape.rows), self._size(shape.cols)

    def _access(self, node: Call) -> Operation:
        """``x(2)``, ``x(2:n)``, ``A(1, 3)``, ``A(:, 1)``."""
        match [self._range(arg) for arg in node.args]:
            case [entries]:
                return partial(operations.element, entries)
            case [rows, columns]:
                return partial(operations.block, rows, columns)
            case _:
                raise ShapeError(
                    say("{name} has at most two indices.", name=node.name),
                    kind="arity",
                    span=node.name_span,
                )

    def _range(self, index: Formula) -> slice:
        """A 1-based index or slice, both ends included, as a 0-based ``slice``."""
        if not isinstance(index, Slice):
            position = self._integer(index)
            return slice(position - 1, position)
        start = 0 if index.start is None else self._integer(index.start) - 1
        stop = None if index.stop is None else self._integer(index.stop)
        return slice(start, stop)


def _not_a_size(part: Formula) -> GradformError:
    return ShapeError(
        say("A size or an index is a sum or product of integers and dimension names."),
        kind="dimension_mismatch",
        span=part.span,
    )


def _of_finite(operation: Operation, *arrays: Array, **facts: object) -> Array:
    """Decompositions of LAPACK need finite numbers; with others some never return."""
    for array in arrays:
        if isinstance(array, np.ndarray) and not np.isfinite(array).all():
            raise FloatingPointError(say("an infinite or undefined matrix is decomposed"))
    return operation(*arrays, **facts)


def _apply_with_numbers(
    operation: Operation, numbers: Sequence[int | None], *arrays: Array
) -> Array:
    """A function some of whose arguments are sizes or axes."""
    remaining = iter(arrays)
    return operation(*(next(remaining) if number is None else number for number in numbers))
