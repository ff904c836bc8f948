"""Values, simplifications and domains of the functions of exact numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction

import pytest
from flint import arb, fmpq

from gradform.exact import INFINITY, REAL_FUNCTIONS, Real, apply
from tests.exact.random_numbers import sample
from tests.exact.reading import read

KNOWN = {
    "exp(0)": "1",
    "exp(log(5/3))": "5/3",
    "exp(2*log(3)/3)": "3^(2/3)",
    "log(1)": "0",
    "log(exp(sqrt(2)))": "sqrt(2)",
    "log(8)": "3*log(2)",
    "log(6)": "log(6)",
    "log(2/3)": "-log(3/2)",
    "sqrt(8)": "2*sqrt(2)",
    "sqrt(2)*sqrt(6)": "2*sqrt(3)",
    "1/sqrt(2)": "sqrt(2)/2",
    "1/(1 + sqrt(2))": "sqrt(2) - 1",
    "sqrt(3 + 2*sqrt(2))": "1 + sqrt(2)",
    "sin(pi/6)": "1/2",
    "sin(-7*pi/4)": "sqrt(2)/2",
    "cos(pi/12)": "(sqrt(2) + sqrt(6))/4",
    "cos(2*pi/5)": "(sqrt(5) - 1)/4",
    "cos(1 + pi)": "-cos(1)",
    "sin(1 + pi/2)": "cos(1)",
    "tan(pi/3)": "sqrt(3)",
    "tan(1 + pi)": "tan(1)",
    "asin(1)": "pi/2",
    "asin(-1/2)": "-pi/6",
    "acos(-1)": "pi",
    "acos(0)": "pi/2",
    "atan(1)": "pi/4",
    "atan(2 - sqrt(3))": "pi/12",
    "sin(atan(3/4))": "3/5",
    "cos(asin(1/3))": "2*sqrt(2)/3",
    "asin(sin(1))": "1",
    "sinh(log(2))": "3/4",
    "tanh(0)": "0",
    "tanh(1)": "tanh(1)",
    "cosh(-1)": "cosh(1)",
    "gamma(5)": "24",
    "gamma(1/2)": "sqrt(pi)",
    "gamma(-1/2)": "-2*sqrt(pi)",
    "lgamma(4)": "log(6)",
    "digamma(1)": "-EulerGamma",
    "digamma(1/2)": "-EulerGamma - 2*log(2)",
    "polygamma(1, 1/2)": "pi^2/2",
    "polygamma(2, 1)": "polygamma(2, 1)",
    "erf(0)": "0",
    "erf(-1)": "-erf(1)",
    "erfc(0)": "1",
    "LambertW(0)": "0",
    "LambertW(exp(1))": "1",
    "LambertW(-exp(-1))": "-1",
    "LambertW(-exp(-1), -1)": "-1",
    "LambertW(-2*exp(-2), -1)": "-2",
    "LambertW(2*log(2))": "log(2)",
    "LambertW(-log(2)/2)": "-log(2)",
    "LambertW(-log(2)/2, -1)": "-2*log(2)",
    "exp(LambertW(2))": "2/LambertW(2)",
    "floor(exp(1))": "2",
    "floor(-7/2)": "-4",
    "floor((sqrt(2) + sqrt(3))^2 - 2*sqrt(6))": "5",
    "exp(1)/(1 + exp(1))": "exp(1)/(1 + exp(1))",
    "(exp(2) - 1)/(exp(1) + 1)": "exp(1) - 1",
    "-inf": "-inf",
    "exp(-inf)": "0",
    "atan(inf)": "pi/2",
}

OUTSIDE = (
    ("log", 0),
    ("log", -1),
    ("sqrt", -1),
    ("asin", 2),
    ("acos", Fraction(-3, 2)),
    ("tan", Real.pi() / 2),
    ("gamma", 0),
    ("gamma", -3),
    ("lgamma", -1),
    ("digamma", 0),
    ("lambertw", -1),
    ("sin", INFINITY),
    ("nonsense", 1),
)


@pytest.mark.parametrize(("text", "simple"), KNOWN.items())
def test_known_value(text: str, simple: str) -> None:
    assert read(text).text == simple


@pytest.mark.parametrize(("name", "argument"), OUTSIDE)
def test_outside_the_domain(name: str, argument: Real | int | Fraction) -> None:
    with pytest.raises(ValueError, match=r"."):
        apply(name, argument)


@pytest.mark.parametrize("branch", [0, -1])
def test_branches_of_lambertw(branch: int) -> None:
    value = apply("lambertw", Fraction(-1, 5), branch=branch)
    assert (value >= -1) == (branch == 0)
    assert value * apply("exp", value) == Fraction(-1, 5)
    with pytest.raises(ValueError, match="branch"):
        apply("lambertw", 1, 1 + branch * branch)


_REFERENCE: dict[str, Callable[[arb], arb]] = {
    "exp": arb.exp,
    "log": arb.log,
    "sin": arb.sin,
    "cos": arb.cos,
    "tan": arb.tan,
    "asin": arb.asin,
    "acos": arb.acos,
    "atan": arb.atan,
    "sinh": arb.sinh,
    "cosh": arb.cosh,
    "tanh": arb.tanh,
    "gamma": arb.gamma,
    "digamma": arb.digamma,
    "erf": arb.erf,
    "erfc": arb.erfc,
    "sqrt": arb.sqrt,
    "lambertw": lambda x: x.lambertw(),
    "floor": arb.floor,
    "abs": lambda x: abs(x),
    "lgamma": lambda x: abs(x.gamma()).log(),
}
_EXEMPT = {"polygamma"}  # see test_polygamma_is_the_derivative


def test_every_function_has_a_reference() -> None:
    assert set(REAL_FUNCTIONS) == set(_REFERENCE) | _EXEMPT


@pytest.mark.parametrize("name", _REFERENCE)
def test_value_is_the_function(name: str) -> None:
    """At fractions with small denominators, where the exact values are simplified most."""
    effective = 0
    for k in range(-30, 31):
        x = Fraction(k, 6)
        try:
            found = apply(name, x)
        except ValueError:
            continue
        reference = _REFERENCE[name](arb(fmpq(k, 6)))
        assert reference.is_finite(), "simplified outside the domain"
        assert found.ball(100).overlaps(reference), x
        assert math.isclose(float(found), float(reference), rel_tol=1e-13, abs_tol=1e-13)
        effective += 1
    assert effective >= 12


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_polygamma_is_the_derivative(order: int) -> None:
    """ψₖ(x) = (−1)^(k+1)·k!·Σ 1/(x+n)^(k+1), for k ≥ 1; the digamma function for k = 0."""
    for k in range(1, 30):
        x = Fraction(k, 6)
        found = float(apply("polygamma", order, x))
        if order == 0:
            assert found == float(apply("digamma", x))
            continue
        many = 2000
        tail = (many + float(x) - 0.5) ** -order / order  # by the midpoint rule
        total = sum((float(x) + n) ** -(order + 1) for n in range(many)) + tail
        assert math.isclose(
            found, (-1) ** (order + 1) * math.factorial(order) * total, rel_tol=1e-7
        )


@pytest.mark.parametrize("seed", range(40))
def test_random_numbers_agree_with_balls(seed: int) -> None:
    source = random.Random(seed)
    for _ in range(10):
        exact, ball = sample(source, 4)
        if ball.rel_accuracy_bits() < 60 and ball.rad() > arb(2) ** -60:
            continue
        assert exact.ball(80).overlaps(ball), exact.text
        assert exact.sign(numerical=True) == (ball > 0) - (ball < 0), exact.text
