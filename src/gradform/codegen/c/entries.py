"""One entry of a value as a C expression: stored values are read, others written out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from gradform.codegen.c.functions import applied, template_of
from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Diagonal,
    Embed,
    Identity,
    Kronecker,
    LogAddExp,
    Number,
    Outer,
    Pick,
    Position,
    Product,
    Range,
    Reshape,
    Size,
    Spread,
    Take,
    Triangle,
    Triangular,
    View,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.text.arithmetic import combination, product
from gradform.codegen.text.pieces import (
    Numerals,
    Precedence,
    Text,
    atom,
    bracketed,
    call_text,
    number_text,
)
from gradform.codegen.text.sizes import size_text
from gradform.ir.dims import ONE, Dim
from gradform.ir.nodes import Coefficient

__all__ = ["Entries", "Index"]

Index = Sequence[str]

# Longer expressions get names inside the loop.
_LONGEST = 72
_NUMERALS = Numerals(2**53, "INFINITY", pointed=True)
_CONSTANTS = {
    "pi": "3.14159265358979323846",
    "EulerGamma": "0.57721566490153286061",
    "inf": "INFINITY",
}
_SIMPLE = re.compile(r"\*?\w+(\[[^\[\]]*\])?|\d+\.\d+")
_SMALL_POWERS = (2, 3)
_COMPUTED = (Call, Combine, Kronecker, LogAddExp, Outer, Product)


class Entries:
    """Writes entries.

    places      where stored values and variables are: a pointer, or a variable without axes
    sizes       identifiers of the sizes
    named       gives an expression a name that is valid where the entry is written
    """

    def __init__(
        self,
        program: Program,
        places: Mapping[Value, str],
        sizes: Mapping[str, str],
        named: Callable[[str], str],
    ) -> None:
        self._program = program
        self._places = places
        self._sizes = sizes
        self._named = named

    def size(self, size: Dim) -> Text:
        return size_text(size, self._sizes)

    def place(self, axes: Sequence[Dim], index: Index) -> str:
        """The position in memory of an entry of an array with these axes."""
        code = "0"
        for axis, at in zip(axes, index, strict=True):
            if axis is ONE:
                continue
            if code == "0":
                code = at
                continue
            outer = code if code.isidentifier() else f"({code})"
            code = f"{outer} * {bracketed(self.size(axis), Precedence.POWER)}"
            if at != "0":
                code += f" + {at}"
        return code

    def at(self, value: Value, index: Index) -> Text:
        """The entry of a value at an index: one expression for each axis."""
        if value in self._places:
            place = self._places[value]
            axes = self._program.axes(value)
            return atom(f"{place}[{self.place(axes, index)}]" if axes else place)
        text = self.written(value, index)
        # What is moved may stand under a condition without which its place does not exist.
        if len(text.code) > _LONGEST and isinstance(self._program.operation(value), _COMPUTED):
            return atom(self._named(text.code))
        return text

    def written(self, value: Value, index: Index) -> Text:
        instruction = self._program.instructions[value]
        match instruction.operation:
            case Number() | Constant() | Size() | Identity() | Triangle() as leaf:
                return self._leaf(leaf, index)
            case Combine(coefficients):
                return combination(_NUMERALS, coefficients, self._aligned(value, index))
            case Product(coefficient, powers):
                arguments = self._aligned(value, index)
                return product(_NUMERALS, self._raised, coefficient, powers, arguments)
            case LogAddExp():
                return call_text("logaddexp", *(t.code for t in self._aligned(value, index)))
            case Call(function):
                return self._applied(template_of(function), self._aligned(value, index))
            case Broadcast():
                return self._aligned(value, index)[0]
            case Outer() | Kronecker():
                return self._product(value, index)
            case _:
                return self._moved(value, index)

    def _leaf(
        self, operation: Number | Constant | Size | Identity | Triangle, index: Index
    ) -> Text:
        match operation:
            case Number(number):
                return number_text(number, _NUMERALS)
            case Constant(name):
                return atom(_CONSTANTS[name])
            case Size(size):
                return self._size_as_number(size)
            case Identity(offset):
                row = index[0] if not offset.terms else f"{index[0]} + {self.size(offset).code}"
                return _where([_test(row, "==", index[1])], atom("1.0"))
            case Triangle():
                return _where([_test(index[0], ">=", index[1])], atom("1.0"))

    def _size_as_number(self, size: Dim) -> Text:
        """Sizes are unsigned; a difference of them as a number may be negative."""
        return size_text(size, {name: f"(double){own}" for name, own in self._sizes.items()})

    # ------------------------------------------------------------ arithmetic

    def _aligned(self, value: Value, index: Index) -> list[Text]:
        """Entries of arguments that are aligned with the last axes."""
        texts = []
        for argument in self._program.instructions[value].arguments:
            axes = self._program.axes(argument)
            own = index[len(index) - len(axes) :]
            pairs = zip(axes, own, strict=True)
            texts.append(self.at(argument, ["0" if axis is ONE else at for axis, at in pairs]))
        return texts

    def _raised(self, base: Text, power: Coefficient) -> Text:
        """A positive power: products for small whole ones, as C has no operator."""
        if power == 1:
            return base
        if power == Fraction(1, 2):
            return call_text("sqrt", base.code)
        if power in _SMALL_POWERS:
            code = self._simple(base).code
            return Text(" * ".join([code] * int(power)), Precedence.PRODUCT)
        return call_text("pow", base.code, number_text(power, _NUMERALS).code)

    def _simple(self, text: Text) -> Text:
        """A text that may be written several times."""
        return text if _SIMPLE.fullmatch(text.code) else atom(self._named(text.code))

    def _applied(self, template: str, arguments: Sequence[Text]) -> Text:
        places = [template.count(f"{{{k}}}") for k in range(len(arguments))]
        texts = [
            self._simple(text) if count > 1 else text
            for text, count in zip(arguments, places, strict=True)
        ]
        return applied(template, lambda word: texts[int(word)])

    def _product(self, value: Value, index: Index) -> Text:
        """Entries of an outer or a Kronecker product."""
        left, right = self._program.instructions[value].arguments
        if isinstance(self._program.operation(value), Outer):
            first, second = [index[0]], [index[1]]
        else:
            sizes = [bracketed(self.size(axis), Precedence.ATOM) for axis in self._axes(right)]
            pairs = list(zip(index, sizes, strict=True))
            first = [f"{_term(at)} / {size}" for at, size in pairs]
            second = [f"{_term(at)} % {size}" for at, size in pairs]
        factors = [self.at(left, first), self.at(right, second)]
        return product(_NUMERALS, self._raised, 1, (1, 1), factors)

    def _axes(self, value: Value) -> tuple[Dim, ...]:
        return self._program.axes(value)

    # ------------------------------------------------------------ entries moved

    def _moved(self, value: Value, index: Index) -> Text:
        instruction = self._program.instructions[value]
        (argument,) = instruction.arguments
        axes = self._axes(argument)
        match instruction.operation:
            case View(order):
                where = {k: at for k, at in zip(order, index, strict=True) if k is not None}
                return self.at(argument, [where.get(k, "0") for k in range(len(axes))])
            case Take(picks):
                return self.at(argument, self._picked(picks, index))
            case Diagonal(first, second):
                rest = iter(index[:-1])
                joint = (first, second)
                own = [index[-1] if k in joint else next(rest) for k in range(len(axes))]
                return self.at(argument, own)
            case Spread(pairs):
                gone = {second for _, second in pairs}
                inner = self.at(argument, [at for k, at in enumerate(index) if k not in gone])
                return _where([_test(index[a], "==", index[b]) for a, b in pairs], inner)
            case Embed(axis, start):
                return self._embedded(argument, index, axis, start)
            case Triangular(upper):
                test = _test(index[-2], "<=" if upper else ">=", index[-1])
                return _where([test], self.at(argument, index))
            case Reshape():
                return self.at(argument, ["0"] * len(axes))
            case operation:
                raise AssertionError(f"{operation} has no entries that can be written out")

    def _picked(self, picks: Sequence[Pick], index: Index) -> list[str]:
        rest = iter(index)
        own = []
        for pick in picks:
            match pick:
                case Position(at):
                    own.append(self.size(at).code)
                case Range(start, _):
                    own.append(_sum(next(rest), self.size(start).code))
                case None:
                    own.append(next(rest))
        return own

    def _embedded(self, argument: Value, index: Index, axis: int, start: Dim) -> Text:
        axes = self._axes(argument)
        at, first = index[axis], self.size(start).code
        if not axes:
            return _where([_test(at, "==", first)], self.at(argument, []))
        end = self.size(start + axes[axis]).code
        own = [*index]
        if start.terms:
            own[axis] = f"{at} - {bracketed(self.size(start), Precedence.PRODUCT)}"
        tests = [_test(at, ">=", first), f"{at} < {end}"]
        return _where(tests, self.at(argument, own))


def _test(left: str, relation: str, right: str) -> str:
    """A comparison of indices; nothing where it always holds."""
    least = (relation == ">=" and right == "0") or (relation == "<=" and left == "0")
    return "" if left == right or least else f"{left} {relation} {right}"


def _where(tests: Sequence[str], value: Text) -> Text:
    """The value where all tests hold, else 0."""
    code = " && ".join(filter(None, tests))
    return atom(f"({code} ? {value.code} : 0.0)") if code else value


def _sum(left: str, right: str) -> str:
    if "0" in (left, right):
        return right if left == "0" else left
    return f"{left} + {right}"


def _term(code: str) -> str:
    return code if re.fullmatch(r"\w+", code) else f"({code})"
