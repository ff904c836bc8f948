"""Forms whose entries stand on the same diagonals, as one form with finished diagonals.

Entries that do not fill their diagonal are placed on it by the expression itself, so whatever
computes the expressions adds them up as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from gradform.codegen.structured.forms import (
    Band,
    Bands,
    Diagonal,
    Form,
    Identity,
    Kronecker,
    Scaled,
    Sizes,
)
from gradform.ir import build
from gradform.ir.dims import ZERO_DIM, Dim
from gradform.ir.nodes import Node

__all__ = ["merged"]


def merged(forms: Sequence[Form], symmetric: bool, sizes: Sizes) -> tuple[Form, ...]:
    """The same sum without a Band, with few forms; ``symmetric`` says that of the sum.

    Which diagonal an entry is on, and how long that is, may depend on the sizes.
    """
    found = list(forms)
    for place in [(f.rows, f.columns) for f in forms if isinstance(f, Band)]:
        _replace(found, _bands(found, *place, sizes))
    for diagonal in [form for form in found if isinstance(form, Diagonal)]:
        axes = diagonal.node.axes
        members = _diagonals(found, axes)
        if len(members) > 1:
            _replace(found, (Diagonal(reduce(build.add, members.values())), list(members)))
    if symmetric and len(found) == 1 and isinstance(found[0], Bands):
        return (_mirrored(found[0], sizes),)
    return tuple(_inside(form, sizes) for form in found)


def _replace(forms: list[Form], change: tuple[Form, Sequence[int]] | None) -> None:
    """Put a form in the place of the first of its members, and leave the others out."""
    if change is not None:
        form, members = change
        forms[members[0]] = form
        for k in reversed(members[1:]):
            del forms[k]


def _inside(form: Form, sizes: Sizes) -> Form:
    """The factors of products, each merged by itself."""
    match form:
        case Kronecker(factors):
            kept = tuple(merged([factor], False, sizes)[0] for factor in factors)
            return Kronecker(kept, form.row_order, form.column_order)
        case Scaled(coefficient, scalar, inner):
            return Scaled(coefficient, scalar, merged([inner], False, sizes)[0])
        case _:
            return form


def _diagonals(forms: Sequence[Form], axes: tuple[Dim, ...]) -> dict[int, Node]:
    """The entries of the forms that are diagonals with these axes, by their places."""
    entries = ((k, _on_diagonal(form, axes)) for k, form in enumerate(forms))
    return {k: node for k, node in entries if node is not None}


def _on_diagonal(form: Form, axes: tuple[Dim, ...]) -> Node | None:
    """The entries of a form that is a diagonal with these axes."""
    match form:
        case Identity(own) if own == axes:
            return build.constant(1, axes)
        case Diagonal(node) if node.axes == axes:
            return node
        case Scaled(coefficient, scalar, inner):
            entries = _on_diagonal(inner, axes)
            if entries is None:
                return None
            factors = [entries] if scalar is None else [scalar, entries]
            return build.scale(coefficient, build.hadamard(*factors))
        case _:
            return None


# ---------------------------------------------------------------- bands


def _bands(
    forms: Sequence[Form], rows: Dim, columns: Dim, sizes: Sizes
) -> tuple[Form, list[int]] | None:
    """All bands of matrices with these rows and columns, with what is on the main diagonal."""
    diagonals: dict[int, tuple[Dim, Node]] = {}
    members: list[int] = []
    main = _diagonals(forms, (rows,)) if rows is columns else {}
    for k, form in enumerate(forms):
        if isinstance(form, Band) and (form.rows, form.columns) == (rows, columns):
            offset, entries = form.along - form.down, _whole(form, sizes)
        elif k in main:
            offset, entries = ZERO_DIM, main[k]
        else:
            continue
        members.append(k)
        at = offset.evaluate(sizes)
        if at in diagonals:
            entries = build.add(diagonals[at][1], entries)
        diagonals[at] = (offset, entries)
    if not any(isinstance(forms[k], Band) for k in members):
        return None
    return Bands(tuple(diagonals[at] for at in sorted(diagonals)), rows, columns), members


def _whole(form: Band, sizes: Sizes) -> Node:
    """The entries of a band with zeros before and behind: all of the diagonal."""
    down, along = form.down, form.along
    upper = along.evaluate(sizes) >= down.evaluate(sizes)
    start = down if upper else along
    lengths = [form.rows - (down - start), form.columns - (along - start)]
    length = min(lengths, key=lambda each: each.evaluate(sizes))
    (own,) = form.node.axes
    if own is length:
        return form.node
    place = build.select(length, start, own)
    dims: dict[build.Label, Dim] = {0: own, 1: length}
    return build.contract(1, [(form.node, (0,), 1), (place, (0, 1), 1)], (1,), dims)


def _mirrored(form: Bands, sizes: Sizes) -> Bands:
    """A symmetric matrix: those below the main diagonal are those above it."""
    nodes = dict(form.entries)
    kept = [
        (offset, nodes.get(ZERO_DIM - offset, node) if offset.evaluate(sizes) < 0 else node)
        for offset, node in form.entries
    ]
    return Bands(tuple(kept), form.rows, form.columns)
