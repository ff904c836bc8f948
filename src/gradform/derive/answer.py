"""The answer object: formula, forms, certificate, code and values of one derivative."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from gradform.derive.compiling import (
    CompileOptions,
    SourceOptions,
    compile_parts,
    source_of_parts,
)
from gradform.derive.conditions import condition_latex, sizes_and_variables
from gradform.derive.derivation.build import derivation_of
from gradform.derive.derivation.steps import Derivation
from gradform.derive.differential import differential_form
from gradform.derive.numeric import differences, numeric
from gradform.derive.pictured import drawing, plotting
from gradform.derive.pipeline import Question, Solution, solve
from gradform.derive.products import ProductQuestion, solve_product
from gradform.derive.quotient import quotient_latex, quotient_unicode
from gradform.derive.tasks import Part, derivative_part
from gradform.derive.written import WrittenShape, named_shapes, written_axes, written_shape
from gradform.execute.backend import Compiled
from gradform.markup.rich import Rich
from gradform.notation.index import index_form
from gradform.notation.index_latex import index_latex
from gradform.notation.latex import to_latex
from gradform.notation.spelled import spell_latex, spell_unicode
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode
from gradform.records import as_dict, replaced

if TYPE_CHECKING:
    from gradform.derive.derivation.graph import DerivativeGraph
    from gradform.pictures.document import Picture

__all__ = ["Derivative", "answer"]

_LABELS = {1: "derivative", 2: "second_derivative"}


def answer(question: Question, *, check: bool = True) -> Derivative:
    """The derivative that is asked for; with ``check`` it is confirmed first.

    Raises InputError for a question that is not well formed, CannotError where there is
    no answer, and UnconfirmedError where the check does not confirm it.
    """
    if isinstance(question, ProductQuestion):
        found = Derivative(solve_product(question))
    else:
        found = Derivative(solve(question))
    if check:
        _ = found.certificate
    return found


class Derivative(Rich):
    """A derivative as a closed formula.

    ``str(d)`` and ``d.text`` parse back; ``d.unicode`` is for the terminal, ``d.latex``
    for papers. ``d(x=…)`` is the value in the layout's shape, ``d.tensor(x=…)`` the
    neutral tensor (axes of the function's value, then of each variable), ``d.value(x=…)``
    the function itself.
    """

    _shown_by = ("gradform.derive.shown", "derivative_card")

    def __init__(self, solution: Solution) -> None:
        self._solution = solution

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
        if formula is None:
            return self.text
        return to_unicode(formula, spell=spell_unicode, shapes=self.shapes)

    @cached_property
    def latex(self) -> str:
        """The formula for a paper (amsmath)."""
        formula = self._solution.formula
        if formula is None:
            return self.index_latex
        return to_latex(formula, spell=spell_latex, shapes=self.shapes)

    @property
    def equation_latex(self) -> str:
        r"""``\frac{\partial f}{\partial \mathbf{x}} = …`` for a paper."""
        formula = self._solution.formula
        if formula is None:
            return rf"{self.quotient_latex}:\quad {self.latex}"
        return to_latex(formula, spell=spell_latex, shapes=self.shapes, left=self.quotient_latex)

    @cached_property
    def index_notation(self) -> str:
        """Entry by entry, with explicit sums."""
        return index_form(self._solution.neutral)

    @property
    def index_latex(self) -> str:
        """The same for a paper."""
        return index_latex(self._solution.neutral)

    @cached_property
    def differential(self) -> str:
        """``df = tr(G'*dX)``, or the linear map dX ↦ dF."""
        return differential_form(self._solution)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        function = self.function.replace("\n", "; ")
        return f"<derivative of {function} by {', '.join(self.wrt)}: {self.text}>"

    # ------------------------------------------------------------ facts

    @property
    def function(self) -> str:
        """The function that was differentiated, as it was typed."""
        program = self._solution.function.program
        return program.source.strip() or to_text(program)

    @property
    def function_unicode(self) -> str:
        """The function for a terminal."""
        function = self._solution.function
        return to_unicode(function.program, spell=spell_unicode, shapes=named_shapes(function))

    @property
    def function_latex(self) -> str:
        """The function for a paper (amsmath)."""
        return self._function_latex("")

    @property
    def has_formula(self) -> bool:
        """Whether there is matrix notation; ``text`` is in index notation otherwise."""
        return self._solution.formula is not None

    @property
    def function_equation_latex(self) -> str:
        """``f = …`` for a paper, an ``aligned`` block where there are named intermediates."""
        return self._function_latex("f")

    def _function_latex(self, left: str) -> str:
        function = self._solution.function
        known = named_shapes(function)
        return to_latex(function.program, spell=spell_latex, shapes=known, left=left)

    @property
    def wrt(self) -> tuple[str, ...]:
        """The variables of differentiation, one per order."""
        return self._solution.question.wrt

    @property
    def quotient(self) -> str:
        """What the formula is, in Unicode: ``∂f/∂x``, ``∂²f/∂x∂y``, ``Df[v]``."""
        return quotient_unicode(self._solution, self.shapes)

    @property
    def quotient_latex(self) -> str:
        r"""The same for papers: ``\frac{\partial f}{\partial \mathbf{x}}``."""
        return quotient_latex(self._solution, self.shapes)

    @property
    def order(self) -> int:
        """How often was differentiated."""
        return len(self.wrt)

    @property
    def layout(self) -> str:
        """The name of the layout."""
        return self._solution.question.layout

    @property
    def constraint(self) -> str | None:
        """The structure whose distinct parameters were differentiated by, if any."""
        return self._solution.question.constraint

    @property
    def shape(self) -> WrittenShape:
        """Symbolic shape of the value: ``("n",)``, ``(1, "n")`` for a row …"""
        return written_axes(self._solution.arrangement.value_axes)

    @property
    def formula_shape(self) -> WrittenShape:
        """Rows and columns of the formula where it is ∂vec/∂vec; ``shape`` otherwise."""
        arrangement = self._solution.arrangement
        return written_axes(arrangement.shape) if arrangement.vec else self.shape

    @property
    def shapes(self) -> dict[str, WrittenShape]:
        """The variables with their symbolic shapes, inferred ones included."""
        variables = self._solution.function.variables
        return {name: written_shape(variable.shape) for name, variable in variables.items()}

    @property
    def structures(self) -> dict[str, tuple[str, ...]]:
        """What was assumed of the variables, by name."""
        variables = self._solution.function.variables.items()
        return {name: tuple(sorted(v.structure)) for name, v in variables if v.structure}

    @property
    def inferred(self) -> tuple[str, ...]:
        """The variables whose shape was not declared but read from their letter."""
        variables = self._solution.function.variables.items()
        return tuple(name for name, variable in variables if variable.inferred)

    @property
    def definitions(self) -> dict[str, str]:
        """The named intermediates of the function."""
        definitions = self._solution.function.program.definitions
        return {each.name: to_text(each.value) for each in definitions}

    @property
    def kinks(self) -> tuple[str, ...]:
        """Those conditions that only the derivative needs: where they fail the function has a
        value, and ``gf.subdifferential`` may have an answer."""
        needed = self._solution.function.conditions
        return tuple(requirement.text for requirement in needed if requirement.smooth)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold for the formula, such as ``det(X) != 0`` or ``m > n``."""
        found = (requirement.text for requirement in self._solution.function.conditions)
        return (*found, *self._solution.question.conditions)

    @property
    def conditions_latex(self) -> tuple[str, ...]:
        """The conditions for a paper: comparisons as formulas, the others as text."""
        known = sizes_and_variables(self.shapes)
        return tuple(condition_latex(each, known) for each in self.conditions)

    @property
    def notes(self) -> tuple[str, ...]:
        """How the input was read, where that was not plain."""
        return self._solution.function.notes

    def to_dict(self) -> dict[str, Any]:
        """Every field, of plain types, as JSON can hold it."""
        return {
            "function": self.function,
            "wrt": list(self.wrt),
            "order": self.order,
            "layout": self.layout,
            "constraint": self.constraint,
            "text": self.text,
            "unicode": self.unicode,
            "latex": self.latex,
            "index_notation": self.index_notation,
            "differential": self.differential,
            "shape": list(self.shape),
            "shapes": {name: list(shape) for name, shape in self.shapes.items()},
            "structures": {name: list(words) for name, words in self.structures.items()},
            "inferred": list(self.inferred),
            "definitions": self.definitions,
            "conditions": list(self.conditions),
            "kinks": list(self.kinks),
            "notes": list(self.notes),
            "numpy_source": self.numpy_source,
            "certificate": self.confirmed and as_dict(self.confirmed),
        }

    # ------------------------------------------------------------ where it comes from

    @cached_property
    def derivation(self) -> Derivation:
        """The chain rule step by step; see :meth:`explain`."""
        return self.explain()

    def explain(self, kind: str = "chain", *, detail: bool = False) -> Derivation:
        """The steps that lead to the formula, each of them checked at random points.

        kind     ``chain`` (the function in steps, their derivatives, the chain rule over all
                 paths), ``differential`` (df = tr(G'dX), Magnus & Neudecker) or
                 ``componentwise`` (one entry, from the limit definition)
        detail   every operation as a step by itself

        Raises CannotError for what has no matrix notation, UnconfirmedError when a step is
        not confirmed.
        """
        return derivation_of(self._solution, kind, detail=detail)

    # ------------------------------------------------------------ numbers

    @cached_property
    def certificate(self) -> Any:
        """What was checked and the worst error. Raises UnconfirmedError when it fails."""
        return numeric().certificate_of(self._solution, self._code)

    @property
    def confirmed(self) -> Any:
        """The certificate if the check was made, else None."""
        return self.__dict__.get("certificate")

    @property
    def numpy_source(self) -> str:
        """Self-contained Python: a function returning (value, derivative)."""
        source: str = self._code.source
        return source

    @cached_property
    def _code(self) -> Any:
        return numeric().derivative_code(self._solution)

    @cached_property
    def _value_code(self) -> Any:
        return numeric().value_code(self._solution.function, self.function)

    def __call__(self, /, **arrays: Any) -> Any:
        """The derivative in the layout's shape: vectors 1-D, rows (1, n).

        ArrayError when an array is missing or does not fit.
        """
        return self._code(**arrays)[1]

    def tensor(self, **arrays: Any) -> Any:
        """The neutral tensor: axes of the function's value, then of each variable."""
        return numeric().as_neutral(self(**arrays), self._solution.arrangement)

    def value(self, **arrays: Any) -> Any:
        """The function itself."""
        return self._value_code(**arrays)

    def difference(self, **arrays: Any) -> Any:
        """The derivative at these arrays by its limit definition, entry by entry, in the
        layout's shape: a check of ``d(…)`` that knows nothing of the formula. NaN where there
        is no limit.

        ArrayError when an array is missing or does not fit.
        """
        _ = self(**arrays)
        return differences().difference_at(self._solution, arrays)

    # ------------------------------------------------------------ pictures

    @cached_property
    def graph(self) -> DerivativeGraph:
        """The steps of the function with the local derivatives between them, and the paths of
        the chain rule: ``graph.svg(path=1)`` follows the first, ``graph.dot()`` is for Graphviz.

        Raises CannotError for products with a vector.
        """
        found: DerivativeGraph = drawing().graph_of(self._solution)
        return found

    def plot(
        self,
        at: Any = None,
        over: Any = None,
        values: Mapping[str, Any] | None = None,
        **numbers: Any,
    ) -> Picture:
        """The function with this derivative, as a picture for notebooks, pages and files.

        Of one number: the graph with the derivative below. At a kink of a convex or concave
        function there are all lines that support it, and their slopes, the subdifferential.
        Of two numbers, or a vector of two entries: contours with the gradient as arrows.

        at       a point to look at: a number, its exact text such as "1/3", or a pair. The
                 difference quotients there, and what they converge to, stand in a table
        over     an interval (low, high); two of them for a function of two numbers
        values   of all other variables, by name; also as arguments, ``plot(a=2)``

        Raises InputError for a function that has no plot, or no value there.
        """
        given = {**(values or {}), **numbers}
        found: Picture = plotting().plot_derivative(self, self._solution, given, at, over)
        return found

    # ------------------------------------------------------------ code

    def compile(self, backend: str = "numpy", **options: Unpack[CompileOptions]) -> Compiled:
        """The derivative as a program; see :func:`gradform.compile`."""
        return compile_parts([self.as_part()], backend, **options)

    def source(self, language: str = "numpy", **options: Unpack[SourceOptions]) -> str:
        """Self-contained source of the derivative; see :func:`gradform.compile`."""
        return source_of_parts([self.as_part()], language, **options)

    def as_part(self) -> Part:
        """The derivative as an output of a program."""
        return derivative_part(self._solution, _LABELS.get(self.order, "derivative"))

    # ------------------------------------------------------------ other answers

    def to_layout(self, layout: str) -> Derivative:
        """The same derivative in another layout; confirmed again if this one was."""
        question = replaced(self._solution.question, layout=layout)
        return answer(question, check=self.confirmed is not None)

    # ------------------------------------------------------------ identity

    def _key(self) -> tuple[object, ...]:
        return (self.function, self.wrt, self.layout, self.constraint, self.text, self._facts())

    def _facts(self) -> tuple[object, ...]:
        return (tuple(self.shapes.items()), tuple(self.structures.items()), self.conditions)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Derivative) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickle holds the question and the certificate; the rest is found again."""
        return _restored, (self._solution.question, self.confirmed)


def _restored(question: Question, certificate: Any) -> Derivative:
    found = answer(question, check=False)
    if certificate is not None:
        found.__dict__["certificate"] = certificate
    return found
