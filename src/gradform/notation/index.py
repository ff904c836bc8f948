"""Index notation: an expression entry by entry, with explicit sums.

The general fallback: every expression has one, whatever its number of axes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count

from gradform.ir.dims import Dim
from gradform.ir.nodes import (
    Apply,
    Contraction,
    Leaf,
    Node,
    Sum,
    Symbol,
    magnitude,
    topological,
)
from gradform.notation.index_styles import STYLES, IndexStyle

__all__ = [
    "entry_lines",
    "index_form",
    "index_letter",
    "index_letters",
    "parts_to_name",
    "unused_names",
]

_LETTERS = "ijklpqrstuvwabcdefgh"
_SMALL = 8
_LONG = 60


def index_letter(k: int) -> str:
    """The letter of the k-th index: i, j, k, …, and i1, j1, … after the last."""
    letter = _LETTERS[k % len(_LETTERS)]
    return letter if k < len(_LETTERS) else f"{letter}{k // len(_LETTERS)}"


def index_letters(number: int, first: int = 0) -> list[str]:
    """So many letters for indices, from the first or a later one on."""
    return [index_letter(first + k) for k in range(number)]


class _Writer:
    """Writes entries; summed indices get fresh letters.

    ``pairs`` are placeholders for the derivative of a variable by itself: each entry is 1
    where the first half of its indices is the second, else 0.
    """

    def __init__(
        self,
        taken: int,
        style: IndexStyle,
        names: dict[Node, str] | None = None,
        free: Iterator[str] | None = None,
        pairs: Collection[Node] = (),
    ) -> None:
        self._next = count(taken)
        self.style = style
        self.names = names if names is not None else {}
        self.pairs = pairs
        self._free = free if free is not None else iter(())

    def define(self, node: Node) -> str:
        """``t1[i] = …``; from now on the expression is written by that name."""
        places = index_letters(node.rank)
        inner = _Writer(node.rank, self.style, self.names, pairs=self.pairs)
        body = inner.entry(node, places, here=True)
        name = next(self._free)
        self.names[node] = name
        return self.style.entry(name, places) + self.style.assigned + body

    def fresh(self) -> str:
        return index_letter(next(self._next))

    def entry(self, node: Node, at: Sequence[str], *, here: bool = False) -> str:
        """The entry of ``node`` at the given indices; its own form, not its name, ``here``."""
        if not here and node in self.names:
            return self.style.entry(self.names[node], at)
        match node:
            case Symbol() if node in self.pairs:
                half = len(at) // 2
                pairs = zip(at[:half], at[half:], strict=True)
                return self.style.times.join(self.style.equal(*pair) for pair in pairs) or "1"
            case Symbol():
                return self.style.entry(node.name, at)
            case Leaf():
                return self._leaf(node, at)
            case Sum():
                return self._sum(node, at)
            case Apply():
                return self._apply(node, at)
            case Contraction():
                return self._contraction(node, at)
        raise AssertionError(node)

    def _sum(self, node: Sum, at: Sequence[str]) -> str:
        text = ""
        for coefficient, term in sorted(node.terms, key=lambda term: term[0] < 0):
            written = self.entry(term, at)
            size = magnitude(coefficient)
            if size != 1:
                written = self.style.number(size) + self.style.times + written
            joiner = " - " if coefficient < 0 else " + "
            text += (joiner if text else "-" if coefficient < 0 else "") + written
        return text

    def _apply(self, node: Apply, at: Sequence[str]) -> str:
        if node.fn.elementwise:
            return self.style.called(node.fn.name, [self.entry(arg, at) for arg in node.args])
        args = [self._whole(arg) for arg in node.args]
        name = f"d{node.order}{node.fn.name}" if node.fn.primary and node.order else node.fn.name
        if node.fn.along_axis and node.order:
            args.append(str(node.order))
        return self.style.called(name, args, at)

    def _whole(self, node: Node) -> str:
        """A matrix argument: its name, or its entries in brackets."""
        if isinstance(node, Symbol):
            return self.style.entry(node.name, ())
        if node in self.names:
            return self.style.entry(self.names[node], ())
        places = [self.fresh() for _ in node.axes]
        inside = self.entry(node, places)
        return self.style.array(inside, places) if places else inside

    def _contraction(self, node: Contraction, at: Sequence[str]) -> str:
        names = [*at, *(self.fresh() for _ in range(len(node.dims) - node.rank))]
        words: list[str] = []
        negative = node.coefficient == -1 and bool(node.factors)
        if node.coefficient not in (1, -1) or not node.factors:
            words.append(self.style.number(node.coefficient))
        for factor, labels, power in node.factors:
            written = self.entry(factor, [names[k] for k in labels])
            if isinstance(factor, Sum) or (
                isinstance(factor, Contraction) and (power != 1 or len(node.factors) > 1)
            ):
                written = f"({written})"
            words.append(written if power == 1 else self.style.raised(written, power))
        body = ("-" if negative else "") + self.style.times.join(words)
        inner = names[node.rank :]
        return self.style.total(inner, body) if inner else body

    def _leaf(self, node: Leaf, at: Sequence[str]) -> str:
        match node.kind:
            case "delta":
                return self.style.equal(at[0], at[1])
            case "unit":
                return self.style.equal(at[0], str(node.params[0] + 1))
            case "select":
                return self.style.equal(at[1], f"{at[0]}+{node.params[0]}")
            case "lower":
                return f"[{at[0]}{self.style.at_least}{at[1]}]"
            case "flatten":
                return self.style.equal(at[0], f"({at[1]}-1)*{_size(node.axes[2])}+{at[2]}")
            case "size":
                return _size(node.params[0])
            case _:
                return node.kind


def _size(size: Dim) -> str:
    """A dimension as a factor: n, or (n-1)."""
    return str(size) if size.is_name or size.value is not None else f"({size})"


def index_form(node: Node, notation: str = "text") -> str:
    """``D[i,j] = sum_{k} …``, the entry of a tensor at its axes in order.

    Parts of a long expression are written first, as ``t1[i] = …``, so that the length
    stays in proportion to the expression. ``notation`` is ``text`` or ``unicode``.
    """
    style = STYLES[notation]
    *lines, body = entry_lines(node, notation, index_letters(node.rank))
    lines.append(style.entry("D", index_letters(node.rank)) + style.assigned + body)
    return style.separator.join(lines)


def entry_lines(
    node: Node,
    notation: str,
    places: Sequence[str],
    *,
    taken: int | None = None,
    pairs: Collection[Node] = (),
) -> list[str]:
    """The entry of a tensor at ``places``, last; before it the parts that it names.

    ``taken`` is how many letters have a meaning around; see :class:`_Writer` for ``pairs``.
    """
    style = STYLES[notation]
    writer = _Writer(0, style, free=unused_names(node), pairs=pairs)
    lines = [writer.define(part) for part in parts_to_name(node)]
    used = len(places) if taken is None else taken
    last = _Writer(used, style, writer.names, pairs=pairs)
    return [*lines, last.entry(node, places, here=True)]


def unused_names(root: Node) -> Iterator[str]:
    """``t1``, ``t2``, … but for the variables that are called so."""
    variables = {node.name for node in topological(root) if isinstance(node, Symbol)}
    return (name for k in count(1) if (name := f"t{k}") not in variables)


def parts_to_name(root: Node) -> list[Node]:
    """Expressions to be written apart, inner ones first: shared ones that are not small,
    and one at every so many levels."""
    order = topological(root)
    uses: dict[Node, int] = {}
    for node in order:
        for kid in node.children:
            uses[kid] = uses.get(kid, 0) + 1
    size: dict[Node, int] = {}
    named: list[Node] = []
    for node in order:
        size[node] = 1 + sum(size[kid] for kid in node.children)
        shared = uses.get(node, 0) > 1 and size[node] > _SMALL
        if node is not root and node.children and (shared or size[node] > _LONG):
            named.append(node)
            size[node] = 1
    return named if len(order) > _LONG else []
