"""Probabilities that are 0 or 1 to rounding: what is computed beside them stays right."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import gradform as gf

both_backends = pytest.mark.parametrize("backend", ["numpy", "native"])


@both_backends
def test_gradients_do_not_depend_on_what_they_are_compiled_with(backend: str) -> None:
    """σ(1 - σ)(y/σ - (1 - y)/(1 - σ)) is 0·∞ where σ - y is a number."""
    text = "-sum(y.*log(sigmoid(X*w)) + (vector(1)-y).*log(vector(1)-sigmoid(X*w)))/m"
    f = gf.parse(text, shapes={"X": ("m", "n"), "w": ("n",), "y": ("m",)})
    parts: list[Any] = [f, f.gradient("w"), f.hessian("w"), f.hvp("w", "v")]
    given = {"X": np.array([[1.0, 2], [3, 4]]), "y": np.array([0.0, 1]), "v": np.ones(2)}
    given["w"] = np.full(2, 300.0)
    wanted = [450.0, np.array([0.5, 1.0]), np.zeros((2, 2)), np.zeros(2)]
    for count in (2, 3, 4) if backend == "numpy" else (4,):
        for chosen in combinations(range(4), count):
            program: Any = gf.compile(*(parts[k] for k in chosen), backend=backend)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found = program(**{name: given[name] for name in program.parameters})
            for k, value in zip(chosen, found, strict=True):
                np.testing.assert_allclose(value, np.asarray(wanted[k]), rtol=1e-14, atol=1e-300)


@both_backends
@pytest.mark.parametrize("size", [None, 3, 400])
@pytest.mark.parametrize("least", [1e-9, 1e-17])
def test_what_is_added_to_a_difference_is_not_lost(
    backend: str, size: int | None, least: float
) -> None:
    """log(1 - tanh(x)² + e), where tanh(x) is 1 to rounding."""
    text = "log(1 - tanh(x)^2 + e)" if size is None else "log(vector(1) - tanh(x).^2 + vector(e))"
    shapes: dict[str, Any] = {"x": () if size is None else ("n",), "e": ()}
    f = gf.parse(text, shapes=shapes, assume={"e": "positive"})
    x = np.full(() if size is None else size, 30.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = f.compile(backend)(x=x, e=least)
    np.testing.assert_allclose(found, np.full(x.shape, np.log(least)), rtol=1e-14)


@both_backends
@pytest.mark.parametrize("z", [-38.0, -30.0, -1.0, 2.0])
def test_complementary_log_log(backend: str, z: float) -> None:
    """log(1 - exp(-exp(z))) is z - exp(z)/2 + … far to the left."""
    f = gf.parse("log(1 - exp(-exp(z)))", shapes={"z": ()})
    program: Any = gf.compile(f, f.derivative("z"), backend=backend)
    t = np.exp(z)
    wanted = [np.log(-np.expm1(-t)), t * np.exp(-t) / -np.expm1(-t)]
    np.testing.assert_allclose(np.array(program(z=z)), wanted, rtol=1e-13)
