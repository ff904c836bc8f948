"""Writing a derivative in its layout: the shortest of several candidate forms.

A long answer names its repeated parts (``h1 = tanh(W1*x); …``), with the user's own
names where they defined them, so that its size stays linear in that of the function.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count

from gradform.formula.tree import Definition, Program
from gradform.ir.nodes import Node, topological
from gradform.notation import matrix
from gradform.notation.layout import Arrangement
from gradform.notation.matrix import Mat, Written
from gradform.notation.read import Reader, Unreadable
from gradform.notation.subsums import Parts, in_order, sums_in_sums

__all__ = ["Defined", "written_formula"]

# Beyond this many tokens an answer is written with definitions; a shorter one where that
# halves it.
_LONG = 160
_MEDIUM = 80
_WORTH_A_NAME = 2

# So many candidates, those with the fewest parts, are written with definitions.
_MOST_PROGRAMS = 3

# Candidates come in the order in which they leave together what belongs together; a later
# one has to be shorter by more than this.
_WORTH_ANOTHER = 1

Defined = tuple[Node, bool]
"""A named intermediate: its expression, and whether it is written as a row."""


def written_formula(
    candidates: Sequence[Node],
    arrangement: Arrangement,
    variable_names: Sequence[str],
    definitions: Mapping[str, Defined] | None = None,
    *,
    rows: Collection[str] = (),
) -> tuple[Node, Program | None]:
    """The candidate with the shortest formula, and the formula; None when none has one.

    ``rows`` are the variables declared as rows.
    """
    reader = Reader(variable_names, rows)
    best: tuple[Node, Written] | None = None
    readable: list[Node] = []
    for node in candidates:
        try:
            written = _arranged(reader, node, arrangement)
        except Unreadable:
            continue
        readable.append(node)
        if best is None or written.cost + _WORTH_ANOTHER < best[1].cost:
            best = (node, written)
    if best is None:
        return candidates[0], None
    node, written = best
    if written.cost <= _MEDIUM:
        return node, Program((), written.tree)
    options = [
        (
            form,
            _with_definitions(form, arrangement, Reader(variable_names, rows), definitions or {}),
        )
        for form in sorted(readable, key=_nodes)[:_MOST_PROGRAMS]
    ]
    short, (program, cost) = min(options, key=lambda option: option[1][1])
    if written.cost <= _LONG and written.cost <= 2 * cost:
        return node, Program((), written.tree)
    return short, program


def _nodes(node: Node) -> int:
    """How many different parts an expression has."""
    return len(topological(node))


def _arranged(reader: Reader, node: Node, arrangement: Arrangement) -> Written:
    """The formula with the arrangement's rows and columns."""
    if arrangement.vec:
        return reader.read_vec(node, arrangement.rows, arrangement.cols).plain
    mat: Mat = reader.read(node)
    turned = arrangement.is_row or arrangement.rows == (1,)
    return mat.flipped if turned else mat.plain


def _with_definitions(
    root: Node,
    arrangement: Arrangement,
    reader: Reader,
    definitions: Mapping[str, Defined],
) -> tuple[Program, int]:
    """The formula with repeated parts named, in the order they build on one another, and
    its cost."""
    given = {node: (name, row) for name, (node, row) in definitions.items()}
    fresh = _fresh_names({*reader.variable_names, *definitions})
    reader.parts = sums_in_sums(dict.fromkeys([*topological(root), *given]))
    order = in_order(root, reader.parts)
    uses = _uses(order, reader.parts)
    written: list[Definition] = []
    cost = 0
    for node in order:
        if node is root or node.rank > 2 or uses[node] < (1 if node in given else 2):
            continue
        try:
            mat = reader.read(node)
        except Unreadable:
            continue
        saved = uses[node] * (mat.cost - 1) - (mat.cost + 2)
        if saved < _WORTH_A_NAME and (node not in given or mat.cost == 1):
            continue
        name, row = given.get(node) or (next(fresh), False)
        written.append(Definition(name, (mat.flipped if row else mat.plain).tree))
        cost += mat.cost + 2
        word = matrix.name(name)
        mat = Mat(word, None, node)
        reader.done[node] = mat.T if row else mat
    body = _arranged(reader, root, arrangement)
    return Program(tuple(written), body.tree), cost + body.cost


def _uses(order: Sequence[Node], parts: Parts) -> dict[Node, int]:
    """How many expressions use each one."""
    uses: dict[Node, int] = dict.fromkeys(order, 0)
    for node in order:
        for kid in (term for _, term in parts[node]) if node in parts else node.children:
            uses[kid] += 1
    return uses


def _fresh_names(taken: set[str]) -> Iterator[str]:
    return (name for k in count(1) if (name := f"t{k}") not in taken)
