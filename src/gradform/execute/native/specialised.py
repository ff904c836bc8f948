"""Native code for certain sizes: a kernel, or kernels with NumPy operations between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.native.module import NativeFunction, function, module_text
from gradform.codegen.native.stages import Foreign, Native, name_of, stages
from gradform.codegen.program.extents import too_small
from gradform.codegen.program.operations import (
    Factor,
    FactorCall,
    FactorSolve,
    Gram,
    Input,
    PairGram,
)
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments, Bound
from gradform.execute.buffers import written_into
from gradform.execute.native.blas import DECLARATION
from gradform.execute.native.compiler import compiler
from gradform.execute.native.ctypes_kernel import Mismatch
from gradform.execute.native.foreign import foreign
from gradform.execute.native.kept import Written, key, written
from gradform.execute.native.launcher import kernel
from gradform.execute.native.library import Library, load
from gradform.execute.native.signature import Signature
from gradform.execute.options import Options
from gradform.execute.values import real_array
from gradform.language import say

__all__ = ["Draft", "Specialised", "source_of", "specialise"]

# Kernels that work on so many entries let other Python threads run.
LONG_RUNNING = 100_000


# Operations of programs that have a native form, beyond those that every target has.
_KNOWN = frozenset({Factor, FactorCall, FactorSolve, Gram, PairGram})


class Specialised:
    """The C text, the function of arrays, and the name under which they are kept on disk."""

    def __init__(self, source: str, run: Callable[..., Any], key: str) -> None:
        self.source = source
        self.run = run
        self.key = key


def specialise(
    task: Task, options: Options, sizes: Mapping[str, int], otherwise: Callable[..., Any]
) -> Specialised:
    """The task for these sizes. ``otherwise`` is called with what has other sizes."""
    drafts: list[Draft] = []

    def write() -> Written | None:
        drafts.append(Draft(task, options, sizes))
        return drafts[0].written()

    kept_as = key(task, options, sizes)
    found = written(kept_as, write)
    if found is None:
        draft = drafts[0] if drafts else Draft(task, options, sizes)
        source = draft.source
        return Specialised(source, draft.linked(_library(source, options), otherwise), kept_as)
    run = kernel(_library(found.source, options), found.entry, found.signature, _by_call(otherwise))
    return Specialised(found.source, run, kept_as)


def _library(source: str, options: Options) -> Library:
    return load(source, threads=_threads(options) > 1, fast_math=options.fast_math)


def source_of(functions: Sequence[NativeFunction], dtype: str) -> str:
    """A C module for this machine."""
    using = compiler()
    declarations = f"{using.prototypes}\n{DECLARATION}"
    return module_text(functions, dtype, declarations, using.vector_math)


def _threads(options: Options) -> int:
    return options.threads or 1


class Draft:
    """A task written for certain sizes: C functions that wait for their library."""

    def __init__(self, task: Task, options: Options, sizes: Mapping[str, int]) -> None:
        self.task = task
        self.options = options
        self.sizes = sizes
        self.parameters = {each.name: each for each in task.parameters}
        self.program, self.values = program_of(task, sizes, _KNOWN)
        self._check_sizes()
        self.stages = stages(self.program, self.values)
        self.functions = self._functions()

    def _check_sizes(self) -> None:
        """Raises ArrayError where an index would fall outside its array."""
        found = too_small(self.program, live_values(self.program, self.values), self.sizes)
        if found is not None:
            size, least = found
            raise ArrayError(
                say(
                    "{size} must be at least {least}, got {given}.",
                    size=size,
                    least=least,
                    given=size.evaluate(self.sizes),
                ),
                kind="array",
            )

    @property
    def source(self) -> str:
        """The C module."""
        return source_of(list(self.functions.values()), self.options.dtype)

    def written(self) -> Written | None:
        """All there is to know of a task that is one kernel; None of one with more stages."""
        if len(self.stages) > 1 or not self.functions:
            return None
        suffix = "_batch" if self.options.batch else ""
        return Written(self.source, f"gf_{self.functions[0].name}{suffix}", self._signature())

    def linked(self, library: Library, otherwise: Callable[..., Any]) -> Callable[..., Any]:
        """The task as a function of arrays, from a library with the functions."""
        found = self.written()
        if found is None:
            return _Staged(self, library, otherwise)
        return kernel(library, found.entry, found.signature, _by_call(otherwise))

    def parameter_shape(self, name: str) -> tuple[int, ...]:
        return tuple(axis.evaluate(self.sizes) for axis in self.parameters[name].axes)

    def shape(self, program: Program, value: Value) -> tuple[int, ...]:
        return tuple(axis.evaluate(self.sizes) for axis in program.axes(value))

    def _functions(self) -> dict[int, NativeFunction]:
        """A function for each native stage, by its place."""
        found: dict[int, NativeFunction] = {}
        alone = len(self.stages) == 1
        for k, part in enumerate(self.stages):
            if isinstance(part, Native):
                name = self.task.name if alone else f"{self.task.name}_{k}"
                inputs = self._inputs(part, alone)
                found[k] = function(
                    name,
                    part.program,
                    part.outputs,
                    inputs,
                    self.sizes,
                    self.options.dtype,
                    batched=[name in self.options.batch for name, _ in inputs] if alone else (),
                    threads=_threads(self.options),
                )
        return found

    def _inputs(self, part: Native, alone: bool) -> list[tuple[str, tuple[int, ...]]]:
        """Names and shapes: all parameters where there is one stage, else what it needs."""
        if alone:
            return [(each.name, self.parameter_shape(each.name)) for each in self.task.parameters]
        shapes = {
            operation.name: self.shape(part.program, value)
            for value, instruction in enumerate(part.program.instructions)
            if isinstance(operation := instruction.operation, Input)
        }
        return [(name, shapes[name]) for name in part.inputs]

    def _signature(self) -> Signature:
        made = self.functions[0]
        batch = self.options.batch
        return Signature(
            names=tuple(self.parameters),
            shapes=made.inputs,
            outputs=tuple(output.label for output in self.task.outputs),
            output_shapes=made.outputs,
            cleared=made.cleared,
            rows=tuple(each.shape.is_row for each in self.task.parameters),
            batched=tuple(name in batch for name in self.parameters),
            sizes=tuple((name, self.sizes[name]) for name in self.task.sizes),
            dtype=self.options.dtype,
            work=made.work,
            failures=made.failures,
            threads=_threads(self.options),
            long_running=_entries(made) > LONG_RUNNING,
        )


def _by_call(otherwise: Callable[..., Any]) -> Mismatch:
    return lambda arrays, named: otherwise(*arrays, **named)


def _entries(made: NativeFunction) -> int:
    return sum(int(np.prod(shape)) for shape in (*made.inputs, *made.outputs))


class _Staged:
    """Kernels and NumPy operations in order; batches point by point."""

    def __init__(self, draft: Draft, library: Library, otherwise: Callable[..., Any]) -> None:
        self.draft = draft
        self.otherwise = otherwise
        self.arguments = Arguments(draft.task, draft.options.batch)
        self.results = [name_of(draft.program, value) for value in draft.values]
        self.steps: list[tuple[Callable[..., Any], tuple[str, ...], tuple[str, ...]]] = []
        for k, part in enumerate(draft.stages):
            if isinstance(part, Foreign):
                arguments = part.instruction.arguments
                shapes = [draft.shape(draft.program, argument) for argument in arguments]
                run = foreign(part.instruction, shapes, draft.sizes)
                self.steps.append((run, part.inputs, (part.result,)))
            else:
                made = draft.functions[k]
                self.steps.append((self._kernel(library, made, part), part.inputs, part.results))

    def _kernel(self, library: Library, made: NativeFunction, part: Native) -> Callable[..., Any]:
        signature = Signature(
            names=part.inputs,
            shapes=made.inputs,
            outputs=part.results,
            output_shapes=made.outputs,
            cleared=made.cleared,
            dtype=self.draft.options.dtype,
            work=made.work,
            failures=made.failures,
            threads=_threads(self.draft.options),
            long_running=_entries(made) > LONG_RUNNING,
        )
        return kernel(library, f"gf_{made.name}", signature, _unexpected)

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """The outputs; into ``out`` where that is given."""
        draft = self.draft
        out = None if self.arguments.takes("out") else named.pop("out", None)
        bound = self.arguments.bind((), self.arguments.values(arrays, named, real_array))
        if any(draft.sizes[name] != size for name, size in bound.sizes.items()):
            if out is not None:
                named["out"] = out
            return self.otherwise(*arrays, **named)
        values = [self._point(point) for point in self._points(bound)]
        results = [
            np.array([value[k] for value in values], draft.options.dtype).reshape(shape)
            for k, shape in enumerate(self._shapes(bound))
        ]
        if out is None:
            return _numbers_as_floats(results)
        labels = [output.label for output in draft.task.outputs]
        return written_into(labels, results[0] if len(results) == 1 else tuple(results), out)

    def _points(self, bound: Bound) -> Iterator[dict[str, Any]]:
        """Arrays by name, for each point of a batch."""
        names = list(self.draft.parameters)
        for point in range(1 if bound.count is None else bound.count):
            yield {
                name: array[point] if name in self.draft.options.batch else array
                for name, array in zip(names, bound.arrays, strict=True)
            }

    def _point(self, given: dict[str, Any]) -> list[Any]:
        known = {
            name: np.reshape(array, self.draft.parameter_shape(name)).astype(float)
            for name, array in given.items()
        }
        for run, inputs, results in self.steps:
            found = run(*(known[name] for name in inputs))
            known |= zip(results, found if len(results) > 1 else (found,), strict=True)
        return [known[name] for name in self.results]

    def _shapes(self, bound: Bound) -> list[tuple[int, ...]]:
        lead = () if bound.count is None else (bound.count,)
        return [
            lead + tuple(axis.evaluate(self.draft.sizes) for axis in output.shape)
            for output in self.draft.task.outputs
        ]


def _numbers_as_floats(results: list[NDArray[Any]]) -> Any:
    found = [float(each) if each.ndim == 0 else each for each in results]
    return found[0] if len(found) == 1 else tuple(found)


def _unexpected(arrays: tuple[Any, ...], named: dict[str, Any]) -> Any:
    raise AssertionError("a stage gets the shapes it is written for")
