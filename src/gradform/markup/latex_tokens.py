r"""The LaTeX that gradform writes, cut into commands, braces, numbers and characters."""

from __future__ import annotations

import re

__all__ = ["NotMathematics", "Tokens"]

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_PAIRS = {"{": "}", "[": "]"}


class NotMathematics(ValueError):
    """LaTeX outside the part that gradform writes."""


class Tokens:
    """A formula's tokens with a place in them. Spaces mean something in text only."""

    def __init__(self, latex: str) -> None:
        self._all: list[str] = _TOKEN.findall(latex)
        self._at = 0

    @property
    def next(self) -> str:
        """What comes next, "" at the end."""
        while self._at < len(self._all) and self._all[self._at].isspace():
            self._at += 1
        return self._all[self._at] if self._at < len(self._all) else ""

    @property
    def follows(self) -> str:
        """What stands here, a space among it, "" at the end."""
        return self._all[self._at] if self._at < len(self._all) else ""

    def take(self) -> str:
        """The next token, which is passed. Raises NotMathematics at the end."""
        found = self.next
        if not found:
            raise NotMathematics("the formula ends too early")
        self._at += 1
        return found

    def skip(self, wanted: str) -> bool:
        """Whether the next token is the one that is wanted; then it is passed."""
        if self.next != wanted:
            return False
        self._at += 1
        return True

    def expect(self, wanted: str) -> None:
        """Pass one token. Raises NotMathematics when another comes."""
        if not self.skip(wanted):
            raise NotMathematics(f"{self.next!r} stands where {wanted!r} is needed")

    def digit(self) -> str:
        """The first digit of a number, as TeX takes it for an argument; the rest stays."""
        number = self.take()
        if len(number) > 1:
            self._at -= 1
            self._all[self._at] = number[1:]
        return number[0]

    def raw(self, opening: str = "{") -> str:
        """The text between a pair of braces as it stands, spaces included."""
        self.expect(opening)
        closing, depth = _PAIRS[opening], 1
        start = self._at
        while self._at < len(self._all):
            token = self._all[self._at]
            self._at += 1
            depth += (token == opening) - (token == closing)
            if depth == 0:
                return "".join(self._all[start : self._at - 1])
        raise NotMathematics(f"{closing!r} is missing")
