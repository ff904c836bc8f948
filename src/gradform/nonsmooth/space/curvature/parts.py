"""What rules read: facts and values of the parts of a formula."""

from __future__ import annotations

from gradform.formula.tree import Formula
from gradform.language import Message
from gradform.nonsmooth.space.facts import Fact
from gradform.nonsmooth.space.model import Model
from gradform.nonsmooth.space.question import SpaceQuestion

__all__ = ["Parts"]


class Parts:
    """The parts of a question's formula, with their values at the point and the facts so far.

    ``named``    facts of variables, parameters and definitions
    ``domains``  where functions are meant that have values elsewhere, too
    """

    def __init__(self, question: SpaceQuestion) -> None:
        self.question = question
        self.reader = question.reader
        self.facts: dict[int, Fact] = {}
        self.named: dict[str, Fact] = {}
        self.domains: dict[Message, None] = {}

    def fact(self, node: Formula) -> Fact:
        return self.facts[id(node)]

    def facts_in(self, node: Formula) -> list[Fact]:
        """Of the parts that a part is made of."""
        return [self.fact(part) for part in self.reader.parts(node)]

    def model(self, node: Formula) -> Model:
        return self.reader.known[id(node)]

    def models_in(self, node: Formula) -> list[Model]:
        """Of the parts that a part is made of."""
        return [self.model(part) for part in self.reader.parts(node)]

    def model_if_read(self, node: Formula) -> Model | None:
        return self.reader.known.get(id(node))
