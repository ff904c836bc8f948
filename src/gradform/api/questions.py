"""The functions a user calls: ``derivative``, ``gradient``, ``parse``, ``jvp`` …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, TypeVar, Unpack, overload

from gradform.api.declarations import (
    Sizes,
    Structure,
    declared_variable,
    sizes_of,
    structures_by_name,
)
from gradform.api.differentiable import Asked, Differentiable, Target
from gradform.api.differentiable import Options as AskedOptions
from gradform.api.expression import Context, Expression, parsed
from gradform.api.operators import Part
from gradform.api.several import Derivatives
from gradform.derive.answer import Derivative
from gradform.derive.options import require_known
from gradform.derive.pipeline import Question
from gradform.errors import InputError
from gradform.formula.tree import Name
from gradform.language import say
from gradform.records import replaced

__all__ = [
    "derivative",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "matrix",
    "parse",
    "row",
    "scalar",
    "to_layout",
    "vector",
    "vjp",
]

Function = Expression | str
Answer = TypeVar("Answer", Derivative, Derivatives)


class Options(TypedDict, total=False):
    """What all questions take; see :func:`derivative`."""

    shapes: Mapping[str, Sizes] | None
    assume: Mapping[str, str | Sequence[str]] | None
    constraint: str | None
    conditions: str | Sequence[str]
    infer: bool | None
    check: bool


class DerivativeOptions(Options, total=False):
    """What ``derivative`` takes besides."""

    layout: str | None
    order: int


# ---------------------------------------------------------------- variables


def scalar(name: str, structure: Structure = None) -> Expression:
    """A scalar variable."""
    return _variable(name, (), structure)


def vector(name: str, n: str | int, structure: Structure = None) -> Expression:
    """A column vector of length n."""
    return _variable(name, (n,), structure)


def row(name: str, n: str | int, structure: Structure = None) -> Expression:
    """A row vector of length n."""
    return _variable(name, (1, n), structure)


def matrix(name: str, m: str | int, n: str | int, structure: Structure = None) -> Expression:
    """An m×n matrix; ``structure="symmetric"`` or a list of structures."""
    return _variable(name, (m, n), structure)


def _variable(name: str, sizes: Sequence[str | int], structure: Structure) -> Expression:
    declared = declared_variable(name, sizes, structure)
    return Expression(Part(Name(name), declared.shape), Context({name: declared}, {}))


def parse(
    text: str,
    shapes: Mapping[str, Sizes] | None = None,
    assume: Mapping[str, str | Sequence[str]] | None = None,
    infer: bool | None = None,
) -> Expression:
    """The expression a text stands for.

    shapes   () scalar, ("n",) column, (1, "n") row, ("m", "n") matrix
    assume   one structure or a list of them per name
    infer    whether undeclared names get a shape by their letter (a–g scalars, h–z
             vectors, A–Z matrices); by default when no shapes are given

    Raises InputError, with the position in the text.
    """
    return parsed(_question(text, shapes, assume, infer))


def _declared(function: Function, options: Options) -> tuple[Asked, AskedOptions]:
    """The function with its declarations, and what else was asked."""
    require_known(options, Options.__optional_keys__)
    rest: AskedOptions = {}
    if "constraint" in options:
        rest["constraint"] = options["constraint"]
    if "conditions" in options:
        rest["conditions"] = options["conditions"]
    if "check" in options:
        rest["check"] = options["check"]
    declared = options.get("shapes"), options.get("assume"), options.get("infer")
    return Asked(_question(function, *declared)), rest


def _question(
    function: Function,
    shapes: Mapping[str, Sizes] | None,
    assume: Mapping[str, str | Sequence[str]] | None,
    infer: bool | None,
) -> Question:
    """The question about a function; declarations are added to those of an expression."""
    assume = structures_by_name(assume)
    if isinstance(function, str):
        return Question(function, (), shapes=sizes_of(shapes), assume=assume, infer=infer)
    if not isinstance(function, Differentiable):
        raise InputError(
            say("{value} is no function.", value=repr(function)),
            kind="option",
            hint=say("give its formula as a text, or an expression"),
        )
    own = function.question()
    return replaced(
        own,
        shapes={**(own.shapes or {}), **(sizes_of(shapes) or {})},
        assume={**(own.assume or {}), **(assume or {})},
    )


# ---------------------------------------------------------------- derivatives


@overload
def derivative(expr: Function, wrt: Target, **options: Unpack[DerivativeOptions]) -> Derivative: ...
@overload
def derivative(
    expr: Function,
    wrt: Sequence[Target] | None = None,
    **options: Unpack[DerivativeOptions],
) -> Derivative | Derivatives: ...
def derivative(
    expr: Function,
    wrt: Target | Sequence[Target] | None = None,
    shapes: Mapping[str, Sizes] | None = None,
    layout: str | None = None,
    order: int = 1,
    assume: Mapping[str, str | Sequence[str]] | None = None,
    constraint: str | None = None,
    conditions: str | Sequence[str] = (),
    infer: bool | None = None,
    check: bool = True,
) -> Derivative | Derivatives:
    """The derivative of an expression, confirmed by an independent check.

    wrt          a variable ``"x"``, a transposed one ``"x'"``, an element ``"x(2)"``. A list
                 with ``order=1`` asks for the derivative by each of them, a list of
                 ``order`` variables for the mixed derivative. Without it the derivative by
                 the only variable, or by each of several
    shapes       () scalar, ("n",) column, (1, "n") row, ("m", "n") matrix
    layout       "ml", "denominator", "numerator", "mixed"; by default that of ``settings``
    assume       one structure or a list of them per name: {"A": "symmetric"}
    constraint   "symmetric", "diagonal", "toeplitz" or "symmetric_toeplitz": the derivative
                 by the distinct parameters of the matrix
    conditions   on dimensions, such as "m > n"
    infer        whether undeclared names get a shape by their letter; by default when no
                 shapes are given
    check        False leaves the certificate for when it is asked for

    Raises InputError for a question that is not well formed, CannotError where there is no
    answer, UnconfirmedError where the check does not confirm it.
    """
    found = Asked(_question(expr, shapes, assume, infer))
    return found.derivative(
        wrt,
        layout=layout,
        order=order,
        constraint=constraint,
        conditions=conditions,
        check=check,
    )


@overload
def gradient(expr: Function, wrt: Target, **options: Unpack[Options]) -> Derivative: ...
@overload
def gradient(
    expr: Function, wrt: Sequence[Target] | None = None, **options: Unpack[Options]
) -> Derivative | Derivatives: ...
def gradient(
    expr: Function, wrt: Target | Sequence[Target] | None = None, **options: Unpack[Options]
) -> Derivative | Derivatives:
    """The gradient of a scalar, in the shape of the variable; options as in ``derivative``."""
    found, rest = _declared(expr, options)
    return found.gradient(wrt, **rest)


@overload
def jacobian(expr: Function, wrt: Target, **options: Unpack[Options]) -> Derivative: ...
@overload
def jacobian(
    expr: Function, wrt: Sequence[Target] | None = None, **options: Unpack[Options]
) -> Derivative | Derivatives: ...
def jacobian(
    expr: Function, wrt: Target | Sequence[Target] | None = None, **options: Unpack[Options]
) -> Derivative | Derivatives:
    """The Jacobian, one row per entry of the value; options as in ``derivative``."""
    found, rest = _declared(expr, options)
    return found.jacobian(wrt, **rest)


@overload
def hessian(expr: Function, wrt: Target, **options: Unpack[Options]) -> Derivative: ...
@overload
def hessian(
    expr: Function, wrt: None = None, **options: Unpack[Options]
) -> Derivative | Derivatives: ...
def hessian(
    expr: Function, wrt: Target | None = None, **options: Unpack[Options]
) -> Derivative | Derivatives:
    """The second derivative of a scalar; options as in ``derivative``."""
    found, rest = _declared(expr, options)
    return found.hessian(wrt, **rest)


def to_layout(derivative: Answer, layout: str) -> Answer:
    """The same derivative in another layout."""
    return derivative.to_layout(layout)


# ---------------------------------------------------------------- products


def jvp(
    expr: Function, wrt: Target | None = None, direction: str = "v", **options: Unpack[Options]
) -> Derivative:
    """The Jacobian times a vector; see :meth:`gradform.Expression.jvp`."""
    found, rest = _declared(expr, options)
    return found.jvp(wrt, direction, **rest)


def hvp(
    expr: Function, wrt: Target | None = None, direction: str = "v", **options: Unpack[Options]
) -> Derivative:
    """The Hessian of a scalar times a vector; see :meth:`gradform.Expression.hvp`."""
    found, rest = _declared(expr, options)
    return found.hvp(wrt, direction, **rest)


def vjp(
    expr: Function, wrt: Target | None = None, cotangent: str = "u", **options: Unpack[Options]
) -> Derivative:
    """A vector times the Jacobian; see :meth:`gradform.Expression.vjp`."""
    found, rest = _declared(expr, options)
    return found.vjp(wrt, cotangent, **rest)
