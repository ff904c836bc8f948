r"""Filling a LaTeX template: arguments in their places, fences that fit their height.

A template may write ``\left( {0} \right)`` or ``( {0} )``: either grows with a tall
argument and stays small around a flat one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter

from gradform.formula.spelling import Spelling
from gradform.notation.latex_products import fenced
from gradform.notation.pieces import Part, Piece, held

__all__ = ["filled"]

_FENCE = re.compile(
    r"(\\left|\\right)\s*(\\\||\\\{\{|\\\}\}|[\[\]|])"
    r"|(?:(\\left|\\right)\s*)?([()]|\\[lr](?:Vert|vert|angle|floor|ceil)(?![A-Za-z]))"
)
_UPRIGHT = {
    r"\left|": r"\lvert",
    r"\right|": r"\rvert",
    r"\left\|": r"\lVert",
    r"\right\|": r"\rVert",
}
_SIZED_BY_HAND = re.compile(r"\\(?:left|right)\.|\\[bB]ig")
_TALL = re.compile(r"\\frac|\\begin|\\sum|\\int")


def filled(spelling: Spelling, pieces: list[Piece]) -> Piece:
    """The template with the printed arguments in their places."""
    level = [piece for k, piece in enumerate(pieces) if k not in spelling.lowered]
    tall = any(piece.tall for piece in level) or bool(_TALL.search(spelling.template))
    parts: list[Part] = []
    for literal, field, _, _ in Formatter().parse(_sized(spelling.template, tall)):
        parts.append(literal)
        if field is not None:
            k = int(field)
            parts.append(held(pieces[k], spelling.loosest(k), fenced))
    return Piece(tuple(parts), spelling.precedence, tall=tall)


@lru_cache(maxsize=1024)
def _sized(template: str, tall: bool) -> str:
    r"""The template with ``\left`` and ``\right`` at all of its fences or at none."""
    if _SIZED_BY_HAND.search(template):
        return template
    fences = [_fence(match) for match in _FENCE.finditer(template)]
    balanced = 2 * sum(opens for opens, _ in fences) == len(fences)

    def resized(match: re.Match[str]) -> str:
        opens, fence = _fence(match)
        if not (tall and balanced):
            return fence
        return (r"\left" if opens else r"\right") + fence

    return _FENCE.sub(resized, template)


def _fence(match: re.Match[str]) -> tuple[bool, str]:
    """Whether a fence opens, and its character."""
    size, character = match[1] or match[3], match[2] or match[4]
    if size is not None:
        return size == r"\left", _UPRIGHT.get(size + character, character)
    return character == "(" or character.startswith(r"\l"), character
