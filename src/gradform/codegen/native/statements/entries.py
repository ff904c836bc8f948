"""Entries of arrays as C expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gradform.codegen.native.definitions.arrays import (
    Array,
    Arrays,
    Combination,
    Filled,
    Formula,
    Monomial,
    Move,
)
from gradform.codegen.native.definitions.index import Index, applied
from gradform.codegen.native.definitions.numbers import literal
from gradform.codegen.native.storage.memory import Place

__all__ = ["Entries", "combined", "raised"]

_ARGUMENT = re.compile(r"\{(\d+)\}")
_NUMBER = re.compile(r"(?<![\w.])\d+\.\d*(?:[eE][-+]?\d+)?")
_NO_LETTER = re.compile(r"\W")
_HALVES = (1.5, 2.5, 3.5)
ZERO = literal(0.0)
_CHAIN = 8  # powers up to here are products


class Entries:
    """Writes entries; ``places`` has the arrays that are in memory."""

    def __init__(self, arrays: Arrays, places: Mapping[int, Place]) -> None:
        self.arrays = arrays
        self.places = places
        self.helpers: dict[Formula, str] = {}
        # Where entries of arrays in memory have been copied to, for a while.
        self.staged: dict[tuple[int, tuple[Index, ...]], str] = {}

    @property
    def functions(self) -> list[str]:
        """C functions that the expressions call."""
        return [_function(name, formula) for formula, name in self.helpers.items()]

    def entry(self, array: int, indices: Sequence[Index]) -> str:
        """The entry as it is in memory, or the expression for it."""
        place = self.places.get(array)
        if place is not None:
            return self.staged.get((array, tuple(indices))) or place.entry(indices)
        return self.defined(array, indices)

    def defined(self, array: int, indices: Sequence[Index]) -> str:
        """The expression that defines an entry."""
        definition = self.arrays[array]
        match definition.kind:
            case Filled(value):
                return literal(value)
            case Move() as move:
                return self._moved(definition, move, indices)
            case Combination(coefficients):
                return combined(coefficients, self._arguments(definition, indices))
            case Monomial(coefficient, powers):
                return _product(coefficient, powers, self._arguments(definition, indices))
            case Formula() as formula:
                return self.call(formula, self._arguments(definition, indices))
            case kind:
                raise AssertionError(f"{kind} is no expression")

    def _arguments(self, definition: Array, indices: Sequence[Index]) -> list[str]:
        """Entries with the same indices; numbers have none."""
        return [
            self.entry(a, indices if self.arrays[a].shape else ()) for a in definition.arguments
        ]

    def call(self, formula: Formula, arguments: Sequence[str]) -> str:
        """The template filled in; a function where it mentions an argument more than once, or
        takes one of several.

        Arguments of a function are there before it chooses. What is read from memory only where
        it is chosen, GCC 12 mixes up in loops that it computes several rounds of at once.
        """
        mentioned = _ARGUMENT.findall(formula.template)
        if len(set(mentioned)) == len(mentioned) and "?" not in formula.template:
            return f"({_filled(formula.template, [f'({each})' for each in arguments])})"
        name = self.helpers.setdefault(formula, f"gf_of_{_NO_LETTER.sub('_', formula.name)}")
        return f"{name}({', '.join(arguments)})"

    def _moved(self, definition: Array, move: Move, indices: Sequence[Index]) -> str:
        tests: list[str] = []
        for forms, operator in ((move.equal, "=="), (move.least, ">=")):
            for form in forms:
                index = applied(form, indices)
                if index.terms:
                    tests.append(f"{index.text} {operator} 0")
                elif index.constant < 0 or (operator == "==" and index.constant):
                    return literal(0.0)
        (argument,) = definition.arguments
        inner = self.entry(argument, [applied(index, indices) for index in move.indices])
        return f"({' && '.join(tests)} ? {inner} : {literal(0.0)})" if tests else inner

    def loads(
        self, array: int, indices: Sequence[Index], *, defined: bool = False
    ) -> Iterator[tuple[int, tuple[Index, ...]]]:
        """The arrays in memory that an entry reads, with the indices."""
        if array in self.places and not defined:
            yield array, tuple(indices)
            return
        definition = self.arrays[array]
        if isinstance(definition.kind, Move):
            inner = [applied(index, indices) for index in definition.kind.indices]
            yield from self.loads(definition.arguments[0], inner)
            return
        for argument in definition.arguments:
            yield from self.loads(argument, indices if self.arrays[argument].shape else ())


def combined(coefficients: Sequence[float], arguments: Sequence[str]) -> str:
    """``Σ coefficient · argument``; what is known to be 0 is left out."""
    code = ""
    for coefficient, argument in zip(coefficients, arguments, strict=True):
        if argument == ZERO:
            continue
        size = abs(coefficient)
        term = argument if size == 1 else f"{literal(size)} * {argument}"
        if code:
            code += f" - {term}" if coefficient < 0 else f" + {term}"
        else:
            code = f"-{term}" if coefficient < 0 else term
    return f"({code})" if code else ZERO


def _product(coefficient: float, powers: Sequence[float], arguments: Sequence[str]) -> str:
    above: list[str] = []
    below: list[str] = []
    for power, argument in zip(powers, arguments, strict=True):
        (above if power > 0 else below).append(raised(argument, abs(power)))
    if abs(coefficient) != 1 or not above:
        above.insert(0, literal(abs(coefficient)))
    code = " * ".join(above)
    if below:
        code += f" / ({' * '.join(below)})"
    return f"(-({code}))" if coefficient < 0 else f"({code})"


def raised(argument: str, power: float) -> str:
    """A positive power."""
    if power == 1:
        return argument
    if power == 0.5:
        return f"sqrt({argument})"
    if power == int(power) and power <= _CHAIN:
        return f"gf_power{int(power)}({argument})"
    if power in _HALVES:
        return f"gf_root{int(2 * power)}({argument})"
    return f"pow({argument}, {literal(power)})"


def _filled(template: str, arguments: Sequence[str]) -> str:
    """The template with its arguments, numbers being of the type that is computed with."""
    typed = _NUMBER.sub(lambda found: f"((R){found.group()})", template)
    return _ARGUMENT.sub(lambda found: arguments[int(found.group(1))], typed)


def _function(name: str, formula: Formula) -> str:
    count = 1 + max(map(int, _ARGUMENT.findall(formula.template)))
    names = [f"x{k}" for k in range(count)]
    parameters = ", ".join(f"R {each}" for each in names)
    return (
        f"static inline R {name}({parameters})\n"
        f"{{\n    return {_filled(formula.template, names)};\n}}\n"
    )
