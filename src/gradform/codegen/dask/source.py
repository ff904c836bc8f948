"""Dask source for a task: functions of chunks, and the function that cuts the arrays.

prepare    what all chunks need and is computed once
sweep      what one chunk of rows contributes
finish     the outputs, from the totals over all chunks
evaluate   cuts, calls, adds in a tree; it has the name of the task
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gradform.codegen.dask.dialect import Dask
from gradform.codegen.dask.pieces import Scope, sizes_of, write_piece
from gradform.codegen.dask.rows import Cut, cut_along, cut_at_best
from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.passes.batch import batched
from gradform.codegen.passes.sweeps import Piece, parted
from gradform.codegen.program.extents import least_sizes
from gradform.codegen.program.straight_line import live_values
from gradform.codegen.python.module import (
    docstring_lines,
    leading_axis,
    module_text,
    record_helpers,
    signature,
)
from gradform.codegen.task import Task
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import wrapped
from gradform.codegen.text.sizes import ShapeChecks, sizes_text

__all__ = ["cut_task", "source", "write_cut"]


def source(task: Task, options: Any) -> str:
    """Source that needs Dask and NumPy, for arrays with chunks along the likeliest rows.

    A batch is cut along its leading axis. Raises CannotError where no variable can be cut.
    """
    return write_cut(task, cut_task(task, options.batch), options)


def cut_task(
    task: Task,
    batch: Collection[str],
    sizes: Mapping[str, int] | None = None,
    axes: Mapping[str, int] | None = None,
) -> Cut:
    """The program of a task, cut along these axes of variables, or along its best rows.

    Raises CannotError where it is not separable along them.
    """
    leading = leading_axis(task, batch)
    program, values = program_of(task, sizes, () if batch else Dask.operations)
    if leading is not None:
        program, values = batched(program, values, batch, leading.size)
        axes = {**dict.fromkeys(batch, 0), **(axes or {})}
    if axes:
        return cut_along(program, values, axes)
    return cut_at_best(program, values, sizes)


def write_cut(task: Task, cut: Cut, options: Any) -> str:
    """Source of a task whose program is cut along some rows.

    The function takes Dask arrays with chunks along the rows, and other arrays. Outputs by
    rows are Dask arrays; all others are computed, or delayed too with ``lazy=True``.
    """
    module = _Module(task, cut, options)
    main = module.main()
    text = "\n\n".join([*module.functions, main])
    return module_text(module.dialect, text, module.helpers)


class _Module:
    """The functions of the module. All their identifiers are of one set."""

    def __init__(self, task: Task, cut: Cut, options: Any) -> None:
        self.task = task
        self.rows = rows = cut.rows
        program, values = cut.program, cut.outputs
        live = live_values(program, values)
        helpers = dict(record_helpers(Dask(), program, live))
        self.helpers = list(helpers.values())
        self.names = Names([*Dask.reserved, *Dask.helpers, *helpers])
        self.name = self.names.claim(task.name)
        names = [parameter.name for parameter in task.parameters]
        variables = {name: self.names.claim(name) for name in names}
        self.labels = [self.names.claim(output.label) for output in task.outputs]
        self.axes = dict(zip(self.labels, map(program.axes, values), strict=True))
        outputs = list(zip(self.labels, values, strict=True))
        self.parts = parted(program, outputs, rows, [*names, *variables.values()])
        self.pieces = (*self.parts.stages, *self.parts.sweeps)
        self.dialect = Dask(options.dtype, {variables[name] for name in rows.inputs})
        self.checks = ShapeChecks(
            task.parameters,
            variables,
            self.names,
            self._sizes(),
            least_sizes(program, live),
            self.dialect,
            task.sizes,
            leading_axis(task, options.batch),
        )
        passed = {name for piece in self.pieces for name, _ in piece.outputs} - {*self.labels}
        variables |= {name: self.names.claim(name) for name in sorted(passed)}
        variables |= {label: label for label in self.labels}
        chunk = self.parts.chunk.name
        sizes = {**self.checks.names, chunk: self.names.claim(chunk)}
        self.scope = Scope(self.dialect, variables, sizes)
        self.parts_name = self.names.claim("parts")
        self.totals_name = self.names.claim("totals")
        self.results_name = self.names.claim("results")
        self.lazy = self.names.claim("lazy")
        self.functions: list[str] = []

    def _sizes(self) -> set[str]:
        """The sizes that the functions mention, but for the rows of a chunk."""
        used = set[str]().union(*map(sizes_of, self.pieces))
        for piece in self.pieces:
            for label in piece.by_rows:
                used |= {name for axis in self.axes[label] for name in axis.names}
        return used - {self.parts.chunk.name}

    # ------------------------------------------------------------ the function that cuts

    def main(self) -> str:
        """The function with the name of the task; the others are written on the way."""
        arrays = [self.scope.variables[parameter.name] for parameter in self.task.parameters]
        parameters = [*arrays, *self.checks.parameters, f"{self.lazy}=False"]
        lines = [
            *signature(self.name, ", ".join(parameters)),
            *docstring_lines(self._docstring()),
            *(f"    {line}" for line in self.checks.lines),
            *(line for code in self._statements() for line in wrapped("", code)),
        ]
        return "\n".join(lines) + "\n"

    def _docstring(self) -> str:
        lines = [self.task.docstring]
        if self.rows.inputs:
            cut = ", ".join(self._identifiers(list(self.rows.inputs)))
            lines.append(f"{cut}: cut into chunks of the {self.rows.length} rows")
        lines.append(f"{self.lazy}: leave the outputs delayed")
        return "\n".join(lines)

    def _statements(self) -> list[str]:
        code: list[str] = []
        if self.rows.inputs:
            cut = self._identifiers(list(self.rows.inputs))
            pairs = [f"({self.scope.variables[n]}, {axis})" for n, axis in self.rows.inputs.items()]
            code.append(f"{_targets(cut)} = _aligned({', '.join(pairs)})")
        for k, sweep in enumerate(self.parts.sweeps):
            code += self._stage(self.parts.stages[k], k)
            code += self._sweep(sweep, k)
        code += self._finish(self.parts.stages[-1])
        return [*code, f"return {', '.join(self.labels)}"]

    def _stage(self, piece: Piece, k: int) -> list[str]:
        """What is computed once before sweep k."""
        if not piece.outputs:
            return []
        name = self._function("prepare", k)
        arguments = self._arguments(piece)
        what = "What all chunks need."
        self.functions.append(write_piece(piece, name, arguments, self.scope, what))
        return [f"{_targets(self._outputs(piece))} = {name}({', '.join(arguments)})"]

    def _sweep(self, piece: Piece, k: int) -> list[str]:
        """Results of all chunks: rows joined, sums added."""
        name = self._function("sweep", k)
        cut = [each for each in self.rows.inputs if each in piece.inputs] or [*self.rows.inputs][:1]
        arrays = self._identifiers(cut)
        others = [each for each in self._arguments(piece) if each not in arrays]
        chunk = self.parts.chunk.name
        opening = []
        if chunk in sizes_of(piece):
            axis = self.rows.inputs[cut[0]]
            opening.append(f"{self.scope.sizes[chunk]} = {arrays[0]}.shape[{axis}]")
        what = f"What one chunk of the {self.rows.length} rows contributes."
        parameters = [*arrays, *others]
        self.functions.append(write_piece(piece, name, parameters, self.scope, what, opening))
        call = ", ".join([name, f"[{', '.join(arrays)}]", *others])
        code = [f"{self.parts_name} = _on_chunks({call})"]
        for place, (label, axis) in enumerate(piece.by_rows.items()):
            code.append(self._joined_rows(label, place, axis, cut[0]))
        return code + self._added(piece, last=k == self.rows.count - 1)

    def _joined_rows(self, label: str, place: int, axis: int, cut: str) -> str:
        shape = sizes_text(self.axes[label], self.scope.sizes)
        chunks = f"{self.scope.variables[cut]}.chunks[{self.rows.inputs[cut]}]"
        arguments = f"{self.parts_name}, {place}, {shape}, {axis}, {chunks}, {self.dialect.kind}"
        return f"{label} = _rows({arguments})"

    def _added(self, piece: Piece, *, last: bool) -> list[str]:
        """The totals of a sweep; those of the last one are left to the end."""
        sums = [label for label, _ in piece.outputs if label not in piece.by_rows]
        if not sums:
            return []
        joins = ["np.logaddexp" if s in piece.by_logarithms else "np.add" for s in sums]
        count = len(piece.by_rows)
        parts = self.parts_name
        if count:
            parts = f"[part[{count}:] for part in {parts}]"
        total = f"_totals({', '.join([parts, *joins])})"
        if last:
            return [f"{self.totals_name} = {total}"]
        return [f"{_targets(self._identifiers(sums))} = {total}.compute()"]

    def _finish(self, piece: Piece) -> list[str]:
        """The outputs that are not by rows."""
        if not piece.outputs:
            return []
        name = self._function("finish", 0)
        last = self.parts.sweeps[-1:] or ()
        sums = [s for each in last for s, _ in each.outputs if s not in each.by_rows]
        totals = self._identifiers(sums)
        others = [each for each in self._arguments(piece) if each not in totals]
        what = ", ".join(label for label, _ in piece.outputs) + "."
        targets = _targets(self._outputs(piece))
        if not sums:
            self.functions.append(write_piece(piece, name, others, self.scope, what))
            return [f"{targets} = {name}({', '.join(others)})"]
        opening = [f"{_targets(totals)} = {self.totals_name}"]
        parameters = [self.totals_name, *others]
        self.functions.append(write_piece(piece, name, parameters, self.scope, what, opening))
        call = f"dask.delayed({name}, nout={len(piece.outputs)})({', '.join(parameters)})"
        self_name = self.totals_name
        return [
            f"{self_name} = {call}",
            f"{targets} = {self_name} if {self.lazy} else {self_name}.compute()",
        ]

    # ------------------------------------------------------------ identifiers

    def _function(self, stem: str, k: int) -> str:
        return self.names.claim(stem if k == 0 else f"{stem}{k + 1}")

    def _identifiers(self, names: Sequence[str]) -> list[str]:
        return [self.scope.variables[name] for name in names]

    def _outputs(self, piece: Piece) -> list[str]:
        return self._identifiers([name for name, _ in piece.outputs])

    def _arguments(self, piece: Piece) -> list[str]:
        """Variables, handed-on values and sizes that a piece needs."""
        sizes = sorted(sizes_of(piece) - {self.parts.chunk.name})
        return [*self._identifiers(piece.inputs), *(self.scope.sizes[name] for name in sizes)]


def _targets(names: Sequence[str]) -> str:
    """What a tuple is assigned to."""
    return f"({names[0]},)" if len(names) == 1 else ", ".join(names)
