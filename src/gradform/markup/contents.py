"""What a block of HTML is made of. Nothing here is HTML yet, so nothing can escape it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gradform.records import record

__all__ = ["Card", "Code", "Content", "Fact", "Fold", "Formula", "Picture", "Words"]


@record
class Formula:
    """A formula as LaTeX, with a text for where it cannot be typeset."""

    latex: str
    text: str
    display: bool = False


@record
class Code:
    """Text of a program or of the input language, set as it is; ``block`` keeps its lines."""

    text: str
    block: bool = False


@record
class Words:
    """A sentence, a number, a label."""

    text: str


@record
class Picture:
    """An SVG that gradform drew itself."""

    svg: str


@record
class Fact:
    """A line of contents with a label, such as where a formula holds."""

    label: str
    contents: Sequence[Content]


@record
class Fold:
    """A part that opens when its title is clicked."""

    title: str
    contents: Sequence[Content]
    is_open: bool = False


@record
class Card:
    """One answer: formulas first, then facts, then what is folded away."""

    formulas: Sequence[Content]
    facts: Sequence[Fact] = ()
    folds: Sequence[Fold] = ()


Content: TypeAlias = Formula | Code | Words | Picture | Card
