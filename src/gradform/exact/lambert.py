"""Lambert's function: W(z)·exp(W(z)) = z, on z ≥ −1/e with values ≥ −1 (branch 0) or ≤ −1.

W(r·exp(r)) = r and W(a·log a) = log a are found from a ball: the ball suggests the rational
factor, and that the candidate w satisfies w·exp(w) = z on the right branch proves it.
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from gradform.exact.atoms import Applied, applied
from gradform.exact.balls import precision, suggested
from gradform.exact.exponentials import exponential
from gradform.exact.form import ONE, ZERO, Atom, Number, add, atom_power, ball, scale
from gradform.exact.powers import product
from gradform.exact.zero import sign
from gradform.language import say

__all__ = ["lambertw"]

_LARGEST = 1000


def lambertw(branch: int, z: Number) -> Number:
    """W of branch 0 or −1. Raises ValueError outside the domain."""
    if branch not in (0, -1):
        raise ValueError(say("lambertw has the real branches 0 and -1"))
    if z == 0 and branch == 0:
        return ZERO
    edge = sign(add(z, exponential(-ONE)))
    if edge < 0 or (branch == -1 and sign(z) >= 0):
        raise ValueError(
            say("lambertw is defined from -1/e on")
            if branch == 0
            else say("branch -1 of lambertw is defined on [-1/e, 0)")
        )
    if edge == 0:
        return -ONE
    for candidate in _candidates(branch, z):
        if _solves(branch, candidate, z):
            return candidate
    return applied("lambertw", z, (branch,))


def _solves(branch: int, w: Number, z: Number) -> bool:
    """Whether w·exp(w) = z, by their forms, and w is on the branch."""
    if product(w, exponential(w)) != z:
        return False
    side = sign(add(w, ONE))
    return side >= 0 if branch == 0 else side <= 0


def _candidates(branch: int, z: Number) -> Iterator[Number]:
    """Rational multiples of 1, of logarithms, and of exponents in z."""
    with precision(80):
        value = ball(z, 64).lambertw(branch)
        if not value.is_finite():
            return
        for unit in _units(z):
            q = suggested(value / ball(unit, 64), _LARGEST)
            if q is not None:
                yield scale(unit, q)


def _units(z: Number) -> Iterator[Number]:
    if isinstance(z, fmpq):
        return
    seen: set[Atom] = set()
    for atom, _, _ in z.atoms:
        if isinstance(atom, Applied) and atom not in seen:
            seen.add(atom)
            if atom.name == "exp":
                yield atom.argument
            elif atom.name == "log":
                yield atom_power(atom)
