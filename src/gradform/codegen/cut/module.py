"""A module of functions for a cut task; writers add the one that cuts the arrays.

prepare    what all parts need and is computed once
sweep      what one part of the rows contributes
finish     the outputs, from the totals over all parts
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from gradform.codegen.cut.pieces import Scope, sizes_of, write_piece
from gradform.codegen.cut.rows import Cut
from gradform.codegen.passes.sweeps import Piece, parted
from gradform.codegen.program.extents import least_sizes
from gradform.codegen.program.straight_line import live_values
from gradform.codegen.python.dialect import Dialect
from gradform.codegen.python.module import (
    docstring_lines,
    leading_axis,
    module_text,
    record_helpers,
    signature,
)
from gradform.codegen.task import Task
from gradform.codegen.text.names import Names
from gradform.codegen.text.sizes import ShapeChecks

__all__ = ["CutModule", "Function", "targets"]


class Function(NamedTuple):
    """A function of the module: its parameters that are cut, and the others."""

    name: str
    cut: list[str]
    others: list[str]

    @property
    def parameters(self) -> list[str]:
        return [*self.cut, *self.others]


class CutModule:
    """The functions for a task. All their identifiers are of one set.

    ``dialect`` makes the dialect, from the identifiers of the variables that are cut;
    ``between`` is that of functions whose results other functions take.
    """

    def __init__(
        self,
        task: Task,
        cut: Cut,
        batch: Collection[str],
        dialect: Callable[[Collection[str]], Dialect],
        between: Dialect,
    ) -> None:
        self.task = task
        self.rows = rows = cut.rows
        program, values = cut.program, cut.outputs
        live = live_values(program, values)
        plain = dialect(())
        helpers = dict(record_helpers(plain, program, live))
        self.helpers = list(helpers.values())
        self.names = Names([*plain.reserved, *plain.helpers, *helpers])
        self.name = self.names.claim(task.name)
        names = [parameter.name for parameter in task.parameters]
        variables = {name: self.names.claim(name) for name in names}
        self.labels = [self.names.claim(output.label) for output in task.outputs]
        self.axes = dict(zip(self.labels, map(program.axes, values), strict=True))
        outputs = list(zip(self.labels, values, strict=True))
        self.parts = parted(program, outputs, rows, [*names, *variables.values()])
        self.pieces = (*self.parts.stages, *self.parts.sweeps)
        self.dialect = dialect({variables[name] for name in rows.inputs})
        self.checks = ShapeChecks(
            task.parameters,
            variables,
            self.names,
            self._sizes(),
            least_sizes(program, live),
            self.dialect,
            task.sizes,
            leading_axis(task, batch),
        )
        passed = {name for piece in self.pieces for name, _ in piece.outputs} - {*self.labels}
        variables |= {name: self.names.claim(name) for name in sorted(passed)}
        variables |= {label: label for label in self.labels}
        self.chunk = self.parts.chunk.name
        sizes = {**self.checks.names, self.chunk: self.names.claim(self.chunk)}
        self.scope = Scope(self.dialect, variables, sizes)
        self.between = Scope(between, variables, sizes)
        self.arrays = self.identifiers(names)
        self.cut = self.identifiers(list(rows.inputs))
        self.functions: list[str] = []

    def _sizes(self) -> set[str]:
        """The sizes that the functions mention, but for the rows of a part."""
        used = set[str]().union(*map(sizes_of, self.pieces))
        for piece in self.pieces:
            for label in piece.by_rows:
                used |= {name for axis in self.axes[label] for name in axis.names}
        return used - {self.parts.chunk.name}

    # ------------------------------------------------------------ functions

    def text(self, parameters: Sequence[str], notes: Sequence[str], body: Sequence[str]) -> str:
        """The module, with the function that has the name of the task at its end."""
        docstring = "\n".join([self.task.docstring, *notes])
        checks = "\n".join(self.checks.lines)
        lines = [
            *signature(self.name, ", ".join(parameters)),
            *docstring_lines(docstring),
            *(f"    {line}" for line in self.dialect.opening(self.arrays, checks)),
            *(f"    {line}" for line in self.checks.lines),
            *body,
        ]
        main = "\n".join(lines) + "\n"
        text = "\n\n".join([*self.functions, main])
        return module_text(self.dialect, text, self.helpers)

    def stage(self, piece: Piece, stem: str, k: int, totals: str = "") -> Function:
        """A function of what is not cut; ``totals`` is a parameter for sums, if it is given."""
        sums = self.sums(self.parts.sweeps[-1]) if totals else []
        name = self.function(stem, k)
        others = [each for each in self._arguments(piece) if each not in sums]
        found = Function(name, [], [totals, *others] if totals else others)
        what = "What all parts need." if stem == "prepare" else f"{', '.join(self._made(piece))}."
        opening = [f"{targets(sums)} = {totals}"] if totals else []
        scope = self.scope if stem == "finish" else self.between
        self.functions.append(write_piece(piece, name, found.parameters, scope, what, opening))
        return found

    def sweep(self, piece: Piece, k: int) -> Function:
        """A function of some rows of the cut variables."""
        name = self.function("sweep", k)
        every = [*self.rows.inputs]
        needed = [each for each in every if each in piece.inputs] or every[:1]
        arrays = self.identifiers(needed)
        others = [each for each in self._arguments(piece) if each not in arrays]
        opening = []
        if self.chunk in sizes_of(piece):
            axis = self.rows.inputs[needed[0]]
            opening.append(f"{self.scope.sizes[self.chunk]} = {arrays[0]}.shape[{axis}]")
        found = Function(name, arrays, others)
        what = f"What some of the {self.rows.length} rows contribute."
        self.functions.append(
            write_piece(piece, name, found.parameters, self.between, what, opening)
        )
        return found

    # ------------------------------------------------------------ identifiers

    def function(self, stem: str, k: int) -> str:
        return self.names.claim(stem if k == 0 else f"{stem}{k + 1}")

    def identifiers(self, names: Sequence[str]) -> list[str]:
        return [self.scope.variables[name] for name in names]

    def sums(self, piece: Piece) -> list[str]:
        """Identifiers of what a sweep accumulates."""
        return self.identifiers([name for name, _ in piece.outputs if name not in piece.by_rows])

    def outputs(self, piece: Piece) -> list[str]:
        return self.identifiers(self._made(piece))

    def _made(self, piece: Piece) -> list[str]:
        return [name for name, _ in piece.outputs]

    def _arguments(self, piece: Piece) -> list[str]:
        """Variables, handed-on values and sizes that a piece needs."""
        sizes = sorted(sizes_of(piece) - {self.chunk})
        return [*self.identifiers(piece.inputs), *(self.scope.sizes[name] for name in sizes)]


def targets(names: Sequence[str]) -> str:
    """What a tuple is assigned to."""
    return f"({names[0]},)" if len(names) == 1 else ", ".join(names)
