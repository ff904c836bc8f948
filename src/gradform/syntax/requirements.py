"""What must hold for a formula or its derivative to exist: ``x != 0``, ``det(A) != 0``.

A requirement that a declaration or the form of an expression guarantees is left out.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gradform.functions.record import Condition, Function
from gradform.ir import build
from gradform.ir.nodes import Node, Symbol
from gradform.ir.sign import is_nonnegative, is_positive
from gradform.syntax.definite import is_definite

__all__ = ["NONZERO", "POSITIVE", "Requirement", "Requirements"]

NONZERO = Condition("{0} != 0")
POSITIVE = Condition("{0} > 0")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A comparison in the input language, entry by entry for vectors and matrices.

    ``smooth`` marks one that only the derivative needs.
    """

    text: str
    smooth: bool


class Requirements:
    """The requirements of one program, each once."""

    def __init__(self) -> None:
        self._found: dict[str, bool] = {}

    def add_all(
        self, record: Function, texts: Sequence[str], nodes: Sequence[Node | None]
    ) -> None:
        """The conditions of a function, with the values of its missing arguments filled in."""
        missing = record.defaults[len(texts) - len(record.parameters) :]
        if len(texts) < len(record.parameters) and missing:
            texts = [*texts, *map(str, missing)]
            nodes = [*nodes, *map(build.constant, missing)]
        for condition in record.conditions:
            self.add(condition, texts, nodes)

    def add(
        self, condition: Condition, texts: Sequence[str], nodes: Sequence[Node | None]
    ) -> None:
        """What ``condition`` says of arguments, unless it is known to hold."""
        if _holds(condition.template, nodes):
            return
        text = condition.template.format(*texts)
        self._found[text] = condition.smooth and self._found.get(text, True)

    def all(self) -> tuple[Requirement, ...]:
        """Those that no other one implies."""
        return tuple(
            Requirement(text, smooth)
            for text, smooth in self._found.items()
            if not any(self._found.get(stronger) is False for stronger in _stronger(text))
        )


def _stronger(text: str) -> tuple[str, ...]:
    """What would imply a requirement: ``x > 0`` implies ``x != 0``."""
    for weak in (" != 0", " >= 0"):
        if text.endswith(weak):
            return (text.removesuffix(weak) + " > 0",)
    return ()


_COMPARISON = re.compile(r"(abs\()?\{(\d)\}\)? (>=|!=|<|>) (-?\d+)")
_INVERTIBLE = re.compile(r"det\(\{(\d)\}\) != 0")


def _holds(template: str, nodes: Sequence[Node | None]) -> bool:
    """Whether a condition is known to hold for these arguments."""
    match = _INVERTIBLE.fullmatch(template)
    if match is not None:
        node = nodes[int(match[1])]
        return node is not None and _is_invertible(node)
    match = _COMPARISON.fullmatch(template)
    if match is None:
        return False
    node = nodes[int(match[2])]
    return node is not None and _compares(node, bool(match[1]), match[3], int(match[4]))


_INVERTIBLE_STRUCTURES = frozenset({"orthogonal", "lower_positive"})
_COMPARE = {">": operator.gt, ">=": operator.ge, "!=": operator.ne, "<": operator.lt}


def _is_invertible(node: Node) -> bool:
    structure = node.structure if isinstance(node, Symbol) else frozenset()
    return bool(structure & _INVERTIBLE_STRUCTURES) or is_definite(node)


def _compares(node: Node, absolute: bool, comparison: str, bound: int) -> bool:
    """Whether all entries are known to compare with ``bound`` as said."""
    value = build.constant_value(node)
    structure = node.structure if isinstance(node, Symbol) else frozenset()
    if value is not None:
        return _COMPARE[comparison](abs(value) if absolute else value, bound)
    if comparison == "<":
        return absolute and bound >= 1 and "unit" in structure
    if comparison == "!=":
        return bound == 0 and _is_nonzero(node)
    if bound > 0:
        return bound <= 4 and "large" in structure
    return is_positive(node) if (comparison, bound) == (">", 0) else is_nonnegative(node)


def _is_nonzero(node: Node) -> bool:
    if isinstance(node, Symbol) and "pm1" in node.structure:
        return True
    return is_positive(node) or is_positive(build.scale(-1, node))
