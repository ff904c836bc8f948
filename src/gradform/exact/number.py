"""Real: an exact real number, or ±∞.

Rational numbers are kept as such; all others as a normal form (:mod:`form`). Equality and
order are decided by the sign of the difference, which is proved or refused (:mod:`zero`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

from flint import arb, fmpq, fmpz

from gradform.exact.assumed import note_zero
from gradform.exact.atoms import EULER_GAMMA, PI, enclosed
from gradform.exact.balls import as_fraction, as_rational, ball_sign, rounded
from gradform.exact.bracket import BallFunction, Bracket
from gradform.exact.exponentials import general_power
from gradform.exact.form import Form, Number, add, atom_power, ball, negate, subtract
from gradform.exact.identify import settled
from gradform.exact.infinite import (
    Extended,
    compare_infinite,
    infinite_difference,
    infinite_power,
    infinite_product,
    infinite_quotient,
    infinite_sum,
)
from gradform.exact.powers import power, product, quotient
from gradform.exact.roots import real_roots
from gradform.exact.writing import LATEX, TEXT, UNICODE, Style, written
from gradform.exact.zero import decide_sign, sign
from gradform.language import say

__all__ = ["INFINITY", "Real", "RealLike", "polynomial_roots"]

RealLike: TypeAlias = "Real | int | Fraction | float | fmpq"

_FIRST_BITS = 64


class Real:
    """An exact real number. Immutable; comparisons may raise :class:`Undecided`."""

    __slots__ = ("_value",)

    _value: Extended  # a float is ±inf

    @staticmethod
    def of(value: RealLike) -> Real:
        """The number; a float stands for its exact binary value."""
        found = _coerced(value)
        if found is None:
            raise TypeError(f"{type(value).__name__} is no real number")
        return found

    @staticmethod
    def pi() -> Real:
        """π, the half circumference of the unit circle."""
        return made(atom_power(PI))

    @staticmethod
    def euler_gamma() -> Real:
        """γ = lim (1 + 1/2 + … + 1/n − log n)."""
        return made(atom_power(EULER_GAMMA))

    @staticmethod
    def root(
        polynomial: Sequence[RealLike], which: int | tuple[Fraction | int, Fraction | int]
    ) -> Real:
        """A real root of a rational polynomial, coefficients from low to high.

        ``which`` counts the distinct real roots upward from 0, or is an interval (low, high)
        that contains one of them.
        """
        roots = [value for value, _ in polynomial_roots(polynomial)]
        if isinstance(which, int):
            if not 0 <= which < len(roots):
                raise ValueError(say("the polynomial has {count} real roots", count=len(roots)))
            return roots[which]
        low, high = which
        inside = [value for value in roots if low <= value <= high]
        if len(inside) != 1:
            raise ValueError(say("the interval contains {count} real roots", count=len(inside)))
        return inside[0]

    @staticmethod
    def root_of(
        function: BallFunction, low: Fraction | int, high: Fraction | int, text: str
    ) -> Real:
        """The only zero in [low, high] of a continuous function that changes sign there.

        ``function(bits, x)`` encloses the values on the ball x, computed at ``bits`` bits;
        ``text`` is how the number is written.
        """
        bracket = Bracket(function, as_rational(low), as_rational(high))
        bracket.leave(fmpq(0))
        if bracket.low == bracket.high:
            return made(bracket.low)
        return made(enclosed(bracket, text))

    # ------------------------------------------------------------ what it is

    @property
    def is_finite(self) -> bool:
        return self._value.__class__ is not float

    @property
    def rational(self) -> Fraction | None:
        """The Fraction when the number is known to be rational, else None."""
        value = self._value
        return as_fraction(value) if isinstance(value, fmpq) else None

    @property
    def form(self) -> Number:
        """The normal form of a finite number."""
        return _finite(self._value)

    def ball(self, bits: int = _FIRST_BITS) -> arb:
        """An enclosure with about ``bits`` bits of relative accuracy, absolute near 0."""
        value = self._value
        return arb(value) if isinstance(value, float) else ball(value, bits)

    def sign(self, numerical: bool = False) -> int:
        """−1, 0 or 1.

        Raises Undecided when some thousand bits do not tell the number from 0 and no proof
        of zero was found; with ``numerical`` the answer is 0 then.
        """
        value = self._value
        if isinstance(value, float):
            return 1 if value > 0 else -1
        if not numerical or isinstance(value, fmpq):
            return sign(value)
        if value.sign is None:
            decide_sign(value)
        if not value.sign and not (value.sign == 0 and value.proved):
            note_zero(self.text)
        return value.sign or 0

    @property
    def zero_is_proved(self) -> bool:
        """Whether the number is 0 by proof, and not only by its balls."""
        value = self._value
        if isinstance(value, float):
            return False
        if isinstance(value, fmpq):
            return value == 0
        if value.sign is None:
            decide_sign(value)
        return value.sign == 0 and value.proved

    def settled(self) -> Real:
        """The same number, as a rational when it is proved to be one."""
        return self if isinstance(self._value, float) else made(settled(self._value))

    # ------------------------------------------------------------ arithmetic

    def __add__(self, other: RealLike) -> Real:
        return _combined(self, other, fmpq.__add__, add, infinite_sum)

    def __radd__(self, other: RealLike) -> Real:
        return self + other

    def __sub__(self, other: RealLike) -> Real:
        return _combined(self, other, fmpq.__sub__, subtract, infinite_difference)

    def __rsub__(self, other: RealLike) -> Real:
        return Real.of(other) - self

    def __mul__(self, other: RealLike) -> Real:
        return _combined(self, other, fmpq.__mul__, product, infinite_product)

    def __rmul__(self, other: RealLike) -> Real:
        return self * other

    def __truediv__(self, other: RealLike) -> Real:
        return _combined(self, other, fmpq.__truediv__, _quotient, infinite_quotient)

    def __rtruediv__(self, other: RealLike) -> Real:
        return Real.of(other) / self

    def __neg__(self) -> Real:
        value = self._value
        return made(-value if isinstance(value, (fmpq, float)) else negate(value))

    def __pos__(self) -> Real:
        return self

    def __abs__(self) -> Real:
        return -self if self.sign(numerical=True) < 0 else self

    def __pow__(self, exponent: RealLike) -> Real:
        """The power; with exponent p/q in lowest terms the real root, of a < 0 for odd q."""
        if not isinstance(exponent, (int, Fraction)):
            return self.power(Real.of(exponent))
        value = self._value
        n, d = exponent.numerator, exponent.denominator
        if isinstance(value, float):
            return made(infinite_power(value, n, d))
        if d == 1 and isinstance(value, fmpq) and abs(n) < 64:
            return made(value**n)
        return made(_power(value, n, d))

    def __rpow__(self, base: RealLike) -> Real:
        return Real.of(base).power(self)

    def power(self, exponent: RealLike) -> Real:
        """self^exponent = exp(exponent·log(self)) for a positive number."""
        exponent = Real.of(exponent)
        if (rational := exponent.rational) is not None:
            return self**rational
        return made(general_power(settled(self.form), exponent.form))

    # ------------------------------------------------------------ comparison

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Real, int, Fraction, float, fmpq)):
            return NotImplemented
        if isinstance(other, float) and math.isnan(other):
            return False
        return _compare(self, Real.of(other)) == 0

    def __lt__(self, other: RealLike) -> bool:
        return _compare(self, Real.of(other)) < 0

    def __le__(self, other: RealLike) -> bool:
        return _compare(self, Real.of(other)) <= 0

    def __gt__(self, other: RealLike) -> bool:
        return _compare(self, Real.of(other)) > 0

    def __ge__(self, other: RealLike) -> bool:
        return _compare(self, Real.of(other)) >= 0

    def __bool__(self) -> bool:
        return self.sign() != 0

    def __hash__(self) -> int:
        """The hash of an equal Fraction, or of the nearest double."""
        value = self._value
        if not isinstance(value, float):
            value = settled(value)
        return hash(float(self) if isinstance(value, Form) else value)

    # ------------------------------------------------------------ reading

    def __float__(self) -> float:
        """The nearest double."""
        value = self._value
        if isinstance(value, float):
            return value
        if isinstance(value, fmpq):
            try:
                return int(value.p) / int(value.q)
            except OverflowError:
                return math.inf if value > 0 else -math.inf
        return rounded(value.ball)

    @property
    def text(self) -> str:
        """Plain text of the input language: ``(1 + sqrt(5))/2``."""
        return self._written(TEXT)

    @property
    def unicode(self) -> str:
        """For the terminal: ``(1 + √5)/2``."""
        return self._written(UNICODE)

    @property
    def latex(self) -> str:
        r"""For LaTeX: ``\frac{1 + \sqrt{5}}{2}``."""
        return self._written(LATEX)

    def _written(self, style: Style) -> str:
        value = self._value
        if isinstance(value, float):
            return ("-" if value < 0 else "") + style.infinity
        return written(value, style)

    def __copy__(self) -> Real:
        return self

    def __deepcopy__(self, _: object) -> Real:
        return self

    def __repr__(self) -> str:
        return f"Real({self.text})"

    def __str__(self) -> str:
        return self.text


def made(value: Extended) -> Real:
    """The Real with a value that is in normal form."""
    found = object.__new__(Real)
    found._value = value
    return found


def _coerced(value: object) -> Real | None:
    if isinstance(value, Real):
        return value
    if isinstance(value, (int, Fraction)):
        return made(fmpq(value.numerator, value.denominator))
    if isinstance(value, fmpq):
        return made(value)
    if isinstance(value, fmpz):
        return made(fmpq(value))
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError(say("nan is no real number"))
        return made(value if math.isinf(value) else as_rational(Fraction(value)))
    return None


def _combined(
    left: Real,
    right: object,
    rational: Callable[[fmpq, fmpq], fmpq],
    general: Callable[[Number, Number], Number],
    infinite: Callable[[Extended, Extended], Extended],
) -> Real:
    """left ∘ right by the fastest operation that applies."""
    other = right if isinstance(right, Real) else _coerced(right)
    if other is None:
        return NotImplemented  # type: ignore[no-any-return]  # mypy knows it in operators only
    a, b = left._value, other._value
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return made(rational(a, b))
    if isinstance(a, float) or isinstance(b, float):
        return made(infinite(a, b))
    return made(general(a, b))


def _compare(a: Real, b: Real) -> int:
    """The sign of a − b; balls that are apart decide without the difference."""
    x, y = a._value, b._value
    if isinstance(x, float) or isinstance(y, float):
        return compare_infinite(x, y)
    if isinstance(x, fmpq) and isinstance(y, fmpq):
        return int(x > y) - int(x < y)
    if x is y or x == y:
        return 0
    found = ball_sign(ball(x, _FIRST_BITS) - ball(y, _FIRST_BITS))
    return found or sign(subtract(x, y))


def _finite(value: Extended) -> Number:
    if isinstance(value, float):
        raise ValueError(say("a finite number is needed here"))
    return value


def _quotient(a: Number, b: Number) -> Number:
    b = settled(b)
    if isinstance(b, fmpq):
        if b == 0:
            raise ZeroDivisionError(say("division by zero"))
        return product(a, 1 / b)
    return quotient(a, b)


def _power(value: Number, n: int, d: int) -> Number:
    """Of a number that is not known to be rational, only positive powers need no sign."""
    if d > 1 or n < 0:
        value = settled(value)
    return power(value, n, d)


INFINITY = made(math.inf)


# ---------------------------------------------------------------- polynomials


def polynomial_roots(coefficients: Sequence[RealLike]) -> list[tuple[Real, int]]:
    """All real roots with multiplicities, ascending; coefficients from low to high.

    The coefficients are rational, or the degree is at most 2.
    """
    values = [settled(Real.of(c).form) for c in coefficients]
    while values and values[-1] == 0:
        values.pop()
    if not values:
        raise ValueError(say("every number is a root of the zero polynomial"))
    rationals = [value for value in values if isinstance(value, fmpq)]
    if len(rationals) == len(values):
        return [(made(value), multiplicity) for value, multiplicity in real_roots(rationals)]
    if len(values) > 3:
        raise ValueError(say("roots are found for rational coefficients, or up to degree 2"))
    return _short_roots([made(value) for value in values])


def _short_roots(coefficients: list[Real]) -> list[tuple[Real, int]]:
    """−b/2a ± √(b² − 4ac)/2a."""
    if len(coefficients) == 1:
        return []
    c, b, *rest = coefficients
    if not rest:
        return [(-c / b, 1)]
    middle = -b / (2 * rest[0])
    square = (middle * middle - c / rest[0]).settled()
    side = square.sign()
    if side <= 0:
        return [(middle, 2)] if side == 0 else []
    distance = square ** Fraction(1, 2)
    return [(middle - distance, 1), (middle + distance, 1)]
