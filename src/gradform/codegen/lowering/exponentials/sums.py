"""Sums of exponentials, found so that they can be computed without overflow.

The expression writes log(Σ exp t) and exp(t)_i · (Σ exp t)^-1. Both are small numbers made
of numbers that overflow; the logarithm of the sum is computed as a whole instead, and an
exponential is divided by its sum before anything else is multiplied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

from gradform.codegen.lowering.contraction.entrywise import multiply
from gradform.codegen.lowering.contraction.network import Item
from gradform.codegen.program.operations import Call, Combine, LogAddExp, LogSumExp, Softmax
from gradform.codegen.program.straight_line import Program, Value
from gradform.functions.elementwise import exp, log
from gradform.functions.logistic import sigmoid
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.memo import remembered
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Factor,
    Leaf,
    Node,
    Sum,
    Symbol,
    exact,
    topological,
)
from gradform.ir.sign import is_positive
from gradform.records import record, replaced

__all__ = [
    "ExponentialSum",
    "Quotient",
    "Ratio",
    "Remainder",
    "Term",
    "divided",
    "exponential_sum",
    "is_exponential",
    "logarithm",
    "open_closed_parts",
    "raised",
    "take_quotients",
]

# Of longer sums, shares are computed by the logarithm of the whole.
_MOST_SHARES = 3

# The array of a node with all its axes.
Whole = Callable[[Node], Value]


@record
class Term:
    """``coefficient · weight · Σ exp(exponent[labels])``, or without the sum.

    Labels below the rank of the sum are its axes, the others are summed. The exponent is
    ``power`` times that of the exponential as it is written. The weight is a product of
    positive variables and sizes.
    """

    coefficient: Coefficient
    exponent: Node | None
    labels: tuple[int, ...]
    power: Coefficient = 1
    weight: Node | None = None


@record
class ExponentialSum:
    """A positive combination of exponentials."""

    terms: tuple[Term, ...]
    axes: tuple[Dim, ...]

    @property
    def exponents(self) -> tuple[Node, ...]:
        return tuple(term.exponent for term in self.terms if term.exponent is not None)

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is computed from."""
        weights = tuple(term.weight for term in self.terms if term.weight is not None)
        return (*self.exponents, *weights)


@record
class Ratio:
    """``exp(above·t)[labels] / total[places]^below``, with the labels of one product."""

    exponent: Node
    labels: tuple[int, ...]
    total: ExponentialSum
    places: tuple[int, ...]
    above: Coefficient = 1
    below: Coefficient = 1


@record
class Remainder:
    """``total[places] ^ power``: what is left of a sum after the division of exponentials."""

    total: ExponentialSum
    places: tuple[int, ...]
    power: Coefficient


Quotient: TypeAlias = Ratio | Remainder


def is_exponential(node: Node) -> bool:
    return isinstance(node, Apply) and node.fn is exp


@remembered
def exponential_sum(node: Node) -> ExponentialSum | None:
    """The node as a sum of exponentials, or None."""
    if isinstance(node, Sum):
        terms: list[Term] = []
        for coefficient, summand in node.terms:
            term = _term(coefficient, summand)
            if term is None:
                return None
            terms.append(term)
        total = ExponentialSum(tuple(terms), node.axes)
        return total if total.exponents else None
    if isinstance(node, Contraction) and len(node.dims) > node.rank:
        found = _term(1, node)
        summed = found is not None and found.exponent is not None
        return ExponentialSum((found,), node.axes) if found is not None and summed else None
    return None


def _term(coefficient: Coefficient, node: Node) -> Term | None:
    if coefficient > 0 and isinstance(node, Apply) and is_exponential(node):
        return Term(coefficient, node.args[0], tuple(range(node.rank)))
    if coefficient > 0 and _is_weight(node):
        return Term(coefficient, None, (), weight=node)
    if not isinstance(node, Contraction) or coefficient * node.coefficient <= 0:
        return None
    coefficient *= node.coefficient
    weights = tuple(factor for factor in node.factors if _is_weight(factor[0]))
    weight = build.contract(1, weights, (), {}) if weights else None
    rest = [factor for factor in node.factors if not _is_weight(factor[0])]
    if not rest and len(node.dims) == node.rank:
        return Term(coefficient, None, (), weight=weight)
    if len(rest) != 1:
        return None
    factor, labels, power = rest[0]
    whole = labels == tuple(range(node.rank)) and len(node.dims) == node.rank
    if weight is not None and power == 1 and whole:
        inside = _term(coefficient, factor)
        if inside is not None and inside.weight is None:
            return replaced(inside, weight=weight)
    if power <= 0 or len(set(labels)) < len(labels) or not is_exponential(factor):
        return None
    assert isinstance(factor, Apply)
    exponent = build.scale(power, factor.args[0])
    # A summed label that the exponential lacks would count every term several times.
    if any(label not in labels for label in range(node.rank, len(node.dims))):
        return None
    return Term(coefficient, exponent, labels, power, weight)


def _is_weight(node: Node) -> bool:
    """Whether a node is a positive number: a variable, a size, or a sum of such as 1 - p."""
    if node.axes or not isinstance(node, Symbol | Leaf | Sum) or not is_positive(node):
        return False
    return not isinstance(node, Sum) or not any(isinstance(x, Apply) for x in topological(node))


# ---------------------------------------------------------------- logarithms


def logarithm(program: Program, total: ExponentialSum, whole: Whole) -> Item:
    """log of the sum, labelled with the positions of its axes."""
    logs = [_log_of_term(program, term, len(total.axes), whole) for term in total.terms]
    return _added(program, logs, total.axes)


def _added(program: Program, logs: Sequence[Item], axes: tuple[Dim, ...]) -> Item:
    """log Σ exp of some logarithms."""
    # A constant comes first, as in logaddexp(0, t).
    result, *rest = sorted(logs, key=lambda item: len(item.labels))
    for item in rest:
        result = _combined(program, LogAddExp(), result, item, axes)
    return result


def _log_of_term(program: Program, term: Term, rank: int, whole: Whole) -> Item:
    scale = _log_of_scale(program, term, whole)
    if term.exponent is None:
        return Item(scale, ())
    value = whole(term.exponent)
    summed = tuple(k for k, label in enumerate(term.labels) if label >= rank)
    axes = [size for k, size in enumerate(program.axes(value)) if k not in summed]
    if summed:
        value = program.emit(LogSumExp(summed), (value,), axes)
    kept = tuple(label for label in term.labels if label < rank)
    labels = tuple(sorted(kept))
    value = program.align(value, kept, labels)
    if term.coefficient != 1 or term.weight is not None:
        value = program.emit(Combine((1, 1)), (value, scale), program.axes(value))
    return Item(value, labels)


def _log_of_scale(program: Program, term: Term, whole: Whole) -> Value:
    """log of what the exponentials of a term are multiplied by."""
    if term.weight is not None:
        scale = program.scale(term.coefficient, whole(term.weight))
    elif term.coefficient == 1:
        return program.number(0)
    else:
        scale = program.number(term.coefficient)
    return program.emit(Call(log), (scale,), ())


def _combined(
    program: Program,
    operation: LogAddExp | Combine,
    left: Item,
    right: Item,
    axes: tuple[Dim, ...],
) -> Item:
    """An entrywise operation on two items whose labels are positions in ``axes``."""
    labels = tuple(sorted({*left.labels, *right.labels}))
    values = [program.align(item.value, item.labels, labels) for item in (left, right)]
    return Item(program.emit(operation, values, [axes[label] for label in labels]), labels)


# ---------------------------------------------------------------- quotients


def take_quotients(factors: tuple[Factor, ...]) -> tuple[list[Quotient], list[Factor]]:
    """Pair exponentials with negative powers of their sums, as often as possible.

    A sum that is left over goes under an exponential that is, whatever that is of: both
    may be too large or too small for a number, and their quotient not.
    """
    rest = list(factors)
    quotients: list[Quotient] = []
    left_over: list[Remainder] = []
    for position, (node, places, power) in enumerate(factors):
        total = exponential_sum(node) if power < 0 else None
        if total is None:
            continue
        below = power
        for other, term in _own_terms(rest, total, places):
            top, labels, above = rest[other]
            assert isinstance(top, Apply) and term.exponent is not None
            share = min(Fraction(above) / term.power, -below)
            count, part = int(share), exact(share % 1)
            quotients.extend([Ratio(term.exponent, labels, total, places)] * count)
            if part:
                weight = exact(part * term.power)
                quotients.append(Ratio(top.args[0], labels, total, places, weight, part))
            rest[other] = (top, labels, exact(above - share * term.power))
            below = exact(below + share)
        rest[position] = (node, places, 0)
        if below:
            left_over.append(Remainder(total, places, below))
    quotients += [_below_another(rest, remainder) for remainder in left_over]
    return quotients, [factor for factor in rest if factor[2] != 0]


def _below_another(rest: list[Factor], remainder: Remainder) -> Quotient:
    """The sum under an exponential that varies along its axes, which leaves the rest."""
    for k, (node, labels, power) in enumerate(rest):
        spread = set(remainder.places) <= set(labels) and len(set(labels)) == len(labels)
        if power > 0 and spread and isinstance(node, Apply) and is_exponential(node):
            rest[k] = (node, labels, 0)
            total, places, below = remainder.total, remainder.places, -remainder.power
            return Ratio(node.args[0], labels, total, places, power, below)
    return remainder


def open_closed_parts(
    factors: tuple[Factor, ...], dims: tuple[Dim, ...]
) -> tuple[tuple[Factor, ...], tuple[Dim, ...]]:
    """Put Σ a·exp(t) back into a product that divides by Σ exp(t).

    It is a number, so the expression keeps it as one factor; but its exponentials have to
    be divided before they are summed.
    """
    exponents = {
        exponent
        for node, _, power in factors
        if power < 0 and not node.axes
        for exponent in _exponents(node)
    }
    opened: list[Factor] = []
    sizes = list(dims)
    for node, labels, power in factors:
        if not (exponents and power == 1 and _holds_exponential(node, exponents)):
            opened.append((node, labels, power))
            continue
        assert isinstance(node, Contraction)
        first = len(sizes)
        sizes.extend(node.dims)
        opened.extend((f, tuple(first + x for x in places), p) for f, places, p in node.factors)
    return tuple(opened), tuple(sizes)


def _exponents(node: Node) -> tuple[Node, ...]:
    total = exponential_sum(node)
    return () if total is None else total.exponents


def _holds_exponential(node: Node, exponents: set[Node]) -> bool:
    """Whether a closed product with coefficient one has an exponential of the given ones."""
    if not isinstance(node, Contraction) or node.axes or node.coefficient != 1:
        return False
    return any(
        isinstance(factor, Apply) and is_exponential(factor) and factor.args[0] in exponents
        for factor, _, power in node.factors
        if power > 0
    )


def _own_terms(
    factors: list[Factor], total: ExponentialSum, places: tuple[int, ...]
) -> list[tuple[int, Term]]:
    """Positions of exponentials that occur in the sum and vary along all its axes."""
    if len(set(places)) < len(places):
        return []
    return [
        (k, term)
        for k, (node, labels, power) in enumerate(factors)
        if isinstance(node, Apply) and power > 0 and is_exponential(node)
        if set(places) <= set(labels)
        for term in total.terms
        if term.exponent is build.scale(term.power, node.args[0])
    ]


def divided(program: Program, ratio: Ratio, whole: Whole) -> Item:
    """The quotient: a softmax, or the exponential of a difference."""
    value = whole(ratio.exponent)
    axes = program.axes(value)
    summed = _softmax_axes(ratio)
    if summed is not None:
        return Item(program.emit(Softmax(summed), (value,), axes), ratio.labels)
    own = _own_term(ratio)
    if own is not None:
        return _share(program, ratio, own, value, whole)
    weights = (ratio.above, -ratio.below)
    below = logarithm(program, ratio.total, whole)
    positions = {label: k for k, label in enumerate(ratio.labels)}
    placed = replaced(below, labels=tuple(positions[ratio.places[k]] for k in below.labels))
    above = Item(value, tuple(range(len(axes))))
    difference = _combined(program, Combine(weights), above, placed, axes)
    return Item(program.emit(Call(exp), (difference.value,), axes), ratio.labels)


def _own_term(ratio: Ratio) -> Term | None:
    """The one term of the sum, of a few, that the exponential is of."""
    if ratio.above != 1 or ratio.below != 1 or len(ratio.total.terms) > _MOST_SHARES:
        return None
    own = [term for term in ratio.total.terms if _is_of(ratio, term)]
    return own[0] if len(own) == 1 and len(ratio.total.terms) > 1 else None


def _share(program: Program, ratio: Ratio, own: Term, value: Value, whole: Whole) -> Item:
    """exp(t) / (a Σ exp(t) + b) = softmax(t)/a · sigmoid(log(a Σ exp(t)) - log b).

    A difference of logarithms of parts is right where that with the whole is rounded away:
    equal entries of 1e300 have equal shares.
    """
    total = ratio.total
    rank = len(total.axes)
    logs = [_log_of_term(program, term, rank, whole) for term in total.terms]
    mine = logs.pop(total.terms.index(own))
    difference = _combined(
        program, Combine((1, -1)), mine, _added(program, logs, total.axes), total.axes
    )
    axes = program.axes(difference.value)
    part = program.emit(Call(sigmoid), (difference.value,), axes)
    items = [Item(part, tuple(ratio.places[k] for k in difference.labels))]
    summed = tuple(k for k, label in enumerate(own.labels) if label >= rank)
    if summed:
        weights = program.emit(Softmax(summed), (value,), program.axes(value))
        items.append(Item(weights, ratio.labels))
    if own.weight is not None:
        items.append(Item(whole(own.weight), (), power=-1))
    return multiply(program, 1 / Fraction(own.coefficient), items, ratio.labels)


def raised(program: Program, remainder: Remainder, whole: Whole) -> Item:
    """exp(power · log(total)), with the logarithm that the quotients use as well."""
    inner = logarithm(program, remainder.total, whole)
    scaled = program.scale(remainder.power, inner.value)
    value = program.emit(Call(exp), (scaled,), program.axes(scaled))
    return Item(value, tuple(remainder.places[k] for k in inner.labels))


def _softmax_axes(ratio: Ratio) -> tuple[int, ...] | None:
    """The summed axes when the sum is over exactly this exponential, else None."""
    term = ratio.total.terms[0]
    single = len(ratio.total.terms) == 1 and term.coefficient == ratio.above == ratio.below == 1
    if not single or term.weight is not None or not _is_of(ratio, term):
        return None
    return tuple(k for k, label in enumerate(term.labels) if label >= len(ratio.total.axes))


def _is_of(ratio: Ratio, term: Term) -> bool:
    """Whether a term sums exactly the exponential of the ratio, along the same axes."""
    rank = len(ratio.total.axes)
    return term.exponent is ratio.exponent and all(
        label >= rank or ratio.places[label] == ratio.labels[position]
        for position, label in enumerate(term.labels)
    )
