"""One operation as a NumPy expression over the expressions of its arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

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
    Position,
    Product,
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
    match instruction.operation:
        case Call(function) if function.numpy is not None:
            places = _ARGUMENT.findall(function.numpy)
            return len(set(places)) < len(places)
        case Cumulate(_, backwards):
            return False
    return False


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

    def spell(self, instruction: Instruction, arguments: Sequence[Text]) -> Text:
        """The expression for an instruction."""
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
            case _:
                return self._array(instruction, arguments)

    def _array(self, instruction: Instruction, arguments: Sequence[Text]) -> Text:
        """Operations that are calls of one NumPy function."""
        axes = instruction.axes
        codes = [text.code for text in arguments]
        match instruction.operation:
            case Identity(offset):
                return _atom(self._identity(axes, offset))
            case Triangle():
                return _call("np.tri", self.size(axes[0]))
            case Broadcast():
                return self._repeated(axes, arguments[0])
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

    def _repeated(self, axes: Sequence[Dim], argument: Text) -> Text:
        constants = {"0": "np.zeros", "1": "np.ones"}
        if argument.code in constants:
            return _call(constants[argument.code], self.shape(axes))
        return _call("np.broadcast_to", argument.code, self.shape(axes))

    def _taken(self, picks: Sequence[object], argument: Text) -> Text:
        entries = [self._pick(pick) for pick in picks]
        while entries[-1] == ":":
            entries.pop()
        return _atom(f"{bracketed(argument, Precedence.ATOM)}[{', '.join(entries)}]")

    def _pick(self, pick: object) -> str:
        match pick:
            case Position(index):
                return self.size(index)
            case None:
                return ":"
        start = self.size(pick.start)
        return start
