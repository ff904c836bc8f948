"""Outputs that are linear maps, and the forms that are kept of them for some sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradform.codegen.lowering.exponentials.shares import in_shares
from gradform.codegen.structured.analysis import forms_of
from gradform.codegen.structured.forms import (
    Form,
    Full,
    LowRank,
    Sizes,
    is_borrowed,
    settled,
    stored,
)
from gradform.codegen.structured.merging import merged
from gradform.codegen.task import Output
from gradform.ir import build
from gradform.ir.nodes import Node

__all__ = ["LinearMap", "count"]

# Axes that a variable can have.
_MOST_AXES = 2


class LinearMap:
    """An output that is a linear map: its axes, and the forms of its equal expressions."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.split = output.split
        order = output.arrangement.axes
        nodes = [in_shares(each) for each in (*output.others, output.node)]
        self.choices = _choices([build.permute(each, order) for each in nodes], self.split)
        self.node = build.permute(output.node, order)

    def settled(self, sizes: Sizes) -> tuple[Form, ...] | None:
        """The forms that store the fewest numbers; None where the matrix has no more."""
        options = [
            merged([settled(form, sizes) for form in forms], self.output.symmetric, sizes)
            for forms in self.choices
        ]
        kept = [each for each in options if not any(map(_is_computed, each))]
        best = min(kept, key=lambda forms: count(forms, sizes), default=None)
        if best is None or count(best, sizes) >= self.entries(sizes):
            return None
        return best

    @property
    def has_products(self) -> bool:
        """Whether rows and columns are axes that a variable can have."""
        return max(self.split, self.node.rank - self.split) <= _MOST_AXES

    def entries(self, sizes: Sizes) -> int:
        return math.prod(axis.evaluate(sizes) for axis in self.node.axes)

    def shapes(self, sizes: Sizes) -> tuple[tuple[int, ...], tuple[int, ...]]:
        extents = tuple(axis.evaluate(sizes) for axis in self.node.axes)
        return extents[: self.split], extents[self.split :]


def _is_computed(form: Form) -> bool:
    """Whether a form is a matrix that has to be computed."""
    return isinstance(form, Full) and not is_borrowed(form.node)


def _choices(nodes: Sequence[Node], split: int) -> list[list[Form]]:
    """The forms of equal expressions, up to the first that has a structure in all its terms."""
    found: list[list[Form]] = []
    for node in nodes:
        forms = forms_of(node, split)
        if forms is not None:
            found.append(forms)
            if not any(isinstance(form, Full | LowRank) for form in forms):
                break
    return found


def count(forms: Sequence[Form], sizes: Sizes) -> int:
    """How many numbers the forms keep."""
    return sum(stored(form, sizes) for form in forms)
