"""Shapes of all parts of a formula, found before anything is built."""

from __future__ import annotations

from typing import Any

from gradform.errors import FormulaSyntaxError, GradformError, ShapeError
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
    Program,
    Slice,
    Stack,
    Transpose,
    children,
)
from gradform.functions.record import lookup
from gradform.functions.shapes import SCALAR, Shape, describe
from gradform.language import say
from gradform.syntax.access import Pick, accessed_shape, read_picks
from gradform.syntax.operator_shapes import OperatorShapes
from gradform.syntax.scope import Access, Application, Callee, Meaning, Scope
from gradform.syntax.unknown import not_a_function

__all__ = ["ShapesOf"]


class ShapesOf(OperatorShapes):
    """One walk over a program. ``shapes`` may hold unknown sizes until all of it is read.

    ``order`` lists the parts with a shape, each after its operands; ``meanings``,
    ``callees`` and ``picks`` say what names, calls and indices were found to be. All are
    by ``id`` of the tree node.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
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
        if isinstance(node, Add | Mul | Power | Stack):
            self._check_finite(node)
        match node:
            case Number():
                return SCALAR
            case Name():
                return self._name(node)
            case Call():
                return self._call(node)
            case Mul():
                return self.product(node)
            case Add():
                return self.sum(node)
            case Neg():
                return self.shapes[id(node.operand)]
            case Transpose():
                shape = self.shapes[id(node.operand)]
                return Shape(shape.cols, shape.rows)
            case Power():
                return self.power(node)
            case Stack():
                return self.stack(node)
            case Compare():
                return self.compare(node)
            case Slice():
                raise FormulaSyntaxError(
                    say("':' is allowed in an index only, as in x(2:n)."),
                    kind="syntax",
                    span=node.span,
                )

    def _check_finite(self, node: Formula) -> None:
        """``inf`` is a bound or a value outside a domain; nothing is calculated with it."""
        for part in children(node):
            each = part.operand if isinstance(part, Neg) else part
            if isinstance(each, Name) and each.name == "inf":
                raise FormulaSyntaxError(
                    say("inf is only meant as a bound or a value by cases, not in a calculation."),
                    kind="infinite",
                    span=each.span,
                    hint=say("Write ind_box(x, 0, inf) or piecewise(x < 0, inf, x)."),
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
        arguments = self._arguments(node, callee)
        if callee.record.sized:
            self._check_repeated(node, arguments)
        try:
            return callee.record.shape(self.sizes, node.name, arguments)
        except GradformError as error:
            raise self._placed(self._said_again(error, node, callee), node) from None

    def _arguments(self, node: Call, callee: Application) -> list[Any]:
        return [
            self.sizes.shape(self.shapes[id(argument)]) if literal is None else literal
            for argument, literal in zip(node.args, callee.literals, strict=True)
        ]

    def _check_repeated(self, node: Call, arguments: list[Any]) -> None:
        """``vector(c)`` and ``matrix(c)`` repeat a scalar."""
        for argument in arguments:
            if isinstance(argument, Shape) and not argument.is_scalar:
                self.scope.name_sizes(argument)
                raise ShapeError(
                    say(
                        "{name} repeats a scalar; {arguments} is {argument}.",
                        name=node.name,
                        arguments=self.scope.arguments(node),
                        argument=describe(self.sizes.shape(argument)),
                    ),
                    kind="dimension_mismatch",
                    span=node.name_span,
                )

    def _said_again(self, error: GradformError, node: Call, callee: Application) -> GradformError:
        """The error of a shape rule, with names for the sizes that are not known yet."""
        arguments = self._arguments(node, callee)
        self.scope.name_sizes(*(each for each in arguments if isinstance(each, Shape)))
        try:
            callee.record.shape(self.sizes, node.name, self._arguments(node, callee))
        except GradformError as again:
            return again
        return error

    def _access(self, node: Call, meaning: Meaning) -> Shape:
        shape = self.sizes.shape(self._named(node.name, meaning))
        if shape.is_scalar:
            raise not_a_function(
                node, say("a scalar {meaning}", meaning=meaning.value), self.scope.arguments(node)
            )
        picks = self.picks[id(node)] = read_picks(node, shape, self.scope)
        return accessed_shape(shape, picks)

    def _placed(self, error: GradformError, node: Call) -> GradformError:
        """The error of a shape rule, which knows neither text nor position of its arguments."""
        if error.span is None:
            error.span = node.name_span
        argument = self.scope.arguments(node)
        if len(node.args) == 1 and len(argument) <= 40:
            error.message = error.message.replacing(this=argument)
        return error
