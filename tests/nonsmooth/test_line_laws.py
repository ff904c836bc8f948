"""Laws of ranges, sign charts and pieces, over random curves."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from gradform.exact import INFINITY, Real, Undecided
from gradform.nonsmooth.line.ball import ball_of, jet_of
from gradform.nonsmooth.line.bounds import range_on
from gradform.nonsmooth.line.compile import read_curve
from gradform.nonsmooth.line.curve import Curve, is_smooth
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.local import germ_at
from gradform.nonsmooth.line.pieces import pieces_of
from gradform.nonsmooth.line.roots import rational_between
from gradform.nonsmooth.line.signs import Unknown, chart, effort
from gradform.nonsmooth.line.slope import slope
from gradform.nonsmooth.line.values import value_at
from gradform.syntax.parser import parse_formula
from tests.nonsmooth.random_curves import mixed

SEEDS = range(120)
_GIVING_UP = (Unknown, Unresolved, Undecided, OverflowError)


def _curve(seed: int) -> Curve:
    return read_curve(parse_formula(mixed(seed).text), "x", {}).curve


def _interval(rng: Random) -> tuple[Fraction, Fraction]:
    low = Fraction(rng.randint(-20, 20), rng.choice((1, 2, 4)))
    return low, low + Fraction(rng.randint(1, 24), rng.choice((1, 2, 8)))


def _inside(low: Fraction, high: Fraction, rng: Random, count: int) -> list[Real]:
    return [Real.of(low + (high - low) * Fraction(rng.randint(1, 999), 1000)) for _ in range(count)]


@pytest.mark.parametrize("seed", SEEDS)
def test_range_encloses_all_values(seed: int) -> None:
    rng, curve = Random(seed), _curve(seed)
    low, high = _interval(rng)
    found = range_on(curve, Real.of(low), Real.of(high))
    for point in _inside(low, high, rng, 20):
        value = value_at(curve, point).ball(100)
        assert not value < found.low
        assert not value > found.high


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_are_smooth_and_have_the_values_of_the_curve(seed: int) -> None:
    curve = _curve(seed)
    try:
        with effort(150):
            found = pieces_of(curve, -INFINITY, INFINITY)
    except _GIVING_UP:
        return
    ends = [-INFINITY, *found.points, INFINITY]
    for piece, (low, high) in zip(found.curves, pairwise(ends), strict=True):
        assert is_smooth(piece)
        point = Real.of(rational_between(low, high))
        gap = value_at(curve, point) - value_at(piece, point)
        assert gap.sign(numerical=True) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_chart_has_the_signs_of_the_values(seed: int) -> None:
    rng, curve = Random(seed), _curve(seed)
    low, high = map(Real.of, _interval(rng))
    try:
        with effort(150):
            pieces = pieces_of(curve, low, high)
            ends = [low, *pieces.points, high]
            for piece, (left, right) in zip(pieces.curves, pairwise(ends), strict=True):
                _check_chart(piece, left, right)
                _check_chart(slope(piece), left, right)
    except _GIVING_UP:
        return


def _check_chart(curve: Curve, low: Real, high: Real) -> None:
    found = chart(curve, low, high)
    ends = [low, *found.roots, high]
    assert all(left < right for left, right in pairwise(ends))
    for root in found.roots:
        assert value_at(curve, root).sign(numerical=True) == 0
    for sign, (left, right) in zip(found.signs, pairwise(ends), strict=True):
        for k in range(1, 8):
            value = value_at(curve, left + (right - left) * Fraction(k, 8))
            assert value.sign(numerical=True) in (sign, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_ball_encloses_the_exact_value(seed: int) -> None:
    rng, curve = Random(seed), _curve(seed)
    for point in _inside(*_interval(rng), rng, 5):
        enclosure = ball_of(curve, point.ball(100), 80)
        assert enclosure.is_nan() or enclosure.overlaps(value_at(curve, point).ball(200))


@pytest.mark.parametrize("seed", SEEDS)
def test_germ_has_the_taylor_coefficients_of_the_jet(seed: int) -> None:
    rng, curve = Random(seed), _curve(seed)
    (point,) = _inside(*_interval(rng), rng, 1)
    jet = jet_of(curve, point.ball(300), 3, 200)
    if any(entry.is_nan() for entry in jet):
        return  # at a kink, or where a where(...) is
    for side in (1, -1):
        germ = germ_at(curve, point, side, Fraction(3))
        for k, entry in enumerate(jet):
            assert entry.overlaps(germ.coefficient(k).ball(200) * side**k)


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("x^2 - 2", ["-sqrt(2)", "sqrt(2)"]),
        ("exp(x) - x - 2", ["-2-LambertW(-exp(-2))", "-2-LambertW(-exp(-2),-1)"]),
        ("exp(2*x) - 3*exp(x) + 2", ["0", "log(2)"]),
        ("x*exp(x) - 1", ["LambertW(1)"]),
        ("log(x + 3) - 1", ["exp(1) - 3"]),
        ("sinh(4*x) - 3*x", ["0"]),
        ("x^3 - x", ["-1", "0", "1"]),
        ("exp(x) - x - 1", ["0"]),
        ("x + tanh(x)", ["0"]),
    ],
)
def test_roots_in_closed_form(text: str, roots: list[str]) -> None:
    low = Real.of(-3) if "log" in text else -INFINITY
    found = chart(read_curve(parse_formula(text), "x", {}).curve, low, INFINITY)
    wanted = [read_curve(parse_formula(root), "x", {}).curve.value for root in roots]
    assert found.roots == wanted
