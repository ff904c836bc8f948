"""Simplification: expansion where sums are the calculus' own, then common factors."""

from gradform.rewrite.simplify import simplify

__all__ = ["simplify"]
