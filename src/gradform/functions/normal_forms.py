"""Equations between elementwise functions that keep one form for one value.

The records name the functions; here are the equations.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradform.functions.operators import symmetric_part
from gradform.functions.record import Function, PowerLaw, Powers, ProductLaw, lookup
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.laws import Network
from gradform.ir.nodes import Apply, Coefficient, Contraction, Node, Sum, exact
from gradform.ir.sign import is_positive

__all__ = [
    "exp_of_log",
    "exponential_times_sigmoid",
    "is_factor",
    "log_of_factor_diagonal",
    "log_of_product",
    "merges",
    "opened_below",
    "power_with_number",
    "raise_same_base",
    "reciprocal_of_one_plus_exponential",
]


def is_factor(node: Node) -> bool:
    """Whether a node may stand in a product as it is: products would have to be merged."""
    return not isinstance(node, Contraction) or (not node.rank and len(node.dims) > 0)


def merges(
    other: Callable[[], Function],
    by: int,
    result: Callable[[], Function],
    to: int = 1,
    above: bool = False,
) -> ProductLaw:
    """f(x)·other(x)^by = result(x)^to, for the record of f; by and to are 1 or -1.

    Of f^p·other^q as much is taken as both have, of integers as many times as they go: a root
    may be of a number that is negative where the product is defined. Roots of f and a positive
    function are roots of what is positive, too. With ``above`` only where p > 0: the result
    would not be defined everywhere below.
    """

    def law(node: Apply, p: Coefficient, right: Node, q: Coefficient) -> Powers | None:
        if not (isinstance(right, Apply) and right.fn is other() and right.args == node.args):
            return None
        if p * q * by < 0 or (p < 0 and above):
            return None
        merged = min(p, q * by) if p > 0 else max(p, q * by)
        if isinstance(p, int):
            merged = int(merged)
        if not merged or not (isinstance(p, int) or right.fn.sign == "positive"):
            return None
        if not isinstance(q, int) and right.fn.sign != "positive":
            return None
        parts = [(result().apply(*node.args), merged * to), (node, p - merged)]
        return [(f, exact(n)) for f, n in [*parts, (right, q - merged * by)] if n]

    return law


def opened_below(top: Callable[[], Function], bottom: Callable[[], Function]) -> PowerLaw:
    """f(x)^-p = bottom(x)^p·top(x)^-p for f = top/bottom, which is defined where bottom is 0."""

    def law(node: Apply, p: Coefficient) -> Powers | None:
        if not isinstance(p, int) or p > 0:
            return None
        return [(bottom().apply(*node.args), -p), (top().apply(*node.args), p)]

    return law


def exp_of_log(exp: Function, log: Function, x: Node) -> Expr | None:
    """exp(t + p·log s) = exp(t)·s^p, for rational p."""
    terms = x.terms if isinstance(x, Sum) else ((Fraction(1), x),)
    power = Expr(build.ones(*x.axes))
    rest = []
    for number, term in terms:
        found = _multiple_of(log, term)
        if found is None:
            rest.append((number, term))
        else:
            factor, base, labels = found
            power *= _spread(Expr(base) ** (number * factor), labels, x)
    if len(rest) == len(terms):
        return None
    return exp(Expr(build.linear_combination(rest, x.axes))) * power


def _multiple_of(log: Function, term: Node) -> tuple[Coefficient, Node, tuple[int, ...]] | None:
    """(p, s, labels) when the term is p·log(s), repeated along the other axes."""
    if isinstance(term, Apply) and term.fn is log:
        return 1, term.args[0], tuple(range(term.rank))
    if isinstance(term, Contraction) and len(term.factors) == 1 and len(term.dims) == term.rank:
        factor, labels, power = term.factors[0]
        if power == 1 and isinstance(factor, Apply) and factor.fn is log:
            return term.coefficient, factor.args[0], labels
    return None


def log_of_product(exp: Function, log: Function, softplus: Function, x: Node) -> Expr | None:
    """log(exp(t)·s^p) = t + p·log(s) with s > 0, and log(1 + exp(t)) = softplus(t)."""
    if isinstance(x, Apply) and x.fn is exp:
        return Expr(x.args[0])
    if isinstance(x, Sum):
        found = _one_plus_exponential(exp, x)
        return None if found is None else softplus(found)
    if not isinstance(x, Contraction) or len(x.dims) > x.rank or x.coefficient <= 0:
        return None
    if not any(_is(exp, factor) for factor, _, _ in x.factors):
        return None
    if not all(is_positive(factor) for factor, _, _ in x.factors):
        return None
    total = log(Expr(build.constant(x.coefficient, x.axes)))
    for factor, labels, power in x.factors:
        inner = Expr(factor.args[0]) if isinstance(factor, Apply) and factor.fn is exp else None
        total += _spread((log(Expr(factor)) if inner is None else inner) * power, labels, x)
    return total


def _is(fn: Function, node: Node) -> bool:
    return isinstance(node, Apply) and node.fn is fn


def _one_plus_exponential(exp: Function, x: Sum) -> Expr | None:
    """t when x = 1 + exp(t)."""
    if len(x.terms) != 2 or any(number != 1 for number, _ in x.terms):
        return None
    (_, first), (_, second) = x.terms
    for one, other in ((first, second), (second, first)):
        if build.constant_value(one) == 1 and isinstance(other, Apply) and other.fn is exp:
            return Expr(other.args[0])
    return None


def _spread(value: Expr, labels: tuple[int, ...], like: Node) -> Expr:
    terms = [(value.node, labels, 1)]
    return Expr(build.contract(1, terms, range(like.rank), dict(enumerate(like.axes))))


def power_with_number(base: Node, exponent: Node) -> Node | None:
    """A rational exponent makes an ordinary power."""
    number = build.constant_value(exponent)
    return None if number is None else build.power(base, number)


def log_of_factor_diagonal(network: Network, k: int) -> bool:
    """Σ_i log(L[i,i]) = logdet(S)/2 for L = chol(S), whose diagonal is positive."""
    node, labels, power = network.factors[k]
    inner = node.args[0] if isinstance(node, Apply) else node
    if power != 1 or not isinstance(inner, Contraction) or len(inner.factors) != 1:
        return False
    factor, places, p = inner.factors[0]
    if not isinstance(factor, Apply) or factor.fn.name != "chol" or places != (0, 0) or p != 1:
        return False
    if labels[0] not in network.summed or network.uses(labels[0]) != 1:
        return False
    logdet = lookup("logdet")
    assert logdet is not None
    symmetric = symmetric_part(Expr(factor.args[0]))
    network.replace({k}, [], (labels[0],))
    network.absorb((logdet(symmetric) / 2).node, ())
    return True


def raise_same_base(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
    """pow(x, e)·x^q = pow(x, e + q)"""
    base, exponent = node.args
    if p != 1 or other is not base:
        return None
    raised = node.fn.apply(base, (Expr(exponent) + q).node)
    return [(raised, 1)]


def exponential_times_sigmoid(
    sigmoid: Callable[[], Function],
) -> ProductLaw:
    """exp(u)·sigmoid(-u) = sigmoid(u)"""

    def law(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
        if not (isinstance(other, Apply) and other.fn is sigmoid() and p > 0 and q > 0):
            return None
        u = node.args[0]
        if other.args[0] is not build.scale(-1, u):
            return None
        both = min(p, q)
        powers = [(sigmoid().apply(u), both), (node, p - both), (other, q - both)]
        return [(f, exact(n)) for f, n in powers if n]

    return law


def reciprocal_of_one_plus_exponential(
    exp: Callable[[], Function], sigmoid: Callable[[], Function]
) -> Callable[[Sum, Coefficient], Powers | None]:
    """(1 + exp(u))^-p = sigmoid(-u)^p"""

    def law(node: Sum, power: Coefficient) -> Powers | None:
        if not isinstance(power, int) or power > 0:
            return None
        u = _one_plus_exponential(exp(), node)
        return None if u is None else [(sigmoid().apply((-u).node), -power)]

    return law
