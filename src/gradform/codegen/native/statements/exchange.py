"""Whether an expression is the same under other indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gradform.codegen.native.definitions.arrays import Affine, Combination, Monomial, Move
from gradform.codegen.native.definitions.index import Index, applied
from gradform.codegen.native.statements.context import Context

__all__ = ["Terms", "stays"]

# Coefficients and arrays of a sum; None where an array is its own definition.
Terms: TypeAlias = Sequence[tuple[float, int]] | None


def stays(
    context: Context,
    array: int,
    terms: Terms,
    indices: Sequence[Index],
    others: Sequence[Index],
) -> bool:
    """Whether the entries under both indices are one expression, but for the order in sums
    and products.
    """
    forms = []
    for each in (indices, others):
        if terms is None:
            forms.append(_defined(context, array, each))
        else:
            parts = [f"{factor!r}*{_entry(context, term, each)}" for factor, term in terms]
            forms.append(_in_order("+", parts))
    return forms[0] == forms[1]


def _entry(context: Context, array: int, indices: Sequence[Index]) -> str:
    """An entry as text, equal for equal entries."""
    place = context.places.get(array)
    if not context.arrays[array].shape:
        return f"a{array}"
    if place is None:
        return _defined(context, array, indices)
    return f"a{array}[{_index(place.offset(indices))}]"


def _defined(context: Context, array: int, indices: Sequence[Index]) -> str:
    definition = context.arrays[array]
    match definition.kind:
        case Move(maps, equal, least):
            inner = [applied(each, indices) for each in maps]
            entry = _entry(context, definition.arguments[0], inner)
            if definition.kind.everywhere:
                return entry
            return f"({entry} if {_tests(equal, indices)}=0 {_tests(least, indices)}>=0)"
        case Combination(factors):
            return _in_order("+", _weighted(context, array, factors, indices))
        case Monomial(coefficient, powers):
            product = _in_order("*", _weighted(context, array, powers, indices))
            return f"{coefficient!r}*{product}"
        case kind:
            parts = [_entry(context, part, indices) for part in definition.arguments]
            return f"{kind!r}({', '.join(parts)})"


def _weighted(
    context: Context, array: int, weights: Sequence[float], indices: Sequence[Index]
) -> list[str]:
    """Terms with their coefficients, or factors with their powers."""
    arguments = context.arrays[array].arguments
    return [
        f"{weight!r}:{_entry(context, part, indices)}"
        for weight, part in zip(weights, arguments, strict=True)
    ]


def _in_order(operator: str, parts: Sequence[str]) -> str:
    return f"({operator.join(sorted(parts))})"


def _tests(forms: Sequence[Affine], indices: Sequence[Index]) -> str:
    return ",".join(_index(applied(form, indices)) for form in forms)


def _index(index: Index) -> str:
    return f"{sorted(index.terms)}{index.constant:+d}"
