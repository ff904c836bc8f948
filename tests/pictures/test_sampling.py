"""Graphs break where functions do, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest

from gradform.pictures.sampling import Trace, traced

Function = Callable[[float], float]


def _safe(function: Function) -> Function:
    """As the interpreter of formulas has it: NaN outside the domain, infinite at poles."""

    def value(x: float) -> float:
        try:
            return float(function(x))
        except ValueError:
            return math.nan
        except (ZeroDivisionError, OverflowError):
            return math.inf

    return value


def _trace(function: Function, low: float = -4.0, high: float = 4.0) -> Trace:
    return traced(_safe(function), low, high)


CONTINUOUS: dict[str, Function] = {
    "square": lambda x: x * x,
    "constant": lambda x: 3.0,
    "steep": lambda x: math.tanh(1e6 * x),
    "kink": lambda x: abs(x - 1 / 3),
    "cube root": lambda x: math.copysign(abs(x) ** (1 / 3), x),
    "waves": lambda x: math.sin(50 * x),
    "tiny": lambda x: 1e-9 * math.cos(x),
    "huge": lambda x: 1e9 + math.cos(x),
    "exponential": lambda x: math.exp(x * x),
    "peak": lambda x: 1 / (1e-4 + (x - 0.3333) ** 2),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_functions_are_one_stroke(name: str) -> None:
    found = _trace(CONTINUOUS[name])
    assert len(found.strokes) == 1
    assert not (found.jumps or found.poles or found.holes or found.voids)
    assert (found.strokes[0][0][0], found.strokes[0][-1][0]) == (-4.0, 4.0)


POLES: dict[str, tuple[Function, list[float]]] = {
    "1/x": (lambda x: 1 / x, [0.0]),
    "1/x^2": (lambda x: 1 / x**2, [0.0]),
    "1/(x-1/3)": (lambda x: 1 / (x - 1 / 3), [1 / 3]),
    "1/(x-1/3)^2": (lambda x: 1 / (x - 1 / 3) ** 2, [1 / 3]),
    "log|x-1/3|": (lambda x: math.log(abs(x - 1 / 3)), [1 / 3]),
    "log": (math.log, [0.0]),
    "tan": (math.tan, [-math.pi / 2, math.pi / 2]),
    "1/sin": (lambda x: 1 / math.sin(x), [-math.pi, 0.0, math.pi]),
    "0 | 1/x": (lambda x: 1 / x if x > 0 else 0.0, [0.0]),
    "gamma": (math.gamma, [-4.0, -3.0, -2.0, -1.0, 0.0]),
}


@pytest.mark.parametrize("name", POLES)
def test_poles_are_found_and_not_joined(name: str) -> None:
    function, expected = POLES[name]
    found = _trace(function)
    assert found.poles == pytest.approx(expected, abs=1e-6)
    for stroke in found.strokes:
        for pole in found.poles:
            assert not stroke[0][0] < pole < stroke[-1][0]
    assert found.span[1] - found.span[0] < 100


JUMPS: dict[str, tuple[Function, list[tuple[float, float, float, float | None]]]] = {
    "floor": (math.floor, [(float(k), k - 1.0, float(k), float(k)) for k in range(-3, 5)]),
    "sign": (lambda x: (x > 0) - (x < 0), [(0.0, -1.0, 1.0, 0.0)]),
    "step at 1/3": (lambda x: float(x > 1 / 3), [(1 / 3, 0.0, 1.0, None)]),
    "x | x+1": (lambda x: x if x <= 0 else x + 1, [(0.0, 0.0, 1.0, 0.0)]),
}


@pytest.mark.parametrize("name", JUMPS)
def test_jumps_are_found_with_the_value_there(name: str) -> None:
    function, expected = JUMPS[name]
    found = _trace(function)
    assert len(found.jumps) == len(expected)
    for jump, (x, before, behind, value) in zip(found.jumps, expected, strict=True):
        assert jump.x == pytest.approx(x, abs=1e-9)
        assert (jump.before, jump.behind) == pytest.approx((before, behind), abs=1e-6)
        assert jump.value == value
    for stroke in found.strokes:
        for x, *_ in expected:
            assert not stroke[0][0] < x - 1e-9 < x + 1e-9 < stroke[-1][0]
    assert not found.poles


def test_domains_end_where_they_end() -> None:
    found = _trace(math.sqrt)
    assert [*found.voids] == [pytest.approx((-4.0, 0.0), abs=1e-9)]
    assert found.strokes[0][0] == pytest.approx((0.0, 0.0), abs=1e-3)
    assert not found.poles
    both = _trace(lambda x: math.sqrt(1 - x * x))
    assert [pytest.approx(each, abs=1e-6) for each in both.voids] == [(-4.0, -1.0), (1.0, 4.0)]
    nowhere = _trace(lambda x: math.nan)
    assert not nowhere.strokes and nowhere.voids == ((-4.0, 4.0),)


def test_a_missing_point_is_a_hole() -> None:
    found = _trace(lambda x: math.sin(x) / x)
    assert [*found.holes] == [pytest.approx((0.0, 1.0))]
    assert not found.poles and not found.voids and not found.jumps


def test_too_large_numbers_are_no_hole_in_the_domain() -> None:
    found = traced(_safe(lambda x: math.exp(math.exp(x))), -4.0, 8.0)
    assert not found.voids and not found.poles


@pytest.mark.parametrize("name", [*CONTINUOUS, *POLES])
def test_strokes_lead_right_through_points_of_the_graph(name: str) -> None:
    function = _safe(CONTINUOUS[name] if name in CONTINUOUS else POLES[name][0])
    for stroke in traced(function, -4.0, 4.0).strokes:
        assert all(here[0] <= there[0] for here, there in pairwise(stroke))
        assert all(function(x) == y for x, y in stroke)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: math.sin(300 * x) + math.floor(20 * x),
        lambda x: math.floor(1000 * x),
        lambda x: math.tan(200 * x),
        lambda x: math.sin(1e6 * x) if math.sin(1e3 * x) > 0 else math.nan,
    ],
)
def test_the_work_is_bounded(function: Function) -> None:
    calls = 0

    def count(x: float) -> float:
        nonlocal calls
        calls += 1
        return function(x)

    traced(count, -4.0, 4.0)
    assert calls < 20_000
