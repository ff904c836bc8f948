"""A program with known sizes as definitions of arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gradform.codegen.native.definitions.arrays import (
    Argument,
    ByFactors,
    Combination,
    Contract,
    Factored,
    Formula,
    Gemm,
    Monomial,
    Move,
    Scan,
    Symmetric,
)
from gradform.codegen.native.definitions.build import HYPOT, LOGADDEXP, Builder, axis_alone
from gradform.codegen.native.definitions.moves import MAPS, index_map
from gradform.codegen.native.definitions.numbers import number
from gradform.codegen.program.hypotenuse import hypot
from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Cumulate,
    Dot,
    Einsum,
    Factor,
    FactorCall,
    FactorSolve,
    Gram,
    Identity,
    Input,
    Kronecker,
    LogAddExp,
    LogSumExp,
    Matmul,
    Norm,
    Number,
    Operation,
    Outer,
    PairGram,
    Product,
    Reduce,
    Reshape,
    Size,
    Softmax,
    Solve,
    Tensordot,
    Trace,
    Triangle,
)
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.functions.record import Function
from gradform.ir.dims import Dim
from gradform.ir.leaves import NUMBERS
from gradform.records import replaced

__all__ = ["Expansion", "has_native_form"]

SINGULAR, INDEFINITE = "is singular", "is not positive definite"
_POINTWISE = (Combine, LogAddExp, Product)
_SUMS = (Dot, Einsum, Gram, Kronecker, Matmul, Outer, PairGram, Reduce, Tensordot, Trace)
_LEAVES = (Constant, Input, Number, Size)
_OTHERS = (Broadcast, Cumulate, LogSumExp, Norm, Reshape, Softmax)
_FACTORS = (Factor, FactorCall, FactorSolve, Solve)
_NATIVE = (*_POINTWISE, *_SUMS, *_LEAVES, *_OTHERS, *_FACTORS, *MAPS)


def has_native_form(program: Program, value: Value) -> bool:
    """Whether the instruction can be written in C; else NumPy computes it."""
    match program.operation(value):
        case Call(function) if function.elementwise:
            return "c" in function.spell
        case Call(function):
            return function.from_factors is not None
        case operation:
            return isinstance(
                operation, (*_POINTWISE, *_SUMS, *_LEAVES, *_OTHERS, *_FACTORS, *MAPS)
            )


class Expansion(Builder):
    """Writes the definitions; ``places`` tells where each variable stands among the inputs.

    ``helpers`` are C functions of records that templates call.
    """

    def __init__(
        self, program: Program, sizes: Mapping[str, int], places: Mapping[str, int]
    ) -> None:
        super().__init__()
        self.program = program
        self.sizes = sizes
        self.places = places
        self.names = {place: name for name, place in places.items()}
        self.found: dict[Value, int] = {}
        self.uses: Counter[Value] = Counter()
        self.helpers: dict[str, None] = {}

    def expand(self, outputs: Sequence[Value]) -> list[int]:
        """The arrays of the outputs."""
        live = live_values(self.program, outputs)
        self.uses = Counter(outputs)
        for value in live:
            self.uses.update(self.program.instructions[value].arguments)
        for value in live:
            self.found[value] = self._array(value)
        return [self.found[value] for value in outputs]

    def shape(self, axes: Sequence[Dim]) -> tuple[int, ...]:
        return tuple(axis.evaluate(self.sizes) for axis in axes)

    # ------------------------------------------------------------ one instruction

    def _array(self, value: Value) -> int:
        instruction = self.program.instructions[value]
        operation = instruction.operation
        shape = self.shape(instruction.axes)
        arguments = tuple(self.found[argument] for argument in instruction.arguments)
        if isinstance(operation, MAPS):
            return self._mapped(operation, arguments, shape)
        if isinstance(operation, _SUMS):
            return self._sum(operation, arguments, shape)
        if isinstance(operation, _LEAVES):
            return self._leaf(operation, shape)
        if isinstance(operation, _FACTORS):
            return self._by_factors(operation, arguments, shape)
        match operation:
            case Product(coefficient, (1,)) if self._scalable(instruction.arguments[0]):
                return self._scaled(number(coefficient), arguments[0])
            case Call(function) if not function.elementwise:
                return self._of_matrix(function, arguments[0], shape)
            case Call() | Combine() | LogAddExp() | Product():
                kind = _entrywise(operation)
                if isinstance(operation, Call) and kind is not HYPOT:
                    self.helpers |= dict.fromkeys(_helpers(operation.function))
                return self.pointwise(kind, arguments, shape)
            case _:
                return self._other(operation, arguments, shape)

    def _leaf(self, operation: Operation, shape: tuple[int, ...]) -> int:
        match operation:
            case Input(name):
                return self.arrays.add(Argument(self.places[name]), (), shape)
            case Number(value):
                return self.filled(number(value))
            case Constant(name):
                return self.filled(NUMBERS[name])
            case Size(size):
                return self.filled(float(size.evaluate(self.sizes)))
            case _:
                raise AssertionError(f"{operation} is no leaf")

    def _other(
        self, operation: Operation, arguments: tuple[int, ...], shape: tuple[int, ...]
    ) -> int:
        match operation:
            case Broadcast():
                return self.repeated(arguments[0], shape)
            case Softmax(axes):
                return self.softmax(arguments[0], axes)
            case LogSumExp(axes):
                return self.logsumexp(arguments[0], axes)
            case Norm(axes):
                return self.norm(arguments[0], axes)
            case Cumulate(axis, backwards):
                return self.arrays.add(Scan(axis, backwards), arguments, shape)
            case Reshape():
                return self.reshaped(arguments[0], shape)
            case _:
                raise AssertionError(f"{operation} has no native form")

    def _sum(self, operation: Operation, arguments: tuple[int, ...], shape: tuple[int, ...]) -> int:
        rank = len(self.arrays[arguments[0]].shape)
        match operation:
            case Matmul():
                return self.tensordot(arguments, (rank - 1,), (0,))
            case Tensordot(left, right):
                return self.tensordot(arguments, left, right)
            case Dot():
                return self.tensordot(arguments, tuple(range(rank)), tuple(range(rank)))
            case Einsum(left, right, result):
                return self.contracted((left, right), result, arguments)
            case Gram(axis):
                pair = ("ij", "ik") if axis == 0 else ("ji", "ki")
                return self.contracted(pair, "jk", (arguments[0], arguments[-1]))
            case PairGram():
                return self.pair_gram(*arguments)
            case Reduce(axes):
                return self.reduced(arguments[0], axes)
            case Trace():
                return self.contracted(("ii",), "", arguments)
            case Outer():
                return self.contracted(("i", "j"), "ij", arguments)
            case _:
                return self.kronecker(arguments, shape)

    def _mapped(
        self, operation: Operation, arguments: tuple[int, ...], shape: tuple[int, ...]
    ) -> int:
        if isinstance(operation, Identity | Triangle):
            arguments = (self.filled(1.0),)
        own = self.arrays[arguments[0]].shape
        return self.arrays.add(index_map(operation, own, shape, self.sizes), arguments, shape)

    # ------------------------------------------------------------ factors and systems

    def _scalable(self, value: Value) -> bool:
        """Whether a contraction can take a factor in, being used nowhere else."""
        kind = self.arrays[self.found[value]].kind
        return self.uses[value] == 1 and isinstance(kind, Contract | Gemm | Symmetric)

    def _scaled(self, factor: float, array: int) -> int:
        definition = self.arrays[array]
        kind = definition.kind
        assert isinstance(kind, Contract | Gemm | Symmetric)
        scaled = replaced(kind, scale=kind.scale * factor)
        return self.arrays.add(scaled, definition.arguments, definition.shape)

    def _by_factors(
        self, operation: Operation, arguments: tuple[int, ...], shape: tuple[int, ...]
    ) -> int:
        match operation:
            case Factor(positive):
                return self._factored(arguments[0], positive, INDEFINITE if positive else SINGULAR)
            case FactorSolve(positive, transposed):
                kind = ByFactors("solution", positive, transposed)
                return self.arrays.add(kind, arguments, shape)
            case FactorCall(function, positive):
                assert function.from_factors is not None
                return self.arrays.add(ByFactors(function.from_factors, positive), arguments, shape)
            case _:
                return self._solved(*arguments)

    def _factored(self, matrix: int, positive: bool, failure: str) -> int:
        """Factors, with room for the row exchanges."""
        n = self.arrays[matrix].shape[0]
        if failure:
            kind = self.arrays[matrix].kind
            name = self.names[kind.place] if isinstance(kind, Argument) else "A matrix"
            failure = f"{name} {failure}"
        size = n * n if positive else n * n + n
        return self.arrays.add(Factored(positive, failure), (matrix,), (size,))

    def _solved(self, matrix: int, side: int) -> int:
        """A solve with a transposed matrix needs no transpose."""
        definition = self.arrays[matrix]
        shape = self.arrays[side].shape
        transposed = definition.kind == Move((axis_alone(1), axis_alone(0)))
        if transposed:
            (matrix,) = definition.arguments
        factors = self._factored(matrix, False, SINGULAR)
        return self.arrays.add(ByFactors("solution", False, transposed), (factors, side), shape)

    def _of_matrix(self, function: Function, matrix: int, shape: tuple[int, ...]) -> int:
        """An inverse has to exist; a determinant may be 0 and its logarithm -inf."""
        assert function.from_factors is not None
        failure = SINGULAR if function.from_factors == "inverse" else ""
        factors = self._factored(matrix, False, failure)
        return self.arrays.add(ByFactors(function.from_factors, False), (factors,), shape)


def _helpers(function: Function) -> list[str]:
    """The source that the template of a function needs."""
    return [function.helpers["c"]] if "c" in function.helpers else []


def _entrywise(operation: Operation) -> Combination | Monomial | Formula:
    """The function of entries that an operation is."""
    match operation:
        case Combine(coefficients):
            return Combination(tuple(map(number, coefficients)))
        case Product(coefficient, powers):
            return Monomial(number(coefficient), tuple(map(number, powers)))
        case LogAddExp():
            return LOGADDEXP
        case Call(function) if function is hypot:
            return HYPOT
        case Call(function):
            return Formula(function.name, function.spell["c"])
        case _:
            raise AssertionError(f"{operation} is no function of entries")
