"""How a form came about: the stages of simplification that changed it, by name."""

from __future__ import annotations

from gradform.ir.nodes import Node
from gradform.language import Message, say
from gradform.records import record

__all__ = [
    "BY_PLACE",
    "CANCELLED",
    "COMMON_FACTORS",
    "INVERSES_APART",
    "LIKE_TERMS",
    "MULTIPLIED_OUT",
    "NAMED",
    "OVER_ONE_DENOMINATOR",
    "Form",
    "History",
    "Stage",
]

LIKE_TERMS = say("collect like terms")
CANCELLED = say("cancel common factors")
MULTIPLIED_OUT = say("multiply out")
OVER_ONE_DENOMINATOR = say("put over a common denominator")
INVERSES_APART = say("(A·B)⁻¹ = B⁻¹·A⁻¹")
NAMED = say("use the names of softmax and logsumexp")
COMMON_FACTORS = say("take out common factors")
BY_PLACE = say("write block by block")

Stage = tuple[Message, Node]
"""What was done, and what came of it."""

History = tuple[Stage, ...]


@record(eq=False)
class Form:
    """A form of an expression, and the stages that changed it."""

    node: Node
    history: History = ()

    def then(self, done: Message, node: Node) -> Form:
        """The next form; the same one when nothing changed."""
        return self if node is self.node else Form(node, (*self.history, (done, node)))
