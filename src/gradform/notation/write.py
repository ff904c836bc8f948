"""Writing a derivative in its layout: the shortest of several candidate forms."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.formula.tree import Program
from gradform.ir.nodes import Node
from gradform.notation.layout import Arrangement
from gradform.notation.matrix import Mat, Written
from gradform.notation.read import Reader, Unreadable

__all__ = ["written_formula"]


def written_formula(
    candidates: Sequence[Node], arrangement: Arrangement, variable_names: Sequence[str]
) -> tuple[Node, Program | None]:
    """The candidate with the shortest formula, and the formula; None when none has one."""
    reader = Reader(variable_names)
    best: tuple[Node, Written] | None = None
    for node in candidates:
        try:
            written = _arranged(reader, node, arrangement)
        except Unreadable:
            continue
        if best is None or written.cost < best[1].cost:
            best = (node, written)
    if best is None:
        return candidates[0], None
    return best[0], Program((), best[1].tree)


def _arranged(reader: Reader, node: Node, arrangement: Arrangement) -> Written:
    """The formula with the arrangement's rows and columns."""
    if arrangement.vec:
        return reader.read_vec(node, arrangement.rows, arrangement.cols).plain
    mat: Mat = reader.read(node)
    turned = arrangement.is_row or arrangement.rows == (1,)
    return mat.flipped if turned else mat.plain
