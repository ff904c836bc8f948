"""A point is read with the shape its variable was declared with, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError
from gradform.nonsmooth.extents import extents_of


@pytest.mark.parametrize(
    ("value", "declared", "extent"),
    [
        (2.0, (), ()),
        ([2.0], (), ()),
        ([1.0, 2.0], ("n",), (2,)),
        ([[1.0], [2.0]], ("n",), (2,)),
        ([1.0, 2.0], (1, "n"), (1, 2)),
        ([[1.0, 2.0]], (1, "n"), (1, 2)),
        ([[1.0, 2.0]], ("m", "n"), (1, 2)),
        (np.ones((3, 2)), ("m + 1", 2), (3, 2)),
    ],
)
def test_values_have_the_extent_that_was_declared(
    value: Any, declared: tuple[str | int, ...], extent: tuple[int, ...]
) -> None:
    assert extents_of({"x": value}, {"x": declared, "other": ("n",)}) == {"x": extent}


@pytest.mark.parametrize(
    ("value", "declared"),
    [
        ([1.0, 2.0], ()),
        (1.0, ("n",)),
        ([1.0, 2.0], (3,)),
        ([[1.0, 2.0]], ("n",)),
        ([[1.0, 2.0]], ("n", "n")),
        ([1.0, 2.0], ("m", "n")),
    ],
)
def test_another_shape_than_declared_is_an_error(
    value: Any, declared: tuple[str | int, ...]
) -> None:
    with pytest.raises(ArrayError, match="x is declared with shape"):
        extents_of({"x": value}, {"x": declared})


def test_a_size_has_one_value() -> None:
    with pytest.raises(ArrayError, match="b is declared"):
        extents_of({"a": [1, 2], "b": [1, 2, 3]}, {"a": ("n",), "b": ("n",)})


def test_a_row_is_not_taken_for_a_column() -> None:
    shapes = {"x": (1, "n")}
    assert gf.subdifferential("norm1(x)", at={"x": [1, 0]}, shapes=shapes).status == "EXACT"
    with pytest.raises(ArrayError, match="declared with shape"):
        gf.subdifferential("norm1(x)", at={"x": [[1], [0]]}, shapes=shapes)
