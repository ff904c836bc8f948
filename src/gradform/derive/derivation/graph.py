"""The graph of a derivative: steps as nodes, local derivatives on the edges, paths to follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice

from gradform.derive.derivation.chain import Edge, Path
from gradform.derive.derivation.chain_rule import fitting_chain
from gradform.derive.derivation.context import Context
from gradform.derive.derivation.intermediates import names_in
from gradform.derive.derivation.local import local_formula
from gradform.derive.derivation.math import Math, joined, plain, raised, written
from gradform.derive.derivation.paths import is_tall, oriented, product_of
from gradform.derive.pipeline import Question, Solution, solve
from gradform.derive.products import ProductQuestion
from gradform.derive.written import WrittenShape
from gradform.errors import CannotError, GradformError
from gradform.formula.tree import Formula, Name, Program
from gradform.language import say
from gradform.pictures.graph import Edge as Arrow
from gradform.pictures.graph import Graph, Node, Trail
from gradform.records import record, replaced

__all__ = ["DerivativeGraph", "PathOfGraph", "graph_of"]

MOST_PATHS = 24
"""So many paths can be followed; there may be more."""


@record
class PathOfGraph:
    """A path of the chain rule, as text: the product of its local derivatives."""

    text: str
    unicode: str
    latex: str


class DerivativeGraph(Graph):
    """The graph of a function: its steps and what they depend on.

    Solid nodes depend on the variable; their edges bear the local derivative in the layout.
    ``paths`` are those of the chain rule, of which ``svg(path=1)`` follows the first; their
    number is ``path_count``, which may be larger than that of those listed.
    """

    def __init__(self, drawn: _Drawn) -> None:
        super().__init__(drawn.nodes, drawn.arrows, drawn.trails, drawn.title)
        self.path_count = drawn.chain.path_count
        self.paths = tuple(
            PathOfGraph(*(math.to(notation) for notation in ("text", "unicode", "latex")))
            for math in drawn.captions
        )


def graph_of(solution: Solution) -> DerivativeGraph:
    """The graph of the function that was differentiated, for its first variable.

    Raises CannotError for products with a vector, which are no derivatives by a variable.
    """
    question = solution.question
    if isinstance(question, ProductQuestion):
        raise CannotError(
            say("A graph is drawn for derivatives, not for their products with a vector."),
            kind="unsupported",
        )
    return DerivativeGraph(_Drawn(_plain(solution, question)))


def _plain(solution: Solution, question: Question) -> Solution:
    """The first derivative by the whole variable."""
    target = solution.targets[0]
    whole = question.wrt[0] if target.selector is None else target.name
    if question.wrt == (whole,) and question.constraint is None:
        return solution
    return solve(replaced(question, wrt=(whole,), constraint=None))


class _Drawn:
    """Nodes, arrows and trails of one solution."""

    def __init__(self, solution: Solution) -> None:
        self.chain = fitting_chain(solution)
        self.context = Context(self.chain, solution)
        self.solution = solution

    @property
    def title(self) -> str:
        return " ".join(self.solution.function.program.source.split())

    # ------------------------------------------------------------ nodes

    @cached_property
    def nodes(self) -> list[Node]:
        """The variable, what else the steps are made of, and the steps."""
        chain = self.chain
        used = {name for step in chain.steps.values() for name in names_in(step.formula)}
        values = {each.name: each.value for each in chain.program.definitions}
        others = [*chain.function.variables, *chain.constants]
        found = [Node(chain.wrt, self._lines(chain.wrt, None), "variable")]
        found += [
            Node(name, self._lines(name, values.get(name)), "constant")
            for name in others
            if name in used and name != chain.wrt
        ]
        found += [
            Node(
                step.name,
                self._lines(step.name, step.formula),
                "output" if step.name == chain.output else "intermediate",
            )
            for step in chain.steps.values()
        ]
        return found

    def _lines(self, name: str, formula: Formula | None) -> tuple[str, ...]:
        told = self.context.name(name).to("unicode")
        if formula is not None:
            told = f"{told} = {written(formula, self.context.shapes).to('unicode')}"
        shape = _shape_told(self.chain.shapes[name])
        return (told, shape) if shape else (told,)

    # ------------------------------------------------------------ arrows

    @cached_property
    def _edges(self) -> dict[Edge, int]:
        """The edges of the chain with their places among the arrows."""
        return {edge: k for k, edge in enumerate(self.chain.edges.values())}

    @cached_property
    def arrows(self) -> list[Arrow]:
        found = [Arrow(e.child, e.parent.name, self._label(e)) for e in self._edges]
        active = {edge.child for edge in self._edges}
        constant = {node.key for node in self.nodes if node.kind == "constant"}
        found += [
            Arrow(name, step.name)
            for step in self.chain.steps.values()
            for name in sorted(names_in(step.formula) & constant - active)
        ]
        return found

    def _label(self, edge: Edge) -> str:
        """∂u₂/∂u₁ = Aᵀ; without the formula where there is none, or none that is confirmed."""
        left = self._quotient(edge).to("unicode")
        formula = self._local.get(edge)
        if formula is None:
            return left
        return f"{left} = {written(formula, self.context.shapes).to('unicode')}"

    def _quotient(self, edge: Edge) -> Math:
        """Of vectors where the formula is that of matrices stacked as vectors."""
        if not edge.solution.arrangement.vec:
            return self.context.local_quotient(edge)
        above, below = (self._stacked(name) for name in (edge.parent.name, edge.child))
        return Math(
            lambda notation: (
                rf"\frac{{\partial {above.to(notation)}}}{{\partial {below.to(notation)}}}"
                if notation == "latex"
                else f"∂{above.to(notation)}/∂{below.to(notation)}"
            )
        )

    def _stacked(self, name: str) -> Math:
        inner = self.context.name(name)
        if not self.chain.shape_of(name).is_matrix:
            return inner
        return joined([plain("vec(", r"\operatorname{vec}("), inner, plain(")")], "")

    @cached_property
    def _local(self) -> Mapping[Edge, Program]:
        """The local derivatives that can be written and are confirmed."""
        found = {}
        for edge in self._edges:
            try:
                formula = local_formula(edge)
                if formula is None or formula.definitions:
                    continue
                self.context.checks.derivative(edge.solution, formula)
            except GradformError:
                continue
            found[edge] = formula
        return found

    # ------------------------------------------------------------ paths

    @cached_property
    def _paths(self) -> Sequence[Path]:
        return list(islice(self.chain.paths(), MOST_PATHS)) if self.chain.path_count else []

    @property
    def trails(self) -> list[Trail]:
        return [
            Trail(tuple(self._edges[edge] for edge in path), caption.to("unicode"))
            for path, caption in zip(self._paths, self.captions, strict=True)
        ]

    @cached_property
    def captions(self) -> list[Math]:
        return [self._caption(path) for path in self._paths]

    def _caption(self, path: Path) -> Math:
        """∂u/∂x · ∂z/∂u = Aᵀ·2·u in the order of the layout; the names on the path where matrices
        don't multiply so."""
        if not self._multiplies:
            names = [self.chain.wrt, *(edge.parent.name for edge in reversed(path))]
            return joined([self.context.name(name) for name in names], " → ", r" \to ")
        tall = self._tall
        ordered = tuple(reversed(path)) if tall else path
        quotients = joined([self._factor(edge, tall) for edge in ordered], " · ", r" \cdot ")
        if any(edge not in self._local for edge in path):
            return quotients
        factors = [oriented(self._local[edge].body, edge, tall=tall) for edge in ordered]
        return joined([quotients, written(product_of(factors), self.context.shapes)], " = ")

    @property
    def _tall(self) -> bool:
        rank = len(self.chain.shape_of(self.chain.output).axes)
        return is_tall(self.solution.arrangement, rank)

    def _factor(self, edge: Edge, tall: bool) -> Math:
        """∂u/∂x, transposed where the product needs that."""
        found = self.context.local_quotient(edge)
        name = Name("x")
        return found if oriented(name, edge, tall=tall) is name else raised(found)

    @property
    def _multiplies(self) -> bool:
        """Whether all are numbers and vectors, so that local derivatives are factors."""
        names = (self.chain.wrt, *self.chain.steps)
        return all(len(self.chain.shape_of(name).axes) < 2 for name in names)


def _shape_told(shape: WrittenShape) -> str:
    return f"({', '.join(map(str, shape))})" if shape else ""
