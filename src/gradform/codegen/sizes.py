"""Sizes in generated code: how they are written, found and checked.

A dimension name is bound by the first variable that carries it alone; every other axis is
compared with what is known by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from gradform.codegen.names import Names
from gradform.codegen.text import Precedence, Text, bracketed
from gradform.functions.shapes import Shape
from gradform.ir.dims import Dim, dim

__all__ = ["ShapeChecks", "VariableLike", "size_text", "sizes_text"]


class VariableLike(Protocol):
    """A variable as the caller declares it."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> Shape: ...


def size_text(size: Dim, names: Mapping[str, str]) -> Text:
    """A dimension as a Python expression: ``n``, ``3``, ``m * n``, ``n - 1``."""
    if not size.terms:
        return Text("0", Precedence.ATOM)
    # Names first, numbers and what is subtracted last, as on paper.
    terms = sorted(size.terms, key=lambda term: (term[1] < 0, not term[0], term))
    pieces: list[str] = []
    for monomial, coefficient in terms:
        factors = [names[name] for name in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        sign = "-" if coefficient < 0 else "+" if pieces else ""
        pieces.append(f" {sign} " if pieces else sign)
        pieces.append(" * ".join(factors))
    if len(terms) > 1:
        return Text("".join(pieces), Precedence.SUM)
    monomial, coefficient = terms[0]
    if coefficient < 0:
        return Text("".join(pieces), Precedence.SIGN)
    single = len(monomial) + (coefficient != 1) == 1 or not monomial
    return Text("".join(pieces), Precedence.ATOM if single else Precedence.PRODUCT)


def sizes_text(axes: Sequence[Dim], names: Mapping[str, str]) -> str:
    """A shape: ``(m, n)``, ``(n,)``, ``()``."""
    inside = ", ".join(size_text(size, names).code for size in axes)
    return f"({inside},)" if len(axes) == 1 else f"({inside})"


class _Variable(NamedTuple):
    name: str
    axes: tuple[Dim, ...]
    is_row: bool


class ShapeChecks:
    """The statements at the start of a generated function.

    names        dimension name → identifier
    parameters   identifiers of sizes that no variable tells; the caller gives them
    """

    def __init__(
        self,
        variables: Sequence[VariableLike],
        identifiers: Mapping[str, str],
        names: Names,
        used: frozenset[str],
        least: Iterable[tuple[Dim, Dim]],
    ) -> None:
        self._variables = [
            _Variable(identifiers[v.name], v.shape.axes, v.shape.is_row) for v in variables
        ]
        self._least = list(least)
        everywhere = {name for v in self._variables for axis in v.axes for name in axis.names}
        every = sorted(everywhere | used | {n for pair in self._least for d in pair for n in d.names})
        self.names = {name: names.claim(name) for name in every}
        self._used = used
        self._bound: set[str] = set()
        self.parameters: list[str] = []
        self.lines: list[str] = []

    def write(self) -> None:
        raise NotImplementedError
