"""One operation as an expression over the expressions of its arguments."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import partial

from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Concatenate,
    Constant,
    Cumulate,
    Diagonal,
    Dot,
    Each,
    Einsum,
    Embed,
    Factor,
    FactorCall,
    FactorSolve,
    Frechet,
    Gram,
    Identity,
    Input,
    Kronecker,
    LogAddExp,
    LogSumExp,
    Mapped,
    Matmul,
    Norm,
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
from gradform.codegen.program.straight_line import Instruction, Value
from gradform.codegen.python.arithmetic import matrix_product, raised
from gradform.codegen.python.dialect import Dialect
from gradform.codegen.python.functions import applied, derivative, filled, mapping
from gradform.codegen.text.arithmetic import combination, product
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, call_text, number_text
from gradform.codegen.text.sizes import size_text
from gradform.ir.dims import Dim

__all__ = ["Speller"]


class Speller:
    """Writes instructions in a dialect; knows the identifiers of variables and sizes.

    ``plain``: the values that are Python numbers where the dialect tells them from arrays.
    """

    def __init__(
        self,
        dialect: Dialect,
        variables: Mapping[str, str],
        sizes: Mapping[str, str],
        plain: Container[Value] = (),
    ) -> None:
        self.dialect = dialect
        self.plain = plain
        self._variables = variables
        self._sizes = sizes

    def size(self, size: Dim) -> str:
        return size_text(size, self._sizes).code

    def shape(self, axes: Sequence[Dim]) -> str:
        return self.dialect.shape([self.size(axis) for axis in axes])

    def spell(
        self, instruction: Instruction, arguments: Sequence[Text], ranks: Sequence[int]
    ) -> Text:
        """The expression for an instruction on arguments with so many axes."""
        axes, dialect = instruction.axes, self.dialect
        match instruction.operation:
            case Input() | Number() | Size() | Constant() as leaf:
                return self._leaf(leaf)
            case Combine(coefficients):
                return combination(dialect.numerals, coefficients, arguments)
            case Product(coefficient, powers):
                numbers = {
                    text.code
                    for text, value in zip(arguments, instruction.arguments, strict=False)
                    if value in self.plain
                }
                power = partial(raised, dialect, numbers)
                return product(dialect.numerals, power, coefficient, powers, arguments)
            case Matmul() | Gram() as operation:
                if dialect.unturned:
                    arguments = _unturned(arguments, ranks)
                return _multiplied(operation, arguments)
            case Call(function):
                return applied(dialect, function, arguments)
            case Frechet() | Mapped() | Each():
                return self._repeated(instruction, arguments, ranks)
            case View() | Take() | Concatenate():
                return self._moved(instruction, arguments, ranks)
            case Broadcast() if not ranks[0]:
                return self._everywhere(instruction, arguments[0])
            case Factor() | FactorSolve() | FactorCall() as operation:
                return self._by_factors(operation, [text.code for text in arguments])
            case operation:
                codes = [text.code for text in arguments]
                if isinstance(operation, _SIZED):
                    return self._sized(operation, axes, codes)
                return _array(dialect, operation, codes, ranks)

    def _everywhere(self, instruction: Instruction, argument: Text) -> Text:
        """A value without axes at every place."""
        shape = self.shape(instruction.axes)
        if self.dialect.only_arrays and instruction.arguments[0] not in self.plain:
            return self.dialect.broadcast(argument.code, shape)
        return self.dialect.filled(shape, argument)

    def _leaf(self, operation: Input | Number | Size | Constant) -> Text:
        match operation:
            case Input(name):
                return atom(self._variables[name])
            case Number(value):
                return number_text(value, self.dialect.numerals)
            case Size(size):
                return size_text(size, self._sizes)
            case Constant(name):
                return self.dialect.constant(name)

    def _repeated(
        self, instruction: Instruction, arguments: Sequence[Text], ranks: Sequence[int]
    ) -> Text:
        """What is done once for each index of an axis, or for each open direction."""
        match instruction.operation:
            case Frechet() | Mapped() as operation:
                return self._linear_map(operation, instruction.axes, arguments)
            case Each(operation, stacked):
                return self._each(operation, stacked, instruction, arguments, ranks)
            case operation:
                raise AssertionError(f"{operation} is done once")

    def _by_factors(
        self, operation: Factor | FactorSolve | FactorCall, codes: Sequence[str]
    ) -> Text:
        """``_cholesky``, ``_cholesky_solve``, ``_lu_inverse`` …, helpers of the dialect."""
        method = "_cholesky" if operation.positive else "_lu"
        match operation:
            case Factor():
                name = [f'"{codes[0]}"'] if codes[0] in self._variables.values() else []
                return call_text(method, *codes, *name)
            case FactorSolve(_, transposed):
                turned = ["transposed=True"] if transposed else []
                return call_text(f"{method}_solve", *codes, *turned)
            case FactorCall(function):
                return call_text(f"{method}_{function.from_factors}", *codes)

    def _linear_map(
        self, operation: Frechet | Mapped, axes: Sequence[Dim], arguments: Sequence[Text]
    ) -> Text:
        function = operation.function
        if isinstance(operation, Frechet):
            return derivative(self.dialect, function, len(axes) // 2 - 1, arguments)
        if len(axes) == 2:
            return applied(self.dialect, function, arguments)
        unit = mapping(self.dialect, function, arguments)
        return call_text("_map_tensor", unit, self.shape(axes[2:]), *self.dialect.typed)

    def _each(
        self,
        operation: Operation,
        stacked: Sequence[bool],
        instruction: Instruction,
        arguments: Sequence[Text],
        ranks: Sequence[int],
    ) -> Text:
        """On stacks where the library takes them, else a function called for each index."""
        match operation:
            case Matmul():
                return matrix_product(*arguments)
            case Solve():
                return self.dialect.solved(arguments[0], arguments[1], stacked)
            case Call(function):
                template = self.dialect.stacked_template(function)
                if template is not None:
                    return filled(template, arguments)
        items = [k for k, own in enumerate(stacked) if own]
        inner = [atom(f"_item{k}") if k in items else text for k, text in enumerate(arguments)]
        own_ranks = [rank - (k in items) for k, rank in enumerate(ranks)]
        axes = instruction.axes
        single = Instruction(operation, instruction.arguments, axes[1:])
        body = self.spell(single, inner, own_ranks)
        one = f"lambda {', '.join(inner[k].code for k in items)}: {body.code}"
        return self.dialect.each(one, self.shape(axes), [arguments[k].code for k in items])

    def _sized(self, operation: Operation, axes: Sequence[Dim], codes: Sequence[str]) -> Text:
        """Arrays whose size is mentioned."""
        match operation:
            case Identity(offset):
                return self.dialect.identity(*map(self.size, (*axes, offset)))
            case Triangle():
                return self.dialect.triangle(self.size(axes[0]))
            case Reshape():
                return self.dialect.reshaped(codes[0], self.shape(axes))
            case Embed(axis, start):
                place = [f"axis={axis}"] if axis else []
                size, first = self.size(axes[axis]), self.size(start)
                return call_text("_embed", codes[0], size, first, *place)
            case _:
                return self.dialect.broadcast(codes[0], self.shape(axes))

    def _moved(
        self, instruction: Instruction, arguments: Sequence[Text], ranks: Sequence[int]
    ) -> Text:
        """The same entries in other places."""
        match instruction.operation:
            case View(order):
                return self._view(order, arguments[0])
            case Take(picks):
                return self._taken(picks, arguments[0])
            case Concatenate(axis):
                codes = [text.code for text in arguments]
                return self.dialect.concatenated(codes, ranks, axis, len(instruction.axes))
            case operation:
                raise AssertionError(f"{operation} computes entries")

    def _view(self, order: Sequence[int | None], argument: Text) -> Text:
        code = bracketed(argument, Precedence.ATOM)
        kept = [axis for axis in order if axis is not None]
        if kept == [1, 0]:
            code = f"{code}.T"
        elif kept != sorted(kept):
            code = self.dialect.permuted(code, kept)
        if len(kept) < len(order):
            code = f"{code}[{', '.join('None' if axis is None else ':' for axis in order)}]"
        return atom(code)

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
_FUNCTIONS: Mapping[type, str] = {
    LogAddExp: "logaddexp",
    Outer: "outer",
    Solve: "linalg.solve",
    Trace: "trace",
}


def _array(
    dialect: Dialect, operation: Operation, codes: Sequence[str], ranks: Sequence[int]
) -> Text:
    """Functions of arrays with so many axes, so that no brackets are needed."""
    match operation:
        case Dot():
            return dialect.dot(codes[0], codes[1], ranks[0])
        case Spread(pairs) if ranks[0] == len(pairs) == 1:
            return dialect.call("diag", codes[0])
        case Spread(pairs):
            return call_text("_diagonals", codes[0], *map(str, pairs))
        case Diagonal(first, second):
            return dialect.diagonal(codes[0], () if ranks[0] == 2 else (first, second))
        case Reduce(summed):
            return dialect.call("sum", codes[0], *dialect.along(summed, ranks[0]))
        case Norm(summed) | LogSumExp(summed) | Softmax(summed):
            written = {Norm: dialect.norm, LogSumExp: dialect.logsumexp, Softmax: dialect.softmax}
            return written[type(operation)](codes[0], summed, ranks[0])
        case Cumulate(axis, backwards):
            return dialect.cumulated(codes[0], axis, ranks[0], backwards=backwards)
        case Triangular(upper):
            return dialect.call("triu" if upper else "tril", codes[0])
        case Einsum(left, right, result):
            return dialect.call("einsum", f'"{left},{right}->{result}"', *codes)
        case Tensordot(left, right):
            return dialect.tensordot(codes, left, right)
        case Kronecker():
            return dialect.kron(*codes)
        case _ if type(operation) in _FUNCTIONS:
            return dialect.call(_FUNCTIONS[type(operation)], *codes)
        case _:
            raise AssertionError(f"{operation} has no spelling")


def _unturned(arguments: Sequence[Text], ranks: Sequence[int]) -> Sequence[Text]:
    """``X.T @ v`` as ``v @ X``, ``v @ X.T`` as ``X @ v``; not ``(X + Y.T) @ v``."""
    if len(arguments) == 1:
        return arguments
    for vector, matrix in ((1, 0), (0, 1)):
        code, precedence = arguments[matrix]
        turned = precedence == Precedence.ATOM and code.endswith(".T")
        if (ranks[vector], ranks[matrix]) == (1, 2) and turned:
            straight = atom(code.removesuffix(".T"))
            return (arguments[vector], straight) if matrix == 0 else (straight, arguments[vector])
    return arguments


def _multiplied(operation: Matmul | Gram, arguments: Sequence[Text]) -> Text:
    """NumPy sees that ``t.T @ t`` is symmetric; of two arrays it cannot."""
    if isinstance(operation, Matmul):
        return matrix_product(*arguments)
    axis = operation.axis
    turned = [atom(f"{bracketed(argument, Precedence.ATOM)}.T") for argument in arguments]
    if len(arguments) == 1:
        pair = (*turned, *arguments) if axis == 0 else (*arguments, *turned)
        return matrix_product(*pair)
    upright = arguments if axis == 0 else turned
    return call_text("_symmetric_product", *(text.code for text in upright))
