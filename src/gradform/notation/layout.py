"""Layouts: how the neutral derivative tensor is arranged for display and for code.

The calculus works on ∂y[o…]/∂x[i…] with axes (o…, i…). With at most two axes an
arrangement says which axis runs down the rows and which along the columns; beyond, the
value stays the neutral tensor and the formula is ∂vec(…)/∂vec(…).

====================  ==================  ==============  ===========  =======
y by x                ml                  denominator     numerator    mixed
====================  ==================  ==============  ===========  =======
scalar by column      column              column          row          column
scalar by row         row                 row             column       row
column by scalar      column              row             column       column
row by scalar         row                 column          row          row
column by column      n×m                 n×m             m×n          m×n
row by row            m×n                 m×n             n×m          n×m
column by row         m×n                 m×n             m×n          m×n
row by column         n×m                 n×m             n×m          n×m
scalar by matrix      p×q                 p×q             q×p          p×q
matrix by scalar      p×q                 q×p             p×q          p×q
====================  ==================  ==============  ===========  =======

(m is the length of y, n that of x.) The second derivative of a scalar by two vectors has
the first variable along the rows in every layout: Hessians are n×n.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.errors import InputError
from gradform.functions.shapes import Shape
from gradform.ir.dims import ONE, Dim
from gradform.language import joined, say
from gradform.records import record

__all__ = ["LAYOUTS", "Arrangement", "arrange", "check_layout"]

LAYOUTS = ("ml", "denominator", "numerator", "mixed")


@record
class Arrangement:
    """Where the neutral axes go.

    ``rows`` and ``cols`` list neutral axes, the slowest first; with at most two axes each
    holds at most one. ``vec`` marks the ∂vec/∂vec form of three or more axes.
    """

    rows: tuple[int, ...]
    cols: tuple[int, ...]
    axes: tuple[Dim, ...]
    vec: bool = False

    @property
    def shape(self) -> Shape:
        """Rows and columns of the displayed matrix."""
        return Shape(_product(self.axes, self.rows), _product(self.axes, self.cols))

    @property
    def order(self) -> tuple[int, ...]:
        """The neutral axes in the order of the displayed value (neutral when ``vec``)."""
        return tuple(range(len(self.axes))) if self.vec else self.rows + self.cols

    @property
    def value_axes(self) -> tuple[Dim, ...]:
        """Shape of the value: vectors 1-D, rows (1, n), beyond two axes neutral."""
        if self.vec or not self.is_row:
            return tuple(self.axes[k] for k in self.order)
        return (ONE, self.axes[self.cols[0]])

    @property
    def is_row(self) -> bool:
        return not self.vec and not self.rows and len(self.cols) == 1


def _product(axes: Sequence[Dim], places: Sequence[int]) -> Dim:
    size = ONE
    for k in places:
        size = size * axes[k]
    return size


def check_layout(layout: str) -> str:
    """The layout's name; InputError for an unknown one."""
    if layout not in LAYOUTS:
        raise InputError(
            say("Unknown layout '{layout}'.", layout=layout),
            kind="layout",
            hint=say("layouts are {known}", known=joined(LAYOUTS)),
        )
    return layout


def arrange(out: Shape, wrt: Sequence[Shape], layout: str) -> Arrangement:
    """The arrangement of the derivative of ``out`` by ``wrt`` in turn."""
    check_layout(layout)
    axes = out.axes + tuple(axis for shape in wrt for axis in shape.axes)
    tensors = [shape for shape in wrt if not shape.is_scalar]
    if not tensors:
        return _by_scalar(out, axes, layout)
    if out.is_scalar and len(tensors) == 1:
        return _of_scalar(tensors[0], axes, layout)
    if len(axes) == 2:
        return _two_vectors(out, tensors, axes, layout)
    return _vec(out, wrt, axes, layout)


def _one(axes: tuple[Dim, ...], *, down: bool) -> Arrangement:
    return Arrangement((0,), (), axes) if down else Arrangement((), (0,), axes)


def _by_scalar(out: Shape, axes: tuple[Dim, ...], layout: str) -> Arrangement:
    turned = layout == "denominator"
    if out.is_scalar:
        return Arrangement((), (), axes)
    if out.is_vector:
        return _one(axes, down=out.is_column != turned)
    return Arrangement((1,), (0,), axes) if turned else Arrangement((0,), (1,), axes)


def _of_scalar(wrt: Shape, axes: tuple[Dim, ...], layout: str) -> Arrangement:
    turned = layout == "numerator"
    if wrt.is_vector:
        return _one(axes, down=wrt.is_column != turned)
    return Arrangement((1,), (0,), axes) if turned else Arrangement((0,), (1,), axes)


def _two_vectors(
    out: Shape, tensors: Sequence[Shape], axes: tuple[Dim, ...], layout: str
) -> Arrangement:
    """Two vectors: out by one variable, or a scalar by two."""
    if out.is_scalar:
        return Arrangement((0,), (1,), axes)
    transposed = layout in ("ml", "denominator")
    if out.is_column and tensors[0].is_row:
        transposed = False
    elif out.is_row and tensors[0].is_column:
        transposed = True
    elif out.is_row:
        transposed = not transposed
    return Arrangement((1,), (0,), axes) if transposed else Arrangement((0,), (1,), axes)


def _vec(out: Shape, wrt: Sequence[Shape], axes: tuple[Dim, ...], layout: str) -> Arrangement:
    """∂vec(…)/∂vec(last variable)', columns stacked: the first axis runs fastest."""
    last = next(len(shape.axes) for shape in reversed(wrt) if shape.axes)
    split = len(axes) - last
    down = tuple(reversed(range(split)))
    along = tuple(reversed(range(split, len(axes))))
    hessian = out.is_scalar and len({shape for shape in wrt if shape.axes}) == 1
    if layout in ("ml", "denominator") and not hessian:
        down, along = along, down
    return Arrangement(down, along, axes, vec=True)
