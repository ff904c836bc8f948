"""Pieces of mathematics that can be written as text, in Unicode and in LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gradform.formula.tree import Add, Formula, Name, Program
from gradform.notation.latex import to_latex
from gradform.notation.spelled import spell_latex, spell_unicode
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode
from gradform.syntax.parser import parse_formula

__all__ = ["NOTATIONS", "Math", "broken", "joined", "plain", "quotient", "raised", "written"]

Shapes = Mapping[str, Sequence[object]]

NOTATIONS = ("text", "unicode", "latex")


class Math:
    """Something to be written, in whichever notation is asked for; each is made once."""

    def __init__(self, write: Callable[[str], str]) -> None:
        self._write = write
        self._done: dict[str, str] = {}

    def to(self, notation: str) -> str:
        """``text``, ``unicode`` or ``latex``."""
        if notation not in self._done:
            self._done[notation] = self._write(notation)
        return self._done[notation]


def written(formula: Formula | Program, shapes: Shapes) -> Math:
    """A formula."""

    def write(notation: str) -> str:
        if notation == "latex":
            return to_latex(formula, spell=spell_latex, shapes=shapes)
        if notation == "unicode":
            return to_unicode(formula, spell=spell_unicode, shapes=shapes)
        return to_text(formula)

    return Math(write)


def plain(text: str, latex: str | None = None) -> Math:
    """The same in all notations but LaTeX."""
    return Math(lambda notation: latex if notation == "latex" and latex is not None else text)


def quotient(above: str, below: str, shapes: Shapes, *, ordinary: bool = False) -> Math:
    r"""∂z/∂x; dz/dx for an ``ordinary`` derivative.

    ``below`` may be transposed or an entry, as variables of differentiation are.
    """
    top, bottom = written(Name(above), shapes), _target(below, shapes)

    def write(notation: str) -> str:
        mark = "d" if ordinary else "∂"
        if notation == "latex":
            command = r"\mathrm{d}" if ordinary else r"\partial "
            return rf"\frac{{{command}{top.to('latex')}}}{{{command}{bottom.to('latex')}}}"
        return f"{mark}{top.to(notation)}/{mark}{bottom.to(notation)}"

    return Math(write)


def _target(text: str, shapes: Shapes) -> Math:
    return written(parse_formula(text), shapes)


def raised(inner: Math) -> Math:
    """(…)ᵀ"""
    marks = {"text": "'", "unicode": "ᵀ", "latex": r"^{\top}"}

    def write(notation: str) -> str:
        inside = inner.to(notation)
        if notation == "latex":
            return rf"\left({inside}\right){marks[notation]}"
        return f"({inside}){marks[notation]}"

    return Math(write)


def joined(parts: Sequence[Math], joiner: str, latex: str | None = None) -> Math:
    """The parts with an operator between them."""

    def write(notation: str) -> str:
        between = latex if notation == "latex" and latex is not None else joiner
        return between.join(part.to(notation) for part in parts)

    return Math(write)


def broken(formula: Formula | Program, shapes: Shapes, most: int = 90) -> list[Math]:
    """A formula on several lines when its text is longer than ``most``: a sum term by term.

    The lines after the first begin with the sign of their term.
    """
    tree = formula.body if isinstance(formula, Program) and not formula.definitions else formula
    if not isinstance(tree, Add) or len(to_text(tree)) <= most:
        return [written(formula, shapes)]
    lines: list[tuple[list[Formula], list[int]]] = [([], [])]
    for term, sign in zip(tree.terms, tree.signs, strict=True):
        terms, signs = lines[-1]
        if terms and len(to_text(Add((*terms, term), (*signs, sign)))) > most:
            lines.append(([term], [sign]))
        else:
            terms.append(term)
            signs.append(sign)
    return [_line(tree, terms, signs, k, shapes) for k, (terms, signs) in enumerate(lines)]


def _line(
    tree: Add, terms: Sequence[Formula], signs: Sequence[int], k: int, shapes: Shapes
) -> Math:
    spans = tree.op_spans[: len(terms)]
    several = (1, *signs[1:])
    body = terms[0] if len(terms) == 1 else Add((*terms,), several, tree.span, spans)
    inner = written(body, shapes)
    if not k:
        return inner
    sign = "-" if signs[0] < 0 else "+"
    return Math(lambda notation: f"{sign} {inner.to(notation)}")
