"""Printed pieces, and what all notations do with them alike: brackets, signs, lists.

A piece is a rope: its parts are joined once, at the end, so printing takes linear time
however deep a formula is nested. A leading minus is kept beside the parts, so that a sum
can take it as its own sign; a superscript is kept beside them, so that an inverse and a
transpose can share one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeAlias

from gradform.formula.spelling import Precedence
from gradform.formula.tree import Slice, Stack
from gradform.records import record, replaced

__all__ = [
    "Brackets",
    "Part",
    "Piece",
    "chunks",
    "commas",
    "compared",
    "enclosed",
    "held",
    "negated",
    "parenthesised",
    "sliced",
    "stacked",
    "stacked_rows",
    "total",
]


@record(eq=False)
class Piece:
    """A printed subformula; reads as minus, parts, superscript.

    ``tall`` needs growing brackets; ``number``, ``scalar`` (a number or a scalar's name),
    ``fraction`` and ``word`` (a name of several letters) decide what may stand side by side.
    ``inside`` is what brackets were put around, for places that need none.
    """

    parts: tuple[Part, ...]
    precedence: Precedence
    negative: bool = False
    superscript: Part = ""
    tall: bool = False
    number: bool = False
    scalar: bool = False
    fraction: bool = False
    word: bool = False
    inside: Piece | None = None


Part: TypeAlias = "str | Piece"
Brackets: TypeAlias = Callable[[Piece], Piece]


def chunks(part: Part) -> Iterable[str]:
    """The strings of a rope from left to right, without recursion."""
    todo = [part]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
            continue
        todo.append(item.superscript)
        todo.extend(reversed(item.parts))
        if item.negative:
            todo.append("-")


def parenthesised(piece: Piece) -> Piece:
    """``(piece)``."""
    return Piece(("(", piece, ")"), Precedence.ATOM, inside=piece)


def held(piece: Piece, loosest: Precedence, brackets: Brackets = parenthesised) -> Piece:
    """The piece, in brackets when it holds together less firmly than ``loosest``."""
    signed = piece.negative and loosest > Precedence.SUM
    return brackets(piece) if signed or piece.precedence < loosest else piece


def negated(piece: Piece, brackets: Brackets = parenthesised) -> Piece:
    """``-piece``; the minus of a product stands before the product."""
    if piece.negative:  # no minus for a sum or a product to take over: they would lose one
        return Piece(("-", brackets(piece)), Precedence.SUM, tall=piece.tall)
    return replaced(held(piece, Precedence.OPERATOR, brackets), negative=True)


def total(
    terms: Sequence[Piece], signs: Sequence[int], brackets: Brackets = parenthesised
) -> Piece:
    """``t1 ± t2 ± …``; where a term with a minus is added, the sum takes the minus."""
    parts: list[Part] = [terms[0]]
    for term, sign in zip(terms[1:], signs[1:], strict=True):
        subtracted = sign < 0 or term.negative
        unsigned = term if sign < 0 else replaced(term, negative=False)
        parts.append(" - " if subtracted else " + ")
        parts.append(held(unsigned, Precedence.OPERATOR, brackets))
    return Piece(tuple(parts), Precedence.SUM, tall=any(term.tall for term in terms))


def commas(pieces: Iterable[Piece], separator: str = ", ") -> list[Part]:
    """The pieces with a separator between them."""
    parts: list[Part] = []
    for piece in pieces:
        parts.extend((separator, piece) if parts else (piece,))
    return parts


def enclosed(left: str, pieces: Iterable[Piece], right: str) -> Piece:
    """``left p1, p2, … right``, an atom."""
    return Piece((left, *commas(pieces), right), Precedence.ATOM)


def compared(sides: Sequence[Piece], sign: str) -> Piece:
    """``left < right``; only a call stands around it."""
    left, right = sides
    tall = left.tall or right.tall
    return Piece((left, f" {sign} ", right), Precedence.ANY, tall=tall)


def stacked_rows(node: Stack, blocks: list[Piece]) -> list[list[Piece]]:
    """The printed blocks of a stack, row by row."""
    remaining = iter(blocks)
    return [list(islice(remaining, len(row))) for row in node.rows]


def stacked(node: Stack, blocks: list[Piece]) -> Piece:
    """``[a, b; c, d]``."""
    rows = [Piece(tuple(commas(row)), Precedence.ANY) for row in stacked_rows(node, blocks)]
    return Piece(("[", *commas(rows, "; "), "]"), Precedence.ATOM)


def sliced(node: Slice, ends: list[Piece]) -> Piece:
    """``start:stop``, either end may be missing."""
    start = ends[:1] if node.start is not None else []
    stop = ends[len(start) :]
    return Piece((*start, ":", *stop), Precedence.ANY)
