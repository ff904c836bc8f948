"""Sizes found from the shapes of arrays, where axes are sums of sizes."""

from __future__ import annotations

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError

BACKENDS = ("numpy", "native")
SHAPES = {
    "an axis after the one that needs it": {"X": ("n+p", "n")},
    "one variable tells each axis of another": {"X": ("m+n+p", "n"), "u": ("p+m",), "v": ("m",)},
    "in a circle of variables": {"X": ("m+n", "n+p"), "u": ("p",)},
}
SIZES = {"m": 2, "n": 3, "p": 4}


def _function(shapes: dict[str, tuple[str, ...]]) -> gf.Expression:
    rest = "".join(f" + sum({name}.^2)" for name in shapes if name != "X")
    return gf.parse(f"norm2(X)^2{rest}", shapes=shapes)


def _arrays(shapes: dict[str, tuple[str, ...]]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    extents = {k: [eval(axis, {}, SIZES) for axis in axes] for k, axes in shapes.items()}
    return {name: rng.normal(size=extent) for name, extent in extents.items()}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_sizes_are_told_by_other_axes(backend: str, shapes: dict[str, tuple[str, ...]]) -> None:
    arrays = _arrays(shapes)
    gradient = _function(shapes).gradient("X")
    dense = gradient.compile(backend)(**arrays)
    np.testing.assert_allclose(dense, 2 * arrays["X"], rtol=1e-14)
    np.testing.assert_allclose(
        gradient.compile(backend, batch=True)(
            **{name: array[None] for name, array in arrays.items()}
        ),
        2 * arrays["X"][None],
        rtol=1e-14,
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_operators_too(backend: str) -> None:
    arrays = _arrays({"X": ("n+p", "n")})
    hessian = _function({"X": ("n+p", "n")}).hessian("X").compile(backend, dense=False)(**arrays)
    np.testing.assert_allclose(hessian @ arrays["X"], 2 * arrays["X"], rtol=1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_does_not_fit_is_told(backend: str) -> None:
    program = _function({"X": ("n+n", "n")}).gradient("X").compile(backend)
    with pytest.raises(ArrayError, match=r"X must have shape \(2\*n, n\)"):
        program(X=np.ones((5, 3)))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("text", ["x(3)^2 + sumsq(x)", "sumsq(x(2:3))", "x(3)^2*sum(x)"])
def test_indices_outside_of_arrays_are_told(text: str, backend: str) -> None:
    """Nothing is read beside an array, and no slice is cut off without a word."""
    function, memory = gf.parse(text, shapes={"x": ("n",)}), np.arange(8.0)
    for what in (function, function.gradient("x"), function.hessian("x")):
        with pytest.raises(ArrayError, match="n must be at least 3, got 2"):
            what.compile(backend)(x=memory[:2])
        with pytest.raises(ArrayError, match="n must be at least 3, got 2"):
            what.compile(backend, batch=True)(x=memory.reshape(4, 2))
        assert np.isfinite(what.compile(backend)(x=memory[:3])).all()


@pytest.mark.parametrize("language", ["julia", "matlab", "numpy", "jax", "torch"])
def test_sources_find_them_in_order(language: str) -> None:
    """Each size comes after what it takes."""
    source = _function({"X": ("m+n", "n+p"), "u": ("p",)}).gradient("X").source(language)
    places = [source.index(f"\n    {name} = ") for name in ("p", "n", "m")]
    assert places == sorted(places)
