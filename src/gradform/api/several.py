"""The derivatives of one function by several variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gradform.derive.answer import Derivative
from gradform.markup.rich import Rich

__all__ = ["Derivatives"]


class Derivatives(Mapping[str, Derivative], Rich):
    """Derivatives by variable, in the order in which these were given."""

    _shown_by = ("gradform.api.shown", "derivatives_card")

    def __init__(self, by_variable: Mapping[str, Derivative]) -> None:
        self._by_variable = dict(by_variable)

    def __getitem__(self, variable: str) -> Derivative:
        return self._by_variable[variable]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_variable)

    def __len__(self) -> int:
        return len(self._by_variable)

    def __str__(self) -> str:
        return "\n".join(f"{name}: {derivative}" for name, derivative in self.items())

    def __repr__(self) -> str:
        return f"<derivatives by {', '.join(self)}>"

    def __hash__(self) -> int:
        return hash(tuple(self.items()))

    @property
    def latex(self) -> str:
        """One equation below the other, for a paper."""
        rows = r" \\ ".join(f"{each.quotient_latex} &= {each.latex}" for each in self.values())
        return rf"\begin{{aligned}} {rows} \end{{aligned}}"

    def to_layout(self, layout: str) -> Derivatives:
        """The same derivatives in another layout."""
        return Derivatives({name: each.to_layout(layout) for name, each in self.items()})

    def to_dict(self) -> dict[str, Any]:
        """Every field of every derivative, of plain types."""
        return {name: each.to_dict() for name, each in self.items()}
