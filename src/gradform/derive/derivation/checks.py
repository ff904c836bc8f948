"""Every line of a derivation, compared with the function itself at random points.

Derivatives are compared with limits, equal forms with each other. The points are points of
the variables; the values of the steps follow from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gradform.derive.derivation.chain import Chain
from gradform.errors import GradformError, UnconfirmedError
from gradform.formula.tree import Formula, Program
from gradform.functions.shapes import Shape
from gradform.language import say
from gradform.records import record
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula
from gradform.verify.comparison import Comparison, Declared, Question
from gradform.verify.interpreter import Array, Environment, Evaluator, compile_formula
from gradform.verify.limits import directional_derivative, largest_intermediate
from gradform.verify.sampling import Sampler, index_conditions
from gradform.verify.sizes import Assignment, parse_condition

__all__ = ["Checks"]
