"""Factors of a sum, as a polynomial in its atoms with integer coefficients.

e² − 1 = (e − 1)(e + 1): so its logarithm and its roots fall apart the same way in which
those of the factors come together.
"""

from __future__ import annotations

from math import lcm

from flint import Ordering, fmpq, fmpz_mpoly_ctx

from gradform.exact.form import Atom, Form, Monomial, Number, number

__all__ = ["polynomial_factors"]

_MOST_TERMS = 40
_MOST_DEGREE = 40


def polynomial_factors(value: Form) -> tuple[int, list[tuple[Form, int]]]:
    """A sign and forms with multiplicities whose product is the value, of content 1.

    Sums of algebraic numbers are left whole: their factors are not unique.
    """
    whole = 1, [(value, 1)]
    if value.algebraic or len(value.terms) > _MOST_TERMS:
        return whole
    atoms = sorted({atom for atom, _, _ in value.atoms}, key=lambda atom: atom.serial)
    denominators = {atom: lcm(*(d for a, _, d in value.atoms if a is atom)) for atom in atoms}
    exponents = {
        tuple(_degree(monomial, atom, denominators[atom]) for atom in atoms): int(c.p)
        for monomial, c in value.terms.items()
    }
    if any(min(row) < 0 or max(row) > _MOST_DEGREE for row in exponents):
        return whole
    names = tuple(f"x{index}" for index in range(len(atoms)))
    context = fmpz_mpoly_ctx.get(names, Ordering.lex)
    try:
        constant, found = context.from_dict(exponents).factor()
    except OverflowError:  # python-flint 0.9 sorts factors by coefficients of machine size
        return whole
    if len(found) == 1 and found[0][1] == 1:
        return whole
    factors: list[tuple[Form, int]] = []
    for polynomial, multiplicity in found:
        factor = _form(dict(polynomial.to_dict()), atoms, denominators)
        if factor is None:
            return whole
        factors.append((factor, int(multiplicity)))
    return (1 if constant > 0 else -1), factors


def _degree(monomial: Monomial, atom: Atom, denominator: int) -> int:
    return next((n * denominator // d for a, n, d in monomial if a is atom), 0)


def _form(
    terms: dict[tuple[int, ...], object], atoms: list[Atom], denominators: dict[Atom, int]
) -> Form | None:
    total: dict[Monomial, fmpq] = {}
    for row, c in terms.items():
        monomial: list[tuple[Atom, int, int]] = []
        for atom, degree in zip(atoms, row, strict=True):
            exponent = fmpq(int(degree), denominators[atom])
            if exponent:
                monomial.append((atom, int(exponent.p), int(exponent.q)))
        total[tuple(monomial)] = fmpq(int(str(c)))
    value: Number = number(total)
    return value if isinstance(value, Form) and not value.single() else None
