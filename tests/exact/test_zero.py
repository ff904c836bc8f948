"""Zeros that have to be proved, and numbers near 0 that have to be told from it."""

from __future__ import annotations

import pytest

from gradform.exact import Real, Undecided, apply
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
