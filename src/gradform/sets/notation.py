"""How numbers, vectors and the signs between sets are written: text, Unicode, LaTeX."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gradform.records import record
from gradform.sets.entries import Entries, Number, as_rational, short_rational

__all__ = ["LATEX", "TEXT", "UNICODE", "Notation", "bracketed"]

_MOST_SHOWN = 8
_DIGITS = {ord(digit): sign for digit, sign in zip("0123456789", "₀₁₂₃₄₅₆₇₈₉", strict=True)}


@record
class Notation:
    """The signs of one way of writing."""

    opening: str
    closing: str
    times: str
    inside: str
    at_most: str
    norm: str
    infinity: str
    reals: str
    union: str
    empty: str
    dots: str
    is_latex: bool = False
    is_text: bool = False

    def braces(self, inner: str) -> str:
        """{inner}"""
        return f"{self.opening}{inner}{self.closing}"

    def space(self, *sizes: int | str) -> str:
        """R^n, or R^(m x n) for matrices."""
        shape = (r" \times " if self.is_latex else f" {self.times} ").join(map(str, sizes))
        return self.power(self.reals, shape) if len(sizes) > 1 or sizes != (1,) else self.reals

    def power(self, base: str, exponent: int | str) -> str:
        """base^exponent"""
        shown = str(exponent)
        if self.is_latex:
            return f"{base}^{{{shown}}}"
        return f"{base}^{shown}" if shown.isalnum() else f"{base}^({shown})"

    def number(self, value: Number) -> str:
        """A number as it was given; a float as a short fraction when that is what it is."""
        if isinstance(value, str) and as_rational(value) is None and "inf" not in value:
            return self._irrational(value)
        if isinstance(value, str):
            value = float(value) if "inf" in value else Fraction(value)
        if isinstance(value, float):
            if math.isinf(value):
                return self.infinity if value > 0 else f"-{self.infinity}"
            short = short_rational(value)
            value = value if short is None else short
        if isinstance(value, float):
            return self._scientific(repr(value))
        exact = Fraction(value)
        if exact.denominator == 1 or not self.is_latex:
            return str(exact)
        sign = "-" if exact < 0 else ""
        return rf"{sign}\frac{{{abs(exact.numerator)}}}{{{exact.denominator}}}"

    def vector(self, entries: Sequence[Number]) -> str:
        """(1, 2, 3); a number alone stands without parentheses."""
        if len(entries) == 1:
            return self.number(entries[0])
        unit = unit_vector(entries)
        if unit is not None:
            return unit if self.is_text else self.subscript(unit[:-1].rstrip("0123456789"), unit)
        shown = [self.number(entry) for entry in entries[: 2 * _MOST_SHOWN]]
        if len(entries) > 2 * _MOST_SHOWN:
            shown = [*shown[:_MOST_SHOWN], self.dots, self.number(entries[-1])]
        return f"({', '.join(shown)})"

    def subscript(self, base: str, whole: str) -> str:
        """e_12"""
        index = whole[len(base) :]
        return f"{base}_{{{index}}}" if self.is_latex else base + index.translate(_DIGITS)

    def matrix(self, entries: Entries) -> str:
        """[1, 2; 3, 4]"""
        rows, columns = entries.values.shape
        if rows * columns > _MOST_SHOWN**2:
            return f"{'M'}"
        listed = entries.listed()
        lines = [listed[i * columns : (i + 1) * columns] for i in range(rows)]
        if self.is_latex:
            body = r" \\ ".join(" & ".join(map(self.number, line)) for line in lines)
            return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
        return f"[{'; '.join(', '.join(map(self.number, line)) for line in lines)}]"

    def name(self, name: str) -> str:
        """A name of the user's, as a factor."""
        if self.is_latex:
            name = re.sub(r"\b([A-Za-z]+)_(\w+)", r"\1_{\2}", name)
            return name.replace("*", r" ").replace("'", r"^\top ").strip()
        return name.replace("'", "ᵀ").replace("*", "·") if not self.is_text else name

    def word(self, name: str) -> str:
        """A function or word such as conv."""
        return rf"\operatorname{{{name}}}" if self.is_latex else name

    def product(self, left: str, right: str) -> str:
        """left*right"""
        if self.is_latex:
            return rf"{left} \, {right}"
        return f"{left}*{right}" if self.is_text else f"{left}·{right}"

    def normed(self, kind: str, inner: str) -> str:
        """A norm by its name in the language: norm2(x), ‖x‖₂."""
        if self.is_text:
            return f"norm{kind}({inner})"
        sign = {"inf": "∞", "nuc": "*", "spec": "2", "fro": "F"}.get(kind, kind)
        if self.is_latex:
            return rf"\lVert {inner} \rVert_{{{sign.replace('∞', chr(92) + 'infty')}}}"
        small = {"F": "_F", "*": "_*", "∞": "_∞"}
        return f"‖{inner}‖{small.get(sign, sign.translate(_DIGITS))}"

    def such_that(self, variable: str, *conditions: str) -> str:
        """{x : a, b}"""
        between = r" \mid " if self.is_latex else " : "
        return self.braces(f"{variable}{between}{', '.join(conditions)}")

    def minus(self, variable: str, entries: Entries) -> str:
        """x - c; only x when c is zero."""
        if not entries.values.any():
            return variable
        shown = self.matrix(entries) if entries.values.ndim > 1 else self.vector(entries.listed())
        return f"{variable} - {shown if not shown.startswith('-') else f'({shown})'}"

    def _irrational(self, written: str) -> str:
        if self.is_text:
            return written
        if self.is_latex:
            rooted = re.sub(r"\bsqrt\(([^()]*)\)", r"\\sqrt{\1}", written)
            rooted = re.sub(r"\bexp\(1\)", "e", rooted).replace("*", r" \cdot ")
            return re.sub(r"(?<!\\)\b(exp|log|sin|cos|tanh|pi)\b", r"\\\1", rooted)
        rooted = re.sub(r"\bsqrt\((\w+)\)", r"√\1", written)
        return re.sub(r"\bexp\(1\)", "e", rooted).replace("sqrt", "√").replace("pi", "π")

    def _scientific(self, written: str) -> str:
        mantissa, mark, exponent = written.partition("e")
        if not self.is_latex or not mark:
            return written
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def unit_vector(entries: Sequence[Number]) -> str | None:
    """The name of a unit vector that is too long to write out."""
    if len(entries) <= _MOST_SHOWN:
        return None
    values = np.array([float(entry) if not isinstance(entry, str) else 2.0 for entry in entries])
    at = np.flatnonzero(values)
    return f"e{at[0] + 1}" if at.size == 1 and values[at[0]] == 1.0 else None


def bracketed(text: str) -> str:
    """The text in parentheses, unless one pair already holds it together."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    if text and text[0] in pairs:
        depth = 0
        for at, sign in enumerate(text):
            depth += (sign in "([{") - (sign in ")]}")
            if depth == 0:
                return text if at == len(text) - 1 else f"({text})"
    return text if text.replace("_", "").isalnum() else f"({text})"


TEXT = Notation("{", "}", "x", "in", "<=", "norm", "inf", "R", "union", "{}", "...", is_text=True)
UNICODE = Notation("{", "}", "×", "∈", "≤", "norm", "∞", "ℝ", "∪", "∅", "…")
LATEX = Notation(
    r"\{",
    r"\}",
    r"\times",
    r"\in",
    r"\le",
    "norm",
    r"\infty",
    r"\mathbb{R}",
    r"\cup",
    r"\emptyset",
    r"\dots",
    is_latex=True,
)
