"""Numbers written out: ``(1 + sqrt(5))/2``, ``-2 - LambertW(-exp(-2), -1)``.

The plain text reads back as the same number. A constant stands first, unless it is negative
and a positive term can stand before it; a denominator shared by all terms is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, prod

from flint import fmpq

from gradform.exact.atoms import PI, Applied, Constant, Enclosed, Prime, Root, Sum
from gradform.exact.form import Atom, Form, Monomial, Number, scale, sum_of
from gradform.exact.styles import LATEX, TEXT, UNICODE, Firmness, Piece, Style

__all__ = ["LATEX", "TEXT", "UNICODE", "Style", "written"]

_LARGEST_ARGUMENT = 10**6  # of a logarithm that others are drawn into


def written(value: Number, style: Style) -> str:
    """The number in a notation."""
    negative, piece = _signed(value, style)
    if not negative:
        return piece.string
    return "-" + style.held(piece, Firmness.PRODUCT)


def _signed(value: Number, style: Style) -> tuple[bool, Piece]:
    """Whether a minus stands before the whole, and what stands behind it."""
    if isinstance(value, fmpq):
        return bool(value < 0), _with_coefficient(abs(value), [], [], style)
    terms = _terms(value, style)
    if len(terms) == 1:
        _, coefficient, above, below = terms[0]
        return coefficient < 0, _with_coefficient(abs(coefficient), above, below, style)
    denominators = {int(c.q) for _, c, _, _ in terms}
    shared = denominators.pop() if len(denominators) == 1 else 1
    string = ""
    for _, coefficient, above, below in _led_by_positive(terms):
        piece = _with_coefficient(abs(coefficient) * shared, above, below, style)
        minus = coefficient < 0
        joint = (" - " if minus else " + ") if string else ("-" if minus else "")
        string += joint + style.held(piece, Firmness.PRODUCT)
    total = Piece(string, Firmness.SUM)
    if shared == 1:
        return False, total
    return False, style.quotient(total, Piece(str(shared), Firmness.ATOM))


_Term = tuple[tuple[object, ...], fmpq, list[Piece], list[Piece]]


def _led_by_positive(terms: list[_Term]) -> list[_Term]:
    """−1 + e is written e − 1."""
    if terms[0][1] > 0:
        return terms
    for index, term in enumerate(terms):
        if term[1] > 0:
            return [term, *terms[:index], *terms[index + 1 :]]
    return terms


def _with_coefficient(c: fmpq, above: list[Piece], below: list[Piece], style: Style) -> Piece:
    """(p · above)/(q · below)."""
    top, bottom = list(above), list(below)
    if c.p != 1 or not top:
        top.insert(0, Piece(str(c.p), Firmness.ATOM))
    if c.q != 1:
        bottom.insert(0, Piece(str(c.q), Firmness.ATOM))
    if not bottom:
        return style.product(top)
    return style.quotient(style.product(top), style.product(bottom))


def _terms(value: Form, style: Style) -> list[_Term]:
    """The terms as coefficient and pieces above and below the line, in their order."""
    drawn, rest = _logarithm(value, style)
    found = [_term(monomial, c, style) for monomial, c in rest.items()]
    return sorted([*drawn, *found], key=lambda term: term[0])


def _term(monomial: Monomial, coefficient: fmpq, style: Style) -> _Term:
    powers = sorted(monomial, key=lambda power: power[0].order)
    key = tuple((atom.order, n, d) for atom, n, d in powers)
    above: list[Piece] = [*_radicals(powers, style)]
    below: list[Piece] = []
    for atom, n, d in powers:
        if isinstance(atom, Prime) or (isinstance(atom, Applied) and atom.name == "exp"):
            continue
        minus, base = _atom(atom, style)
        if minus and d == 1:
            coefficient = -coefficient if n % 2 else coefficient
        elif minus:
            base = Piece("-" + base.string, Firmness.SUM)
        (above if n > 0 else below).append(style.power(base, abs(n), d))
    exponent = sum_of(
        scale(atom.argument, fmpq(n, d))
        for atom, n, d in powers
        if isinstance(atom, Applied) and atom.name == "exp"
    )
    if exponent != 0:
        negative, piece = _signed(exponent, style)
        above.append(style.exponential(piece, negative))
    return key, coefficient, above, below


def _radicals(powers: Iterable[tuple[Atom, int, int]], style: Style) -> list[Piece]:
    """Roots of primes with the same exponent under one sign."""
    groups: dict[tuple[int, int], int] = {}
    for atom, n, d in powers:
        if isinstance(atom, Prime):
            groups[n, d] = groups.get((n, d), 1) * atom.value
    return [
        style.power(Piece(str(value), Firmness.ATOM), n, d)
        for (n, d), value in sorted(groups.items())
    ]


def _logarithm(value: Form, style: Style) -> tuple[list[_Term], dict[Monomial, fmpq]]:
    """log 2 + log 3 drawn together as log 6 when that is short; and the other terms."""
    logs = {
        monomial: int(c.p)
        for monomial, c in value.terms.items()
        if c.q == 1 and _log_argument(monomial)
    }
    shared = gcd(*logs.values()) if logs else 1
    argument = fmpq(1)
    if len(logs) > 1 and sum(abs(c) for c in logs.values()) <= 40 * shared:
        powers = [fmpq(_log_argument(m)) ** (c // shared) for m, c in logs.items()]
        argument = prod(powers, start=argument)
    if argument == 1 or argument.height_bits() > _LARGEST_ARGUMENT.bit_length():
        return [], dict(value.terms)
    if argument < 1:
        argument, shared = 1 / argument, -shared
    key = _term(next(iter(logs)), fmpq(1), style)[0]
    piece = style.call("log", (), written(argument, style))
    rest = {monomial: c for monomial, c in value.terms.items() if monomial not in logs}
    return [(key, fmpq(shared), [piece], [])], rest


def _log_argument(monomial: Monomial) -> int:
    """n when the monomial is log(n), else 0."""
    if len(monomial) != 1 or monomial[0][1:] != (1, 1):
        return 0
    atom = monomial[0][0]
    if not isinstance(atom, Applied) or atom.name != "log":
        return 0
    return int(atom.argument.p) if isinstance(atom.argument, fmpq) else 0


def _atom(atom: Atom, style: Style) -> tuple[bool, Piece]:
    """The number whose absolute value the atom is, and whether that is negative."""
    if isinstance(atom, Constant):
        return False, style.named(style.pi if atom is PI else style.euler)
    if isinstance(atom, Sum):
        return False, Piece(written(atom.form, style), _firmness_of_sum(atom.form, style))
    if isinstance(atom, Root):
        return atom.negative, style.root_of(_polynomial(atom), atom.index)

    if isinstance(atom, Enclosed):
        return atom.negative, style.named(atom.text)
    assert isinstance(atom, Applied)
    argument = written(atom.argument, style)
    return atom.negative, style.call(atom.name, atom.parameters, argument)


def _firmness_of_sum(value: Form, style: Style) -> Firmness:
    return _signed(value, style)[1].firmness


def _polynomial(atom: Root) -> str:
    """The polynomial from high to low, as ``x^5 - x - 1``."""
    text = ""
    for k, c in reversed(list(enumerate(int(c) for c in atom.polynomial.coeffs()))):
        if not c:
            continue
        variable = "" if k == 0 else "x" if k == 1 else f"x^{k}"
        size = "" if abs(c) == 1 and variable else str(abs(c))
        joint = (" - " if c < 0 else " + ") if text else ("-" if c < 0 else "")
        text += joint + size + ("*" if size and variable else "") + variable
    return text
