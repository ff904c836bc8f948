"""Which sizes the shapes of arrays tell: n by an axis of n, p by one of 2n + p once n is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from gradform.ir.dims import Dim, dim

__all__ = ["Telling", "sizes_told", "tellings"]

_Axes: TypeAlias = Sequence[Dim]


class Telling(NamedTuple):
    """``size`` = (length of the axis - ``rest``)/``coefficient``, with ``rest`` known by then."""

    size: str
    axis: int
    coefficient: int
    rest: Dim


def tellings(axes: _Axes, known: Iterable[str]) -> list[Telling] | None:
    """How the shape of one array tells its sizes, in order; None where it does not tell all."""
    bound, found = set(known), list[Telling]()
    while any(axis.names - bound for axis in axes):
        telling = next((t for k, axis in enumerate(axes) if (t := _telling(k, axis, bound))), None)
        if telling is None:
            return None
        found.append(telling)
        bound.add(telling.size)
    return found


def _telling(place: int, axis: Dim, known: set[str]) -> Telling | None:
    """By an axis c·s + rest with s, its only unknown size, nowhere else in it."""
    unknown = axis.names - known
    if len(unknown) != 1:
        return None
    (size,) = unknown
    coefficient = next((c for monomial, c in axis.terms if monomial == (size,)), 0)
    rest = axis - dim(size) * coefficient
    return None if size in rest.names else Telling(size, place, coefficient, rest)


def sizes_told(arrays: Iterable[_Axes]) -> tuple[set[str], set[str]]:
    """The sizes that some arrays tell, each from what others told before it, and those that
    have to be known for that."""
    told, asked = set[str](), set[str]()
    pending = list(arrays)
    while pending:
        axes = next((a for a in pending if tellings(a, told | asked) is not None), None)
        if axes is None:
            alone = {axis.name for axis in pending[0] if axis.is_name}
            asked |= _names(pending[0]) - alone - told
            continue
        pending.remove(axes)
        told |= _names(axes) - asked
    return told, asked


def _names(axes: _Axes) -> set[str]:
    return {name for axis in axes for name in axis.names}
