"""Simplification: named equations, expansion of the calculus' own sums, common factors."""

from gradform.rewrite import identities
from gradform.rewrite.equations import EQUATIONS
from gradform.rewrite.history import History
from gradform.rewrite.simplify import forms_for_code, histories, named_forms, simplify

__all__ = [
    "EQUATIONS",
    "History",
    "forms_for_code",
    "histories",
    "identities",
    "named_forms",
    "simplify",
]
