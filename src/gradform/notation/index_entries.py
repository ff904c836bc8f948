"""Entries of tensors in every notation: ``x[i]``, ``xᵢ``, ``x_{i}``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradform.ir.nodes import Node
from gradform.notation.index import entry_lines
from gradform.notation.index_latex import delta, entry_lines_latex, indexed
from gradform.notation.index_styles import STYLES
from gradform.notation.latex_symbols import symbol

__all__ = ["entry", "lines", "one_where_equal"]


def entry(name: str, at: Sequence[str], notation: str) -> str:
    """An entry of a variable."""
    if notation == "latex":
        return indexed(symbol(name, bold=False), at)
    return STYLES[notation].entry(name, at)


def one_where_equal(left: str, right: str, notation: str) -> str:
    """Kronecker's delta."""
    return delta(left, right) if notation == "latex" else STYLES[notation].equal(left, right)


def lines(
    node: Node, places: Sequence[str], notation: str, taken: int, pairs: Collection[Node] = ()
) -> list[str]:
    """The entry of a tensor, last; before it the parts that a long one names.

    ``taken`` and ``pairs`` as in :func:`gradform.notation.index.entry_lines`.
    """
    if notation == "latex":
        return entry_lines_latex(node, places, taken=taken, pairs=pairs)
    return entry_lines(node, notation, places, taken=taken, pairs=pairs)
