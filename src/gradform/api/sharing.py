"""Long formulas with their shared parts named, so that they can be written out.

An expression that Python built is a graph: a part may be used many times, and the text
without names would be exponentially long, or nested beyond any limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import count

from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Definition,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    children,
    fold,
)

__all__ = ["named_parts", "written_size"]

_DEEPEST = 40


def written_size(trees: Collection[Formula]) -> int:
    """How many nodes the trees have when they are written out."""
    return sum(fold(tree, lambda node, sizes: 1 + sum(sizes)) for tree in trees)


def named_parts(
    definitions: Mapping[str, Formula], body: Formula, taken: Collection[str]
) -> Program:
    """A program of the same value in which no part is written twice or nested deeply."""
    naming = _Naming([*definitions.values(), body], {*definitions, *taken})
    for name, tree in definitions.items():
        naming.define(name, naming.rewritten(tree))
    rewritten = naming.rewritten(body)
    return Program(tuple(naming.definitions), rewritten)


class _Naming:
    """Rewrites trees and collects the definitions that this takes."""

    def __init__(self, trees: Collection[Formula], taken: Collection[str]) -> None:
        self.definitions: list[Definition] = []
        self._uses = _uses(trees)
        self._names = _fresh_names(taken)
        self._named: dict[int, Name] = {}

    def define(self, name: str, tree: Formula) -> None:
        self.definitions.append(Definition(name, tree))

    def rewritten(self, root: Formula) -> Formula:
        return fold(root, self._visit)[0]

    def _visit(self, node: Formula, kids: list[tuple[Formula, int]]) -> tuple[Formula, int]:
        """The rewritten node and its depth."""
        if id(node) in self._named:
            return self._named[id(node)], 0
        tree = _with_children(node, [kid for kid, _ in kids])
        depth = 1 + max((depth for _, depth in kids), default=0)
        shared = self._uses[id(node)] > 1 and bool(kids)
        if isinstance(node, Compare) or (not shared and depth < _DEEPEST):
            return tree, depth
        name = self._named[id(node)] = Name(next(self._names))
        self.define(name.name, tree)
        return name, 0


def _uses(trees: Collection[Formula]) -> Counter[int]:
    """How many nodes have each node as a child."""
    uses: Counter[int] = Counter()
    seen: set[int] = set()
    pending = list(trees)
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen.add(id(node))
            uses.update(id(kid) for kid in children(node))
            pending.extend(children(node))
    return uses


def _fresh_names(taken: Collection[str]) -> Iterator[str]:
    return (name for k in count(1) if (name := f"part{k}") not in taken)


def _with_children(node: Formula, kids: list[Formula]) -> Formula:
    """The same node over other children, which are as many."""
    match node:
        case Number() | Name():
            return node
        case Call():
            return Call(node.name, tuple(kids))
        case Compare():
            return Compare(node.operator, kids[0], kids[1])
        case Neg():
            return Neg(kids[0])
        case Transpose():
            return Transpose(kids[0])
        case Add():
            return Add(tuple(kids), node.signs)
        case Mul():
            return Mul(tuple(kids), node.ops)
        case Power():
            return Power(kids[0], kids[1], node.elementwise)
        case Stack():
            rest = iter(kids)
            return Stack(tuple(tuple(next(rest) for _ in row) for row in node.rows))
        case Slice():
            rest = iter(kids)
            start = None if node.start is None else next(rest)
            return Slice(start, None if node.stop is None else next(rest))
