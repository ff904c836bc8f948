"""The answer object: formula, forms, certificate, code and values of one derivative."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

from gradform.derive.pipeline import Solution
from gradform.functions.shapes import Shape
from gradform.derive.differential import differential_form
from gradform.notation.index import index_form
from gradform.notation.latex import to_latex
from gradform.notation.spelled import spell_latex, spell_unicode
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode

__all__ = ["Derivative"]


class Derivative:
    """A derivative that was confirmed by an independent check.

    ``str(d)`` and ``d.text`` parse back; ``d.unicode`` is for the terminal, ``d.latex``
    for papers. ``d(x=…)`` is the value in the layout's shape, ``d.tensor(x=…)`` the
    neutral tensor (axes of the function's value, then of each variable), ``d.value(x=…)``
    the function itself.
    """

    def __init__(self, solution: Solution, *, check: bool = True) -> None:
        self._solution = solution
        if check:
            _ = self.certificate

    # ------------------------------------------------------------ forms

    @cached_property
    def text(self) -> str:
        """The formula in the input language; index notation beyond matrix notation."""
        formula = self._solution.formula
        return to_text(formula) if formula is not None else self.index_notation

    @cached_property
    def unicode(self) -> str:
        """The formula for a terminal."""
        formula = self._solution.formula
        return to_unicode(formula, spell=spell_unicode) if formula is not None else self.text

    @cached_property
    def latex(self) -> str:
        """The formula for a paper (amsmath)."""
        formula = self._solution.formula
        if formula is None:
            return index_form(self._solution.neutral, latex=True)
        shapes = {name: v.symbol.axes for name, v in self._solution.function.variables.items()}
        return to_latex(formula, spell=spell_latex, shapes=shapes)

    @cached_property
    def index_notation(self) -> str:
        """Entry by entry, with explicit sums."""
        return index_form(self._solution.neutral)

    @cached_property
    def differential(self) -> str:
        """``df = tr(G'*dX)``, or the linear map dX ↦ dF."""
        return differential_form(self._solution)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<gradform derivative {self.text}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    # ------------------------------------------------------------ facts

    @property
    def layout(self) -> str:
        return self._solution.question.layout

    @property
    def order(self) -> int:
        return len(self._solution.targets)

    @property
    def wrt(self) -> tuple[str, ...]:
        return self._solution.question.wrt

    @property
    def shape(self) -> tuple[str, ...]:
        """Symbolic shape of the value: ``("n",)``, ``(1, "n")`` for a row …"""
        return tuple(_size(axis) for axis in self._solution.arrangement.value_axes)

    @property
    def shapes(self) -> dict[str, tuple[str, ...]]:
        """The variables with their symbolic shapes, inferred ones included."""
        return {
            name: _written_shape(variable.shape)
            for name, variable in self._solution.function.variables.items()
        }

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold for the formula, such as ``det(X) != 0``."""
        return tuple(requirement.text for requirement in self._solution.function.conditions)

    @property
    def notes(self) -> tuple[str, ...]:
        """How the input was read, where that was not plain."""
        return self._solution.function.notes

    @property
    def function(self) -> str:
        """The function as it was typed."""
        return self._solution.function.program.source

    # ------------------------------------------------------------ numbers

    @cached_property
    def certificate(self) -> Any:
        """What was checked and the worst error. Raises UnconfirmedError when it fails."""
        return _checking().certificate_of(self._solution)

    @cached_property
    def numpy_source(self) -> str:
        """Self-contained Python: a function returning (value, derivative)."""
        source: str = _checking().numpy_source(self._solution)
        return source

    @cached_property
    def _run(self) -> Any:
        return _checking().numpy_function(self._solution)

    @cached_property
    def _run_neutral(self) -> Any:
        return _checking().numpy_function(self._solution, neutral=True)

    def __call__(self, **arrays: Any) -> Any:
        """The derivative in the layout's shape: vectors 1-D, rows (1, n)."""
        return self._run(**self._complete(arrays))[1]

    def tensor(self, **arrays: Any) -> Any:
        """The neutral tensor: axes of the function's value, then of each variable."""
        return self._run_neutral(**self._complete(arrays))[1]

    def value(self, **arrays: Any) -> Any:
        """The function itself."""
        return self._run(**self._complete(arrays))[0]

    def _complete(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = _checking().checked_arrays(self._solution, arrays)
        return result


def _checking() -> Any:
    """The NumPy part, imported on first use."""
    return import_module("gradform.derive.checking")


def _size(axis: Any) -> Any:
    return axis.value if axis.value is not None else str(axis)


def _written_shape(shape: Shape) -> tuple[Any, ...]:
    if shape.is_scalar:
        return ()
    if shape.is_column:
        return (_size(shape.rows),)
    return (_size(shape.rows), _size(shape.cols))
