"""Index notation: an expression entry by entry, with explicit sums.

The general fallback: every expression has one, whatever its number of axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count

from gradform.ir.dims import Dim
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Leaf,
    Node,
    Sum,
    Symbol,
    children,
    magnitude,
    topological,
)

__all__ = ["index_form", "index_letter", "parts_to_name", "unused_names"]

_LETTERS = "ijklpqrstuvwabcdefgh"
_SMALL = 8
_LONG = 60


def index_letter(k: int) -> str:
    """The letter of the k-th index: i, j, k, …, and i1, j1, … after the last."""
    letter = _LETTERS[k % len(_LETTERS)]
    return letter if k < len(_LETTERS) else f"{letter}{k // len(_LETTERS)}"


class _Writer:
    """Writes entries; summed indices get fresh letters."""

    def __init__(self, taken: int, names: dict[Node, str]) -> None:
        self._next = count(taken)
        self.names = names

    def fresh(self) -> str:
        return index_letter(next(self._next))

    def entry(self, node: Node, at: Sequence[str], *, here: bool = False) -> str:
        """The entry of ``node`` at the given indices; its own form, not its name, ``here``."""
        if not here and node in self.names:
            return self.names[node] + (f"[{','.join(at)}]" if at else "")
        match node:
            case Symbol():
                return node.name + (f"[{','.join(at)}]" if at else "")
            case Leaf():
                return _leaf_entry(node, at)
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
                written = f"{_number(size)}*{written}"
            joiner = " - " if coefficient < 0 else " + "
            text += (joiner if text else "-" if coefficient < 0 else "") + written
        return text

    def _apply(self, node: Apply, at: Sequence[str]) -> str:
        if node.fn.elementwise:
            return f"{node.fn.name}({', '.join(self.entry(arg, at) for arg in node.args)})"
        args = ", ".join(self._whole(arg) for arg in node.args)
        name = f"d{node.order}{node.fn.name}" if node.fn.primary and node.order else node.fn.name
        if node.fn.along_axis and node.order:
            args += f", {node.order}"
        called = f"{name}({args})" if node.args else name
        return called + (f"[{','.join(at)}]" if at else "")

    def _whole(self, node: Node) -> str:
        """A matrix argument: its name, or its entries in brackets."""
        if isinstance(node, Symbol):
            return node.name
        if node in self.names:
            return self.names[node]
        places = [self.fresh() for _ in node.axes]
        inside = self.entry(node, places)
        return f"[{inside}]_{{{','.join(places)}}}" if places else inside

    def _contraction(self, node: Contraction, at: Sequence[str]) -> str:
        names = [*at, *(self.fresh() for _ in range(len(node.dims) - node.rank))]
        words: list[str] = []
        negative = node.coefficient == -1 and bool(node.factors)
        if node.coefficient not in (1, -1) or not node.factors:
            words.append(_number(node.coefficient))
        for factor, labels, power in node.factors:
            written = self.entry(factor, [names[k] for k in labels])
            if isinstance(factor, Sum) or (
                isinstance(factor, Contraction) and (power != 1 or len(node.factors) > 1)
            ):
                written = f"({written})"
            if power != 1:
                written += f"^{_number(power)}" if power > 0 else f"^({_number(power)})"
            words.append(written)
        body = ("-" if negative else "") + "*".join(words)
        inner = names[node.rank :]
        return f"sum_{{{','.join(inner)}}} {body}" if inner else body


def _leaf_entry(node: Leaf, at: Sequence[str]) -> str:
    match node.kind:
        case "delta":
            return f"[{at[0]}={at[1]}]"
        case "unit":
            return f"[{at[0]}={node.params[0] + 1}]"
        case "select":
            return f"[{at[1]}={at[0]}+{node.params[0]}]"
        case "lower":
            return f"[{at[0]}>={at[1]}]"
        case "flatten":
            return f"[{at[0]}=({at[1]}-1)*{_size(node.axes[2])}+{at[2]}]"
        case "size":
            return _size(node.params[0])
        case _:
            return node.kind


def _size(size: Dim) -> str:
    """A dimension as a factor: n, or (n-1)."""
    return str(size) if size.is_name or size.value is not None else f"({size})"


def _number(value: Coefficient) -> str:
    fraction = Fraction(value)
    if fraction.denominator == 1:
        return str(fraction.numerator)
    if 10**6 % fraction.denominator == 0:
        return str(float(fraction))
    return f"({fraction.numerator}/{fraction.denominator})"


def index_form(node: Node) -> str:
    """``D[i,j] = sum_{k} …``, the entry of a tensor at its axes in order.

    Parts of a long expression are written first, as ``t1[i] = …``, so that the length
    stays in proportion to the expression.
    """
    names: dict[Node, str] = {}
    free = unused_names(node)
    lines = []
    for part in parts_to_name(node):
        name = next(free)
        lines.append(_line(name, part, names))
        names[part] = name
    return "; ".join([*lines, _line("D", node, names)])


def _line(name: str, node: Node, names: dict[Node, str]) -> str:
    places = [index_letter(k) for k in range(node.rank)]
    body = _Writer(node.rank, names).entry(node, places, here=True)
    return name + (f"[{','.join(places)}]" if places else "") + " = " + body


def unused_names(root: Node) -> Iterator[str]:
    """``t1``, ``t2``, … but names of variables."""
    variables = {each.name for each in topological(root) if isinstance(each, Symbol)}
    return (f"t{k}" for k in count(1) if f"t{k}" not in variables)


def parts_to_name(root: Node) -> list[Node]:
    """Expressions to be written apart, inner ones first: shared ones that are not small,
    and one at every so many levels."""
    order = topological(root)
    uses: dict[Node, int] = {}
    for node in order:
        for kid in children(node):
            uses[kid] = uses.get(kid, 0) + 1
    size: dict[Node, int] = {}
    named: list[Node] = []
    for node in order:
        size[node] = 1 + sum(size[kid] for kid in children(node))
        shared = uses.get(node, 0) > 1 and size[node] > _SMALL
        if node is not root and children(node) and (shared or size[node] > _LONG):
            named.append(node)
            size[node] = 1
    return named if len(order) > _LONG else []
