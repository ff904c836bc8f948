"""The layout table of DESIGN.md, once more and by value: neutral tensor to displayed matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradform.functions import Shape

__all__ = ["displayed", "kind_of"]

Array: TypeAlias = NDArray[Any]

# y by x: is the displayed matrix of a neutral tensor with one axis a column?
_COLUMN = {
    ("scalar", "column"): {"ml": True, "denominator": True, "numerator": False, "mixed": True},
    ("scalar", "row"): {"ml": False, "denominator": False, "numerator": True, "mixed": False},
    ("column", "scalar"): {"ml": True, "denominator": False, "numerator": True, "mixed": True},
    ("row", "scalar"): {"ml": False, "denominator": True, "numerator": False, "mixed": False},
}

# y by x: is the displayed matrix the transpose of the neutral tensor (two axes)?
_TRANSPOSED = {
    ("column", "column"): {"ml": True, "denominator": True, "numerator": False, "mixed": False},
    ("row", "row"): {"ml": False, "denominator": False, "numerator": True, "mixed": True},
    ("column", "row"): {"ml": False, "denominator": False, "numerator": False, "mixed": False},
    ("row", "column"): {"ml": True, "denominator": True, "numerator": True, "mixed": True},
    ("scalar", "matrix"): {"ml": False, "denominator": False, "numerator": True, "mixed": False},
    ("matrix", "scalar"): {"ml": False, "denominator": True, "numerator": False, "mixed": False},
}


def kind_of(shape: Shape) -> str:
    if shape.is_scalar:
        return "scalar"
    return "column" if shape.is_column else "row" if shape.is_row else "matrix"


def displayed(tensor: Array, out: Shape, wrt: Sequence[Shape], layout: str) -> Array:
    """The matrix that a reader sees for a neutral tensor (axes of y, then of each x)."""
    kinds = [kind_of(shape) for shape in wrt if not shape.is_scalar]
    by = kinds[0] if len(kinds) == 1 else "scalar" if not kinds else "several"
    pair = (kind_of(out), by)
    if tensor.ndim == 0:
        return tensor.reshape(1, 1)
    if tensor.ndim == 1:
        return tensor.reshape(-1, 1) if _COLUMN[pair][layout] else tensor.reshape(1, -1)
    if pair in _TRANSPOSED:
        return tensor.T if _TRANSPOSED[pair][layout] else tensor
    if tensor.ndim == 2:
        return tensor  # the second derivative of a scalar by two vectors
    return _stacked(tensor, out, wrt, layout)


def _stacked(tensor: Array, out: Shape, wrt: Sequence[Shape], layout: str) -> Array:
    """∂vec(y)/∂vec(x) by the rule for columns, x the variable that came last."""
    vectors = [shape for shape in wrt if not shape.is_scalar]
    last = len(vectors[-1].axes) if vectors else 0
    across = int(np.prod(tensor.shape[tensor.ndim - last :], dtype=int))
    jacobian = tensor.reshape((-1, across), order="F")
    is_hessian = out.is_scalar and len(set(vectors)) == 1
    if layout in ("ml", "denominator") and not is_hessian:
        return jacobian.T
    return jacobian
