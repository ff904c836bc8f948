"""The normal form of a real number: Σ coefficient · Π atom^exponent.

Coefficients are rational, exponents rational, atoms positive real numbers that are one
object each: primes (for their roots), e = exp(1) and other exponentials, π, logarithms,
sums (for their roots and inverses), roots of polynomials. A rational number is an ``fmpq``
and no form. Numbers with equal forms are equal; the reverse is for :mod:`zero` to say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import reduce
from itertools import count
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from flint import arb, fmpq

from gradform.exact.balls import (
    FIRST_BITS,
    LAST_BITS,
    Undecided,
    ball_sign,
    precision,
    refined,
)
from gradform.language import say

__all__ = [
    "ONE",
    "ZERO",
    "Atom",
    "Form",
    "Monomial",
    "Number",
    "add",
    "atom_power",
    "ball",
    "integer_power",
    "is_reversed",
    "key_of",
    "known",
    "interned",
    "multiply",
    "negate",
    "number",
    "numeric_sign",
    "scale",
    "substituted",
    "subtract",
    "sum_of",
    "terms_of",
]

Monomial: TypeAlias = "tuple[tuple[Atom, int, int], ...]"  # atoms with n/d, by serial number
Number: TypeAlias = "fmpq | Form"

ZERO, ONE = fmpq(0), fmpq(1)
_MOST_TERMS = 256  # longer products are not expanded

_atoms: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()
_serials = count()


class Atom(ABC):
    """A positive real number that the normal form does not look into.

    ``order`` sorts atoms the same way in every process; ``serial`` sorts them fast.
    """

    __slots__ = ("__weakref__", "_ball", "_bits", "_order", "serial")

    reduces = False  # whether some powers are written otherwise
    rank = 0

    serial: int
    _ball: arb
    _bits: int
    _order: tuple[Any, ...] | None

    def __init__(self) -> None:
        self.serial = next(_serials)
        self._bits = 0
        self._order = None

    @property
    def order(self) -> tuple[Any, ...]:
        if self._order is None:
            self._order = (self.rank, *self.describe())
        return self._order

    @property
    def algebraic(self) -> bool:
        """Whether the number is known to be a root of a polynomial over the rationals."""
        return False

    @abstractmethod
    def describe(self) -> tuple[Any, ...]:
        """What tells this atom from others of its kind, sortable."""

    @abstractmethod
    def evaluate(self, bits: int) -> arb:
        """An enclosure, computed at ``bits`` bits, to which the precision is set."""

    def reduced(self, n: int, d: int) -> tuple[Number, int, int] | None:
        """The power n/d as a number times a smaller power, or None when it stands."""
        return None

    def ball(self, bits: int) -> arb:
        """The best enclosure so far that was computed at ``bits`` bits or more."""
        if self._bits < bits:
            self._ball = self.evaluate(bits)
            self._bits = bits
        return self._ball


def interned(key: Hashable, cls: Any, *values: Any) -> Any:
    """The one atom with this key, made by ``cls(*values)`` when it is new."""
    found = _atoms.get(key)
    if found is None:
        found = cls(*values)
        _atoms[key] = found
    return found


def key_of(value: Number) -> Hashable:
    """What a number is looked up by; integers, since FLINT's hash needs a running interpreter."""
    return (int(value.p), int(value.q)) if isinstance(value, fmpq) else value


def known(key: Hashable) -> Any:
    """The atom with this key, or None."""
    return _atoms.get(key)


class Form:
    """A sum of two or more terms, or one that is not rational. ``terms`` never changes."""

    __slots__ = ("_ball", "_bits", "_hash", "_order", "proved", "sign", "terms")

    terms: Mapping[Monomial, fmpq]
    sign: int | None  # once known
    proved: bool  # whether a sign of 0 was proved

    def __init__(self, terms: Mapping[Monomial, fmpq]) -> None:
        self.terms = terms
        self.sign = None
        self.proved = True
        self._hash: int | None = None
        self._order: tuple[Any, ...] | None = None
        self._bits = 0
        self._ball: arb | None = None

    def __eq__(self, other: object) -> bool:
        """Whether the forms are the same, which for the numbers is sufficient."""
        return self is other or (isinstance(other, Form) and self.terms == other.terms)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(
                frozenset((monomial, int(c.p), int(c.q)) for monomial, c in self.terms.items())
            )
        return self._hash

    @property
    def atoms(self) -> Iterator[tuple[Atom, int, int]]:
        """The atoms of all terms with their exponents."""
        return (power for monomial in self.terms for power in monomial)

    @property
    def algebraic(self) -> bool:
        return all(atom.algebraic for atom, _, _ in self.atoms)

    @property
    def order(self) -> tuple[Any, ...]:
        """A key that sorts forms the same way in every process."""
        if self._order is None:
            self._order = tuple(
                sorted(
                    (_order_of(monomial), int(c.p), int(c.q)) for monomial, c in self.terms.items()
                )
            )
        return self._order

    def single(self) -> tuple[Monomial, fmpq] | None:
        """The only term, if there is only one."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    def evident_sign(self) -> int | None:
        """The sign when all coefficients have it, since atoms are positive."""
        positive = {c > 0 for c in self.terms.values()}
        return None if len(positive) > 1 else 1 if True in positive else -1

    def evaluate(self, bits: int) -> arb:
        """An enclosure computed at ``bits`` bits."""
        with precision(bits):
            total = arb(0)
            for monomial, coefficient in self.terms.items():
                value = arb(coefficient)
                for atom, n, d in monomial:
                    base = atom.ball(bits)
                    value *= base if n == d else base**n if d == 1 else base ** fmpq(n, d)
                total += value
            return total

    def ball(self, bits: int) -> arb:
        """An enclosure with about ``bits`` accurate bits; the best so far is kept."""
        if self._ball is None or self._bits < bits:
            self._ball = refined(self.evaluate, bits)
            self._bits = bits
        return self._ball


def _order_of(monomial: Monomial) -> tuple[Any, ...]:
    return tuple(sorted((atom.order, n, d) for atom, n, d in monomial))


def number(terms: dict[Monomial, fmpq]) -> Number:
    """The number with these terms; coefficients are not 0."""
    if not terms:
        return ZERO
    if len(terms) == 1 and () in terms:
        return terms[()]
    return Form(terms)


def atom_power(atom: Atom, n: int = 1, d: int = 1) -> Number:
    """atom^(n/d)."""
    if n == 0:
        return ONE
    if atom.reduces and (found := atom.reduced(n, d)) is not None:
        factor, n, d = found
        return multiply(factor, atom_power(atom, n, d))
    return Form({((atom, n, d),): ONE})


def ball(value: Number, bits: int) -> arb:
    """An enclosure with about ``bits`` accurate bits."""
    if isinstance(value, fmpq):
        with precision(bits + 4):
            return arb(value)
    return value.ball(bits)


def numeric_sign(value: Number, last: int = LAST_BITS) -> int:
    """The sign that balls of up to ``last`` bits prove. Raises Undecided when they do not."""
    if isinstance(value, fmpq):
        return int(value > 0) - int(value < 0)
    bits = FIRST_BITS
    if value.sign is None:
        value.sign = value.evident_sign()
    while value.sign is None and bits <= last:
        value.sign = ball_sign(value.evaluate(bits))
        bits *= 2
    if value.sign is None or not value.proved:
        raise Undecided(say("the sign of a number is not decided by {last} bits", last=last))
    return value.sign


def is_reversed(x: Number) -> bool:
    """Whether −x is the one of the pair ±x that odd and even functions are written at."""
    if isinstance(x, fmpq):
        return bool(x < 0)
    return bool(x.order[0][1] < 0)


# ---------------------------------------------------------------- sums


def scale(value: Number, factor: fmpq) -> Number:
    """factor · value."""
    if isinstance(value, fmpq):
        return value * factor
    if factor == 0:
        return ZERO
    found = Form({monomial: c * factor for monomial, c in value.terms.items()})
    if value.sign is not None:
        found.sign = value.sign if factor > 0 else -value.sign
        found.proved = value.proved
    return found


def negate(value: Number) -> Number:
    """−value."""
    return scale(value, fmpq(-1))


def terms_of(value: Number) -> Mapping[Monomial, fmpq]:
    """The terms; of a rational number one without atoms, of 0 none."""
    if isinstance(value, fmpq):
        return {(): value} if value else {}
    return value.terms


def add(a: Number, b: Number) -> Number:
    """a + b, like terms merged."""
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return a + b
    total = dict(terms_of(a))
    _accumulate(total, terms_of(b))
    return number(total)


def subtract(a: Number, b: Number) -> Number:
    """a − b."""
    return add(a, negate(b))


def sum_of(values: Iterable[Number]) -> Number:
    """The sum of all values."""
    total: dict[Monomial, fmpq] = {}
    for value in values:
        _accumulate(total, terms_of(value))
    return number(total)


def _accumulate(total: dict[Monomial, fmpq], terms: Mapping[Monomial, fmpq]) -> None:
    for monomial, coefficient in terms.items():
        before = total.get(monomial)
        if before is None:
            total[monomial] = coefficient
        elif after := before + coefficient:
            total[monomial] = after
        else:
            del total[monomial]


# ---------------------------------------------------------------- products


def multiply(a: Number, b: Number, most: int = _MOST_TERMS) -> Number:
    """a · b, multiplied out. Raises OverflowError beyond ``most`` products of terms."""
    if isinstance(a, fmpq):
        return scale(b, a)
    if isinstance(b, fmpq):
        return scale(a, b)
    if len(a.terms) * len(b.terms) > most:
        raise OverflowError(say("the product has too many terms"))
    total: dict[Monomial, fmpq] = {}
    for left, c in a.terms.items():
        for right, k in b.terms.items():
            _accumulate(total, terms_of(_term_product(left, right, c * k, most)))
    return number(total)


def _term_product(left: Monomial, right: Monomial, coefficient: fmpq, most: int) -> Number:
    """coefficient · left · right, powers of the same atom merged and reduced."""
    if not left or not right:
        return number({left or right: coefficient})
    merged: list[tuple[Atom, int, int]] = []
    factors: list[Number] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i][0] is right[j][0]:
            coefficient *= _merge(left[i], right[j], merged, factors)
            i, j = i + 1, j + 1
        elif left[i][0].serial < right[j][0].serial:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    monomial = (*merged, *left[i:], *right[j:])
    return reduce(lambda a, b: multiply(a, b, most), factors, number({monomial: coefficient}))


def _merge(
    a: tuple[Atom, int, int],
    b: tuple[Atom, int, int],
    merged: list[tuple[Atom, int, int]],
    factors: list[Number],
) -> fmpq:
    """Append the product of two powers of one atom; the rational factor left over."""
    atom = a[0]
    n, d = _exponent_sum(a[1], a[2], b[1], b[2])
    factor: Number = ONE
    if n and atom.reduces and (found := atom.reduced(n, d)) is not None:
        factor, n, d = found
    if n:
        merged.append((atom, n, d))
    if isinstance(factor, fmpq):
        return factor
    factors.append(factor)
    return ONE


def _exponent_sum(n: int, d: int, k: int, e: int) -> tuple[int, int]:
    """n/d + k/e in lowest terms."""
    if d == e == 1:
        return n + k, 1
    total = fmpq(n, d) + fmpq(k, e)
    return int(total.p), int(total.q)


def substituted(value: Number, replaced: Mapping[Atom, Mapping[tuple[int, int], Number]]) -> Number:
    """The value with powers of atoms replaced: ``replaced[atom][n, d]``."""
    if isinstance(value, fmpq):
        return value
    if not any(atom in replaced for atom, _, _ in value.atoms):
        return value
    parts: list[Number] = []
    for monomial, coefficient in value.terms.items():
        rest = tuple(power for power in monomial if power[0] not in replaced)
        part = number({rest: coefficient})
        for atom, n, d in monomial:
            if atom in replaced:
                part = multiply(part, replaced[atom][n, d])
        parts.append(part)
    return sum_of(parts)


def integer_power(value: Number, n: int, most: int = _MOST_TERMS) -> Number:
    """value^n for n ≥ 1, multiplied out by repeated squaring. OverflowError as in multiply."""
    result: Number | None = None
    square = value
    while True:
        if n & 1:
            result = square if result is None else multiply(result, square, most)
        n >>= 1
        if not n:
            assert result is not None
            return result
        square = multiply(square, square, most)
