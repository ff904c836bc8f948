"""Indices as linear forms in the variables of loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from gradform.codegen.native.definitions.arrays import Affine
from gradform.records import record

__all__ = ["Index", "applied", "constant", "linear", "variable"]


@record
class Index:
    """``constant + Σ coefficient · variable``."""

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    def plus(self, other: Index) -> Index:
        return linear(0, ((self, 1), (other, 1)))

    def depends_on(self, name: str) -> bool:
        return any(term == name for term, _ in self.terms)

    @property
    def text(self) -> str:
        code = ""
        for name, c in self.terms:
            term = name if abs(c) == 1 else f"{name} * {abs(c)}"
            sign = "-" if c < 0 else "+"
            code += f" {sign} {term}" if code else ("-" if c < 0 else "") + term
        if not code:
            return str(self.constant)
        if self.constant:
            code += f" {'-' if self.constant < 0 else '+'} {abs(self.constant)}"
        return code


def variable(name: str) -> Index:
    return Index(((name, 1),))


@lru_cache(maxsize=1024)
def constant(value: int) -> Index:
    return Index((), value)


def linear(total: int, parts: Iterable[tuple[Index, int]]) -> Index:
    """``total + Σ factor · index``"""
    merged: dict[str, int] = {}
    for index, factor in parts:
        total += index.constant * factor
        for name, coefficient in index.terms:
            merged[name] = merged.get(name, 0) + coefficient * factor
    if not merged:
        return constant(total)
    return Index(tuple([(name, c) for name, c in merged.items() if c]), total)


def applied(affine: Affine, indices: Sequence[Index]) -> Index:
    """An affine map of indices."""
    return linear(affine.constant, [(indices[axis], c) for axis, c in affine.terms])
