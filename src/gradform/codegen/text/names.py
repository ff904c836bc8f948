"""Identifiers of a generated function: parameters, sizes, intermediate results."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from itertools import count

__all__ = ["Names", "plain_name"]

# What Python takes for no name: its keywords, and one more that cannot be assigned to.
_PYTHON = (*keyword.kwlist, "__debug__")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class Names:
    """Hands out identifiers that differ from each other and from what the code uses."""

    def __init__(self, reserved: Iterable[str], keywords: Iterable[str] = _PYTHON) -> None:
        """``keywords`` are those of the language, Python's unless others are given."""
        self._taken = {*reserved, *keywords}
        self._numbers = count()

    def claim(self, name: str) -> str:
        """The name, with underscores after it if it is taken: ``lambda`` is ``lambda_``."""
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"{name!r} cannot be a name in generated code")
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """The next of t0, t1, … that is free."""
        while True:
            name = f"t{next(self._numbers)}"
            if name not in self._taken:
                self._taken.add(name)
                return name


def plain_name(name: str) -> str:
    """A name in ASCII for languages that take no other: ``σ`` is ``sigma``."""
    return "".join(letter if letter.isascii() else _spelled(letter) for letter in name)


def _spelled(letter: str) -> str:
    """The last word of a letter's name in Unicode."""
    word = unicodedata.name(letter, f"u{ord(letter):x}").split()[-1].lower()
    return re.sub(r"\W", "", word)
