"""From a formula tree to a typed expression: names, shapes and structures are settled here.

First every part of the tree gets its shape, with unknown sizes found by unification; then
the expression is built bottom-up. Errors point into the text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gradform.errors import GradformError, ShapeError, UnknownNameError
from gradform.formula.tree import Call, Formula, Power, Program
from gradform.functions.record import Typed
from gradform.functions.shapes import Shape
from gradform.ir.dims import ONE
from gradform.ir.nodes import Symbol, symbol
from gradform.language import Message, say
from gradform.records import record
from gradform.syntax.access import check_range
from gradform.syntax.declare import EQUATIONS, Declared, declare, structures_of
from gradform.syntax.lower import Lowering
from gradform.syntax.requirements import Requirement, Requirements
from gradform.syntax.scope import Scope
from gradform.syntax.shapes_of import ShapesOf
from gradform.syntax.sizes import is_size, is_unknown

__all__ = ["Elaborated", "Requirement", "Variable", "elaborate", "resolved"]


@record
class Variable:
    """A variable as the formula uses it. ``symbol`` is what stands for it in expressions."""

    name: str
    shape: Shape
    structure: frozenset[str]
    inferred: bool
    symbol: Symbol


@record
class Elaborated:
    """A program with its expression.

    ``variables`` are the declared ones in order, whether they occur or not, then inferred
    ones in order of appearance. ``shapes`` maps the ``id`` of every part of the tree that
    has a shape to it; sizes, axes and indices have none.
    """

    program: Program
    value: Typed
    variables: dict[str, Variable]
    shapes: dict[int, Shape]
    definitions: dict[str, Typed]
    notes: tuple[str, ...]
    conditions: tuple[Requirement, ...]


def elaborate(
    program: Program,
    *,
    declared: Mapping[str, Sequence[str | int]] | None,
    assume: Mapping[str, str | Sequence[str]] | None = None,
    infer: bool | None = None,
    plain: Collection[str] = (),
) -> Elaborated:
    """The expression of a program.

    ``declared`` gives the axes of each variable: () scalar, (n) column, (m, n) matrix;
    ``assume`` its structures. Names that are not declared get a shape by their letter when
    ``infer`` is true, which it is by default when nothing is declared. The entries of
    variables in ``plain`` are independent: symmetry and the like is not used for them.
    """
    structures = structures_of(assume)
    variables = declare(declared or {}, structures)
    scope = Scope(program, variables, structures, declared is None if infer is None else infer)
    found = ShapesOf(scope)
    try:
        found.program(program)
        return _build(program, found, resolved(found), plain)
    except GradformError as error:
        raise _with_hint(error, scope).in_source(program.source) from None


def _build(
    program: Program, found: ShapesOf, shapes: dict[int, Shape], plain: Collection[str]
) -> Elaborated:
    """The answer, when all shapes are known."""
    variables = _variables(found, frozenset())
    requirements = Requirements()
    symbols = {name: variable.symbol for name, variable in variables.items()}
    lowering = Lowering(found, shapes, symbols, requirements)
    lowering.run()
    if any(variables[name].structure & EQUATIONS for name in plain if name in variables):
        variables = _variables(found, plain)
        symbols = {name: variable.symbol for name, variable in variables.items()}
        lowering = Lowering(found, shapes, symbols, None)
        lowering.run()
    definitions = found.scope.definitions.items()
    return Elaborated(
        program,
        lowering.typed(program.body),
        variables,
        shapes,
        {name: lowering.typed(value) for name, value in definitions},
        (*program.notes, *_power_notes(found, program.source)),
        requirements.all(),
    )


def _variables(found: ShapesOf, plain: Collection[str]) -> dict[str, Variable]:
    variables: dict[str, Variable] = {}
    for name, each in found.scope.variables.items():
        shape = found.sizes.shape(each.shape)
        used = each.structure - EQUATIONS if name in plain else each.structure
        variables[name] = Variable(
            name, shape, each.structure, each.inferred, symbol(name, shape.axes, used)
        )
    return variables


def _power_notes(found: ShapesOf, source: str) -> list[Message]:
    """``a^b^c`` is read from the left here, from the right elsewhere: say so."""
    notes = []
    for part in found.order:
        if not (source and isinstance(part, Power) and isinstance(part.base, Power)):
            continue
        if source[part.base.span.end : part.op_span.start].strip() == "":
            base, whole = part.base.span, part.span
            inner = source[base.start : base.end].strip()
            rest = source[base.end : whole.end].strip()
            notes.append(
                say("{inner}{rest} is read from the left: ({inner}){rest}.", inner=inner, rest=rest)
            )
    return notes


# ---------------------------------------------------------------- sizes


def resolved(found: ShapesOf) -> dict[int, Shape]:
    """All shapes without unknown sizes; what stays unknown is given a name or refused."""
    scope, sizes = found.scope, found.sizes
    for name in scope.structures.keys() - scope.variables.keys():
        raise UnknownNameError(
            say("A structure is assumed of {name}, which is no variable.", name=name),
            kind="undefined_variable",
        )
    if not sizes.any_unknown:
        return found.shapes
    _adopt_slice_ends(found)
    scope.name_sizes()
    for variable in scope.variables.values():
        _check_sizes(variable, sizes.shape(variable.shape))
    shapes = {key: sizes.shape(shape) for key, shape in found.shapes.items()}
    for part in found.order:
        if any(is_unknown(size) for size in shapes[id(part)]):
            raise _undetermined(part, shapes[id(part)], scope.source)
        if id(part) in found.picks and isinstance(part, Call):
            _check_indices(part, found)
    return shapes


def _adopt_slice_ends(found: ShapesOf) -> None:
    """``x(2:n)`` with nothing else known of x: x has length n."""
    for part in reversed(found.order):
        if not isinstance(part, Call) or part.name not in found.scope.variables:
            continue
        shape = found.sizes.shape(found.scope.variables[part.name].shape)
        for size, pick in zip(shape, found.picks.get(id(part), ()), strict=False):
            free = size.is_name and is_unknown(size)
            if free and pick.stop is not None and pick.stop.is_name and pick.start is not ONE:
                found.sizes.same(size, pick.stop)


def _check_sizes(variable: Declared, shape: Shape) -> None:
    """Equations between sizes may leave a vector no room."""
    for before, size in zip(variable.shape, shape, strict=True):
        if before is not size and (size is ONE or not is_size(size)):
            raise ShapeError(
                say(
                    "The formula fits only if {name} has {size} entries along an axis.",
                    name=variable.name,
                    size=size,
                ),
                kind="dimension_mismatch",
            )


def _check_indices(part: Call, found: ShapesOf) -> None:
    """Indices are in range for the sizes found since they were read."""
    scope = found.scope
    variable = scope.variables.get(part.name)
    shape = found.shapes[id(scope.definitions[part.name])] if variable is None else variable.shape
    for pick, length in zip(found.picks[id(part)], found.sizes.shape(shape), strict=True):
        check_range(part.name, pick, length)


def _undetermined(part: Formula, shape: Shape, source: str) -> ShapeError:
    """The error for a constant whose size nothing in the formula determines."""
    text = source[part.span.start : part.span.end]
    if shape.is_vector:
        message = say("The length of {text} cannot be inferred; use ones(n).", text=text)
    else:
        instead = "eye(n)" if shape.rows is shape.cols else "ones(m,n)"
        message = say(
            "The size of {text} cannot be inferred; use {instead}.", text=text, instead=instead
        )
    return ShapeError(
        message,
        kind="ambiguous",
        span=part.name_span if isinstance(part, Call) else part.span,
    )


# ---------------------------------------------------------------- errors


def _with_hint(error: GradformError, scope: Scope) -> GradformError:
    """The error; where shapes were read from letters, it says so."""
    inferred = any(variable.inferred for variable in scope.variables.values())
    if inferred and error.hint is None and isinstance(error, ShapeError):
        error.hint = say(
            "Undeclared a-g are scalars, h-z column vectors, A-Z matrices; "
            "declare what is something else."
        )
    return error
