"""Products and quotients: multiples by constants, curves of one form, squares over t."""

from __future__ import annotations

from scipy import sparse

from gradform.formula.tree import Formula, Mul
from gradform.language import say
from gradform.nonsmooth.line.curve import multiply
from gradform.nonsmooth.space.curvature.arithmetic import product_range, sum_range
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.curvature.powers import reciprocal
from gradform.nonsmooth.space.curvature.quadratic_forms import of_square
from gradform.nonsmooth.space.curvature.ridges import both_ridges, scaled_ridge
from gradform.nonsmooth.space.facts import Fact, Ridge
from gradform.nonsmooth.space.folded import Folded
from gradform.nonsmooth.space.model import Model
from gradform.nonsmooth.space.squares import squares_of
from gradform.records import record, replaced

__all__ = ["of_product"]

_DIVISIONS = ("/", "./")


@record(eq=False)
class _Factor:
    """A factor, or several ones multiplied, of which no ``model`` is kept.

    The fact of a divisor is that of its reciprocal, its model is its own.
    """

    fact: Fact
    shape: tuple[int, int]
    model: Model | None

    @property
    def is_array(self) -> bool:
        return self.shape[0] * self.shape[1] > 1


def of_product(node: Mul, parts: Parts) -> Fact:
    square = of_square(node, parts)
    if square is not None:
        return square
    total = _factor("*", node.factors[0], parts)
    for op, factor in zip(node.ops[1:], node.factors[1:], strict=True):
        total = _times(total, _factor(op, factor, parts), op)
    return _over(node, total.fact, parts)


def _factor(op: str, node: Formula, parts: Parts) -> _Factor:
    fact, model = parts.fact(node), parts.model(node)
    return _Factor(reciprocal(fact, model) if op in _DIVISIONS else fact, model.shape, model)


def _times(left: _Factor, right: _Factor, op: str) -> _Factor:
    is_matrix = op == "*" and left.is_array and right.is_array
    shape = (
        left.shape[0] if is_matrix else max(left.shape[0], right.shape[0]),
        right.shape[1] if is_matrix else max(left.shape[1], right.shape[1]),
    )
    if left.fact.is_constant and right.fact.is_constant:
        found = Fact(convex=True, concave=True, is_constant=True, degree=0)
    elif left.fact.is_constant or right.fact.is_constant:
        found = _multiple(left, right, is_matrix, op in _DIVISIONS)
    else:
        found = _both_vary(left, right, is_matrix)
    count = left.shape[1] if is_matrix else 1
    bounds = sum_range(product_range(left.fact.range, right.fact.range), count)
    return _Factor(replaced(found, range=bounds), shape, None)


def _multiple(left: _Factor, right: _Factor, is_matrix: bool, inverse: bool) -> Fact:
    """By a constant, which keeps curvature or turns it round, if its entries have one sign."""
    number, other = (left, right) if left.fact.is_constant else (right, left)
    low, high = number.fact.range
    sign = 1 if low >= 0 else -1 if high <= 0 else 0
    turned = (other.fact.concave, other.fact.convex)
    convex, concave = (other.fact.convex, other.fact.concave) if sign > 0 else turned
    ridge: Ridge | None = None
    folded: Folded | None = None
    model, inner = number.model, other.fact.folded  # of number/u no form is kept
    if model is not None and model.size == 1 and not (inverse and model is left.model):
        ridge = scaled_ridge(other.fact.ridge, model, inverse)
        folded = inner and inner.scaled(1 / model.number if inverse else model.number)
    elif model is not None and number is left and right.shape[1] == 1 and is_matrix:
        folded = None if sparse.issparse(model.value) else inner and inner.mapped(model.value)
    affine = other.fact.is_affine
    return Fact(
        convex=affine or (sign != 0 and convex),
        concave=affine or (sign != 0 and concave),
        degree=other.fact.degree,
        ridge=ridge,
        folded=folded,
        rule=say("a multiple"),
    )


def _both_vary(left: _Factor, right: _Factor, is_matrix: bool) -> Fact:
    degree = None
    if left.fact.degree is not None and right.fact.degree is not None:
        degree = left.fact.degree + right.fact.degree
    ridge = None
    if not is_matrix and left.shape == right.shape:
        ridge = both_ridges(left.fact.ridge, right.fact.ridge, multiply)
    return Fact(
        degree=degree if degree is not None and degree <= 2 else None,
        ridge=ridge,
        rule=say("a product"),
    )


def _over(node: Mul, found: Fact, parts: Parts) -> Fact:
    """squares/t with t > 0 affine or concave"""
    if found.is_known or len(node.factors) != 2 or node.ops[1] not in _DIVISIONS:
        return found
    above, below = node.factors
    divisor = parts.fact(below)
    if squares_of(above, parts.reader) is None or divisor.is_constant:
        return found
    is_affine = all(fact.is_affine for fact in parts.facts_in(above))
    if divisor.concave and divisor.range[0] > 0 and is_affine:
        return replaced(found, convex=True, rule=say("quad_over_lin"))
    return found
