"""Which matrices are positive definite, from their form alone.

``positive`` (x'Ax > 0 for x ≠ 0), ``nonnegative`` (x'Ax >= 0) or None, of symmetric matrices
only. Sound: None when in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradform.ir.nodes import Apply, Contraction, Factor, Leaf, Node, Sum, Symbol, topological
from gradform.ir.sign import sign_of

__all__ = ["definiteness", "is_positive_definite"]


def is_positive_definite(node: Node) -> bool:
    return definiteness(node) == "positive"


def definiteness(node: Node) -> str | None:
    """The sign of the quadratic form of a matrix."""
    if node.rank != 2 or node.axes[0] is not node.axes[1]:
        return None
    if "definite" not in node.memo:
        for each in topological(
            node, enter=lambda kid: kid.rank == 2 and "definite" not in kid.memo
        ):
            square = each.rank == 2 and each.axes[0] is each.axes[1]
            each.memo.setdefault("definite", _definiteness(each) if square else None)
    result: str | None = node.memo["definite"]
    return result


def _definiteness(node: Node) -> str | None:
    match node:
        case Symbol():
            return "positive" if "spd" in node.structure else None
        case Leaf():
            return "positive" if node.kind == "delta" else None
        case Apply():
            keeps = node.order == 0 and node.fn.keeps_definite
            return "positive" if keeps and definiteness(node.args[0]) == "positive" else None
        case Sum():
            return _of_sum(node)
        case Contraction():
            return _of_product(node) if node.coefficient > 0 else None
    return None


def _of_sum(node: Sum) -> str | None:
    """Positive as soon as one term is and no other is negative anywhere."""
    found = [definiteness(term) if c > 0 else None for c, term in node.terms]
    if None in found:
        return None
    return "positive" if "positive" in found else "nonnegative"


def _of_product(node: Contraction) -> str | None:
    """A matrix times positive numbers, a diagonal, or F' D F."""
    numbers = [factor for factor in node.factors if not factor[1]]
    rest = [factor for factor in node.factors if factor[1]]
    return _weaker([_weight(numbers), _of_core(rest)])


def _of_core(factors: Sequence[Factor]) -> str | None:
    matrices = [factor for factor in factors if set(factor[1]) == {0, 1}]
    if len(matrices) == 1:
        matrix, _, power = matrices[0]
        diagonal = isinstance(matrix, Leaf) and matrix.kind == "delta"
        vectors = [factor for factor in factors if factor is not matrices[0]]
        if power != 1 or (vectors and not diagonal):
            return None
        if any(len(labels) != 1 or labels[0] > 1 for _, labels, _ in vectors):
            return None
        return _weaker([_weight(vectors), definiteness(matrix)])
    return None if matrices else _of_square(factors)


def _of_square(factors: Sequence[Factor]) -> str | None:
    """F' D F, F' S F: nonnegative like D and S."""
    outer = [factor for factor in factors if 0 in factor[1] or 1 in factor[1]]
    if len(outer) != 2:
        return None
    (left, ends, power), (right, others, other_power) = outer
    if left is not right or power != other_power:
        return None
    pairs = [pair for pair in zip(ends, others, strict=True) if sorted(pair) != [0, 1]]
    if len(pairs) != len(ends) - 1 or any(label < 2 for pair in pairs for label in pair):
        return None
    return _of_middle([factor for factor in factors if factor not in outer], pairs)


def _of_middle(factors: Sequence[Factor], pairs: Sequence[tuple[int, int]]) -> str | None:
    """The sign of what stands between F' and F, which it meets in these labels."""
    if all(a == b for a, b in pairs):
        inside = all(label > 1 for _, labels, _ in factors for label in labels)
        return "nonnegative" if inside and _weight(factors) else None
    if len(pairs) == len(factors) == 1:
        matrix, labels, power = factors[0]
        known = power == 1 and sorted(labels) == sorted(pairs[0]) and definiteness(matrix)
        return "nonnegative" if known else None
    return None


def _weight(factors: Iterable[Factor]) -> str | None:
    """The sign of a product of numbers or of entries."""
    return _weaker([_sign(node, power) for node, _, power in factors])


def _sign(node: Node, power: object) -> str | None:
    sign = sign_of(node)
    if sign == "positive":
        return sign
    # A fractional power is real only of numbers that are not negative.
    even = not isinstance(power, int) or power % 2 == 0
    return "nonnegative" if sign is not None or even else None


def _weaker(signs: Iterable[str | None]) -> str | None:
    found = set(signs)
    if None in found:
        return None
    return "nonnegative" if "nonnegative" in found else "positive"
