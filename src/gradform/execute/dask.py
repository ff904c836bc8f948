"""Tasks on Dask: arrays larger than memory, in chunks of rows, on one machine or many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from gradform.codegen.cut.rows import cut_task
from gradform.codegen.dask.dialect import Dask
from gradform.codegen.dask.source import source, write_cut
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments, Bound
from gradform.execute.library import library
from gradform.execute.options import Options
from gradform.execute.recompiled import Recompiled
from gradform.execute.values import is_real, not_real, real_array
from gradform.language import say

__all__ = ["DaskProgram", "compiled"]


class DaskProgram(Recompiled):
    """A task on chunks of rows, in as few sweeps over the data as it needs.

    The chunks of Dask arrays say along which axis the rows are; all variables that share
    these rows are cut with them. Without any, all arrays are cut along their best rows.
    Outputs by rows are Dask arrays, all others are NumPy arrays and floats.
    """

    def __init__(self, task: Task, options: Options) -> None:
        self._made_by = compiled, (task, options)
        self.task = task
        self.options = options
        self._library = library("dask", "Dask")
        self._arrays = import_module("dask.array")
        self._delayed = import_module("dask.delayed").Delayed
        self._arguments = Arguments(task, options.batch)
        self._known: dict[object, Callable[..., Any]] = {}

    @cached_property
    def source(self) -> str:
        """What runs for arrays with chunks along their likeliest rows."""
        return source(self.task, self.options)

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for arrays that are missing or do not fit.

        Raises CannotError where the outputs need more than chunks.
        """
        return self._run(arrays, named, lazy=False)

    def lazily(self, /, *arrays: Any, **named: Any) -> Any:
        """The outputs delayed, to be computed together with other things.

        With several sweeps over the data, all but the last are run at once.
        """
        return self._run(arrays, named, lazy=True)

    def _run(self, arrays: tuple[Any, ...], named: Mapping[str, Any], *, lazy: bool) -> Any:
        given = self._arguments.values(arrays, named, self._converted)
        cut = self._cut_axes(given)
        bound = self._arguments.bind((), given)
        sizes = [bound.sizes[name] for name in self.task.sizes]
        key = (bound.key, *cut.items())
        if key not in self._known:
            self._known[key] = compile_source(self._written(cut, bound), self.task.name)
        try:
            with self._library.config.set(self._settings()):
                return self._of_one_kind(self._known[key](*bound.arrays, *sizes, lazy), bound)
        except np.linalg.LinAlgError:
            raise
        except ValueError as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None

    def _of_one_kind(self, found: Any, bound: Bound) -> Any:
        """Delayed totals as arrays beside outputs by rows: ``dask.compute`` does not keep the
        order of what is of both kinds."""
        arrays = self._arrays
        several = isinstance(found, tuple) and any(isinstance(one, arrays.Array) for one in found)
        if not several:
            return found
        shapes = [[axis.evaluate(bound.sizes) for axis in each.shape] for each in self.task.outputs]
        return tuple(
            arrays.from_delayed(one, shape, self.options.dtype)
            if isinstance(one, self._delayed)
            else one
            for one, shape in zip(found, shapes, strict=True)
        )

    def _converted(self, name: str, value: Any) -> Any:
        """A Dask array as it is, else an array of real numbers."""
        if not self._library.is_dask_collection(value):
            return real_array(name, value)
        if isinstance(value, self._delayed):
            raise ArrayError(
                say("{name} is delayed, so that its shape is not known.", name=name),
                kind="array",
                hint=say("give dask.array.from_delayed({name}, shape, dtype)", name=name),
            )
        array = self._arrays.asarray(value)
        if not is_real(array.dtype):
            raise not_real(name, array.dtype)
        return _of_plain_chunks(name, _of_known_sizes(name, array))

    def _settings(self) -> dict[str, int]:
        return {} if self.options.threads is None else {"num_workers": self.options.threads}

    def _written(self, axes: Mapping[str, int], bound: Bound) -> str:
        cut = cut_task(self.task, self.options.batch, Dask.operations, bound.sizes, axes)
        return write_cut(self.task, cut, self.options)

    def _cut_axes(self, given: Mapping[str, Any]) -> dict[str, int]:
        """The axis along which each Dask array with several chunks is cut."""
        found: dict[str, int] = {}
        for parameter in self.task.parameters:
            array = given[parameter.name]
            if not isinstance(array, self._arrays.Array):
                continue
            axes = [axis for axis, chunks in enumerate(array.chunks) if len(chunks) > 1]
            if len(axes) > 1:
                raise ArrayError(
                    say("{name} is cut along several axes.", name=parameter.name),
                    kind="array",
                    hint=say(
                        "make its chunks whole along one of them: {name}.rechunk({{{axis}: -1}})",
                        name=parameter.name,
                        axis=axes[-1],
                    ),
                )
            rank = len(parameter.axes) + (parameter.name in self.options.batch)
            if axes:
                found[parameter.name] = axes[0] - (array.ndim - rank)
        return found

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self.parameters)}) on Dask>"


def compiled(task: Task, options: Options) -> DaskProgram:
    """The task as a function of Dask arrays. Raises CannotError where Dask is missing."""
    return DaskProgram(task, options)


def _of_plain_chunks(name: str, array: Any) -> Any:
    """Masks would be passed over, and sparse chunks multiplied as matrices."""
    kind = type(array._meta)
    if kind is not np.ndarray:
        raise ArrayError(
            say("{name} has chunks of type {type}.", name=name, type=kind.__name__),
            kind="array",
            hint=say("make them plain arrays with {name}.map_blocks", name=name),
        )
    return array


def _of_known_sizes(name: str, array: Any) -> Any:
    if any(size != size for size in array.shape):
        raise ArrayError(
            say("{name} has chunks of unknown sizes.", name=name),
            kind="array",
            hint=say("call {name}.compute_chunk_sizes() first", name=name),
        )
    return array
