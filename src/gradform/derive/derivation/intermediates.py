"""The steps in which a person would compute a function: u1 = A*x; u2 = u1 - b; u2'*u2.

A step is one operation on variables and earlier steps. What does not depend on the variable
of differentiation stays in one piece, transposes and scalings join the operation beside
them, and parts that are equal are one step.
"""

from __future__ import annotations

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
    Power,
    Program,
    Stack,
    Transpose,
    children,
    fold,
    with_children,
)
from gradform.functions.record import lookup
from gradform.notation.text import to_text
from gradform.records import record, replaced
from gradform.syntax.parser import parse_formula

__all__ = ["FINEST", "WHOLE", "names_in", "renamed", "steps_of"]

FINEST, AFFINE, JOINED, GIVEN, WHOLE = range(5)
"""How finely a function is broken up: every operation by itself; affine maps in one piece;
entrywise functions with the affine map inside; the user's own names only; not at all."""

_LETTERS = ("u", "v", "s", "q", "h", "t")


@record(eq=False)
class _Part:
    """A part of the formula, rewritten over the steps. ``elementary``: a product of variables
    and steps, which may stay inside another operation."""

    tree: Formula
    active: bool
    simple: bool
    elementary: bool = False


def steps_of(
    program: Program, wrt: str, level: int, taken: Collection[str], scalars: Collection[str]
) -> Program:
    """The program with one definition for each step that depends on ``wrt``.

    ``taken`` are names that mean something else, ``scalars`` those of numbers. Definitions of
    the user's keep their names.
    """
    if level == WHOLE:
        return _inlined(program)
    names = {*taken, *(each.name for each in program.definitions)}
    return _Splitter(wrt, level, names, frozenset(scalars)).run(program)


def _inlined(program: Program) -> Program:
    """The program without definitions; as it is where it takes entries of one."""
    values: dict[str, Formula] = {}
    for each in program.definitions:
        values[each.name] = renamed(each.value, values)
    body = renamed(program.body, values)
    if names_in(body) & values.keys():
        return program
    return parse_formula(to_text(body))


class _Splitter:
    def __init__(
        self, wrt: str, level: int, taken: Collection[str], scalars: frozenset[str]
    ) -> None:
        self.level = level
        self.scalars = scalars
        self.active = {wrt}
        self.names = _fresh(taken)
        self.steps: dict[str, Definition] = {}
        self.given: set[str] = set()

    def run(self, program: Program) -> Program:
        for each in program.definitions:
            part = fold(each.value, self._visit)
            self.given.add(each.name)
            if part.active:
                self.active.add(each.name)
            self.steps[to_text(part.tree)] = Definition(each.name, part.tree)
        body = fold(program.body, self._visit).tree
        kept = _needed(list(self.steps.values()), body)
        return parse_formula(to_text(Program(tuple(kept), body)))

    def _named(self, part: _Part) -> _Part:
        """The part as a name, unless it is one or need not be."""
        if not part.active or part.simple or self.level >= GIVEN or _means_nothing_alone(part.tree):
            return part
        text = to_text(part.tree)
        if text not in self.steps:
            name = next(self.names)
            self.steps[text] = Definition(name, part.tree)
            self.active.add(name)
        return _Part(Name(self.steps[text].name), True, True)

    def _visit(self, node: Formula, parts: list[_Part]) -> _Part:
        active = any(part.active for part in parts)
        match node:
            case Name():
                return _Part(node, node.name in self.active, True, True)
            case Call() if node.name in self.active | self.given:
                return _Part(node, node.name in self.active, True, True)
            case Neg():
                return _Part(Neg(parts[0].tree), active, parts[0].simple, parts[0].elementary)
            case Transpose():
                inner = self._named(parts[0])
                return _Part(Transpose(inner.tree), active, inner.simple, inner.elementary)
            case Mul():
                return self._product(node, parts)
            case Add():
                return self._sum(node, parts)
            case Call():
                return self._call(node, parts)
            case Power():
                return self._power(node, parts)
            case Compare():  # a condition has no derivative
                return _Part(with_children(node, [part.tree for part in parts]), active, True)
            case Stack():
                return _Part(
                    with_children(node, [self._named(part).tree for part in parts]), active, False
                )
            case _:
                return _Part(node, False, True, True)

    def _product(self, node: Mul, parts: list[_Part]) -> _Part:
        active = [part for part in parts if part.active]
        scaled = len(active) == 1 and all(part.active or self._is_number(part) for part in parts)
        if scaled and node.ops[parts.index(active[0])] == "*":  # a number times one operation
            tree = with_children(node, [part.tree for part in parts])
            return _Part(tree, True, False, active[0].elementary)
        named = [self._named(part) for part in parts]
        return _Part(with_children(node, [part.tree for part in named]), bool(active), False, True)

    def _is_number(self, part: _Part) -> bool:
        return names_in(part.tree) <= self.scalars

    def _sum(self, node: Add, parts: list[_Part]) -> _Part:
        active = [part for part in parts if part.active]
        whole = self.level >= AFFINE and all(part.elementary for part in active)
        terms = parts if whole else [self._named(part) for part in parts]
        return _Part(
            with_children(node, [part.tree for part in terms]),
            bool(active),
            False,
            whole and len(active) == 1,
        )

    def _call(self, node: Call, parts: list[_Part]) -> _Part:
        function = lookup(node.name)
        active = any(part.active for part in parts)
        linear = function is not None and function.curvature == "affine" and len(parts) == 1
        joined = self.level >= JOINED and function is not None and function.elementwise
        inside = [
            part if part.elementary and (linear or joined) else self._named(part) for part in parts
        ]
        return _Part(with_children(node, [part.tree for part in inside]), active, False)

    def _power(self, node: Power, parts: list[_Part]) -> _Part:
        """A norm and its square are one step, which is smooth where the norm is 0."""
        base, exponent = parts
        function = lookup(base.tree.name) if isinstance(base.tree, Call) else None
        root = function is not None and any(c.smooth for c in function.conditions)
        if not (root and isinstance(node.exponent, type(exponent.tree)) and not exponent.active):
            base = self._named(base)
        exponent = self._named(exponent)
        tree = replaced(node, base=base.tree, exponent=exponent.tree)
        return _Part(tree, base.active or exponent.active, False)


def _means_nothing_alone(tree: Formula) -> bool:
    """A condition, and what has the size of its surroundings, such as ``vector(c)``."""
    function = lookup(tree.name) if isinstance(tree, Call) else None
    return isinstance(tree, Compare) or (function is not None and function.sized)


def _fresh(taken: Collection[str]) -> Iterator[str]:
    """u1, u2, … or with another letter where one of these names is taken."""
    used = {name.rstrip("0123456789") for name in taken}
    letter = next((each for each in _LETTERS if each not in used), "step_")
    return (name for k in count(1) if (name := f"{letter}{k}") not in taken)


def _needed(definitions: list[Definition], body: Formula) -> list[Definition]:
    """The definitions that the body builds on."""
    wanted = names_in(body)
    kept: list[Definition] = []
    for each in reversed(definitions):
        if each.name in wanted:
            wanted |= names_in(each.value)
            kept.append(each)
    return kept[::-1]


def names_in(formula: Formula) -> set[str]:
    """The names of variables, definitions and functions that occur."""
    found: set[str] = set()
    pending = [formula]
    while pending:
        node = pending.pop()
        pending.extend(children(node))
        if isinstance(node, Name | Call):
            found.add(node.name)
    return found


def renamed(formula: Formula, names: Mapping[str, Formula]) -> Formula:
    """The formula with names replaced by formulas; entries of a name only by another name."""

    def visit(node: Formula, kids: list[Formula]) -> Formula:
        if isinstance(node, Name):
            return names.get(node.name, node)
        other = names.get(node.name) if isinstance(node, Call) else None
        tree = with_children(node, kids)
        return replaced(tree, name=other.name) if isinstance(other, Name) else tree

    return fold(formula, visit)
