"""What notebooks ask of an object: LaTeX, HTML, and all forms by media type."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from gradform.markup.contents import Card

__all__ = ["Rich"]


class Rich:
    """An answer that shows itself in a notebook. Its HTML is written when it is asked for."""

    __slots__ = ()

    # The module and the function that make the card; not needed before a notebook asks.
    _shown_by: ClassVar[tuple[str, str]]

    @property
    @abstractmethod
    def latex(self) -> str:
        """The answer as LaTeX."""

    def _card(self) -> Card:
        """What is shown as HTML."""
        module, function = self._shown_by
        card: Card = getattr(import_module(module), function)(self)
        return card

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def _repr_html_(self) -> str:
        html: str = import_module("gradform.markup.card").to_html(self._card())
        return html

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """The forms by media type: those to include, all but those to exclude."""
        forms = {
            "text/plain": self.__repr__,
            "text/latex": self._repr_latex_,
            "text/html": self._repr_html_,
        }
        return {
            kind: form()
            for kind, form in forms.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }
