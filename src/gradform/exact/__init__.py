"""Exact real numbers: rationals, radicals, roots of polynomials, exp, log and their kin.

``Real`` numbers are written in a normal form, enclosed by balls of any accuracy
(python-flint), and compared by proof: a tie is never decided by rounding.
"""

from __future__ import annotations

from gradform.exact.balls import Undecided
from gradform.exact.functions import REAL_FUNCTIONS, RealFunction, apply
from gradform.exact.number import INFINITY, Real, RealLike, polynomial_roots

__all__ = [
    "INFINITY",
    "REAL_FUNCTIONS",
    "Real",
    "RealFunction",
    "RealLike",
    "Undecided",
    "apply",
    "polynomial_roots",
]
