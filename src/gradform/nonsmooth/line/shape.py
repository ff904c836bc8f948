"""What a curve looks like: polynomial, exponential polynomial, terms, common factors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd

from gradform.exact import Real, apply
from gradform.nonsmooth.line.curve import Curve, X, add, constant, function, multiply, power, walk

__all__ = [
    "coefficients_in",
    "common_factor",
    "exponential_polynomial",
    "linear_in_x",
    "multiplied_out",
    "over_one_denominator",
    "rationals",
    "single_wave",
    "size_of",
    "terms_of",
]

_HIGHEST = 40

Coefficients = list[Real]


def coefficients_in(root: Curve, base: Curve) -> Coefficients | None:
    """c_0, c_1, … with root = Σ c_k base^k, or None. The last one is not 0."""
    return walk(root, lambda node, below: _coefficients(node, below, base))


def _coefficients(
    node: Curve, below: list[Coefficients | None], base: Curve
) -> Coefficients | None:
    if node is base:
        return [Real.of(0), Real.of(1)]
    if node.op == "const":
        return [node.value]
    known = [each for each in below if each is not None]
    if len(known) < len(below) or not below:
        return None
    match node.op:
        case "add":
            return _folded(known, _sum)
        case "mul":
            return _folded(known, _product)
        case "pow" if node.data.denominator == 1 and node.data > 0:
            degree = (len(known[0]) - 1) * int(node.data)
            return _folded(known * int(node.data), _product) if degree <= _HIGHEST else None
    return None


def _folded(
    parts: list[Coefficients], operation: Callable[[Coefficients, Coefficients], Coefficients]
) -> Coefficients:
    total = parts[0]
    for part in parts[1:]:
        total = operation(total, part)
    while len(total) > 1 and _is_zero(total[-1]):
        total.pop()
    return total


def _is_zero(value: Real) -> bool:
    rational = value.rational
    return not rational if rational is not None else value.sign(numerical=True) == 0


def _sum(left: Coefficients, right: Coefficients) -> Coefficients:
    size = max(len(left), len(right))
    padded = [[*each, *[Real.of(0)] * (size - len(each))] for each in (left, right)]
    return [a + b for a, b in zip(*padded, strict=True)]


def _product(left: Coefficients, right: Coefficients) -> Coefficients:
    total = [Real.of(0)] * (len(left) + len(right) - 1)
    for j, a in enumerate(left):
        for k, b in enumerate(right):
            total[j + k] = total[j + k] + a * b
    return total


def rationals(coefficients: Coefficients) -> list[Fraction] | None:
    """The coefficients when all are rational."""
    found = [each.rational for each in coefficients]
    return None if any(each is None for each in found) else [f for f in found if f is not None]


def terms_of(curve: Curve) -> tuple[Curve, ...]:
    return curve.args if curve.op == "add" else (curve,)


def factors_of(curve: Curve) -> tuple[Curve, ...]:
    return curve.args if curve.op == "mul" else (curve,)


def size_of(curve: Curve) -> int:
    """The number of nodes, written out."""
    return walk(curve, lambda node, below: 1 + sum(below))


def linear_in_x(curve: Curve) -> tuple[Real, Real] | None:
    """(a, b) with curve = a x + b and a != 0."""
    coefficients = coefficients_in(curve, X)
    if coefficients is None or len(coefficients) != 2:
        return None
    return coefficients[1], coefficients[0]


# ---------------------------------------------------------------- exponentials


def exponential_polynomial(curve: Curve) -> tuple[Fraction, list[Fraction]] | None:
    """(a, c) with the sign of the curve that of Σ c_k exp(a x)^k, or None.

    Powers exp(-k a x) are multiplied away, which changes no sign.
    """
    rates = walk(curve, _exponential_terms)
    if rates is None:
        return None
    step = _common_step(list(rates)) if len(rates) > 1 else Fraction(1)
    lowest = min(rates, default=Fraction(0))
    found = {int((rate - lowest) / step): value.rational for rate, value in rates.items()}
    degree = max(found, default=0)
    if degree > _HIGHEST or any(value is None for value in found.values()):
        return None
    return step, [found.get(k) or Fraction(0) for k in range(degree + 1)]


_Rates = dict[Fraction, Real]


def _exponential_terms(node: Curve, below: list[_Rates | None]) -> _Rates | None:
    if node.op == "const":
        return {Fraction(0): node.value}
    if node.op == "fn" and node.data[0] == "exp":
        line = linear_in_x(node.args[0])
        rate = None if line is None else line[0].rational
        return None if line is None or rate is None else {rate: apply("exp", line[1])}
    if node.op == "fn" and node.data[0] in ("sinh", "cosh"):
        line = linear_in_x(node.args[0])
        rate = None if line is None else line[0].rational
        if line is None or rate is None:
            return None
        half = apply("exp", line[1]) / 2, apply("exp", -line[1]) / 2
        return {rate: half[0], -rate: half[1] if node.data[0] == "cosh" else -half[1]}
    known = [each for each in below if each is not None]
    if len(known) < len(below) or not known:
        return None
    total = known[0]
    if node.op == "add":
        for each in known[1:]:
            total = {rate: _both(total, each, rate) for rate in {**total, **each}}
        return {rate: value for rate, value in total.items() if not _is_zero(value)}
    if node.op == "mul" or (node.op == "pow" and node.data.denominator == 1 and 0 < node.data < 9):
        others = known[1:] if node.op == "mul" else known * (int(node.data) - 1)
        for each in others:
            product: _Rates = {}
            for a, left in total.items():
                for b, right in each.items():
                    term = left * right
                    product[a + b] = product[a + b] + term if a + b in product else term
            total = product
        return total
    return None


def _both(left: _Rates, right: _Rates, rate: Fraction) -> Real:
    return left.get(rate, Real.of(0)) + right.get(rate, Real.of(0))


def _common_step(rates: list[Fraction]) -> Fraction:
    """The largest a with all differences whole multiples of it."""
    gaps = [abs(rate - rates[0]) for rate in rates[1:]]
    bottom = 1
    for gap in gaps:
        bottom = bottom * gap.denominator // gcd(bottom, gap.denominator)
    return Fraction(gcd(*(int(gap * bottom) for gap in gaps)), bottom)


# ---------------------------------------------------------------- waves


def single_wave(curve: Curve) -> Curve | None:
    """±sin(u + φ) with the sign of A sin(u) + B cos(u), where tan φ = B/A; or None."""
    sizes: dict[str, Real] = {}
    argument: Curve | None = None
    for term in terms_of(curve):
        size, rest = Real.of(1), []
        for factor in factors_of(term):
            if factor.is_constant:
                size = size * factor.value
            else:
                rest.append(factor)
        if len(rest) != 1 or rest[0].op != "fn" or rest[0].data[0] not in ("sin", "cos"):
            return None
        if argument not in (None, rest[0].args[0]) or rest[0].data[0] in sizes:
            return None
        argument, sizes[rest[0].data[0]] = rest[0].args[0], size
    if argument is None or len(sizes) < 2:
        return None
    shifted = function("sin", add(argument, constant(apply("atan", sizes["cos"] / sizes["sin"]))))
    return multiply(constant(sizes["sin"].sign()), shifted)


# ---------------------------------------------------------------- common factors


def common_factor(curve: Curve) -> tuple[Curve, Curve] | None:
    """(g, rest) with curve = g·rest where all terms have the factor g, or None."""
    terms = [_split(term) for term in terms_of(curve)]
    if len(terms) < 2:
        return None
    bases = set(terms[0][0]).intersection(*(powers for powers, _ in terms[1:]))
    shared = {base: min(powers[base] for powers, _ in terms) for base in bases}
    factor = multiply(*(power(base, exponent) for base, exponent in shared.items() if exponent))
    exponents = [exponent for _, exponent in terms]
    if all(exponent is not None for exponent in exponents):
        factor = multiply(factor, function("exp", add(*filter(None, exponents[:1]))))
    if factor.is_constant:
        return None
    inverse = power(factor, -1)
    return factor, add(*(multiply(term, inverse) for term in terms_of(curve)))


def _split(term: Curve) -> tuple[dict[Curve, Fraction], Curve | None]:
    """Bases with exponents, and the argument of the exponential factor."""
    powers: dict[Curve, Fraction] = {}
    exponent: Curve | None = None
    for factor in factors_of(term):
        if factor.op == "fn" and factor.data[0] == "exp":
            exponent = factor.args[0]
        elif factor.op == "pow":
            powers[factor.args[0]] = factor.data
        elif not factor.is_constant:
            powers[factor] = Fraction(1)
    return powers, exponent


# ---------------------------------------------------------------- common denominators

_MOST_TERMS = 200


def over_one_denominator(curve: Curve) -> tuple[Curve, Curve] | None:
    """(numerator, denominator) of a sum with fractions, the numerator multiplied out; or None."""
    terms = terms_of(curve)
    lowest: dict[Curve, Fraction] = {}
    for term in terms:
        for base, exponent in _split(term)[0].items():
            if exponent < 0:
                lowest[base] = min(lowest.get(base, Fraction(0)), exponent)
    if not lowest or len(terms) < 2:
        return None
    denominator = multiply(*(power(base, -exponent) for base, exponent in lowest.items()))
    parts = [multiplied_out(multiply(term, denominator)) for term in terms]
    if any(part is None for part in parts):
        return None
    return add(*(part for part in parts if part is not None)), denominator


def multiplied_out(curve: Curve) -> Curve | None:
    """A product of whole powers of sums, as one sum; None when that is too long."""
    total: tuple[Curve, ...] = (multiply(),)
    for factor in factors_of(curve):
        base, times = (factor.args[0], factor.data) if factor.op == "pow" else (factor, Fraction(1))
        sums = base.op == "add" and times.denominator == 1 and 0 < times <= 8
        for _ in range(int(times) if sums else 1):
            choices = base.args if sums else (factor,)
            if len(total) * len(choices) > _MOST_TERMS:
                return None
            total = terms_of(add(*(multiply(a, b) for a in total for b in choices)))
    return add(*total)
