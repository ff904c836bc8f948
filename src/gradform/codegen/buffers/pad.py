"""The lines of a function being written, names for arrays, and arithmetic into free buffers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from gradform.codegen.text.names import Names
from gradform.ir.nodes import Coefficient

__all__ = ["Operand", "Pad"]


class Operand(NamedTuple):
    """An array or a number in the text.

    full    it has the shape of the result that is being made
    free    it may be overwritten
    """

    code: str
    full: bool = False
    free: bool = False


_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_COMMUTE = ("add", "multiply")


class Pad:
    """Where statements are written.

    Names whose arrays are not needed any more are given out again, so that the arrays go
    when the next ones come.
    """

    def __init__(self, names: Names, constant: Callable[[Coefficient], str]) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, str] = {}
        self._names = names
        self._idle: list[str] = []
        self._spare: list[str] = []
        self._numeral = constant

    def line(self, text: str) -> None:
        self.lines.append(f"    {text}")

    def fresh(self) -> str:
        return self._idle.pop() if self._idle else self._names.temporary()

    def release(self, name: str) -> None:
        if name not in self._idle:
            self._idle.append(name)

    def clear(self, kept: str) -> None:
        """Give out again what was only needed for one value, which is called ``kept``."""
        for name in self._spare:
            if name != kept:
                self.release(name)
        self._spare.clear()

    def assign(self, code: str) -> str:
        """A name for the value of an expression."""
        name = self.fresh()
        self.line(f"{name} = {code}")
        return name

    def number(self, value: Coefficient) -> Operand:
        """A number as an array without axes: functions take those without converting them."""
        code = self._numeral(value)
        if code not in self.constants:
            self.constants[code] = self._names.claim(f"C{len(self.constants)}")
        return Operand(self.constants[code])

    # ------------------------------------------------------------ arithmetic

    def binary(self, function: str, left: Operand, right: Operand) -> Operand:
        """``left ∘ right``, into one of them when that is free."""
        sign = _SIGNS[function]
        if left.free and right.free:
            self._spare.append(right.code)
        if left.free:
            self.line(f"{left.code} {sign}= {right.code}")
            return left
        if right.free:
            if function in _COMMUTE:
                self.line(f"{right.code} {sign}= {left.code}")
            else:
                self.line(f"np.{function}({left.code}, {right.code}, out={right.code})")
            return right
        full = left.full or right.full
        return Operand(self.assign(f"{left.code} {sign} {right.code}"), full, full)

    def unary(self, function: str, argument: Operand) -> Operand:
        if argument.free:
            self.line(f"np.{function}({argument.code}, out={argument.code})")
            return argument
        return Operand(self.assign(f"np.{function}({argument.code})"), argument.full, argument.full)

    def power(self, argument: Operand, exponent: Coefficient) -> Operand:
        """``argument ^ exponent`` for a positive exponent, small ones by multiplication."""
        if exponent == 1:
            return argument
        if exponent == Fraction(1, 2):
            return self.unary("sqrt", argument)
        if exponent == 2:
            return self.unary("square", argument)
        if exponent == 3:
            square = self.unary("square", argument._replace(free=False))
            return self.binary("multiply", square, argument._replace(free=False))
        if exponent == 4:
            return self.unary("square", self.unary("square", argument))
        return self.raised(argument, exponent)

    def raised(self, argument: Operand, exponent: Coefficient) -> Operand:
        """Any other power."""
        raised = f"{argument.code} ** {self.number(exponent).code}"
        return Operand(self.assign(raised), argument.full, argument.full)
