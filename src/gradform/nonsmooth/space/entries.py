"""Models of functions: entry by entry, and of whole arrays where they are smooth."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gradform.errors import CannotError, InputError
from gradform.exact import Real
from gradform.formula.tree import Call, Formula, children
from gradform.functions import Function, lookup
from gradform.language import say
from gradform.nonsmooth.line.values import value_at
from gradform.nonsmooth.space.arithmetic import below as stacked
from gradform.nonsmooth.space.arithmetic import broadcast, scaled, total_of
from gradform.nonsmooth.space.changes import (
    Array,
    Change,
    Linear,
    added,
    bent,
    dense,
    mapped,
)
from gradform.nonsmooth.space.entrywise import Entrywise, entrywise_call, entrywise_power
from gradform.nonsmooth.space.exactly import Exact
from gradform.nonsmooth.space.model import ROUNDING, Model, picked
from gradform.syntax.parser import parse_formula

__all__ = [
    "Context",
    "by_cases",
    "entrywise",
    "entrywise_model",
    "is_entrywise",
    "line_of",
    "raised",
    "smooth",
    "spread",
]


class Context(Protocol):
    """What reads parts of formulas."""

    def expanded(self, definition: str, models: list[Model], numbers: list[int]) -> Model: ...

    def applied(self, record: Function, models: list[Model], numbers: list[int]) -> Model: ...


def is_entrywise(record: Function) -> bool:
    """A composition of entrywise functions, such as ``hinge``."""
    if record.definition is None:
        return False
    stack: list[Formula] = [parse_formula(record.definition).body]
    while stack:
        node = stack.pop()
        stack.extend(children(node))
        if isinstance(node, Call):
            inner = lookup(node.name)
            if inner is None or not (
                inner.elementwise or inner.elementary or node.name in ("piecewise", "max", "min")
            ):
                return False
            if node.name in ("max", "min") and len(node.args) == 1:
                return False
    return record.name not in ("quad_over_lin", "piecewise")


def spread(models: Sequence[Model]) -> list[Model]:
    """Scalars repeated to the shape of the arrays."""
    shape = next((m.shape for m in models if m.size > 1), (1, 1))
    return [broadcast(m, shape) for m in models]


def raised(base: Model, exponent: Fraction) -> Model:
    """Entry by entry to a rational power."""
    if exponent == 1:
        return base
    value = base.value

    def exact() -> Exact | None:
        known = base.exact
        if known is None:
            return None
        if exponent.denominator == 1:
            rationals = known.fractions()
            if rationals is not None:
                return Exact.of_rationals([v ** int(exponent) for v in rationals], known.shape)
        return known.applied(lambda v: v**exponent)

    def slope(u: Array) -> Array:
        return float(exponent) * np.power(u, float(exponent - 1))

    with np.errstate(all="ignore"):
        found = np.power(
            value, int(exponent) if exponent.denominator == 1 and exponent > 0 else float(exponent)
        )
    if base.is_constant or (exponent.denominator == 1 and exponent > 0):
        with np.errstate(all="ignore"):
            slopes = slope(base.flat)
        _require_finite(found, "A power")
        return _bent_model(base, found, slopes, slopes, exact)
    if exponent.denominator == 1:
        if (base.signs() == 0).any():
            raise InputError(say("A division by zero at the point."), kind="undefined")
        slopes = slope(base.flat)
        return _bent_model(base, found, slopes, slopes, exact)
    return _by_line(base, entrywise_power(exponent), found, slope, exact)


def line_of(record: Function, models: list[Model]) -> tuple[int, Entrywise] | None:
    """The function in its only argument that varies, others being one number each."""
    varying = [k for k, m in enumerate(models) if not m.is_constant]
    if len(varying) != 1:
        return None
    texts: list[str | None] = []
    for k, model in enumerate(models):
        if k == varying[0]:
            texts.append(None)
            continue
        exact = model.exact
        if exact is None or model.size != 1:
            return None
        texts.append(exact.real().text)
    return varying[0], entrywise_call(record.name, tuple(texts))


def entrywise(context: Context, record: Function, models: list[Model]) -> Model:
    """A function of entries."""
    if record.name in ("max", "min", "maximum", "minimum"):
        raise AssertionError("extremes are atoms")
    if all(m.is_constant for m in models):
        return _constant_value(record, models)
    varying = [m for m in models if not m.is_constant]
    if len(varying) > 1 or any(m.size > 1 for m in models if m.is_constant):
        if record.definition is not None and all(m.size == 1 for m in models):
            return context.expanded(record.definition, models, [])
        if len(varying) == 1:
            return _entry_by_entry(record, models)
        return smooth(record, spread(models))
    found = line_of(record, models)
    if found is None:
        return smooth(record, spread(models))
    place, line = found
    inner = models[place]
    evaluate = record.evaluate
    assert evaluate is not None

    def evaluated(u: Any) -> Any:
        arguments = [m.value for m in models]
        arguments[place] = u
        with np.errstate(all="ignore"):
            return evaluate(np, *arguments)

    def slope(u: Array) -> Array:
        if record.analytic:
            step = evaluated((u + 1e-30j * np.maximum(1.0, np.abs(u))).reshape(inner.shape))
            return np.asarray(np.imag(step).ravel() / (1e-30 * np.maximum(1.0, np.abs(u))))
        return _line_slopes(line, u)

    def exact() -> Exact | None:
        known = inner.exact
        return None if known is None else known.applied(line.value)

    value = np.asarray(np.real(evaluated(np.asarray(inner.value))), dtype=np.float64)
    return _by_line(inner, line, value, slope, exact)


def entrywise_model(context: Context, name: str, model: Model) -> Model:
    """A named function of entries."""
    record = lookup(name)
    assert record is not None
    return entrywise(context, record, [model])


def _constant_value(record: Function, models: list[Model]) -> Model:
    assert record.evaluate is not None
    with np.errstate(all="ignore"):
        found = record.evaluate(np, *(m.value for m in models))
    value = np.asarray(np.real(found), dtype=np.float64)
    _require_finite(value, record.name)

    def exact() -> Exact | None:
        known = [m.exact for m in models]
        if len(known) != 1 or known[0] is None:
            return None
        return known[0].applied(entrywise_call(record.name, (None,)).value)

    error = 10 * ROUNDING * float(np.abs(value).max(initial=0)) + 10 * sum(m.error for m in models)
    return Model(value, error, None, exact, models[0].ties)


def _entry_by_entry(record: Function, models: list[Model]) -> Model:
    """Other arguments differ from entry to entry: each kind of entry by itself."""
    shaped = spread(models)
    size, shape = shaped[0].size, shaped[0].shape
    groups: dict[tuple[float, ...], list[int]] = {}
    for i in range(size):
        key = tuple(float(m.flat[i]) for m in shaped if m.is_constant)
        groups.setdefault(key, []).append(i)
    if len(groups) > 500:
        raise CannotError(
            say("{name} has too many different arguments.", name=record.name), kind="too_large"
        )
    from_parts: list[Model] = []
    order: list[int] = []
    for places in groups.values():
        rows = np.array(places)
        parts = [
            picked(m, rows[:1], (1, 1)) if m.is_constant else picked(m, rows, (rows.size, 1))
            for m in shaped
        ]
        from_parts.append(entrywise(_NO_CONTEXT, record, parts))
        order += places

    back = np.empty(size, dtype=np.int64)
    back[np.array(order)] = np.arange(size)
    return picked(stacked(from_parts), back, shape)


class _NoContext:
    def expanded(self, definition: str, models: list[Model], numbers: list[int]) -> Model:
        raise CannotError(say("This function cannot be expanded here."), kind="unsupported")

    def applied(self, record: Function, models: list[Model], numbers: list[int]) -> Model:
        raise CannotError(say("This function cannot be expanded here."), kind="unsupported")


_NO_CONTEXT = _NoContext()


def _line_slopes(line: Entrywise, u: Array) -> Array:
    """Slopes between the kinks, from the smooth pieces."""
    ends = np.array([float(point) for point in line.pieces.points])
    gaps = np.searchsorted(ends, u)

    slopes = line.slope_curves()
    return np.array(
        [float(value_at(slopes[g], Real.of(float(x)))) for g, x in zip(gaps, u, strict=True)]
    )


def _by_line(inner: Model, line: Entrywise, value: Array, slope: Any, exact: Any) -> Model:
    """Smooth away from the kinks; at them, and at ends of the domain, one-sided slopes."""
    u = inner.flat
    _require_inside(inner, line)
    with np.errstate(all="ignore"):
        slopes = np.asarray(slope(u), dtype=np.float64)
    left, right = slopes.copy(), slopes.copy()
    for point, below, above in line.places:
        at = np.flatnonzero(_equal(inner, point))
        if not at.size:
            continue
        inside = point > line.domain.low and point < line.domain.high
        if inside and not (np.isfinite(below) and np.isfinite(above)):
            raise CannotError(
                say(
                    "A function jumps or is vertical at {point}, the value it meets here.",
                    point=point.text,
                ),
                kind="not_lipschitz",
            )
        if inner.nonnegative and point.sign() == 0 and np.isfinite(above):
            below = above  # nothing goes beyond the end
        if inner.change is not None and not inner.is_affine and not _is_finite(below, above):
            raise CannotError(
                say("An argument that is not affine meets the end of a domain at this point."),
                kind="not_lipschitz",
            )
        left[at], right[at] = below, above
    _require_finite(value, "A function")
    return _bent_model(inner, value, left, right, exact)


def _is_finite(*slopes: float) -> bool:
    return all(map(np.isfinite, slopes))


def _equal(inner: Model, point: Real) -> npt.NDArray[np.bool_]:
    place = float(point)
    near = np.abs(inner.flat - place) <= max(
        inner.error + ROUNDING * abs(place), inner.ties.tolerance
    )
    if not near.any():
        return np.zeros(inner.size, dtype=bool)
    rows = np.flatnonzero(near)
    part = picked(inner, rows, (rows.size, 1))
    other = Exact.scalar(point)
    shift = Model(np.full((1, 1), place), ROUNDING * abs(place), None, lambda: other, inner.ties)
    found = np.zeros(inner.size, dtype=bool)
    found[rows] = part.minus(shift).signs() == 0
    return found


def _require_inside(inner: Model, line: Entrywise) -> None:
    for end, closed, side in (
        (line.domain.low, line.domain.low_closed, -1),
        (line.domain.high, line.domain.high_closed, 1),
    ):
        if not end.is_finite:
            continue
        outside = (inner.flat - float(end)) * side > 0
        at_end = _equal(inner, end)
        if (outside & ~at_end).any() or (at_end.any() and not closed):
            raise InputError(
                say(
                    "The formula has no value at this point: an argument leaves {domain}.",
                    domain=line.domain,
                ),
                kind="expr_undefined_on_domain",
            )


def _require_finite(value: Array, what: str) -> None:
    if not np.isfinite(value).all():
        raise InputError(
            say("{what} has no finite value at this point.", what=what), kind="undefined"
        )


def _bent_model(inner: Model, value: Array, left: Array, right: Array, exact: Any) -> Model:
    steep = np.abs(np.where(np.isfinite(right), right, np.where(np.isfinite(left), left, 1.0)))
    steep = np.maximum(steep, np.where(np.isfinite(left), np.abs(left), 0.0))
    size = float(np.abs(value).max(initial=0.0))
    error = 4 * inner.error * float(steep.max(initial=0.0)) + 8 * ROUNDING * size
    if inner.error == 0.0 and np.array_equal(value, np.rint(value)) and size < 2**52:
        error = (
            0.0 if set(np.unique(np.abs(np.concatenate([left, right])))) <= {0.0, 1.0} else error
        )
    change: Change | None = None
    if inner.change is not None:
        change = bent(inner.change, left, right)
    return Model(np.asarray(value).reshape(inner.shape), error, change, exact, inner.ties)


# ---------------------------------------------------------------- whole arrays


def smooth(record: Function, models: list[Model], numbers: Sequence[int] = ()) -> Model:
    """A function that is differentiable at the point: its Jacobian by complex steps."""
    assert record.evaluate is not None
    given = [np.asarray(m.value, dtype=np.float64) for m in models]
    with np.errstate(all="ignore"):
        value = np.asarray(np.real(record.evaluate(np, *given, *numbers)), dtype=np.float64)
    _require_finite(value, record.name)
    value = value.reshape(value.shape if value.ndim == 2 else (-1, 1))
    changes: list[Change] = []
    for k, model in enumerate(models):
        if model.change is not None:
            changes.append(mapped(_jacobian(record, given, numbers, k, value), model.change))
    error = 1e-12 * max(1.0, float(np.abs(value).max(initial=0.0))) + 100 * sum(
        m.error for m in models
    )
    change = added(changes) if changes else None
    return Model(value, error, change, lambda: None, models[0].ties)


def _jacobian(
    record: Function, given: list[Array], numbers: Sequence[int], k: int, value: Array
) -> Array:
    size = given[k].size
    if size * value.size > 250_000:
        raise CannotError(say("{name} is too large here.", name=record.name), kind="too_large")
    if not record.analytic:
        raise CannotError(
            say("{name} has no first-order model at this point.", name=record.name),
            kind="unsupported",
        )
    evaluate = record.evaluate
    assert evaluate is not None
    found = np.zeros((value.size, size))
    step = 1e-30
    for i in range(size):
        moved = given[k].astype(complex)
        moved.flat[i] += 1j * step
        arguments = [*given[:k], moved, *given[k + 1 :]]
        with np.errstate(all="ignore"):
            found[:, i] = np.imag(evaluate(np, *arguments, *numbers)).ravel() / step
    if not np.isfinite(found).all():
        raise CannotError(
            say("{name} is not differentiable at this point.", name=record.name), kind="unsupported"
        )
    return found


# ---------------------------------------------------------------- cases


_HOLDS = {
    "<": lambda s: s < 0,
    "<=": lambda s: s <= 0,
    ">": lambda s: s > 0,
    ">=": lambda s: s >= 0,
    "==": lambda s: s == 0,
    "!=": lambda s: s != 0,
}


def by_cases(tests: list[tuple[str, Model]], values: list[Model]) -> Model:
    """Scalars by cases; where a test is a tie, one value beside it and another beyond."""
    if any(m.size > 1 for m in values) or any(t.size > 1 for _, t in tests):
        return _stacked_cases(tests, values)
    for k, (operator, difference) in enumerate(tests):
        sign = int(difference.signs()[0])
        if sign != 0 or difference.is_constant:
            if _HOLDS[operator](sign):
                return values[k]
            continue
        rest = by_cases(tests[k + 1 :], values[k + 1 :])
        if operator in ("==", "!="):
            here, beside = (values[k], rest) if operator == "==" else (rest, values[k])
            return _met(here, beside)
        below, above = (values[k], rest) if operator in ("<", "<=") else (rest, values[k])
        return _joined(difference, below, above)
    return values[-1]


def _stacked_cases(tests: list[tuple[str, Model]], values: list[Model]) -> Model:
    """Entry by entry."""

    shaped = spread([*(t for _, t in tests), *values])
    parts = []
    for i in range(shaped[0].size):
        row = [picked(m, np.array([i]), (1, 1)) for m in shaped]
        named = [(op, m) for (op, _), m in zip(tests, row, strict=False)]
        parts.append(by_cases(named, row[len(tests) :]))
    whole = stacked(parts)
    return picked(whole, np.arange(whole.size), shaped[0].shape)


def _met(here: Model, beside: Model) -> Model:
    if int(here.minus(beside).signs()[0]) != 0:
        raise CannotError(say("The function jumps at this point."), kind="not_lipschitz")
    return beside


def _joined(difference: Model, below: Model, above: Model) -> Model:
    """below + slope·max(difference, 0), when the two values differ by slope·difference."""
    _met(below, above)
    step = total_of([above, scaled(Fraction(-1), below)])
    if step.change is None:
        return below

    if not (isinstance(step.change, Linear) and isinstance(difference.change, Linear)):
        raise CannotError(say("Kinks inside of cases are not supported."), kind="unsupported")
    rise, test = dense(step.change.matrix).ravel(), dense(difference.change.matrix).ravel()
    if not rise.any():
        return below
    size = float(test @ test)
    slope = float(rise @ test) / size if size else 0.0
    if size == 0 or np.abs(rise - slope * test).max() > 1e-12 * max(1.0, np.abs(rise).max()):
        raise CannotError(
            say("The cases do not meet along their border near this point."), kind="not_lipschitz"
        )
    kink = bent(difference.change, np.array([0.0]), np.array([slope]))
    base = below.change
    change = kink if base is None else added([base, kink])
    return Model(
        below.value, max(below.error, above.error), change, lambda: below.exact, below.ties
    )
