"""A lower bound for algebraic numbers that are not 0, hence a proof of zero.

For an algebraic number x ≠ 0 of degree ≤ D with absolute logarithmic Weil height h(x),
Liouville's inequality says log|x| ≥ −D·h(x). Heights are bounded by

    h(p/q) = log max(|p|, |q|)       h(x^r) = |r|·h(x)
    h(P(x₁, …, xₖ)) ≤ log L(P) + Σ deg_i(P)·h(xᵢ)      L: sum of the absolute coefficients
    h(x) ≤ log ‖f‖₂ / deg f          for a root of f in ℤ[x]  (Landau)

(M. Waldschmidt, Diophantine Approximation on Linear Algebraic Groups, 2000, chapter 3.)
This is the degree–measure bound of Li and Yap, stated with heights.
"""

from __future__ import annotations

from math import lcm, log2

from flint import arb, fmpq

from gradform.exact.atoms import Prime, Root, Sum
from gradform.exact.form import Atom, Form

__all__ = ["is_zero_algebraic"]

_MOST_BITS = 120_000  # beyond, a proof would take too long


def is_zero_algebraic(value: Form, most: int = _MOST_BITS) -> bool | None:
    """Whether a form in algebraic atoms is 0; None when it takes more than ``most`` bits."""
    if all(isinstance(atom, Prime) and atom.is_prime for atom, _, _ in value.atoms):
        return False  # roots of primes are linearly independent
    bits = separation_bits(value)
    if bits > most:
        return None
    needed = int(bits) + 1
    working = 128
    while True:
        found = value.evaluate(working)
        if found.is_finite():
            if not found.contains(0):
                return False
            if abs(found) < arb((1, -needed)):
                return True
        if working > 4 * needed + 1024:
            return None
        working = min(2 * working, max(needed + 64, working + working // 8))


def separation_bits(value: Form) -> float:
    """Bits b such that |value| ≥ 2^−b unless it is 0."""
    degree = 1
    for factor in _degrees(value, {}).values():
        degree *= factor
    return degree * _height(value) * 1.0001 + 8


def _degrees(value: Form, found: dict[Atom, int]) -> dict[Atom, int]:
    """For each atom, the degree of the extension it makes over those before it."""
    for atom, _, d in value.atoms:
        found[atom] = lcm(found.get(atom, 1), d * _own_degree(atom))
        if isinstance(atom, Sum):
            _degrees(atom.form, found)
    return found


def _own_degree(atom: Atom) -> int:
    return int(atom.polynomial.degree()) if isinstance(atom, Root) else 1


def _height(value: Form) -> float:
    """A bound for the height in bits.

    Of a sum P/q the height is at most log max(q, L(P)) plus that of the atoms; a negative
    power counts like a positive one, since h(1/x) = h(x).
    """
    denominators = lcm(*(int(c.q) for c in value.terms.values()))
    length = sum(abs(int((c * denominators).p)) for c in value.terms.values())
    total = _log2(max(length, denominators))
    most: dict[Atom, tuple[fmpq, fmpq]] = {}
    for atom, n, d in value.atoms:
        low, high = most.get(atom, (fmpq(0), fmpq(0)))
        exponent = fmpq(n, d)
        most[atom] = (min(low, exponent), max(high, exponent))
    for atom, (low, high) in most.items():
        total += _ratio(high - low) * _atom_height(atom)
    return total


def _atom_height(atom: Atom) -> float:
    if isinstance(atom, Prime):
        return _log2(atom.value)
    if isinstance(atom, Root):
        squares = sum(int(c) ** 2 for c in atom.polynomial.coeffs())
        return _log2(squares) / 2 / int(atom.polynomial.degree())
    assert isinstance(atom, Sum)
    return _height(atom.form)


def _ratio(value: fmpq) -> float:
    return int(value.p) / int(value.q)


def _log2(value: int) -> float:
    return log2(value) if value < 1 << 900 else value.bit_length() * 1.0
