"""Zeros that have to be proved, and numbers near 0 that have to be told from it."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from gradform.exact import Real, Undecided, apply, polynomial_roots
from tests.exact.random_numbers import sample
from tests.exact.reading import read

ZEROS = """
((1 + sqrt(5))/2)^2 - (1 + sqrt(5))/2 - 1
sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6))
sqrt(2) + sqrt(3) + sqrt(7) - sqrt(12 + 2*sqrt(6) + 2*sqrt(14) + 2*sqrt(21))
(sqrt(2) + 3^(1/3))^2 - 2 - 2*sqrt(2)*3^(1/3) - 9^(1/3)
(2 + 5^(1/2))^(1/3) - (1 + sqrt(5))/2
(7 + 5*sqrt(2))^(1/3) - 1 - sqrt(2)
(2^(1/3) - 1)^(1/3) - ((1/9)^(1/3) - (2/9)^(1/3) + (4/9)^(1/3))
RootOf(x^5 - x - 1, 0)^5 - RootOf(x^5 - x - 1, 0) - 1
1/(RootOf(x^5 - x - 1, 0)^4 - 1) - RootOf(x^5 - x - 1, 0)
RootOf(x^3 + x^2 - 2*x - 1, 0)*RootOf(x^3 + x^2 - 2*x - 1, 1)*RootOf(x^3 + x^2 - 2*x - 1, 2) - 1
log(6) - log(2) - log(3)
log(8)/log(2) - 3
log(sqrt(2) + 1) + log(sqrt(2) - 1)
exp(1)*exp(-1) - 1
exp(log(3)/2) - sqrt(3)
exp(1)/(1 + exp(1)) - 1 + 1/(1 + exp(1))
log(exp(2) - 1) - log(exp(1) - 1) - log(exp(1) + 1)
log(1 + exp(1)) - 1 - log(1 + exp(-1))
sqrt(1 + 2*exp(1) + exp(2)) - 1 - exp(1)
cos(pi/7) - cos(2*pi/7) + cos(3*pi/7) - 1/2
sin(pi/7)*sin(2*pi/7)*sin(3*pi/7) - sqrt(7)/8
cos(pi/9)*cos(2*pi/9)*cos(4*pi/9) - 1/8
tan(2) - 2*tan(1)/(1 - tan(1)^2)
sin(3) - 3*sin(1) + 4*sin(1)^3
cos(1 + pi/3) - cos(1)/2 + sqrt(3)*sin(1)/2
sin(2*atan(pi)) - 2*pi/(1 + pi^2)
4*atan(1/5) - atan(1/239) - pi/4
atan(1/2) + atan(1/3) - pi/4
sqrt(exp(1))*sqrt(1 + exp(-1)) - sqrt(exp(1) + 1)
tanh(1) - (exp(2) - 1)/(exp(2) + 1)
cosh(1)^2 - sinh(1)^2 - 1
sin(1)^2 + cos(1)^2 - 1
tan(1)*cos(1) - sin(1)
sin(pi/6) - 1/2
cos(pi/5) - cos(2*pi/5) - 1/2
asin(1/3) + acos(1/3) - pi/2
asin(3/5) - atan(3/4)
erf(1) + erfc(1) - 1
exp(-2 - LambertW(-exp(-2), -1)) + LambertW(-exp(-2), -1)
LambertW(1)*exp(LambertW(1)) - 1
log(LambertW(2)) - log(2) + LambertW(2)
digamma(1) + EulerGamma
digamma(7/3) - digamma(1/3) - 3 - 3/4
gamma(1/2)^2 - pi
polygamma(1, 1) - pi^2/6
2^sqrt(2)*2^(-sqrt(2)) - 1
""".strip().splitlines()

NONZEROS = """
sqrt(2) + sqrt(3) - 355/113 - 5/1000
exp(pi*sqrt(163)) - 262537412640768744
sqrt(10^20 + 1) - 10^10
sin(355)
sqrt(10^3000 + 1) - 10^1500
(1 + sqrt(5))/2 - 16180339887498948482045868343656381177203/10^40
log(2)/log(3) - 12/19
cos(pi/7) - cos(2*pi/7)
RootOf(x^5 - x - 1, 0) - 11673039782614187/10^16
""".strip().splitlines()


@pytest.mark.parametrize("text", ZEROS)
def test_zero_is_proved(text: str) -> None:
    found = read(text)
    assert found.sign() == 0
    assert found.zero_is_proved
    assert found == 0


@pytest.mark.parametrize("text", NONZEROS)
def test_nonzero_is_told_from_zero(text: str) -> None:
    found = read(text)
    assert found.sign() != 0
    assert not found.zero_is_proved
    with_double = read(f"({text})*1")
    assert with_double == found


def test_factors_with_long_coefficients() -> None:
    x = read("exp(1)")
    long = 10**40 + 1
    product = (long * x + Real.pi()) * (x - long * Real.pi())
    assert (product / (long * x + Real.pi()) - x + long * Real.pi()).sign() == 0


def test_fixed_point_of_exp() -> None:
    """exp(x) − x − 2 = 0 at x = −2 − W₋₁(−exp(−2))."""
    x = read("-2 - LambertW(-exp(-2), -1)")
    assert (apply("exp", x) - x - 2).sign() == 0
    assert (apply("exp", x) - x - 2).zero_is_proved


def test_without_a_proof_it_says_so() -> None:
    number = Real.root_of(lambda bits, x: x * x * x - 2, 1, 2, "c")
    difference = number - read("2^(1/3)")
    with pytest.raises(Undecided):
        difference.sign()
    assert difference.sign(numerical=True) == 0
    assert not difference.zero_is_proved


def _half(x: Real) -> Real:
    return x ** Fraction(1, 2)


IDENTITIES: dict[str, Callable[[Real, Real], Real]] = {
    "square root of a square": lambda a, b: _half((a - b) ** 2) - abs(a - b),
    "cube root of a cube": lambda a, b: ((a + b) ** 3) ** Fraction(1, 3) - a - b,
    "quotient": lambda a, b: (a**2 - b**2) / (a - b) - a - b,
    "conjugate": lambda a, b: 1 / (_half(abs(a) + 2) - 1) - (_half(abs(a) + 2) + 1) / (abs(a) + 1),
    "sum of roots": lambda a, b: (
        (_half(abs(a) + 1) + _half(abs(b) + 1)) ** 2
        - (abs(a) + abs(b) + 2)
        - 2 * _half((abs(a) + 1) * (abs(b) + 1))
    ),
    "quadratic": lambda a, b: (
        max(root for root, _ in polynomial_roots([a * b, -(a + b), 1])) - max(a, b)
    ),
    "log of a product": lambda a, b: (
        apply("log", abs(a * b)) - apply("log", abs(a)) - apply("log", abs(b))
    ),
    "exp of a sum": lambda a, b: apply("exp", a + b) - apply("exp", a) * apply("exp", b),
    "softplus": lambda a, b: (
        apply("log", 1 + apply("exp", a)) - a - apply("log", 1 + apply("exp", -a))
    ),
    "tanh": lambda a, b: apply("tanh", a) - 1 + 2 / (apply("exp", 2 * a) + 1),
    "hyperbola": lambda a, b: apply("cosh", a) ** 2 - apply("sinh", a) ** 2 - 1,
    "circle": lambda a, b: apply("sin", a + b) ** 2 + apply("cos", a + b) ** 2 - 1,
    "sine of a sum": lambda a, b: (
        apply("sin", a + b) - apply("sin", a) * apply("cos", b) - apply("cos", a) * apply("sin", b)
    ),
    "power": lambda a, b: (abs(a) + 1).power(b) * (abs(a) + 1).power(-b) - 1,
    "LambertW": lambda a, b: (
        apply("lambertw", abs(a)) * apply("exp", apply("lambertw", abs(a))) - abs(a)
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identities_at_random_numbers(name: str) -> None:
    """Both sides are made apart and are proved equal."""
    effective = 0
    for seed in range(40):
        source = random.Random(seed)
        a, b = (sample(source, 2).exact for _ in range(2))
        if a.sign() == 0 or b.sign() == 0 or a == b or max(abs(float(a)), abs(float(b))) > 15:
            continue
        assert IDENTITIES[name](a, b).sign() == 0, (a.text, b.text)
        effective += a.rational is None or b.rational is None
    assert effective >= 12
