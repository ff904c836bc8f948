"""Dask source for a task: the function with its name cuts, calls, and adds in a tree."""

from __future__ import annotations

from typing import Any

from gradform.codegen.cut.module import CutModule, targets
from gradform.codegen.cut.pieces import statement
from gradform.codegen.cut.rows import Cut, cut_task
from gradform.codegen.dask.dialect import Dask, DaskPart
from gradform.codegen.passes.rows import Join
from gradform.codegen.passes.sweeps import Piece
from gradform.codegen.task import Task
from gradform.codegen.text.sizes import sizes_text

__all__ = ["source", "write_cut"]

_JOINS = {Join.SUM: "np.add", Join.LOGARITHM: "np.logaddexp", Join.ROOT: "_root"}


def source(task: Task, options: Any) -> str:
    """Source that needs Dask and NumPy, for arrays with chunks along the likeliest rows.

    A batch is cut along its leading axis. Raises CannotError where no variable can be cut.
    """
    return write_cut(task, cut_task(task, options.batch, Dask.operations), options)


def write_cut(task: Task, cut: Cut, options: Any) -> str:
    """Source of a task whose program is cut along some rows.

    The function takes Dask arrays with chunks along the rows, and other arrays. Outputs by
    rows are Dask arrays; all others are computed, or delayed too with ``lazy=True``.
    """
    return _DaskModule(task, cut, options).source()


class _DaskModule(CutModule):
    """The functions and the one that calls them on chunks."""

    def __init__(self, task: Task, cut: Cut, options: Any) -> None:
        dtype = options.dtype
        super().__init__(
            task, cut, options.batch, lambda parted: Dask(dtype, parted), DaskPart(dtype)
        )
        self.kind = Dask(dtype).kind
        self.chunks = self.names.claim("parts")
        self.totals = self.names.claim("totals")
        self.results = self.names.claim("results")
        self.lazy = self.names.claim("lazy")

    def source(self) -> str:
        notes = [f"{self.lazy}: leave the outputs delayed"]
        if self.cut:
            cut = ", ".join(self.cut)
            notes.insert(0, f"{cut}: cut into chunks of the {self.rows.length} rows")
        parameters = [*self.arrays, *self.checks.parameters, f"{self.lazy}=False"]
        body = [line for code in self._statements() for line in statement(code)]
        return self.text(parameters, notes, body)

    def _statements(self) -> list[str]:
        code: list[str] = []
        if self.cut:
            places = zip(self.cut, self.rows.inputs.values(), strict=True)
            pairs = ", ".join(f"({name}, {axis})" for name, axis in places)
            code.append(f"{targets(self.cut)} = _aligned({pairs})")
        for k, sweep in enumerate(self.parts.sweeps):
            stage = self.parts.stages[k]
            if stage.outputs:
                prepare = self.stage(stage, "prepare", k)
                call = f"{prepare.name}({', '.join(prepare.parameters)})"
                code.append(f"{targets(self.outputs(stage))} = {call}")
            code += self._on_chunks(sweep, k)
        code += self._finish(self.parts.stages[-1])
        return [*code, f"return {', '.join(self.labels)}"]

    def _on_chunks(self, piece: Piece, k: int) -> list[str]:
        """Results of all chunks: rows joined, sums added."""
        sweep = self.sweep(piece, k)
        call = ", ".join([sweep.name, f"[{', '.join(sweep.cut)}]", *sweep.others])
        code = [f"{self.chunks} = _on_chunks({call})"]
        for place, (label, axis) in enumerate(piece.by_rows.items()):
            code.append(self._joined_rows(label, place, axis))
        return code + self._added(piece, last=k == self.rows.count - 1)

    def _joined_rows(self, label: str, place: int, axis: int) -> str:
        shape = sizes_text(self.axes[label], self.scope.sizes)
        first, rows = self.cut[0], next(iter(self.rows.inputs.values()))
        chunks = f"{first}.chunks[{rows}]"
        return f"{label} = _rows({self.chunks}, {place}, {shape}, {axis}, {chunks}, {self.kind})"

    def _added(self, piece: Piece, *, last: bool) -> list[str]:
        """The totals of a sweep; those of the last one are left to the end."""
        sums = [name for name, _ in piece.outputs if name not in piece.by_rows]
        if not sums:
            return []
        joins = [_JOINS[piece.joins[name]] for name in sums]
        count = len(piece.by_rows)
        parts = f"[part[{count}:] for part in {self.chunks}]" if count else self.chunks
        total = f"_totals({', '.join([parts, *joins])})"
        if last:
            return [f"{self.totals} = {total}"]
        return [f"{targets(self.identifiers(sums))} = {total}.compute()"]

    def _finish(self, piece: Piece) -> list[str]:
        """The outputs that are not by rows."""
        if not piece.outputs:
            return []
        outputs = targets(self.outputs(piece))
        is_swept = bool(self.parts.sweeps) and bool(self.sums(self.parts.sweeps[-1]))
        finish = self.stage(piece, "finish", 0, self.totals if is_swept else "")
        given = ", ".join(finish.parameters)
        if not is_swept:
            return [f"{outputs} = {finish.name}({given})"]
        call = f"dask.delayed({finish.name}, nout={len(piece.outputs)})({given})"
        return [
            f"{self.results} = {call}",
            f"{outputs} = {self.results} if {self.lazy} else {self.results}.compute()",
        ]
