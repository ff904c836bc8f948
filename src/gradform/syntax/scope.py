"""What the names of a formula mean: variables, definitions, dimensions, constants, functions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from gradform.errors import FormulaSyntaxError, GradformError, ShapeError
from gradform.formula.tree import (
    Call,
    Compare,
    Definition,
    Formula,
    Name,
    Neg,
    Number,
    Program,
    Slice,
    children,
)
from gradform.functions.record import Function, lookup
from gradform.functions.shapes import Shape
from gradform.ir.dims import Dim
from gradform.ir.leaves import NUMBERS
from gradform.language import say
from gradform.syntax.declare import Declared, by_letter
from gradform.syntax.sizes import Sizes, dimension, is_size, name_unknowns
from gradform.syntax.unknown import (
    function_without_argument,
    not_a_dimension,
    not_a_function,
    undefined_variable,
    unknown_function,
    wrong_arity,
    wrong_condition,
)

__all__ = ["Access", "Application", "Callee", "Meaning", "Scope"]


class Meaning(Enum):
    """What a bare name stands for."""

    VARIABLE = say("variable")
    DEFINITION = say("definition")
    DIMENSION = say("dimension")
    NUMBER = say("constant")
    FUNCTION = say("function")


class Access(NamedTuple):
    """``x(2)``: an entry or a part of a variable or definition."""

    meaning: Meaning


class Application(NamedTuple):
    """``f(…)``: ``literals[k]`` is argument k where it is a size or a number, else None."""

    record: Function
    literals: tuple[Dim | int | None, ...] = ()


Callee = Access | Application


class Scope:
    """The names known at one point of a program."""

    def __init__(
        self,
        program: Program,
        variables: Mapping[str, Declared],
        structures: Mapping[str, frozenset[str]],
        infer: bool,
    ) -> None:
        self.source = program.source
        self.sizes = Sizes()
        self.variables = dict(variables)
        self.definitions: dict[str, Formula] = {}
        self.structures = structures
        self.infer = infer
        shapes = [variable.shape for variable in variables.values()]
        self.dimensions = {name for shape in shapes for size in shape for name in size.names}
        if infer:
            self.dimensions |= _introduced_dimensions(program) - variables.keys()

    def meaning(self, name: Name) -> Meaning:
        """What a bare name means; an undeclared letter may become a variable here."""
        found = self._known(name.name)
        if found is Meaning.FUNCTION and not self._stands_alone(name.name):
            raise function_without_argument(name)
        if found is not None:
            return found
        if self._infer(name.name):
            return Meaning.VARIABLE
        raise undefined_variable(name, {*self.variables, *self.definitions}, self.infer)

    def _known(self, name: str) -> Meaning | None:
        if name in self.definitions:
            return Meaning.DEFINITION
        if name in self.variables:
            return Meaning.VARIABLE
        if name in NUMBERS:
            return Meaning.NUMBER
        if name in self.dimensions:
            return Meaning.DIMENSION
        return Meaning.FUNCTION if lookup(name) is not None else None

    def _stands_alone(self, name: str) -> bool:
        """Whether a function needs no argument, as ``eye``."""
        record = lookup(name)
        return record is not None and record.arity[0] == 0

    def _infer(self, name: str) -> bool:
        """Enter an undeclared name as a variable, if its letter gives it a shape."""
        if not self.infer:
            return False
        variable = by_letter(name, self.sizes, self.structures.get(name, frozenset()))
        if variable is not None:
            self.variables[name] = variable
        return variable is not None

    def define(self, definition: Definition) -> None:
        """Enter a named intermediate; its name must be new."""
        name = definition.name
        known = self._known(name)
        if known is not None:
            raise FormulaSyntaxError(
                say(
                    "'{name}' is already the name of a {meaning} and cannot be defined.",
                    name=name,
                    meaning=known.value,
                ),
                kind="redefined",
                span=definition.name_span,
                hint=say("Choose another name for the intermediate result."),
            )
        self.definitions[name] = definition.value

    def name_sizes(self, *more: Shape) -> None:
        """Give the sizes of variables that are unknown to the end, and others, readable names."""
        taken = self.variables.keys() | self.definitions.keys() | self.dimensions
        shapes = [variable.shape for variable in self.variables.values()]
        name_unknowns(self.sizes, [*shapes, *more], taken)

    def callee(self, call: Call) -> Callee:
        """What ``name(…)`` is: access to entries, or a function with the right arguments."""
        known = self._known(call.name)
        if known in (Meaning.VARIABLE, Meaning.DEFINITION):
            return Access(known)
        record = lookup(call.name)
        if record is not None:
            return Application(record, self._literals(call, record))
        if known is not None:
            raise not_a_function(call, f"a {known.value}", self.arguments(call))
        if self._infer(call.name):
            if not self.variables[call.name].shape.is_scalar:
                return Access(Meaning.VARIABLE)
            del self.variables[call.name]
        raise unknown_function(call, {*self.variables, *self.definitions})

    def arguments(self, call: Call) -> str:
        """The arguments of a call as typed."""
        return " ".join(self.source[call.name_span.end : call.span.end].strip()[1:-1].split())

    def _literals(self, call: Call, record: Function) -> tuple[Dim | int | None, ...]:
        if not record.accepts(len(call.args)):
            raise wrong_arity(call, record)
        kinds = record.kinds(len(call.args))
        for argument, kind in zip(call.args, kinds, strict=True):
            if (kind == "condition") is not isinstance(argument, Compare):
                raise wrong_condition(call, argument)
        return tuple(
            self._literal(argument, kind) for argument, kind in zip(call.args, kinds, strict=True)
        )

    def _literal(self, argument: Formula, kind: str) -> Dim | int | None:
        match kind:
            case "dim":
                return self.size(argument)
            case "axis":
                return _axis(argument)
            case "int":
                return _whole_number(argument)
            case _:
                return None

    def size(self, formula: Formula) -> Dim:
        """The dimension a size argument such as ``n-1`` stands for."""
        found = dimension(formula, self.dimensions, self._no_size)
        if not is_size(found):
            raise ShapeError(
                say("Sizes are positive; this one is {found}.", found=found),
                kind="dimension_mismatch",
                span=formula.span,
            )
        return found

    def _no_size(self, part: Formula) -> GradformError:
        if isinstance(part, Name):
            known = self._known(part.name)
            return not_a_dimension(part, known.value if known else None, self.dimensions)
        return FormulaSyntaxError(
            say("A size is an integer or an expression of dimension names."),
            kind="syntax",
            span=part.span,
            hint=say("Write ones(n), ones(3) or ones(n-1)."),
        )


def _axis(argument: Formula) -> int:
    if isinstance(argument, Number) and argument.value in (1, 2):
        return int(argument.value)
    raise FormulaSyntaxError(
        say("Axis must be 1 or 2."),
        kind="syntax",
        span=argument.span,
        hint=say("sum(A,1) adds the rows up, sum(A,2) the columns."),
    )


def _whole_number(argument: Formula) -> int:
    value = argument.operand if isinstance(argument, Neg) else argument
    if isinstance(value, Number) and value.value.denominator == 1:
        return value.value.numerator * (1 if value is argument else -1)
    raise FormulaSyntaxError(
        say("This argument must be a whole number: 0, 1, 2, …."), kind="syntax", span=argument.span
    )


def _introduced_dimensions(program: Program) -> set[str]:
    """Names in sizes and slices, ``ones(n)`` or ``x(2:n)``: nobody else declares them."""
    found: set[str] = set()
    stack = [program.body, *(definition.value for definition in program.definitions)]
    while stack:
        node = stack.pop()
        stack.extend(children(node))
        if isinstance(node, Call):
            record = lookup(node.name)
            kinds = record.kinds(len(node.args)) if record is not None else ()
            for position, argument in enumerate(node.args):
                sized = position < len(kinds) and kinds[position] == "dim"
                if sized or (record is None and isinstance(argument, Slice)):
                    found |= _names(argument)
    return found - {definition.name for definition in program.definitions}


def _names(formula: Formula) -> set[str]:
    found: set[str] = set()
    stack = [formula]
    while stack:
        node = stack.pop()
        stack.extend(children(node))
        if isinstance(node, Name):
            found.add(node.name)
    return found
