"""The functions a user calls: ``derivative``, ``gradient``, ``parse``, ``jvp`` …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, TypeVar, Unpack, overload

from gradform.api.asking import ask, occurring
from gradform.api.declarations import Sizes, Structure, declared_variable, sizes_of
from gradform.api.expression import (
    Context,
    Expression,
    Target,
    parsed,
    target_texts,
)
from gradform.api.operators import Part
from gradform.api.settings import settings
from gradform.api.several import Derivatives
from gradform.derive.answer import Derivative, answer
from gradform.derive.pipeline import Question
from gradform.derive.products import ProductQuestion, pulled_back, typed
from gradform.errors import InputError
from gradform.formula.tree import Name
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


def _question(
    function: Function,
    shapes: Mapping[str, Sizes] | None,
    assume: Mapping[str, str | Sequence[str]] | None,
    infer: bool | None,
) -> Question:
    """The question about a function; declarations are added to those of an expression."""
    if isinstance(function, str):
        return Question(function, (), shapes=sizes_of(shapes), assume=assume, infer=infer)
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
    options: Options = {
        "shapes": shapes,
        "assume": assume,
        "constraint": constraint,
        "conditions": conditions,
        "infer": infer,
        "check": check,
    }
    return _ask(expr, wrt, layout or settings.layout, order, options)


def _ask(
    expr: Function,
    wrt: Target | Sequence[Target] | None,
    layout: str,
    order: int,
    options: Options,
) -> Derivative | Derivatives:
    question = _optioned(expr, layout, options)
    return ask(question, target_texts(wrt), order, check=options.get("check", True))


def _optioned(expr: Function, layout: str, options: Options) -> Question:
    """The question with its options, all but the variable."""
    conditions = options.get("conditions", ())
    return replaced(
        _question(expr, options.get("shapes"), options.get("assume"), options.get("infer")),
        layout=layout,
        constraint=options.get("constraint"),
        conditions=(conditions,) if isinstance(conditions, str) else tuple(conditions),
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
    _require_scalar("gradient", expr, options)
    return _ask(expr, wrt, "mixed", 1, options)


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
    return _ask(expr, wrt, "numerator", 1, options)


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
    _require_scalar("hessian", expr, options)
    return _ask(expr, wrt, settings.layout, 2, options)


def _require_scalar(what: str, expr: Function, options: Options) -> None:
    question = _question(expr, options.get("shapes"), options.get("assume"), options.get("infer"))
    if not typed(question).value.shape.is_scalar:
        raise InputError(
            f"The {what} is that of a scalar; this expression is none.",
            kind="dimension_mismatch",
            hint="gf.jacobian and gf.derivative take vectors and matrices",
        )


def to_layout(derivative: Answer, layout: str) -> Answer:
    """The same derivative in another layout."""
    return derivative.to_layout(layout)


# ---------------------------------------------------------------- products


def jvp(
    expr: Function, wrt: Target | None = None, direction: str = "v", **options: Unpack[Options]
) -> Derivative:
    """The Jacobian times a vector: the derivative of the expression along ``direction``.

    ``direction`` names a new variable of the shape of ``wrt``. The value has the shape of
    the expression.
    """
    question, name = _product_question(expr, wrt, options)
    return _product(question, (name,), direction, options)


def hvp(
    expr: Function, wrt: Target | None = None, direction: str = "v", **options: Unpack[Options]
) -> Derivative:
    """The Hessian of a scalar times a vector, in the shape of ``wrt``.

    ``direction`` names a new variable of the shape of ``wrt``.
    """
    _require_scalar("product of Hessian and vector", expr, options)
    question, name = _product_question(expr, wrt, options)
    return _product(question, (name, name), direction, options)


def vjp(
    expr: Function, wrt: Target | None = None, cotangent: str = "u", **options: Unpack[Options]
) -> Derivative:
    """A vector times the Jacobian: the gradient of ⟨cotangent, expression⟩.

    ``cotangent`` names a new variable of the shape of the expression. The value has the
    shape of ``wrt``.
    """
    question, name = _product_question(expr, wrt, options)
    asked = pulled_back(replaced(question, wrt=(name,)), cotangent)
    return answer(asked, check=options.get("check", True))


def _product(
    question: Question, wrt: tuple[str, ...], direction: str, options: Options
) -> Derivative:
    asked = ProductQuestion(
        question.source,
        wrt,
        shapes=question.shapes,
        layout=question.layout,
        assume=question.assume,
        conditions=question.conditions,
        infer=question.infer,
        direction=direction,
    )
    return answer(asked, check=options.get("check", True))


def _product_question(expr: Function, wrt: Target | None, options: Options) -> tuple[Question, str]:
    """The question about a function, in the shape of variable and value, and the variable."""
    if options.get("constraint"):
        raise InputError("A product with a vector takes no constraint.", kind="structure")
    question = _optioned(expr, "mixed", options)
    asked = target_texts(wrt)
    names = occurring(question) if asked is None else [asked]
    if len(names) != 1 or not isinstance(names[0], str):
        raise InputError(
            "A product is taken with the derivative by one variable.",
            kind="wrt_undeclared",
            hint=f"name one of {', '.join(map(str, names))}",
        )
    return question, names[0]
