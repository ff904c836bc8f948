"""Losses with so much data that they run in blocks of rows, against NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gradform as gf
from gradform.execute.native.specialised import Draft
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.native_cases import linked
from tests.unit.codegen.loss_cases import LOSSES, Loss

# More than a cache holds, and not a multiple of a block.
SIZES = {"m": 3001, "n": 53, "p": 21, "k": 12}


def data(loss: Loss, sizes: Mapping[str, int], seed: int = 0) -> dict[str, NDArray[Any]]:
    """Random arrays; square matrices are positive definite."""
    rng = np.random.default_rng(seed)
    found: dict[str, NDArray[Any]] = {}
    for name, shape in loss.shapes.items():
        extent = tuple(size if isinstance(size, int) else sizes[size] for size in shape)
        array = rng.normal(size=extent) / 8
        found[name] = array @ array.T + np.eye(extent[0]) if shape == ("n", "n") else array
    return found


@pytest.mark.parametrize("block", range(4))
def test_losses(block: int) -> None:
    losses = LOSSES[block::4]
    tasks = [gf.compile(*loss.parts()).task for loss in losses]
    for threads in (None, 3) if block == 0 else (None,):
        options = Options(threads=threads)
        runs = linked([(task, SIZES) for task in tasks], options, optimised=True)
        for loss, task, run in zip(losses, tasks, runs, strict=True):
            arrays = data(loss, SIZES)
            given: dict[str, Any] = {each.name: arrays[each.name] for each in task.parameters}
            given |= {name: SIZES[name] for name in task.sizes}
            for found, wanted in zip(run(**given), compiled(task, Options())(**given), strict=True):
                scale = float(np.max(np.abs(wanted), initial=0.0))
                np.testing.assert_allclose(
                    found, wanted, rtol=0, atol=1e-9 * scale, err_msg=loss.name
                )


def test_weights_of_both_signs_and_none() -> None:
    """X' diag(y) X is a difference of two symmetric products."""
    task = gf.parse("X'*diag(y)*X", shapes={"X": ("m", "n"), "y": ("m",)}).compile().task
    (run,) = linked([(task, SIZES)], optimised=True)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(SIZES["m"], SIZES["n"]))
    for y in (rng.normal(size=SIZES["m"]), -np.ones(SIZES["m"]), np.zeros(SIZES["m"])):
        found = run(y=y, X=x)
        np.testing.assert_allclose(found, (x.T * y) @ x, atol=1e-10)
        assert np.array_equal(found, found.T)
    y[5] = np.nan
    assert np.isnan(run(y=y, X=x)).all()


def test_running_sums_need_all_rows() -> None:
    task = gf.parse("vector(1) - 2*cumsum(x.^2)", shapes={"x": ("n",)}).compile().task
    n = 200_001
    (run,) = linked([(task, {"n": n})], optimised=True)
    x = np.random.default_rng(2).normal(size=n)
    np.testing.assert_allclose(run(x=x), 1 - 2 * np.cumsum(x**2), rtol=1e-10)


def test_memory_is_bounded_by_blocks() -> None:
    """Attention never holds all scores."""
    text = "sum(G.*(softmax(Q*K', 2)*V))"
    shapes = {"G": ("m", "p"), "Q": ("m", "p"), "K": ("n", "p"), "V": ("n", "p")}
    task = gf.parse(text, shapes=shapes).gradient("Q", check=False).compile().task
    sizes = {"m": 6000, "n": 6000, "p": 4}
    (function,) = Draft(task, Options(), sizes).functions.values()
    assert function.work < 0.2 * 8 * sizes["m"] * sizes["n"]


# Sides m, n, k of X*W with W narrow: more than 10^6 terms, so that BLAS is called for parts.
NARROW = ((5003, 40, 7), (40, 5003, 12), (1234, 321, 31), (33, 30_011, 1), (70_003, 3, 5))


@pytest.mark.parametrize("dtype", ("float64", "float32"))
def test_narrow_products_are_made_of_parts(dtype: str) -> None:
    shapes = {"X": ("m", "n"), "W": ("n", "k"), "P": ("m", "k"), "V": ("k", "n")}
    texts = ("X*W", "X'*P", "W'*X'", "P'*X", "X*V'", "2*V*X' - P'", "tanh(X*W)'*X")
    tasks = [gf.parse(text, shapes=shapes).compile().task for text in texts]
    asked = [(task, dict(zip("mnk", sides, strict=True))) for sides in NARROW for task in tasks]
    runs = linked(asked, Options(dtype=dtype), optimised=True)
    rng = np.random.default_rng(3)
    for (task, sizes), run in zip(asked, runs, strict=True):
        given = {
            each.name: rng.normal(size=[axis.evaluate(sizes) for axis in each.axes]).astype(dtype)
            for each in task.parameters
        }
        wanted = compiled(task, Options())(**{k: v.astype(float) for k, v in given.items()})
        scale = float(np.max(np.abs(wanted)))
        exact = 1e-12 if dtype == "float64" else 1e-5
        np.testing.assert_allclose(run(**given), wanted, rtol=0, atol=exact * scale)
