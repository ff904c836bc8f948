"""The equations used to simplify. Adding one is adding a function here."""

from __future__ import annotations

from gradform.functions.elementwise import cos, cosh, sin, sinh
from gradform.functions.kinked import abs_, relu
from gradform.functions.logistic import sigmoid, softplus
from gradform.functions.special import erf, erfc
from gradform.ir.expr import Expr
from gradform.rewrite.equations import Sides, equation

__all__ = [
    "circular_pythagoras",
    "error_functions",
    "hyperbolic_pythagoras",
    "relu_of_both_signs",
    "relu_parts",
    "sigmoid_complement",
    "sigmoid_pair",
    "softplus_parts",
]


@equation
def circular_pythagoras(x: Expr) -> Sides:
    """sin(x)² + cos(x)² = 1"""
    return sin(x) ** 2 + cos(x) ** 2, 1


@equation
def hyperbolic_pythagoras(x: Expr) -> Sides:
    """cosh(x)² - sinh(x)² = 1"""
    return cosh(x) ** 2 - sinh(x) ** 2, 1


@equation
def sigmoid_complement(x: Expr) -> Sides:
    """1 - sigmoid(x) = sigmoid(-x)"""
    return 1 - sigmoid(x), sigmoid(-x)


@equation
def softplus_parts(x: Expr) -> Sides:
    """softplus(x) - softplus(-x) = x"""
    return softplus(x) - softplus(-x), x


@equation
def relu_parts(x: Expr) -> Sides:
    """relu(x) - relu(-x) = x"""
    return relu(x) - relu(-x), x


@equation
def relu_of_both_signs(x: Expr) -> Sides:
    """relu(x) + relu(-x) = |x|"""
    return relu(x) + relu(-x), abs_(x)


@equation
def sigmoid_pair(x: Expr) -> Sides:
    """sigmoid(x) + sigmoid(-x) = 1"""
    return sigmoid(x) + sigmoid(-x), 1


@equation
def error_functions(x: Expr) -> Sides:
    """erf(x) + erfc(x) = 1"""
    return erf(x) + erfc(x), 1
