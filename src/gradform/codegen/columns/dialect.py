"""What MATLAB and Julia call differently."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from gradform.codegen.text.arithmetic import Signs
from gradform.codegen.text.pieces import Numerals, Text, call_text

__all__ = ["Dialect"]


class Dialect(ABC):
    """The spelling of a language.

    language    key of the language in function records
    title       the language's name
    comment     what a comment starts with
    signs       operators of arrays, entry by entry; of numbers they are plain
    helpers     functions that source carries when it needs them, by name
    constants   expressions for π, γ and ∞
    reserved    names that source uses
    indexed     an expression in brackets may be indexed
    trace       the sum of the diagonal
    """

    language: str
    title: str
    comment: str
    signs: Signs
    helpers: Mapping[str, str]
    constants: Mapping[str, str]
    reserved: frozenset[str]
    numerals: Numerals
    indexed = True
    trace = "trace"

    # ------------------------------------------------------------ functions of entries

    def template(self, template: str, has_axes: bool) -> str:
        """A record's template, written for arrays, for arrays or for numbers."""
        return template

    def entrywise(self, function: str, has_axes: bool) -> str:
        """The name that a function of numbers is called by, for arrays or numbers."""
        return function

    @abstractmethod
    def power(self, base: str, exponent: str, has_axes: bool, whole: bool) -> str:
        """A power; ``whole`` says that the exponent is a whole number."""

    @abstractmethod
    def square_root(self, code: str, has_axes: bool) -> str: ...

    # ------------------------------------------------------------ arrays made of sizes

    @abstractmethod
    def filled(self, sizes: Sequence[str], number: str) -> Text:
        """A number everywhere."""

    @abstractmethod
    def identity(self, rows: str, columns: str, offset: str) -> Text:
        """Ones where column = row + offset."""

    # ------------------------------------------------------------ axes

    @abstractmethod
    def aligned(self, code: str, sizes: Sequence[str], rank: int) -> str:
        """An array with so many axes more in front, of size one."""

    @abstractmethod
    def concatenated(self, codes: Sequence[str], axis: int, *, numbers: bool) -> Text:
        """Arrays one after the other along an axis; ``numbers``: a vector of numbers alone."""

    @abstractmethod
    def permuted(self, code: str, order: Sequence[int | None], rank: int) -> str:
        """Axis k of the result is axis ``order[k]``, or a new one, of an array of a rank."""

    @abstractmethod
    def reshaped(self, code: str, sizes: Sequence[str], rank: int) -> Text:
        """The same entries read row by row."""

    @abstractmethod
    def taken(self, code: str, picks: Sequence[str], kept: int, sizes: Sequence[str]) -> Text:
        """What is picked: an index, a range or ``:`` for each axis; ``kept`` axes stay."""

    @abstractmethod
    def reduced(
        self, function: str, code: str, axes: Sequence[int], rank: int, left: Sequence[str]
    ) -> Text:
        """A function along axes, which go away; ``left`` are the sizes of the others."""

    @abstractmethod
    def total(self, code: str) -> Text:
        """The sum of all entries."""

    @abstractmethod
    def diagonal_matrix(self, code: str) -> Text: ...

    @abstractmethod
    def cumulated(self, code: str, axis: int, rank: int, *, backwards: bool) -> Text: ...

    @abstractmethod
    def softmax(self, code: str, axes: Sequence[int], rank: int) -> Text: ...

    @abstractmethod
    def solution(self, matrix: Text, right: Text) -> Text: ...

    # ------------------------------------------------------------ helpers

    def carried(self, code: str) -> list[str]:
        """Sources of the helpers that code calls, and of those that they call."""
        called: set[str] = set()
        pending = [code]
        while pending:
            text = pending.pop()
            for name in self.helpers.keys() - called:
                if re.search(rf"(?<!\w){name}\b", text):
                    called.add(name)
                    pending.append(self.helpers[name])
        return [source for name, source in self.helpers.items() if name in called]

    def call(self, function: str, *arguments: str) -> Text:
        return call_text(function, *arguments)
