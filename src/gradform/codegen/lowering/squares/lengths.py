"""Roots of sums of squares, and what is divided by them, as instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

from gradform.codegen.lowering.contraction.entrywise import multiply
from gradform.codegen.lowering.contraction.network import Item, Network
from gradform.codegen.lowering.squares.forms import Square, SquareSum
from gradform.codegen.lowering.squares.roots import Unit
from gradform.codegen.program.hypotenuse import hypot
from gradform.codegen.program.operations import Call, Norm
from gradform.codegen.program.straight_line import Program
from gradform.ir.nodes import Node, exact
from gradform.ir.roots import rational_power
from gradform.records import replaced

__all__ = ["length", "put_roots", "unit_of"]

_HALF = Fraction(1, 2)

# The value of a node up to its sign, labelled by positions; all its axes where that is asked.
ItemOf: TypeAlias = Callable[[Node, bool], Item]


def length(program: Program, total: SquareSum, item_of: ItemOf) -> Item:
    """The root of a sum of squares, labelled with the positions of its axes."""
    rank = len(total.axes)
    first, *others = sorted(
        (_length_of(program, term, rank, item_of) for term in total.terms),
        key=lambda item: (-len(item.labels), item.value),
    )
    for item in others:
        labels = tuple(sorted({*first.labels, *item.labels}))
        values = [program.align(each.value, each.labels, labels) for each in (first, item)]
        axes = [total.axes[label] for label in labels]
        first = Item(program.emit(Call(hypot), values, axes), labels)
    program.nonnegative.add(first.value)
    return first


def _length_of(program: Program, square: Square, rank: int, item_of: ItemOf) -> Item:
    """The root of one term, which is not negative where anything is summed."""
    scale = rational_power(square.coefficient, _HALF)
    factor = (program.number(square.coefficient), _HALF) if scale is None else None
    if square.root is None:
        value = program.multiply(1, [factor]) if factor else program.number(scale or 1)
        return Item(value, ())
    item = _of_root(square, rank, item_of)
    summed = tuple(k for k, label in enumerate(item.labels) if label >= rank)
    if summed:
        item = _summed(program, item, summed)
    labels = tuple(sorted(item.labels))
    value = program.align(item.value, item.labels, labels)
    value = program.multiply(scale or 1, [(value, 1), *([factor] if factor else [])])
    return Item(value, labels)


def _of_root(square: Square, rank: int, item_of: ItemOf) -> Item:
    """The value of what is squared, with all labels that are summed."""
    assert square.root is not None
    for whole in (False, True):
        item = item_of(square.root, whole)
        labels = tuple(square.labels[k] for k in item.labels)
        if set(square.labels) - set(labels) <= set(range(rank)):
            break
    return Item(item.value, labels)


def _summed(program: Program, item: Item, summed: Sequence[int]) -> Item:
    """The norm over some axes, which then stand side by side."""
    value, labels = item.value, item.labels
    if summed[-1] - summed[0] >= len(summed):
        order = [*(k for k in range(len(labels)) if k not in summed), *summed]
        value, labels = program.view(value, order), tuple(labels[k] for k in order)
        summed = range(len(labels) - len(summed), len(labels))
    kept = [k for k in range(len(labels)) if k not in summed]
    axes = [program.axes(value)[k] for k in kept]
    value = program.emit(Norm(tuple(summed)), (value,), axes)
    return Item(value, tuple(labels[k] for k in kept))


def unit_of(program: Program, unit: Unit, norm: Item, item_of: ItemOf) -> Item:
    """What is squared over the root, which is ``norm``, under the labels of the product."""
    assert unit.square.root is not None
    item = item_of(unit.square.root, False)
    above = Item(item.value, tuple(unit.labels[k] for k in item.labels))
    below = Item(norm.value, tuple(unit.places[k] for k in norm.labels), -1)
    target = tuple(dict.fromkeys((*above.labels, *below.labels)))
    return multiply(program, 1, [above, below], target)


def put_roots(
    program: Program, network: Network, units: Sequence[Item], roots: Sequence[Item]
) -> None:
    """Put unit vectors and powers of roots into a product.

    A product of several roots may leave the range of numbers. So their reciprocals stand apart;
    they are no divisors, as compilers make x/(r·r) of x/r/r.
    """
    below: list[Item] = []
    for root in roots:
        whole = int(-root.power) if root.power < 0 else 0
        below += [replaced(root, power=-1)] * whole
        if root.power + whole:
            network.items.append(replaced(root, power=exact(root.power + whole)))
    if len(below) + len(units) > 1:
        below = [Item(program.power(root.value, -1), root.labels, apart=True) for root in below]
    network.items.extend((*units, *below))
