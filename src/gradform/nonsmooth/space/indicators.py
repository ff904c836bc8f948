"""Normal cones: the subdifferentials of indicator functions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gradform.errors import CannotError
from gradform.functions import Function
from gradform.language import say
from gradform.nonsmooth.space import spectra
from gradform.nonsmooth.space.arithmetic import matrix_product, scaled, total_of
from gradform.nonsmooth.space.changes import Supported
from gradform.nonsmooth.space.entries import Context, spread
from gradform.nonsmooth.space.exactly import Exact
from gradform.nonsmooth.space.model import Model
from gradform.sets import Box, Cone, ConvexSet, Point, PsdShift, Sandwich, subspace, whole_space

__all__ = ["INDICATORS", "Outside", "RoundCone"]

_Model: TypeAlias = Callable[[Context, Function, list[Model], list[int]], Model]


class RoundCone(Cone):
    """The ray of outer normals at the border of a strictly convex set."""

    def simplified(self) -> ConvexSet:
        return Cone(self.dim, self.generators).simplified()


class Outside(CannotError):
    """The point is outside of the domain, so there are no subgradients."""

    def __init__(self, name: str) -> None:
        super().__init__(say("{name} is infinite at the point", name=name), kind="outside_domain")


def _wrapped(cone: Callable[[list[Model], str], ConvexSet]) -> _Model:
    """The model of an indicator function of its first argument."""

    def model(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
        x = models[0]
        if any(not other.is_constant for other in models[1:]):
            raise CannotError(
                say("{name} with a set that varies is not supported.", name=record.name),
                kind="unsupported",
            )
        found = cone(models, record.name)
        change = None
        if x.change is not None and not isinstance(found, Point):
            change = Supported(found, x.change)
        elif x.change is not None:
            change = None
        zero = Exact.scalar(0)
        return Model(np.zeros((1, 1)), 0.0, change, lambda: zero, x.ties)

    return model


def _less(left: Model, right: Model) -> npt.NDArray[np.int8]:
    """Signs of right - left."""
    return right.minus(left).signs()


def _interval_cones(
    below: npt.NDArray[np.int8], above: npt.NDArray[np.int8], name: str
) -> ConvexSet:
    """Per entry: inside {0}, at the lower end (-inf, 0], at the upper end [0, inf)."""
    if (below < 0).any() or (above < 0).any():
        raise Outside(name)
    low = np.where(below == 0, -np.inf, 0.0)
    high = np.where(above == 0, np.inf, 0.0)
    if not np.isinf(low).any() and not np.isinf(high).any():
        return Point([0] * low.size)
    return Box(low, high)


def _nonneg(models: list[Model], name: str) -> ConvexSet:
    (x,) = models
    return _interval_cones(x.signs(), np.ones(x.size, dtype=np.int8), name)


def _box(models: list[Model], name: str) -> ConvexSet:
    x, low, high = spread(models)
    return _interval_cones(_bounded(low, x), _bounded(x, high), name)


def _bounded(left: Model, right: Model) -> npt.NDArray[np.int8]:
    """Signs of right - left where both may be infinite."""
    finite = np.isfinite(np.asarray(left.value)) & np.isfinite(np.asarray(right.value))
    if finite.all():
        return _less(left, right)
    with np.errstate(all="ignore"):
        plain = np.sign(np.asarray(right.value) - np.asarray(left.value))
    gap = np.where(finite, np.asarray(right.value) - np.asarray(left.value), plain)
    return np.asarray(np.sign(gap).astype(np.int8).ravel())


def _simplex(models: list[Model], name: str) -> ConvexSet:
    (x,) = models
    total = Model(
        np.array([[float(np.asarray(x.value).sum()) - 1.0]]),
        x.size * x.error + 1e-15 * x.size,
        None,
        lambda: None if x.exact is None else x.exact.total() - Exact.scalar(1),
        x.ties,
    )
    signs = x.signs()
    if int(total.signs()[0]) != 0 or (signs < 0).any():
        raise Outside(name)
    rows = []
    for place in np.flatnonzero(signs == 0):
        row = [0] * x.size
        row[place] = -1
        rows.append(row)
    return Cone(x.size, rows, [[1] * x.size])


def _ball2(models: list[Model], name: str) -> ConvexSet:
    x, radius = models
    squares = float(np.asarray(x.value).ravel() @ np.asarray(x.value).ravel())
    r = radius.number
    gap = Model(
        np.array([[r * r - squares]]),
        4 * (abs(r) + squares**0.5 + 1) * (x.error * x.size + radius.error)
        + 1e-15 * x.size * squares,
        None,
        lambda: (
            None
            if x.exact is None or radius.exact is None
            else radius.exact * radius.exact - (x.exact * x.exact).total()
        ),
        x.ties,
    )
    sign = int(gap.signs()[0])
    if sign < 0 or r < 0:
        raise Outside(name)
    if sign > 0:
        return Point([0] * x.size)
    if r == 0:
        return whole_space(x.size)
    return RoundCone(x.size, [x.flat.tolist()])


def _ball1(models: list[Model], name: str) -> ConvexSet:
    x, radius = models
    gap = Model(
        np.array([[radius.number - float(np.abs(x.value).sum())]]),
        x.size * (x.error + 1e-15 * max(1.0, float(np.abs(x.value).max()))),
        None,
        lambda: (
            None if x.exact is None or radius.exact is None else radius.exact - abs(x.exact).total()
        ),
        x.ties,
    )
    sign = int(gap.signs()[0])
    if sign < 0:
        raise Outside(name)
    if sign > 0:
        return Point([0] * x.size)
    signs = x.signs()
    if not signs.any():
        return whole_space(x.size)
    free = np.flatnonzero(signs == 0)
    if free.size > 8:
        raise CannotError(say("This normal cone has too many edges."), kind="too_large")
    rows = []
    for choice in product((-1, 1), repeat=free.size):
        row = signs.astype(int)
        row[free] = choice
        rows.append(row.tolist())
    return Cone(x.size, rows)


def _psd(models: list[Model], name: str) -> ConvexSet:
    (x,) = models
    groups = spectra.eigenvalue_groups(x)
    n = x.shape[0]
    values, vectors = groups.values, groups.vectors
    null = groups.zero
    if (values[~null] < 0).any():
        raise Outside(name)
    count = int(null.sum())
    if count == 0:
        return Point([0] * (n * n))
    inner = PsdShift(count, -1, np.zeros((count, count), dtype=int).tolist())
    if count == n:
        return inner
    basis = vectors[:, null]
    return Sandwich(basis, inner, basis.T)


def _affine(models: list[Model], name: str) -> ConvexSet:
    x, matrix, right = models
    gap = total_of([matrix_product(matrix, x), scaled(Fraction(-1), right)])
    if gap.signs().any():
        raise Outside(name)
    return subspace(np.asarray(matrix.value))


INDICATORS: dict[str, _Model] = {
    "ind_nonneg": _wrapped(_nonneg),
    "ind_box": _wrapped(_box),
    "ind_simplex": _wrapped(_simplex),
    "ind_ball2": _wrapped(_ball2),
    "ind_ball1": _wrapped(_ball1),
    "ind_psd": _wrapped(_psd),
    "ind_affine": _wrapped(_affine),
}
