"""Large results that read arrays across their rows, and results that are mostly zeros."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.execute.native.specialised import Draft
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.native_cases import linked

# Sides that are no multiples of a tile; more than a megabyte for either dtype.
SIZES = {"m": 531, "n": 523}
SHAPES = {"A": ("n", "n"), "B": ("n", "n"), "C": ("m", "n"), "D": ("n", "m"), "x": ("n",)}
FORMULAS = (
    "A + A'",
    "A - A'",
    "2*A - 3*A'",
    "A.*A'",
    "A./(matrix(2) + A'.^2)",
    "3*A.*B' + 2*A'.*B",
    "2*A.*B' + 2*A'.*B",
    "exp(A) + exp(A')",
    "A + A' + diag(x)",
    "A + A' + 2*eye",
    "x*x' + A'",
    "C - D'",
    "D'",
    "tril(A') + B",
    "A*B + B'",
    "maximum(A, A')",
)


def arrays(dtype: str) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        name: rng.normal(size=[SIZES[size] for size in shape]).astype(dtype)
        for name, shape in SHAPES.items()
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("threads", [None, 3])
def test_tiles_are_what_numpy_computes(dtype: str, threads: int | None) -> None:
    options = Options(dtype=dtype, threads=threads)
    shapes = {name: tuple(shape) for name, shape in SHAPES.items()}
    tasks = [gf.parse(formula, shapes=shapes).compile().task for formula in FORMULAS]
    given = arrays(dtype)
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    runs = linked([(task, SIZES) for task in tasks], options, optimised=True)
    for formula, task, run in zip(FORMULAS, tasks, runs, strict=True):
        names = [each.name for each in task.parameters]
        sizes = {size: SIZES[size] for size in task.sizes}
        found = run(**{name: given[name] for name in names}, **sizes)
        wanted = compiled(task, Options())(
            **{name: given[name].astype(float) for name in names}, **sizes
        )
        scale = np.max(np.abs(wanted))
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * scale, err_msg=formula)


@pytest.mark.parametrize(
    ("formula", "mirrored"),
    [
        ("A + A'", True),
        ("A.*A'", True),
        ("2*A.*B' + 2*A'.*B", True),
        ("3*A.*B' + 2*A'.*B", False),
        ("A - A'", False),
        ("C - D'", False),
    ],
)
def test_the_opposite_tile_is_copied_only_where_it_is_the_same(
    formula: str, mirrored: bool
) -> None:
    task = gf.parse(formula, shapes=SHAPES).compile().task
    source = Draft(task, Options(), SIZES).source
    assert "gf_stream(" in source
    assert ("R other[" in source) == mirrored


def test_small_results_stay_in_the_cache() -> None:
    task = gf.parse("A + A'", shapes=SHAPES).compile().task
    assert "gf_stream" not in Draft(task, Options(), {"n": 100}).source


@pytest.mark.parametrize("n", [40, 150, 250])
def test_zeros_of_results_are_those_of_fresh_memory(n: int) -> None:
    """Also into memory that held something else, and after a result was changed."""
    shapes = {"M": ("n", "n"), "U": ("n", "k"), "V": ("n", "k")}
    function = gf.parse("norm2(M - U*V')^2", shapes=shapes)
    program = function.hessian("U", check=False).compile("native")
    rng = np.random.default_rng(1)
    given = {"M": rng.normal(size=(n, n))} | {c: rng.normal(size=(n, 3)) for c in "UV"}
    wanted = np.einsum("ab,ij->aibj", np.eye(n), 2 * given["V"].T @ given["V"])
    for _ in range(3):
        found = program(**given)
        np.testing.assert_allclose(found, wanted, atol=1e-12)
        found += 1
    assert "zeros when this is called" in program.source
    buffer = np.full(wanted.shape, np.nan)
    assert program(**given, out=buffer) is buffer
    np.testing.assert_allclose(buffer, wanted, atol=1e-12)


def test_large_results_are_arrays_of_their_own() -> None:
    """Memory is used again only when nobody holds it; a resized result keeps its numbers."""
    program = gf.parse("A + A'", shapes=SHAPES).compile("native")
    one, other = (np.full((SIZES["n"], SIZES["n"]), value) for value in (1.0, 2.0))
    kept = [program(A=matrix) for matrix in (one, other, one)]
    assert [each[0, 0] for each in kept] == [2, 4, 2]
    assert all(np.ptp(each) == 0 for each in kept)
    assert not any(np.shares_memory(kept[0], each) for each in kept[1:])
    view = kept.pop()[5:]
    kept.clear()
    for _ in range(5):
        program(A=other)
    assert np.ptp(view) == 0
    assert view[0, 0] == 2
    grown = program(A=other)
    grown.resize((2 * SIZES["n"], SIZES["n"]), refcheck=False)
    assert (grown[: SIZES["n"]] == 4).all()
    assert (grown[SIZES["n"] :] == 0).all()
