"""Proofs that a number is 0.

A form is multiplied by the denominators in it, functions are written by fewer functions
(sinh by exp, tan by sin and cos), and what is left is a polynomial in numbers that may be
independent, with algebraic coefficients. If each coefficient is 0 the number is 0; for an
algebraic number the reverse holds as well. Beyond that, a + b·√s = 0 is proved by squares
and signs, log a + log b = 0 by a·b = 1, and atan a + atan b = 0 by the sine of the sum.
"""

from __future__ import annotations

from math import lcm

from flint import fmpq

from gradform.exact.angles import linearised, sine_by_parts
from gradform.exact.atoms import Applied, Sum
from gradform.exact.balls import FIRST_BITS, Undecided, ball_sign
from gradform.exact.clearing import MOST_PRODUCTS, cleared, expanded
from gradform.exact.exponentials import exponential
from gradform.exact.form import (
    ONE,
    Atom,
    Form,
    Monomial,
    Number,
    add,
    atom_power,
    integer_power,
    multiply,
    number,
    numeric_sign,
    scale,
    substituted,
    subtract,
)
from gradform.exact.rewriting import rewritten
from gradform.exact.separation import is_zero_algebraic

__all__ = ["is_zero"]

_MOST_FACTORS = 200  # of logarithms or angles drawn together
_LARGEST_ROOT = 6
_MOST_RADICALS = 4
_SHORT_BITS = 4000  # a bound within which an algebraic number is simply evaluated
_DEPTH = 3  # of proofs that need other proofs


def is_zero(value: Form, depth: int = _DEPTH) -> bool | None:
    """True or False when proved, else None."""
    algebraic = value.algebraic
    if algebraic and (found := is_zero_algebraic(value, _SHORT_BITS)) is not None:
        return found
    if _is_proved(value, depth):
        return True
    try:
        fewer = rewritten(value)
    except (OverflowError, Undecided):
        fewer = value
    if fewer is not value and _is_proved(fewer, depth):
        return True
    return is_zero_algebraic(value) if algebraic else None


def _is_proved(value: Number, depth: int) -> bool:
    """Whether one of the proofs works on the value as it is written."""
    try:
        plain = linearised(_identified(value, depth))
        plain = linearised(expanded(cleared(plain)))
        if isinstance(plain, fmpq):
            return bool(plain == 0)
        if all(_is_zero_number(part) for part in _coefficients(plain)):
            return True
        proofs = (_is_balanced, _exponential_is_one, _sine_is_zero)
        return depth > 0 and any(proof(plain, depth) for proof in proofs)
    except (OverflowError, Undecided):
        return False


def _is_zero_number(value: Number, depth: int = 0) -> bool:
    if isinstance(value, fmpq):
        return bool(value == 0)
    if not depth:
        return value.algebraic and is_zero_algebraic(value) is True
    if ball_sign(value.evaluate(FIRST_BITS)):
        return False
    return is_zero(value, depth - 1) is True


def _coefficients(value: Form) -> list[Number]:
    """The algebraic coefficients of the distinct products of other atoms."""
    found: dict[Monomial, Number] = {}
    for monomial, c in value.terms.items():
        key = tuple(power for power in monomial if not power[0].algebraic)
        rest = tuple(power for power in monomial if power[0].algebraic)
        found[key] = add(found.get(key, fmpq(0)), number({rest: c}))
    return list(found.values())


def _identified(value: Number, depth: int) -> Number:
    """Atoms of the same kind that are proved equal become one."""
    if isinstance(value, fmpq) or not depth:
        return value
    chosen: list[Atom] = []
    replaced: dict[Atom, dict[tuple[int, int], Number]] = {}
    for atom in sorted({atom for atom, _, _ in value.atoms}, key=lambda atom: atom.serial):
        same = next((other for other in chosen if _are_equal(atom, other, depth)), None)
        if same is None:
            chosen.append(atom)
        else:
            powers = {(n, d) for found, n, d in value.atoms if found is atom}
            replaced[atom] = {(n, d): atom_power(same, n, d) for n, d in powers}
    return substituted(value, replaced) if replaced else value


def _are_equal(a: Atom, b: Atom, depth: int) -> bool:
    """Whether two atoms are the same sum, or the same function of the same number."""
    if isinstance(a, Sum) and isinstance(b, Sum):
        x, y = a.form, b.form
    elif isinstance(a, Applied) and isinstance(b, Applied):
        if (a.name, a.parameters, a.negative) != (b.name, b.parameters, b.negative):
            return False
        if isinstance(a.argument, fmpq) or isinstance(b.argument, fmpq):
            return False
        x, y = a.argument, b.argument
    else:
        return False
    return x.ball(FIRST_BITS).overlaps(y.ball(FIRST_BITS)) and _is_zero_number(
        subtract(x, y), depth
    )


def _is_balanced(value: Form, depth: int) -> bool:
    """Whether a + b·s^(n/d) = 0 is proved for one of the roots of sums, outermost first."""
    radicals = {atom for atom, _, d in value.atoms if isinstance(atom, Sum) and d > 1}
    ordered = sorted(radicals, key=lambda atom: (-_nesting(atom), atom.serial))
    return any(_radical_is_balanced(value, atom, depth) for atom in ordered[:_MOST_RADICALS])


def _nesting(atom: Atom) -> int:
    """How many sums stand inside each other."""
    if not isinstance(atom, Sum):
        return 0
    return 1 + max(_nesting(inner) for inner, _, _ in atom.form.atoms)


def _radical_is_balanced(value: Form, radical: Sum, depth: int) -> bool:
    """a + b·s^(n/d) = 0: when a^d + b^d·s^n = 0 for odd d; for even d with a minus, and only
    if a and b have opposite signs.
    """
    parts: dict[tuple[int, int], dict[Monomial, fmpq]] = {}
    for monomial, c in value.terms.items():
        exponent = next(((n, d) for atom, n, d in monomial if atom is radical), (0, 1))
        rest = tuple(found for found in monomial if found[0] is not radical)
        parts.setdefault(exponent, {})[rest] = c
    free = number(parts.pop((0, 1), {}))
    if len(parts) != 1 or (isinstance(free, fmpq) and free == 0):
        return False
    (((n, d), terms),) = parts.items()
    factor = number(terms)
    if d > _LARGEST_ROOT or (d % 2 == 0 and numeric_sign(free) * numeric_sign(factor) > 0):
        return False
    left = integer_power(free, d, MOST_PRODUCTS)
    right = multiply(
        integer_power(factor, d, MOST_PRODUCTS),
        integer_power(radical.form, n, MOST_PRODUCTS),
        MOST_PRODUCTS,
    )
    return _is_zero_number(subtract(left, right) if d % 2 == 0 else add(left, right), depth)


def _exponential_is_one(value: Form, depth: int) -> bool:
    """log a + log b = 0 when a·b = 1: logarithms of sums have such relations."""
    factor = _whole_factor(value, {"log"})
    if not factor:
        return False
    difference = subtract(exponential(scale(value, fmpq(factor))), ONE)
    if not isinstance(difference, fmpq) and _whole_factor(difference, {"log"}):
        return False
    return _is_zero_number(difference, depth)


def _sine_is_zero(value: Form, depth: int) -> bool:
    """x = 0 when sin x = 0 and |x| < 1: Machin's 4·atan(1/5) − atan(1/239) − π/4."""
    factor = _whole_factor(value, {"asin", "acos", "atan"})
    if not factor or not abs(value.ball(FIRST_BITS)) * factor < 1:
        return False
    return _is_zero_number(sine_by_parts(scale(value, fmpq(factor))), depth)


def _whole_factor(value: Form, names: set[str]) -> int:
    """What makes the coefficients of these functions whole; 0 for none, or for large ones."""
    found = [
        c
        for monomial, c in value.terms.items()
        if len(monomial) == 1
        and monomial[0][1:] == (1, 1)
        and isinstance(atom := monomial[0][0], Applied)
        and atom.name in names
        and not (atom.name == "log" and isinstance(atom.argument, fmpq))
    ]
    if not found:
        return 0
    factor = lcm(*(int(c.q) for c in found))
    return factor if sum(abs(c * factor) for c in found) <= _MOST_FACTORS else 0
