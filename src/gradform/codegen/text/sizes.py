"""Sizes in generated code: how they are written, found and checked.

A dimension name is bound by the first variable that carries it alone; every other axis is
compared with what is known by then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from gradform.codegen.telling import Telling, tellings
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import LINE_LENGTH, Precedence, Text
from gradform.functions.shapes import Shape
from gradform.ir.dims import ONE, Dim

__all__ = [
    "Conversion",
    "Leading",
    "ShapeChecks",
    "VariableLike",
    "size_text",
    "sizes_text",
    "solved_text",
]


class Conversion(Protocol):
    """How a library makes an array of a parameter and shows a shape."""

    def converted(self, name: str) -> list[str]: ...
    def shape_shown(self, name: str) -> str: ...


class VariableLike(Protocol):
    """A variable as the caller declares it."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> Shape: ...


class Leading(NamedTuple):
    """A further axis that some variables have in front: which ones, and its length."""

    names: Collection[str]
    size: Dim


def size_text(size: Dim, names: Mapping[str, str]) -> Text:
    """A dimension as a Python expression: ``n``, ``3``, ``m * n``, ``n - 1``."""
    if not size.terms:
        return Text("0", Precedence.ATOM)
    # Names first, numbers and what is subtracted last, as on paper.
    terms = sorted(size.terms, key=lambda term: (term[1] < 0, not term[0], term))
    code = ""
    for monomial, coefficient in terms:
        factors = [names[name] for name in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        sign = "-" if coefficient < 0 else "+"
        if code:
            code += f" {sign} "
        elif coefficient < 0:
            code = sign
        code += " * ".join(factors)
    if len(terms) > 1:
        return Text(code, Precedence.SUM)
    if terms[0][1] < 0:
        return Text(code, Precedence.SIGN)
    return Text(code, Precedence.PRODUCT if " * " in code else Precedence.ATOM)


def sizes_text(axes: Sequence[Dim], names: Mapping[str, str]) -> str:
    """A shape: ``(m, n)``, ``(n,)``, ``()``."""
    inside = ", ".join(size_text(size, names).code for size in axes)
    return f"({inside},)" if len(axes) == 1 else f"({inside})"


def solved_text(telling: Telling, length: str, names: Mapping[str, str], division: str) -> str:
    """The size that an axis of a ``length`` tells; ``division`` is that of whole numbers."""
    offset = size_text(telling.rest * -1, names).code
    if telling.rest.terms:
        length += f" - {offset[1:]}" if offset.startswith("-") else f" + {offset}"
    return length if telling.coefficient == 1 else division.format(length, telling.coefficient)


class _Variable(NamedTuple):
    """``axes`` begin with the ``leading`` one, where there is one."""

    name: str
    axes: tuple[Dim, ...]
    is_row: bool
    leading: tuple[Dim, ...]

    @staticmethod
    def of(variable: VariableLike, name: str, batch: Leading | None) -> _Variable:
        stacked = batch is not None and variable.name in batch.names
        leading = (batch.size,) if batch is not None and stacked else ()
        shape = variable.shape
        return _Variable(name, (*leading, *shape.axes), shape.is_row, leading)

    @property
    def names(self) -> set[str]:
        return {name for axis in self.axes for name in axis.names}

    @property
    def shape(self) -> str:
        """The shape for people. A row may be a matrix or not."""
        own = {name: name for name in self.names}
        if not self.is_row:
            return sizes_text(self.axes, own)
        row = sizes_text((*self.leading, ONE, self.axes[-1]), own)
        return f"{row} or {sizes_text(self.axes, own)}"

    @property
    def hidden(self) -> set[str]:
        """Names that no axis is called."""
        return self.names - {axis.name for axis in self.axes if axis.is_name}


class ShapeChecks:
    """The statements with which a generated function starts.

    names        dimension name → identifier
    parameters   identifiers of sizes that no variable tells, so the caller has to
    lines        conversion of the variables, checks, sizes
    sizes        of these those that give names to the sizes of the program
    """

    def __init__(
        self,
        variables: Sequence[VariableLike],
        identifiers: Mapping[str, str],
        names: Names,
        used: Iterable[str],
        least: Sequence[tuple[Dim, Dim]],
        conversion: Conversion,
        asked: Collection[str] = (),
        batch: Leading | None = None,
    ) -> None:
        """``used``: size names of the program; ``least``: (size, what it must not fall below).

        ``asked``: sizes that are parameters in any case.
        """
        given = [_Variable.of(each, identifiers[each.name], batch) for each in variables]
        self._conversion = conversion
        self._used = set(used).union(asked, *(side.names for pair in least for side in pair))
        every = self._used.union(*(variable.names for variable in given))
        self.names = {name: names.claim(name) for name in sorted(every)}
        self._bound: set[str] = set()
        self.parameters: list[str] = []
        self.lines: list[str] = []
        self.sizes: list[str] = []
        self._ask_for(set(asked))
        ordered = self._ordered(given)
        self._ask_for(self._used - self._bound)
        self._bound = {name for name in every if self.names[name] in self.parameters}
        self._last = {name: k for k, variable in enumerate(ordered) for name in variable.names}
        for k, variable in enumerate(ordered):
            later = {n for n in variable.names if n in self._used or self._last[n] > k}
            self._check(variable, later)
        for size, bound in least:
            self._check_least(size, bound)

    def _ask_for(self, names: set[str]) -> None:
        self.parameters.extend(self.names[name] for name in sorted(names))
        self._bound |= names

    def _ordered(self, variables: Sequence[_Variable]) -> list[_Variable]:
        """Variables such that each tells its sizes from what the earlier ones tell."""
        pending = list(variables)
        ordered: list[_Variable] = []
        while pending:
            ready = next((v for v in pending if self._is_ready(v)), None)
            ready = ready or next(
                (v for v in pending if tellings(v.axes, self._bound) is not None), None
            )
            if ready is None:
                self._ask_for(pending[0].hidden - self._bound)
                continue
            pending.remove(ready)
            ordered.append(ready)
            self._bound |= ready.names
        return ordered

    def _is_ready(self, variable: _Variable) -> bool:
        """Every axis is a single name or known."""
        return all(axis.is_name or axis.names <= self._bound for axis in variable.axes)

    # ------------------------------------------------------------ one variable

    def _check(self, variable: _Variable, later: set[str]) -> None:
        name = variable.name
        self.lines.extend(self._conversion.converted(name))
        if variable.is_row:
            self._flatten_row(variable)
        known = sorted(variable.names & self._bound)
        if variable.names <= self._bound:
            self._require(
                f"{name}.shape != {sizes_text(variable.axes, self.names)}", variable, known
            )
            return
        self._check_new(variable, known, later)
        self._bound |= variable.names

    def _flatten_row(self, variable: _Variable) -> None:
        """A matrix of one row, at each index of a leading axis, is a vector."""
        name, place = variable.name, len(variable.leading)
        index = "[:, 0]" if place else "[0]"
        self._tell(
            f"if {name}.ndim == {2 + place} and {name}.shape[{place}] == 1:",
            f"    {name} = {name}{index}",
        )

    def _tell(self, *lines: str) -> None:
        self.lines.extend(lines)
        self.sizes.extend(lines)

    def _check_new(self, variable: _Variable, known: list[str], later: set[str]) -> None:
        """A variable that tells sizes: its number of axes, then sizes that repeat."""
        name = variable.name
        first: dict[str, int] = {}
        tests = [f"{name}.ndim != {len(variable.axes)}"]
        is_compound = False
        for k, axis in enumerate(variable.axes):
            if axis.is_name and axis.name in first:
                tests.append(f"{name}.shape[{k}] != {name}.shape[{first[axis.name]}]")
            elif axis.names <= self._bound:
                tests.append(f"{name}.shape[{k}] != {size_text(axis, self.names).code}")
            elif axis.is_name:
                first[axis.name] = k
            else:
                is_compound = True
        self._require(" or ".join(tests), variable, known)
        wanted = variable.names if is_compound else later
        self._bind(variable, {n: k for n, k in first.items() if n in wanted})
        if is_compound:
            self._solve(variable, known)

    def _bind(self, variable: _Variable, places: Mapping[str, int]) -> None:
        if len(places) == len(variable.axes) > 1:
            targets = ", ".join(self.names[n] for n in places)
            self._tell(f"{targets} = {variable.name}.shape")
            return
        for size, k in places.items():
            self._tell(f"{self.names[size]} = {variable.name}.shape[{k}]")

    def _solve(self, variable: _Variable, known: list[str]) -> None:
        """Sizes that are told only as part of another, such as n by an axis of n - 1."""
        bound = self._bound | {axis.name for axis in variable.axes if axis.is_name}
        for telling in tellings(variable.axes, bound) or ():
            length = f"{variable.name}.shape[{telling.axis}]"
            code = solved_text(telling, length, self.names, "({}) // {}")
            self._tell(f"{self.names[telling.size]} = {code}")
        test = f"{variable.name}.shape != {sizes_text(variable.axes, self.names)}"
        self._require(test, variable, known)

    def _require(self, test: str, variable: _Variable, known: Sequence[str]) -> None:
        """Raise unless the test is false, naming the variable and the known sizes."""
        sizes = ", ".join(f"{name} = {{{self.names[name]}}}" for name in known)
        self._raise_if(
            test,
            [
                f"{variable.name} must have shape {variable.shape}",
                f" with {sizes}" if sizes else "",
                f", got {{{self._conversion.shape_shown(variable.name)}}}",
            ],
        )

    def _check_least(self, size: Dim, bound: Dim) -> None:
        own = {name: name for name in (*size.names, *bound.names)}
        left, right = size_text(size, self.names).code, size_text(bound, self.names).code
        parts = [f"{size_text(size, own).code} must be at least {size_text(bound, own).code}"]
        parts.append(f", got {{{left}}}")
        self._raise_if(f"{left} < {right}", parts)

    def _raise_if(self, test: str, message: Sequence[str]) -> None:
        if len(test) + len("    if :") <= LINE_LENGTH:
            self.lines.append(f"if {test}:")
        else:
            first, *rest = test.split(" or ")
            self.lines += ["if (", f"    {first}", *(f"    or {part}" for part in rest), "):"]
        line = f'    raise ValueError(f"{"".join(message)}")'
        if len(line) + 4 <= LINE_LENGTH:
            self.lines.append(line)
            return
        self.lines.append("    raise ValueError(")
        self.lines.extend(f'        f"{part}"' for part in message if part)
        self.lines.append("    )")
