"""Entries of arrays as expressions of floats, each of which is there once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import NamedTuple

__all__ = ["Entry", "Graph", "TooLarge"]


class TooLarge(Exception):
    """The program is no tiny one, or has an operation that floats do not know."""


class Entry(NamedTuple):
    """``kind`` of ``arguments``: a number, a variable's entry, an operation, a template.

    ``content`` is the number, the name or the template.
    """

    kind: str
    arguments: tuple[int, ...] = ()
    content: str | float = ""


ZERO = Entry("number", (), 0.0)
_CALCULATED = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
}
_FINITE = ("add", "divide", "multiply", "negative", "subtract")


class Graph:
    """An expression is its place in ``entries``; 0 is the number zero.

    ``dropped`` are expressions that were multiplied by zero: while they are finite, nothing
    but the sign of a zero depends on them. All other equations that are used are exact.
    With ``most`` expressions the program is given up.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: list[Entry] = [ZERO]
        self.dropped: set[int] = set()
        self._places: dict[Entry, int] = {ZERO: 0}

    def put(self, entry: Entry) -> int:
        place = self._places.get(entry)
        if place is None:
            if len(self.entries) >= self.most:
                raise TooLarge
            place = self._places[entry] = len(self.entries)
            self.entries.append(entry)
        return place

    def number(self, value: float) -> int:
        if not isfinite(value):
            raise TooLarge
        return self.put(Entry("number", (), value))

    def value(self, place: int) -> float | None:
        """The value of a number."""
        entry = self.entries[place]
        return entry.content if isinstance(entry.content, float) else None

    # ------------------------------------------------------------ arithmetic

    def binary(self, function: str, left: int, right: int) -> int:
        a, b = self.value(left), self.value(right)
        if a is not None and b is not None:
            if function == "divide" and b == 0:
                raise TooLarge
            return self.number(_CALCULATED[function](a, b))
        match function:
            case "add" | "subtract":
                return self._sum(function, left, right)
            case "multiply":
                return self._product(left, right)
            case _:
                return left if b == 1 else self._signed(function, left, right)

    def negative(self, argument: int) -> int:
        value = self.value(argument)
        if value is not None:
            return self.number(-value) if value else 0
        entry = self.entries[argument]
        return entry.arguments[0] if entry.kind == "negative" else self._put("negative", argument)

    def _sum(self, function: str, left: int, right: int) -> int:
        """a + (-b) = a - b, (-a) + b = b - a"""
        if right == 0:
            return left
        if left == 0:
            return right if function == "add" else self.negative(right)
        first, second = self.entries[left], self.entries[right]
        if second.kind == "negative":
            other = "subtract" if function == "add" else "add"
            return self._sum(other, left, second.arguments[0])
        if first.kind == "negative" and function == "add":
            return self._put("subtract", right, first.arguments[0])
        return self._put(function, left, right)

    def _product(self, left: int, right: int) -> int:
        for one, other in ((left, right), (right, left)):
            if one == 0:
                self.dropped.add(other)
                return 0
            if (number := self.value(one)) is not None and abs(number) == 1:
                return other if number == 1 else self.negative(other)
        return self._signed("multiply", left, right)

    def _signed(self, function: str, left: int, right: int) -> int:
        """(-a)·b = -(a·b)"""
        first, second = self.entries[left], self.entries[right]
        inner = [e.arguments[0] if e.kind == "negative" else None for e in (first, second)]
        if inner == [None, None]:
            return self._put(function, left, right)
        positive = self.binary(
            function,
            left if inner[0] is None else inner[0],
            right if inner[1] is None else inner[1],
        )
        return self.negative(positive) if None in inner else positive

    def _put(self, kind: str, *arguments: int) -> int:
        if kind in ("add", "multiply") and arguments[0] > arguments[1]:
            same = self._places.get(Entry(kind, arguments[::-1]))
            if same is not None:
                return same
        return self.put(Entry(kind, arguments))

    # ------------------------------------------------------------ functions

    def call(self, template: str, arguments: Sequence[int]) -> int:
        """A template over ``{0}``, ``{1}``."""
        return self.put(Entry("call", tuple(arguments), template))

    def checked(self, outputs: Iterable[int]) -> list[int]:
        """What must be finite for the outputs, all that was dropped and all that may be lost.

        Sums, products and what is divided by something are finite only when their parts are;
        a divisor, or what a function is taken of, may overflow and leave a finite result, as
        x/norm(x) does: NumPy warns of that, so it is for NumPy to do.
        """
        places = {*outputs, *self.dropped}
        asked = {self._unsigned(place): place for place in {*places, *self._hidden(places)}}
        finite: set[int] = set()
        found: list[int] = []
        for place in range(len(self.entries) - 1, -1, -1):
            entry = self.entries[place]
            if entry.kind == "number":
                continue
            if place in asked and place not in finite:
                found.append(asked[place])
                finite.add(place)
            if place in finite and entry.kind in _FINITE:
                finite.update(entry.arguments[: 1 if entry.kind == "divide" else 2])
        return found

    def _hidden(self, places: Iterable[int]) -> set[int]:
        """Divisors and arguments of functions that were calculated."""
        found: set[int] = set()
        for place in self.needed(places):
            entry = self.entries[place]
            if entry.kind in ("divide", "call"):
                found.update(entry.arguments[entry.kind == "divide" :])
        return {k for k in found if self.entries[self._unsigned(k)].kind not in ("input", "number")}

    def _unsigned(self, place: int) -> int:
        entry = self.entries[place]
        return entry.arguments[0] if entry.kind == "negative" else place

    def needed(self, places: Iterable[int]) -> list[int]:
        """The expressions that some are made of, in order."""
        found = set(places)
        for place in range(len(self.entries) - 1, -1, -1):
            if place in found:
                found.update(self.entries[place].arguments)
        return sorted(found)
