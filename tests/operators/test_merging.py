"""Entries that stand on the same diagonals become one array for each diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.structured.analysis import forms_of
from gradform.codegen.structured.forms import Bands, Diagonal, Kronecker, Scaled, nodes_of
from gradform.codegen.structured.merging import merged
from gradform.errors import ArrayError
from gradform.linear_operators import Banded
from tests.operators.checking import agrees

SHAPES = {"x": ("n",), "c": ()}
# Functions of x, and how many arrays their Hessian takes.
SUMS = [
    ("sum((x(2:n) - x(1:n-1).^2).^2)", 2),
    ("sum(exp(x(3:n) - x(1:n-2))) + c*x'*x + sum(x.^3)", 2),
    ("sum(exp(x(3:n) - x(1:n-2))) + sum((x(2:n) - x(1:n-1)).^4) + sum(x(1:n-1).^3)", 3),
    ("sum(x(2:n-1).^3) + sum(x(3:n).^4) + sum(x(1:n-2).^5)", 1),
    ("sum(exp(x)) + x'*x", 1),
]


def _shapes(text: str) -> dict[str, tuple[str, ...]]:
    return SHAPES if "c*" in text else {"x": ("n",)}


def _arrays(text: str, n: int) -> dict[str, Any]:
    arrays = {"x": np.random.default_rng(n).normal(size=n), "c": 1.3}
    return {name: arrays[name] for name in _shapes(text)}


def _hessian(text: str) -> gf.Derivative:
    found = gf.parse(text, shapes=_shapes(text)).hessian("x", check=False)
    assert isinstance(found, gf.Derivative)
    return found


@pytest.mark.parametrize("backend", ["numpy", "native"])
@pytest.mark.parametrize("text", [text for text, _ in SUMS])
def test_finished_diagonals_make_the_matrix(text: str, backend: str) -> None:
    hessian = _hessian(text)
    program, dense = hessian.compile(backend, dense=False), hessian.compile()
    for n in (3, 4, 9, 40):
        arrays = _arrays(text, n)
        operator = program(**arrays)
        agrees(operator, dense(**arrays))
        if isinstance(operator, Banded):
            assert all(operator.bands[k] is operator.bands[-k] for k in operator.bands)
            assert all(len(band) == n - abs(k) for k, band in operator.bands.items())


@pytest.mark.parametrize(("text", "count"), SUMS)
def test_each_diagonal_is_one_expression(text: str, count: int) -> None:
    solution = _hessian(text)
    (output,) = solution.compile(dense=False).task.outputs
    forms = forms_of(output.node, 1)
    assert forms is not None and len(forms) > 1
    (form,) = merged(forms, True, {"n": 9})
    assert isinstance(form, Bands | Diagonal)
    assert len(list(nodes_of(form))) == count


@pytest.mark.parametrize("text", ["x(2:n).*x(1:n-1) + y.*x(1:n-1)", "x(1:n-1).^2 + 2*x(2:n)"])
def test_maps_that_are_not_square(text: str) -> None:
    shapes = {"x": ("n",), "y": ("n - 1",)} if "y" in text else {"x": ("n",)}
    jacobian = gf.parse(text, shapes=shapes).jacobian("x", check=False)
    program, dense = jacobian.compile(dense=False), jacobian.compile()
    for n in (2, 3, 8):
        arrays = {"x": np.arange(1.0, n + 1), "y": np.ones(n - 1)}
        given = {name: arrays[name] for name in shapes}
        agrees(program(**given), dense(**given))


def test_no_band_is_left_inside_products() -> None:
    function = gf.parse("sumsq(X(2:n,:) - X(1:n-1,:))", shapes={"X": ("n", "k")})
    hessian = function.hessian("X", check=False)
    (output,) = hessian.compile(dense=False).task.outputs
    forms = forms_of(output.node, 2)
    assert forms is not None
    kept = merged(forms, True, {"n": 5, "k": 2})
    assert all(isinstance(form, Kronecker | Scaled) for form in kept)
    assert "Band(" not in repr(kept) and "Bands(" in repr(kept)
    array = np.random.default_rng(0).normal(size=(6, 3))
    dense = hessian.compile()(X=array)
    agrees(hessian.compile(dense=False)(X=array), dense.reshape(18, 18))


@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_every_call_is_checked(backend: str) -> None:
    text = SUMS[1][0]
    program, dense = _hessian(text).compile(backend, dense=False), _hessian(text).compile()
    arrays, longer = _arrays(text, 5), _arrays(text, 6)
    first = program(**arrays)
    agrees(program(**longer), dense(**longer))
    agrees(program(arrays["x"], arrays["c"]), first.toarray())
    assert program(**arrays, n=5).shape == (5, 5)
    with pytest.raises(ArrayError, match="n = 6"):
        program(**arrays, n=6)
    with pytest.raises(ArrayError, match="x must have shape"):
        program(x=np.ones((5, 5)), c=1.0)
    with pytest.raises(ArrayError, match="No value was given for 'c'"):
        program(x=arrays["x"])
    with pytest.raises(ArrayError, match="no variable 'z'"):
        program(**arrays, z=1.0)
