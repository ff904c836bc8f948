"""Quotients of polynomials in one function: (1 - t²)/(1 + t) = 1 - t."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Node, Sum, exact
from gradform.rewrite.weight import weight

__all__ = ["cancelled"]

# Coefficients, that of the highest power last and not zero; () is the polynomial 0.
_Polynomial = tuple[Fraction, ...]

_HIGHEST = 8


def cancelled(node: Node) -> Node:
    """A product without the common factors of its sums above and below, where it gets shorter.

    Where such a factor is zero the product is no number either before or, then, after.
    """
    while isinstance(node, Contraction):
        tried = min(_lighter(node), key=weight, default=node)
        if weight(tried) >= weight(node):
            break
        node = tried
    return node


def _lighter(node: Contraction) -> Iterator[Node]:
    """The product with one sum above and one below divided by what they have in common."""
    for low, (divisor, places, below) in enumerate(node.factors):
        if not (isinstance(below, int) and below < 0):
            continue
        for high, (dividend, labels, above) in enumerate(node.factors):
            if not (isinstance(above, int) and above > 0 and labels == places):
                continue
            found = _without_common(dividend, above, divisor, below)
            if found is not None:
                coefficient, sums = found
                rest = [f for k, f in enumerate(node.factors) if k not in (low, high)]
                yield build.contract(
                    node.coefficient * coefficient,
                    [*rest, *((part, labels, power) for part, power in sums)],
                    tuple(range(node.rank)),
                    dict(enumerate(node.dims)),
                )


def _without_common(
    dividend: Node, above: int, divisor: Node, below: int
) -> tuple[Coefficient, list[tuple[Node, int]]] | None:
    """u^p v^q = (u/g)^p (v/g)^q g^(p+q) as a number and powers; None without a common g.

    A single u is divided by v as often as that goes: (t² + 2t + 1)/(1 + t)² is 1.
    """
    u, v = _polynomial(dividend), _polynomial(divisor)
    if u is None or v is None or u[0] is not v[0]:
        return None
    variable, p, q = u[0], u[1], v[1]
    left = below
    while above == 1 and left < 0 and not _divided(p, q)[1]:
        p, left = _divided(p, q)[0], left + 1
    common = _common(p, q) if left else (Fraction(1),)
    if left == below and len(common) < 2:
        return None
    parts = [
        (_divided(p, common)[0], above),
        (_divided(q, common)[0], left),
        (common, above + left),
    ]
    numbers = [(part[0], power) for part, power in parts if len(part) == 1]
    number = math.prod((each**power for each, power in numbers), start=Fraction(1))
    sums = [(part, power) for part, power in parts if len(part) > 1 and power]
    return exact(number), [(_written(part, variable), power) for part, power in sums]


# ---------------------------------------------------------------- sums and coefficients


def _polynomial(node: Node) -> tuple[Node, _Polynomial] | None:
    """A sum as a polynomial in one expression of its axes."""
    if not isinstance(node, Sum):
        return None
    variables: set[Node] = set()
    found = [Fraction(0)] * (_HIGHEST + 1)
    for coefficient, term in node.terms:
        number, base, power = _monomial(term)
        if not isinstance(power, int) or not 0 <= power <= _HIGHEST:
            return None
        variables.update([base] if power else [])
        found[power] += Fraction(coefficient) * number
    return (variables.pop(), _shortened(found)) if len(variables) == 1 else None


def _monomial(term: Node) -> tuple[Coefficient, Node, Coefficient]:
    """c b^k, entry by entry."""
    number = build.constant_value(term)
    if number is not None:
        return number, term, 0
    if isinstance(term, Contraction) and len(term.factors) == 1 and len(term.dims) == term.rank:
        base, labels, power = term.factors[0]
        if labels == tuple(range(term.rank)):
            return term.coefficient, base, power
    return 1, term, 1


def _written(polynomial: _Polynomial, variable: Node) -> Node:
    terms = [(exact(c), build.power(variable, k)) for k, c in enumerate(polynomial) if c]
    return build.linear_combination(terms, variable.axes)


def _shortened(coefficients: Sequence[Fraction]) -> _Polynomial:
    last = max((k for k, c in enumerate(coefficients) if c), default=-1)
    return tuple(coefficients[: last + 1])


def _divided(dividend: _Polynomial, divisor: _Polynomial) -> tuple[_Polynomial, _Polynomial]:
    """Quotient and rest."""
    rest = list(dividend)
    quotient = [Fraction(0)] * max(len(dividend) - len(divisor) + 1, 0)
    for k in reversed(range(len(quotient))):
        quotient[k] = rest[k + len(divisor) - 1] / divisor[-1]
        for place, coefficient in enumerate(divisor):
            rest[k + place] -= quotient[k] * coefficient
    return _shortened(quotient), _shortened(rest)


def _common(first: _Polynomial, second: _Polynomial) -> _Polynomial:
    """The greatest common divisor, by Euclid's algorithm, with 1 as the last coefficient."""
    while second:
        first, second = second, _divided(first, second)[1]
    return tuple(coefficient / first[-1] for coefficient in first)
