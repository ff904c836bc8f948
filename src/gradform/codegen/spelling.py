"""One operation as a NumPy expression over the expressions of its arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

from gradform.codegen.operations import (
    Broadcast,
    Call,
    Combine,
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
    Matmul,
    Number,
    Outer,
    Pi,
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
from gradform.codegen.program import Instruction
from gradform.codegen.sizes import size_text, sizes_text
from gradform.codegen.text import Precedence, Text, bracketed, magnitude, number_text
from gradform.errors import CannotError
from gradform.functions.record import Function
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient

__all__ = ["Speller", "helper_name", "needs_names"]

_HALF = Fraction(1, 2)
_ARGUMENT = re.compile(r"\{(\d+)\}")


def needs_names(instruction: Instruction) -> bool:
    """Whether an argument occurs more than once in the text, so that it must be a name."""
    operation = instruction.operation
    if not isinstance(operation, Call) or operation.function.numpy is None:
        return False
    places = _ARGUMENT.findall(operation.function.numpy)
    return len(set(places)) < len(places)


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
                return _atom(self._variables[name])
            case Number(value):
                return number_text(value)
            case Pi():
                return _atom("np.pi")
            case Size(dim):
                return size_text(dim, self._sizes)
            case Combine(coefficients):
                return _combination(coefficients, arguments)
            case Product(coefficient, powers):
                return _product(coefficient, powers, arguments)
            case Matmul():
                return _matmul(*arguments)
            case Call(function):
                return _applied(function, arguments)
            case Frechet(function):
                return _derivative(function, len(axes) // 2 - 1, arguments)
            case View(order):
                return _view(order, arguments[0])
            case Take(picks):
                return self._taken(picks, arguments[0])
            case Broadcast() if not ranks[0]:
                return self._filled(axes, arguments[0])
            case _:
                return self._array(instruction, [text.code for text in arguments])

    def _array(self, instruction: Instruction, codes: Sequence[str]) -> Text:
        """Operations that are calls of one function, so that no brackets are needed."""
        axes = instruction.axes
        match instruction.operation:
            case Identity(offset):
                return _atom(self._identity(axes, offset))
            case Triangle():
                return _call("np.tri", self.size(axes[0]))
            case Broadcast():
                return _call("np.broadcast_to", codes[0], self.shape(axes))
            case Reshape():
                return _call("np.reshape", codes[0], self.shape(axes))
            case Embed(axis, start):
                place = [f"axis={axis}"] if axis else []
                return _call("_embed", codes[0], self.size(axes[axis]), self.size(start), *place)
            case Spread(pairs):
                if len(axes) == 2:
                    return _call("np.diag", codes[0])
                return _call("_diagonals", codes[0], *map(str, pairs))
            case Diagonal(first, second):
                places = [] if len(axes) == 1 else [f"axis1={first}", f"axis2={second}"]
                return _call("np.diagonal", codes[0], *places)
            case Reduce(summed):
                return _call("np.sum", codes[0], *_axis(summed, len(summed) + len(axes)))
            case LogSumExp(summed):
                return _call("_logsumexp", codes[0], *_axis(summed, len(summed) + len(axes)))
            case Softmax(summed):
                return _call("_softmax", codes[0], *_axis(summed, len(axes)))
            case Cumulate(axis, backwards):
                return _cumulated(axis, backwards, len(axes), codes[0])
            case Triangular(upper):
                return _call("np.triu" if upper else "np.tril", codes[0])
            case Einsum(left, right, result):
                return _call("np.einsum", f'"{left},{right}->{result}"', *codes)
            case Tensordot(left, right):
                return _call("np.tensordot", *codes, f"axes=({list(left)}, {list(right)})")
            case operation:
                return _call(_FUNCTIONS[type(operation)], *codes)

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
            return _call(constants[argument.code], shape)
        return _call("np.full", shape, argument.code, "dtype=float")

    def _taken(self, picks: Sequence[Pick], argument: Text) -> Text:
        entries = [self._pick(pick) for pick in picks]
        while entries[-1] == ":":
            entries.pop()
        return _atom(f"{bracketed(argument, Precedence.ATOM)}[{', '.join(entries)}]")

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


# One function with the arguments as they stand.
_FUNCTIONS: Mapping[type, str] = {
    Dot: "np.vdot",
    Kronecker: "np.kron",
    LogAddExp: "np.logaddexp",
    Outer: "np.outer",
    Solve: "np.linalg.solve",
    Trace: "np.trace",
}


def _atom(code: str) -> Text:
    return Text(code, Precedence.ATOM)


def _call(function: str, *arguments: str) -> Text:
    return _atom(f"{function}({', '.join(arguments)})")


def _axis(summed: Sequence[int], rank: int) -> list[str]:
    """The axis argument; none when all axes are meant."""
    if len(summed) == rank:
        return []
    return [f"axis={summed[0] if len(summed) == 1 else tuple(summed)}"]


def _cumulated(axis: int, backwards: bool, rank: int, code: str) -> Text:
    place = [f"axis={axis}"] if rank > 1 else []
    if not backwards:
        return _call("np.cumsum", code, *place)
    flipped = _call("np.flip", code, *place).code
    return _call("np.flip", _call("np.cumsum", flipped, *place).code, *place)


# ---------------------------------------------------------------- arithmetic


def _signed(text: Text) -> tuple[bool, Text]:
    """Whether a product starts with a minus, and the product without it."""
    if text.code.startswith("-") and text.precedence in (Precedence.PRODUCT, Precedence.SIGN):
        return True, Text(text.code[1:], max(text.precedence, Precedence.PRODUCT))
    return False, text


def _combination(coefficients: Sequence[Coefficient], arguments: Sequence[Text]) -> Text:
    code = ""
    for coefficient, argument in zip(coefficients, arguments, strict=True):
        flipped, text = _signed(argument)
        negative = (coefficient < 0) != flipped
        above, below = magnitude(coefficient)
        loosest = Precedence.MATMUL if above is None and below is None else Precedence.PRODUCT
        term = bracketed(text, loosest)
        if above is not None:
            term = f"{above} * {term}"
        if below is not None:
            term = f"{term} / {below}"
        if code:
            code += f" - {term}" if negative else f" + {term}"
        else:
            code = f"-{term}" if negative else term
    return Text(code, Precedence.SUM)


def _product(
    coefficient: Coefficient, powers: Sequence[Coefficient], arguments: Sequence[Text]
) -> Text:
    above, below = magnitude(coefficient)
    pairs = list(zip(arguments, powers, strict=True))
    top = [_power(text, power) for text, power in pairs if power > 0]
    bottom = [_power(text, -power) for text, power in pairs if power < 0]
    if above is not None or not top:
        top.insert(0, _atom(above or "1"))
    if below is not None:
        bottom.insert(0, _atom(below))
    code = _times(top)
    if bottom:
        code = bracketed(top[0], Precedence.PRODUCT) if len(top) == 1 else code
        code += f" / {_divisor(bottom)}"
    precedence = Precedence.PRODUCT if len(top) > 1 or bottom else top[0].precedence
    if coefficient > 0:
        return Text(code, precedence)
    if precedence < Precedence.PRODUCT:
        code = f"({code})"
    return Text(
        f"-{code}", Precedence.PRODUCT if precedence == Precedence.PRODUCT else Precedence.SIGN
    )


def _times(factors: Sequence[Text]) -> str:
    """Factors in a row: the first, and the one after a number, may be products."""
    codes = [bracketed(factors[0], Precedence.PRODUCT) if len(factors) > 1 else factors[0].code]
    for k, factor in enumerate(factors[1:], 1):
        after_number = k == 1 and codes[0][0].isdigit() and not factor.code.startswith("-")
        codes.append(bracketed(factor, Precedence.PRODUCT if after_number else Precedence.POWER))
    return " * ".join(codes)


def _divisor(factors: Sequence[Text]) -> str:
    if len(factors) == 1:
        return bracketed(factors[0], Precedence.POWER)
    return f"({_times(factors)})"


def _power(text: Text, power: Coefficient) -> Text:
    if text.code == "0":
        # Python refuses to divide by zero.
        text = _call("np.float64", "0")
    if power == 1:
        return text
    if power == _HALF:
        return _call("np.sqrt", text.code)
    exponent = number_text(power)
    if text.code.lstrip("-").isdigit() and not isinstance(power, int):
        # Python makes a fractional power of a negative number complex.
        return _call("np.power", text.code, exponent.code)
    base = bracketed(text, Precedence.ATOM)
    return Text(f"{base}**{bracketed(exponent, Precedence.ATOM)}", Precedence.POWER)


def _matmul(left: Text, right: Text) -> Text:
    exact = left.precedence == Precedence.MATMUL
    first = left.code if exact else bracketed(left, Precedence.POWER)
    return Text(f"{first} @ {bracketed(right, Precedence.POWER)}", Precedence.MATMUL)


def _view(order: Sequence[int | None], argument: Text) -> Text:
    code = bracketed(argument, Precedence.ATOM)
    kept = [axis for axis in order if axis is not None]
    if kept == [1, 0]:
        code = f"{code}.T"
    elif kept != sorted(kept):
        code = f"{code}.transpose({', '.join(map(str, kept))})"
    if len(kept) < len(order):
        code = f"{code}[{', '.join('None' if axis is None else ':' for axis in order)}]"
    return _atom(code)


# ---------------------------------------------------------------- functions


def helper_name(function: Function) -> str:
    """The name of the Python function that a record brings along."""
    if function.numpy_helper is None:
        raise CannotError(
            f"'{function.name}' has no NumPy form, so no code can be generated for it.",
            kind="no_numpy",
        )
    found = re.search(r"^def (\w+)\(", function.numpy_helper, re.MULTILINE)
    assert found is not None, f"the helper of {function.name} defines a function"
    return found.group(1)


def _applied(function: Function, arguments: Sequence[Text]) -> Text:
    template = function.numpy
    if template is None:
        return _call(helper_name(function), *(text.code for text in arguments))

    def put(found: re.Match[str]) -> str:
        before = template[: found.start()].rstrip()[-1:]
        after = template[found.end() :].lstrip()[:1]
        text = arguments[int(found.group(1))]
        enclosed = before in ("(", ",", "") and after in (")", ",", "")
        return text.code if enclosed else bracketed(text, Precedence.ATOM)

    return Text(_ARGUMENT.sub(put, template), _template_precedence(template))


@cache
def _template_precedence(template: str) -> Precedence:
    body = ast.parse(_ARGUMENT.sub(r"_\1", template), mode="eval").body
    match body:
        case ast.Call() | ast.Attribute() | ast.Subscript() | ast.Name() | ast.Constant():
            return Precedence.ATOM
        case ast.BinOp(op=ast.Pow()):
            return Precedence.POWER
        case ast.UnaryOp(op=ast.USub()):
            return Precedence.SIGN
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            return Precedence.PRODUCT
        case ast.BinOp(op=ast.MatMult()):
            return Precedence.MATMUL
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return Precedence.SUM
        case _:
            return Precedence.LOOSE


def _derivative(function: Function, left_open: int, arguments: Sequence[Text]) -> Text:
    template = function.numpy
    if template is None:
        name = helper_name(function)
    elif template.endswith("({0})") and "{" not in template[:-5]:
        name = template[:-5]
    else:
        name = f"lambda matrix: {_ARGUMENT.sub('matrix', template)}"
    matrix, *directions = (text.code for text in arguments)
    if left_open:
        return _call("_frechet_tensor", name, matrix, str(left_open), *directions)
    return _call("_frechet", name, matrix, *directions)
