"""Power-log series: the shape of a function beside a point.

A germ is Σ c·t^a·(log t)^b for t → 0⁺ with exact c, rational a and whole b, the larger terms
first, plus what is unknown: O(t^order) times a power of log t. Terms are ordered by size as
t → 0: smaller a first, then larger b.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from gradform.exact import INFINITY, Real
from gradform.language import say
from gradform.records import record

__all__ = ["FLAT", "Germ", "Unresolved"]

Place = tuple[Fraction, int]  # exponents of t and of log t
FLAT = Fraction(10**6)  # the order of what vanishes faster than every power, such as exp(-1/t)
_MOST_TERMS = 60
_MOST_STEPS = 64


class Unresolved(Exception):
    """A germ that power-log series of this length do not describe."""


@record
class Germ:
    """Σ terms + O(t^order |log t|^m) for some m; ``order`` None: nothing is left out.

    ``swing``: beside the terms there is one t^a·s(t) whose s takes all values of
    [-size, size] again and again (as sin(1/t) does); ``(a, size)``.
    """

    terms: tuple[tuple[Place, Real], ...]
    order: Fraction | None = None
    swing: tuple[Fraction, Real] | None = None

    # ------------------------------------------------------------ what it says

    @property
    def is_exact(self) -> bool:
        return self.order is None and self.swing is None

    @property
    def is_zero(self) -> bool:
        """Certainly the function 0."""
        return not self.terms and self.is_exact

    @property
    def leading(self) -> tuple[Place, Real]:
        """The largest term; Unresolved when none is known."""
        if not self.terms or (self.swing is not None and self.swing[0] <= self.terms[0][0][0]):
            raise Unresolved(say("no leading term is known"))
        return self.terms[0]

    def sign(self) -> int:
        """The sign for small t."""
        if self.is_zero:
            return 0
        (_, logs), coefficient = self.leading
        return coefficient.sign(numerical=True) * (-1 if logs % 2 else 1)

    def coefficient(self, exponent: Fraction | int, logs: int = 0) -> Real:
        """The coefficient of a term, which must not be among the unknown ones."""
        if self.order is not None and exponent >= self.order:
            raise Unresolved(say("the series is too short"))
        if self.swing is not None and exponent >= self.swing[0]:
            raise Unresolved(say("the function oscillates"))
        return dict(self.terms).get((Fraction(exponent), logs), Real.of(0))

    def limit(self) -> Real:
        """The limit for t → 0, which may be infinite."""
        if self.terms and _size(self.terms[0][0]) < 0:
            return INFINITY if self.sign() > 0 else -INFINITY
        if self.swing is not None and self.swing[0] <= 0:
            raise Unresolved(say("the function oscillates"))
        return self.coefficient(0)

    # ------------------------------------------------------------ arithmetic

    @staticmethod
    def of(value: Real | int) -> Germ:
        value = value if isinstance(value, Real) else Real.of(value)
        return _germ({(Fraction(0), 0): value}, None)

    @staticmethod
    def monomial(value: Real | int, exponent: Fraction | int, logs: int = 0) -> Germ:
        value = value if isinstance(value, Real) else Real.of(value)
        return _germ({(Fraction(exponent), logs): value}, None)

    def __add__(self, other: Germ) -> Germ:
        total = dict(self.terms)
        for place, value in other.terms:
            total[place] = total[place] + value if place in total else value
        swings = [s for s in (self.swing, other.swing) if s is not None]
        order = _least(self.order, other.order)
        if len(swings) == 2:  # the smaller one is lost in the larger one, if there is one
            swings.sort(key=lambda swing: swing[0])
            order = _least(order, swings[1][0])
            swings = swings[:1]
        return _germ(total, order, swings[0] if swings else None)

    def __neg__(self) -> Germ:
        return self.scaled(Real.of(-1))

    def __sub__(self, other: Germ) -> Germ:
        return self + -other

    def scaled(self, factor: Real) -> Germ:
        swing = None if self.swing is None else (self.swing[0], self.swing[1] * abs(factor))
        return _germ({place: value * factor for place, value in self.terms}, self.order, swing)

    def __mul__(self, other: Germ) -> Germ:
        total: dict[Place, Real] = {}
        for (a, b), left in self.terms:
            for (c, d), right in other.terms:
                place = (a + c, b + d)
                product = left * right
                total[place] = total[place] + product if place in total else product
        order = _least(self._error_times(other), other._error_times(self))
        swing = None
        if self.swing is not None or other.swing is not None:
            swing, order = _swung(self, other, order)
        return _germ(total, order, swing)

    def _error_times(self, other: Germ) -> Fraction | None:
        """The order of what is unknown here, times the other germ."""
        if self.order is None or other.is_zero:
            return None
        return self.order + other.least_exponent()

    def least_exponent(self) -> Fraction:
        """An a with the germ O(t^a) up to powers of log t."""
        places = [place[0] for place, _ in self.terms]
        places += [each for each in (self.order, self.swing and self.swing[0]) if each is not None]
        return min(places) if places else FLAT

    def truncated(self, order: Fraction) -> Germ:
        """The terms below an order."""
        kept = {place: value for place, value in self.terms if place[0] < order}
        cut = len(kept) < len(self.terms)
        swing = self.swing
        if swing is not None and swing[0] >= order:
            swing, cut = None, True
        limit = _least(self.order, order if cut else None)
        return _germ(kept, limit, swing)

    # ------------------------------------------------------------ composition

    def series(self, coefficients: Callable[[int], Real], order: Fraction) -> Germ:
        """Σ_k c_k g^k for a germ g → 0, below an order."""
        total = Germ.of(coefficients(0))
        if self.is_zero:
            return total
        size = self._vanishing()
        piece = Germ.of(1)
        for k in range(1, _MOST_STEPS):
            if k * size >= order:
                return (total + _unknown(k * size)).truncated(order)
            piece = (piece * self).truncated(order)
            total = total + piece.scaled(coefficients(k))
            if len(total.terms) > _MOST_TERMS:
                raise Unresolved(say("the series has too many terms"))
        raise Unresolved(say("the series converges too slowly"))

    def _vanishing(self) -> Fraction:
        size = self.least_exponent()
        if size <= 0:
            raise Unresolved(say("terms in log t alone do not get small fast enough"))
        return size

    def power(self, exponent: Fraction, order: Fraction) -> Germ:
        """(c t^a L^b (1 + r))^p = c^p t^ap L^bp Σ_k binomial(p, k) r^k"""
        if self.is_zero or (not self.terms and self.swing is None and self.order == FLAT):
            if exponent > 0:
                return self
            raise Unresolved(say("division by 0"))
        (a, b), coefficient = self.leading
        logs = b * exponent
        if logs.denominator != 1:
            raise Unresolved(say("a root of log t"))
        if exponent.denominator != 1 and self.sign() < 0 and exponent.denominator % 2 == 0:
            raise ValueError(say("a root of a negative number"))
        factor = coefficient**exponent if b % 2 == 0 else (-coefficient) ** exponent
        if b % 2:  # (c L^b)^p = (-c)^p (-L^b)^p with -L^b > 0
            factor = factor * (-1) ** int(logs)
        head = Germ.monomial(factor, a * exponent, int(logs))
        rest = Germ(self.terms[1:], self.order, self.swing)
        ratio = rest * Germ.monomial(1 / coefficient, -a, -b)
        tail = ratio.series(_binomial(exponent), max(order - a * exponent, Fraction(1, 10)))
        return (head * tail).truncated(order)

    def reciprocal(self, order: Fraction) -> Germ:
        return self.power(Fraction(-1), order)

    def logarithm(self, order: Fraction, log: Callable[[Real], Real]) -> Germ:
        """log(c t^a (1 + r)) = log c + a log t + Σ_k (-1)^(k+1) r^k/k"""
        (a, b), coefficient = self.leading
        if b:
            raise Unresolved(say("log(log t)"))
        if coefficient.sign() < 0:
            raise ValueError(say("the logarithm of a negative number"))
        head = Germ.of(log(coefficient)) + Germ.monomial(Real.of(a), 0, 1)
        rest = Germ(self.terms[1:], self.order, self.swing)
        ratio = rest * Germ.monomial(1 / coefficient, -a)
        tail = ratio.series(lambda k: Real.of(Fraction((-1) ** (k + 1), k) if k else 0), order)
        return (head + tail).truncated(order)

    def exponential(self, order: Fraction, exp: Callable[[Real], Real]) -> Germ:
        """exp(c + a log t + r) = e^c t^a Σ_k r^k/k!; 0 faster than all powers for -1/t"""
        large = [(place, value) for place, value in self.terms if place[0] <= 0]
        if self.least_exponent() < 0 or any(place[1] > 1 for place, _ in large):
            if self.sign() < 0:
                return Germ((), FLAT)
            raise Unresolved(say("growth beyond all powers"))
        fixed = dict(large)
        constant = fixed.pop((Fraction(0), 0), Real.of(0))
        slope = fixed.pop((Fraction(0), 1), Real.of(0)).rational
        if fixed or slope is None or (self.order is not None and self.order <= 0):
            raise Unresolved(say("an irrational power of t"))
        rest = Germ(tuple((p, v) for p, v in self.terms if p[0] > 0), self.order, self.swing)
        tail = rest.series(_exponential, max(order - slope, Fraction(1, 10)))
        return (tail * Germ.monomial(exp(constant), slope)).truncated(order)


def _germ(
    terms: dict[Place, Real],
    order: Fraction | None,
    swing: tuple[Fraction, Real] | None = None,
) -> Germ:
    kept = [
        (place, value)
        for place, value in terms.items()
        if (order is None or place[0] < order) and not _vanishes(value)
    ]
    kept.sort(key=lambda term: (term[0][0], -term[0][1]))
    if swing is not None and order is not None and swing[0] >= order:
        swing = None
    return Germ(tuple(kept), order, swing)


def _vanishes(value: Real) -> bool:
    rational = value.rational
    return not rational if rational is not None else value.sign(numerical=True) == 0


def _size(place: Place) -> int:
    """-1 for what grows without bound, 0 for constants, 1 for what vanishes."""
    a, b = place
    if a:
        return 1 if a > 0 else -1
    return (b < 0) - (b > 0)


def _least(*orders: Fraction | None) -> Fraction | None:
    known = [order for order in orders if order is not None]
    return min(known) if known else None


def _unknown(order: Fraction) -> Germ:
    return Germ((), order)


def _swung(
    left: Germ, right: Germ, order: Fraction | None
) -> tuple[tuple[Fraction, Real] | None, Fraction | None]:
    """The swing of a product: kept when the other factor is c·t^a and smaller terms."""
    if left.swing is None:
        left, right = right, left
    assert left.swing is not None
    exponent, size = left.swing
    if right.swing is not None or not right.terms or right.terms[0][0][1]:
        return None, _least(order, exponent + right.least_exponent())
    (a, _), coefficient = right.terms[0]
    swing = (exponent + a, size * abs(coefficient))
    below = (
        Germ(right.terms[1:], right.order).least_exponent()
        if len(right.terms) > 1 or (right.order is not None)
        else None
    )
    return swing, _least(order, None if below is None else exponent + below)


def _binomial(exponent: Fraction) -> Callable[[int], Real]:
    values = [Fraction(1)]

    def coefficient(k: int) -> Real:
        while len(values) <= k:
            j = len(values)
            values.append(values[-1] * (exponent - j + 1) / j)
        return Real.of(values[k])

    return coefficient


def _exponential(k: int) -> Real:
    result = Fraction(1)
    for j in range(2, k + 1):
        result /= j
    return Real.of(result)


def combined(terms: Iterable[Germ]) -> Germ:
    """Σ germs."""
    total = Germ(())
    for term in terms:
        total = total + term
    return total
