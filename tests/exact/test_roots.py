"""Roots of polynomials and of continuous functions."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from gradform.exact import Real, apply, polynomial_roots

F = Fraction

WRITTEN = {
    (-2, 0, 0, 1): ["2^(1/3)"],
    (0, -1, 0, 1): ["-1", "0", "1"],
    (-1, -1, 1): ["(1 - sqrt(5))/2", "(1 + sqrt(5))/2"],
    (1, 0, 1): [],
    (1, 0, -10, 0, 1): [
        "-sqrt(2) - sqrt(3)",
        "sqrt(2) - sqrt(3)",
        "sqrt(3) - sqrt(2)",
        "sqrt(2) + sqrt(3)",
    ],
    (-2, -3, 3, -1): ["1 - 3^(1/3)"],
    (-1, -1, 0, 0, 0, 1): ["RootOf(x^5 - x - 1, 0)"],
    (5,): [],
}


@pytest.mark.parametrize(("coefficients", "texts"), WRITTEN.items())
def test_written_roots(coefficients: tuple[int, ...], texts: list[str]) -> None:
    assert [root.text for root, _ in polynomial_roots(coefficients)] == texts


small = st.fractions(min_value=-4, max_value=4, max_denominator=3)


@given(st.lists(small, min_size=2, max_size=6))
@settings(deadline=None, max_examples=80)
def test_roots_are_all_the_zeros(coefficients: list[Fraction]) -> None:
    """Each is a zero, and their number is that of Sturm's sequence."""
    while coefficients and not coefficients[-1]:
        coefficients.pop()
    if not coefficients:
        return
    roots = polynomial_roots(coefficients)
    assert len(roots) == _sturm_count(coefficients)
    assert all(a < b for (a, _), (b, _) in pairwise(roots))
    for root, multiplicity in roots:
        derived = coefficients
        for _ in range(multiplicity):
            assert _value(derived, root).sign() == 0
            derived = _derivative(derived)
        assert _value(derived, root).sign() != 0


def _value(coefficients: list[Fraction], x: Real) -> Real:
    total = Real.of(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def _derivative(coefficients: list[Fraction]) -> list[Fraction]:
    return [k * c for k, c in enumerate(coefficients)][1:] or [F(0)]


def _sturm_count(coefficients: list[Fraction]) -> int:
    """The number of distinct real roots, by Sturm's theorem."""
    sequence = [coefficients, _derivative(coefficients)]
    while any(sequence[-1]):
        sequence.append([-c for c in _remainder(sequence[-2], sequence[-1])])
    signs = [
        [(c[-1] > 0) - (c[-1] < 0) for c in sequence[:-1]],
        [((c[-1] > 0) - (c[-1] < 0)) * (1 if len(c) % 2 else -1) for c in sequence[:-1]],
    ]
    right, left = (sum(int(a != b) for a, b in pairwise(row)) for row in signs)
    return int(left - right)


def _remainder(top: list[Fraction], bottom: list[Fraction]) -> list[Fraction]:
    top = list(top)
    while len(top) >= len(bottom):
        factor = top[-1] / bottom[-1]
        offset = len(top) - len(bottom)
        for k, c in enumerate(bottom):
            top[k + offset] -= factor * c
        top.pop()
    while top and not top[-1]:
        top.pop()
    return top or [F(0)]


def test_multiplicities() -> None:
    """(x − 1)²(x² − 2)³ = 0."""
    found = polynomial_roots([-8, 16, 4, -24, 6, 12, -5, -2, 1])
    assert [(root.text, k) for root, k in found] == [("-sqrt(2)", 3), ("1", 2), ("sqrt(2)", 3)]


def test_coefficients_up_to_degree_two_may_be_irrational() -> None:
    root = Real.of(2) ** F(1, 2)
    assert polynomial_roots([2, -2 * root, 1]) == [(root, 2)]
    assert [r for r, _ in polynomial_roots([-Real.pi() * root, root - Real.pi(), 1])] == [
        -root,
        Real.pi(),
    ]
    with pytest.raises(ValueError, match="rational"):
        polynomial_roots([Real.pi(), 0, 0, 1])
    with pytest.raises(ValueError, match="zero polynomial"):
        polynomial_roots([0, 0])


def test_chosen_root() -> None:
    assert Real.root([-2, 0, 1], 1) == Real.root([-2, 0, 1], (1, 2))
    with pytest.raises(ValueError, match="real roots"):
        Real.root([1, 0, 1], 0)
    with pytest.raises(ValueError, match="interval"):
        Real.root([-2, 0, 1], (-2, 2))


def test_zero_of_a_function() -> None:
    calls = 0

    def excess(bits: int, x: arb) -> arb:
        nonlocal calls
        calls += 1
        return x.cos() - x

    found = Real.root_of(excess, 0, 1, "dottie")
    assert found.text == "dottie"
    ball = found.ball(2000)
    assert ball.rel_accuracy_bits() >= 2000
    assert calls < 200
    difference = apply("cos", found) - found
    assert difference.sign(numerical=True) == 0 and not difference.zero_is_proved
    assert found < F(73908514, 10**8) and found > F(73908513, 10**8)


@pytest.mark.parametrize(
    ("low", "high", "zero"), [(-1, 2, F(1, 3)), (-2, 1, F(-1, 2)), (0, 1, F(1, 2)), (-1, 1, F(0))]
)
def test_rational_zeros_of_functions(low: int, high: int, zero: Fraction) -> None:
    shift = arb(zero.numerator)
    found = Real.root_of(
        lambda bits, x: ((zero.denominator * x - shift) * 3).sinh(), low, high, "z"
    )
    assert abs(float(found) - float(zero)) < 1e-15
    assert found.ball(300).overlaps(shift / zero.denominator)


def test_no_change_of_sign() -> None:
    with pytest.raises(ValueError, match="sign"):
        Real.root_of(lambda bits, x: x * x + 1, 0, 1, "none")
