"""Simplification: named equations, expansion of the calculus' own sums, common factors."""

from gradform.rewrite import identities
from gradform.rewrite.equations import EQUATIONS
from gradform.rewrite.simplify import simplify

__all__ = ["EQUATIONS", "identities", "simplify"]
