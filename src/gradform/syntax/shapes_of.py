"""Shapes of all parts of a formula, found before anything is built."""

from __future__ import annotations

from typing import Any

from gradform.errors import FormulaSyntaxError, GradformError, ShapeError, Span
from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    children,
)
from gradform.functions.record import lookup
from gradform.functions.shapes import SCALAR, Shape
from gradform.syntax.access import Pick, accessed_shape, read_picks
from gradform.syntax.mismatch import (
    Operands,
    division_error,
    entrywise_error,
    huge_power_error,
    operands,
    power_error,
    product_error,
    sum_error,
)
from gradform.syntax.scope import Access, Application, Callee, Meaning, Scope
from gradform.syntax.unknown import not_a_function

__all__ = ["LONGEST_POWER", "ShapesOf", "integer_literal"]

LONGEST_POWER = 12
"""The largest exponent of a matrix; a power is written out as a product."""


class ShapesOf:
    """One walk over a program. ``shapes`` may hold unknown sizes until all of it is read.

    ``order`` lists the parts with a shape, each after its operands; ``meanings``,
    ``callees`` and ``picks`` say what names, calls and indices were found to be. All are
    by ``id`` of the tree node.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.sizes = scope.sizes
        self.shapes: dict[int, Shape] = {}
        self.order: list[Formula] = []
        self.meanings: dict[int, Meaning] = {}
        self.callees: dict[int, Callee] = {}
        self.picks: dict[int, tuple[Pick, Pick]] = {}

    def program(self, program: Program) -> None:
        for definition in program.definitions:
            self._walk(definition.value)
            self.scope.define(definition)
        self._walk(program.body)

    def _walk(self, root: Formula) -> None:
        stack: list[tuple[Formula, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in self.shapes:
                continue
            parts = () if ready else self._parts(node)
            if parts:
                stack.append((node, True))
                stack.extend([(part, False) for part in reversed(parts)])
            else:
                self.shapes[id(node)] = self._shape(node)
                self.order.append(node)

    def _parts(self, node: Formula) -> tuple[Formula, ...]:
        """The parts of ``node`` that have a shape of their own: no sizes, axes or indices."""
        if not isinstance(node, Call):
            return children(node)
        callee = self.callees[id(node)] = self.scope.callee(node)
        if isinstance(callee, Access):
            return ()
        given = zip(node.args, callee.literals, strict=True)
        return tuple(argument for argument, literal in given if literal is None)

    def _shape(self, node: Formula) -> Shape:
        match node:
            case Number():
                return SCALAR
            case Name():
                return self._name(node)
            case Call():
                return self._call(node)
            case Mul():
                return self._product(node)
            case Add():
                return self._sum(node)
            case Neg():
                return self.shapes[id(node.operand)]
            case Transpose():
                shape = self.shapes[id(node.operand)]
                return Shape(shape.cols, shape.rows)
            case Power():
                return self._power(node)
            case Stack():
                return self._stack(node)
            case Slice():
                raise FormulaSyntaxError(
                    "':' is allowed in an index only, as in x(2:n).", kind="syntax", span=node.span
                )

    # ------------------------------------------------------------ names and calls

    def _name(self, node: Name) -> Shape:
        meaning = self.meanings[id(node)] = self.scope.meaning(node)
        match meaning:
            case Meaning.VARIABLE | Meaning.DEFINITION:
                return self._named(node.name, meaning)
            case Meaning.FUNCTION:
                return self._constant(node)
            case _:
                return SCALAR

    def _named(self, name: str, meaning: Meaning) -> Shape:
        if meaning is Meaning.VARIABLE:
            return self.scope.variables[name].shape
        return self.shapes[id(self.scope.definitions[name])]

    def _constant(self, node: Name) -> Shape:
        """A function without arguments, such as ``eye``."""
        record = lookup(node.name)
        assert record is not None
        self.callees[id(node)] = Application(record)
        return record.shape(self.sizes, node.name, ())

    def _call(self, node: Call) -> Shape:
        callee = self.callees[id(node)]
        if isinstance(callee, Access):
            return self._access(node, callee.meaning)
        arguments: list[Any] = [
            self.sizes.shape(self.shapes[id(argument)]) if literal is None else literal
            for argument, literal in zip(node.args, callee.literals, strict=True)
        ]
        try:
            return callee.record.shape(self.sizes, node.name, arguments)
        except GradformError as error:
            raise self._placed(error, node) from None

    def _access(self, node: Call, meaning: Meaning) -> Shape:
        shape = self.sizes.shape(self._named(node.name, meaning))
        if shape.is_scalar:
            raise not_a_function(node, f"a scalar {meaning.value}", self.scope.arguments(node))
        picks = self.picks[id(node)] = read_picks(node, shape, self.scope)
        return accessed_shape(shape, picks)

    def _placed(self, error: GradformError, node: Call) -> GradformError:
        """The error of a shape rule, which knows neither text nor position of its arguments."""
        if error.span is None:
            error.span = node.name_span
        argument = self.scope.arguments(node)
        if len(node.args) == 1 and len(argument) <= 40:
            error.message = error.message.replace("this is", f"{argument} is", 1)
        return error

    # ------------------------------------------------------------ operators

    def _same(self, left: Shape, right: Shape) -> bool:
        """Unify two shapes. The right one is the newer, so its unknowns are bound first."""
        return self.sizes.same(right.rows, left.rows) and self.sizes.same(right.cols, left.cols)

    def _resolved(self, *shapes: Shape) -> list[Shape]:
        return [self.sizes.shape(shape) for shape in shapes]

    def _at(self, node: Add | Mul | Power, position: int) -> Operands:
        return operands(node, position, self.scope.source)

    def _sum(self, node: Add) -> Shape:
        shape = self.shapes[id(node.terms[0])]
        for position in range(1, len(node.terms)):
            other = self.shapes[id(node.terms[position])]
            if other is shape or self._same(shape, other):
                continue
            left, right = self._resolved(shape, other)
            at = self._at(node, position)
            hint = self._letter_hint(node, position, left.is_scalar)
            raise sum_error(left, right, node.signs[position], at, hint)
        return shape

    def _letter_hint(self, node: Add, position: int, left: bool) -> str | None:
        """Which of the scalar terms are scalars only because of their letter."""
        terms = node.terms[:position] if left else (node.terms[position],)
        names = [
            term.name
            for term in terms
            if isinstance(term, Name) and self._is_inferred(term.name)
        ]
        if not names:
            return None
        return f"{names[0]} was taken as a scalar because of its letter: declare its shape."

    def _is_inferred(self, name: str) -> bool:
        variable = self.scope.variables.get(name)
        return variable is not None and variable.inferred

    def _product(self, node: Mul) -> Shape:
        shape = self.shapes[id(node.factors[0])]
        for position in range(1, len(node.factors)):
            operator = node.ops[position]
            other = self.shapes[id(node.factors[position])]
            if other.is_scalar:
                continue
            if operator == "/":
                raise division_error(other, self._at(node, position))
            if shape.is_scalar:
                shape = other
            elif operator == "*":
                shape = self._matrix_product(shape, other, node, position)
            elif other is not shape and not self._same(shape, other):
                left, right = self._resolved(shape, other)
                raise entrywise_error(left, right, operator, self._at(node, position))
        return shape

    def _matrix_product(self, left: Shape, right: Shape, node: Mul, position: int) -> Shape:
        if not self.sizes.same(right.rows, left.cols):
            raise product_error(*self._resolved(left, right), self._at(node, position))
        return Shape(left.rows, right.cols)

    def _power(self, node: Power) -> Shape:
        base, exponent = self.shapes[id(node.base)], self.shapes[id(node.exponent)]
        if node.elementwise:
            if base.is_scalar:
                return exponent
            if not (exponent.is_scalar or self._same(base, exponent)):
                left, right = self._resolved(base, exponent)
                raise entrywise_error(left, right, ".^", self._at(node, 1))
            return base
        if not (base.is_scalar and exponent.is_scalar):
            self._check_matrix_power(node, base, exponent)
        return base

    def _check_matrix_power(self, node: Power, base: Shape, exponent: Shape) -> None:
        whole = integer_literal(node.exponent)
        single = base.is_matrix and exponent.is_scalar and whole is not None
        if not single or not self.sizes.same(base.rows, base.cols):
            raise power_error(*self._resolved(base, exponent), whole, self._at(node, 1))
        if whole is not None and abs(whole) > LONGEST_POWER:
            raise huge_power_error(whole, LONGEST_POWER, self._at(node, 1))

    def _stack(self, node: Stack) -> Shape:
        rows = [self._beside(row) for row in node.rows]
        height, width = rows[0]
        for (more, other), blocks in zip(rows[1:], node.rows[1:], strict=True):
            if not self.sizes.same(other, width):
                raise self._stack_error("columns", width, other, blocks[0].span)
            height = height + more
        return Shape(height, width)

    def _beside(self, blocks: tuple[Formula, ...]) -> Shape:
        """The shape of blocks side by side."""
        height, width = self.shapes[id(blocks[0])]
        for block in blocks[1:]:
            shape = self.shapes[id(block)]
            if not self.sizes.same(shape.rows, height):
                raise self._stack_error("rows", height, shape.rows, block.span)
            width = width + shape.cols
        return Shape(height, width)

    def _stack_error(self, what: str, first: Any, second: Any, span: Span) -> ShapeError:
        first, second = self.sizes.resolve(first), self.sizes.resolve(second)
        where = "side by side" if what == "rows" else "below one another"
        return ShapeError(
            f"Blocks {where} need the same number of {what}; these have {first} and {second}.",
            kind="dimension_mismatch",
            span=span,
        )


def integer_literal(formula: Formula) -> int | None:
    """The value of ``3`` or ``-3``, else None."""
    sign = 1
    while isinstance(formula, Neg):
        formula, sign = formula.operand, -sign
    if isinstance(formula, Number) and formula.value.denominator == 1:
        return sign * formula.value.numerator
    return None
