"""Deep networks: the gradient's size and cost are linear in depth, and nothing recurses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import gradform as gf
from benchmarks.growth import measure, nested, shapes, with_definitions
from tests.support.work import calls_of

each_form = pytest.mark.parametrize("write", [with_definitions, nested])


@each_form
def test_size_is_linear_in_depth(write: Callable[[int], str]) -> None:
    half, whole = measure(write, 40), measure(write, 80)
    assert whole.nodes <= 2.1 * half.nodes
    assert whole.characters <= 2.3 * half.characters


@each_form
@pytest.mark.parametrize("layers", [1, 10, 100])
def test_the_gradient_costs_a_small_multiple_of_the_function(
    write: Callable[[int], str], layers: int
) -> None:
    assert measure(write, layers).operations <= 4


@each_form
def test_work_is_linear_in_depth(write: Callable[[int], str]) -> None:
    half, whole = (calls_of(lambda n=n: measure(write, n)) for n in (60, 120))  # type: ignore[misc]
    assert whole <= 2.3 * half


def test_no_recursion_limit_is_met() -> None:
    found = gf.derivative(with_definitions(700), "W1", shapes=shapes(700), check=False)
    assert isinstance(found, gf.Derivative)
    assert found.text
    assert len(found.numpy_source) > 1000
