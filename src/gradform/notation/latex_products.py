r"""Products in LaTeX: side by side, as a fraction, element-wise; and growing brackets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gradform.formula.spelling import Precedence
from gradform.notation.pieces import Part, Piece, held
from gradform.records import replaced

__all__ = ["beginning", "fenced", "product"]

_SYMBOLS = {".*": r" \odot ", "./": r" \oslash "}
_ONE = Piece(("1",), Precedence.ATOM, number=True, scalar=True)


def fenced(piece: Piece) -> Piece:
    """The piece in parentheses, which grow where the content is tall."""
    left, right = (r"\left(", r"\right)") if piece.tall else ("(", ")")
    return Piece((left, piece, right), Precedence.ATOM, tall=piece.tall, inside=piece)


def product(factors: Sequence[Piece], operators: Sequence[str]) -> Piece:
    r"""Factors read from the left: runs of ``*`` and ``/`` between ``\odot`` and ``\oslash``."""
    run = [("*", factors[0])]
    chained = divided = False
    for k in range(1, len(factors)):
        operator = _without_needless_dot(factors, operators, k)
        if operator in ("*", "/"):
            run.append((operator, factors[k]))
            continue
        left = _run(run)
        negative, left = left.negative, replaced(left, negative=False)
        # People do not agree how to read a ⊘ b ⊙ c, nor A ⊗ B ⊙ C.
        same = chained and len(run) == 1
        level = Precedence.OPERATOR if same else Precedence.PRODUCT
        left = fenced(left) if same and divided else held(left, level, fenced)
        right = held(factors[k], Precedence.PRODUCT, fenced)
        parts = (left, _SYMBOLS[operator], right)
        tall = left.tall or right.tall
        run = [("*", Piece(parts, Precedence.OPERATOR, negative, tall=tall))]
        chained, divided = True, operator == "./"
    return _run(run)


def _without_needless_dot(factors: Sequence[Piece], operators: Sequence[str], k: int) -> str:
    """The operator before factor k; with a scalar, element-wise and plain ones agree."""
    scalar = factors[k].scalar or (k == 1 and operators[k] == ".*" and factors[0].scalar)
    return operators[k].lstrip(".") if scalar else operators[k]


def _run(run: Sequence[tuple[str, Piece]]) -> Piece:
    """Factors joined by ``*`` and ``/``, the minus of the first in front of all."""
    first = run[0][1]
    if len(run) == 1:
        return first
    unsigned = [("*", replaced(first, negative=False)), *run[1:]]
    return replaced(_ratio(unsigned), negative=first.negative)


def _ratio(run: Sequence[tuple[str, Piece]]) -> Piece:
    divisions = [k for k, (operator, _) in enumerate(run) if operator == "/"]
    if not divisions:
        return _side_by_side([factor for _, factor in run])
    start, stop = divisions[0], divisions[-1] + 1
    if len(divisions) < stop - start:  # a/b*c/d: one fraction, divisors are scalars
        start = stop = len(run)
    above = [factor for operator, factor in run[:start] if operator == "*"]
    below = [run[k][1] for k in divisions]
    rest = [factor for _, factor in run[stop:]]
    drawn = _drawn_out(above, below)
    fraction = _fraction(above[:drawn] or [_ONE], below)
    return _side_by_side([fraction, *above[drawn:], *rest])


def _drawn_out(above: Sequence[Piece], below: Sequence[Piece]) -> int:
    """How many factors stay above the bar; the others follow the fraction.

    A plain divisor takes only the coefficient with it, ``2/m X'(Xw - y)``, when there is one
    or when the numerator would be long; otherwise one bar spans everything, ``x'Ax/n``.
    """
    plain = len(below) == 1 and below[0].scalar
    if not plain or len(above) == 1 or all(factor.scalar for factor in above):
        return len(above)
    coefficients = next(k for k, factor in enumerate(above) if not factor.scalar)
    long = any(factor.precedence == Precedence.SUM for factor in above)
    return coefficients if coefficients or long else len(above)


def _fraction(above: Sequence[Piece], below: Sequence[Piece]) -> Piece:
    parts = (r"\frac{", _level(above), "}{", _level(below), "}")
    numeric = all(factor.number for factor in (*above, *below))
    return Piece(parts, Precedence.POSTFIX, tall=True, number=numeric, fraction=True)


def _level(factors: Sequence[Piece]) -> Piece:
    """What stands above or below the bar, where a single factor needs no brackets."""
    product = _side_by_side(factors)
    return product if product.inside is None or product.negative else product.inside


def _side_by_side(factors: Sequence[Piece]) -> Piece:
    if len(factors) == 1:
        return factors[0]
    parts: list[Part] = [held(factors[0], Precedence.PRODUCT, fenced)]
    for left, right in pairwise(factors):
        shown = held(right, Precedence.POSTFIX, fenced)
        parts.extend((_between(left, right, beginning(shown)), shown))
    return Piece(tuple(parts), Precedence.PRODUCT, tall=any(factor.tall for factor in factors))


def _between(left: Piece, right: Piece, opening: str) -> str:
    """What keeps two factors apart, where side by side they would be misread."""
    if right.number or opening[:1].isdecimal() or (left.number and right.fraction):
        return r" \cdot "
    called = left.scalar and not left.number and opening.startswith(("(", r"\left("))
    return r"\," if called or left.word or right.word else ""


def beginning(piece: Piece) -> str:
    """The first string of a rope."""
    part: Part = piece
    while isinstance(part, Piece):
        part = "-" if part.negative else part.parts[0]
    return part
