"""How numbers look as plain text, in the terminal and in LaTeX.

A piece is a string and how firmly it holds together.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

__all__ = ["LATEX", "TEXT", "UNICODE", "Firmness", "Piece", "Style"]


class Firmness(IntEnum):
    """Loosest first."""

    SUM = 0
    PRODUCT = 1
    POWER = 2
    ATOM = 3


class Piece(NamedTuple):
    """A written number, without the sign in front of it."""

    string: str
    firmness: Firmness


_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Style:
    """Plain text; other notations say where they differ."""

    infinity = "inf"
    pi = "pi"
    euler = "EulerGamma"
    times = "*"

    def held(self, piece: Piece, least: Firmness) -> str:
        """The piece, in brackets when it is looser than ``least``."""
        return piece.string if piece.firmness >= least else self.bracketed(piece.string)

    def bracketed(self, string: str) -> str:
        return f"({string})"

    def product(self, pieces: list[Piece]) -> Piece:
        if len(pieces) == 1:
            return pieces[0]
        strings = [self.held(piece, Firmness.PRODUCT) for piece in pieces]
        return Piece(self.times.join(strings), Firmness.PRODUCT)

    def quotient(self, top: Piece, bottom: Piece) -> Piece:
        below = self.held(bottom, Firmness.POWER)
        return Piece(f"{self.held(top, Firmness.PRODUCT)}/{below}", Firmness.PRODUCT)

    def power(self, base: Piece, n: int, d: int) -> Piece:
        """base^(n/d) for n/d > 0."""
        if (n, d) == (1, 1):
            return base
        if d == 2:
            root = self.root(base)
            return root if n == 1 else self.power(root, n, 1)
        exponent = str(n) if d == 1 else f"({n}/{d})"
        return Piece(f"{self.held(base, Firmness.ATOM)}^{exponent}", Firmness.POWER)

    def root(self, base: Piece) -> Piece:
        return Piece(f"sqrt({base.string})", Firmness.ATOM)

    def exponential(self, argument: Piece, negative: bool) -> Piece:
        return self.call("exp", (), ("-" if negative else "") + self._inside(argument, negative))

    def _inside(self, argument: Piece, negative: bool) -> str:
        return self.held(argument, Firmness.PRODUCT) if negative else argument.string

    def call(self, name: str, parameters: tuple[int, ...], argument: str) -> Piece:
        """A function: Lambert's has its branch last, polygamma its order first."""
        if name == "lambertw":
            branch = "" if parameters[0] == 0 else f", {parameters[0]}"
            return Piece(f"LambertW({argument}{branch})", Firmness.ATOM)
        before = "".join(f"{k}, " for k in parameters)
        return Piece(f"{name}({before}{argument})", Firmness.ATOM)

    def named(self, name: str) -> Piece:
        return Piece(name, Firmness.ATOM)

    def root_of(self, polynomial: str, index: int) -> Piece:
        return Piece(f"RootOf({polynomial}, {index})", Firmness.ATOM)


class _Unicode(Style):
    infinity = "∞"
    pi = "π"
    euler = "γ"
    times = "·"

    def power(self, base: Piece, n: int, d: int) -> Piece:
        if d == 1 and n != 1:
            small = str(n).translate(_SUPERSCRIPTS)
            return Piece(self.held(base, Firmness.ATOM) + small, Firmness.POWER)
        return super().power(base, n, d)

    def root(self, base: Piece) -> Piece:
        inside = base.string if base.string.isdigit() else f"({base.string})"
        return Piece(f"√{inside}", Firmness.ATOM)

    def exponential(self, argument: Piece, negative: bool) -> Piece:
        if not argument.string.isdigit():
            return super().exponential(argument, negative)
        if argument.string == "1" and not negative:
            return Piece("e", Firmness.ATOM)
        small = (("-" if negative else "") + argument.string).translate(_SUPERSCRIPTS)
        return Piece(f"e{small}", Firmness.POWER)

    def call(self, name: str, parameters: tuple[int, ...], argument: str) -> Piece:
        shown = {"gamma": "Γ", "digamma": "ψ", "lambertw": "W"}.get(name, name)
        if name == "lambertw" and parameters == (-1,):
            shown = "W₋₁"
        if name == "polygamma":
            shown = f"ψ⁽{str(parameters[0]).translate(_SUPERSCRIPTS)}⁾"
        return Piece(f"{shown}({argument})", Firmness.ATOM)


_LATEX_NAMES = {
    **{name: f"\\{name}" for name in ("log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"a{name}": f"\\arc{name}" for name in ("sin", "cos", "tan")},
    "gamma": r"\Gamma",
    "digamma": r"\psi",
    "lgamma": r"\log\Gamma",
    "erf": r"\operatorname{erf}",
    "erfc": r"\operatorname{erfc}",
}


class _Latex(Style):
    infinity = r"\infty"
    pi = r"\pi"
    euler = r"\gamma"

    def bracketed(self, string: str) -> str:
        return rf"\left({string}\right)"

    def product(self, pieces: list[Piece]) -> Piece:
        if len(pieces) == 1:
            return pieces[0]
        total = ""
        for piece in pieces:
            string = self.held(piece, Firmness.PRODUCT)
            between = r" \cdot " if string[:1].isdigit() or string[:5] == r"\frac" else " "
            total += (between if total else "") + string
        return Piece(total, Firmness.PRODUCT)

    def quotient(self, top: Piece, bottom: Piece) -> Piece:
        return Piece(rf"\frac{{{top.string}}}{{{bottom.string}}}", Firmness.PRODUCT)

    def power(self, base: Piece, n: int, d: int) -> Piece:
        if (n, d) == (1, 1):
            return base
        if d == 1:
            return Piece(f"{self.held(base, Firmness.ATOM)}^{{{n}}}", Firmness.POWER)
        inside = self.power(base, n, 1).string
        index = "" if d == 2 else f"[{d}]"
        return Piece(rf"\sqrt{index}{{{inside}}}", Firmness.ATOM)

    def exponential(self, argument: Piece, negative: bool) -> Piece:
        if argument.string == "1" and not negative:
            return Piece("e", Firmness.ATOM)
        sign = "-" if negative else ""
        return Piece(f"e^{{{sign}{self._inside(argument, negative)}}}", Firmness.POWER)

    def call(self, name: str, parameters: tuple[int, ...], argument: str) -> Piece:
        shown = _LATEX_NAMES.get(name, name)
        if name == "lambertw":
            shown = f"W_{{{parameters[0]}}}"
        elif name == "polygamma":
            shown = rf"\psi^{{({parameters[0]})}}"
        return Piece(f"{shown}{self.bracketed(argument)}", Firmness.ATOM)

    def named(self, name: str) -> Piece:
        return Piece(rf"\operatorname{{{name}}}" if name.isalpha() else name, Firmness.ATOM)

    def root_of(self, polynomial: str, index: int) -> Piece:
        polynomial = re.sub(r"\^(\d+)", r"^{\1}", polynomial).replace("*", " ")
        inside = self.bracketed(f"{polynomial}, {index}")
        return Piece(rf"\operatorname{{RootOf}}{inside}", Firmness.ATOM)


TEXT, UNICODE, LATEX = Style(), _Unicode(), _Latex()
