"""Sums of operators: what adds up within one structure is one term."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce

import numpy as np

from gradform.errors import ArrayError
from gradform.language import say
from gradform.linear_operators.arrays import Array, common_dtype
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.gram import Gram
from gradform.linear_operators.joined import joined
from gradform.linear_operators.kronecker import Kronecker
from gradform.linear_operators.low_rank import LowRank
from gradform.linear_operators.solving import sylvester_solved, woodbury_solved

__all__ = ["Sum", "added"]


class Sum(LinearOperator):
    """A + B + …, of terms of different structure."""

    def __init__(self, terms: Sequence[LinearOperator]) -> None:
        self.terms = tuple(terms)
        first = self.terms[0]
        super().__init__(first.rows, first.columns, common_dtype(*self.terms))

    def _times(self, x: Array) -> Array:
        return reduce(np.add, (term._times(x) for term in self.terms))

    @property
    def T(self) -> LinearOperator:
        return Sum([term.T for term in self.terms]).reshaped(self.columns, self.rows)

    @property
    def stored(self) -> int:
        return sum(term.stored for term in self.terms)

    @property
    def structure(self) -> str:
        texts = [term.structure for term in self.terms]
        first, *rest = sorted(texts, key=lambda text: text.startswith("-"))
        signed = (f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in rest)
        return first + "".join(signed)

    @property
    def is_symmetric(self) -> bool:
        return all(term.is_symmetric for term in self.terms) or self._is_mirrored

    @cached_property
    def _is_mirrored(self) -> bool:
        """Whether the terms that are not symmetric are transposes of one another."""
        others = [term for term in self.terms if not term.is_symmetric]
        if len(others) != 2 or self.shape[0] != self.shape[1]:
            return False
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.shape[1], 1)).astype(self.dtype)
        there, back = others[0]._times(x), others[1].T._times(x)
        return bool(np.allclose(there, back, rtol=1e-10, atol=0.0))

    def toarray(self) -> Array:
        return reduce(np.add, (term.toarray() for term in self.terms))

    def diagonal(self) -> Array:
        return reduce(np.add, (term.diagonal() for term in self.terms))

    def is_definite(self) -> bool:
        """By a definite matrix plus Gram matrices without negative weights, or as an array."""
        grams = [term for term in self.terms if isinstance(term, Gram) and term.is_semidefinite]
        others = [term for term in self.terms if not any(term is each for each in grams)]
        if grams and len(others) == 1 and others[0].is_definite():
            return True
        return super().is_definite()

    def _solved(self, b: Array) -> Array:
        """By Woodbury's formula, as a Sylvester equation, or with the matrix as an array."""
        low = [term for term in self.terms if isinstance(term, LowRank)]
        base = [term for term in self.terms if not isinstance(term, LowRank)]
        if low and base and sum(term.rank for term in low) < self.shape[0]:
            return woodbury_solved(added(base), low, b)
        if len(self.terms) == 2:
            left, right = self.terms
            if isinstance(left, Kronecker) and isinstance(right, Kronecker):
                found = sylvester_solved(left, right, b)
                if found is not None:
                    return found
        return super()._solved(b)

    def _scaled(self, factor: float) -> LinearOperator:
        return Sum([factor * term for term in self.terms])


def added(terms: Sequence[LinearOperator]) -> LinearOperator:
    """The sum, with terms of one structure made one."""
    flat: list[LinearOperator] = []
    for term in terms:
        flat.extend(term.terms if type(term) is Sum else [term])
    first = flat[0]
    nonzero = [each for each in flat if not each.is_empty]
    kept: list[LinearOperator] = []
    for term in nonzero or flat[:1]:
        if not _fit(term, first):
            raise ArrayError(
                say(
                    "Operators of shapes {left} and {right} cannot be added.",
                    left=first.shape,
                    right=term.shape,
                ),
                kind="array",
            )
        _put(kept, term)
    if len(kept) == 1:
        return kept[0].reshaped(first.rows, first.columns)
    return Sum([term.reshaped(first.rows, first.columns) for term in kept])


def _fit(left: LinearOperator, right: LinearOperator) -> bool:
    """Whether two operators are matrices of the same shape; most often they have equal axes."""
    equal = left.rows == right.rows and left.columns == right.columns
    return equal or left.shape == right.shape


def _put(kept: list[LinearOperator], term: LinearOperator) -> None:
    """Add a term to one that takes it, in its place; the result may fit another one."""
    place = len(kept)
    while True:
        for k, other in enumerate(kept):
            together = joined(other, term)
            if together is not None:
                del kept[k]
                term, place = together, min(place, k)
                break
        else:
            kept.insert(place, term)
            return
