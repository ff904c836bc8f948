"""Chords that show that a function is not convex: found by search, then verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradform.errors import GradformError
from gradform.exact import Real, Undecided
from gradform.language import Message, say
from gradform.nonsmooth.space.changes import Array
from gradform.records import record
from gradform.verify.interpreter import compile_formula

if TYPE_CHECKING:
    from gradform.nonsmooth.space.question import SpaceQuestion

__all__ = ["SpaceWitness", "evaluator", "search"]

_LINES = 150
_MORE_LINES = 900
_MARGIN = 1e-7


@record(eq=False)
class SpaceWitness:
    """Points y, z with f((y + z)/2) above (``convex``) or below the mean of f(y) and f(z).

    ``verified`` says how: in exact arithmetic, or in floats with a margin.
    """

    y: Array
    z: Array
    f_y: float
    f_z: float
    f_mid: float
    refutes: str
    verified: Message

    @property
    def mid(self) -> Array:
        return (self.y + self.z) / 2

    @property
    def text(self) -> Message:
        """The points and the values there."""
        given: dict[str, object] = {
            "point": _shown(self.mid),
            "value": self.f_mid,
            "mean": (self.f_y + self.f_z) / 2,
            "y": _shown(self.y),
            "f_y": self.f_y,
            "z": _shown(self.z),
            "f_z": self.f_z,
            "verified": self.verified,
        }
        if self.refutes == "convex":
            return say(
                "not convex: f{point} = {value:.6g} lies above the mean {mean:.6g} of "
                "f{y} = {f_y:.6g} and f{z} = {f_z:.6g} ({verified})",
                **given,
            )
        return say(
            "not concave: f{point} = {value:.6g} lies below the mean {mean:.6g} of "
            "f{y} = {f_y:.6g} and f{z} = {f_z:.6g} ({verified})",
            **given,
        )

    def __str__(self) -> str:
        return str(self.text)


def _shown(point: Array) -> str:
    listed = [f"{value:.6g}" for value in point[:6]]
    return f"({', '.join(listed)}{', …' if point.size > 6 else ''})"


def evaluator(question: SpaceQuestion) -> Callable[[Array], float]:
    """f in floats, by the second interpreter; nan or inf outside of the domain."""
    constants = {name: _dense(model.value) for name, model in question.params.items()}
    names = [*constants, *(variable.name for variable in question.variables)]
    compiled = compile_formula(question.program, names, {}, question.shapes)

    def value(flat: Array) -> float:
        with np.errstate(all="ignore"):
            try:
                found = compiled({**constants, **question.arrays(flat)})
            except (np.linalg.LinAlgError, ValueError):
                return float("nan")
        return float(np.real(found[0, 0]))

    return value


def _dense(value: Any) -> Array:
    return np.asarray(value.toarray() if hasattr(value, "toarray") else value)


def search(question: SpaceQuestion, more: bool = False) -> dict[str, SpaceWitness]:
    """Witnesses against ``convex`` and ``concave``, as far as they are found."""
    value = evaluator(question)
    found: dict[str, SpaceWitness] = {}
    for y, z in _lines(question, _MORE_LINES if more else _LINES):
        values = value(y), value(z), value((y + z) / 2)
        if not all(np.isfinite(values)):
            continue
        bend = values[2] - (values[0] + values[1]) / 2
        scale = max(1.0, *(abs(v) for v in values))
        if abs(bend) <= _MARGIN * scale:
            continue
        refuted = "convex" if bend > 0 else "concave"
        if refuted in found:
            continue
        how = _verified(question, y, z, 1 if bend > 0 else -1, abs(bend) / scale)
        if how:
            found[refuted] = SpaceWitness(y, z, *values, refuted, how)
        if len(found) == 2:
            break
    return found


def _lines(question: SpaceQuestion, count: int) -> Iterator[tuple[Array, Array]]:
    """Pairs of points with short decimals: around the point at many scales, and anywhere."""
    rng = np.random.default_rng(20_260)
    point, size = question.point, question.dimension
    scales = (1.0, 0.25, 3.0, 0.03125, 8.0)
    for k in range(count):
        scale = scales[k % len(scales)]
        centre = point if k % 3 else np.zeros(size)
        spread = rng.standard_normal((2, size)) * scale
        if k % 4 == 1:
            spread *= rng.random((2, size)) < max(0.3, 1.5 / size)
        if k % 4 == 3 and size > 1:
            spread[1] = -spread[0]
        y, z = (_rounded(question, centre + s, scale) for s in spread)
        if k % 5 == 2:
            y = y.copy()
            y = np.abs(y)
            z = np.abs(z)
        if not np.array_equal(y, z):
            yield y, z


def _rounded(question: SpaceQuestion, flat: Array, scale: float) -> Array:
    step = 2.0**-6 if scale >= 0.25 else 2.0**-10
    rounded = np.rint(flat / step) * step
    for variable in question.variables:
        if variable.is_symmetric:
            part = slice(variable.begin, variable.begin + variable.size)
            matrix = rounded[part].reshape(variable.shape)
            rounded[part] = ((matrix + matrix.T) / 2).ravel()
    return rounded


def _verified(
    question: SpaceQuestion, y: Array, z: Array, sign: int, margin: float
) -> Message | None:
    """How the chord was verified; None when it was refuted."""
    try:
        values = [_exact_value(question, p) for p in (y, z, (y + z) / 2)]
    except (GradformError, Undecided, ValueError, ZeroDivisionError):
        values = [None]
    known = [value for value in values if value is not None]
    if len(known) == 3:
        bend = known[2] - (known[0] + known[1]) * Fraction(1, 2)
        return say("in exact arithmetic") if bend.sign(numerical=True) == sign else None
    return say("in floats with a wide margin") if margin > 1e-5 else None


def _exact_value(question: SpaceQuestion, flat: Array) -> Real | None:
    reader = question.reader_at(flat)
    exact = reader.read(question.program.body).exact
    return None if exact is None else exact.real()
