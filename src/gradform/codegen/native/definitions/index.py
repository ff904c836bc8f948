"""Indices as linear forms in the variables of loops."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.native.definitions.arrays import Affine
from gradform.records import record

__all__ = ["Index", "applied", "constant", "variable"]


@record
class Index:
    """``constant + Σ coefficient · variable``."""

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    def plus(self, other: Index) -> Index:
        merged = dict(self.terms)
        for name, coefficient in other.terms:
            merged[name] = merged.get(name, 0) + coefficient
        terms = tuple((name, c) for name, c in merged.items() if c)
        return Index(terms, self.constant + other.constant)

    def times(self, factor: int) -> Index:
        if not factor:
            return Index()
        return Index(tuple((n, c * factor) for n, c in self.terms), self.constant * factor)

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


def constant(value: int) -> Index:
    return Index((), value)


def applied(affine: Affine, indices: Sequence[Index]) -> Index:
    """An affine map of indices."""
    total = constant(affine.constant)
    for axis, coefficient in affine.terms:
        total = total.plus(indices[axis].times(coefficient))
    return total
