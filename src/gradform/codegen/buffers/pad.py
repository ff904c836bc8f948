"""The lines of a function being written, names for arrays, and arithmetic into free buffers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from gradform.codegen.text.names import Names
from gradform.ir.nodes import Coefficient

__all__ = ["Axes", "Operand", "Pad"]


Axes: TypeAlias = tuple[object, ...]


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
    when the next ones come. An array that a function writes is put into one of the same ``axes``
    that is not needed any more.
    """

    def __init__(self, names: Names, constant: Callable[[Coefficient], str]) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, str] = {}
        self._names = names
        self._idle: list[str] = []
        # The axes of the value being made, and of arrays that nobody else has made.
        self.axes: Axes = ()
        self._own: dict[str, Axes] = {}
        self._spare: list[str] = []
        self._numeral = constant
        # The line that made an array, and how that is written into an array that is there.
        self._made: dict[str, tuple[int, str]] = {}

    @contextmanager
    def shaped(self, axes: Axes) -> Iterator[None]:
        """While arrays with these axes are made on the way."""
        whole = self.axes
        self.axes = axes if whole else ()
        yield
        self.axes = whole

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

    def assign(self, code: str, writing: str = "") -> str:
        """A name for the value of an expression; ``writing`` is a call of a function with it,
        up to the argument of the array that it writes into."""
        name = self.fresh()
        self._own.pop(name, None)
        self._made[name] = (len(self.lines), writing)
        self.line(f"{name} = {code}")
        return name

    def written(self, code: str, writing: str) -> str:
        """The same for a value with the axes of the one being made, in an old array if there is
        one: memory that is at hand is faster than new one."""
        old = next((each for each in self._idle if self._own.get(each) == self.axes), None)
        if old is None:
            name = self.assign(code, writing)
            self._own[name] = self.axes
            return name
        self._idle.remove(old)
        self._made[old] = (0, "")
        self.line(f"{writing}, out={old})")
        return old

    def made_inside(self, name: str, shape: str, place: str) -> str | None:
        """A larger array, a part of which holds that array from the line on that made it."""
        line, writing = self._made.get(name, (0, ""))
        if not writing:
            return None
        whole = self._names.temporary()
        self.lines[line : line + 1] = [
            f"    {whole} = np.empty({shape})",
            f"    {name} = {whole}[{place}]",
            f"    {writing}, out={name})",
        ]
        later = {each: (k + 2, text) for each, (k, text) in self._made.items() if k > line}
        self._made |= {**later, name: (0, "")}
        self._own.pop(name, None)
        return whole

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
        writing = f"np.{function}({left.code}, {right.code}"
        assign = self.written if full and self.axes else self.assign
        return Operand(assign(f"{left.code} {sign} {right.code}", writing), full, full)

    def unary(self, function: str, argument: Operand) -> Operand:
        if argument.free:
            self.line(f"np.{function}({argument.code}, out={argument.code})")
            return argument
        writing = f"np.{function}({argument.code}"
        assign = self.written if argument.full and self.axes else self.assign
        return Operand(assign(f"{writing})", writing), argument.full, argument.full)

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
