"""From a formula to its certified derivative: the only place that strings the passes together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from gradform.calculus import derivative as neutral_derivative
from gradform.calculus import kept_sums
from gradform.derive.reading import read
from gradform.derive.structured import by_parameters
from gradform.errors import InputError, LimitError, UnknownNameError
from gradform.formula.tree import Call, Name, Number, Program, Transpose
from gradform.functions.shapes import SCALAR, Shape
from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.nodes import Node, Symbol
from gradform.ir.rebuild import rebuild
from gradform.language import Message, joined, say
from gradform.notation.layout import Arrangement, arrange
from gradform.notation.text import to_text
from gradform.notation.write import written_formula
from gradform.records import record
from gradform.rewrite import History, forms_for_code, histories, named_forms
from gradform.rewrite.weight import weight
from gradform.syntax.elaborate import Elaborated
from gradform.syntax.parser import parse_formula

__all__ = [
    "Question",
    "Solution",
    "Target",
    "names_in_order",
    "no_such_variable",
    "parse_target",
    "solve",
    "with_structure",
]

_HIGHEST_ORDER = 6


@record
class Question:
    """What is asked: ``wrt`` has one entry per order of differentiation."""

    source: str | Program
    wrt: tuple[str, ...]
    shapes: Mapping[str, Sequence[str | int]] | None = None
    layout: str = "ml"
    assume: Mapping[str, str | Sequence[str]] | None = None
    constraint: str | None = None
    conditions: tuple[str, ...] = ()
    infer: bool | None = None


@record
class Target:
    """A variable of differentiation as asked for: ``x``, ``x'``, ``x(2)``, ``X(1,2)``.

    ``turned`` marks ``X'``: the axes of its derivative are those of X' in turn.
    """

    name: str
    shape: Shape
    selector: Node | None = None
    turned: bool = False


class Solution:
    """The answer before it is checked.

    ``derived`` is the derivative tensor as the rules of differentiation give it, which
    programs are made from; ``neutral`` the form of it that the formula was read from;
    ``formula`` the written form in the asked layout, or None beyond matrix notation. What
    is written is found when it is first asked for.
    """

    def __init__(
        self,
        question: Question,
        function: Elaborated,
        targets: tuple[Target, ...],
        derived: Node,
        arrangement: Arrangement,
    ) -> None:
        self.question = question
        self.function = function
        self.targets = targets
        self.derived = with_structure(derived, function)
        self.arrangement = arrangement

    @property
    def neutral(self) -> Node:
        return self._written[0]

    @property
    def formula(self) -> Program | None:
        return self._written[1]

    @cached_property
    def code_forms(self) -> list[Node]:
        """Equal forms of the derivative, the cheapest of which makes the program."""
        expanded = self._function.memo.setdefault("multiplied out", {})
        return forms_for_code(self.derived, self._kept, expanded)

    @cached_property
    def _kept(self) -> frozenset[Node]:
        return kept_sums(self._function)

    @property
    def _function(self) -> Node:
        return with_structure(self.function.value.node, self.function)

    @cached_property
    def stages(self) -> list[tuple[Message | None, Program]]:
        """The forms on the way from the rules of differentiation to the formula, as far as
        they can be written, each with what was done; the last is the formula."""
        if self.formula is None:
            return []
        found: dict[str, tuple[Message | None, Program]] = {}
        for done, node in [(None, self.derived), *self._histories[self.neutral]]:
            formula = self._write([node, named_forms(node)])[1]
            if formula is not None:
                _append(found, done, formula)
        _append(found, None, self.formula)
        return list(found.values())

    @cached_property
    def _histories(self) -> dict[Node, History]:
        return histories(self.derived, self._kept)

    @cached_property
    def _written(self) -> tuple[Node, Program | None]:
        candidates = list(self._histories)
        node, formula = self._write(candidates)
        # Index notation has no costs: what takes the fewest words is written.
        return (node, formula) if formula is not None else (min(candidates, key=weight), None)

    def _write(self, candidates: Sequence[Node]) -> tuple[Node, Program | None]:
        """The shortest of several forms, in the layout."""
        function = self.function
        definitions = {
            name: (with_structure(value.node, function), value.shape.is_row)
            for name, value in function.definitions.items()
        }
        return written_formula(
            candidates,
            self.arrangement,
            names_in_order(function),
            definitions,
            rows=[name for name, variable in function.variables.items() if variable.shape.is_row],
        )


def _append(
    found: dict[str, tuple[Message | None, Program]], done: Message | None, formula: Program
) -> None:
    """One form more; back at a form that was there before, what came in between is dropped."""
    text = to_text(formula)
    known = list(found)
    if text in found:
        for later in known[known.index(text) + 1 :]:
            del found[later]
    else:
        found[text] = (done, formula)


def solve(question: Question) -> Solution:
    """Differentiate; what is written and its certificate follow when they are asked for."""
    targets_asked = [parse_target(text) for text in question.wrt]
    plain = {name for name, _, _ in targets_asked}
    function = read(question.source, question.shapes, question.assume, question.infer, plain)
    targets = tuple(_target(asked, function) for asked in targets_asked)
    neutral = _differentiate(function, targets, question.constraint)
    arrangement = arrange(
        function.value.shape, [target.shape for target in targets], question.layout
    )
    return Solution(question, function, targets, neutral, arrangement)


def parse_target(text: str) -> tuple[str, bool, tuple[int, ...]]:
    """(name, transposed, 1-based indices) for ``x``, ``x'``, ``x(2)`` or ``X(1,2)``."""
    if not text.strip():
        raise UnknownNameError(say("No variable of differentiation given."), kind="wrt_undeclared")
    tree = parse_formula(text).body
    turned = isinstance(tree, Transpose)
    if isinstance(tree, Transpose):
        tree = tree.operand
    if isinstance(tree, Name):
        return tree.name, turned, ()
    if isinstance(tree, Call) and not turned:
        places = [arg.value for arg in tree.args if isinstance(arg, Number)]
        if len(places) == len(tree.args) and all(p.denominator == 1 and p > 0 for p in places):
            return tree.name, False, tuple(int(p) for p in places)
    raise InputError(
        say("Cannot differentiate by '{text}'.", text=text),
        kind="wrt_undeclared",
        hint=say("give a variable x, a transposed one x', or an element x(2) or X(1,2)"),
    )


def no_such_variable(name: str, function: Elaborated) -> UnknownNameError:
    """The error for a name that is none of the variables of a function."""
    known = joined(function.variables) or say("none")
    return UnknownNameError(
        say("Variable '{name}' does not occur in the expression and is not declared.", name=name),
        kind="wrt_undeclared",
        hint=say("variables are {known}", known=known),
    )


def _target(asked: tuple[str, bool, tuple[int, ...]], function: Elaborated) -> Target:
    name, turned, places = asked
    variable = function.variables.get(name)
    if variable is None:
        raise no_such_variable(name, function)
    shape = variable.shape
    if not places:
        return Target(name, Shape(shape.cols, shape.rows) if turned else shape, turned=turned)
    axes = variable.symbol.axes
    if len(places) != len(axes):
        raise InputError(
            say(
                "'{name}' has {count} axes, so an element needs {count} indices.",
                name=name,
                count=len(axes),
            ),
            kind="arity",
        )
    units = []
    for size, place in zip(axes, places, strict=True):
        if size.value is not None and place > size.value:
            raise InputError(
                say("Index {place} is out of range; the size is {size}.", place=place, size=size),
                kind="index_out_of_range",
            )
        units.append(build.unit(size, dim(place - 1)))
    return Target(name, SCALAR, units[0] if len(units) == 1 else build.outer(*units))


def _differentiate(function: Elaborated, targets: Sequence[Target], constraint: str | None) -> Node:
    """The neutral derivative: axes of the value, then of each variable in turn."""
    node = function.value.node
    if len(targets) > _HIGHEST_ORDER:
        raise LimitError(
            say(
                "Order {count} is above the limit of {highest}.",
                count=len(targets),
                highest=_HIGHEST_ORDER,
            ),
            kind="too_long",
        )
    for target in targets:
        symbol = function.variables[target.name].symbol
        lead = node.rank
        node = neutral_derivative(node, symbol)
        if constraint is not None:
            node = by_parameters(node, constraint, lead)
        if target.turned and node.rank == lead + 2:
            axes = tuple(range(node.rank))
            node = build.contract(1, [(node, axes, 1)], (*axes[:lead], lead + 1, lead))
        if target.selector is not None:
            labels = tuple(range(node.rank))
            pair = [(node, labels, 1), (target.selector, labels[lead:], 1)]
            node = build.contract(1, pair, labels[:lead])
    return node


def with_structure(node: Node, function: Elaborated) -> Node:
    """Symbols that were differentiated with independent entries get their structure back:
    the derivative is evaluated at a point that has it."""
    declared = {
        v.symbol: build.symbol_like(v.symbol, v.structure)
        for v in function.variables.values()
        if v.symbol.structure != v.structure
    }
    if not declared:
        return node
    return rebuild(node, lambda n: declared.get(n, n) if isinstance(n, Symbol) else n)


def names_in_order(function: Elaborated) -> list[str]:
    """The variables in the order in which the reader meets them in the formula."""
    source = function.program.source
    names = re.findall(r"\w+", source)
    return sorted(function.variables, key=lambda n: names.index(n) if n in names else len(names))
