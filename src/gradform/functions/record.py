"""The record of a mathematical function: every fact about it, in one place.

From a record come the parser's vocabulary, the shape rule, the derivative in both
modes, printing, generated code, the conditions of an answer, the reference page and the
tests. Adding a function is adding one ``define`` (elementwise), ``primitive`` (of vectors and
matrices) or ``composite`` (an expression over others) to a file of this folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from gradform.functions.shapes import SCALAR, Shape, ShapeRule, elementwise
from gradform.ir import build
from gradform.ir.dims import ONE, Dim
from gradform.ir.expr import Expr
from gradform.ir.laws import Network
from gradform.ir.nodes import Apply, Coefficient, Contraction, Node, Sum
from gradform.records import record

__all__ = [
    "Comparison",
    "Condition",
    "Function",
    "Typed",
    "all_functions",
    "composite",
    "define",
    "lookup",
    "primitive",
    "register",
]


class Typed(NamedTuple):
    """An argument: its tensor and the shape it was written with."""

    node: Node
    shape: Shape

    @property
    def e(self) -> Expr:
        return Expr(self.node)

    def labels(self, row: str, col: str) -> tuple[str, ...]:
        """Labels of the axes the tensor has: a column only ``row``, a scalar none."""
        sizes = zip((row, col), self.shape, strict=True)
        return tuple(label for label, size in sizes if size is not ONE)


class Comparison(NamedTuple):
    """A condition: ``difference operator 0``, operator one of ``< <= == != >= >``."""

    operator: str
    difference: Typed


class Condition(NamedTuple):
    """What must hold for value or derivative to exist.

    ``template`` is a formula over ``{0}``, ``{1}`` … with one comparison, such as
    ``"{0} > 0"`` or ``"det({0}) != 0"``; entrywise for vectors and matrices. ``smooth``
    marks a kink: the value exists there, the derivative may not. ``border`` marks one that is
    none: the border of the domain, which has a value, and towards which the slope is infinite.
    """

    template: str
    smooth: bool = False
    border: bool = False


Powers = list[tuple[Node, Coefficient]]
ProductLaw = Callable[[Apply, Coefficient, Node, Coefficient], "Powers | None"]
NetworkLaw = Callable[[Network, int], bool]
PowerLaw = Callable[[Apply, Coefficient], "Powers | None"]


@record(eq=False)
class Function:
    """A mathematical function.

    Names
      name, aliases   spellings in the input language
      parameters      per argument ``"expr"``, ``"dim"`` (a size), ``"axis"`` (1 or 2),
                      ``"int"`` (a literal) or ``"condition"`` (a comparison); a trailing
                      ``?`` makes it optional
      repeats         how many of the first parameters may come again, any number of times
      defaults        values of the optional ``expr`` arguments, last ones last
      arity_hint      what to write instead when the number of arguments is wrong
      formula         one line of mathematics for the reference page, with the source

    Value
      shape           shape rule
      sized           ``build`` and ``evaluate`` also get the result's shape: ``shape=``
      build           expression of the value; None: an application of the function itself
      elementwise     acts entry by entry; arguments have the axes of the value
      axes            other primitives: axes of the value, from the arguments' nodes
      of_scalar       value for a scalar argument, of a function of matrices
      exact           known values, such as cos(0) = 1
      parity          ``odd`` or ``even``: f(-x) = -f(x) or f(x)
      rewrite         normal form of an application: the nodes of the arguments to an
                      equal expression, or None
      product_laws    equations f(x)^p · other^q = …, of factors with equal labels
      power_law       equation f(x)^p = … for one factor, as ``(node, p)``
      network_law     equation with neighbours in a product: ``(network, position)`` to
                      whether it applied
      inverse_law     the same for the inverse of this function's value
      of_transpose    ``same``: f(X') = f(X)';  ``invariant``: f(X') = f(X)
      sign            ``positive``, ``nonnegative`` or None
      keeps_symmetry  a symmetric argument gives a symmetric value
      keeps_definite  a positive definite argument gives a positive definite value
      logarithm       log f(x) as an expression, where f(x) itself would over- or underflow
      complement      1 - f(x) as an expression, without cancellation
      from_factors    ``inverse``, ``determinant`` or ``logarithm`` (of its absolute value):
                      what of a matrix it is that a factorisation of the matrix tells
      needs_tall      the argument must have at least as many rows as columns
      takes_entries   the second argument counts entries of the first; there are as many
      needs_symmetric the argument must provably be symmetric
      along_axis      an application shown to people holds the axis as its order (0: none)

    Derivative
      partials        elementwise: ∂f/∂argument k as ``(x…, y) -> Expr``
      differential    others: dY as ``(args, Y, dargs) -> Expr``, linear in dargs
      primary         a primary matrix function: an application of order k is its k-th
                      Fréchet derivative, with axes (i, j, k1, l1, …)
      self_adjoint    a linear function that is its own transpose, of one matrix
      linear_map      name of the function that is linear in its last argument, a matrix: an
                      application of order 1 to the other arguments is its tensor, with axes
                      (value…, direction…), and its transpose that of transposed arguments
      conditions      where value and derivative exist
      conditions_for  the same, where it depends on the arguments: their number, an integer
      no_derivative   why the function has a derivative nowhere
      kinks           (place, slope on the left, slope on the right)
      rounded         ``(arguments…, μ)``: a smooth expression, convex and increasing where the
                      function is, that differs from it by at most a multiple of μ
      rounded_entry   ``(value, position, μ)``: the same for an entry of the value, which is a
                      vector; None where that entry is neither convex nor concave

    Knowledge
      definition      the value in the input language, over the arguments x, y, z: of
                      functions that are a composition of simpler ones
      elementary      entrywise, and not a composition of simpler ones
      curvature       ``convex``, ``concave`` or ``affine``, jointly in all arguments where
                      they have the structures ``convex_on``
      monotone        per argument ``increasing``, ``decreasing`` or None, entry by entry
      convex_on       per argument a structure of the input language, or None
      known_from      where curvature and monotonicity are proved

    Numbers
      evaluate        reference value with NumPy: ``(np, *arguments)``, arrays are 2-D (a
                      scalar is 1×1, so is the result), sizes and axes ints. It knows
                      nothing of the expressions
      analytic        ``evaluate`` takes complex arrays and is analytic there, so that a
                      complex step is a valid limit definition (kinks follow the real part)
      domain          what test points must satisfy, a structure of the input language
      arguments       sample argument lists, ``"X, 1"``; the names are those of
                      :mod:`gradform.functions.samples`

      chooses         takes one of its arguments; the others may be undefined there

    Spellings
      of_scalars      another function that is this one of scalars, and of several: a nested
                      application is written as one call of it
      latex, unicode  templates over ``{0}``, ``{1}``, one for each arity when there are
                      several; None: the name with parentheses
      spell           by language (``numpy``, ``jax``, ``torch``, ``c``, ``julia``, ``matlab``)
                      a template over ``{0}``, ``{1}``; ``scipy`` is another one for programs
                      that run on NumPy; in C over expressions of entries, with functions of
                      <math.h> named as for doubles; ``python`` is for floats, with
                      the module ``math``: it may raise where NumPy has no finite value
      stacks          by language, a template for arguments with a leading axis more, which
                      gives the value at each index of that axis
      helpers         by language, source of a function that generated code carries: it defines
                      one of the same name. For languages without a template; in C, of what
                      the template calls, always in double precision
    """

    name: str
    aliases: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ("expr",)
    repeats: int = 0
    defaults: tuple[Coefficient, ...] = ()
    arity_hint: str | None = None
    formula: str = ""
    shape: ShapeRule = elementwise
    sized: bool = False
    build: Callable[..., Any] | None = None
    elementwise: bool = False
    axes: Callable[..., tuple[Dim, ...]] | None = None
    of_scalar: Callable[[Expr], Expr] | None = None
    exact: Mapping[Coefficient, Coefficient] = MappingProxyType({})
    parity: str | None = None
    rewrite: Callable[..., Any] | None = None
    product_laws: tuple[ProductLaw, ...] = ()
    power_law: PowerLaw | None = None
    network_law: NetworkLaw | None = None
    inverse_law: NetworkLaw | None = None
    of_transpose: str | None = None
    sign: str | None = None
    keeps_symmetry: bool = False
    keeps_definite: bool = False
    logarithm: Callable[[Expr], Expr] | None = None
    complement: Callable[[Expr], Expr] | None = None
    from_factors: str | None = None
    needs_tall: bool = False
    takes_entries: bool = False
    needs_symmetric: bool = False
    along_axis: bool = False
    partials: tuple[Callable[..., Any], ...] = ()
    differential: Callable[..., Any] | None = None
    self_adjoint: bool = False
    primary: bool = False
    linear_map: str | None = None
    conditions: tuple[Condition, ...] = ()
    conditions_for: Callable[[Sequence[Any]], tuple[Condition, ...]] | None = None
    no_derivative: str | None = None
    definition: str | None = None
    elementary: bool = False
    curvature: str | None = None
    monotone: tuple[str | None, ...] = ()
    convex_on: tuple[str | None, ...] = ()
    known_from: str = ""
    kinks: tuple[tuple[float, float, float], ...] = ()
    rounded: Callable[..., Expr] | None = None
    rounded_entry: Callable[[Expr, Dim, Expr], Expr | None] | None = None
    evaluate: Callable[..., Any] | None = None
    analytic: bool = True
    chooses: bool = False
    domain: str | None = None
    arguments: tuple[str, ...] = ()
    of_scalars: str | None = None
    latex: str | tuple[str, ...] | None = None
    unicode: str | tuple[str, ...] | None = None
    spell: Mapping[str, str] = MappingProxyType({})
    stacks: Mapping[str, str] = MappingProxyType({})
    helpers: Mapping[str, str] = MappingProxyType({})

    @property
    def arity(self) -> tuple[int, int | None]:
        """The least and the largest number of arguments; None: there is no largest."""
        least = sum(not p.endswith("?") for p in self.parameters)
        return least, None if self.repeats else len(self.parameters)

    def accepts(self, count: int) -> bool:
        """Whether it takes so many arguments."""
        least, most = self.arity
        if most is not None:
            return least <= count <= most
        return count >= least and (count - least) % self.repeats == 0

    def monotone_in(self, k: int) -> str | None:
        """How the value changes with argument k; further ones are like the last."""
        return self.monotone[min(k, len(self.monotone) - 1)] if self.monotone else None

    def conditions_of(self, arguments: Sequence[Any]) -> tuple[Condition, ...]:
        """What must hold for the application to these arguments."""
        return self.conditions if self.conditions_for is None else self.conditions_for(arguments)

    def kinds(self, count: int) -> tuple[str, ...]:
        """What each of so many arguments is: ``expr``, ``dim`` …"""
        more = max(count - len(self.parameters), 0) // max(self.repeats, 1)
        given = self.parameters[: self.repeats] * more + self.parameters
        return tuple(parameter.removesuffix("?") for parameter in given[:count])

    @property
    def is_primitive(self) -> bool:
        """Whether expressions hold applications of the function itself."""
        return self.elementwise or self.axes is not None

    def __call__(self, *args: Expr) -> Expr:
        """The application of a primitive as an expression, for use in other records."""
        return Expr(self.apply(*(arg.node for arg in args)))

    def apply(self, *nodes: Node) -> Node:
        """The application of a primitive, in normal form; scalars broadcast."""
        if self.elementwise:
            axes = next((node.axes for node in nodes if node.rank), ())
            nodes = tuple(n if n.rank else build.broadcast(n, axes) for n in nodes)
            found: Expr | Node | None = self._of_number(nodes[0]) if len(nodes) == 1 else None
        else:
            found = self._of_scalar(nodes[0])
        if found is None and self.rewrite is not None:
            found = self.rewrite(*nodes)
        if found is not None:
            return found.node if isinstance(found, Expr) else found
        return build.apply(self, *nodes, axes=self.axes(*nodes) if self.axes else None)

    def _of_scalar(self, node: Node) -> Expr | None:
        return self.of_scalar(Expr(node)) if self.of_scalar and not node.rank else None

    def _of_number(self, node: Node) -> Node | None:
        """Known values and f(-x) = ±f(x)."""
        value = build.constant_value(node)
        if value is not None and value in self.exact:
            return build.constant(self.exact[value], node.axes)
        if self.parity is None or not _is_negated(node):
            return None
        return build.scale(-1 if self.parity == "odd" else 1, self.apply(build.scale(-1, node)))

    def value(self, args: Sequence[Any], shape: Shape | None = None) -> Node:
        """The expression for typed arguments (``Typed``, ``Dim`` or int as parameters say).

        ``shape`` is the resolved shape of the value; only ``sized`` functions look at it.
        """
        kinds = self.kinds(len(args))
        given = [*map(self._typed, kinds, args), *self._missing(len(args))]
        if self.build is None:
            return self.apply(*(arg.node for arg in given))
        result = self.build(*given, shape=shape) if self.sized else self.build(*given)
        return result.node if isinstance(result, Expr) else result

    def _typed(self, parameter: str, arg: Any) -> Any:
        literal = parameter == "int"
        return Typed(build.constant(arg), SCALAR) if literal else arg

    def defaults_for(self, given: int) -> tuple[Coefficient, ...]:
        """The values of the arguments that are left out when so many are given."""
        first = len(self.parameters) - len(self.defaults)
        return self.defaults[max(given - first, 0) :]

    def _missing(self, given: int) -> list[Typed]:
        return [Typed(build.constant(value), SCALAR) for value in self.defaults_for(given)]

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickle holds the name. Raises TypeError for a function that is not entered."""
        if _registry.get(self.name) is not self:
            raise TypeError(f"the function {self.name} cannot be pickled: it has no record")
        return registered, (self.name,)

    def partial(self, k: int, node: Apply) -> Node:
        """∂f/∂argument k, entrywise, at an application."""
        result = self.partials[k](*(Expr(arg) for arg in node.args), Expr(node))
        if isinstance(result, Expr):
            return result.node
        return build.constant(result, node.axes)


def _is_negated(node: Node) -> bool:
    """-t: a product with a negative number, or a sum of such terms only."""
    match node:
        case Contraction():
            return node.coefficient < 0
        case Sum():
            return all(coefficient < 0 for coefficient, _ in node.terms)
    return False


_registry: dict[str, Function] = {}
_spellings: dict[str, Function] = {}


def register(function: Function) -> Function:
    """Enter a record; its names must be new."""
    for name in (function.name, *function.aliases):
        assert name not in _spellings, f"two records are called {name}"
        _spellings[name] = function
    _registry[function.name] = function
    return function


def define(name: str, **facts: Any) -> Function:
    """An elementwise function: ``define("tanh", d=lambda x, y: 1 - y**2, …)``.

    ``d`` is the derivative, one callable or one per argument.
    """
    d = facts.pop("d", ())
    partials = d if isinstance(d, tuple) else (d,)
    facts.setdefault("parameters", ("expr",) * max(len(partials), 1))
    facts.setdefault("arguments", (", ".join("xy"[: len(partials)]),))
    return register(Function(name=name, elementwise=True, partials=partials, **facts))


def primitive(name: str, **facts: Any) -> Function:
    """A function of whole vectors or matrices that expressions hold as such."""
    facts.setdefault("arguments", ("X",))
    return register(Function(name=name, **facts))


def composite(name: str, **facts: Any) -> Function:
    """A function that is an expression over others, so it has no derivative of its own."""
    facts.setdefault("arguments", ("X", "x"))
    return register(Function(name=name, **facts))


def registered(name: str) -> Function:
    """The record with a name. Raises KeyError."""
    return _registry[name]


def lookup(name: str) -> Function | None:
    """The record for a spelling, or None."""
    return _spellings.get(name)


def all_functions() -> tuple[Function, ...]:
    """All records in order of registration."""
    return tuple(_registry.values())
