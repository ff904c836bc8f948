"""Convexity of functions of several variables, proved from the form of the formula.

Composition rules (Boyd & Vandenberghe, 3.2.4) with the facts of the function records, sound
ranges, and four decisions that rules alone miss: functions of one linear form by the
one-variable engine, quadratic functions by LDL', sums of |aₖ'x + bₖ| by their planes, and
products x'Px by the matrix between.

``analysis`` goes through the formula from the leaves up; ``calls`` says which rule a function
has; ``parts`` is what rules read; ``strengthening`` decides where they have no answer.
"""

from gradform.nonsmooth.space.curvature.analysis import Analysis

__all__ = ["Analysis"]
