"""Sample calls of a function and what gradform answers about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import gradform as gf
from gradform.functions.record import Function
from gradform.functions.samples import SAMPLES
from gradform.functions.shapes import elementwise

__all__ = ["Sample", "is_entrywise", "sample_calls"]

# Positions that have a derivative wherever the function needs them are told by its conditions.
_NEEDED = frozenset({"symmetric", "spd", "simplex"})


class Sample(NamedTuple):
    """A call with the shapes and structures of its variables."""

    call: str
    shapes: dict[str, tuple[str, ...]]
    assume: dict[str, str]

    @property
    def is_of_numbers(self) -> bool:
        return not any(self.shapes.values())

    def derivatives(self) -> Iterator[tuple[str, gf.Derivative]]:
        """By each variable, confirmed; variables without an answer are left out."""
        for name in self.shapes:
            try:
                yield (
                    name,
                    gf.derivative(self.call, name, shapes=self.shapes, assume=self.assume),
                )
            except gf.CannotError:
                continue

    def parsed(self) -> gf.Expression:
        """The call as an expression."""
        return gf.parse(self.call, shapes=self.shapes, assume=self.assume)


def is_entrywise(record: Function) -> bool:
    """Whether the function of a vector is that of each entry."""
    return record.shape is elementwise


def sample_calls(record: Function) -> list[Sample]:
    """The record's samples, of numbers for what acts entry by entry, else of arrays.

    What is not interesting is left out: further calls with as many numbers, and numbers for
    functions of arrays.
    """
    if is_entrywise(record):
        found = {text.count(","): _sample(record, text, numbers=True) for text in _texts(record)}
        return list(found.values())
    samples = [_sample(record, text) for text in record.arguments]
    return [sample for sample in samples if not sample.is_of_numbers] or samples


def _texts(record: Function) -> list[str]:
    """The samples backwards: of those that differ in shapes only, the first is kept."""
    return list(reversed(record.arguments))


def _sample(record: Function, text: str, *, numbers: bool = False) -> Sample:
    words = [word.strip() for word in text.split(",") if word.strip()]
    kinds = record.kinds(len(words))
    read = [word for word, kind in zip(words, kinds, strict=True) if kind in ("expr", "condition")]
    names = dict.fromkeys(part for word in read for part in word.split() if part in SAMPLES)
    structures = {name: SAMPLES[name].structure for name in names}
    return Sample(
        f"{record.name}({text})",
        {name: () if numbers else SAMPLES[name].shape for name in names},
        {name: s for name, s in structures.items() if s in _NEEDED and not numbers},
    )
