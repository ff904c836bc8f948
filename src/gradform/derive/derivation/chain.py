"""The chain of a function: its steps, what depends on what, and the paths in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from gradform.derive.derivation.intermediates import FINEST, GIVEN, WHOLE, names_in, steps_of
from gradform.derive.pipeline import Question, Solution, solve
from gradform.derive.written import WrittenShape, written_shape
from gradform.errors import GradformError
from gradform.formula.tree import Formula, Name, Program
from gradform.functions.shapes import Shape
from gradform.ir import build
from gradform.ir.definite import is_positive_definite
from gradform.ir.nodes import Node
from gradform.ir.sign import is_positive
from gradform.notation.text import to_text
from gradform.records import record
from gradform.syntax.elaborate import Elaborated, elaborate

__all__ = ["Chain", "Edge", "Path", "Step", "chain_of", "coarser", "shown"]

# The finest level with at most so many steps is taken; the last one whatever their number.
_ENOUGH = {FINEST: 4, FINEST + 1: 8, FINEST + 2: 16}
_OUTPUTS = ("z", "y", "f", "w", "loss")

_T = TypeVar("_T")
Path = tuple["Edge", ...]


@record(eq=False)
class Step:
    """``name = formula`` over variables and earlier steps; ``node`` over variables alone."""

    name: str
    formula: Formula
    shape: Shape
    node: Node


class Edge:
    """A step and something it depends on, with the derivative of the one by the other."""

    def __init__(self, parent: Step, child: str, question: Question) -> None:
        self.parent = parent
        self.child = child
        self.question = question

    @cached_property
    def solution(self) -> Solution:
        """The local derivative, an answer of the pipeline like any other."""
        return solve(self.question)

    @property
    def formula(self) -> Program | None:
        """The local derivative in the layout; None beyond matrix notation."""
        return self.solution.formula


class Chain:
    """A function of ``wrt`` as steps, the last of which is ``output``.

    ``steps`` are those that depend on the variable, in order; ``program`` computes them.
    """

    def __init__(
        self,
        function: Elaborated,
        wrt: str,
        asked: str,
        layout: str,
        level: int,
        output: str | None = None,
    ) -> None:
        self.function = function
        self.asked_output = output
        self.wrt, self.asked, self.layout = wrt, asked, layout
        self.level = level
        variables = function.variables.values()
        sizes = {name for v in variables for axis in v.shape.axes for name in axis.names}
        numbers = {v.name for v in variables if v.shape.is_scalar} | sizes
        self.taken = {*function.variables, *sizes}
        self.program = steps_of(function.program, wrt, level, self.taken, numbers)
        self.found = elaborate(
            self.program,
            declared=self._variable_shapes,
            assume=self._variable_structures,
            infer=False,
            plain={wrt},
        )
        self.output = self._output_name()

    # ------------------------------------------------------------ steps

    @cached_property
    def steps(self) -> dict[str, Step]:
        """The steps that depend on the variable, by name, and the output, which is the last."""
        values = {each.name: each.value for each in self.program.definitions}
        if not self._ends_in_definition:
            values[self.output] = self.program.body
        active = {self.wrt}
        steps: dict[str, Step] = {}
        for name, formula in values.items():
            if name != self.output and not names_in(formula) & active:
                continue
            typed = self.found.definitions.get(name, self.found.value)
            active.add(name)
            steps[name] = Step(name, formula, typed.shape, typed.node)
        return steps

    @property
    def _ends_in_definition(self) -> bool:
        body = self.program.body
        return isinstance(body, Name) and body.name in self.found.definitions

    def _output_name(self) -> str:
        body = self.program.body
        if isinstance(body, Name) and self._ends_in_definition:
            return body.name
        if self.asked_output is not None:
            return self.asked_output
        taken = {*self.taken, *self.found.definitions}
        return next((name for name in _OUTPUTS if name not in taken), "value")

    # ------------------------------------------------------------ shapes and structures

    @cached_property
    def _variable_shapes(self) -> dict[str, WrittenShape]:
        return {name: written_shape(v.shape) for name, v in self.function.variables.items()}

    @cached_property
    def _variable_structures(self) -> dict[str, list[str]]:
        variables = self.function.variables.items()
        return {name: sorted(v.structure) for name, v in variables if v.structure}

    @cached_property
    def constants(self) -> dict[str, Shape]:
        """Definitions that do not depend on the variable."""
        found = self.found.definitions.items()
        return {name: typed.shape for name, typed in found if name not in self.steps}

    @cached_property
    def shapes(self) -> dict[str, WrittenShape]:
        """Of variables, definitions and steps."""
        steps = {step.name: written_shape(step.shape) for step in self.steps.values()}
        constants = {name: written_shape(shape) for name, shape in self.constants.items()}
        return self._variable_shapes | constants | steps

    def shape_of(self, name: str) -> Shape:
        """The shape of a variable or a step."""
        step = self.steps.get(name)
        return step.shape if step is not None else self.function.variables[name].shape

    @cached_property
    def structures(self) -> dict[str, list[str]]:
        """What is known of variables and steps."""
        found = dict(self._variable_structures)
        for name, typed in self.found.definitions.items():
            words = _structure(typed.node)
            if words:
                found[name] = words
        return found

    # ------------------------------------------------------------ dependences

    @cached_property
    def edges(self) -> dict[tuple[str, str], Edge]:
        """By parent and child, in the order of the steps."""
        edges: dict[tuple[str, str], Edge] = {}
        names = [self.wrt, *self.steps]
        for step in self.steps.values():
            used = names_in(step.formula)
            for child in names[: names.index(step.name)]:
                if child in used:
                    edges[step.name, child] = Edge(step, child, self._local_question(step, child))
        return edges

    def _local_question(self, step: Step, child: str) -> Question:
        shapes = {name: shape for name, shape in self.shapes.items() if name != step.name}
        return Question(
            to_text(step.formula),
            (self.asked if child == self.wrt else child,),
            shapes,
            self.layout,
            {name: words for name, words in self.structures.items() if name in shapes},
            infer=False,
        )

    def children_of(self, name: str) -> list[str]:
        """What a step depends on, in order."""
        return [child for parent, child in self.edges if parent == name]

    def parents_of(self, name: str) -> list[str]:
        """The steps that use a step, in order."""
        return [parent for parent, child in self.edges if child == name]

    def below(self, name: str) -> set[str]:
        """Everything that a step depends on."""
        found: set[str] = set()
        pending = [name]
        while pending:
            for child in self.children_of(pending.pop()):
                if child not in found:
                    found.add(child)
                    pending.append(child)
        return found

    @cached_property
    def path_counts(self) -> dict[str, int]:
        """How many paths lead from the output to each step and to the variable."""
        counts = dict.fromkeys([self.wrt, *self.steps], 0)
        counts[self.output] = 1
        for name in reversed(self.steps):
            for child in self.children_of(name):
                counts[child] += counts[name]
        return counts

    @property
    def path_count(self) -> int:
        return self.path_counts[self.wrt]

    def paths(self) -> Iterator[Path]:
        """From the output to the variable, each as its edges from the top down."""
        pending: list[tuple[str, Path]] = [(self.output, ())]
        while pending:
            name, path = pending.pop()
            if name == self.wrt:
                yield path
                continue
            for child in reversed(self.children_of(name)):
                pending.append((child, (*path, self.edges[name, child])))


def _structure(node: Node) -> list[str]:
    """What the form of a step tells of it."""
    words = ["positive"] if is_positive(node) else []
    if is_positive_definite(node):
        return [*words, "spd"]
    return [*words, "symmetric"] if build.is_symmetric(node) else words


def chain_of(
    function: Elaborated,
    wrt: str,
    asked: str,
    layout: str,
    *,
    output: str | None = None,
    detail: bool = False,
) -> Chain:
    """The chain as a person would write it: in the user's own steps where there are any,
    else the finest that is short enough.

    ``output`` is the name of the value; by default z, or another that is free.
    """
    given = any(wrt in _variables_below(function, name) for name in function.definitions)
    if given and not detail:
        return Chain(function, wrt, asked, layout, GIVEN, output)
    for level, most in _ENOUGH.items():
        chain = Chain(function, wrt, asked, layout, level, output)
        if detail or len(chain.steps) <= most + 1:
            return chain
    return chain


def coarser(chain: Chain) -> Chain | None:
    """The same function in fewer steps."""
    levels: Mapping[int, int] = {level: level + 1 for level in range(FINEST, GIVEN)}
    level = levels.get(chain.level, WHOLE)
    if chain.level == WHOLE:
        return None
    given = chain.asked_output
    return Chain(chain.function, chain.wrt, chain.asked, chain.layout, level, given)


def shown(chain: Chain, write: Callable[[Chain], _T]) -> _T:
    """What ``write`` makes of the chain; where a step cannot be shown by itself, of the same
    function in fewer steps.

    Raises what it raises for the function as a whole.
    """
    while True:
        try:
            return write(chain)
        except GradformError:
            below = coarser(chain)
            if below is None:
                raise
            chain = below


def _variables_below(function: Elaborated, name: str) -> set[str]:
    """The names that a definition depends on."""
    values = {each.name: each.value for each in function.program.definitions}
    found: set[str] = set()
    pending = [name]
    while pending:
        each = pending.pop()
        for other in names_in(values[each]) if each in values else ():
            if other not in found:
                found.add(other)
                pending.append(other)
    return found
