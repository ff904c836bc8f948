"""Products that are symmetric by their form: L' L, L' D L with a diagonal D, L' S L.

Exchanging the two outputs gives the same network, so half of the entries are enough. With
nonnegative weights, L' D L = (√D L)' (√D L) is the product of one matrix with itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeAlias

from gradform.codegen.lowering.contraction.entrywise import multiply, plain
from gradform.codegen.lowering.contraction.network import Item, Kind, Label
from gradform.codegen.program.operations import Gram, Matmul
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import Dim
from gradform.ir.nodes import exact
from gradform.records import record, replaced

__all__ = ["Signature", "Split", "gram", "signature_of", "symmetric_split"]

Signature: TypeAlias = tuple[object, ...]


@record
class Split:
    """A product in three parts, of which the outer two are equal up to their labels.

    left      places of the items of one side, with the labels ``link`` and ``ends``
    middle    places of vectors along ``link``, or of one symmetric matrix
    link      the label of that side that is summed with the rest
    ends      its outputs
    others    the outputs of the other side, in the same order
    """

    left: tuple[int, ...]
    middle: tuple[int, ...]
    link: Label
    ends: tuple[Label, ...]
    others: tuple[Label, ...]


def symmetric_split(program: Program, items: Sequence[Item], out: Sequence[Label]) -> Split | None:
    """How a product is symmetric in two halves of its outputs, or None."""
    if len({item.value for item in items}) == len(items):
        return None
    ends = [label for label in out if any(label in item.labels for item in items)]
    if not ends or len(ends) % 2:
        return None
    inner = sorted({label for item in items for label in item.labels}.difference(ends))
    links = [(link, link) for link in inner]
    matrices = {item.labels for item in items if _may_link(program, item)}
    links += [
        (link, other)
        for link in inner
        for other in inner
        if (link, other) in matrices or (other, link) in matrices
    ]
    for pair in links:
        found = _split_at(program, items, ends, pair)
        if found is not None:
            return found
    return None


def _split_at(
    program: Program, items: Sequence[Item], ends: Sequence[Label], links: tuple[Label, Label]
) -> Split | None:
    parts = [part for part in _parts(items, links) if _places(items, part, ends)]
    parts.sort(key=lambda part: _places(items, part, ends))
    left: list[int] = []
    right: list[int] = []
    partner = dict([links])
    waiting: dict[Signature, tuple[list[int], dict[Label, int]]] = {}
    for part in parts:
        key, names = signature_of(items, frozenset(part), (*ends, *links))
        if key not in waiting:
            waiting[key] = (part, names)
            continue
        first, known = waiting.pop(key)
        label_at = {place: label for label, place in names.items()}
        for label, place in known.items():
            if label == links[1] != links[0]:
                return None
            if label in ends or label in links:
                partner.setdefault(label, label_at[place])
                if partner[label] != label_at[place]:
                    return None
        left += first
        right += part
    own = tuple(label for label in ends if label in partner)
    theirs = tuple(partner[label] for label in own)
    if waiting or {*own, *theirs} != set(ends) or len(own) != len(theirs):
        return None
    middle = [k for k in range(len(items)) if k not in left and k not in right]
    if not _is_symmetric(program, [items[k] for k in middle], links):
        return None
    return Split(tuple(left), tuple(middle), links[0], own, theirs)


def _is_symmetric(program: Program, middle: Sequence[Item], links: tuple[Label, Label]) -> bool:
    """Weights along the one link, or a symmetric matrix between the two."""
    if links[0] == links[1]:
        return all(item.labels == (links[0],) for item in middle)
    return len(middle) == 1 and _may_link(program, middle[0]) and {*links} == {*middle[0].labels}


def _may_link(program: Program, item: Item) -> bool:
    """Whether an item is a symmetric matrix between two labels."""
    known = item.kind is Kind.ARRAY and item.value in program.symmetric
    return known and len(item.labels) == len({*item.labels}) == 2


def _parts(items: Sequence[Item], removed: tuple[Label, Label]) -> list[list[int]]:
    """Places of items that stay connected without these labels."""
    parts: list[tuple[set[Label], list[int]]] = []
    for k, item in enumerate(items):
        labels = set(item.labels).difference(removed)
        joined = [part for part in parts if not labels.isdisjoint(part[0])]
        parts = [part for part in parts if labels.isdisjoint(part[0])]
        places = sorted([k, *(place for part in joined for place in part[1])])
        parts.append((labels.union(*(part[0] for part in joined)), places))
    return [places for _, places in parts]


def _places(items: Sequence[Item], part: Iterable[int], ends: Sequence[Label]) -> list[int]:
    """Which of the outputs a part has."""
    carried = {label for k in part for label in items[k].labels}
    return [k for k, label in enumerate(ends) if label in carried]


def signature_of(
    items: Sequence[Item], members: frozenset[int], out: Sequence[Label]
) -> tuple[Signature, dict[Label, int]]:
    """A name for the product of some items that does not depend on label names."""
    chosen = [items[k] for k in members]
    chosen.sort(key=lambda item: (item.value, item.power, item.kind._value_))
    outside = {*out}
    for k, item in enumerate(items):
        if k not in members:
            outside.update(item.labels)
    names: dict[Label, int] = {}
    entries: list[object] = []
    for item in chosen:
        places = tuple([names.setdefault(label, len(names)) for label in item.labels])
        entries.append((item.kind, item.value, item.power, places))
    free = frozenset([place for label, place in names.items() if label in outside])
    return (*entries, free), names


def gram(
    program: Program, left: Item, middle: Sequence[Item], split: Split, *, halves: bool
) -> Item:
    """The product of one side, what stands between, and the same side once more.

    Square roots of weights pay only where a product is computed by ``halves``; elsewhere
    they would cost time and, where a weight is 0, further derivatives.
    """
    flat, sizes = _as_matrix(program, left, split)
    axis = flat.labels.index(split.link)
    size = program.axes(flat.value)[1 - axis]
    roots = _roots(program, middle, split.link) if halves or not middle else None
    if roots is not None:
        arguments = [_scaled(program, flat, roots)]
    elif middle[0].labels == (split.link,):
        arguments = [flat.value, _scaled(program, flat, middle)]
    else:
        arguments = [flat.value, _between(program, flat, middle[0], axis)]
    value = program.emit(Gram(axis), arguments, (size, size))
    program.symmetric.add(value)
    return Item(program.reshape(value, (*sizes, *sizes)), (*split.ends, *split.others))


def _as_matrix(program: Program, left: Item, split: Split) -> tuple[Item, Sequence[Dim]]:
    """One side with its outputs as one axis, and their sizes."""
    axes = dict(zip(left.labels, program.axes(left.value), strict=True))
    sizes = [axes[label] for label in split.ends]
    if len(sizes) == 1:
        return left, sizes
    size = sizes[0]
    for other in sizes[1:]:
        size = size * other
    upright = program.align(left.value, left.labels, (split.link, *split.ends))
    value = program.reshape(upright, (axes[split.link], size))
    return Item(value, (split.link, split.ends[0])), sizes


def _scaled(program: Program, matrix: Item, weights: Sequence[Item]) -> Value:
    scaled = multiply(program, 1, [matrix, *weights], matrix.labels)
    return plain(program, scaled).value


def _roots(program: Program, weights: Sequence[Item], link: Label) -> list[Item] | None:
    """Square roots of the weights, up to sign, or None where they may be negative."""
    found: list[Item] = []
    for item in weights:
        if item.labels != (link,):
            return None
        even = isinstance(item.power, int) and item.power % 2 == 0
        # A fractional power is real only of numbers that are not negative.
        if not even and isinstance(item.power, int) and item.value not in program.nonnegative:
            return None
        found.append(replaced(item, power=exact(Fraction(item.power) / 2)))
    return found


def _between(program: Program, left: Item, matrix: Item, axis: int) -> Value:
    """S X or X S for a symmetric matrix S."""
    values = (matrix.value, left.value) if axis == 0 else (left.value, matrix.value)
    return program.emit(Matmul(), values, program.axes(left.value))
