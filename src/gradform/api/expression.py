"""Expressions: formulas with the shapes of their variables.

They come from text (:func:`gradform.parse`) or from Python's operators on variables. An
expression never changes; it knows its variables, their structures and its named
intermediates.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from importlib import import_module
from numbers import Integral, Rational, Real
from typing import Any, NamedTuple

from gradform.api import operators
from gradform.api.indexing import Index, entries
from gradform.api.operators import Part
from gradform.derive.pipeline import Question
from gradform.derive.written import WrittenShape, written_shape
from gradform.errors import FormulaSyntaxError, GradformError, InputError
from gradform.formula.tree import Definition, Formula, Name, Neg, Number, Program, fold
from gradform.functions.shapes import SCALAR, Shape
from gradform.notation.latex import to_latex
from gradform.notation.spelled import spell_latex, spell_unicode
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode
from gradform.syntax.declare import Declared
from gradform.syntax.elaborate import Elaborated, elaborate
from gradform.syntax.parser import parse_formula

__all__ = ["Context", "Expression", "Operand", "expression_of"]

Operand = "Expression | int | float | Fraction"

# A longer formula keeps its shared parts instead of being written out as text.
_LONGEST_TEXT = 4_000


class Context(NamedTuple):
    """What the names in a tree mean: variables, and intermediates in order."""

    variables: dict[str, Declared]
    definitions: dict[str, Formula]

    def merged(self, other: Context) -> Context:
        """Both together; InputError when a name means two things."""
        for name, variable in other.variables.items():
            known = self.variables.get(name, variable)
            if (known.shape, known.structure) != (variable.shape, variable.structure):
                raise InputError(
                    f"'{name}' is declared in two different ways.", kind="redefined"
                )
        for name, tree in other.definitions.items():
            if self.definitions.get(name, tree) is not tree or name in self.variables:
                raise InputError(f"'{name}' is defined twice.", kind="redefined")
        return Context(
            {**self.variables, **other.variables}, {**self.definitions, **other.definitions}
        )


class Expression:
    """A function of scalars, vectors and matrices.

    ``str(f)`` and ``f.text`` are in the input language, ``f.unicode`` and ``f.latex`` for
    people. ``f(x=…)`` is the value (vectors 1-D, rows (1, n)), ``f.derivative("x")`` the
    derivative. Operators follow NumPy: ``*``, ``/`` and ``**`` act entry by entry, ``@`` is
    the matrix product, ``x[0]`` the first entry.
    """

    __array_ufunc__ = None  # NumPy's operators leave expressions to this class
    __iter__ = None

    def __init__(self, part: Part, context: Context, source: Program | None = None) -> None:
        self._part = part
        self._context = context
        self._source = source

    # ------------------------------------------------------------ forms

    @cached_property
    def program(self) -> Program:
        """The formula with its intermediates."""
        if self._source is not None:
            return self._source
        definitions = tuple(Definition(*each) for each in self._context.definitions.items())
        whole = Program(definitions, self._part.tree)
        if sum(fold(tree, _count) for tree in (*self._context.definitions.values(), whole.body)) > (
            _LONGEST_TEXT
        ):
            return whole
        return parse_formula(to_text(whole))

    @cached_property
    def text(self) -> str:
        """The formula in the input language."""
        return self.program.source.strip() or to_text(self.program)

    @cached_property
    def unicode(self) -> str:
        """The formula for a terminal."""
        return to_unicode(self.program, spell=spell_unicode, shapes=self.shapes)

    @cached_property
    def latex(self) -> str:
        """The formula for a paper (amsmath)."""
        return to_latex(self.program, spell=spell_latex, shapes=self.shapes)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<expression {self.text}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    # ------------------------------------------------------------ facts

    @cached_property
    def elaborated(self) -> Elaborated:
        """The formula with the shapes of all its parts. Raises InputError where they do
        not fit."""
        return elaborate(
            self.program, declared=self.shapes, assume=self.structures, infer=False
        )

    @property
    def shape(self) -> WrittenShape:
        """Symbolic shape: ``()``, ``("n",)``, ``(1, "n")`` for a row, ``("m", "n")``."""
        return written_shape(self.elaborated.value.shape)

    @property
    def shapes(self) -> dict[str, WrittenShape]:
        """The variables with their symbolic shapes."""
        return {name: written_shape(v.shape) for name, v in self._context.variables.items()}

    @property
    def structures(self) -> dict[str, tuple[str, ...]]:
        """What is assumed of the variables, by name."""
        variables = self._context.variables.items()
        return {name: tuple(sorted(v.structure)) for name, v in variables if v.structure}

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(self._context.variables)

    @property
    def definitions(self) -> dict[str, str]:
        """The named intermediates."""
        return {each.name: to_text(each.value) for each in self.program.definitions}

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold for the value and its derivatives to exist."""
        return tuple(requirement.text for requirement in self.elaborated.conditions)

    @property
    def notes(self) -> tuple[str, ...]:
        """How the text was read, where that was not plain."""
        return self.elaborated.notes

    def question(self, wrt: tuple[str, ...] = ()) -> Question:
        """The question for a derivative of this expression."""
        program = self.program
        return Question(
            program.source or program,
            wrt,
            shapes=self.shapes,
            assume=self.structures or None,
            infer=False,
        )

    # ------------------------------------------------------------ values

    @cached_property
    def _code(self) -> Any:
        return import_module("gradform.derive.checking").value_code(self.elaborated, self.text)

    @property
    def numpy_source(self) -> str:
        """Self-contained Python: a function returning the value."""
        source: str = self._code.source
        return source

    def __call__(self, **arrays: Any) -> Any:
        """The value: numbers, 1-D vectors, rows (1, n), matrices."""
        return self._code(**arrays)

    def value(self, **arrays: Any) -> Any:
        """The value, as calling gives it."""
        return self(**arrays)

    def tensor(self, **arrays: Any) -> Any:
        """The value as an array with one axis for a column or a row."""
        result = import_module("numpy").asarray(self(**arrays))
        return result[0] if self.elaborated.value.shape.is_row else result

    # ------------------------------------------------------------ building

    def derivative(self, wrt: Any = None, **options: Any) -> Any:
        """The derivative; see :func:`gradform.derivative`."""
        return import_module("gradform.api.questions").derivative(self, wrt, **options)

    def named(self, name: str) -> Expression:
        """The expression as a named intermediate, kept in derivatives: ``name = …``."""
        Name_ = parse_formula(name).body
        if not isinstance(Name_, Name) or name in self._context.variables:
            raise InputError(f"'{name}' cannot name an intermediate.", kind="redefined")
        context = Context(
            self._context.variables, {**self._context.definitions, name: self._part.tree}
        )
        return Expression(Part(Name(name), self._part.shape), context)

    @property
    def T(self) -> Expression:  # noqa: N802 - the field's name for the transpose
        """The transpose."""
        return self._with(operators.transpose(self._part))

    def _with(self, part: Part) -> Expression:
        return Expression(part, self._context)

    def __neg__(self) -> Expression:
        return self._with(operators.negative(self._part))

    def __pos__(self) -> Expression:
        return self

    def __getitem__(self, index: Index | tuple[Index, ...]) -> Expression:
        return self._with(entries(self._part, index))
