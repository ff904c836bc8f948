"""Symbolic dimensions: integer polynomials in named sizes, interned.

``n``, ``3``, ``n - 1``, ``m*n`` and ``m + p`` are dimensions. Two equal
polynomials are one object, so ``is`` compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

__all__ = ["ONE", "ZERO_DIM", "Dim", "dim"]

Monomial = tuple[str, ...]

_interned: dict[tuple[tuple[Monomial, int], ...], Dim] = {}


class Dim:
    """An integer polynomial in size ``names``: ``terms`` maps monomials to coefficients."""

    __slots__ = ("hash", "name", "names", "terms")

    terms: tuple[tuple[Monomial, int], ...]
    name: str
    names: frozenset[str]
    hash: int

    @staticmethod
    def of(terms: Iterable[tuple[Monomial, int]]) -> Dim:
        merged: dict[Monomial, int] = {}
        for monomial, coefficient in terms:
            merged[monomial] = merged.get(monomial, 0) + coefficient
        key = tuple(sorted((m, c) for m, c in merged.items() if c))
        found = _interned.get(key)
        if found is None:
            found = Dim()
            found.terms = key
            found.name = _write(key)
            found.names = frozenset(name for monomial, _ in key for name in monomial)
            found.hash = stable_text_hash(found.name)
            _interned[key] = found
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return Dim.of, (self.terms,)

    @property
    def value(self) -> int | None:
        """The integer, or None when the dimension is symbolic."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @property
    def is_name(self) -> bool:
        """True for a single size name such as ``n``."""
        return len(self.terms) == 1 and len(self.terms[0][0]) == 1 and self.terms[0][1] == 1

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The integer value under ``sizes``; KeyError for a size not given."""
        total = 0
        for monomial, coefficient in self.terms:
            for name in monomial:
                coefficient *= sizes[name]
            total += coefficient
        return total

    def substitute(self, sizes: Mapping[str, Dim]) -> Dim:
        """Replace size names by dimensions."""
        if not any(name in sizes for monomial, _ in self.terms for name in monomial):
            return self
        total = dim(0)
        for monomial, coefficient in self.terms:
            product = dim(coefficient)
            for name in monomial:
                product = product * sizes.get(name, dim(name))
            total = total + product
        return total

    def __add__(self, other: Dim | int) -> Dim:
        added = dim(other).terms
        return Dim.of((*self.terms, *added)) if added else self

    def __sub__(self, other: Dim | int) -> Dim:
        removed = dim(other).terms
        return Dim.of((*self.terms, *((m, -c) for m, c in removed))) if removed else self

    def __mul__(self, other: Dim | int) -> Dim:
        return Dim.of(
            (tuple(sorted(left + right)), a * b)
            for left, a in self.terms
            for right, b in dim(other).terms
        )

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Dim({self.name})"

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other


def _write(terms: tuple[tuple[Monomial, int], ...]) -> str:
    """``m+n-1``: names first, the constant last."""
    text = ""
    for monomial, coefficient in sorted(terms, key=lambda term: (not term[0], term[1] < 0, term)):
        names = "*".join(monomial)
        size = abs(coefficient)
        word = names if names and size == 1 else f"{size}*{names}" if names else str(size)
        text += ("-" if coefficient < 0 else "+" if text else "") + word
    return text or "0"


def stable_text_hash(text: str) -> int:
    """A hash of a word that is the same in every process (unlike ``hash(str)``)."""
    return hash(tuple(map(ord, text)))


def dim(value: Dim | int | str) -> Dim:
    """The dimension for an integer or a size name."""
    return value if isinstance(value, Dim) else _simple(value)


@lru_cache(maxsize=1024)
def _simple(value: int | str) -> Dim:
    if isinstance(value, int):
        return Dim.of((((), value),))
    return Dim.of((((value,), 1),))


ZERO_DIM = dim(0)
ONE = dim(1)
