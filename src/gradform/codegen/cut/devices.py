"""JAX source for a task whose rows are parted over several devices.

Each device computes what its rows contribute; totals are added over the devices. No row ever
leaves its device, which a compiler that parts the program by itself does not promise.
"""

from __future__ import annotations

from typing import Any

from gradform.codegen.cut.module import CutModule, targets
from gradform.codegen.cut.pieces import statement
from gradform.codegen.cut.rows import Cut, cut_task
from gradform.codegen.passes.rows import Join
from gradform.codegen.passes.sweeps import Piece
from gradform.codegen.python.helpers_jax import JAX_HELPERS
from gradform.codegen.python.jax import Jax
from gradform.codegen.task import Task
from gradform.codegen.text.pieces import wrapped

__all__ = ["source", "write_for_devices"]

_LOG_TOTAL = '''\
def _log_total(value, axis):
    """The logarithm of the sum of exponentials over all devices."""
    top = jax.lax.pmax(jax.lax.stop_gradient(value), axis)
    top = jnp.where(jnp.isfinite(top), top, 0.0)
    return top + jnp.log(jax.lax.psum(jnp.exp(value - top), axis))
'''

_ROOT_TOTAL = '''\
def _root_total(value, axis):
    """The root of the sum of squares over all devices."""
    top = jax.lax.pmax(jax.lax.stop_gradient(value), axis)
    top = jnp.clip(top, jnp.finfo(top.dtype).tiny, jnp.finfo(top.dtype).max)
    return top * jnp.sqrt(jax.lax.psum((value / top) ** 2, axis))
'''

_HELPERS = {**JAX_HELPERS, "_log_total": _LOG_TOTAL, "_root_total": _ROOT_TOTAL}
_JOINS = {Join.LOGARITHM: "_log_total", Join.ROOT: "_root_total"}


class JaxDevices(Jax):
    """JAX with collective operations."""

    reserved = Jax.reserved | {"PartitionSpec"}
    helpers = _HELPERS

    def imports(self, body: str) -> str:
        lines = super().imports(body)
        first, *rest = lines.splitlines()
        return "\n".join([first, *rest, "from jax.sharding import PartitionSpec", ""])


def source(task: Task, options: Any) -> str:
    """Source that needs JAX, for arrays parted along their likeliest rows.

    A batch is parted along its leading axis. Raises CannotError where no variable can be cut.
    """
    return write_for_devices(task, cut_task(task, options.batch, Jax.operations), options)


def write_for_devices(task: Task, cut: Cut, options: Any) -> str:
    """Source of a task whose program is cut along some rows.

    The function has one more parameter, the mesh; rows are parted over its first axis.
    Outputs by rows are parted too, all others are the same on each device.
    """
    return _DevicesModule(task, cut, options).source()


class _DevicesModule(CutModule):
    """The functions and the one that calls them on each device."""

    def __init__(self, task: Task, cut: Cut, options: Any) -> None:
        dialect = JaxDevices(options.dtype)
        super().__init__(task, cut, options.batch, lambda parted: dialect, dialect)
        self.mesh = self.names.claim("mesh")
        self.axis = self.names.claim("axis")
        self.each = self.names.claim("on_each_device")
        self.specs = self.names.claim("arguments"), self.names.claim("results")

    def source(self) -> str:
        notes = [f"{self.mesh}: of devices; its first axis parts the {self.rows.length} rows"]
        notes.append(f"{', '.join(self.cut)}: parted, as whole arrays or by this axis of the mesh")
        parameters = [*self.arrays, *self.checks.parameters, self.mesh]
        return self.text(parameters, notes, self._body())

    def _body(self) -> list[str]:
        first, axis = self.cut[0], next(iter(self.rows.inputs.values()))
        rows, devices = f"{first}.shape[{axis}]", f"{self.mesh}.shape[{self.axis}]"
        inner = [line for code in self._on_each_device() for line in statement(code, " " * 8)]
        arguments, results = self.specs
        taken = [
            self._spec(self.rows.inputs.get(parameter.name)) for parameter in self.task.parameters
        ]
        given = [self._spec(self._place(label)) for label in self.labels]
        specs = f"in_specs={arguments}, out_specs={results}"
        mapped = f"jax.shard_map({self.each}, mesh={self.mesh}, {specs})"
        return [
            f"    {self.axis} = {self.mesh}.axis_names[0]",
            f"    if {rows} % {devices}:",
            "        raise ValueError(",
            f'            f"{{{rows}}} rows cannot be parted evenly over {{{devices}}} devices"',
            "        )",
            "",
            f"    def {self.each}({', '.join(self.arrays)}):",
            *inner,
            "",
            *wrapped(f"{arguments} = ", f"({', '.join(taken)},)"),
            *wrapped(f"{results} = ", given[0] if len(given) == 1 else f"({', '.join(given)})"),
            *wrapped("return ", f"{mapped}({', '.join(self.arrays)})"),
        ]

    def _place(self, label: str) -> int | None:
        """The row axis of an output."""
        places = [piece.by_rows[label] for piece in self.parts.sweeps if label in piece.by_rows]
        return places[0] if places else None

    def _spec(self, place: int | None) -> str:
        if place is None:
            return "PartitionSpec()"
        return f"PartitionSpec({', '.join([*['None'] * place, self.axis])})"

    def _on_each_device(self) -> list[str]:
        """What runs on each device, with its rows."""
        code: list[str] = []
        for k, piece in enumerate(self.parts.sweeps):
            stage = self.parts.stages[k]
            if stage.outputs:
                code.append(self._call(stage, "prepare", k))
            sweep = self.sweep(piece, k)
            call = f"{sweep.name}({', '.join(sweep.parameters)})"
            code.append(f"{targets(self.outputs(piece))} = {call}")
            code += self._totals(piece)
        if self.parts.stages[-1].outputs:
            code.append(self._call(self.parts.stages[-1], "finish", 0))
        return [*code, f"return {', '.join(self.labels)}"]

    def _call(self, piece: Piece, stem: str, k: int) -> str:
        function = self.stage(piece, stem, k)
        return f"{targets(self.outputs(piece))} = {function.name}({', '.join(function.parameters)})"

    def _totals(self, piece: Piece) -> list[str]:
        """Sums over the devices."""
        sums = self.sums(piece)
        joins = {self.scope.variables[name]: join for name, join in piece.joins.items()}
        plain = [name for name in sums if joins[name] is Join.SUM]
        code = [
            f"{name} = {_JOINS[joins[name]]}({name}, {self.axis})"
            for name in sums
            if name not in plain
        ]
        if plain:
            both = targets(plain) if len(plain) == 1 else f"({', '.join(plain)})"
            code.append(f"{targets(plain)} = jax.lax.psum({both}, {self.axis})")
        return code
