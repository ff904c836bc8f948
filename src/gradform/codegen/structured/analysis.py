"""The form of one product of factors.

Identities and selections tie labels to classes. A class with a row and a column is a diagonal; the
classes that factors join make a component, and the map is the Kronecker product of its components:

    a row and a column class       a matrix, of low rank where it goes through a short axis
    diagonals only                 a diagonal matrix
    diagonals with others          blocks along a diagonal
    rows alone and columns alone   an outer product
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.structured.components import Component, Network
from gradform.codegen.structured.forms import (
    Band,
    Blocks,
    Diagonal,
    Form,
    Full,
    Identity,
    Kronecker,
    Scaled,
    is_borrowed,
)
from gradform.codegen.structured.low_rank import low_rank, outer
from gradform.codegen.structured.terms import Unstructured, parts_exponentials, products_of
from gradform.codegen.structured.together import together, with_node
from gradform.ir import build
from gradform.ir.nodes import Coefficient, Node, Symbol

__all__ = ["forms_of", "is_symmetric_map"]

# Given matrices of a sum that are not added up: each is read again by every product.
_MOST_GIVEN = 2


def forms_of(node: Node, split: int) -> list[Form] | None:
    """The terms of a map whose first ``split`` axes are its rows; None without structure.

    The list is empty for zero.
    """
    try:
        products = products_of(node)
        forms = [
            _form(coefficient, term, split)
            for coefficient, term in products
            if not build.is_zero(term)
        ]
    except Unstructured:
        return None
    if sum(map(_is_given, forms)) > _MOST_GIVEN:
        return None
    return together(sorted(forms, key=_is_turned))


def is_symmetric_map(node: Node, split: int) -> bool:
    """Whether exchanging rows and columns provably changes nothing."""
    if node.axes[:split] != node.axes[split:]:
        return False
    turned = (*range(split, node.rank), *range(split))
    return build.permute(node, turned) is node


def _form(coefficient: Coefficient, term: Node, split: int) -> Form:
    """One product. Raises Unstructured where all of it is one matrix that must be computed."""
    network = Network(term, split)
    factors: list[tuple[Form, Sequence[int], Sequence[int]]] = []
    columns: list[Component] = []
    rows: list[Component] = []
    for component in network.components:
        if component.rows and not component.columns and not component.diagonals:
            rows.append(component)
        elif component.columns and not component.rows and not component.diagonals:
            columns.append(component)
        elif component.rows or component.columns or component.diagonals:
            factors.append((_component_form(network, component), *component.outputs(network)))
    factors.extend(_unpaired(network, rows, columns))
    number = coefficient * network.coefficient
    form = _product(network, factors)
    if len(factors) == 1 and isinstance(factors[0][0], Full) and not _is_given(form):
        raise Unstructured
    scalar = network.scalar()
    if isinstance(form, Diagonal | Blocks | Band):
        return with_node(form, _times(number, scalar, form.node))
    if parts_exponentials(network.groups()):
        raise Unstructured
    return form if number == 1 and scalar is None else Scaled(number, scalar, form)


def _is_given(form: Form) -> bool:
    """Whether a form is a matrix that the caller gives, or a multiple of one."""
    inner = form.form if isinstance(form, Scaled) else form
    return isinstance(inner, Full) and is_borrowed(inner.node)


def _is_turned(form: Form) -> bool:
    """Whether a form is a given matrix with its axes exchanged: written behind the others."""
    inner = form.form if isinstance(form, Scaled) else form
    return isinstance(inner, Full) and not isinstance(inner.node, Symbol)


def _times(number: Coefficient, scalar: Node | None, node: Node) -> Node:
    """The entries with the number inside: they are computed anyway."""
    factors = [node] if scalar is None else [scalar, node]
    return build.scale(number, build.hadamard(*factors))


def _component_form(network: Network, component: Component) -> Form:
    """A component with rows and columns, or diagonals."""
    if not component.rows and not component.columns:
        return _diagonal(network, component)
    if component.diagonals:
        return _blocks(network, component)
    down, along = component.outputs(network)
    node = network.expression(component.contents, (*down, *along))
    symmetric = is_symmetric_map(node, len(down))
    full = Full(node, len(down), symmetric)
    return low_rank(network, component, full) or full


def _diagonal(network: Network, component: Component) -> Form:
    """Diagonals alone: one band, or entries over the axes of several."""
    places = [network.diagonal(each) for each in component.diagonals]
    if len(places) == 1 and not places[0].is_main:
        return places[0].band(network, component.contents)
    if not all(place.is_main for place in places):
        raise Unstructured
    if not component.contents:
        return Identity(tuple(network.dims[place.base] for place in places))
    return Diagonal(network.expression(component.contents, [place.base for place in places]))


def _blocks(network: Network, component: Component) -> Form:
    places = [network.diagonal(each) for each in component.diagonals]
    if not all(place.is_main for place in places):
        raise Unstructured
    bases = [place.base for place in places]
    node = network.expression(component.contents, (*bases, *component.rows, *component.columns))
    count = len(bases)
    turned = (
        *range(count),
        *range(count + len(component.rows), node.rank),
        *range(count, count + len(component.rows)),
    )
    square = [node.axes[k] for k in turned] == list(node.axes)
    symmetric = square and build.permute(node, turned) is node
    return Blocks(node, count, len(component.rows), symmetric)


def _unpaired(
    network: Network, rows: Sequence[Component], columns: Sequence[Component]
) -> list[tuple[Form, Sequence[int], Sequence[int]]]:
    """Rows alone times columns alone: a matrix of rank one; or one of them alone."""
    down = sorted((x for each in rows for x in each.rows), key=network.rows.index)
    along = sorted((x for each in columns for x in each.columns), key=network.columns.index)
    left = network.expression([f for each in rows for f in each.contents], down)
    right = network.expression([f for each in columns for f in each.contents], along)
    if down and along:
        return [(outer(left, right), down, along)]
    if down:
        return [(Full(left, len(down)), down, ())]
    return [(Full(right, 0), (), along)] if along else []


def _product(
    network: Network, factors: Sequence[tuple[Form, Sequence[int], Sequence[int]]]
) -> Form:
    """The Kronecker product of the factors, in the order of their rows."""
    places = {label: k for k, label in enumerate((*network.rows, *network.columns))}
    ordered = sorted(factors, key=lambda each: min(places[x] for x in (*each[1], *each[2])))
    down = [label for _, rows, _ in ordered for label in rows]
    along = [label for _, _, columns in ordered for label in columns]
    row_order = tuple(down.index(label) for label in network.rows)
    column_order = tuple(along.index(label) for label in network.columns)
    plain = list(row_order) == sorted(row_order) and list(column_order) == sorted(column_order)
    forms = tuple(form for form, _, _ in ordered)
    if all(isinstance(form, Identity) for form in forms) and row_order == column_order:
        axes = [axis for form in forms if isinstance(form, Identity) for axis in form.axes]
        return Identity(tuple(axes[k] for k in row_order))
    if len(forms) == 1 and plain:
        return forms[0]
    return Kronecker(forms, row_order, column_order)
