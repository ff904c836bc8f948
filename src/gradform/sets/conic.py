"""The nearest element by a conic solver (Clarabel).

The solver's answer is only a proposal: the elements of the simplest parts are moved into
their sets by formula and put together again, and what comes out is judged like any other.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy import sparse

from gradform.sets.atoms import nearest_in_part
from gradform.sets.entries import Array
from gradform.sets.oracle import Oracle
from gradform.sets.program import ONE, Element, Expression, Program, added, scaled
from gradform.sets.witness import Witness, combination

__all__ = ["nearest_by_cones"]

_SMALLEST_WEIGHT = 1e-11


@cache
def _solver() -> Any:
    """The solver's module, None where it is not installed."""
    try:
        return importlib.import_module("clarabel")
    except ImportError:
        return None


def nearest_by_cones(s: Oracle, g: Array) -> Witness | None:
    """The element proposed by the solver; None where it is not installed or fails."""
    if _solver() is None:
        return None
    program = Program()
    entries = program.element(s, ONE)
    (root,) = program.elements
    away = program.new(s.dim)
    program.zero += [
        added([r, scaled(-1, e), {0: float(v)}]) for r, e, v in zip(away, entries, g, strict=True)
    ]
    values = _solved(program, [next(iter(r)) for r in away])
    return None if values is None else _rebuilt(root, values)


def _solved(program: Program, squared: list[int]) -> Array | None:
    """Values of the variables (1 first) where the sum of squares of some is least."""
    clarabel = _solver()
    rows, cones = _cone_rows(program, clarabel)
    columns = program.variables
    at = [(i, v, float(c)) for i, row in enumerate(rows) for v, c in row.items()]
    matrix = sparse.csc_array(
        ([-c for _, _, c in at], ([i for i, _, _ in at], [v for _, v, _ in at])),
        shape=(len(rows), columns),
    )
    diagonal = np.zeros(columns - 1)
    diagonal[np.array(squared) - 1] = 1.0
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    for name in ("tol_gap_abs", "tol_gap_rel", "tol_feas"):
        setattr(settings, name, 1e-13)
    problem = clarabel.DefaultSolver(
        sparse.csc_matrix(sparse.diags(diagonal)),
        np.zeros(columns - 1),
        sparse.csc_matrix(matrix[:, 1:]),
        -matrix[:, [0]].toarray().ravel(),
        cones,
        settings,
    )
    found = np.array(problem.solve().x)
    return np.concatenate([[1.0], found]) if np.isfinite(found).all() else None


def _cone_rows(program: Program, clarabel: Any) -> tuple[list[Expression], list[Any]]:
    """Expressions, and the cones they have to lie in, one after another."""
    rows = [*program.zero, *program.nonnegative]
    cones = [clarabel.ZeroConeT(len(program.zero))]
    if program.nonnegative:
        cones.append(clarabel.NonnegativeConeT(len(program.nonnegative)))
    for vector in program.second_order:
        rows += vector
        cones.append(clarabel.SecondOrderConeT(len(vector)))
    for symmetric in program.semidefinite:
        rows += _upper_triangle(symmetric)
        cones.append(clarabel.PSDTriangleConeT(len(symmetric)))
    return rows, cones


def _upper_triangle(symmetric: Sequence[Sequence[Expression]]) -> Iterator[Expression]:
    """Columns of the upper triangle, off the diagonal times √2 so that products agree."""
    for j in range(len(symmetric)):
        for i in range(j + 1):
            yield scaled(1.0 if i == j else math.sqrt(2.0), symmetric[i][j])


def _value(expression: Expression, values: Array) -> float:
    return float(sum(float(c) * values[v] for v, c in expression.items()))


def _rebuilt(element: Element[Oracle], values: Array) -> Witness:
    """The element with its simplest parts moved into their sets."""
    weight = 1.0 if element.weight is ONE else max(0.0, _value(element.weight, values))
    if weight <= _SMALLEST_WEIGHT:
        return _vanished(element)
    if element.parts:
        found = element.set.rebuilt(tuple(_rebuilt(part, values) for part in element.parts))
    else:
        vector = np.array([_value(entry, values) for entry in element.entries])
        found = nearest_in_part(element.set, vector / weight)
    return combination([weight / found.weight], [found])


def _vanished(element: Element[Oracle]) -> Witness:
    """Share 0 of a part."""
    zero = np.zeros(len(element.entries))
    return Witness(zero, 0.0, tuple(_vanished(part) for part in element.parts))
