"""Tails keep their digits: functions that are zero or one to rounding, their logarithms, and
what is divided by them. Expected values are those of long arithmetic."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import gradform as gf


def normal(t: Any) -> Any:
    """The distribution function of the normal distribution."""
    return mp.erfc(-t / mp.sqrt(2)) / 2


CASES: dict[str, Callable[[Any], Any]] = {
    "1 + erf(x)": lambda t: mp.erfc(-t),
    "0.5 - erf(x)/2": lambda t: mp.erfc(t) / 2,
    "gelu(x)": lambda t: t * normal(t),
    "x*(1 + erf(x/sqrt(2)))/2": lambda t: t * normal(t),
    "log(erfc(x))": lambda t: mp.log(mp.erfc(t)),
    "log(1 - erf(x))": lambda t: mp.log(mp.erfc(t)),
    "log(3 + 3*erf(x))": lambda t: mp.log(3 * mp.erfc(-t)),
    "log(0.5*(1 + erf(x/sqrt(2))))": lambda t: mp.log(normal(t)),
    "logerfc(x)": lambda t: mp.log(mp.erfc(t)),
    "1/cosh(x)^2": lambda t: mp.sech(t) ** 2,
    "1/cosh(x)": mp.sech,
    "log(erfc(x)) - log(erfc(-x))": lambda t: mp.log(mp.erfc(t)) - mp.log(mp.erfc(-t)),
    "x*exp(-x^2)^2/erfc(x)": lambda t: t * mp.exp(-2 * t * t) / mp.erfc(t),
    "sinh(x)/cosh(x)^3": lambda t: mp.tanh(t) * mp.sech(t) ** 2,
    "tanh(x)/sinh(x)": mp.sech,
}
# Of these the second derivative is a difference of numbers that are nearly equal far out.
QUOTIENTS: dict[str, Callable[[Any], Any]] = {
    "exp(-x^2/2)/(1 + erf(x/sqrt(2)))": lambda t: mp.exp(-t * t / 2) / normal(t) / 2,
    "exp(-2*x^2)/erfc(x)^2": lambda t: mp.exp(-2 * t * t) / mp.erfc(t) ** 2,
    "erfcx(x)": lambda t: mp.exp(t * t) * mp.erfc(t),
    "erfc(x)/exp(-x^2)": lambda t: mp.exp(t * t) * mp.erfc(t),
}
POINTS = (-30.0, -8.5, -1.0, 1e-5, 3.9, 7.0, 30.0, 1000.0, -1000.0)
_LEAST = 1e-290
# C is compiled for some of them: the form is the same.
NATIVE = [*[*CASES][::3], *QUOTIENTS]


def expected(text: str) -> list[list[Any]]:
    """Value, slope and second derivative at each point."""
    with mp.workdps(250):  # differences of numbers down to 1e-200
        series = [mp.taylor((CASES | QUOTIENTS)[text], mp.mpf(point), 2) for point in POINTS]
    return [[value, slope, 2 * half] for value, slope, half in series]


@pytest.mark.parametrize("text", CASES | QUOTIENTS)
def test_tails(text: str) -> None:
    f = gf.parse(text, shapes={"x": ()})
    parts: list[Any] = [f, f.derivative("x", check=False), f.hessian("x", check=False)]
    parts = parts[: 3 if text in CASES else 2]
    least = [1e-15 if text.startswith("log(") else _LEAST, _LEAST, _LEAST]
    for backend in ("numpy", "native") if text in NATIVE else ("numpy",):
        program = gf.compile(*parts, backend=backend)
        for point, wanted in zip(POINTS, expected(text), strict=True):
            if abs(wanted[0]) > 1e300:
                continue  # erfcx far to the left
            with warnings.catch_warnings(), np.errstate(all="raise", under="ignore", over="ignore"):
                warnings.simplefilter("error")
                found: Any = program(x=point)
            for one, other, near in zip(found, wanted, least, strict=False):
                np.testing.assert_allclose(one, float(other), rtol=1e-8, atol=near)


def test_probit_of_both_classes() -> None:
    """The Gaussian that the gradients of both logarithms share is divided by each tail."""
    text = "sum(y.*log(vector(1) + erf(X*w)) + (vector(1) - y).*log(vector(1) - erf(X*w)))"
    f = gf.parse(text, shapes={"X": ("m", "n"), "w": ("n",), "y": ("m",)})
    g, h = f.gradient("w", check=False), f.hessian("w", check=False)
    given = {"X": np.array([[30.0]]), "w": np.ones(1), "y": np.zeros(1)}
    with mp.workdps(50):
        slope, bend = (30**k * mp.diff(lambda t: mp.log(mp.erfc(t)), 30, k) for k in (1, 2))
    for backend in ("numpy", "native"):
        found: Any = gf.compile(f, g, h, backend=backend)(**given)
        for gradient, hessian in (found[1:], (g.compile(backend)(**given), h.compile()(**given))):
            np.testing.assert_allclose(gradient, [float(slope)], rtol=1e-12)
            np.testing.assert_allclose(hessian, [[float(bend)]], rtol=1e-10)


@pytest.mark.parametrize("text", ["1 - cos(x) - erf(x)", "erf(x) + cos(x) - 1", "1 + x - erf(x)"])
def test_small_numbers_stay_beside_what_is_nearly_one(text: str) -> None:
    x = 1e-17
    wanted = {"1 - cos(x) - erf(x)": -1, "erf(x) + cos(x) - 1": 1}.get(text)
    found = gf.parse(text, shapes={"x": ()}).compile()(x=x)
    assert found == pytest.approx(1.0 if wanted is None else wanted * 2 / np.sqrt(np.pi) * x)


ROOTS: dict[str, Callable[[Any], Any]] = {
    "1/sqrt(cosh(x))": lambda t: mp.cosh(t) ** mp.mpf("-0.5"),
    "sinh(x)^2/cosh(x)^(5/2)": lambda t: mp.sinh(t) ** 2 / mp.cosh(t) ** mp.mpf("2.5"),
    "sinh(x)/cosh(x)^(3/2)": lambda t: mp.sinh(t) / mp.cosh(t) ** mp.mpf("1.5"),
}


@pytest.mark.parametrize("text", ROOTS)
def test_quotients_with_roots_of_what_is_positive(text: str) -> None:
    """sinh²/cosh^(5/2) is tanh²/cosh^(1/2), whose divisor is a number."""
    f = gf.parse(text, shapes={"x": ()})
    program = gf.compile(f, f.derivative("x", check=False), f.hessian("x", check=False))
    for point in (300.0, -300.0, 1.0):
        with mp.workdps(250):
            value, slope, half = mp.taylor(ROOTS[text], mp.mpf(point), 2)
        wanted = [float(value), float(slope), float(2 * half)]
        np.testing.assert_allclose(np.array(program(x=point)), wanted, rtol=1e-9)
