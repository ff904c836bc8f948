"""One line of the comparison: a function, the quantity that is computed, a size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

__all__ = ["Arrays", "Family", "Row"]

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """A function in every spelling that takes part.

    formula     in the input language, with ``shapes`` and ``assume``
    wrt         the variables of differentiation
    quantity    ``gradient``, ``hessian``, ``hvp`` or ``jacobian``
    sizes       three assignments, small to large
    inputs      arrays for an assignment
    traced      the function as one writes it for automatic differentiation: ``(xp, arrays)``
                with the names of NumPy in ``xp``
    by_hand     the derivative as an expert writes it with NumPy: ``(arrays) -> array or tuple``
    gemm_bound  products of large matrices take nearly all the time, whoever makes them
    structured  whether the structure of the result can be kept (``dense=False``)
    tiny        the time is that of the call: programs are called by their fastest way
    by_coloring the peers' way to a banded Hessian: ``(product, np, arrays)``, from products
                with a few vectors
    """

    name: str
    formula: str
    shapes: Mapping[str, tuple[Any, ...]]
    wrt: tuple[str, ...]
    quantity: str
    sizes: tuple[Mapping[str, int], ...]
    inputs: Callable[[Mapping[str, int], np.random.Generator], Arrays]
    traced: Callable[[Any, Arrays], Any]
    by_hand: Callable[[Arrays], Any]
    assume: Mapping[str, str] = field(default_factory=dict)
    gemm_bound: bool = False
    structured: bool = False
    tiny: bool = False
    by_coloring: Callable[[Any, Any, Arrays], Any] | None = None


@dataclass(frozen=True)
class Row:
    """A family at one size."""

    family: Family
    size: Mapping[str, int]

    @property
    def title(self) -> str:
        sizes = ", ".join(f"{name}={value}" for name, value in self.size.items())
        return f"{self.family.name}, {sizes}" if sizes else self.family.name

    def inputs(self) -> Arrays:
        """The same arrays for everybody: where they lie in memory moves times by half."""
        return dict(self._inputs)

    @cached_property
    def _inputs(self) -> Arrays:
        return self.family.inputs(self.size, np.random.default_rng(7))
