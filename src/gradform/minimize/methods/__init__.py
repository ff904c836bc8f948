"""The methods by name; each takes one step at a time, so a run can be stopped and go on."""

from __future__ import annotations

from collections.abc import Mapping

from gradform.minimize.methods.lbfgs import LBFGS
from gradform.minimize.methods.newton import Newton
from gradform.minimize.methods.smoothing import Smoothing
from gradform.minimize.methods.step import Method, State
from gradform.minimize.methods.trust import NewtonCG

__all__ = ["METHODS", "Method", "State"]

METHODS: Mapping[str, type[Method]] = {
    "l-bfgs": LBFGS,
    "newton": Newton,
    "newton-cg": NewtonCG,
    "smoothing": Smoothing,
}
