"""Tasks as native code: written, compiled and loaded for the sizes of the first call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Self
from warnings import warn

import numpy as np

from gradform.codegen.task import Task
from gradform.errors import CannotError
from gradform.execute.agreement import MOST_CALLS, is_large, verdict
from gradform.execute.arguments import Arguments, Bound
from gradform.execute.backend import Compiled
from gradform.execute.native.kept import agreed, keep_agreement
from gradform.execute.native.launcher import prepare
from gradform.execute.native.specialised import Specialised, specialise
from gradform.execute.numpy import NumpyProgram, plain_program
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


class NativeProgram(Recompiled, partial[Any]):
    """A task as native code.

    Called with arrays by name, or by place in the order of ``parameters``, and with ``out``: an
    array, or a tuple of as many as there are outputs, into which the results go. Each
    combination of sizes is compiled once and kept, in memory and on disk. The first call of new
    code is run by NumPy too: where results differ, the program stays on NumPy, with a warning.

    Calls go straight to the function that ``partial`` holds, the kernel of the last sizes: a
    method of Python in between takes longer than many kernels.
    """

    def __new__(cls, task: Task, options: Options) -> Self:
        return super().__new__(cls, compiled)  # __init__ says what it holds

    def __init__(self, task: Task, options: Options) -> None:
        self._made_by = compiled, (task, options)
        self.task = task
        self.options = options
        self._arguments = Arguments(task, options.batch)
        self._known: dict[tuple[int, ...], Specialised] = {}
        self._compared: dict[str, int] = {}
        self._given_up: set[str] = set()
        self._last: Specialised | None = None
        self._new: Callable[..., Any] = self._first
        self._run = self._new
        self._goes_to(self._dropping if task.unused else self._run)

    @property
    def source(self) -> str:
        """The C text of the last specialisation."""
        return _WAITING if self._last is None else self._last.source

    def specialised(self, /, *arrays: Any, **named: Any) -> Callable[..., Any]:
        """The function for the sizes of these arrays; for other sizes it calls the program.

        It has the least overhead there is. Sizes may be given by name in place of arrays; new
        code is then not compared with NumPy.
        """
        bound = self._arguments.for_sizes(arrays, named, real_array)
        found = self._for(bound)
        if bound.arrays and self._in_question(found, bound):
            self._beside_numpy(found, self._ordered(bound), {})
        return found.run

    def _first(self, /, *arrays: Any, **named: Any) -> Any:
        """A call whose sizes are not those of the last one."""
        out = (
            {} if self._arguments.takes("out") or "out" not in named else {"out": named.pop("out")}
        )
        bound = self._arguments.bind((), self._arguments.values(arrays, named, real_array))
        found = self._for(bound)
        if self._in_question(found, bound):
            return self._beside_numpy(found, self._ordered(bound), out)
        if found.key not in self._given_up:
            self._run = found.run
            if not self.task.unused:
                self._goes_to(found.run)
        return found.run(*self._ordered(bound), **out)

    def _goes_to(self, run: Callable[..., Any]) -> None:
        """Calls run this from now on. It is kept elsewhere too: calls that are under way in other
        threads do not hold it.
        """
        holder: Any = self  # typeshed does not know how a partial gets another function
        holder.__setstate__((run, (), None, self.__dict__))

    def _dropping(self, /, *arrays: Any, **named: Any) -> Any:
        """A call without the variables that the value does not need."""
        for name in self.task.unused:
            named.pop(name, None)
        return self._run(*arrays, **named)

    def _for(self, bound: Bound) -> Specialised:
        found = self._known.get(bound.key)
        if found is None:
            found = specialise(self.task, self.options, bound.sizes, self._first)
            known = not self.options.check or agreed(found.key)
            # First of the two: other threads take what they find in the other.
            self._compared.setdefault(found.key, MOST_CALLS if known else 0)
            self._known[bound.key] = found
        self._last = found
        return found

    def _ordered(self, bound: Bound) -> list[Any]:
        return [*bound.arrays, *(bound.sizes[name] for name in self._arguments.sizes)]

    # ------------------------------------------------------------ NumPy beside it

    @cached_property
    def _on_numpy(self) -> NumpyProgram:
        return compiled_on_numpy(self.task, self.options)

    def _in_question(self, found: Specialised, bound: Bound) -> bool:
        """Whether a call with these arrays is to be compared."""
        return self._compared[found.key] < MOST_CALLS and not is_large(self.task, bound)

    def _beside_numpy(
        self, found: Specialised, arrays: Sequence[Any], out: Mapping[str, Any]
    ) -> Any:
        """What new code gives; where NumPy code gives something else, that from now on."""
        given = [np.array(each, self.options.dtype) for each in arrays[: len(self.task.parameters)]]
        given += arrays[len(given) :]
        self._compared[found.key] += 1
        with np.errstate(all="ignore"):
            try:
                # The plain source: it is written in half the time of a program for NumPy.
                _, plain = plain_program(self.task, self.options)
                expected = plain(*given)
            except np.linalg.LinAlgError:
                return found.run(*arrays, **out)
            result = found.run(*arrays, **out)
            judged = verdict(result, expected, given, plain)
        if judged == "undecided":
            return result
        self._compared[found.key] = MOST_CALLS
        if judged == "agrees":
            keep_agreement(found.key)
            return result
        warn(
            say(
                "The native code of {name} gave another result than NumPy code; "
                "the program runs on NumPy. This is an error in gradform: please report it.",
                name=self.task.name,
            ).told(),
            RuntimeWarning,
            stacklevel=3,
        )
        found.run, found.source = self._on_numpy, self._on_numpy.source
        self._given_up.add(found.key)
        return self._on_numpy(*given, **out)

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self.parameters)}) as native code>"


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
