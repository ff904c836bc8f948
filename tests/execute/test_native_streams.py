"""Results that are written past the caches, piece by piece, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.execute.native.specialised import Draft
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.native_cases import linked

# More than four megabytes for either dtype; rows that start in the middle of a line of the cache.
SIZES = {"m": 1511, "n": 1203}
SHAPES = {
    **{"X": ("m", "n"), "Y": ("m", "n")},
    **{"w": ("n",), "y": ("m",), "a": ()},
}
FORMULAS = (
    *("X + Y", "a*X.*Y", "exp(X) - Y", "sum(X)*Y"),
    *("y*w'", "X.*(y*w')", "2*(X*w - y)*w'", "X - X*w*ones(n)'", "softmax(X, 2)"),
)


def given(task: Any, dtype: str) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {size: SIZES[size] for size in task.sizes}
    for each in task.parameters:
        shape = [SIZES[size] for size in SHAPES[each.name]]
        found[each.name] = rng.normal(size=shape).astype(dtype) if shape else 1.5
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("threads", [None, 3])
def test_pieces_are_what_numpy_computes(dtype: str, threads: int | None) -> None:
    options = Options(dtype=dtype, threads=threads)
    tasks = [gf.parse(formula, shapes=SHAPES).compile().task for formula in FORMULAS]
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    drafts = [Draft(task, options, SIZES) for task in tasks]
    assert all("gf_stream(" in draft.source for draft in drafts)
    runs = linked([(task, SIZES) for task in tasks], options, optimised=True)
    for formula, task, run in zip(FORMULAS, tasks, runs, strict=True):
        arrays = given(task, dtype)
        wanted = compiled(task, Options())(
            **{name: np.asarray(a, float) if np.ndim(a) else a for name, a in arrays.items()}
        )
        scale = np.max(np.abs(wanted))
        found = run(**arrays)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * scale, err_msg=formula)
        # not aligned to lines of the cache
        buffer = np.full(found.size + 1, np.nan, dtype)[1:].reshape(found.shape)
        run(**arrays, out=buffer)
        np.testing.assert_array_equal(buffer, found, err_msg=formula)


def test_a_result_that_is_read_again_stays_in_the_caches() -> None:
    f = gf.parse("exp(X)", shapes=SHAPES)
    both = gf.compile([f, gf.parse("sum(exp(X))", shapes=SHAPES)]).task
    source = Draft(both, Options(), SIZES).source
    assert "gf_stream(" in Draft(f.compile().task, Options(), SIZES).source
    assert source.count("gf_stream(") <= 1


def test_results_into_an_input() -> None:
    """``out`` may be what is read."""
    program = gf.parse("X + 2*Y", shapes=SHAPES).compile("native")
    arrays = given(program.task, "float64")
    wanted = arrays["X"] + 2 * arrays["Y"]
    program(**arrays, out=arrays["X"])
    np.testing.assert_allclose(arrays["X"], wanted, rtol=1e-14)


def test_batches() -> None:
    """A result of four megabytes for each point."""
    program = gf.parse("y*w' + X", shapes=SHAPES).compile("native", batch="y")
    arrays = given(program.task, "float64")
    arrays["y"] = np.stack([arrays["y"], 1 - arrays["y"]])
    wanted = arrays["y"][:, :, None] * arrays["w"] + arrays["X"]
    np.testing.assert_allclose(program(**arrays), wanted, rtol=1e-13, atol=1e-13)
