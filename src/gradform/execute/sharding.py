"""Tasks on JAX over several devices: each has its rows, and only totals are exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from gradform.codegen.cut.devices import source, write_for_devices
from gradform.codegen.cut.rows import Cut, cut_task
from gradform.codegen.python.jax import Jax
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Parameter, Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments, Bound
from gradform.execute.jax import as_jax, of_one_type
from gradform.execute.library import library
from gradform.execute.options import Options
from gradform.execute.recompiled import Recompiled
from gradform.language import say

__all__ = ["ShardedProgram", "compiled"]


class ShardedProgram(Recompiled):
    """A task on the devices of ``options.mesh``, jitted.

    Arrays that are parted over the first axis of the mesh say along which axis the rows are;
    without any, all arrays are parted along their best rows. Outputs by rows are parted, all
    others are the same on each device.
    """

    def __init__(self, task: Task, options: Options) -> None:
        self._made_by = compiled, (task, options)
        self.task = task
        self.options = options
        self._jax = library("jax", "JAX")
        self._arguments = Arguments(task, options.batch)
        self._known: dict[object, tuple[Cut, Any]] = {}

    @cached_property
    def source(self) -> str:
        """What runs for arrays that are parted along their likeliest rows."""
        return source(self.task, self.options)

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for arrays that are missing or do not fit.

        Raises CannotError where the outputs need more than the rows of one device, and for
        float64 where JAX has it switched off.
        """
        run, values = self._bound(arrays, named)
        try:
            return run(*values)
        except (ValueError, TypeError) as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None

    def lower(self, /, *arrays: Any, **named: Any) -> Any:
        """What JAX makes of the program for these arrays, before it is compiled."""
        run, values = self._bound(arrays, named)
        return run.lower(*values)

    def _bound(self, arrays: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, list[Any]]:
        """The jitted function and its arguments, each where it belongs."""
        given = self._arguments.values(arrays, named, as_jax(self._jax))
        bound = self._arguments.bind((), given)
        axes = self._parted_axes(given)
        key = (bound.key, *axes.items())
        if key not in self._known:
            self._known[key] = self._made(bound, axes)
        cut, run = self._known[key]
        self._refuse_remainder(cut, bound)
        parameters = self.task.parameters
        own = of_one_type(self._jax, [given[each.name] for each in parameters], self.options.dtype)
        values = [self._placed(*pair, cut) for pair in zip(parameters, own, strict=True)]
        sizes = [bound.sizes[name] for name in self.task.sizes]
        return run, [*values, *sizes, self.options.mesh]

    def _made(self, bound: Bound, axes: Mapping[str, int]) -> tuple[Cut, Any]:
        cut = cut_task(self.task, self.options.batch, Jax.operations, bound.sizes, axes)
        function = compile_source(write_for_devices(self.task, cut, self.options), self.task.name)
        first = len(self.task.parameters)
        fixed = range(first, first + len(self.task.sizes) + 1)
        return cut, self._jax.jit(function, static_argnums=tuple(fixed))

    def _parted_axes(self, given: Mapping[str, Any]) -> dict[str, int]:
        """The axis along which each array is parted over the mesh already."""
        found: dict[str, int] = {}
        for parameter in self.task.parameters:
            array = given[parameter.name]
            spec = getattr(getattr(array, "sharding", None), "spec", ())
            for axis, names in enumerate(spec):
                if self._rows in (names if isinstance(names, tuple) else (names,)):
                    found[parameter.name] = axis - (array.ndim - self._rank(parameter))
        return found

    @property
    def _rows(self) -> str:
        """The axis of the mesh over which rows are parted."""
        name: str = self.options.mesh.axis_names[0]
        return name

    def _rank(self, parameter: Parameter) -> int:
        return len(parameter.axes) + (parameter.name in self.options.batch)

    def _placed(self, parameter: Parameter, array: Any, cut: Cut) -> Any:
        """An array on the devices: its rows on each, or all of it."""
        names: list[str | None] = [None] * array.ndim
        if parameter.name in cut.rows.inputs:
            first = array.ndim - self._rank(parameter)
            names[first + cut.rows.inputs[parameter.name]] = self._rows
        sharding = self._jax.sharding
        where = sharding.NamedSharding(self.options.mesh, sharding.PartitionSpec(*names))
        return self._jax.device_put(array, where)

    def _refuse_remainder(self, cut: Cut, bound: Bound) -> None:
        length = cut.rows.length
        rows = length.evaluate(bound.sizes) if bound.count is None else bound.count
        devices = self.options.mesh.shape[self._rows]
        if rows % devices:
            names = " and ".join(cut.rows.inputs)
            raise ArrayError(
                say(
                    "The {rows} rows of {names} cannot be parted evenly over {devices} devices.",
                    rows=rows,
                    names=names,
                    devices=devices,
                ),
                kind="array",
                hint=say("give a multiple of {devices} rows, or fewer devices", devices=devices),
            )

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self.parameters)}) on JAX devices>"


def compiled(task: Task, options: Options) -> ShardedProgram:
    """The task for the devices of ``options.mesh``. Raises CannotError where JAX is missing."""
    return ShardedProgram(task, options)
