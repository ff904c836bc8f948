"""Equations between elementwise functions that keep one form for one value.

The records name the functions; here are the equations.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradform.functions.record import Function, Powers, ProductLaw
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Coefficient, Contraction, Node, Sum
from gradform.ir.sign import is_positive

__all__ = [
    "exp_of_log",
    "is_factor",
    "log_of_product",
    "power_with_number",
    "quotient",
]


def is_factor(node: Node) -> bool:
    """Whether a node may stand in a product as it is: products would have to be merged."""
    return not isinstance(node, Contraction) or (not node.rank and len(node.dims) > 0)


def quotient(bottom: Callable[[], Function], result: Callable[[], Function]) -> ProductLaw:
    """top(x)^p · bottom(x)^-p = result(x)^p, for the record of ``top``."""

    def law(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
        same = isinstance(other, Apply) and other.fn is bottom() and other.args == node.args
        return [(result().apply(*node.args), p)] if same and q == -p else None

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
