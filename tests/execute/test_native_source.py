"""``source("native")``: the C that is compiled for certain sizes."""

from __future__ import annotations

import shutil

import pytest

import gradform as gf

needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="there is no C compiler"
)


def gradient() -> gf.Derivative:
    loss = gf.parse("norm2(X*w - y)^2", shapes={"X": ("m", "n"), "w": ("n",), "y": ("m",)})
    return loss.gradient("w", check=False)


@needs_compiler
def test_it_is_written_for_the_sizes_that_are_given() -> None:
    small = gradient().source("native", sizes={"m": 4, "n": 3})
    large = gradient().source("native", sizes={"m": 4000, "n": 3})
    assert "int gf_derivative(" in small
    assert small != large and "4000" in large and "4000" not in small


@pytest.mark.parametrize("sizes", [{}, {"m": 4}, {"m": 4, "n": -1}, {"m": 4, "n": 3, "k": 2}])
def test_sizes_that_do_not_fit_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(gf.InputError, match="Native code is written for certain sizes"):
        gradient().source("native", sizes=sizes)


@pytest.mark.parametrize("threads", [0, -3, "two"])
def test_threads_are_counted_from_one(threads: object) -> None:
    with pytest.raises(gf.InputError, match="threads"):
        gradient().compile("numpy", threads=threads)  # type: ignore[arg-type]


def test_there_must_be_something_to_compile() -> None:
    with pytest.raises(gf.InputError, match="nothing to compile"):
        gf.compile()
