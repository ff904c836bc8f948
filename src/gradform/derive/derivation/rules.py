"""The rules by which one step is differentiated, with where they stand."""

from __future__ import annotations

from gradform.derive.derivation.intermediates import names_in
from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Neg,
    Number,
    Power,
    Stack,
    Transpose,
    children,
)
from gradform.functions.record import lookup
from gradform.language import joined, phrase, say

__all__ = ["rules_of"]

SUM_RULE = say("sum rule (Magnus & Neudecker, 8.2)")
PRODUCT_RULE = say("product rule (Magnus & Neudecker, 8.2)")
LINEAR = say("linear map (Magnus & Neudecker, 8.2)")
RECIPROCAL = say("reciprocal: (1/u)′ = -1/u²")
POWER_RULE = say("power rule")
CONSTANTS = say("constant terms drop out")
BLOCKS = say("block by block")

_MOST = 3


def rules_of(formula: Formula, child: str) -> str:
    """The rules for ∂formula/∂child: those of its operations, the outermost first."""
    found: dict[str, None] = {}
    pending = [formula]
    while pending:
        node = pending.pop(0)
        if child not in names_in(node):
            continue
        rule = _rule(node, child)
        if rule:
            found[rule] = None
        pending.extend(children(node))
    return joined(list(found)[:_MOST], "; ")


def _rule(node: Formula, child: str) -> str | None:
    match node:
        case Add():
            several = sum(child in names_in(term) for term in node.terms) > 1
            return SUM_RULE if several else CONSTANTS
        case Mul():
            active = [child in names_in(factor) for factor in node.factors]
            if sum(active) > 1:
                return PRODUCT_RULE
            if "/" in node.ops[active.index(True)]:
                return RECIPROCAL
            constant = (
                isinstance(factor, Number)
                for factor, moves in zip(node.factors, active, strict=True)
                if not moves
            )
            return None if all(constant) else LINEAR
        case Power():
            return POWER_RULE
        case Stack():
            return BLOCKS
        case Call() if (function := lookup(node.name)) is not None and node.name != child:
            described = phrase(function.formula)
            return say("{name}: {described}", name=function.name, described=described)
        case Neg() | Transpose() | _:
            return None
