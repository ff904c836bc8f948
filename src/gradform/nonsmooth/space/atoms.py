"""The atoms: functions of whole arrays, with their subdifferentials at a point.

Each entry of ``ATOMS`` makes the model of one function from the models of its arguments. The
set is that of the function alone; what stands inside is left to the chain rule.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gradform.errors import CannotError, InputError
from gradform.exact import Real
from gradform.functions import Function, lookup
from gradform.language import say
from gradform.nonsmooth.space import indicators, spectra
from gradform.nonsmooth.space.arithmetic import (
    below,
    matrix_product,
    scaled,
    times,
    total_of,
    transposed,
)
from gradform.nonsmooth.space.changes import (
    Array,
    Bent,
    Change,
    Largest,
    Supported,
    added,
    mapped,
)
from gradform.nonsmooth.space.entries import Context, entrywise_model, raised, spread
from gradform.nonsmooth.space.exactly import Exact
from gradform.nonsmooth.space.model import ROUNDING, Model, picked
from gradform.sets import Affine, Ball, Box, ConvexSet, Hull, Hypersimplex, Point, Product

__all__ = ["ATOMS", "NONNEGATIVE", "Atom"]

Atom: TypeAlias = Callable[[Context, Function, list[Model], list[int]], Model]
_Local: TypeAlias = Callable[[Model, list[int]], "ConvexSet | Array"]


def _value(record: Function, models: list[Model], numbers: list[int]) -> Array:
    assert record.evaluate is not None
    with np.errstate(all="ignore"):
        found = record.evaluate(np, *(np.asarray(m.value) for m in models), *numbers)
    value = np.asarray(np.real(found), dtype=np.float64).reshape(1, 1)
    if not np.isfinite(value).all():
        raise InputError(
            say("{name} has no finite value at this point.", name=record.name), kind="undefined"
        )
    return value


def supported(u: Model, local: ConvexSet | Array) -> Change | None:
    """The change of a convex function of u with this subdifferential."""
    if u.change is None:
        return None
    if isinstance(local, Point):
        local = local.v
    if isinstance(local, ConvexSet):
        return Supported(local, u.change)
    return mapped(np.asarray(local).reshape(1, -1), u.change)


def _atom(local: _Local, exact: Callable[[Model, list[int]], Exact | None], sign: int = 1) -> Atom:
    """sign·(a convex function) of one array, by the subdifferential of the convex one."""

    def model(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
        (u,) = models
        value = _value(record, models, numbers)
        change = None if u.change is None else supported(u, local(u, numbers))
        if sign < 0 and change is not None:
            change = mapped(np.array([[-1.0]]), change)
        error = 4 * u.size * u.error + 4 * ROUNDING * u.size * max(1.0, abs(float(value[0, 0])))
        if u.error == 0.0 and value[0, 0] == np.rint(value[0, 0]):
            error = ROUNDING * abs(float(value[0, 0]))
        return Model(value, error, change, lambda: exact(u, numbers), u.ties)

    return model


# ---------------------------------------------------------------- norms


def _norm1(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    (u,) = models
    signs = u.signs().astype(np.float64)
    value = _value(record, models, numbers)
    change: Change | None = None
    if u.change is not None:
        if (signs != 0).all():
            change = mapped(signs.reshape(1, -1), u.change)
        else:
            bend = Bent(
                u.change, np.where(signs == 0, -1.0, signs), np.where(signs == 0, 1.0, signs)
            )
            change = mapped(np.ones((1, u.size)), bend)

    def exact() -> Exact | None:
        return None if u.exact is None else abs(u.exact).total()

    error = u.size * u.error + 4 * ROUNDING * float(value[0, 0])
    return Model(value, error, change, exact, u.ties)


def _norm2_exact(u: Model, numbers: list[int]) -> Exact | None:
    if u.exact is None:
        return None
    squares = (u.exact * u.exact).total()
    return squares.applied(lambda v: v ** Fraction(1, 2))


def _norm2(u: Model, numbers: list[int]) -> ConvexSet | Array:
    surely = np.abs(u.flat) > max(u.error, u.ties.tolerance)
    if not surely.any() and not u.signs().any():
        if u.size == 1:
            return Box([-1], [1])
        return Ball("l2", [0] * u.size if u.size < 1000 else np.zeros(u.size), 1)
    return np.asarray(u.flat / np.linalg.norm(u.flat))


def _tied(u: Model, values: Array, exact: Exact | None, to: int) -> npt.NDArray[np.bool_]:
    """Which entries are equal to entry ``to``."""
    shape = values.shape
    here = Model(values, u.error, None, lambda: exact, u.ties)
    other = picked(here, np.full(values.size, to), shape)
    return np.asarray(here.minus(other).signs() == 0)


def _argmax(u: Model, values: Array, exact: Exact | None) -> npt.NDArray[np.bool_]:
    return _tied(u, values, exact, int(np.argmax(values.ravel())))


def _units(
    places: npt.NDArray[np.int64], size: int, signs: Array | None = None
) -> ConvexSet | Array:
    """conv of unit vectors."""
    rows = [[0] * size for _ in places]
    for row, place in zip(rows, places, strict=True):
        row[place] = 1 if signs is None else int(signs[place])
    return np.array(rows[0], dtype=np.float64) if len(rows) == 1 else Hull(rows)


def _norminf(u: Model, numbers: list[int]) -> ConvexSet | Array:
    signs = u.signs().astype(np.float64)
    if not signs.any():
        return Ball("l1", [0] * u.size, 1)
    exact = None if u.exact is None else abs(u.exact)
    top = _argmax(u, np.abs(np.asarray(u.value)), exact)
    return _units(np.flatnonzero(top), u.size, signs)


def _largest_exact(of: Callable[[Exact], Exact]) -> Callable[[Model, list[int]], Exact | None]:
    def exact(u: Model, numbers: list[int]) -> Exact | None:
        if u.exact is None:
            return None
        values = of(u.exact)
        rationals = values.fractions()
        if rationals is not None:
            return Exact.scalar(max(rationals))
        return Exact.scalar(max(Real.of(v) for v in values.as_reals().ravel()))

    return exact


def _max(u: Model, numbers: list[int]) -> ConvexSet | Array:
    return _units(np.flatnonzero(_argmax(u, np.asarray(u.value), u.exact)), u.size)


def _negated(u: Model) -> Model:
    return scaled(Fraction(-1), u)


def _minus_min(u: Model, numbers: list[int]) -> ConvexSet | Array:
    """-min(u) = max(-u)"""
    turned = _negated(u)
    places = np.flatnonzero(_argmax(turned, np.asarray(turned.value), turned.exact))
    return _units(places, u.size, np.full(u.size, -1.0))


def _extreme(sign: int) -> Atom:
    of_array = (
        _atom(_max, _largest_exact(lambda e: e))
        if sign > 0
        else _atom(_minus_min, _smallest_exact, -1)
    )

    def model(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
        if len(models) == 1:
            if numbers:
                return _along_axis(of_array, context, record, models[0], numbers[0])
            return of_array(context, record, models, numbers)
        return largest_of([scaled(Fraction(sign), m) for m in spread(models)], sign)

    return model


def _smallest_exact(u: Model, numbers: list[int]) -> Exact | None:
    found = _largest_exact(lambda e: -e)(u, numbers)
    return None if found is None else -found


def _by_lines(atom: Atom) -> Atom:
    """A function of one array, or of each of its lines along an axis."""

    def model(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
        if numbers:
            return _along_axis(atom, context, record, models[0], numbers[0])
        return atom(context, record, models, numbers)

    return model


def _along_axis(atom: Atom, context: Context, record: Function, u: Model, axis: int) -> Model:
    rows, columns = u.shape
    grid = np.arange(u.size).reshape(rows, columns)
    lines = grid.T if axis == 1 else grid
    parts = [atom(context, record, [picked(u, line.copy(), (line.size, 1))], []) for line in lines]
    found = below(parts)
    return transposed(found) if axis == 1 else found


def largest_of(models: list[Model], sign: int = 1) -> Model:
    """sign·max of arrays, entry by entry."""
    shape = models[0].shape
    values = np.stack([np.asarray(m.value).ravel() for m in models])
    best = values.argmax(axis=0)
    active = np.zeros(values.shape, dtype=bool)
    at = np.arange(values.shape[1])
    active[best, at] = True
    for k, model in enumerate(models):
        for top in np.unique(best):
            if top == k:
                continue
            rows = np.flatnonzero((best == top) & ~active[k])
            if not rows.size:
                continue
            gap = picked(models[top], rows, (rows.size, 1)).minus(
                picked(model, rows, (rows.size, 1))
            )
            active[k, rows] = gap.signs() == 0

    def exact() -> Exact | None:
        known = [m.exact for m in models]
        found = []
        for i in range(models[0].size):
            each = known[best[i]]
            if each is None:
                return None
            found.append(_entry(each, i))
        if len(found) == 1:
            return found[0] if sign > 0 else -found[0]
        if any(e.reals is not None for e in found):
            total = Exact.of_reals([e.real() for e in found], shape)
        else:
            total = Exact.of_rationals([(e.fractions() or [Fraction(0)])[0] for e in found], shape)
        return total if sign > 0 else -total

    value = sign * values.max(axis=0).reshape(shape)
    change: Change | None = None
    if any(m.change is not None for m in models):
        changes = [_or_zero(m, models) for m in models]
        used = [k for k in range(len(models)) if active[k].any()]
        change = _chosen([changes[k] for k in used], active[used])
        if sign < 0:
            change = mapped(-np.eye(change.size), change)
    return Model(value, max(m.error for m in models), change, exact, models[0].ties)


def _entry(exact: Exact, place: int) -> Exact:
    return exact.mapped(lambda n: n.ravel()[place : place + 1].reshape(1, 1))


def _chosen(changes: list[Change], active: npt.NDArray[np.bool_]) -> Change:
    """The largest of the active; linear parts where no entry has a tie."""
    if len(changes) == 1:
        return changes[0]
    if (active.sum(axis=0) == 1).all():
        return added(
            [mapped(np.diag(a.astype(np.float64)), c) for a, c in zip(active, changes, strict=True)]
        )
    return Largest(changes, active)


def _or_zero(model: Model, models: list[Model]) -> Change:
    if model.change is not None:
        return model.change
    other = next(m.change for m in models if m.change is not None)
    return mapped(np.zeros((model.size, other.size)), other)


# ---------------------------------------------------------------- order


def _sum_largest(u: Model, numbers: list[int]) -> ConvexSet | Array:
    (k,) = numbers
    values = u.flat
    order = np.argsort(-values, kind="stable")
    tied = _tied(u, np.asarray(u.value), u.exact, int(order[k - 1]))
    above = np.zeros(u.size, dtype=bool)
    above[order[:k]] = True
    above &= ~tied
    whole = above.astype(int)
    left, places = k - int(above.sum()), np.flatnonzero(tied)
    if left == places.size:
        return np.asarray((whole + tied).astype(np.float64))
    if places.size == u.size:
        return Hypersimplex(u.size, left)
    matrix = np.zeros((u.size, places.size), dtype=int)
    matrix[places, np.arange(places.size)] = 1
    inner: ConvexSet = Hypersimplex(places.size, left)
    if left == 1:
        inner = Hull(np.eye(places.size, dtype=int).tolist())
    return Affine(matrix.tolist(), inner, whole.tolist()).simplified()


def _sum_largest_exact(u: Model, numbers: list[int]) -> Exact | None:
    if u.exact is None:
        return None
    rationals = u.exact.fractions()
    if rationals is not None:
        return Exact.scalar(sum(sorted(rationals)[-numbers[0] :], Fraction(0)))
    reals = sorted(Real.of(v) for v in u.exact.as_reals().ravel())
    return Exact.scalar(sum(reals[-numbers[0] :], Real.of(0)))


def _median(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    """The difference of two sums of largest entries."""
    (u,) = models
    size = u.size
    weights: dict[int, Fraction] = {}
    for place in ((size - 1) // 2, size // 2):  # ascending places
        weights[size - place] = weights.get(size - place, Fraction(0)) + Fraction(1, 2)
        weights[size - place - 1] = weights.get(size - place - 1, Fraction(0)) - Fraction(1, 2)
    atom = ATOMS["sum_largest"]
    terms = []
    for count, weight in sorted(weights.items()):
        if count and weight:
            terms.append(scaled(weight, _sum_of_largest(context, atom, u, count)))
    return total_of(terms)


def _sum_of_largest(context: Context, atom: Atom, u: Model, count: int) -> Model:
    record = lookup("sum_largest")
    assert record is not None
    return atom(context, record, [u], [count])


# ---------------------------------------------------------------- sums and products


def _norm21(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    """Σ of the norms of the rows."""
    (u,) = models
    rows, columns = u.shape
    parts: list[ConvexSet | Array] = []
    for i in range(rows):
        parts.append(_norm2(picked(u, np.arange(i * columns, (i + 1) * columns), (columns, 1)), []))
    local: ConvexSet | Array
    if all(isinstance(part, np.ndarray) for part in parts):
        local = np.concatenate([np.asarray(part) for part in parts])
    else:
        local = Product(*(p if isinstance(p, ConvexSet) else Point(p) for p in parts))
    value = _value(record, models, numbers)

    def exact() -> Exact | None:
        total = Exact.scalar(0)
        for i in range(rows):
            row = picked(u, np.arange(i * columns, (i + 1) * columns), (columns, 1))
            found = _norm2_exact(row, [])
            if found is None:
                return None
            total = total + found
        return total

    error = 4 * u.size * (u.error + ROUNDING * max(1.0, float(value[0, 0])))
    return Model(value, error, supported(u, local), exact, u.ties)


def _sum(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    (u,) = models
    return _summed(u, numbers, Fraction(1))


def _mean(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    (u,) = models
    count = u.size if not numbers else u.shape[numbers[0] - 1]
    return _summed(u, numbers, Fraction(1, count))


def _summed(u: Model, numbers: list[int], factor: Fraction) -> Model:
    rows, columns = u.shape
    if not numbers:
        flat = picked(u, np.arange(u.size), (u.size, 1))
        return scaled(factor, raised_sum(flat))
    ones = Model(
        np.ones((1, rows) if numbers[0] == 1 else (columns, 1)),
        0.0,
        None,
        lambda: Exact.of_rationals(
            [1] * (rows if numbers[0] == 1 else columns),
            (1, rows) if numbers[0] == 1 else (columns, 1),
        ),
        u.ties,
    )
    found = matrix_product(ones, u) if numbers[0] == 1 else matrix_product(u, ones)
    return scaled(factor, found)


def raised_sum(u: Model) -> Model:
    """The sum of the entries of a column."""
    value = np.array([[float(np.asarray(u.value).sum())]])
    change = None if u.change is None else mapped(np.ones((1, u.size)), u.change)
    scale = float(np.abs(u.value).sum())
    error = u.size * u.error + ROUNDING * scale
    if u.error == 0.0 and scale < 2**52:
        error = 0.0
    return Model(
        value, error, change, lambda: None if u.exact is None else u.exact.total(), u.ties,
        affine=u.is_affine,
    )  # fmt: skip


def _trace(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    (u,) = models
    size = u.shape[0]
    return raised_sum(picked(u, np.arange(size) * (size + 1), (size, 1)))


def _dot(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    left, right = (picked(m, np.arange(m.size), (m.size, 1)) for m in models)
    return raised_sum(times(left, right))


def _sumsq(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    (u,) = models
    flat = picked(u, np.arange(u.size), (u.size, 1))
    return raised_sum(raised(flat, Fraction(2)))


def _quad_over_lin(
    context: Context, record: Function, models: list[Model], numbers: list[int]
) -> Model:
    x, t = models
    if int(t.signs()[0]) <= 0:
        raise InputError(say("quad_over_lin needs a positive second argument."), kind="undefined")
    return times(_sumsq(context, record, [x], []), raised(t, Fraction(-1)))


# ---------------------------------------------------------------- entropies and means


def _logsumexp(u: Model, numbers: list[int]) -> ConvexSet | Array:
    weights = np.exp(u.flat - u.flat.max())
    return np.asarray(weights / weights.sum())


def _no_exact(u: Model, numbers: list[int]) -> Exact | None:
    return None


def _negentropy(
    context: Context, record: Function, models: list[Model], numbers: list[int]
) -> Model:
    (u,) = models
    flat = picked(u, np.arange(u.size), (u.size, 1))
    return raised_sum(entrywise_model(context, "xlogx", flat))


def _geo_mean(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    """Smooth inside; at the border of the orthant the graph is vertical."""
    (u,) = models
    signs = u.signs()
    if (signs < 0).any():
        raise InputError(say("geo_mean needs arguments that are not negative."), kind="undefined")
    value = _value(record, models, numbers)
    change: Change | None = None
    if u.change is not None:
        if (signs == 0).all() and u.size > 1:
            raise CannotError(say("geo_mean at 0 is not supported."), kind="unsupported")
        if (signs == 0).any() and not u.is_affine:
            raise CannotError(say("geo_mean of a curved argument at 0."), kind="not_lipschitz")
        if (signs == 0).any():
            vertical = np.where(signs == 0, np.inf, 0.0)
            bend = Bent(u.change, vertical, vertical)
            change = mapped(np.ones((1, u.size)), bend)
        else:
            change = mapped((float(value[0, 0]) / u.size / u.flat).reshape(1, -1), u.change)
    error = 8 * ROUNDING * max(1.0, float(value[0, 0])) + u.error

    def exact() -> Exact | None:
        return Exact.scalar(0) if (signs == 0).any() else None

    return Model(value, error, change, exact, u.ties)


def _variance_like(name: str) -> Atom:
    def model(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
        if numbers or models[0].shape[1] != 1:
            raise CannotError(
                say("{name} along an axis is not supported here.", name=name), kind="unsupported"
            )
        (u,) = models
        mean = _mean(context, record, [u], [])
        centred = total_of([u, scaled(Fraction(-1), mean)])
        if name == "var":
            return scaled(Fraction(1, u.size), _sumsq(context, record, [centred], []))
        norm = _atom_of_norm2(context, [centred])
        factor = Exact.scalar(Real.of(Fraction(1, u.size)) ** Fraction(1, 2))
        root = Model(np.array([[u.size**-0.5]]), ROUNDING, None, lambda: factor, u.ties)
        return times(root, norm)

    return model


def _atom_of_norm2(context: Context, models: list[Model]) -> Model:
    record = lookup("norm2")
    assert record is not None
    return ATOMS["norm2"](context, record, models, [])


def _clip(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    x, low, high = spread(models)
    raised_ = largest_of([x, low])
    return largest_of([_negated(raised_), _negated(high)], -1)


def _dist(excess: Callable[[list[Model]], Model]) -> Atom:
    """The Euclidean norm of what lies outside."""

    def model(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
        return _atom_of_norm2(context, [excess(models)])

    return model


def _below_zero(models: list[Model]) -> Model:
    (u,) = models
    zero = Model(np.zeros(u.shape), 0.0, None, lambda: _zero(u.shape), u.ties)
    return largest_of([_negated(u), zero])


def _zero(shape: tuple[int, int]) -> Exact:
    return Exact.of_rationals([0] * (shape[0] * shape[1]), shape)


def _outside_box(models: list[Model]) -> Model:
    x, low, high = spread(models)
    zero = Model(np.zeros(x.shape), 0.0, None, lambda: _zero(x.shape), x.ties)
    under = total_of([low, _negated(x)])
    over = total_of([x, _negated(high)])
    return largest_of([under, over, zero])


def _off_plane(models: list[Model]) -> Model:
    x, matrix, right = models
    gap = total_of([matrix_product(matrix, x), _negated(right)])
    inverse = np.linalg.pinv(np.asarray(matrix.value))
    pinv = Model(inverse, 1e-14 * float(np.abs(inverse).max()), None, lambda: None, x.ties)
    found = matrix_product(pinv, gap)
    if not gap.signs().any():  # on the plane, exactly
        return Model(np.zeros(found.shape), 0.0, found.change, lambda: _zero(found.shape), x.ties)
    return found


ATOMS: dict[str, Atom] = {
    "norm1": _norm1,
    "norm2": _atom(_norm2, _norm2_exact),
    "norminf": _atom(_norminf, _largest_exact(abs)),
    "norm21": _norm21,
    "normnuc": _atom(spectra.nuclear, _no_exact),
    "normspec": _atom(spectra.spectral, spectra.spectral_exact),
    "lambda_max": _atom(spectra.largest_eigenvalue, spectra.largest_exact),
    "lambda_min": _atom(spectra.minus_smallest_eigenvalue, spectra.smallest_exact, -1),
    "lambda_sum_largest": _atom(spectra.largest_eigenvalues, _no_exact),
    "max": _extreme(1),
    "min": _extreme(-1),
    "maximum": _extreme(1),
    "minimum": _extreme(-1),
    "sum_largest": _atom(_sum_largest, _sum_largest_exact),
    "median": _median,
    "logsumexp": _by_lines(_atom(_logsumexp, _no_exact)),
    "logdet": spectra.logdet,
    "negentropy": _negentropy,
    "geo_mean": _geo_mean,
    "quad_over_lin": _quad_over_lin,
    "sumsq": _sumsq,
    "sum": _sum,
    "mean": _mean,
    "var": _variance_like("var"),
    "std": _variance_like("std"),
    "tr": _trace,
    "dot": _dot,
    "clip": _clip,
    "dist_nonneg": _dist(_below_zero),
    "dist_box": _dist(_outside_box),
    "dist_affine": _dist(_off_plane),
    "dist_psd": _atom(spectra.distance_to_psd, _no_exact),
    **indicators.INDICATORS,
}

NONNEGATIVE = frozenset(
    {
        "norm1", "norm2", "norminf", "norm21", "normnuc", "normspec", "sumsq", "quad_over_lin",
        "geo_mean", "dist_nonneg", "dist_box", "dist_ball2", "dist_affine", "dist_psd", "var",
        "std", *indicators.INDICATORS,
    }
)  # fmt: skip
"""Functions that are never negative."""
