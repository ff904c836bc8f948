"""Expressions: formulas with the shapes of their variables.

They come from text (:func:`gradform.parse`) or from Python's operators on variables. An
expression never changes; it knows its variables, their structures and its named
intermediates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from importlib import import_module
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Union, Unpack

from gradform.api import operators
from gradform.api.autograd import differentiable_function
from gradform.api.declarations import check_name
from gradform.api.differentiable import Differentiable, Target
from gradform.api.indexing import Index, entries
from gradform.api.operators import Part
from gradform.api.sharing import named_parts, written_size
from gradform.derive.compiling import (
    CompileOptions,
    SourceOptions,
    compile_parts,
    source_of_parts,
)
from gradform.derive.numeric import numeric
from gradform.derive.pictured import plotting
from gradform.derive.pipeline import Question
from gradform.derive.products import typed
from gradform.derive.tasks import Part as OutputPart
from gradform.derive.tasks import value_part
from gradform.derive.written import WrittenShape, named_shapes, written_shape
from gradform.errors import InputError
from gradform.execute.backend import Compiled
from gradform.formula.tree import Call, Definition, Formula, Name, Neg, Number, Program
from gradform.functions.shapes import SCALAR
from gradform.language import say
from gradform.markup.rich import Rich
from gradform.notation.latex import to_latex
from gradform.notation.spelled import spell_latex, spell_unicode
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode
from gradform.syntax.declare import Declared
from gradform.syntax.elaborate import Elaborated
from gradform.syntax.parser import parse_formula

if TYPE_CHECKING:
    from gradform.minimize.result import Result
    from gradform.pictures.document import Picture

__all__ = ["Context", "Expression", "Operand", "expression_of", "parsed"]

Operand: TypeAlias = Union["Expression", int, float, Fraction]
# A longer formula is written with names for its shared parts.
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
                    say("'{name}' is declared in two different ways.", name=name), kind="redefined"
                )
        for name, tree in other.definitions.items():
            if self.definitions.get(name, tree) is not tree or name in self.variables:
                raise InputError(say("'{name}' is defined twice.", name=name), kind="redefined")
        return Context(
            {**self.variables, **other.variables}, {**self.definitions, **other.definitions}
        )


class Read(NamedTuple):
    """An expression that was read from text: what was asked, and what was found."""

    question: Question
    function: Elaborated


class Expression(Differentiable, Rich):
    """A function of scalars, vectors and matrices.

    ``str(f)`` and ``f.text`` are in the input language, ``f.unicode`` and ``f.latex`` for
    people. ``f(x=…)`` is the value (vectors 1-D, rows (1, n)), ``f.derivative("x")`` the
    derivative. Operators follow NumPy: ``*``, ``/`` and ``**`` act entry by entry, ``@`` is
    the matrix product, ``x[0]`` the first entry.
    """

    _shown_by = ("gradform.api.shown", "expression_card")

    __array_ufunc__ = None  # NumPy's operators leave expressions to this class
    __iter__ = None

    def __init__(self, part: Part, context: Context, read: Read | None = None) -> None:
        self.part = part
        self.context = context
        self._read = read

    # ------------------------------------------------------------ forms

    @cached_property
    def program(self) -> Program:
        """The formula with its intermediates."""
        if self._read is not None:
            return self._read.function.program
        definitions, body = self.context.definitions, self.part.tree
        if written_size((*definitions.values(), body)) <= _LONGEST_TEXT:
            named = tuple(Definition(name, tree) for name, tree in definitions.items())
            program = Program(named, body)
        else:
            program = named_parts(definitions, body, self._taken())
        return parse_formula(to_text(program))

    def _taken(self) -> set[str]:
        """Names that mean something in this expression."""
        shapes = [variable.shape for variable in self.context.variables.values()]
        sizes = {name for shape in shapes for axis in shape for name in axis.names}
        return {*self.context.variables, *sizes}

    @cached_property
    def text(self) -> str:
        """The formula in the input language."""
        return self.program.source.strip()

    @property
    def written(self) -> str:
        """The formula itself, its intermediates by name."""
        return to_text(self.part.tree)

    @cached_property
    def unicode(self) -> str:
        """The formula for a terminal."""
        known = named_shapes(self.elaborated)
        return to_unicode(self.program, spell=spell_unicode, shapes=known)

    @cached_property
    def latex(self) -> str:
        """The formula for a paper (amsmath)."""
        known = named_shapes(self.elaborated)
        return to_latex(self.program, spell=spell_latex, shapes=known)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<expression {self.text}>".replace("\n", "; ")

    # ------------------------------------------------------------ facts

    @cached_property
    def elaborated(self) -> Elaborated:
        """The formula with the shapes of all its parts; InputError where they do not fit."""
        return self._read.function if self._read is not None else typed(self.question())

    @property
    def shape(self) -> WrittenShape:
        """Symbolic shape: ``()``, ``("n",)``, ``(1, "n")`` for a row, ``("m", "n")``."""
        return written_shape(self.elaborated.value.shape)

    @property
    def shapes(self) -> dict[str, WrittenShape]:
        """The variables with their symbolic shapes."""
        return {name: written_shape(v.shape) for name, v in self.context.variables.items()}

    @property
    def structures(self) -> dict[str, tuple[str, ...]]:
        """What is assumed of the variables, by name."""
        variables = self.context.variables.items()
        return {name: tuple(sorted(v.structure)) for name, v in variables if v.structure}

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(self.context.variables)

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

    # ------------------------------------------------------------ values

    @cached_property
    def _code(self) -> Any:
        return numeric().value_code(self.elaborated, self.text)

    @property
    def numpy_source(self) -> str:
        """Self-contained Python: a function returning the value."""
        source: str = self._code.source
        return source

    def __call__(self, /, **arrays: Any) -> Any:
        """The value: numbers, 1-D vectors, rows (1, n), matrices.

        ArrayError when an array is missing or does not fit.
        """
        return self._code(**arrays)

    def value(self, **arrays: Any) -> Any:
        """The value, as calling gives it."""
        return self(**arrays)

    def tensor(self, **arrays: Any) -> Any:
        """The value as an array with one axis for a column or a row."""
        return numeric().value_tensor(self(**arrays), self.elaborated.value.shape)

    # ------------------------------------------------------------ pictures

    def plot(
        self,
        at: Any = None,
        over: Any = None,
        values: Mapping[str, Any] | None = None,
        **numbers: Any,
    ) -> Picture:
        """The function as a picture; see :meth:`Derivative.plot`.

        What has no value is plotted: one number, two numbers, or a vector of two entries.
        Where the function has no derivative that can be confirmed, it is plotted alone.
        """
        given = {**(values or {}), **numbers}
        plot = plotting().plot_function
        found: Picture = plot(self.question(), self.elaborated, given, at, over)
        return found

    # ------------------------------------------------------------ derivatives

    def question(self) -> Question:
        """What is asked of this expression, before a variable is named."""
        if self._read is not None:
            return self._read.question
        # All variables are declared; what is left to infer are sizes, as in gf.ones("k").
        return Question(
            self.program.source, (), shapes=self.shapes, assume=self.structures, infer=True
        )

    # ------------------------------------------------------------ code

    def compile(self, backend: str = "numpy", **options: Unpack[CompileOptions]) -> Compiled:
        """The function as a program; see :func:`gradform.compile`."""
        return compile_parts([self.as_part()], backend, **options)

    def source(self, language: str = "numpy", **options: Unpack[SourceOptions]) -> str:
        """Self-contained source of the function; see :func:`gradform.compile`."""
        return source_of_parts([self.as_part()], language, **options)

    def minimize(
        self,
        start: Mapping[str, Any],
        *,
        method: str = "auto",
        backend: str = "numpy",
        tolerance: float = 1e-8,
        max_iterations: int = 1000,
        bounds: Mapping[str, tuple[Any, Any]] | None = None,
        callback: Callable[[dict[str, Any], float], Any] | None = None,
        progress: bool | None = None,
        check: bool = True,
        **data: Any,
    ) -> Result:
        """The variables of ``start`` for which the function is least, all others given.

        method          "newton" (systems solved by the structure of the Hessian), "newton-cg"
                        (trust region, products with the Hessian), "l-bfgs", "smoothing" (for
                        kinks), or SciPy's "l-bfgs-b", "trust-ncg", "trust-krylov",
                        "trust-exact"; "auto" takes the one that fits
        tolerance       how short the gradient gets against that at the start (or against
                        |H| max(1, |x|) where the start was far), or against 1
        bounds          {"x": (low, high)}: numbers, arrays or None; a start outside is moved
                        inside
        callback        called with the variables and the value after each iteration; a true
                        answer stops the run
        progress        True writes a line on the standard error, None only on a terminal
        check           confirm the gradient by independent differences first
        data            not copied, as they may be large: arrays changed in place afterwards
                        change what ``resume()`` and the certificate are about

        The result has ``x``, ``value``, ``status``, ``certificate`` and ``resume()``. InputError
        and ArrayError for what is not well formed, CannotError for kinks that no method takes.
        """
        found: Result = _minimize()(
            self.question(),
            start,
            data,
            method=method,
            backend=backend,
            tolerance=tolerance,
            max_iterations=max_iterations,
            bounds=bounds,
            callback=callback,
            progress=progress,
            check=check,
        )
        return found

    def torch_function(
        self, *wrt: Target, dtype: str = "float64", check: bool = True
    ) -> Callable[..., Any]:
        """The function for PyTorch: its backward pass is our closed formula.

        ``wrt`` are the variables that it can be differentiated by, all where none is named.
        Called with tensors by name, or in the order of the variables; arrays and numbers
        become tensors of ``dtype`` where no tensor is among them. It can be differentiated in
        both modes, more than once, and mapped with ``torch.func.vmap``; ``torch.compile``
        makes one graph of it and of its gradient. Inside ``torch.compile`` PyTorch does not
        notice that a tensor is changed in place before the backward pass, and with
        ``backend="eager"`` it takes gradients for constants.

        Where a case is not taken and undefined there, as ``sqrt(x)`` in ``piecewise(x <= 0,
        x^2, sqrt(x))`` at -1, what PyTorch makes of our gradient is NaN; :meth:`hessian` is not.
        """
        return self._differentiable("torch", wrt, dtype, check)

    def jax_custom_vjp(
        self, *wrt: Target, dtype: str = "float64", check: bool = True
    ) -> Callable[..., Any]:
        """The function for JAX with our closed formula as its vector–Jacobian product.

        As :meth:`torch_function`, also where cases are undefined; it works under ``jit``,
        ``vmap`` and ``grad``.
        """
        return self._differentiable("jax", wrt, dtype, check)

    def _differentiable(
        self, library: str, wrt: Sequence[Target], dtype: str, check: bool
    ) -> Callable[..., Any]:
        return differentiable_function(self, self.as_part(), wrt, library, dtype=dtype, check=check)

    def as_part(self) -> OutputPart:
        """The value as an output of a program."""
        return value_part(self.elaborated, self.text)

    # ------------------------------------------------------------ building

    def named(self, name: str) -> Expression:
        """The expression as a named intermediate, kept in derivatives: ``name = …``."""
        check_name(name)
        if name in self.context.variables:
            raise InputError(say("'{name}' is a variable already.", name=name), kind="redefined")
        definitions = {**self.context.definitions, name: self.part.tree}
        context = Context(self.context.variables, definitions)
        return Expression(Part(Name(name), self.part.shape), context)

    @property
    def T(self) -> Expression:
        """The transpose."""
        return self._with(operators.transpose(self.part))

    def _with(self, part: Part) -> Expression:
        return Expression(part, self.context)

    def __getitem__(self, index: Index | tuple[Index, ...]) -> Expression:
        return self._with(entries(self.part, index))

    def __neg__(self) -> Expression:
        return self._with(operators.negative(self.part))

    def __pos__(self) -> Expression:
        return self

    def __abs__(self) -> Expression:
        return self._with(Part(Call("abs", (self.part.tree,)), self.part.shape))

    def __add__(self, other: Operand) -> Expression:
        return _joined(operators.plus, self, other)

    def __radd__(self, other: Operand) -> Expression:
        return _joined(operators.plus, other, self)

    def __sub__(self, other: Operand) -> Expression:
        return _joined(operators.minus, self, other)

    def __rsub__(self, other: Operand) -> Expression:
        return _joined(operators.minus, other, self)

    def __mul__(self, other: Operand) -> Expression:
        return _joined(operators.times, self, other)

    def __rmul__(self, other: Operand) -> Expression:
        return _joined(operators.times, other, self)

    def __truediv__(self, other: Operand) -> Expression:
        return _joined(operators.divide, self, other)

    def __rtruediv__(self, other: Operand) -> Expression:
        return _joined(operators.divide, other, self)

    def __pow__(self, other: Operand) -> Expression:
        return _joined(operators.power, self, other)

    def __rpow__(self, other: Operand) -> Expression:
        return _joined(operators.power, other, self)

    def __matmul__(self, other: Operand) -> Expression:
        return _joined(operators.matrix_product, self, other)

    def __rmatmul__(self, other: Operand) -> Expression:
        return _joined(operators.matrix_product, other, self)

    # Conditions, for gf.piecewise; == and != ask whether two expressions are the same one.

    def __lt__(self, other: Operand) -> Expression:
        return _joined(partial(operators.compare, "<"), self, other)

    def __le__(self, other: Operand) -> Expression:
        return _joined(partial(operators.compare, "<="), self, other)

    def __gt__(self, other: Operand) -> Expression:
        return _joined(partial(operators.compare, ">"), self, other)

    def __ge__(self, other: Operand) -> Expression:
        return _joined(partial(operators.compare, ">="), self, other)

    # ------------------------------------------------------------ identity

    def _key(self) -> tuple[object, ...]:
        return (self.text, *self.shapes.items(), *self.structures.items())

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Expression) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickle holds text and declarations."""
        return parsed, (self.question(),)


def parsed(question: Question) -> Expression:
    """The expression of a question's text or program. Raises InputError."""
    function = typed(question)
    variables = {
        name: Declared(name, variable.shape, variable.structure, variable.inferred)
        for name, variable in function.variables.items()
    }
    definitions = {each.name: each.value for each in function.program.definitions}
    part = Part(function.program.body, function.value.shape)
    return Expression(part, Context(variables, definitions), Read(question, function))


def _joined(rule: Callable[[Part, Part], Part], left: Operand, right: Operand) -> Expression:
    first, second = expression_of(left), expression_of(right)
    context = first.context.merged(second.context)
    return Expression(rule(first.part, second.part), context)


def _minimize() -> Any:
    """What runs the methods; it needs NumPy, which is loaded when it is asked for."""
    return import_module("gradform.minimize").minimize


def expression_of(operand: object) -> Expression:
    """A number as an expression; expressions as they are. InputError for anything else."""
    if isinstance(operand, Expression):
        return operand
    if isinstance(operand, bool) or not isinstance(operand, Real):
        raise InputError(
            say("{type} values cannot stand in a formula.", type=type(operand).__name__),
            kind="array",
            hint=say("declare a variable, gf.matrix('A', 'm', 'n'), and give the array afterwards"),
        )
    return Expression(Part(_literal(operand), SCALAR), Context({}, {}))


def _literal(number: Real) -> Formula:
    """A number as it is written; 0.1 is a tenth."""
    if isinstance(number, Rational):
        value = Fraction(int(number.numerator), int(number.denominator))
    elif math.isfinite(number):
        value = Fraction(repr(float(number)))
    else:
        raise InputError(
            say("{number} cannot stand in a formula.", number=number), kind="bad_number"
        )
    return Number(value) if value >= 0 else Neg(Number(-value))
