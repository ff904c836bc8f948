"""The analysis: facts of all parts of a formula, from the leaves up, one rule for each."""

from __future__ import annotations

from gradform.formula.tree import Add, Call, Formula, Mul, Name, Neg, Power, Stack, Transpose
from gradform.language import Message
from gradform.nonsmooth.space.curvature.affine import of_affine, of_constant
from gradform.nonsmooth.space.curvature.arithmetic import all_of
from gradform.nonsmooth.space.curvature.calls import of_call
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.curvature.powers import of_hidden_norm, of_power
from gradform.nonsmooth.space.curvature.products import of_product
from gradform.nonsmooth.space.curvature.proof import lines_of
from gradform.nonsmooth.space.curvature.strengthening import strengthened
from gradform.nonsmooth.space.curvature.sums import of_sum
from gradform.nonsmooth.space.facts import Fact
from gradform.nonsmooth.space.question import SpaceQuestion
from gradform.nonsmooth.space.squares import hidden_norm
from gradform.records import replaced

__all__ = ["Analysis"]


class Analysis:
    """Facts of all parts of a question's formula; ``fact`` is that of the whole."""

    def __init__(self, question: SpaceQuestion) -> None:
        question.model  # noqa: B018  reads the formula
        self.parts = Parts(question)
        named = self.parts.named
        for variable in question.variables:
            named[variable.name] = of_affine(question.reader.names[variable.name], question.point)
        for name, model in question.params.items():
            named[name] = of_constant(model)
        for definition in question.program.definitions:
            named[definition.name] = self._of(definition.value)
        self.fact = self._of(question.program.body)

    @property
    def domains(self) -> list[Message]:
        """Where functions are meant that have values elsewhere, too."""
        return list(self.parts.domains)

    @property
    def is_piecewise_linear(self) -> bool:
        """Whether the form shows that: sums of kinks of affine functions."""
        return self.fact.linear_pieces

    def proof(self) -> list[Message]:
        """One line for each part that is not affine."""
        program = self.parts.question.program
        values = [definition.value for definition in program.definitions]
        return lines_of([*values, program.body], self.parts)

    def _of(self, root: Formula) -> Fact:
        """The fact of a part, iteratively."""
        facts = self.parts.facts
        stack: list[tuple[Formula, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in facts:
                continue
            if ready:
                facts[id(node)] = strengthened(node, _by_rules(node, self.parts), self.parts)
                continue
            stack.append((node, True))
            stack.extend((part, False) for part in self.parts.reader.parts(node))
        return facts[id(root)]


def _by_rules(node: Formula, parts: Parts) -> Fact:
    """What rules tell of a part, from the facts of its own parts."""
    hidden = hidden_norm(node, parts.reader)
    if hidden is not None:
        return of_hidden_norm(hidden, parts)
    model, facts = parts.model_if_read(node), parts.facts_in(node)
    if isinstance(node, Name) or (isinstance(node, Call) and node.name in parts.named):
        return _of_name(node, parts)
    if model is not None and all(fact.is_constant for fact in facts):
        return of_constant(model)
    match node:
        case Neg():
            return facts[0].turned()
        case Transpose():
            return replaced(facts[0], ridge=None, folded=None)  # the same entries
        case Stack():
            return all_of(facts)
        case Add():
            return of_sum(node, parts)
        case Mul():
            return of_product(node, parts)
        case Power():
            return of_power(node, parts)
        case Call():
            return of_call(node, parts)
    return of_constant(model) if model is not None else Fact()


def _of_name(node: Name | Call, parts: Parts) -> Fact:
    """A variable, parameter or definition, or entries of it."""
    fact = parts.named.get(node.name)
    model = parts.model_if_read(node)
    if fact is None:
        assert model is not None
        return of_constant(model)
    if isinstance(node, Name):
        return fact
    if fact.is_constant and model is not None:
        return of_constant(model)
    return replaced(fact, ridge=None, folded=None)
