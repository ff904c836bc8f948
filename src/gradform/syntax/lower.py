"""From a formula with known shapes to the expression it stands for.

Rows and columns both become tensors with one axis; which of the two something is, its
written shape remembers. A product is collected as one contraction: every factor gets the
labels of the row and column of the running product that it meets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from gradform.errors import GradformError, InputError, Span, StructureError
from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Stack,
    Transpose,
)
from gradform.functions.record import Condition, Function, Typed, lookup
from gradform.functions.shapes import Shape
from gradform.ir import build
from gradform.ir.dims import ONE, ZERO_DIM, Dim, dim
from gradform.ir.nodes import Coefficient, Node
from gradform.syntax.access import pick_entries
from gradform.syntax.requirements import NONZERO, POSITIVE, Requirements
from gradform.syntax.scope import Access, Application, Meaning
from gradform.syntax.shapes_of import ShapesOf, integer_literal

__all__ = ["Lowering"]

_LONGEST_TEXT = 80
_LONGEST_CHAIN = 16
"""Factors collected before a product becomes a node: keeps long products linear in time."""


class Lowering:
    """One pass over the parts of a program, in their order.

    ``shapes`` are resolved. With ``requirements`` given, the pass also collects what must
    hold and checks that arguments have the structure their function needs; the symbols
    must then have all structure that was declared.
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
            case _:
                raise AssertionError(node)

    # ------------------------------------------------------------ names and calls

    def _name(self, node: Name) -> Node:
        match self.found.meanings[id(node)]:
            case Meaning.PI:
                return build.pi()
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
            self.typed(argument) if literal is None else literal
            for argument, literal in zip(node.args, callee.literals, strict=True)
        ]
        return self._application(node, arguments)

    def _application(self, node: Name | Call, arguments: Sequence[Any]) -> Node:
        callee = self.found.callees[id(node)]
        assert isinstance(callee, Application)
        record = callee.record
        if self.requirements is not None and isinstance(node, Call):
            self._check(self.requirements, node, record, arguments)
        try:
            return record.value(arguments, self.shapes[id(node)])
        except GradformError as error:
            if error.span is None:
                error.span = node.name_span if isinstance(node, Call) else node.span
            raise

    # ------------------------------------------------------------ requirements

    def _check(
        self, requirements: Requirements, node: Call, record: Function, arguments: Sequence[Any]
    ) -> None:
        """Collect the conditions of an application; refuse a matrix that is not symmetric."""
        nodes = [each.node if isinstance(each, Typed) else None for each in arguments]
        if record.needs_symmetric and not _is_symmetric(nodes[0]):
            raise StructureError(
                f"{node.name} needs a symmetric matrix; {self._text(node.args[0])} is not known "
                "to be symmetric.",
                kind="structure",
                span=node.name_span,
                hint="Declare it symmetric, or take the symmetric part (A+A')/2.",
            )
        if record.conditions:
            texts = [self._text(argument) for argument in node.args]
            requirements.add_all(record, texts, nodes)

    def _text(self, formula: Formula) -> str:
        """A part as typed, on one line and not longer than a line."""
        text = " ".join(self.scope.source[formula.span.start : formula.span.end].split())
        return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"

    def _require(self, condition: Condition, formula: Formula) -> None:
        if self.requirements is not None:
            node = self.nodes[id(formula)]
            self.requirements.add(condition, [self._text(formula)], [node])

    def _check_divisor(self, formula: Formula, at: Span) -> None:
        if build.is_zero(self.nodes[id(formula)]):
            raise InputError("Division by zero.", kind="division_by_zero", span=at)
        self._require(NONZERO, formula)

    # ------------------------------------------------------------ operators

    def _product(self, node: Mul) -> Node:
        chain = _Chain()
        for position, (operator, factor) in enumerate(zip(node.ops, node.factors, strict=True)):
            if operator in ("/", "./"):
                self._check_divisor(factor, node.op_spans[position])
            chain.times(operator, self.nodes[id(factor)], self.shapes[id(factor)])
        return chain.product()

    def _power(self, node: Power) -> Node:
        base, exponent = self.typed(node.base), self.typed(node.exponent)
        if base.shape.is_matrix and not node.elementwise:
            return self._matrix_power(node, base)
        value = build.constant_value(exponent.node)
        if value is None:
            record = lookup("pow")
            assert record is not None
            if self.requirements is not None:
                texts = [self._text(node.base), self._text(node.exponent)]
                self.requirements.add_all(record, texts, [base.node, exponent.node])
            return record.value([base, exponent], self.shapes[id(node)])
        if value < 0:
            self._check_divisor(node.base, node.op_span)
        if not isinstance(value, int):
            self._require(POSITIVE, node.base)
        axes = () if base.node.rank else self.shapes[id(node)].axes
        return build.power(build.broadcast(base.node, axes), value)

    def _matrix_power(self, node: Power, base: Typed) -> Node:
        exponent = integer_literal(node.exponent)
        assert exponent is not None
        if exponent == 0:
            return build.delta(base.shape.rows)
        factor = base.node
        if exponent < 0:
            inverse = lookup("inv")
            assert inverse is not None
            if self.requirements is not None:
                self.requirements.add_all(inverse, [self._text(node.base)], [factor])
            factor = inverse.value([base], base.shape)
        return build.matmul(*[factor] * abs(exponent))

    def _stack(self, node: Stack) -> Node:
        """The sum of the blocks, each moved to its place by selections."""
        shape = self.shapes[id(node)]
        terms: list[tuple[Coefficient, Node]] = []
        top = ZERO_DIM
        for row in node.rows:
            left = ZERO_DIM
            for block in row:
                terms.append((1, _placed(self.typed(block), shape, top, left)))
                left = left + self.shapes[id(block)].cols
            top = top + self.shapes[id(row[0])].rows
        return build.linear_combination(terms, shape.axes)


def _is_symmetric(node: Node | None) -> bool:
    return node is not None and (node.rank == 0 or build.transpose(node) is node)


def _placed(block: Typed, whole: Shape, top: Dim, left: Dim) -> Node:
    """A block as part of a larger matrix that is zero elsewhere."""
    factors: list[tuple[Node, tuple[str, ...], Coefficient]] = []
    labels: list[str] = []
    out: list[str] = []
    places = zip("rc", whole, block.shape, (top, left), strict=True)
    for label, length, size, offset in places:
        if size is not ONE:
            labels.append(label)
        if length is ONE:
            continue
        moved = f"moved {label}"
        out.append(moved)
        if size is ONE:
            factors.append((build.unit(length, offset), (moved,), 1))
        else:
            factors.append((build.select(length, offset, size), (label, moved), 1))
    return build.contract(1, [(block.node, labels, 1), *factors], out)


class _Chain:
    """A product being collected: factors with labels, and the labels of its row and column."""

    __slots__ = ("col", "factors", "labels", "row")

    def __init__(self) -> None:
        self.factors: list[tuple[Node, tuple[int, ...], Coefficient]] = []
        self.labels = count()
        self.row: int | None = None
        self.col: int | None = None

    def times(self, operator: str, node: Node, shape: Shape) -> None:
        """Multiply by, or divide by, a factor of this shape."""
        if len(self.factors) >= _LONGEST_CHAIN:
            self.factors = [(self.product(), self._out(), 1)]
        power = -1 if operator in ("/", "./") else 1
        self.factors.append((node, self._labels_for(operator, shape), power))

    def _labels_for(self, operator: str, shape: Shape) -> tuple[int, ...]:
        if shape.is_scalar:
            return ()
        if self.row is None and self.col is None:
            self.row = self._label(shape.rows)
            self.col = self._label(shape.cols)
        elif operator == "*":
            inner = self.col
            self.col = self._label(shape.cols)
            return tuple(label for label in (inner, self.col) if label is not None)
        return self._out()

    def _label(self, size: Dim) -> int | None:
        return None if size is ONE else next(self.labels)

    def _out(self) -> tuple[int, ...]:
        return tuple(label for label in (self.row, self.col) if label is not None)

    def product(self) -> Node:
        return build.contract(1, self.factors, self._out())
