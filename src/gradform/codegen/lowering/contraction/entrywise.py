"""Entrywise products with broadcasting: Hadamard products, scalings, outer products.

Factors with the same labels are multiplied first, scalars before all, so that every pass
over a large array is made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from gradform.codegen.lowering.contraction.network import Item, Kind, Label
from gradform.codegen.program.operations import Call, Input, Number, Outer, Size, Triangle
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.nodes import Coefficient, exact
from gradform.records import replaced

__all__ = ["dense", "multiply", "plain"]

_Factor = tuple[Value, Coefficient]

# By higher powers things are divided at once.
_MOST_DIVISIONS = 4


def dense(program: Program, item: Item) -> Item:
    """The item as an array, powers left as they are."""
    match item.kind:
        case Kind.INVERSE:
            assert item.function is not None
            axes = program.axes(item.value)
            value = program.emit(Call(item.function), (item.value,), axes)
            if item.value in program.symmetric:
                program.symmetric.add(value)
            return Item(value, item.labels, item.power)
        case Kind.LOWER:
            # The value of such an item is an identity of the right size.
            axes = program.axes(item.value)
            return Item(program.emit(Triangle(), (), axes), item.labels)
        case _:
            return item


def plain(program: Program, item: Item) -> Item:
    """The item as an array with power one."""
    item = dense(program, item)
    return item if item.power == 1 else Item(program.power(item.value, item.power), item.labels)


def multiply(
    program: Program, coefficient: Coefficient, items: Sequence[Item], target: Sequence[Label]
) -> Item:
    """``coefficient · Π items`` with the labels of ``target`` that occur, in that order."""
    items = _one_by_one(program, _divided_apart(program, items))
    coefficient, items = _fold_numbers(program, coefficient, items)
    carried = {label for item in items for label in item.labels}
    order = tuple(label for label in target if label in carried)
    groups: dict[frozenset[Label], list[Item]] = {}
    for item in items:
        groups.setdefault(frozenset(item.labels), []).append(dense(program, item))
    for group in groups.values():
        group.sort(key=lambda item: item.value)  # variables before what is made of them
    scalars = [(item.value, item.power) for item in groups.pop(frozenset(), [])]
    if not order:
        return Item(_scalar(program, coefficient, scalars), ())
    whole = groups.pop(frozenset(order), [])
    partial = [_merged(program, group, order) for group in _nested(groups)]
    if not whole and len(partial) == 2 and _is_outer(partial):
        return _outer(program, coefficient, scalars, partial, order)
    factors: list[_Factor] = []
    if any(power > 0 for _, power in scalars) or (scalars and abs(coefficient) != 1):
        factors.append((_scalar(program, coefficient, scalars), 1))
        coefficient = 1
    elif scalars:
        factors.append(_denominator(program, scalars))
    rows = [item for item in partial if order[-1] not in item.labels]
    columns = [item for item in partial if order[-1] in item.labels]
    for item in (*rows, *whole, *columns):
        factors.append((program.align(item.value, item.labels, order), item.power))
    return Item(program.multiply(coefficient, factors), order)


def _divided_apart(program: Program, items: Iterable[Item]) -> list[Item]:
    """The items, with what is divided by several times as so many items that are apart: its
    power may be beyond all numbers, or vanish, where the quotient does not.

    Variables and sizes are taken as they come.
    """
    found: list[Item] = []
    for item in items:
        given = isinstance(program.operation(item.value), Input | Number | Size)
        repeated = isinstance(item.power, int) and -_MOST_DIVISIONS <= item.power < -1
        if repeated and item.kind is Kind.ARRAY and not given:
            found += [replaced(item, power=-1, apart=True)] * -int(item.power)
        else:
            found.append(item)
    return found


def _one_by_one(program: Program, items: Sequence[Item]) -> Sequence[Item]:
    """The items with those that are apart multiplied into others, one into each.

    Vectors come first, then numbers; larger arrays where there is nothing else.
    """
    apart = [replaced(item, apart=False) for item in items if item.apart]
    if len(apart) < 2:
        return items
    rest = [item for item in items if not item.apart]
    free = [k for k, item in enumerate(rest) if item.kind is Kind.ARRAY and item.power >= 1]
    small = [k for k in free if len(rest[k].labels) < 2]
    free = sorted(small or free, key=lambda k: (-len(rest[k].labels), k))
    for factor in apart:
        fitting = [k for k in free if set(factor.labels) <= set(rest[k].labels)]
        if not fitting:
            rest.append(factor)
            continue
        k = fitting[0]
        free.remove(k)
        item = rest[k]
        rest[k] = multiply(program, 1, [replaced(item, power=1), factor], item.labels)
        if item.power > 1:
            if item.power >= 2:
                free.insert(0, len(rest))
            rest.append(replaced(item, power=exact(item.power - 1)))
    return rest


def _scalar(program: Program, coefficient: Coefficient, factors: Sequence[_Factor]) -> Value:
    if not factors:
        return program.number(coefficient)
    return program.multiply(coefficient, factors)


def _denominator(program: Program, factors: Sequence[_Factor]) -> _Factor:
    """Factors that all have negative powers, as one to divide by."""
    turned = [(value, -power) for value, power in factors]
    return program.multiply(1, turned), -1


def _nested(groups: dict[frozenset[Label], list[Item]]) -> list[list[Item]]:
    """Items with some of the labels of others join these: small arrays are multiplied first."""
    found = dict(groups)
    for labels in sorted(groups, key=len):
        larger = [other for other in found if labels < other]
        if larger:
            target = min(larger, key=len)
            found[target] = [*found.pop(labels), *found[target]]
    return list(found.values())


def _merged(program: Program, group: Sequence[Item], order: Sequence[Label]) -> Item:
    """Items as one, to multiply with or (power -1) to divide by."""
    if len(group) == 1 and group[0].power in (1, -1):
        return group[0]
    if all(item.power < 0 for item in group):
        turned = [replaced(item, power=-item.power) for item in group]
        return replaced(multiply(program, 1, turned, order), power=-1)
    return multiply(program, 1, group, order)


def _is_outer(partial: Sequence[Item]) -> bool:
    return all(len(item.labels) == 1 and item.power == 1 for item in partial)


def _outer(
    program: Program,
    coefficient: Coefficient,
    scalars: Sequence[_Factor],
    vectors: Sequence[Item],
    order: tuple[Label, ...],
) -> Item:
    """The scalars go into one vector, which is cheaper than into the matrix."""
    left, right = sorted(vectors, key=lambda item: order.index(item.labels[0]))
    first = multiply(
        program,
        coefficient,
        [*(Item(value, (), power) for value, power in scalars), left],
        left.labels,
    )
    axes = (*program.axes(left.value), *program.axes(right.value))
    return Item(program.emit(Outer(), (first.value, right.value), axes), order)


def _fold_numbers(
    program: Program, coefficient: Coefficient, items: Sequence[Item]
) -> tuple[Coefficient, list[Item]]:
    """Numbers and signs among the items go into the coefficient where that is exact."""
    rest: list[Item] = []
    for item in items:
        if item.kind is not Kind.ARRAY:
            rest.append(item)
            continue
        number, core = program.number_apart(item.value)
        factor = _exact_power(number, item.power)
        if factor is None or core == item.value:
            rest.append(item)
            continue
        coefficient = exact(coefficient * factor)
        if core is not None:
            rest.append(replaced(item, value=core))
    return coefficient, rest


def _exact_power(value: Coefficient, power: Coefficient) -> Coefficient | None:
    """A number raised to a power when that is surely a rational number, else None."""
    if value == 1:
        return 1
    if not isinstance(power, int) or (value == 0 and power < 0):
        return None
    return Fraction(value) ** power
