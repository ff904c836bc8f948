"""Formulas with declared variables, as the tests of the check need them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gradform.syntax.elaborate import Elaborated, elaborate
from gradform.syntax.parser import parse_formula

DECLARED: Mapping[str, Sequence[str | int]] = {
    "a": (),
    "c": (),
    "x": ("n",),
    "y": ("n",),
    "b": ("m",),
    "r": (1, "n"),
    "A": ("m", "n"),
    "X": ("n", "n"),
}


def formula(text: str, wrt: str = "", structures: Mapping[str, str] | None = None) -> Elaborated:
    """The formula with those variables above that occur in it or in ``wrt``."""
    occurring = {*re.findall(r"\w+", text), *wrt}
    declared = {name: axes for name, axes in DECLARED.items() if name in occurring}
    return elaborate(parse_formula(text), declared=declared, assume=structures, infer=False)
