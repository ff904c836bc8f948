"""What is known of the sign of an expression, from its form alone.

``positive`` (> 0), ``nonnegative`` (>= 0) or None. Sound: None when in doubt.
"""

from __future__ import annotations

from gradform.ir.nodes import Apply, Contraction, Leaf, Node, Sum, Symbol, topological

__all__ = ["is_nonnegative", "is_positive", "sign_of"]

_POSITIVE_STRUCTURES = frozenset({"positive", "unit", "simplex", "large"})
_NONNEGATIVE_STRUCTURES = frozenset({"binary", "onehot"})
_BELOW_ONE = frozenset({"unit"})
_AT_MOST_ONE = _BELOW_ONE | {"binary", "onehot", "simplex"}


def is_positive(node: Node) -> bool:
    return sign_of(node) == "positive"


def is_nonnegative(node: Node) -> bool:
    return sign_of(node) is not None


def sign_of(node: Node) -> str | None:
    """The sign of every entry of ``node``."""
    if "sign" not in node.memo:
        for each in topological(node, enter=lambda kid: "sign" not in kid.memo):
            each.memo.setdefault("sign", _sign(each))
    result: str | None = node.memo["sign"]
    return result


def _sign(node: Node) -> str | None:
    match node:
        case Symbol():
            if node.structure & _POSITIVE_STRUCTURES:
                return "positive"
            return "nonnegative" if node.structure & _NONNEGATIVE_STRUCTURES else None
        case Leaf():
            return "nonnegative" if node.rank else "positive"  # sizes and constants
        case Apply():
            # Of a composite function, the order is the axis it runs along.
            return None if node.order and node.fn.is_primitive else node.fn.sign
        case Sum():
            return _sign_of_sum(node)
        case Contraction():
            return _sign_of_contraction(node)
    return None


def _sign_of_sum(node: Sum) -> str | None:
    """What is subtracted has to be at most 1 each, and together at most the number that is added:
    1 - p for p between 0 and 1."""
    signs = [sign_of(term) for c, term in node.terms if c > 0]
    if None in signs:
        return None
    taken = [(c, term) for c, term in node.terms if c < 0]
    if not taken:
        return "positive" if "positive" in signs else "nonnegative"
    if not all(_is_at_most_one(term, _AT_MOST_ONE) for _, term in taken):
        return None
    left = sum(c for c, term in node.terms if c < 0 or _is_number(term))
    if left < 0:
        return None
    is_more = left > 0 or any(_is_at_most_one(term, _BELOW_ONE) for _, term in taken)
    return "positive" if is_more else "nonnegative"


def _is_number(node: Node) -> bool:
    if not isinstance(node, Contraction) or node.factors:
        return False
    return node.coefficient == 1 and len(node.dims) == node.rank


def _is_at_most_one(node: Node, structures: frozenset[str]) -> bool:
    """Whether every entry is a product of entries of variables with such structures."""
    if isinstance(node, Symbol):
        return bool(node.structure & structures)
    return (
        isinstance(node, Contraction)
        and bool(node.factors)
        and node.coefficient == 1
        and len(node.dims) == node.rank
        and all(
            isinstance(factor, Symbol) and power > 0 and bool(factor.structure & structures)
            for factor, _, power in node.factors
        )
    )


def _sign_of_contraction(node: Contraction) -> str | None:
    if node.coefficient == 0:
        return "nonnegative"
    if node.coefficient < 0:
        return None
    result = "positive"
    for factor, _, power in node.factors:
        sign = sign_of(factor)
        if sign == "positive":
            continue
        even = isinstance(power, int) and power % 2 == 0
        if sign is None and not even and isinstance(power, int):
            return None
        result = "nonnegative"
    return result
