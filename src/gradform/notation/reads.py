"""What the writers of one kind of expression ask of the reader."""

from __future__ import annotations

from typing import Protocol

from gradform.ir.dims import Dim
from gradform.ir.nodes import Node
from gradform.notation.matrix import Mat, Rank, Written
from gradform.notation.subsums import Parts

__all__ = ["Reads"]


class Reads(Protocol):
    """Reads expressions as written matrices, each once; ``parts`` are sums inside sums."""

    parts: Parts

    def read(self, root: Node) -> Mat:
        """The written form; Unreadable when matrix notation does not reach it."""
        ...

    def known(self, node: Node) -> Mat:
        """The written form, remembered."""
        ...

    def size(self, size: Dim) -> Written:
        """A dimension as a number."""
        ...

    def rank(self, written: Written) -> Rank:
        """Where a term or factor stands among others, for one order of equals."""
        ...

    def is_constant(self, written: Written) -> bool:
        """Whether a scalar is a size or pi, which stand before the variables: n*x."""
        ...
