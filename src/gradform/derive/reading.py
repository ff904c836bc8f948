"""Formulas with their shapes, as questions name them.

One formula is read for every question about it: whether its value is a scalar, for each
variable, for its Hessian after its gradient. The last ones are therefore kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from gradform.formula.tree import Program
from gradform.syntax.elaborate import Elaborated, elaborate
from gradform.syntax.parser import parse_formula

__all__ = ["forget", "read"]

_MOST_KEPT = 8

Sizes: TypeAlias = Mapping[str, Sequence[str | int]]
Structures: TypeAlias = Mapping[str, str | Sequence[str]]
_Frozen: TypeAlias = tuple[tuple[str, Any], ...]


def read(
    source: str | Program,
    shapes: Sizes | None = None,
    assume: Structures | None = None,
    infer: bool | None = None,
    plain: Collection[str] = (),
) -> Elaborated:
    """The function of a text or a tree; see :func:`gradform.syntax.elaborate.elaborate`.

    Raises InputError, with the position in the text.
    """
    # What has no structure has independent entries already.
    independent = frozenset(plain).intersection(assume or ())
    if isinstance(source, str) and _is_plain(shapes) and _is_plain(assume):
        return _kept(source, _frozen(shapes), _frozen(assume), infer, independent)
    return _elaborated(source, shapes, assume, infer, independent)


def _elaborated(
    source: str | Program,
    shapes: Sizes | None,
    assume: Structures | None,
    infer: bool | None,
    plain: Collection[str],
) -> Elaborated:
    program = parse_formula(source) if isinstance(source, str) else source
    return elaborate(program, declared=shapes, assume=assume, infer=infer, plain=plain)


@lru_cache(maxsize=_MOST_KEPT)
def _kept(
    source: str,
    shapes: _Frozen | None,
    assume: _Frozen | None,
    infer: bool | None,
    plain: frozenset[str],
) -> Elaborated:
    declared = None if shapes is None else dict(shapes)
    structures = None if assume is None else dict(assume)
    return _elaborated(source, declared, structures, infer, plain)


def forget() -> None:
    """Read every formula anew."""
    _kept.cache_clear()


def _is_plain(given: Sizes | Structures | None) -> bool:
    """Whether equal keys mean the same: 2.0 is equal to 2, but no size."""
    values: list[object] = list(given or ())
    for each in (given or {}).values():
        values += [each] if isinstance(each, str) else each
    return all(type(value) in (str, int) for value in values)


def _frozen(given: Sizes | Structures | None) -> _Frozen | None:
    if given is None:
        return None
    return tuple(
        (name, each if isinstance(each, str) else tuple(each)) for name, each in given.items()
    )
