"""Tasks on NumPy.

A program is planned for the sizes of the arrays it is called with, where the plan depends on
them. Sizes between the same powers of two share a plan: with each new number of rows nothing
has to be made anew. Tiny programs are written with floats, for exactly the sizes of the call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from itertools import count
from typing import Any, Self
from warnings import warn

import numpy as np

from gradform.codegen.buffers.numpy import program_plan, program_source
from gradform.codegen.python.module import Planned
from gradform.codegen.python.numpy import source as plain_source
from gradform.codegen.python.run import compile_source
from gradform.codegen.scalars.source import has_scalar_form, scalar_source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.agreement import MOST_CALLS, is_large, verdict
from gradform.execute.arguments import Arguments
from gradform.execute.buffers import written_into
from gradform.execute.entry import Run, Shapes, of_anything, settle
from gradform.execute.options import Options
from gradform.execute.recompiled import Recompiled
from gradform.execute.values import real_array
from gradform.language import say

__all__ = ["NumpyProgram", "compiled", "plain_program"]

# Plans by the shapes of a call are looked up quickly; they are forgotten when there are many.
_MOST_SHAPES = 256
# Writing a program without checks takes as long as the checks of a thousand calls: it is done
# for shapes that have come so often.
_OFTEN = 100


class NumpyProgram(Recompiled, partial[Any]):
    """A task as a NumPy function.

    ``out`` takes the arrays that the results are written into: one, or as many as there are
    outputs. ``source`` is what ran last. Raises ArrayError for arrays that are missing or do not
    fit. The first call of new code is run by the plain source too; where results differ, that is
    what runs from then on, with a warning.

    Calls go straight to the function that ``partial`` holds: a method of Python in between would
    take as long as the work on a few numbers.
    """

    _plans: _Plans

    def __new__(cls, task: Task, options: Options) -> Self:
        plans = _Plans(task, options)
        self = super().__new__(cls, plans.entry())
        self._plans = plans
        self._made_by = compiled, (task, options)
        return self

    @property
    def task(self) -> Task:
        return self._plans.task

    @property
    def options(self) -> Options:
        return self._plans.options

    @property
    def source(self) -> str:
        return self._plans.source

    def specialised(self, /, *arrays: Any, **named: Any) -> Run:
        """What native programs have: a function for the sizes of these arrays, here of all sizes.

        Sizes may be given by name in place of arrays. Raises ArrayError as a call does.
        """
        self._plans.check(arrays, named)
        return self

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self.parameters)}) on NumPy>"


class _Plans:
    """A task written for the sizes that it was called with."""

    def __init__(self, task: Task, options: Options) -> None:
        self.task = task
        self.options = options
        self._arguments = Arguments(task, options.batch)
        self._runs: dict[str, Run] = {}
        self._by_plan: dict[tuple[int, ...], str] = {}
        self._by_shapes: dict[Shapes, str] = {}
        self._plans: dict[str, Planned] = {}
        self._scalars: set[str] = set()
        sizes = _Watched()
        self._arrays = self._written(sizes)
        self._of_any_sizes = self._plans[self._arrays]
        self._plan_depends_on_sizes = sizes.asked
        named = any(axis.names for each in task.parameters for axis in each.axes)
        self._depends_on_sizes = sizes.asked or (named and self._arrays in self._scalars)
        self.source = self._arrays if named else self._by_scalars(self._arrays, {})
        self._fixed = self.source
        self._compared: dict[str, int] = {}
        self._known: dict[Shapes, Run] = {}

    # ------------------------------------------------------------ calls

    def entry(self) -> Run:
        """The function that is called; a program on floats looks at the arrays itself."""
        task, options, fixed = self.task, self.options, self._fixed

        def compared(*arrays: Any) -> Any:
            found = self._called(arrays, {})
            if self._compared.get(fixed, 0) >= MOST_CALLS:
                settle(entry, self._loaded(fixed))
            return found

        always = fixed not in self._plans and not self._depends_on_sizes and not task.unused
        run = (compared if options.check else self._loaded(fixed)) if always else None
        entry = of_anything(task, options.dtype, options.batch, self._known, run, self._called)
        return entry

    def check(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Raises ArrayError for arrays that do not fit."""
        self._arguments.for_sizes(arrays, named, real_array)

    def _called(self, arrays: Sequence[Any], named: dict[str, Any]) -> Any:
        """Any call but the quickest."""
        out = None if self._arguments.takes("out") else named.pop("out", None)
        found = self._checked(arrays, named)
        if out is None:
            return found
        return written_into([output.label for output in self.task.outputs], found, out)

    def _checked(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """The results for arrays of any kind and shape."""
        arrays = self._arguments.placed(arrays, named, self._converted)
        try:
            source = self._planned(arrays) if self._depends_on_sizes else self._fixed
            found = self._loaded(source)(*arrays)
        except (np.linalg.LinAlgError, ArrayError):
            raise
        except (ValueError, TypeError) as error:
            raise self._refusal(arrays, error) from None
        if self._is_to_compare(source, arrays):
            found = self._beside_plain(source, arrays, found)
        if not self._is_to_compare(source, arrays):
            self._remember(arrays, source)
        return found

    # ------------------------------------------------------------ plain code beside it

    @cached_property
    def _plain(self) -> tuple[str, Run]:
        return plain_program(self.task, self.options, self._of_any_sizes)

    def _is_to_compare(self, source: str, arrays: Sequence[Any]) -> bool:
        """Whether the code is new and the arrays are not so large that nobody would wait."""
        if not self.options.check or self._compared.get(source, 0) >= MOST_CALLS:
            return False
        return not is_large(self.task, self._arguments.bind(arrays, {}))

    def _beside_plain(self, source: str, arrays: Sequence[Any], found: Any) -> Any:
        """What new code gave; where plain code gives something else, that."""
        inputs = len(self.task.parameters)
        given = [np.array(array, self.options.dtype) for array in arrays[:inputs]]
        given += arrays[inputs:]
        text, plain = self._plain
        with np.errstate(all="ignore"):
            try:
                expected = plain(*given)
                judged = verdict(found, expected, given, plain)
            except np.linalg.LinAlgError:
                return found
        self._compared[source] = self._compared.get(source, 0) + 1
        if judged == "undecided":
            return found
        self._compared[source] = MOST_CALLS
        if judged == "agrees":
            return found
        warn(
            say(
                "The optimised code of {name} gave another result than its source; the source "
                "runs instead. This is an error in gradform: please report it.",
                name=self.task.name,
            ).told(),
            RuntimeWarning,
            stacklevel=5,
        )
        self._runs[source], self.source = plain, text
        self._plans.pop(source, None)
        self._known.clear()
        return expected

    def _converted(self, name: str, value: Any) -> Any:
        """A value that the program takes as it is, or an array of real numbers."""
        return value if type(value) in (float, np.float64) else real_array(name, value)

    def _remember(self, arrays: Sequence[Any], source: str) -> None:
        """The code for shapes that fitted is found quickly from now on."""
        shapes: Shapes = tuple([getattr(array, "shape", ()) for array in arrays])
        if shapes in self._known:
            return
        if len(self._known) >= _MOST_SHAPES:
            self._known.clear()
        run, planned = self._loaded(source), self._plans.get(source)
        self._known[shapes] = run if planned is None else self._counted(shapes, run, planned)

    def _counted(self, shapes: Shapes, run: Run, planned: Planned) -> Run:
        """The code, until it has run so often that it is written without checks."""
        calls = count(1)

        def counted(*arrays: Any) -> Any:
            if next(calls) == _OFTEN:
                self._known[shapes] = self._loaded(self._without_checks(planned))
            return run(*arrays)

        return counted

    def _refusal(self, arrays: Sequence[Any], error: Exception) -> ArrayError:
        """What is wrong with the shapes of the arrays, by the name of the variable."""
        try:
            self._arguments.bind(arrays, {})
        except ArrayError as found:
            return found
        return ArrayError(say("{error}", error=error), kind="array")

    def _planned(self, arrays: Sequence[Any]) -> str:
        """The source for the sizes of these arrays."""
        shapes: Shapes = tuple([getattr(array, "shape", ()) for array in arrays])
        source = self._by_shapes.get(shapes)
        if source is None:
            if len(self._by_shapes) >= _MOST_SHAPES:
                self._by_shapes.clear()
            source = self._by_shapes[shapes] = self._for_sizes(arrays)
        return source

    def _for_sizes(self, arrays: Sequence[Any]) -> str:
        try:
            sizes = self._arguments.bind(arrays, {}).sizes
        except ArrayError:
            if self._plan_depends_on_sizes:
                raise
            return self._arrays  # it says what is wrong, or that nothing is
        source = self._planned_for(sizes) if self._plan_depends_on_sizes else self._arrays
        self.source = self._by_scalars(source, sizes)
        return self.source

    def _planned_for(self, sizes: Mapping[str, int]) -> str:
        rounded = {name: _rounded(size) for name, size in sizes.items()}
        plan = tuple(rounded.values())
        source = self._by_plan.get(plan)
        if source is None:
            source = self._by_plan[plan] = self._written(rounded)
        return source

    # ------------------------------------------------------------ programs

    def _written(self, sizes: Mapping[str, int]) -> str:
        task, options = self.task, self.options
        planned = program_plan(task, sizes, batch=options.batch)
        source = program_source(task, batch=options.batch, dtype=options.dtype, planned=planned)
        self._plans[source] = planned
        if options.dtype == "float64" and not options.batch and has_scalar_form(task, *planned):
            self._scalars.add(source)
        return source

    def _without_checks(self, planned: Planned) -> str:
        batch, dtype = self.options.batch, self.options.dtype
        return program_source(self.task, batch=batch, dtype=dtype, planned=planned, checked=False)

    def _by_scalars(self, source: str, sizes: Mapping[str, int]) -> str:
        """The program on floats where that is faster, with the one of arrays; or that one."""
        if source not in self._scalars:
            return source
        return scalar_source(self.task, *self._plans[source], sizes, source) or source

    def _loaded(self, source: str) -> Run:
        """The function of a source; plans that come to the same text are one."""
        run = self._runs.get(source)
        if run is None:
            run = self._runs[source] = compile_source(source, self.task.name)
        return run


def compiled(task: Task, options: Options) -> NumpyProgram:
    """The task as a NumPy function."""
    return NumpyProgram(task, options)


def plain_program(task: Task, options: Options, planned: Planned | None = None) -> tuple[str, Run]:
    """The source that people read, and its function of arrays by place; ``planned`` is the plan
    for no sizes, if there is one already."""
    text = plain_source(task, options, planned)
    return text, compile_source(text, task.name)


class _Watched(dict[str, int]):
    """No sizes, and whether one was asked for."""

    asked = False

    def __bool__(self) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        self.asked = True
        return default


def _rounded(size: int) -> int:
    """The power of two in the middle of its range: 3 … 5 is 4, 6 … 11 is 8."""
    return 1 << max(round(np.log2(max(size, 1))), 0) if size > 1 else size
