"""What must hold for a formula or its derivative to exist: ``x != 0``, ``det(A) != 0``.

A requirement that a declaration or the form of an expression guarantees is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from gradform.functions.record import Condition, Function
from gradform.ir import build
from gradform.ir.definite import is_positive_definite
from gradform.ir.nodes import Coefficient, Node, Symbol
from gradform.ir.sign import is_nonnegative, is_positive
from gradform.language import say
from gradform.records import record

__all__ = [
    "DIFFER",
    "INVERTIBLE",
    "NONZERO",
    "POSITIVE",
    "Requirement",
    "Requirements",
    "with_defaults",
]

NONZERO = Condition("{0} != 0")
DIFFER = Condition("{0} != {1}", smooth=True)
POSITIVE = Condition("{0} > 0")
INVERTIBLE = Condition("det({0}) != 0")


@record
class Requirement:
    """A comparison in the input language, entry by entry for vectors and matrices, or a sentence.

    ``smooth`` marks one that only the derivative needs, ``border`` one of those that fails at
    the border of the domain only.
    """

    text: str
    smooth: bool
    border: bool


class Requirements:
    """The requirements of one program, each once."""

    def __init__(self) -> None:
        self._found: dict[str, Requirement] = {}

    def add_all(
        self,
        conditions: Iterable[Condition],
        texts: Sequence[str],
        nodes: Sequence[Node | None],
    ) -> None:
        for condition in conditions:
            self.add(condition, texts, nodes)

    def add(self, condition: Condition, texts: Sequence[str], nodes: Sequence[Node | None]) -> None:
        """What ``condition`` says of arguments, unless it is known to hold."""
        if _holds(condition.template, nodes) or _is_bounded(condition.template, nodes):
            return
        text = say(condition.template, *texts)
        known = self._found.get(text, condition)
        smooth, border = condition.smooth and known.smooth, condition.border and known.border
        self._found[text] = Requirement(text, smooth, border)

    def all(self) -> tuple[Requirement, ...]:
        """Those that no other one implies."""
        return tuple(
            found
            for text, found in self._found.items()
            if not any(self._is_strict(stronger) for stronger in _stronger(text))
        )

    def _is_strict(self, text: str) -> bool:
        """Whether something is required for the value, too."""
        return text in self._found and not self._found[text].smooth


def _is_bounded(template: str, nodes: Sequence[Node | None]) -> bool:
    """Whether something is compared with an infinite bound, which it is within."""
    return any(_is_infinite(nodes[int(place)]) for place in _PLACE.findall(template))


def _is_infinite(node: Node | None) -> bool:
    return node is not None and build.number("inf") in (node, build.scale(-1, node))


def _stronger(text: str) -> tuple[str, ...]:
    """What would imply a requirement: ``x > 0`` implies ``x != 0``."""
    for weak in (" != 0", " >= 0"):
        if text.endswith(weak):
            return (text.removesuffix(weak) + " > 0",)
    return ()


def with_defaults(
    record: Function, texts: list[str], nodes: list[Node | None]
) -> tuple[list[str], list[Node | None]]:
    """Texts and nodes of all arguments, those left out included."""
    first = len(record.parameters) - len(record.defaults)
    missing = record.defaults[max(len(texts) - first, 0) :]
    return [*texts, *map(str, missing)], [*nodes, *map(build.constant, missing)]


_PLACE = re.compile(r"\{(\d)\}")
_COMPARISON = re.compile(r"(abs\()?\{(\d)\}\)? (>=|!=|<|>) (-?\d+)")


def _holds(template: str, nodes: Sequence[Node | None]) -> bool:
    """Whether a condition is known to hold for these arguments."""
    for pattern, known in _FACTS:
        match = pattern.fullmatch(template)
        if match is not None:
            node = nodes[int(match[1])]
            return node is not None and known(node)
    match = _COMPARISON.fullmatch(template)
    if match is None:
        return False
    node = nodes[int(match[2])]
    return node is not None and _compares(node, bool(match[1]), match[3], int(match[4]))


_INVERTIBLE_STRUCTURES = frozenset({"orthogonal", "lower_positive"})
_SUM_ONE = frozenset({"onehot", "simplex"})


def _structure(node: Node) -> frozenset[str]:
    return node.structure if isinstance(node, Symbol) else frozenset()


def _is_invertible(node: Node) -> bool:
    return bool(_structure(node) & _INVERTIBLE_STRUCTURES) or is_positive_definite(node)


def _sums_to_one(node: Node) -> bool:
    return bool(_structure(node) & _SUM_ONE)


def _compares(node: Node, absolute: bool, comparison: str, bound: int) -> bool:
    """Whether all entries are known to compare with ``bound`` as said."""
    value = build.constant_value(node)
    if value is not None:
        return _compare(-value if absolute and value < 0 else value, comparison, bound)
    if comparison == "<":
        return absolute and bound >= 1 and "unit" in _structure(node)
    if comparison == "!=":
        return bound == 0 and _is_nonzero(node)
    if bound > 0:
        return bound <= 4 and "large" in _structure(node)
    return is_positive(node) if (comparison, bound) == (">", 0) else is_nonnegative(node)


def _compare(value: Coefficient, comparison: str, bound: int) -> bool:
    match comparison:
        case ">":
            return value > bound
        case ">=":
            return value >= bound
        case "<":
            return value < bound
        case _:
            return value != bound


def _is_nonzero(node: Node) -> bool:
    return "pm1" in _structure(node) or is_positive(node) or is_positive(build.scale(-1, node))


_FACTS: tuple[tuple[re.Pattern[str], Callable[[Node], bool]], ...] = (
    (re.compile(r"det\(\{(\d)\}\) != 0"), _is_invertible),
    (re.compile(r"norm2\(\{(\d)\}\) != 0"), _is_nonzero),
    (re.compile(r"\{(\d)\} is positive definite"), is_positive_definite),
    (re.compile(r"sum\(\{(\d)\}\) == 1"), _sums_to_one),
)
