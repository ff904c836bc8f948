"""Sums and products entry by entry, in few passes over large arrays.

Numbers are put together first, then arrays that lack an axis of the result, by the axes that
they have; what is left goes into one buffer. A factor that several terms have in common is
multiplied once: 2a - 2b = 2(a - b).
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.buffers.pad import Axes, Operand, Pad
from gradform.ir.nodes import Coefficient, exact, magnitude

__all__ = ["Factor", "Term", "after_differences", "product", "total"]

# A term of a sum and a factor of a product: a number, what stands there, and its axes.
Term = tuple[Coefficient, Operand, Axes]
Factor = tuple[Operand, Coefficient, Axes]


# ---------------------------------------------------------------- sums


def total(pad: Pad, terms: Sequence[Term], axes: Axes) -> Operand:
    """``Σ coefficient · operand``; no operand is a literal number."""
    groups: dict[Axes, list[Term]] = {}
    for term in terms:
        groups.setdefault(term[2], []).append(term)
    kept = list(groups.pop(axes, []))
    if len(groups) > 1 and () in groups:
        scalars = groups.pop(())
        min(groups.items(), key=lambda item: len(item[0]))[1].extend(scalars)
    for own, group in groups.items():
        kept.append(_smaller(pad, group, own))
    return _accumulated(pad, kept)


def after_differences(terms: Sequence[tuple[Coefficient, Axes]]) -> int:
    """The place from which numbers are added to the difference of the terms before: what is
    positive behind the last negative one. The difference may be small beside what it is of.
    """
    last = max((k for k, (c, _) in enumerate(terms) if c < 0), default=-1) + 1
    is_difference = any(c > 0 for c, _ in terms[:last])
    return last if is_difference and not any(axes for _, axes in terms[last:]) else len(terms)


def _smaller(pad: Pad, group: Sequence[Term], axes: Axes) -> Term:
    """Terms that lack axes, as one term with them."""
    if len(group) == 1 and abs(group[0][0]) == 1:
        return group[0]
    own = [(c, operand._replace(full=own == axes), own) for c, operand, own in group]
    with pad.shaped(axes):
        found, sign = _grouped(pad, own)
    return sign, found._replace(full=False, free=False), axes


def _accumulated(pad: Pad, terms: Sequence[Term]) -> Operand:
    found, sign = _grouped(pad, terms)
    return found if sign > 0 else pad.unary("negative", found)


def _grouped(pad: Pad, terms: Sequence[Term]) -> tuple[Operand, int]:
    """The sum over groups of equal |coefficient|, up to a sign; the group with 1 joins last."""
    groups: dict[Coefficient, list[Term]] = {}
    for term in terms:
        groups.setdefault(magnitude(term[0]), []).append(term)
    units = groups.pop(1, [])
    for size, group in groups.items():
        common, sign = _signed_sum(pad, [(1 if c > 0 else -1, o) for c, o, _ in group])
        scaled = pad.binary("multiply", common, pad.number(size))
        units.insert(0, (sign, scaled, ()))
    return _signed_sum(pad, [(1 if c > 0 else -1, o) for c, o, _ in units])


def _signed_sum(pad: Pad, terms: Sequence[tuple[int, Operand]]) -> tuple[Operand, int]:
    """The sum up to a sign, which comes second. It starts with what may be overwritten."""
    pending = sorted(terms, key=lambda term: (not term[1].free, not term[1].full, term[0] < 0))
    sign, found = pending.pop(0)
    for other_sign, operand in pending:
        if other_sign == sign:
            found = pad.binary("add", found, operand)
        elif sign > 0:
            found = pad.binary("subtract", found, operand)
        else:
            found, sign = pad.binary("subtract", operand, found), 1
    return found, sign


# ---------------------------------------------------------------- products


def product(pad: Pad, coefficient: Coefficient, factors: Sequence[Factor], axes: Axes) -> Operand:
    """``coefficient · Π operand ^ power``; operands without axes are single numbers."""
    groups: dict[Axes, list[Factor]] = {}
    for factor in factors:
        groups.setdefault(factor[2], []).append(factor)
    whole = groups.pop(axes, [])
    scalars = groups.pop((), [])
    parts = sorted(groups.items(), key=lambda item: len(item[0]))
    smaller: list[tuple[Operand, Coefficient]] = []
    for k, (own, group) in enumerate(parts):
        inside = group if k else [*scalars, *group]
        number = 1 if k else coefficient
        with pad.shaped(own):
            smaller.append(_joined(pad, number, [(o, p) for o, p, _ in inside], full=True))
    if not parts:
        whole = [*scalars, *whole]
    rest = [(operand._replace(full=False, free=False), power) for operand, power in smaller]
    whole_factors = [(operand, power) for operand, power, _ in whole]
    number = 1 if parts else coefficient
    found, power = _joined(pad, number, [*whole_factors, *rest], full=False)
    return found if power == 1 else pad.binary("divide", pad.number(1), found)


def _joined(
    pad: Pad,
    coefficient: Coefficient,
    factors: Sequence[tuple[Operand, Coefficient]],
    *,
    full: bool,
) -> tuple[Operand, Coefficient]:
    """One operand with power 1, or -1 where it is better divided by.

    ``full``: the operands have the shape of what is made here.
    """
    if full:
        factors = [(operand._replace(full=True), power) for operand, power in factors]
    if len(factors) == 1 and coefficient == 1 and abs(factors[0][1]) == 1:
        return factors[0]
    above = [pad.power(operand, power) for operand, power in factors if power > 0]
    below = [pad.power(operand, exact(-power)) for operand, power in factors if power < 0]
    if not above or abs(coefficient) != 1:
        above.append(pad.number(coefficient))
        coefficient = 1
    above.sort(key=lambda operand: (not operand.free, not operand.full))
    found = above[0]
    for operand in above[1:]:
        found = pad.binary("multiply", found, operand)
    for operand in below:
        found = pad.binary("divide", found, operand)
    if coefficient == -1:
        found = pad.unary("negative", found)
    return found, 1
