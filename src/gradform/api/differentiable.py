"""What can be asked of a function: its derivatives of every kind, and code for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypedDict, Union, Unpack, overload

from gradform.api.asking import ask, occurring
from gradform.api.settings import settings
from gradform.api.several import Derivatives
from gradform.derive.answer import Derivative, answer
from gradform.derive.options import require_known
from gradform.derive.pipeline import Question
from gradform.derive.products import ProductQuestion, pulled_back, typed
from gradform.errors import InputError
from gradform.language import joined, say
from gradform.notation.text import to_text
from gradform.records import replaced

__all__ = ["Asked", "DerivativeOptions", "Differentiable", "Options", "Target"]

Target: TypeAlias = Union["Differentiable", str]
"""A variable of differentiation: ``"x"``, ``"x'"``, ``"x(2)"``, or an expression for one."""


class Options(TypedDict, total=False):
    """What all questions about an expression take; see :func:`gradform.derivative`."""

    constraint: str | None
    conditions: str | Sequence[str]
    check: bool


class DerivativeOptions(Options, total=False):
    """What :meth:`Differentiable.derivative` takes besides."""

    layout: str | None
    order: int


_OPTIONS = Options.__optional_keys__


class Differentiable(ABC):
    """A function that knows the question that is asked about it."""

    @abstractmethod
    def question(self) -> Question:
        """What is asked of this function, before a variable is named."""

    @property
    @abstractmethod
    def written(self) -> str:
        """The function in the input language."""

    @overload
    def derivative(self, wrt: Target, **options: Unpack[DerivativeOptions]) -> Derivative: ...
    @overload
    def derivative(
        self, wrt: Sequence[Target] | None = None, **options: Unpack[DerivativeOptions]
    ) -> Derivative | Derivatives: ...
    def derivative(
        self,
        wrt: Target | Sequence[Target] | None = None,
        **options: Unpack[DerivativeOptions],
    ) -> Derivative | Derivatives:
        """The derivative by a variable, or by several; see :func:`gradform.derivative`."""
        require_known(options, DerivativeOptions.__optional_keys__)
        layout = options.get("layout") or settings.layout
        return self._asked(wrt, layout, options.get("order", 1), options)

    @overload
    def gradient(self, wrt: Target, **options: Unpack[Options]) -> Derivative: ...
    @overload
    def gradient(
        self, wrt: Sequence[Target] | None = None, **options: Unpack[Options]
    ) -> Derivative | Derivatives: ...
    def gradient(
        self, wrt: Target | Sequence[Target] | None = None, **options: Unpack[Options]
    ) -> Derivative | Derivatives:
        """The gradient of a scalar, in the shape of the variable."""
        require_known(options, _OPTIONS)
        self._require_scalar(say("gradient"))
        return self._asked(wrt, "mixed", 1, options)

    @overload
    def jacobian(self, wrt: Target, **options: Unpack[Options]) -> Derivative: ...
    @overload
    def jacobian(
        self, wrt: Sequence[Target] | None = None, **options: Unpack[Options]
    ) -> Derivative | Derivatives: ...
    def jacobian(
        self, wrt: Target | Sequence[Target] | None = None, **options: Unpack[Options]
    ) -> Derivative | Derivatives:
        """The Jacobian, one row per entry of the value."""
        require_known(options, _OPTIONS)
        return self._asked(wrt, "numerator", 1, options)

    @overload
    def hessian(self, wrt: Target, **options: Unpack[Options]) -> Derivative: ...
    @overload
    def hessian(self, wrt: None = None, **options: Unpack[Options]) -> Derivative | Derivatives: ...
    def hessian(
        self, wrt: Target | None = None, **options: Unpack[Options]
    ) -> Derivative | Derivatives:
        """The second derivative of a scalar."""
        require_known(options, _OPTIONS)
        self._require_scalar(say("hessian"))
        return self._asked(wrt, settings.layout, 2, options)

    def jvp(
        self, wrt: Target | None = None, direction: str = "v", **options: Unpack[Options]
    ) -> Derivative:
        """The Jacobian times a vector: the derivative along ``direction``.

        ``direction`` names a new variable of the shape of ``wrt``. The value has the shape
        of the expression.
        """
        question, name = self._product_question(wrt, options)
        return _along(question, (name,), direction, options)

    def hvp(
        self, wrt: Target | None = None, direction: str = "v", **options: Unpack[Options]
    ) -> Derivative:
        """The Hessian of a scalar times a vector, in the shape of ``wrt``.

        ``direction`` names a new variable of the shape of ``wrt``.
        """
        self._require_scalar(say("product of Hessian and vector"))
        question, name = self._product_question(wrt, options)
        return _along(question, (name, name), direction, options)

    def vjp(
        self, wrt: Target | None = None, cotangent: str = "u", **options: Unpack[Options]
    ) -> Derivative:
        """A vector times the Jacobian: the gradient of ⟨cotangent, expression⟩.

        ``cotangent`` names a new variable of the shape of the expression. The value has
        the shape of ``wrt``.
        """
        question, name = self._product_question(wrt, options)
        asked = pulled_back(replaced(question, wrt=(name,)), cotangent)
        return answer(asked, check=options.get("check", True))

    # ------------------------------------------------------------ questions

    def _asked(
        self, wrt: Target | Sequence[Target] | None, layout: str, order: int, options: Options
    ) -> Derivative | Derivatives:
        question = _optioned(self.question(), layout, options)
        return ask(question, _target_texts(wrt), order, check=options.get("check", True))

    def _require_scalar(self, what: str) -> None:
        if not typed(self.question()).value.shape.is_scalar:
            raise InputError(
                say("The {what} is that of a scalar; this expression is none.", what=what),
                kind="dimension_mismatch",
                hint=say("gf.jacobian and gf.derivative take vectors and matrices"),
            )

    def _product_question(self, wrt: Target | None, options: Options) -> tuple[Question, str]:
        """The question in the shape of variable and value, and the variable."""
        require_known(options, _OPTIONS)
        if options.get("constraint"):
            raise InputError(say("A product with a vector takes no constraint."), kind="structure")
        question = _optioned(self.question(), "mixed", options)
        asked = _target_texts(wrt)
        names = occurring(question) if asked is None else [asked]
        if len(names) != 1 or not isinstance(names[0], str):
            raise InputError(
                say("A product is taken with the derivative by one variable."),
                kind="wrt_undeclared",
                hint=say("name one of {names}", names=joined(names)),
            )
        return question, names[0]


class Asked(Differentiable):
    """A function that is known by its question alone."""

    def __init__(self, question: Question) -> None:
        self._question = question

    def question(self) -> Question:
        return self._question

    @property
    def written(self) -> str:
        source = self._question.source
        return source if isinstance(source, str) else to_text(source)


def _optioned(question: Question, layout: str, options: Options) -> Question:
    """The question with its options, all but the variable."""
    conditions = options.get("conditions", ())
    return replaced(
        question,
        layout=layout,
        constraint=options.get("constraint"),
        conditions=(conditions,) if isinstance(conditions, str) else tuple(conditions),
    )


def _along(
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


def _target_texts(wrt: Target | Sequence[Target] | None) -> str | list[str] | None:
    """Variables of differentiation in the input language."""
    if wrt is None or isinstance(wrt, str):
        return wrt
    if isinstance(wrt, Differentiable):
        return wrt.written
    several = list(wrt) if isinstance(wrt, Iterable) else [wrt]
    for each in several:
        if not isinstance(each, str | Differentiable):
            raise InputError(
                say("{value} is no variable to differentiate by.", value=repr(each)),
                kind="option",
                hint=say("give its name, or a list of names"),
            )
    return [each if isinstance(each, str) else each.written for each in several]
