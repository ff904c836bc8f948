"""Terms of one structure whose entries stand in the same places, as one term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gradform.codegen.structured.forms import Band, Blocks, Diagonal, Form
from gradform.ir import build
from gradform.ir.nodes import Node
from gradform.records import replaced

__all__ = ["together", "with_node"]

_Entries: TypeAlias = Band | Blocks | Diagonal


def with_node(form: _Entries, node: Node) -> _Entries:
    """The same places with other entries."""
    return replaced(form, node=node)


def together(forms: Sequence[Form]) -> list[Form]:
    """The sum of the forms, with the entries of equal places added up; zeros are left out."""
    found: list[Form] = []
    for form in forms:
        if not isinstance(form, _Entries):
            found.append(form)
            continue
        for k, other in enumerate(found):
            if isinstance(other, _Entries) and _have_equal_places(other, form):
                found[k] = with_node(form, build.add(other.node, form.node))
                break
        else:
            found.append(form)
    return [form for form in found if not (isinstance(form, _Entries) and build.is_zero(form.node))]


def _have_equal_places(left: Form, right: _Entries) -> bool:
    """Whether the forms differ in their entries only."""
    if not isinstance(left, type(right)):
        return False
    return left.node.axes == right.node.axes and with_node(left, right.node) == right
