"""Simplification: named equations, expansion of the calculus' own sums, common factors."""

from gradform.rewrite import identities
from gradform.rewrite.equations import EQUATIONS
from gradform.rewrite.simplify import forms_for_code, simplify

__all__ = ["EQUATIONS", "forms_for_code", "identities", "simplify"]
