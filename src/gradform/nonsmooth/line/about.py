"""What answers about a function of one variable have in common."""

from __future__ import annotations

from gradform.markup.rich import Rich
from gradform.nonsmooth.line.question import LineQuestion

__all__ = ["AboutLine"]


class AboutLine(Rich):
    """An answer about a function of one variable."""

    def __init__(self, question: LineQuestion) -> None:
        self._question = question

    @property
    def function(self) -> str:
        """The function, as it was typed."""
        return self._question.source

    @property
    def variable(self) -> str:
        """Its variable."""
        return self._question.variable

    @property
    def variables(self) -> dict[str, tuple[int, ...]]:
        """The numbers in it, which have no axes."""
        return self._question.numbers
