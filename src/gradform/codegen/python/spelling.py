"""One operation as a NumPy expression over the expressions of its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Cumulate,
    Diagonal,
    Dot,
    Einsum,
    Embed,
    Frechet,
    Identity,
    Input,
    Kronecker,
    LogAddExp,
    LogSumExp,
    Mapped,
    Matmul,
    Number,
    Operation,
    Outer,
    Pick,
    Position,
    Product,
    Range,
    Reduce,
    Reshape,
    Size,
    Softmax,
    Solve,
    Spread,
    Take,
    Tensordot,
    Trace,
    Triangle,
    Triangular,
    View,
)
from gradform.codegen.program.straight_line import Instruction
from gradform.codegen.python.arithmetic import combination, matrix_product, product
from gradform.codegen.python.functions import applied, derivative, mapping
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, call_text, number_text
from gradform.codegen.text.sizes import size_text, sizes_text
from gradform.ir.dims import Dim

__all__ = ["Speller"]


class Speller:
    """Writes instructions; knows the identifiers of variables and sizes."""

    def __init__(self, variables: Mapping[str, str], sizes: Mapping[str, str]) -> None:
        self._variables = variables
        self._sizes = sizes

    def size(self, size: Dim) -> str:
        return size_text(size, self._sizes).code

    def shape(self, axes: Sequence[Dim]) -> str:
        """As an argument: ``n`` for one axis, else a tuple."""
        return self.size(axes[0]) if len(axes) == 1 else sizes_text(axes, self._sizes)

    def spell(
        self, instruction: Instruction, arguments: Sequence[Text], ranks: Sequence[int]
    ) -> Text:
        """The expression for an instruction on arguments with so many axes."""
        axes = instruction.axes
        match instruction.operation:
            case Input(name):
                return atom(self._variables[name])
            case Number(value):
                return number_text(value)
            case Size(size):
                return size_text(size, self._sizes)
            case Combine(coefficients):
                return combination(coefficients, arguments)
            case Product(coefficient, powers):
                return product(coefficient, powers, arguments)
            case Matmul():
                return matrix_product(*arguments)
            case Call(function):
                return applied(function, arguments)
            case Frechet() | Mapped() as operation:
                return self._linear_map(operation, axes, arguments)
            case View(order):
                return _view(order, arguments[0])
            case Take(picks):
                return self._taken(picks, arguments[0])
            case Broadcast() if not ranks[0]:
                return self._filled(axes, arguments[0])
            case _:
                return self._array(instruction, [text.code for text in arguments])

    def _linear_map(
        self, operation: Frechet | Mapped, axes: Sequence[Dim], arguments: Sequence[Text]
    ) -> Text:
        function = operation.function
        if isinstance(operation, Frechet):
            return derivative(function, len(axes) // 2 - 1, arguments)
        if len(axes) == 2:
            return applied(function, arguments)
        return call_text("_map_tensor", mapping(function, arguments), self.shape(axes[2:]))

    def _array(self, instruction: Instruction, codes: Sequence[str]) -> Text:
        """Operations that are calls of one function, so that no brackets are needed."""
        operation = instruction.operation
        if isinstance(operation, Constant):
            return atom(_CONSTANTS[operation.name])
        function = _FUNCTIONS.get(type(operation))
        if function is not None:
            return call_text(function, *codes)
        if isinstance(operation, _SIZED):
            return self._sized(operation, instruction.axes, codes)
        return _folded(operation, len(instruction.axes), codes)

    def _sized(self, operation: Operation, axes: Sequence[Dim], codes: Sequence[str]) -> Text:
        """Arrays whose size is mentioned."""
        match operation:
            case Identity(offset):
                return atom(self._identity(axes, offset))
            case Triangle():
                return call_text("np.tri", self.size(axes[0]))
            case Reshape():
                return call_text("np.reshape", codes[0], self.shape(axes))
            case Embed(axis, start):
                place = [f"axis={axis}"] if axis else []
                size, first = self.size(axes[axis]), self.size(start)
                return call_text("_embed", codes[0], size, first, *place)
            case _:
                return call_text("np.broadcast_to", codes[0], self.shape(axes))

    def _identity(self, axes: Sequence[Dim], offset: Dim) -> str:
        sizes = [self.size(axes[0])]
        if axes[0] is not axes[1] or offset.terms:
            sizes += [self.size(axes[1]), self.size(offset)]
        return f"np.eye({', '.join(sizes)})"

    def _filled(self, axes: Sequence[Dim], argument: Text) -> Text:
        """A scalar everywhere. Whole numbers are made floats, as arrays of them are not."""
        constants = {"0": "np.zeros", "1": "np.ones"}
        shape = self.shape(axes)
        if argument.code in constants:
            return call_text(constants[argument.code], shape)
        return call_text("np.full", shape, argument.code, "dtype=float")

    def _taken(self, picks: Sequence[Pick], argument: Text) -> Text:
        entries = [self._pick(pick) for pick in picks]
        while entries[-1] == ":":
            entries.pop()
        return atom(f"{bracketed(argument, Precedence.ATOM)}[{', '.join(entries)}]")

    def _pick(self, pick: Pick) -> str:
        match pick:
            case Position(index):
                return self.size(index)
            case Range(start, length):
                stop = self.size(start + length)
                first = self.size(start) if start.terms else ""
                return f"{first}:{stop}" if " " not in f"{first}{stop}" else f"{first} : {stop}"
            case None:
                return ":"


_SIZED = (Broadcast, Embed, Identity, Reshape, Triangle)

# One function with the arguments as they stand.
_CONSTANTS = {"pi": "np.pi", "EulerGamma": "np.euler_gamma", "inf": "np.inf"}
_FUNCTIONS: Mapping[type, str] = {
    Dot: "np.vdot",
    Kronecker: "np.kron",
    LogAddExp: "np.logaddexp",
    Outer: "np.outer",
    Solve: "np.linalg.solve",
    Trace: "np.trace",
}


def _folded(operation: Operation, rank: int, codes: Sequence[str]) -> Text:
    """Functions of certain axes; ``rank`` is that of the result."""
    match operation:
        case Spread() if rank == 2:
            return call_text("np.diag", codes[0])
        case Spread(pairs):
            return call_text("_diagonals", codes[0], *map(str, pairs))
        case Diagonal(first, second):
            places = [] if rank == 1 else [f"axis1={first}", f"axis2={second}"]
            return call_text("np.diagonal", codes[0], *places)
        case Reduce(summed):
            return call_text("np.sum", codes[0], *_axis(summed, len(summed) + rank))
        case LogSumExp(summed):
            return call_text("_logsumexp", codes[0], *_axis(summed, len(summed) + rank))
        case Softmax(summed):
            return call_text("_softmax", codes[0], *_axis(summed, rank))
        case Cumulate(axis, backwards):
            return _cumulated(axis, backwards, rank, codes[0])
        case Triangular(upper):
            return call_text("np.triu" if upper else "np.tril", codes[0])
        case Einsum(left, right, result):
            return call_text("np.einsum", f'"{left},{right}->{result}"', *codes)
        case Tensordot(left, right):
            return call_text("np.tensordot", *codes, f"axes=({list(left)}, {list(right)})")
        case _:
            raise AssertionError(f"{operation} has no spelling")


def _axis(summed: Sequence[int], rank: int) -> list[str]:
    """The axis argument; none when all axes are meant."""
    if len(summed) == rank:
        return []
    return [f"axis={summed[0] if len(summed) == 1 else tuple(summed)}"]


def _cumulated(axis: int, backwards: bool, rank: int, code: str) -> Text:
    place = [f"axis={axis}"] if rank > 1 else []
    if not backwards:
        return call_text("np.cumsum", code, *place)
    flipped = call_text("np.flip", code, *place).code
    return call_text("np.flip", call_text("np.cumsum", flipped, *place).code, *place)


def _view(order: Sequence[int | None], argument: Text) -> Text:
    code = bracketed(argument, Precedence.ATOM)
    kept = [axis for axis in order if axis is not None]
    if kept == [1, 0]:
        code = f"{code}.T"
    elif kept != sorted(kept):
        code = f"{code}.transpose({', '.join(map(str, kept))})"
    if len(kept) < len(order):
        code = f"{code}[{', '.join('None' if axis is None else ':' for axis in order)}]"
    return atom(code)
