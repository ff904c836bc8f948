"""The gamma function and the derivatives of its logarithm at rational numbers.

    Γ(x+1) = x·Γ(x)     ψ(x+1) = ψ(x) + 1/x     ψₖ(x+1) = ψₖ(x) + (−1)^k·k!/x^(k+1)

(Abramowitz and Stegun, chapter 6.) Arguments are moved into (0, 1], where Γ(1) = 1,
Γ(1/2) = √π, and ψ is known by Gauss's theorem.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

from flint import fmpq

from gradform.exact.atoms import EULER_GAMMA, PI, applied
from gradform.exact.exponentials import logarithm
from gradform.exact.form import (
    ONE,
    ZERO,
    Number,
    add,
    atom_power,
    negate,
    numeric_sign,
    scale,
    sum_of,
)
from gradform.exact.powers import power, product
from gradform.language import say

__all__ = ["digamma", "gamma", "lgamma", "polygamma"]

_MOST_STEPS = 64  # arguments further out stay as they are


def gamma(x: Number) -> Number:
    """Γ(x)."""
    _check_pole("gamma", x)
    if not isinstance(x, fmpq) or abs(x) > _MOST_STEPS:
        return applied("gamma", x)
    factor = ONE
    while x > 1:
        x -= 1
        factor *= x
    while x <= 0:
        factor /= x
        x += 1
    if x == 1:
        return factor
    if x == fmpq(1, 2):
        return scale(atom_power(PI, 1, 2), factor)
    return scale(applied("gamma", x), factor)


def lgamma(x: Number) -> Number:
    """log |Γ(x)|."""
    _check_pole("lgamma", x)
    if not isinstance(x, fmpq) or abs(x) > _MOST_STEPS:
        return applied("lgamma", x)
    value = gamma(x)
    return logarithm(value if numeric_sign(value) > 0 else negate(value))


def digamma(x: Number) -> Number:
    """ψ(x) = Γ′(x)/Γ(x)."""
    return polygamma(0, x)


def polygamma(order: int, x: Number) -> Number:
    """ψₖ(x), the derivative of order k of ψ."""
    _check_pole("polygamma", x)
    if not isinstance(x, fmpq) or abs(x) > _MOST_STEPS:
        return _polygamma(order, x)
    step = fmpq((-1) ** order * factorial(order))
    moved = ZERO
    while x > 1:
        x -= 1
        moved += step / x ** (order + 1)
    while x <= 0:
        moved -= step / x ** (order + 1)
        x += 1
    return add(_polygamma(order, x), moved)


def _polygamma(order: int, x: Number) -> Number:
    if isinstance(x, fmpq):
        key = (int(x.p), int(x.q))
        if order == 0 and key in _DIGAMMAS:
            return _DIGAMMAS[key]()
        if order % 2 and key in ((1, 1), (1, 2)):
            factor = 1 if key == (1, 1) else 2 ** (order + 1) - 1
            return scale(_even_zeta(order + 1), fmpq(factor * factorial(order)))
    return applied("digamma", x) if order == 0 else applied("polygamma", x, (order,))


def _even_zeta(n: int) -> Number:
    """ζ(n) = |Bₙ|·(2π)^n/(2·n!) for even n."""
    return scale(atom_power(PI, n), abs(fmpq.bernoulli(n)) * 2 ** (n - 1) / factorial(n))


def _check_pole(name: str, x: Number) -> None:
    if isinstance(x, fmpq) and x.q == 1 and x <= 0:
        raise ValueError(say("{name} is not defined at 0, -1, -2, …", name=name))


def _log(n: int, factor: fmpq) -> Number:
    return scale(logarithm(fmpq(n)), factor)


def _gauss(logs: dict[int, fmpq], cotangent: Number) -> Callable[[], Number]:
    """ψ(p/q) = −γ − (π/2)·cot(π·p/q) − logarithms, the second with its factor π/2."""
    return lambda: sum_of(
        (
            negate(atom_power(EULER_GAMMA)),
            scale(product(atom_power(PI), cotangent), fmpq(-1, 2)),
            *(_log(n, -factor) for n, factor in logs.items()),
        )
    )


_ROOT_3 = power(fmpq(3), 1, 2)
_DIGAMMAS: dict[tuple[int, int], Callable[[], Number]] = {
    (1, 1): _gauss({}, ZERO),
    (1, 2): _gauss({2: fmpq(2)}, ZERO),
    (1, 3): _gauss({3: fmpq(3, 2)}, power(fmpq(3), -1, 2)),
    (2, 3): _gauss({3: fmpq(3, 2)}, negate(power(fmpq(3), -1, 2))),
    (1, 4): _gauss({2: fmpq(3)}, ONE),
    (3, 4): _gauss({2: fmpq(3)}, -ONE),
    (1, 6): _gauss({2: fmpq(2), 3: fmpq(3, 2)}, _ROOT_3),
    (5, 6): _gauss({2: fmpq(2), 3: fmpq(3, 2)}, negate(_ROOT_3)),
}
