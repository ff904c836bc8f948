"""Taylor coefficients of the elementary functions, exact."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradform.exact import Real, apply
from gradform.nonsmooth.line.curve import elementary
from gradform.nonsmooth.line.germ import Germ

__all__ = ["taylor"]


def taylor(name: str, numbers: tuple[int, ...], at: Real) -> Callable[[int], Real]:
    """f^(k)(at)/k! for the elementary functions, from their differential equations."""
    values: list[Real] = [elementary((name, *numbers), at)]
    rule = _TAYLOR[name]

    def coefficient(k: int) -> Real:
        while len(values) <= k:
            values.append(rule(values, at, numbers))
        return values[k]

    return coefficient


_Rule = Callable[[list[Real], Real, tuple[int, ...]], Real]


def _circular(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """f'' = -f for sin and cos; the first slope is put in by the rule of each."""
    k = len(values)
    return -values[k - 2] / (k * (k - 1))


def _sine(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    return apply("cos", at) if len(values) == 1 else _circular(values, at, numbers)


def _cosine(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    return -apply("sin", at) if len(values) == 1 else _circular(values, at, numbers)


def _tangent(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """f' = 1 + f²"""
    k = len(values)
    square = sum((values[j] * values[k - 1 - j] for j in range(k)), Real.of(0))
    return ((square + 1) if k == 1 else square) / k


def _by_slope(slope: Callable[[Real], Germ]) -> _Rule:
    """From the series of f' at the point, Σ s_k t^k: f_k = s_(k-1)/k."""

    def rule(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
        k = len(values)
        return slope(at).truncated(Fraction(k)).coefficient(k - 1) / k

    return rule


def _shifted(at: Real) -> Germ:
    return Germ.of(at) + Germ.monomial(1, 1)


_LENGTH = Fraction(16)


def _arc_tangent_slope(at: Real) -> Germ:
    return (Germ.of(1) + _shifted(at) * _shifted(at)).reciprocal(_LENGTH)


def _arc_sine_slope(at: Real) -> Germ:
    return (Germ.of(1) - _shifted(at) * _shifted(at)).power(Fraction(-1, 2), _LENGTH)


def _error_slope(at: Real) -> Germ:
    bell = (-(_shifted(at) * _shifted(at))).exponential(_LENGTH, lambda c: apply("exp", c))
    return bell.scaled(2 / Real.pi() ** Fraction(1, 2))


def _polygamma(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """ψ_m^(k) = ψ_(m+k)"""
    order = (numbers[0] if numbers else 0) + len(values)
    return apply("polygamma", Real.of(order), at) * _inverse_factorial(len(values))


def _log_gamma(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    k = len(values)
    slope = apply("digamma", at) if k == 1 else apply("polygamma", Real.of(k - 1), at)
    return slope * _inverse_factorial(k)


def _gamma(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """Γ' = Γ ψ"""
    k = len(values)
    total = Real.of(0)
    for j in range(k):
        name = apply("digamma", at) if j == 0 else apply("polygamma", Real.of(j), at)
        total = total + values[k - 1 - j] * name * _inverse_factorial(j)
    return total / k


def _lambert(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """z (1 + W) W' = W at z = at + t: with p_k = Σ_j j w_j q_(k+1-j) the series of (1 + W) W',
    where q = 1 + W, at·p_(n-1) + p_(n-2) = w_(n-1). At 0, w_n = (-n)^(n-1)/n!."""
    n = len(values)
    if at.sign() == 0:
        return Real.of(Fraction((-n) ** (n - 1))) * _inverse_factorial(n)
    q = [values[0] + 1, *values[1:]]
    same = sum((values[j] * values[n - j] * j for j in range(1, n)), Real.of(0))
    before = sum((values[j] * q[n - 1 - j] * j for j in range(1, n)), Real.of(0))
    return (values[n - 1] - before - at * same) / (at * q[0] * n)


def _inverse_factorial(k: int) -> Real:
    result = Fraction(1)
    for j in range(2, k + 1):
        result /= j
    return Real.of(result)


_TAYLOR: dict[str, _Rule] = {
    "sin": _sine,
    "cos": _cosine,
    "tan": _tangent,
    "atan": _by_slope(_arc_tangent_slope),
    "asin": _by_slope(_arc_sine_slope),
    "acos": _by_slope(lambda at: -_arc_sine_slope(at)),
    "erf": _by_slope(_error_slope),
    "erfc": _by_slope(lambda at: -_error_slope(at)),
    "digamma": _polygamma,
    "polygamma": _polygamma,
    "lgamma": _log_gamma,
    "gamma": _gamma,
    "lambertw": _lambert,
}
