"""Every function of the input language as a Python function that builds expressions.

``gf.norm2(A @ x)``, ``gf.softmax(X, axis=1)``, ``gf.eye("n")``. Axes count as in NumPy: 0
goes down the columns, 1 along the rows. Sizes are integers or names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from gradform.api.declarations import declared_size
from gradform.api.expression import Context, Expression, expression_of
from gradform.api.indexing import size_formula
from gradform.api.operators import Part
from gradform.errors import InputError, ShapeError
from gradform.formula.tree import Call, Formula, Name, Number
from gradform.functions import all_functions, lookup
from gradform.functions.record import Function
from gradform.functions.shapes import Shape, Unifier
from gradform.ir.dims import Dim
from gradform.language import say
from gradform.syntax.unknown import counts

__all__ = ["function", "function_names"]


def function_names() -> list[str]:
    """All spellings, in order of the reference page."""
    return [name for each in all_functions() for name in (each.name, *each.aliases)]


@cache
def function(name: str) -> Callable[..., Expression] | None:
    """The Python function of that name, or None."""
    record = lookup(name)
    if record is None:
        return None

    def call(*arguments: Any, **axis: Any) -> Expression:
        return _call(record, name, arguments, axis)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = record.formula
    return call


def _call(
    record: Function, name: str, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Expression:
    given = [*arguments]
    axis = keywords.pop("axis", None)
    if axis is not None and "axis?" in record.parameters:
        given.insert(record.parameters.index("axis?"), axis)
    elif axis is not None or keywords:
        unknown = next(iter(keywords), "axis")
        raise InputError(
            say("{name} has no argument '{unknown}'.", name=name, unknown=unknown), kind="arity"
        )
    if not record.accepts(len(given)):
        raise ShapeError(
            say(
                "{name} takes {takes} arguments, got {count}.",
                name=name,
                takes=counts(record),
                count=len(given),
            ),
            kind="arity",
            hint=record.arity_hint,
        )
    return _applied(record, name, given)


def _applied(record: Function, name: str, given: list[Any]) -> Expression:
    context = Context({}, {})
    trees: list[Formula] = []
    meanings: list[Shape | Dim | int | None] = []  # as shape rules take them
    for argument, kind in zip(given, record.kinds(len(given)), strict=True):
        if kind in ("expr", "condition"):
            expression = expression_of(argument)
            context = context.merged(expression.context)
            trees.append(expression.part.tree)
            meanings.append(expression.part.shape)
        elif kind == "dim":
            size = declared_size(argument)
            trees.append(size_formula(size))
            meanings.append(size)
        else:
            number = _axis(name, argument) if kind == "axis" else _whole(name, argument)
            trees.append(Number(Fraction(number)))
            meanings.append(number)
    tree = Call(name, tuple(trees)) if trees else Name(name)
    return Expression(Part(tree, _shape(record, name, meanings)), context)


def _axis(name: str, axis: object) -> int:
    """NumPy's axis 0 or 1 as the input language's 1 or 2."""
    if axis in (0, -2):
        return 1
    if axis in (1, -1):
        return 2
    raise InputError(
        say("{name}: the axis is 0 or 1, not {axis}.", name=name, axis=repr(axis)),
        kind="syntax",
        hint=say("axis 0 goes down the columns, axis 1 along the rows, as in NumPy"),
    )


def _whole(name: str, number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise InputError(
            say("{name} needs a whole number, not {number}.", name=name, number=repr(number)),
            kind="syntax",
        )
    return number


def _shape(
    record: Function, name: str, arguments: Sequence[Shape | Dim | int | None]
) -> Shape | None:
    """The shape of the value where it does not depend on the context."""
    if None in arguments:
        return None
    found = record.shape(Unifier(), name, arguments)
    depends = any(size.startswith("?") for axis in found for size in axis.names)
    return None if depends else found
