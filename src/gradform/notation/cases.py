"""Choices by sign, written as the functions by cases they come from.

``where_negative(x - 1, a, where_zero(x - 1, b, c))`` is ``piecewise(x < 1, a, x == 1, b, c)``.
"""

from __future__ import annotations

from gradform.formula.tree import Call, Compare
from gradform.functions.piecewise import COMPARISONS
from gradform.ir import build
from gradform.ir.nodes import Apply, Coefficient, Node, Sum
from gradform.notation import matrix
from gradform.notation.matrix import Mat, Written
from gradform.notation.reads import Reads

__all__ = ["is_choice", "write_choice"]

_MIRRORED = {"<": ">", "<=": ">=", "==": "==", "!=": "!=", ">=": "<=", ">": "<"}
_COMPLEMENT = {"<": ">=", "<=": ">", "==": "!=", "!=": "==", ">=": "<", ">": "<="}


def is_choice(node: Apply) -> bool:
    return node.fn in COMPARISONS


def write_choice(reader: Reads, node: Apply) -> Mat:
    """``piecewise(…)``, over the arguments or their transposes, whichever is shorter."""
    left, operator, right = _sides(node)
    varies = any(build.used_axes(arg) for arg in node.args)
    parts = [left, right, *node.args[1:]]
    mats = [_as_scalar(reader, part) if varies else reader.known(part) for part in parts]
    straight = _cases(operator, [mat.plain for mat in mats])
    if node.rank < 2:
        return Mat(straight, None, node) if node.rank else matrix.symmetric(straight, node)
    back = _cases(operator, [mat.flipped for mat in mats])
    plain = matrix.cheaper(straight, matrix.transposed(back))
    flipped = matrix.cheaper(matrix.transposed(straight), back)
    return Mat(plain, lambda: flipped, node)


def _as_scalar(reader: Reads, node: Node) -> Mat:
    """What is constant along all axes, as the scalar it repeats."""
    constant = node.rank and not build.used_axes(node)
    return reader.known(build.drop_axes(node, ()) if constant else node)


def _sides(node: Apply) -> tuple[Node, str, Node]:
    """The condition as left and right side of a comparison, what is subtracted on the right."""
    operator, condition = COMPARISONS[node.fn], node.args[0]
    terms = condition.terms if isinstance(condition, Sum) else ((1, condition),)
    varying = [(c, term) for c, term in terms if not _is_constant(term)]
    constant = [(-c, term) for c, term in terms if _is_constant(term)]
    left = [(c, term) for c, term in varying if c > 0]
    right = [(-c, term) for c, term in varying if c < 0]

    def total(part: list[tuple[Coefficient, Node]]) -> Node:
        return build.linear_combination(part, condition.axes)

    if not left:
        opposite = [(-c, term) for c, term in constant]
        return total(right), _MIRRORED[operator], total(opposite)
    return total(left), operator, total([*right, *constant])


def _is_constant(term: Node) -> bool:
    return not build.used_axes(term) if term.rank else build.constant_value(term) is not None


def _cases(operator: str, parts: list[Written]) -> Written:
    """``piecewise(left < right, first, second)``; cases in the last place are listed on."""
    left, right, first, second = parts
    if not _is_cases(second) and (_is_cases(first) or operator.startswith(">")):
        first, second, operator = second, first, _COMPLEMENT[operator]
    condition = Compare(operator, left.tree, right.tree)
    tail = second.tree
    rest = tail.args if isinstance(tail, Call) and _is_cases(second) else (tail,)
    tree = Call("piecewise", (condition, first.tree, *rest))
    return Written(tree, 2 + sum(part.cost for part in parts))


def _is_cases(written: Written) -> bool:
    return isinstance(written.tree, Call) and written.tree.name == "piecewise"
