"""Tasks as native code: written, compiled and loaded for the sizes of the first call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from warnings import warn

from gradform.codegen.task import Task
from gradform.errors import CannotError
from gradform.execute.arguments import Arguments, Bound
from gradform.execute.backend import Compiled
from gradform.execute.native.launcher import prepare
from gradform.execute.native.specialised import Specialised, specialise
from gradform.execute.numpy import compiled as compiled_on_numpy
from gradform.execute.options import Options
from gradform.execute.recompiled import Recompiled
from gradform.execute.values import real_array
from gradform.language import say

__all__ = ["NativeProgram", "compiled"]

_WAITING = """\
/* C is written for the sizes of the arrays, so there is none before the first call:
   call the program, or call specialised() with arrays or sizes. */
"""


class NativeProgram(Recompiled):
    """A task as native code.

    Called with arrays by name, or by place in the order of ``parameters``, and with ``out``: an
    array, or a tuple of as many as there are outputs, into which the results go. Each
    combination of sizes is compiled once and kept, in memory and on disk.
    """

    def __init__(self, task: Task, options: Options) -> None:
        self._made_by = compiled, (task, options)
        self.task = task
        self.options = options
        self._arguments = Arguments(task, options.batch)
        self._unused = task.unused
        self._known: dict[tuple[int, ...], Specialised] = {}
        self._last: Specialised | None = None
        self._run: Callable[..., Any] = self._first

    @property
    def source(self) -> str:
        """The C text of the last specialisation."""
        return _WAITING if self._last is None else self._last.source

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for arrays that are missing or do not fit."""
        for name in self._unused:
            named.pop(name, None)
        return self._run(*arrays, **named)

    def specialised(self, /, *arrays: Any, **named: Any) -> Callable[..., Any]:
        """The function for the sizes of these arrays; for other sizes it calls the program.

        It has the least overhead there is. Sizes may be given by name in place of arrays.
        """
        return self._for(self._arguments.for_sizes(arrays, named, real_array)).run

    def _first(self, /, *arrays: Any, **named: Any) -> Any:
        """A call whose sizes are not those of the last one."""
        out = (
            {} if self._arguments.takes("out") or "out" not in named else {"out": named.pop("out")}
        )
        bound = self._arguments.bind((), self._arguments.values(arrays, named, real_array))
        found = self._for(bound)
        self._run = found.run
        sizes = [bound.sizes[name] for name in self.task.sizes]
        return found.run(*bound.arrays, *sizes, **out)

    def _for(self, bound: Bound) -> Specialised:
        found = self._known.get(bound.key)
        if found is None:
            found = specialise(self.task, self.options, bound.sizes, self._first)
            self._known[bound.key] = found
        self._last = found
        return found

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self._arguments.names)}) as native code>"


def compiled(task: Task, options: Options) -> Compiled:
    """The task as native code; on NumPy, with a warning, where there is no C compiler."""
    try:
        prepare()
    except CannotError as error:
        warn(
            say(
                "{message} The task runs on NumPy instead of native code.\nhint: {hint}",
                message=error.message,
                hint=error.hint,
            ).told(),
            stacklevel=3,
        )
        return compiled_on_numpy(task, options)
    return NativeProgram(task, options)
