"""What a method needs of a function, as expressions: value, gradients, Hessian and products."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from gradform.calculus import derivative, kept_sums, push
from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.task import Output
from gradform.derive.answer import Derivative, answer
from gradform.derive.pipeline import Question, with_structure
from gradform.derive.products import typed
from gradform.derive.tasks import Part
from gradform.errors import InputError
from gradform.functions.shapes import SCALAR, Shape
from gradform.ir.nodes import Apply, Node, Symbol, symbol, topological
from gradform.language import say
from gradform.minimize.smoothing import smoothed
from gradform.records import replaced
from gradform.rewrite.simplify import forms_for_code
from gradform.syntax.elaborate import Elaborated, Variable

__all__ = ["Formulas", "SMOOTHING"]

# Names that no formula of a user can have.
SMOOTHING = "smoothing_"
_DIRECTION = "direction_{}"


class Formulas:
    """A scalar function of the variables ``names``.

    ``check`` confirms the gradients by independent differences. With ``smooth`` the kinks
    are rounded off by a further parameter, ``SMOOTHING``.
    """

    def __init__(
        self, question: Question, names: Sequence[str], *, check: bool = True, smooth: bool = False
    ) -> None:
        self.question = question
        self.names = list(names)
        self.check = check
        self.smooth = smooth
        self.function: Elaborated = typed(question, tuple(names))
        if not self.function.value.shape.is_scalar:
            raise InputError(
                say("Only a scalar can be minimised; this expression is none."),
                kind="not_scalar",
                hint=say("sum(…), or another function of the entries, makes it one"),
            )

    # ------------------------------------------------------------ parts of programs

    @property
    def variables(self) -> dict[str, Variable]:
        """The variables of the programs."""
        found = dict(self.function.variables)
        if self.smooth:
            found[SMOOTHING] = _variable(SMOOTHING, SCALAR)
        return found

    @cached_property
    def _node(self) -> Node:
        node = self.function.value.node
        return smoothed(node, symbol(SMOOTHING, ())) if self.smooth else node

    @cached_property
    def needed(self) -> frozenset[str]:
        """The variables that occur."""
        nodes = topological(self.function.value.node)
        return frozenset(each.name for each in nodes if isinstance(each, Symbol))

    def value(self) -> Part:
        return self._part("value", self._structured(self._node), self.variables)

    @cached_property
    def derivatives(self) -> list[Derivative]:
        """The gradients as answers."""
        return [
            answer(replaced(self.question, wrt=(name,), layout="mixed"), check=self.check)
            for name in self.names
        ]

    def gradients(self) -> list[Part]:
        if not self.smooth:
            return [each.as_part() for each in self.derivatives]
        return [
            self._part(f"gradient{k}", self._structured(node), self.variables)
            for k, node in enumerate(self._gradient_nodes)
        ]

    @cached_property
    def _gradient_nodes(self) -> list[Node]:
        symbols = [self.function.variables[name].symbol for name in self.names]
        return [derivative(self._node, each) for each in symbols]

    def products(self) -> list[Part]:
        """The Hessian times a vector: the gradients along a direction of all variables."""
        tangents = {}
        variables = self.variables
        for name in self.names:
            variable = self.function.variables[name]
            moved = _variable(self.direction(name), variable.shape)
            variables[moved.name] = moved
            tangents[variable.symbol] = moved.symbol
        return [
            self._part(f"product{k}", self._structured(push(node, tangents)), variables)
            for k, node in enumerate(self._gradient_nodes)
        ]

    def hessian(self) -> Part:
        """The Hessian by the only variable."""
        (name,) = self.names
        variable = self.function.variables[name]
        node = self._structured(derivative(self._gradient_nodes[0], variable.symbol))
        part = self._part("hessian", node, self.variables)
        output = part.output._replace(split=len(variable.shape.axes), symmetric=True)
        return Part(output, part.variables, part.description, part.targets)

    def direction(self, name: str) -> str:
        """The parameter that holds the direction of a variable."""
        return _DIRECTION.format(name)

    # ------------------------------------------------------------ facts

    @cached_property
    def kinks(self) -> tuple[str, ...]:
        """Where the function has a value and no derivative."""
        needed = self.function.conditions
        return tuple(each.text for each in needed if each.smooth and not each.border)

    @cached_property
    def is_smoothable(self) -> bool:
        """Whether all kinks can be rounded off."""
        node = smoothed(self.function.value.node, symbol(SMOOTHING, ()))
        calls = [each for each in topological(node) if isinstance(each, Apply)]
        conditions = [each for call in calls for each in call.fn.conditions_of(call.args)]
        return not any(each.smooth and not each.border for each in conditions)

    # ------------------------------------------------------------ expressions

    def _structured(self, node: Node) -> Node:
        return with_structure(node, self.function)

    def _part(self, label: str, node: Node, variables: dict[str, Variable]) -> Part:
        kept = kept_sums(self._structured(self._node))
        first, *others = forms_for_code(node, kept)
        output = Output(label, first, Arrangement.neutral(node.rank), tuple(others))
        return Part(output, variables, f"{label} of the problem.", self.names)


def _variable(name: str, shape: Shape) -> Variable:
    return Variable(name, shape, frozenset(), False, symbol(name, shape.axes))
