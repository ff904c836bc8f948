"""From a formula with known shapes to the expression it stands for.

Rows and columns both become tensors with one axis; which of the two something is, its
written shape remembers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradform.errors import GradformError, InputError, Span, StructureError
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Stack,
    Transpose,
)
from gradform.functions.record import Comparison, Condition, Function, Typed, lookup
from gradform.functions.shapes import Shape
from gradform.ir import build
from gradform.ir.dims import ZERO_DIM, dim
from gradform.ir.nodes import Coefficient, Node
from gradform.language import say
from gradform.syntax.access import pick_entries
from gradform.syntax.chain import Chain, place_block
from gradform.syntax.mismatch import operator_span
from gradform.syntax.operator_shapes import integer_literal
from gradform.syntax.requirements import (
    DIFFER,
    INVERTIBLE,
    NONZERO,
    POSITIVE,
    Requirements,
    with_defaults,
)
from gradform.syntax.scope import Access, Application, Meaning
from gradform.syntax.shapes_of import ShapesOf

__all__ = ["Lowering"]

_LONGEST_TEXT = 80
_REGULAR = ("det({0}) != 0", "{0} != 0")


class Lowering:
    """One pass over the parts of a program, in their order.

    ``shapes`` are resolved. The first pass is given ``requirements`` to collect what must
    hold, and symbols with all structure that was declared. A second pass, with less, gives
    the expression of variables whose entries are to be independent.
    """

    def __init__(
        self,
        found: ShapesOf,
        shapes: Mapping[int, Shape],
        symbols: Mapping[str, Node],
        requirements: Requirements | None,
    ) -> None:
        self.found = found
        self.scope = found.scope
        self.shapes = shapes
        self.symbols = symbols
        self.requirements = requirements
        self.nodes: dict[int, Node] = {}

    def run(self) -> None:
        for part in self.found.order:
            self.nodes[id(part)] = self._lower(part)

    def typed(self, formula: Formula) -> Typed:
        return Typed(self.nodes[id(formula)], self.shapes[id(formula)])

    def _lower(self, node: Formula) -> Node:
        match node:
            case Number():
                return build.constant(node.value)
            case Name():
                return self._name(node)
            case Call():
                return self._call(node)
            case Mul():
                return self._product(node)
            case Add():
                terms = [self.nodes[id(term)] for term in node.terms]
                pairs = zip(node.signs, terms, strict=True)
                return build.linear_combination(pairs, self.shapes[id(node)].axes)
            case Neg():
                return build.scale(-1, self.nodes[id(node.operand)])
            case Transpose():
                return build.transpose(self.nodes[id(node.operand)])
            case Power():
                return self._power(node)
            case Stack():
                return self._stack(node)
            case Compare():
                return self._difference(node)
            case _:
                raise AssertionError(node)

    # ------------------------------------------------------------ names and calls

    def _name(self, node: Name) -> Node:
        match self.found.meanings[id(node)]:
            case Meaning.NUMBER:
                return build.number(node.name)
            case Meaning.DIMENSION:
                return build.size_of(dim(node.name))
            case Meaning.FUNCTION:
                return self._application(node, ())
            case meaning:
                return self._named(node.name, meaning).node

    def _named(self, name: str, meaning: Meaning) -> Typed:
        if meaning is Meaning.DEFINITION:
            return self.typed(self.scope.definitions[name])
        shape = self.found.sizes.shape(self.scope.variables[name].shape)
        return Typed(self.symbols[name], shape)

    def _call(self, node: Call) -> Node:
        callee = self.found.callees[id(node)]
        if isinstance(callee, Access):
            whole = self._named(node.name, callee.meaning)
            return pick_entries(whole.node, whole.shape, self.found.picks[id(node)])
        arguments = [
            self._argument(argument) if literal is None else literal
            for argument, literal in zip(node.args, callee.literals, strict=True)
        ]
        return self._application(node, arguments)

    def _argument(self, formula: Formula) -> Typed | Comparison:
        typed = self.typed(formula)
        return Comparison(formula.operator, typed) if isinstance(formula, Compare) else typed

    def _application(self, node: Name | Call, arguments: Sequence[Any]) -> Node:
        callee = self.found.callees[id(node)]
        assert isinstance(callee, Application)
        if self.requirements is not None and isinstance(node, Call):
            self._check(self.requirements, node, callee.record, arguments)
        try:
            return callee.record.value(arguments, self.shapes[id(node)])
        except GradformError as error:
            if error.span is None:
                error.span = node.name_span if isinstance(node, Call) else node.span
            raise

    # ------------------------------------------------------------ requirements

    def _check(
        self, requirements: Requirements, node: Call, record: Function, arguments: Sequence[Any]
    ) -> None:
        """Collect the conditions of an application; refuse a matrix that is not symmetric."""
        if record.needs_symmetric and not _is_symmetric(arguments[0].node):
            matrix = self._text(node.args[0], say("this one"))
            raise StructureError(
                say(
                    "{name} needs a symmetric matrix; {matrix} is not known to be symmetric.",
                    name=node.name,
                    matrix=matrix,
                ),
                kind="structure",
                span=node.name_span,
                hint=say("Declare it symmetric, or take the symmetric part (A+A')/2."),
            )
        conditions = record.conditions_of(arguments)
        if not conditions:
            return
        regular = any(c.template in _REGULAR and not c.smooth for c in conditions)
        if regular and build.is_zero(arguments[0].node):
            raise InputError(
                say("{name} of 0 is not defined.", name=node.name),
                kind="division_by_zero",
                span=node.span,
            )
        if id(node) in self.found.squared:
            # norm2(x)^2 is smooth also where norm2(x) is 0.
            vanishes = f"{record.name}({{0}}) != 0"
            conditions = tuple(c for c in conditions if not (c.smooth and c.template == vanishes))
        texts = [
            self._text(argument, say("argument of {name}", name=node.name))
            for argument in node.args
        ]
        nodes = [each.node if isinstance(each, Typed) else None for each in arguments]
        requirements.add_all(conditions, *with_defaults(record, texts, nodes))

    def _text(self, formula: Formula, otherwise: str) -> str:
        """A part as typed, on one line and not longer than a line; trees may have no text."""
        text = " ".join(self.scope.source[formula.span.start : formula.span.end].split())
        if not text:
            return otherwise
        return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"

    def _require(self, condition: Condition, formula: Formula, otherwise: str) -> None:
        if self.requirements is not None:
            node = self.nodes[id(formula)]
            self.requirements.add(condition, [self._text(formula, otherwise)], [node])

    def _check_divisor(self, formula: Formula, at: Span) -> None:
        if build.is_zero(self.nodes[id(formula)]):
            raise InputError(say("Division by zero."), kind="division_by_zero", span=at)
        if self.requirements is None:
            return
        parts = [formula]
        while parts:
            part = parts.pop()
            factors = self._factors(part)
            parts.extend(reversed(factors))
            if not factors:
                self._require(NONZERO, part, say("divisor"))

    def _factors(self, formula: Formula) -> tuple[Formula, ...]:
        """Scalars whose product is 0 exactly where ``formula`` is, for a product or power."""
        if not self.shapes[id(formula)].is_scalar:
            return ()
        match formula:
            case Neg():
                return (formula.operand,)
            case Mul() if all(self.shapes[id(factor)].is_scalar for factor in formula.factors):
                return formula.factors
            case Power() if (integer_literal(formula.exponent) or 0) > 0:
                return (formula.base,)
            case _:
                return ()

    # ------------------------------------------------------------ operators

    def _product(self, node: Mul) -> Node:
        chain = Chain()
        for position, (operator, factor) in enumerate(zip(node.ops, node.factors, strict=True)):
            if operator in ("/", "./"):
                self._check_divisor(factor, operator_span(node, position))
            chain.times(operator, self.nodes[id(factor)], self.shapes[id(factor)])
        return chain.product()

    def _difference(self, node: Compare) -> Node:
        """left - right, which a condition compares with 0; there its value may have a kink."""
        axes = self.shapes[id(node)].axes
        sides = [self.nodes[id(side)] for side in (node.left, node.right)]
        left, right = (each if each.rank else build.broadcast(each, axes) for each in sides)
        difference = build.subtract(left, right)
        if self.requirements is not None and build.constant_value(difference) is None:
            texts = [self._text(side, say("a side")) for side in (node.left, node.right)]
            self.requirements.add(DIFFER, texts, sides)
        return difference

    def _power(self, node: Power) -> Node:
        base, exponent = self.typed(node.base), self.typed(node.exponent)
        if base.shape.is_matrix and not node.elementwise:
            return self._matrix_power(node, base)
        value = build.constant_value(exponent.node)
        if value is None:
            self._require(POSITIVE, node.base, say("base"))
            return _record("pow").value([base, exponent], self.shapes[id(node)])
        if value < 0:
            self._check_divisor(node.base, node.op_span)
        if not isinstance(value, int):
            self._require(POSITIVE, node.base, say("base"))
        axes = () if base.node.rank else self.shapes[id(node)].axes
        return build.power(build.broadcast(base.node, axes), value)

    def _matrix_power(self, node: Power, base: Typed) -> Node:
        exponent = integer_literal(node.exponent)
        assert exponent is not None
        if exponent == 0:
            return build.delta(base.shape.rows)
        factor = base.node
        if exponent < 0:
            if build.is_zero(factor):
                raise InputError(
                    say("A zero matrix has no inverse."), kind="division_by_zero", span=node.op_span
                )
            self._require(INVERTIBLE, node.base, say("base"))
            factor = _record("inv").value([base], base.shape)
        return build.matmul(*[factor] * abs(exponent))

    def _stack(self, node: Stack) -> Node:
        """The sum of the blocks, each moved to its place by selections."""
        shape = self.shapes[id(node)]
        terms: list[tuple[Coefficient, Node]] = []
        top = ZERO_DIM
        for row in node.rows:
            left = ZERO_DIM
            for block in row:
                terms.append((1, place_block(self.typed(block), shape, top, left)))
                left = left + self.shapes[id(block)].cols
            top = top + self.shapes[id(row[0])].rows
        return build.linear_combination(terms, shape.axes)


def _record(name: str) -> Function:
    """The function an operator stands for."""
    record = lookup(name)
    assert record is not None
    return record


def _is_symmetric(node: Node) -> bool:
    """Of a scalar too."""
    return not node.rank or build.is_symmetric(node)
