"""The real functions at exact numbers: ``apply(name, x)``.

A value is as simple as is known: exp(0) = 1, sin(π/6) = 1/2, Γ(1/2) = √π. Outside the
domain a ValueError says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from flint import arb, fmpq

from gradform.exact.atoms import PI, applied
from gradform.exact.balls import precision
from gradform.exact.exponentials import exponential, logarithm
from gradform.exact.form import (
    ONE,
    ZERO,
    Number,
    atom_power,
    ball,
    is_reversed,
    negate,
    scale,
    subtract,
)
from gradform.exact.gammas import digamma, gamma, lgamma, polygamma
from gradform.exact.identify import settled
from gradform.exact.lambert import lambertw
from gradform.exact.number import Real, RealLike, made
from gradform.exact.powers import power
from gradform.exact.trigonometry import (
    arccosine,
    arcsine,
    arctangent,
    cosine,
    sine,
    tangent,
)
from gradform.exact.zero import sign
from gradform.language import say
from gradform.records import record

__all__ = ["REAL_FUNCTIONS", "RealFunction", "apply"]

_MOST_BITS = 1 << 20  # of an integer

Limit: TypeAlias = "Callable[[], Number] | float | None"


@record
class RealFunction:
    """``value(parameters, x)`` and the limits at −∞ and ∞ (None where there is none)."""

    name: str
    value: Callable[[tuple[int, ...], Number], Number]
    low: Limit = None
    high: Limit = None
    parameters: int = 0


def apply(name: str, *arguments: RealLike, branch: int = 0) -> Real:
    """The function at a number: ``apply("exp", x)``.

    ``apply("polygamma", k, x)`` has its order first; ``apply("lambertw", x, branch=-1)`` or
    ``apply("lambertw", x, -1)`` names its branch.
    """
    function = REAL_FUNCTIONS.get(name)
    if function is None:
        raise ValueError(say("there is no function '{name}' of exact numbers", name=name))
    x, parameters = _arguments(function, arguments, branch)
    if not x.is_finite:
        limit = function.high if x.sign() > 0 else function.low
        if limit is None:
            raise ValueError(say("{name} has no limit at {text}", name=name, text=x.text))
        return made(limit if isinstance(limit, float) else limit())
    return made(function.value(parameters, settled(x.form)))


def _arguments(
    function: RealFunction, arguments: tuple[RealLike, ...], branch: int
) -> tuple[Real, tuple[int, ...]]:
    if function.name == "lambertw" and len(arguments) == 1:
        arguments = (*arguments, branch)
    if len(arguments) != 1 + function.parameters:
        raise ValueError(
            say("{name} takes {count} arguments", name=function.name, count=1 + function.parameters)
        )
    if not function.parameters:
        return Real.of(arguments[0]), ()
    x, parameter = arguments if function.name == "lambertw" else reversed(arguments)
    whole = Real.of(parameter).rational
    if whole is None or whole.denominator != 1:
        raise ValueError(say("{name} needs an integer as its parameter", name=function.name))
    return Real.of(x), (int(whole),)


# ---------------------------------------------------------------- single functions


def _log(x: Number) -> Number:
    if sign(x) <= 0:
        raise ValueError(say("log is defined for positive numbers"))
    return logarithm(x)


def _sqrt(x: Number) -> Number:
    if sign(x) < 0:
        raise ValueError(say("sqrt is defined for numbers that are not negative"))
    return power(x, 1, 2)


def _absolute(x: Number) -> Number:
    return negate(x) if sign(x) < 0 else x


def _floor(x: Number) -> Number:
    """The largest integer ≤ x; where a ball contains an integer, the sign of x − n decides."""
    if isinstance(x, fmpq):
        return fmpq(x.floor())
    if not abs(ball(x, 32)) < arb((1, _MOST_BITS)):
        raise OverflowError(say("the integer has too many digits"))
    bits = 64 + int(abs(ball(x, 32)).upper().fmpq().ceil()).bit_length()
    with precision(bits + 16):
        low = ball(x, bits).lower().floor().fmpq()
    above = low + 1
    return above if sign(subtract(x, above)) >= 0 else low


def _hyperbolic(name: str, even: bool) -> Callable[[Number], Number]:
    """By exponentials where exp(x) is rational, else the function itself."""

    def value(x: Number) -> Number:
        grown = exponential(x)
        if isinstance(grown, fmpq):
            return _of_exponential(name, grown)
        if is_reversed(x):
            found = applied(name, negate(x))
            return found if even else negate(found)
        return applied(name, x)

    return value


def _of_exponential(name: str, grown: fmpq) -> fmpq:
    """sinh, cosh and tanh of x from exp(x)."""
    sinh, cosh = (grown - 1 / grown) / 2, (grown + 1 / grown) / 2
    return {"sinh": sinh, "cosh": cosh, "tanh": sinh / cosh}[name]


def _erf(x: Number) -> Number:
    if x == 0:
        return ZERO
    return negate(applied("erf", negate(x))) if is_reversed(x) else applied("erf", x)


def _erfc(x: Number) -> Number:
    return ONE if x == 0 else applied("erfc", x)


def _order(parameters: tuple[int, ...], x: Number) -> Number:
    if parameters[0] < 0:
        raise ValueError(say("the order of polygamma is not negative"))
    return polygamma(parameters[0], x)


def _half_turn(factor: int) -> Callable[[], Number]:
    return lambda: scale(atom_power(PI), fmpq(factor, 2))


def _constant(value: int) -> Callable[[], Number]:
    return lambda: fmpq(value)


def _plain(
    name: str, value: Callable[[Number], Number], low: Limit = None, high: Limit = None
) -> RealFunction:
    return RealFunction(name, lambda _, x: value(x), low, high)


_FUNCTIONS = (
    _plain("exp", exponential, _constant(0), math.inf),
    _plain("log", _log, None, math.inf),
    _plain("sqrt", _sqrt, None, math.inf),
    _plain("abs", _absolute, math.inf, math.inf),
    _plain("floor", _floor, -math.inf, math.inf),
    _plain("sin", sine),
    _plain("cos", cosine),
    _plain("tan", tangent),
    _plain("asin", arcsine),
    _plain("acos", arccosine),
    _plain("atan", arctangent, _half_turn(-1), _half_turn(1)),
    _plain("sinh", _hyperbolic("sinh", even=False), -math.inf, math.inf),
    _plain("cosh", _hyperbolic("cosh", even=True), math.inf, math.inf),
    _plain("tanh", _hyperbolic("tanh", even=False), _constant(-1), _constant(1)),
    _plain("gamma", gamma, None, math.inf),
    _plain("lgamma", lgamma, None, math.inf),
    _plain("digamma", digamma, None, math.inf),
    RealFunction("polygamma", _order, None, _constant(0), parameters=1),
    _plain("erf", _erf, _constant(-1), _constant(1)),
    _plain("erfc", _erfc, _constant(2), _constant(0)),
    RealFunction("lambertw", lambda p, x: lambertw(p[0], x), None, math.inf, parameters=1),
)

REAL_FUNCTIONS: Mapping[str, RealFunction] = {function.name: function for function in _FUNCTIONS}
