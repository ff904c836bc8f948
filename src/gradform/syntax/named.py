"""The variables that a formula names, also where it is not well formed: what can be declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gradform.errors import GradformError
from gradform.formula.tree import Call, Formula, Name, Program, children
from gradform.functions.record import lookup
from gradform.functions.shapes import Shape
from gradform.syntax.declare import declare, structures_of
from gradform.syntax.scope import Access, Scope

__all__ = ["named_variables"]


def named_variables(
    program: Program,
    declared: Mapping[str, Sequence[str | int]],
    assume: Mapping[str, Sequence[str]],
) -> dict[str, Shape | None]:
    """The variables in reading order, each with the shape that it is declared with or that its
    letter gives; None for words, which have no shape before they are declared.

    Raises InputError for declarations that are none.
    """
    structures = structures_of(assume)
    scope = Scope(program, declare(declared, structures), structures, infer=True)
    scope.definitions |= {each.name: each.value for each in program.definitions}
    named = dict.fromkeys(part.name for part in _parts(program) if _may_be_variable(scope, part))
    scope.name_sizes()
    shapes = {name: scope.sizes.shape(each.shape) for name, each in scope.variables.items()}
    return {name: shapes.get(name) for name in named}


def _parts(program: Program) -> Iterator[Name | Call]:
    """All names and calls as they are read."""
    roots: list[Formula] = [*(each.value for each in program.definitions), program.body]
    pending = roots[::-1]
    while pending:
        part = pending.pop()
        if isinstance(part, Name | Call):
            yield part
        pending.extend(reversed(children(part)))


def _may_be_variable(scope: Scope, part: Name | Call) -> bool:
    """Whether it is one, which its letter may make it here, or means nothing yet."""
    try:
        if isinstance(part, Name):
            scope.meaning(part)
        elif not isinstance(scope.callee(part), Access):
            return False
    except GradformError:
        return isinstance(part, Name) and lookup(part.name) is None
    return part.name in scope.variables
