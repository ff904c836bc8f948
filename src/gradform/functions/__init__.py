"""The functions: one record each. Import order is registration order."""

from gradform.functions import (
    constants,
    elementwise,
    kinked,
    linear_algebra,
    logistic,
    losses,
    matrix_functions,
    norms,
    reductions,
    softmax,
    special,
    spectral,
    structure,
)
from gradform.functions.record import (
    Condition,
    Function,
    Typed,
    all_functions,
    composite,
    define,
    lookup,
    primitive,
)
from gradform.functions.shapes import Shape, Unifier

__all__ = [
    "Condition",
    "Function",
    "Shape",
    "Typed",
    "Unifier",
    "all_functions",
    "composite",
    "constants",
    "define",
    "elementwise",
    "kinked",
    "linear_algebra",
    "logistic",
    "lookup",
    "losses",
    "matrix_functions",
    "norms",
    "primitive",
    "reductions",
    "softmax",
    "special",
    "spectral",
    "structure",
]
