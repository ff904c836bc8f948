"""Values of the wrong kind are named, wherever they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradform as gf

F: Any = gf.parse("sum(X*w) + w'*w", shapes={"X": ("m", "n"), "w": ("n",)})
ANY: Any = gf

WRONG: dict[str, Callable[[], Any]] = {
    "no backend": lambda: ANY.compile(F, backend=["numpy"]),
    "no language": lambda: ANY.source(F, language=["numpy"]),
    "mesh": lambda: F.gradient("w").compile("jax", mesh=3, dtype="float32"),
    "sizes": lambda: F.gradient("w").source("native", sizes=3),
    "threads": lambda: F.gradient("w").compile("native", threads=10**9),
    "x cannot be 1.5": lambda: ANY.parse("x'*x", shapes={"x": (1.5,)}),
    "x cannot be None": lambda: ANY.parse("x'*x", shapes={"x": None}),
    "shapes cannot be {3": lambda: ANY.parse("x'*x", shapes={3: ("n",)}),
    "shapes cannot be 'x=n'": lambda: ANY.parse("x'*x", shapes="x=n"),
    "shapes cannot be [(": lambda: ANY.parse("x'*x", shapes=[("x", ("n",))]),
    "None is no function": lambda: ANY.parse(None),
    "3 is no function": lambda: ANY.gradient(3, "x"),
    "3 is no variable": lambda: ANY.gradient(F, 3),
    "None is no name": lambda: ANY.hvp(F, "w", direction=None),
    "A cannot be 3": lambda: ANY.parse("x'*A*x", assume={"A": 3}),
    "assume cannot be ['A']": lambda: ANY.parse("x'*A*x", assume=["A"]),
    "1.5, which is no size": lambda: ANY.matrix("A", 1.5, 2),
}


@pytest.mark.parametrize("told", WRONG)
def test_options_of_the_wrong_kind(told: str) -> None:
    with pytest.raises(gf.GradformError) as caught:
        WRONG[told]()
    assert told.rsplit(maxsplit=1)[-1] in str(caught.value)
    assert caught.value.hint


VALUES: dict[str, Any] = {
    "complex numbers": np.ones(2) * 1j,
    "texts": ["1", "2"],
    "nothing": [None, 1.0],
    "dates": np.array(["2020", "2020"], "datetime64[D]"),
    "no rectangle": [[1.0], [1.0, 2.0]],
    "masked": np.ma.array([1.0, 2.0], mask=[False, True]),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_that_are_no_real_numbers(kind: str) -> None:
    """Called directly as well as compiled: no part of a number is left out in silence."""
    for called in (F, F.gradient("w"), F.compile(), F.gradient("w").compile()):
        with pytest.raises(gf.ArrayError, match="w"):
            called(X=np.ones((3, 2)), w=VALUES[kind])


def test_whole_numbers_of_numpy_are_sizes() -> None:
    assert str(ANY.parse("x'*x", shapes={"x": (np.int64(3),)}).gradient("x")) == "2*x"
    source = F.gradient("w").source("native", sizes={"m": np.int64(3), "n": 2})
    assert "gf_" in source


@pytest.mark.parametrize("name", ["_Bool", "_Complex", "asm", "typeof", "linux", "bool"])
def test_words_of_c_are_no_names(name: str) -> None:
    source = gf.parse(f"sumsq({name})", shapes={name: ("n",)}).gradient(name).source("c")
    assert f"double *{name}," not in source and f"double *{name})" not in source
