"""The formula tree: what the parser produces and what notation writes back.

Sums and products are n-ary, so the depth of a tree is the nesting depth of the
text. Walks go through :func:`fold`, which is iterative: depth is never a problem.
Nodes compare by identity; two equal formulas are compared by their text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeVar

from gradform.errors import Span
from gradform.records import record, replaced

__all__ = [
    "Add",
    "Call",
    "Compare",
    "Definition",
    "Formula",
    "Mul",
    "Name",
    "Neg",
    "Number",
    "Power",
    "Program",
    "Slice",
    "Stack",
    "Transpose",
    "children",
    "fold",
    "with_children",
]

_T = TypeVar("_T")
_NOWHERE = Span(0, 0)


@record(eq=False)
class Number:
    """A literal. ``value`` is exact: ``0.5`` is 1/2."""

    value: Fraction
    span: Span = _NOWHERE


@record(eq=False)
class Name:
    """A variable, a constant such as ``pi``, ``eye`` without a size, or a dimension."""

    name: str
    span: Span = _NOWHERE


@record(eq=False)
class Slice:
    """``start:stop`` (both ends included, 1-based) or ``:``; only inside an index."""

    start: Formula | None
    stop: Formula | None
    span: Span = _NOWHERE


@record(eq=False)
class Call:
    """``name(args)``: a function, or element and slice access when ``name`` is a variable.

    ``span`` covers the whole call, ``name_span`` the name only.
    """

    name: str
    args: tuple[Formula, ...]
    span: Span = _NOWHERE
    name_span: Span = _NOWHERE


@record(eq=False)
class Neg:
    """``-operand``."""

    operand: Formula
    span: Span = _NOWHERE


@record(eq=False)
class Add:
    """``t1 ± t2 ± …``, read from the left.

    ``signs[k]`` is +1 or -1; ``signs[0]`` is always +1 (a leading minus is a ``Neg``).
    ``op_spans[k]`` is the operator before term k (for k = 0 unused).
    """

    terms: tuple[Formula, ...]
    signs: tuple[int, ...]
    span: Span = _NOWHERE
    op_spans: tuple[Span, ...] = ()


@record(eq=False)
class Mul:
    """``f1 op f2 op …`` read from the left, op one of ``* / .* ./``.

    ``ops[k]`` stands before factor k; ``ops[0]`` is always ``"*"`` and not written.
    """

    factors: tuple[Formula, ...]
    ops: tuple[str, ...]
    span: Span = _NOWHERE
    op_spans: tuple[Span, ...] = ()


@record(eq=False)
class Power:
    """``base ^ exponent`` or, with ``elementwise``, ``base .^ exponent``."""

    base: Formula
    exponent: Formula
    elementwise: bool
    span: Span = _NOWHERE
    op_span: Span = _NOWHERE


@record(eq=False)
class Transpose:
    """``operand'``."""

    operand: Formula
    span: Span = _NOWHERE


@record(eq=False)
class Stack:
    """``[a, b; c, d]``: blocks side by side in a row, rows below one another."""

    rows: tuple[tuple[Formula, ...], ...]
    span: Span = _NOWHERE


@record(eq=False)
class Compare:
    """``left operator right``, operator one of ``< <= == != >= >``; a condition of a call."""

    operator: str
    left: Formula
    right: Formula
    span: Span = _NOWHERE
    op_span: Span = _NOWHERE


Formula = Number | Name | Slice | Call | Neg | Add | Mul | Power | Transpose | Stack | Compare


@record(eq=False)
class Definition:
    """``name = value``."""

    name: str
    value: Formula
    name_span: Span = _NOWHERE


@record(eq=False)
class Program:
    """``definitions; body``: named intermediates in order, then the formula itself.

    ``notes`` are hints for the reader (a character that was read as another).
    """

    definitions: tuple[Definition, ...]
    body: Formula
    source: str = ""
    notes: tuple[str, ...] = ()


def children(node: Formula) -> tuple[Formula, ...]:
    """The direct subformulas of a node, left to right."""
    match node:
        case Number() | Name():
            return ()
        case Call():
            return node.args
        case Neg() | Transpose():
            return (node.operand,)
        case Add():
            return node.terms
        case Mul():
            return node.factors
        case Power():
            return (node.base, node.exponent)
        case Stack():
            return tuple(block for row in node.rows for block in row)
        case Compare():
            return (node.left, node.right)
        case Slice():
            return tuple(end for end in (node.start, node.stop) if end is not None)


def with_children(node: Formula, kids: Sequence[Formula]) -> Formula:
    """The same operation on other operands, in the order of :func:`children`."""
    match node:
        case Number() | Name() | Slice():
            return node
        case Call():
            return replaced(node, args=tuple(kids))
        case Neg() | Transpose():
            return replaced(node, operand=kids[0])
        case Add():
            return replaced(node, terms=tuple(kids))
        case Mul():
            return replaced(node, factors=tuple(kids))
        case Power():
            return replaced(node, base=kids[0], exponent=kids[1])
        case Compare():
            return replaced(node, left=kids[0], right=kids[1])
        case Stack():
            rest = iter(kids)
            return replaced(node, rows=tuple(tuple(next(rest) for _ in row) for row in node.rows))


def fold(root: Formula, visit: Callable[[Formula, list[_T]], _T]) -> _T:
    """Bottom-up value of ``root``: ``visit(node, values of its children)``, without recursion.

    A node object that occurs several times is visited once.
    """
    done: dict[int, _T] = {}
    stack: list[tuple[Formula, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        kids = children(node)
        if ready or not kids:
            done[id(node)] = visit(node, [done[id(kid)] for kid in kids])
            continue
        stack.append((node, True))
        stack.extend((kid, False) for kid in reversed(kids))
    return done[id(root)]
