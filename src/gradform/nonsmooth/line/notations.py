"""Numbers, formulas and sets of numbers in text, Unicode and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gradform.exact import Real
from gradform.formula.tree import Formula
from gradform.nonsmooth.line.answer import (
    LineSet,
)
from gradform.nonsmooth.line.written import number_written
from gradform.notation.latex import to_latex
from gradform.notation.spelled import spell_latex, spell_unicode
from gradform.notation.unicode import to_unicode

__all__ = [
    "LATEX",
    "TEXT",
    "UNICODE",
    "Words",
    "in_latex",
    "in_unicode",
    "number_latex",
    "number_unicode",
    "set_written",
]


class Words(NamedTuple):
    """The signs of one notation."""

    empty: str
    line: str
    infinity: str
    braces: tuple[str, str]
    where: str


TEXT = Words("{}", "(-inf, inf)", "inf", ("{", "}"), " for ")
UNICODE = Words("∅", "ℝ", "∞", ("{", "}"), " for ")
LATEX = Words(r"\emptyset", r"\mathbb{R}", r"\infty", (r"\{", r"\}"), r" \quad ")


def in_unicode(formula: Formula) -> str:
    return to_unicode(formula, spell=spell_unicode)


def in_latex(formula: Formula, shapes: Mapping[str, Sequence[int]] | None = None) -> str:
    return to_latex(formula, spell=spell_latex, shapes=shapes)


def number_unicode(value: Real) -> str:
    return in_unicode(number_written(value))


def number_latex(value: Real) -> str:
    return in_latex(number_written(value))


def set_written(found: LineSet, write: Callable[[Real], str], words: Words) -> str:
    """``[-1, 1]``, ``{2}``, ``(-inf, 3]``, ``{}``"""
    if found.low is None or found.high is None:
        return words.empty
    if found.kind == "line":
        return words.line
    if found.kind == "point":
        return f"{words.braces[0]}{write(found.low)}{words.braces[1]}"
    left = f"[{write(found.low)}" if found.low.is_finite else f"(-{words.infinity}"
    right = f"{write(found.high)}]" if found.high.is_finite else f"{words.infinity})"
    return f"{left}, {right}"
