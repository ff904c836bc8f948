"""The names in the sample arguments of the records, with shape and structure.

A sample argument list such as ``"S, x"`` is read with these variables, so that tests can
call every function without knowing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["SAMPLES", "Sample"]


class Sample(NamedTuple):
    """Axes of a sample variable, named or numeric, and its structure."""

    shape: tuple[str, ...]
    structure: str | None = None


SAMPLES: Mapping[str, Sample] = {
    "a": Sample(()),
    "c": Sample((), "positive"),
    "t": Sample((), "large"),
    "x": Sample(("n",)),
    "y": Sample(("n",)),
    "z": Sample(("m",)),
    "p": Sample(("n",), "positive"),
    "u": Sample(("n",), "unit"),
    "r": Sample(("n",), "large"),
    "s": Sample(("n",), "simplex"),
    "A": Sample(("n", "n")),
    "B": Sample(("n", "n")),
    "S": Sample(("n", "n"), "symmetric"),
    "P": Sample(("n", "n"), "spd"),
    "Q": Sample(("m", "m")),
    "X": Sample(("m", "n")),
    "Y": Sample(("m", "n")),
    "W": Sample(("n", "m")),
}
