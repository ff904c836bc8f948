"""One operation as an expression over the expressions of its arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from gradform.codegen.columns.dialect import Dialect
from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Concatenate,
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
    Norm,
    Number,
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
from gradform.codegen.text.arithmetic import PLAIN, combination, product
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, number_text
from gradform.codegen.text.sizes import size_text
from gradform.errors import CannotError
from gradform.functions.record import Function
from gradform.ir.dims import Dim, dim
from gradform.ir.nodes import Coefficient
from gradform.language import say

__all__ = ["Speller", "named_arguments"]

_ARGUMENT = re.compile(r"\{(\d+)\}")


def named_arguments(dialect: Dialect, instruction: Instruction) -> bool:
    """Whether arguments have to be names: they occur twice, or are indexed."""
    operation = instruction.operation
    if isinstance(operation, Take):
        return not dialect.indexed
    if not isinstance(operation, Call):
        return False
    places = _ARGUMENT.findall(operation.function.spell.get(dialect.language, ""))
    return len(set(places)) < len(places)


class Speller:
    """Writes instructions; knows the identifiers of variables and sizes."""

    def __init__(
        self, dialect: Dialect, variables: Mapping[str, str], sizes: Mapping[str, str]
    ) -> None:
        self.dialect = dialect
        self._variables = variables
        self._sizes = sizes

    def size(self, size: Dim) -> str:
        return size_text(size, self._sizes).code

    def sizes(self, axes: Sequence[Dim]) -> list[str]:
        return [self.size(axis) for axis in axes]

    def spell(
        self,
        instruction: Instruction,
        arguments: Sequence[Text],
        shapes: Sequence[Sequence[Dim]],
    ) -> Text:
        """The expression for an instruction on arguments of these shapes."""
        axes = instruction.axes
        match instruction.operation:
            case Input(name):
                return atom(self._variables[name])
            case Number(value):
                return number_text(value, self.dialect.numerals)
            case Constant(name):
                return atom(self.dialect.constants[name])
            case Size(size):
                return size_text(size, self._sizes)
            case Combine() | Product() | LogAddExp() | Call() as entrywise:
                return self._entrywise(entrywise, axes, arguments, shapes)
            case Broadcast():
                return self._broadcast(axes, arguments[0], shapes[0])
            case Identity() | Triangle() | Reshape() | Embed() as sized:
                return self._sized(sized, axes, [text.code for text in arguments], shapes)
            case Matmul() | Dot() | Outer() | Tensordot() | Einsum() as contraction:
                return self._contraction(contraction, axes, arguments, shapes)
            case Concatenate() | View() | Take() as move:
                return self._moved(move, axes, arguments, shapes)
            case Solve():
                return self.dialect.solution(*arguments)
            case operation:
                codes = [text.code for text in arguments]
                return self._array(operation, axes, codes, [len(shape) for shape in shapes])

    def _refusal(self, what: str) -> CannotError:
        return CannotError(
            say(
                "{what} has no {title} form, so no source can be generated for it.",
                what=what,
                title=self.dialect.title,
            ),
            kind=f"no_{self.dialect.language}",
            hint=say("ask for another language, such as 'numpy'"),
        )

    # ------------------------------------------------------------ entry by entry

    def _entrywise(
        self,
        operation: Combine | Product | LogAddExp | Call,
        axes: Sequence[Dim],
        arguments: Sequence[Text],
        shapes: Sequence[Sequence[Dim]],
    ) -> Text:
        if isinstance(operation, Call) and not operation.function.elementwise:
            return self._called(operation.function, arguments, bool(axes))
        texts = [
            self._aligned(text, shape, len(axes))
            for text, shape in zip(arguments, shapes, strict=True)
        ]
        signs = self.dialect.signs if axes else PLAIN
        match operation:
            case Combine(coefficients):
                found = combination(self.dialect.numerals, coefficients, texts, signs)
            case Product(coefficient, powers):
                ranks = {text: bool(shape) for text, shape in zip(texts, shapes, strict=True)}

                def raised(text: Text, power: Coefficient) -> Text:
                    return self._raised(text, power, ranks[text])

                found = product(self.dialect.numerals, raised, coefficient, powers, texts, signs)
            case LogAddExp():
                name = self.dialect.entrywise("logaddexp", bool(axes))
                return self.dialect.call(name, *(text.code for text in texts))
            case Call(function):
                return self._called(function, texts, bool(axes))
        return Text(_plain_by_numbers(found.code), found.precedence)

    def _aligned(self, text: Text, shape: Sequence[Dim], rank: int) -> Text:
        """An argument that is aligned with the last axes."""
        if not shape or len(shape) == rank:
            return text
        code = bracketed(text, Precedence.ATOM)
        return atom(self.dialect.aligned(code, self.sizes(shape), rank - len(shape)))

    def _raised(self, text: Text, power: Coefficient, has_axes: bool) -> Text:
        if power == 1:
            return text
        if power == Fraction(1, 2):
            return atom(self.dialect.square_root(text.code, has_axes))
        exponent = number_text(power, self.dialect.numerals)
        whole = isinstance(power, int)
        base, above = bracketed(text, Precedence.ATOM), bracketed(exponent, Precedence.ATOM)
        code = self.dialect.power(base, above, has_axes, whole)
        return Text(code, Precedence.POWER if whole else Precedence.ATOM)

    def _called(self, function: Function, arguments: Sequence[Text], has_axes: bool) -> Text:
        template = function.spell.get(self.dialect.language)
        if template is None:
            raise self._refusal(f"'{function.name}'")
        template = self.dialect.template(template, has_axes)

        def put(found: re.Match[str]) -> str:
            before = template[: found.start()].rstrip()[-1:]
            after = template[found.end() :].lstrip()[:1]
            text = arguments[int(found.group(1))]
            enclosed = before in ("(", ",") and after in (")", ",")
            return text.code if enclosed else bracketed(text, Precedence.ATOM)

        return atom(_ARGUMENT.sub(put, template))

    # ------------------------------------------------------------ arrays made of sizes

    def _broadcast(self, axes: Sequence[Dim], argument: Text, shape: Sequence[Dim]) -> Text:
        sizes = self.sizes(axes)
        if not shape:
            return self.dialect.filled(sizes, argument.code)
        text = bracketed(self._aligned(argument, shape, len(axes)), Precedence.PRODUCT)
        code = f"{text} {self.dialect.signs.plus} {self.dialect.filled(sizes, '0').code}"
        return Text(code, Precedence.SUM)

    def _sized(
        self,
        operation: Identity | Triangle | Reshape | Embed,
        axes: Sequence[Dim],
        codes: Sequence[str],
        shapes: Sequence[Sequence[Dim]],
    ) -> Text:
        match operation:
            case Identity(offset):
                return self.dialect.identity(*self.sizes((*axes, offset)))
            case Triangle():
                return self.dialect.call("tril", self.dialect.filled(self.sizes(axes), "1").code)
            case Reshape():
                return self.dialect.reshaped(codes[0], self.sizes(axes), len(shapes[0]))
            case Embed(axis, start):
                where = [self.size(axes[axis]), self.size(start), str(axis + 1)]
                return self.dialect.call("embed", codes[0], *where)

    # ------------------------------------------------------------ products

    def _contraction(
        self,
        operation: Matmul | Dot | Outer | Tensordot | Einsum,
        axes: Sequence[Dim],
        arguments: Sequence[Text],
        shapes: Sequence[Sequence[Dim]],
    ) -> Text:
        left, right = arguments
        ranks = tuple(len(shape) for shape in shapes)
        match operation:
            case Outer():
                return _times(left, atom(f"{bracketed(right, Precedence.ATOM)}'"))
            case Dot() if ranks == (1, 1):
                return _times(_turned(left), right)
            case Dot():
                factors = [bracketed(text, Precedence.POWER) for text in arguments]
                return self.dialect.total(f" {self.dialect.signs.times} ".join(factors))
            case Matmul() if ranks == (1, 1):
                return _times(_turned(left), right)
            case Matmul() if ranks == (1, 2):
                return _times(_turned(right), left)
            case Matmul() if max(ranks) == 2:
                return _times(left, right)
            case _:
                raise self._refusal(say("A product of arrays with more than two axes"))

    # ------------------------------------------------------------ entries moved

    def _moved(
        self,
        operation: Concatenate | View | Take,
        axes: Sequence[Dim],
        arguments: Sequence[Text],
        shapes: Sequence[Sequence[Dim]],
    ) -> Text:
        match operation:
            case Concatenate(axis):
                return self._concatenated(axis, len(axes), arguments, shapes)
            case View(order):
                return self._view(order, arguments[0], shapes[0])
            case Take(picks):
                return self._taken(picks, axes, arguments[0])

    def _concatenated(
        self, axis: int, rank: int, arguments: Sequence[Text], shapes: Sequence[Sequence[Dim]]
    ) -> Text:
        """Vectors are columns, which stand side by side without further ado."""
        codes: list[str] = []
        for text, shape in zip(arguments, shapes, strict=True):
            order: list[int | None] = [*range(len(shape))]
            order.insert(axis, None)
            apart = len(shape) < rank and rank > 1 and (rank, axis) != (2, 1)
            codes.append(self._view(order, text, shape).code if apart else text.code)
        return self.dialect.concatenated(codes, axis, numbers=not any(shapes))

    def _view(self, order: Sequence[int | None], argument: Text, shape: Sequence[Dim]) -> Text:
        if tuple(order) == (1, 0):
            return _turned(argument)
        code = bracketed(argument, Precedence.ATOM)
        return atom(self.dialect.permuted(code, order, len(shape)))

    def _taken(self, picks: Sequence[Pick], axes: Sequence[Dim], argument: Text) -> Text:
        code = bracketed(argument, Precedence.ATOM)
        entries = [self._pick(pick) for pick in picks]
        return self.dialect.taken(code, entries, len(axes), self.sizes(axes))

    def _pick(self, pick: Pick) -> str:
        """Indices count from 1 and ranges include their end."""
        match pick:
            case Position(index):
                return self.size(index + dim(1))
            case Range(start, length):
                return f"{self.size(start + dim(1))}:{self.size(start + length)}".replace(" ", "")
            case None:
                return ":"

    # ------------------------------------------------------------ whole arrays

    def _array(
        self, operation: object, axes: Sequence[Dim], codes: Sequence[str], ranks: Sequence[int]
    ) -> Text:
        dialect = self.dialect
        left = self.sizes(axes)
        match operation:
            case Reduce(summed) if len(summed) == ranks[0]:
                return dialect.total(codes[0])
            case Reduce(summed):
                return dialect.reduced("sum", codes[0], summed, ranks[0], left)
            case Norm(summed):
                return dialect.reduced("root_of_squares", codes[0], summed, ranks[0], left)
            case LogSumExp(summed):
                return dialect.reduced("logsumexp", codes[0], summed, ranks[0], left)
            case Softmax(summed):
                return dialect.softmax(codes[0], summed, ranks[0])
            case Spread(pairs):
                return self._spread(pairs, codes[0], ranks[0])
            case Cumulate(axis, backwards):
                return dialect.cumulated(codes[0], axis, ranks[0], backwards=backwards)
            case _:
                return self._matrix(operation, axes, codes, ranks)

    def _spread(self, pairs: Sequence[tuple[int, int]], code: str, rank: int) -> Text:
        if rank == len(pairs) == 1:
            return self.dialect.diagonal_matrix(code)
        for first, second in pairs:
            rank += 1
            places = (str(first + 1), str(second + 1), str(rank))
            code = self.dialect.call("spread", code, *places).code
        return atom(code)

    def _matrix(
        self, operation: object, axes: Sequence[Dim], codes: Sequence[str], ranks: Sequence[int]
    ) -> Text:
        dialect = self.dialect
        match operation:
            case Trace():
                return dialect.call(dialect.trace, codes[0])
            case Diagonal() if ranks[0] == 2:
                return dialect.call("diag", codes[0])
            case Triangular(upper) if ranks[0] == 2:
                return dialect.call("triu" if upper else "tril", codes[0])
            case Kronecker():
                return dialect.call("kron", *codes)
            case Mapped(function) if len(axes) == 2:
                return self._called(function, [atom(code) for code in codes], True)
            case Frechet(function) | Mapped(function):
                raise self._refusal(say("The derivative of '{name}'", name=function.name))
            case _:
                raise self._refusal(
                    say("The operation {name}", name=type(operation).__name__.lower())
                )


def _turned(text: Text) -> Text:
    """A matrix transposed; twice is not at all."""
    if re.fullmatch(r"\w+'", text.code):
        return atom(text.code[:-1])
    return atom(f"{bracketed(text, Precedence.ATOM)}'")


def _times(left: Text, right: Text) -> Text:
    exact = left.precedence == Precedence.MATMUL
    first = left.code if exact else bracketed(left, Precedence.POWER)
    return Text(f"{first} * {bracketed(right, Precedence.POWER)}", Precedence.MATMUL)


def _plain_by_numbers(code: str) -> str:
    """Numbers multiply and divide arrays with the plain operators."""
    code = re.sub(r"^(-?\d[\d.]*) \.\* ", r"\1 * ", code)
    return re.sub(r" \./ (\d[\d.]*)$", r" / \1", code)
