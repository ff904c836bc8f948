"""The slope of the logistic function in products: sigmoid(x) sigmoid(-x).

With e = exp(-|x|) it is e / (1 + e)², which is even in x, never overflows and takes one
exponential instead of two. That of the hyperbolic tangent, 1 - tanh(x)², is written as it
stands but under a logarithm, and so is 1 - tanh(x).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gradform.codegen.lowering.contraction.network import Item, Label
from gradform.codegen.program.operations import Call
from gradform.codegen.program.straight_line import Program
from gradform.functions.elementwise import cosh, exp, log, tanh
from gradform.functions.kinked import abs_
from gradform.functions.logistic import sigmoid, softplus
from gradform.ir.expr import Expr
from gradform.ir.leaves import constant
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Node, Sum

__all__ = ["Slope", "log_beside_tanh", "slope_of", "take_slopes"]


class Slope(NamedTuple):
    """A power of the slope at an argument, with the labels of its axes."""

    argument: Node
    labels: tuple[Label, ...]
    power: Coefficient


def take_slopes(factors: Iterable[Factor]) -> tuple[list[Slope], tuple[Factor, ...]]:
    """The pairs sigmoid(x)^p sigmoid(-x)^p among the factors, and the other factors."""
    rest = list(factors)
    slopes: list[Slope] = []
    for factor in tuple(rest):
        node, labels, power = factor
        if not isinstance(node, Apply) or node.fn is not sigmoid or _is_negative(node.args[0]):
            continue
        partner = (sigmoid(-Expr(node.args[0])).node, labels, power)
        if factor in rest and partner in rest and partner != factor:
            rest.remove(factor)
            rest.remove(partner)
            slopes.append(Slope(node.args[0], labels, power))
    return slopes, tuple(rest)


def _is_negative(node: Node) -> bool:
    return isinstance(node, Contraction) and node.coefficient < 0


def slope_of(program: Program, item: Item) -> Item:
    """The slope at a value, which is left with its labels."""
    axes = program.axes(item.value)
    size = program.emit(Call(abs_), (item.value,), axes)
    decay = program.emit(Call(exp), (program.scale(-1, size),), axes)
    total = program.combine([(1, program.number(1)), (1, decay)])
    return Item(program.multiply(1, [(decay, 1), (total, -2)]), item.labels)


def log_beside_tanh(node: Node) -> Node | None:
    """The logarithm of 1 - tanh(x)², 1 - tanh(x) or 1 + tanh(x), which are zero to rounding from
    |x| = 20 on: -2 log(cosh(x)), log(2) - softplus(2 x) or log(2) - softplus(-2 x); else None."""
    if not isinstance(node, Sum):
        return None
    for term in node.children:
        for found in (term, *term.children):
            if isinstance(found, Apply) and found.fn is tanh:
                return _log_beside(node, Expr(found.args[0]))
    return None


def _log_beside(node: Sum, x: Expr) -> Node | None:
    if (1 - tanh(x) ** 2).node is node:
        return (-2 * log(cosh(x))).node
    two = log(Expr(constant(2, node.axes)))
    for sign in (1, -1):
        if (1 - sign * tanh(x)).node is node:
            return (two - softplus(2 * sign * x)).node
    return None
