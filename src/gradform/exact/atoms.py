"""The atoms: what a normal form is a polynomial in.

Every atom is positive, so that its rational powers are real and log(a^r) = r·log a.
A negative value, such as log(1/2·…) or LambertW(z, -1), is −1 times its atom.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from flint import arb, fmpq, fmpz_poly

from gradform.exact.balls import LAST_BITS, Undecided, ball_sign, precision
from gradform.exact.bracket import Bracket
from gradform.exact.enclosures import ENCLOSURES
from gradform.exact.form import (
    Atom,
    Form,
    Number,
    atom_power,
    integer_power,
    interned,
    key_of,
    known,
    number,
    scale,
)
from gradform.language import say

__all__ = [
    "EULER_GAMMA",
    "FACTORED_BITS",
    "PI",
    "Applied",
    "Constant",
    "Enclosed",
    "Prime",
    "Root",
    "Sum",
    "applied",
    "enclosed",
    "exponential_power",
    "prime_power",
    "root",
    "sum_power",
]

_MOST_TERMS = 16  # sums with more terms keep their positive powers unexpanded
_MOST_PRODUCTS = 64
FACTORED_BITS = 96  # larger integers are only divided by small primes


class Prime(Atom):
    """A prime, for its roots; or a factor of a large integer that was not factored.

    Its exponents are in (0, 1). Distinct products of such roots of primes are linearly
    independent over the rationals (Besicovitch 1940).
    """

    __slots__ = ("value",)
    rank = 1
    reduces = True

    def __init__(self, value: int) -> None:
        super().__init__()
        self.value = value

    @property
    def algebraic(self) -> bool:
        return True

    @property
    def is_prime(self) -> bool:
        """Whether it is a prime, and not a large factor that was left whole."""
        return self.value.bit_length() <= FACTORED_BITS

    def describe(self) -> tuple[Any, ...]:
        return (self.value,)

    def evaluate(self, bits: int) -> arb:
        return arb(self.value)

    def reduced(self, n: int, d: int) -> tuple[Number, int, int] | None:
        whole, rest = divmod(n, d)
        if not whole:
            return None
        return fmpq(self.value) ** whole, rest, d if rest else 1


class Constant(Atom):
    """π or the Euler–Mascheroni constant γ."""

    __slots__ = ("enclose", "name")
    rank = 2

    def __init__(self, name: str, enclose: Callable[[], arb]) -> None:
        super().__init__()
        self.name = name
        self.enclose = enclose

    def describe(self) -> tuple[Any, ...]:
        return (self.name,)

    def evaluate(self, bits: int) -> arb:
        return self.enclose()


PI = Constant("pi", arb.pi)
EULER_GAMMA = Constant("EulerGamma", arb.const_euler)


class Root(Atom):
    """The absolute value of a real root of an irreducible polynomial of degree ≥ 3.

    The coefficients are integers from low to high; ``index`` counts the real roots upward.
    """

    __slots__ = ("_start", "index", "negative", "polynomial")
    rank = 3
    reduces = True

    def __init__(self, polynomial: fmpz_poly, index: int, start: arb, negative: bool) -> None:
        super().__init__()
        self.polynomial = polynomial
        self.index = index
        self.negative = negative
        self._start = start

    @property
    def algebraic(self) -> bool:
        return True

    def describe(self) -> tuple[Any, ...]:
        return (*(int(c) for c in self.polynomial.coeffs()), self.index)

    def evaluate(self, bits: int) -> arb:
        """Newton's method on balls (Moore): m − f(m)/f′(X) encloses the root of f in X."""
        derivative = self.polynomial.derivative()
        ball = self._start
        with precision(bits + 32):
            while True:
                middle = ball.mid()
                slope = derivative(ball)
                new = middle - self.polynomial(middle) / slope
                if not new.is_finite() or not new.overlaps(ball):
                    break
                new = new.intersection(ball)
                if not new.rad() * 2 < ball.rad():
                    break
                ball = new
        self._start = ball
        return -ball if self.negative else ball

    def reduced(self, n: int, d: int) -> tuple[Number, int, int] | None:
        """x^n modulo the polynomial; powers below its degree stand."""
        whole, rest = divmod(n, d)
        if whole < self.polynomial.degree():
            return None
        return self.in_powers(whole), rest, d if rest else 1

    def in_powers(self, exponent: int) -> Number:
        """|root|^exponent as a combination of powers below the degree."""
        degree = self.polynomial.degree()
        coefficients = [fmpq(int(c)) for c in self.polynomial.coeffs()]
        lead = coefficients.pop()
        step = [-c / lead for c in coefficients]
        found = [fmpq(0)] * (degree - 1) + [fmpq(1)]
        for _ in range(exponent - degree + 1):
            carry = found[-1]
            found = [a + carry * b for a, b in zip([fmpq(0), *found[:-1]], step, strict=True)]
        sign = -1 if self.negative else 1
        return number(
            {
                ((self, k, 1),) if k else (): c * sign ** (k + exponent)
                for k, c in enumerate(found)
                if c
            }
        )


class Sum(Atom):
    """A positive sum without a common factor, for its roots and inverse powers."""

    __slots__ = ("_algebraic", "form")
    rank = 6
    reduces = True

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form
        self._algebraic = form.algebraic

    @property
    def algebraic(self) -> bool:
        return self._algebraic

    def describe(self) -> tuple[Any, ...]:
        return self.form.order

    def evaluate(self, bits: int) -> arb:
        return self.form.evaluate(bits)

    def reduced(self, n: int, d: int) -> tuple[Number, int, int] | None:
        """Whole positive powers are multiplied out when that is short."""
        whole, rest = divmod(n, d)
        if whole < 1 or len(self.form.terms) > _MOST_TERMS:
            return None
        try:
            factor = integer_power(self.form, whole, _MOST_PRODUCTS)
        except OverflowError:
            return None
        return factor, rest, d if rest else 1


class Applied(Atom):
    """The absolute value of a function at a number."""

    __slots__ = ("argument", "name", "negative", "parameters")
    rank = 5

    def __init__(
        self, name: str, parameters: tuple[int, ...], argument: Number, negative: bool
    ) -> None:
        super().__init__()
        self.name = name
        self.parameters = parameters
        self.argument = argument
        self.negative = negative

    def describe(self) -> tuple[Any, ...]:
        return (self.name, *self.parameters, _order(self.argument))

    def evaluate(self, bits: int) -> arb:
        value = _function_ball(self.name, self.parameters, self.argument, bits)
        return -value if self.negative else value


class Enclosed(Atom):
    """The absolute value of a number known by its enclosures only, with a text of its own."""

    __slots__ = ("bracket", "negative", "text")
    rank = 7

    def __init__(self, bracket: Bracket, text: str, negative: bool) -> None:
        super().__init__()
        self.bracket = bracket
        self.text = text
        self.negative = negative

    def describe(self) -> tuple[Any, ...]:
        return (self.text, self.serial)

    def evaluate(self, bits: int) -> arb:
        ball = self.bracket.ball(bits)
        return -ball if self.negative else ball


def _order(value: Number) -> tuple[Any, ...]:
    """Sorts rational numbers before all others."""
    if isinstance(value, fmpq):
        return (0, int(value.p), int(value.q))
    return (1, value.order)


def _function_ball(name: str, parameters: tuple[int, ...], argument: Number, bits: int) -> arb:
    """The function at an argument; at a rational one the argument is not rounded twice."""
    x = arb(argument) if isinstance(argument, fmpq) else argument.evaluate(bits)
    return ENCLOSURES[name](parameters, x)


# ---------------------------------------------------------------- numbers made of one atom


def prime_power(value: int, n: int, d: int) -> Number:
    """p^(n/d)."""
    atom: Prime = interned(("prime", value), Prime, value)
    return atom_power(atom, n, d)


def sum_power(form: Form, n: int, d: int) -> Number:
    """form^(n/d) of a positive form without a common factor."""
    atom: Sum = interned(("sum", form), Sum, form)
    return atom_power(atom, n, d)


def root(polynomial: fmpz_poly, index: int, start: arb) -> Number:
    """The root in the ball ``start`` of an irreducible polynomial of degree ≥ 3."""
    key = (tuple(int(c) for c in polynomial.coeffs()), index)
    negative = bool(start < 0)
    atom: Root = interned(("root", key), Root, polynomial, index, start, negative)
    return scale(atom_power(atom), fmpq(-1 if negative else 1))


def enclosed(bracket: Bracket, text: str) -> Number:
    """The number in a bracket that does not contain 0 inside."""
    negative = bracket.high <= 0
    atom = Enclosed(bracket, text, negative)
    return scale(atom_power(atom), fmpq(-1 if negative else 1))


def exponential_power(argument: Number, n: int, d: int) -> Number:
    """exp(argument)^(n/d), where the argument is 1 or one term with coefficient 1."""
    atom: Applied = interned(("exp", (), key_of(argument)), Applied, "exp", (), argument, False)
    return atom_power(atom, n, d)


def applied(name: str, argument: Number, parameters: tuple[int, ...] = ()) -> Number:
    """The function at a number where no simpler value is known.

    Raises Undecided when the value cannot be told from 0.
    """
    key = (name, parameters, key_of(argument))
    atom: Applied | None = known(key)
    if atom is None:
        negative = _sign_of(name, parameters, argument) < 0
        atom = interned(key, Applied, name, parameters, argument, negative)
    return scale(atom_power(atom), fmpq(-1 if atom.negative else 1))


def _sign_of(name: str, parameters: tuple[int, ...], argument: Number) -> Literal[1, -1]:
    bits = 64
    while bits <= LAST_BITS:
        with precision(bits):
            sign = ball_sign(_function_ball(name, parameters, argument, bits))
        if sign:
            return 1 if sign > 0 else -1
        bits *= 2
    raise Undecided(say("{name} at this number cannot be told from 0", name=name))
