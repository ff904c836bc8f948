"""The approximate number of tokens a node takes when written once."""

from __future__ import annotations

from gradform.ir.nodes import Apply, Coefficient, Contraction, Leaf, Node, Sum, Symbol, topological

__all__ = ["weight"]


def weight(root: Node) -> int:
    """A cheap stand-in for the printed size: names, numbers and operators."""
    if "weight" not in root.memo:
        for node in topological(root, enter=lambda node: "weight" not in node.memo):
            if "weight" not in node.memo:
                node.memo["weight"] = _weight(node)
    result: int = root.memo["weight"]
    return result


def _weight(node: Node) -> int:
    match node:
        case Sum():
            inside: int = sum(t.memo["weight"] + (abs(c) != 1) * 2 for c, t in node.terms)
            return inside + len(node.terms) - 1
        case Contraction():
            return _weight_of_product(node)
        case Apply():
            return 1 + sum(int(arg.memo["weight"]) for arg in node.args)
        case Leaf():
            return 1 if node.rank == 0 else 2
        case _:
            return 1


def _weight_of_product(node: Contraction) -> int:
    """Factors and operators; an identity with a vector is just its diag, and an axis that
    no factor has costs a vector of ones, one that is summed alone a ``sum``."""
    total = (abs(node.coefficient) != 1) * 2
    count = 0
    wide = any(labels and not _is_identity(factor) for factor, labels, _ in node.factors)
    for factor, labels, power in node.factors:
        if _is_identity(factor) and wide:
            total += 1
            continue
        if _is_index(node, factor, labels):
            total += 1
            continue
        total += factor.memo["weight"] + _power_cost(power)
        count += 1
    places = [label for _, labels, _ in node.factors for label in labels]
    total += 3 * sum(k not in places for k in range(node.rank))
    total += 2 * sum(places.count(k) == 1 for k in range(node.rank, len(node.dims)))
    return int(total + max(count - 1, 0))


def _is_identity(node: Node) -> bool:
    return isinstance(node, Leaf) and node.kind == "delta"


def _is_index(node: Contraction, factor: Node, labels: tuple[int, ...]) -> bool:
    """A unit vector that picks an entry of a variable: x(1)."""
    if not (isinstance(factor, Leaf) and factor.kind == "unit") or labels[0] < node.rank:
        return False
    users = [other for other, places, _ in node.factors if labels[0] in places]
    return len(users) == 2 and any(isinstance(user, Symbol) for user in users)


def _power_cost(power: Coefficient) -> int:
    """x^-1 is a division in place of a product."""
    return 0 if power in (1, -1) else 2
