"""C source for a task: one function, and what it calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import Any

from gradform.codegen.c.body import Body
from gradform.codegen.c.functions import definitions
from gradform.codegen.c.helpers import HELPERS, carried
from gradform.codegen.c.names import RESERVED
from gradform.codegen.c.precision import in_single_precision
from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.program.operations import Call, Mapped
from gradform.codegen.program.straight_line import live_values
from gradform.codegen.task import Parameter, Task
from gradform.codegen.text.names import Names, plain_name
from gradform.codegen.text.pieces import LINE_LENGTH, Precedence, bracketed
from gradform.codegen.text.sizes import size_text, sizes_text
from gradform.functions.record import Function
from gradform.ir.dims import ONE, Dim

__all__ = ["source"]

_HEADERS = {"math.h": "", "stdlib.h": r"\b(malloc|free|qsort|size_t|NULL)\b", "string.h": r"\bmem"}


def source(task: Task, options: Any) -> str:
    """A C99 function that needs the standard library alone.

    It takes the sizes, the variables (numbers by value, arrays row by row behind a pointer)
    and pointers to where the outputs go. With a batch, the variables in it are arrays with
    one axis more, as are all outputs, and the number of points comes first. Raises
    CannotError where the task has no C form.
    """
    return _Module(task, tuple(options.batch), options.dtype == "float32").text()


class _Module:
    def __init__(self, task: Task, batch: tuple[str, ...], single: bool) -> None:
        self.task = task
        self.batch = batch
        self.single = single
        self.program, self.values = program_of(task)
        self.live = live_values(self.program, self.values)
        self.functions = self._functions()
        defined = "\n".join(definitions(self.functions))
        reserved = {*RESERVED, *HELPERS, "one_point", *re.findall(r"\b(\w+)\(", defined)}
        self.function = Names(reserved, keywords=()).claim(plain_name(task.name))
        names = Names({*reserved, self.function}, keywords=())
        self.count = names.claim("count")
        self.variables = {p.name: names.claim(plain_name(p.name)) for p in task.parameters}
        told = {name for p in task.parameters for axis in p.axes for name in axis.names}
        self.sizes = {
            name: names.claim(plain_name(name)) for name in sorted(told.union(task.sizes))
        }
        labels = [output.label for output in task.outputs] if len(task.outputs) > 1 else ["result"]
        self.results = [names.claim(label) for label in labels]
        self.names = names

    def _functions(self) -> list[Function]:
        found = [self.program.operation(value) for value in self.live]
        return [each.function for each in found if isinstance(each, Call | Mapped)]

    # ------------------------------------------------------------ the text

    def text(self) -> str:
        outputs = list(zip(self.values, self.results, strict=True))
        body = Body(self.program, self.live, outputs, self.variables, self.sizes, self.names)
        lines = indent("\n".join(body.lines()), "    ", lambda line: not line.endswith(":\n"))
        name = "static int one_point" if self.batch else f"int {self.function}"
        head = _called(name, self._parameters(batch=False), ")")
        function = f"{head}\n{{\n{lines}\n}}\n"
        called = [*carried(function), *definitions(self.functions)]
        parts = [*(part.rstrip() + "\n" for part in called), function]
        if self.batch:
            parts.append(self._batched())
        if self.single:
            parts = [in_single_precision(part) for part in parts]
        parts[-1] = self._comment() + parts[-1]
        code = "\n".join(parts)
        return "\n".join([*_includes(code), "", code])

    def _parameters(self, *, batch: bool) -> list[str]:
        sizes = [f"size_t {name}" for name in self.sizes.values()]
        if batch:
            sizes.insert(0, f"size_t {self.count}")
        given = [self._parameter(p, batch) for p in self.task.parameters]
        return [*sizes, *given, *(f"double *{name}" for name in self.results)]

    def _parameter(self, parameter: Parameter, batch: bool) -> str:
        name = self.variables[parameter.name]
        is_array = parameter.axes or (batch and parameter.name in self.batch)
        return f"const double *{name}" if is_array else f"double {name}"

    def _batched(self) -> str:
        """The function of all points: one after the other."""
        point = self.names.claim("point")
        given = [*self.sizes.values()]
        for parameter in self.task.parameters:
            name = self.variables[parameter.name]
            if parameter.name in self.batch:
                moved = self._moved(name, point, parameter.axes)
                name = moved if parameter.axes else f"{name}[{point}]"
            given.append(name)
        for name, output in zip(self.results, self.task.outputs, strict=True):
            given.append(self._moved(name, point, output.shape))
        lines = [
            _called(f"int {self.function}", self._parameters(batch=True), ")"),
            "{",
            f"    for (size_t {point} = 0; {point} < {self.count}; {point}++) {{",
            _called("        int status = one_point", given, ");"),
            "        if (status != 0)",
            "            return status;",
            "    }",
            "    return 0;",
            "}",
        ]
        return "\n".join(lines) + "\n"

    def _moved(self, pointer: str, point: str, axes: Iterable[Dim]) -> str:
        """Where the entries of a point begin."""
        sizes = [size_text(axis, self.sizes) for axis in axes if axis is not ONE]
        count = "".join(f" * {bracketed(size, Precedence.POWER)}" for size in sizes)
        return f"{pointer} + {point}{count}"

    # ------------------------------------------------------------ the comment

    def _comment(self) -> str:
        lines = [*self.task.docstring.strip().split("\n")]
        for name, output in zip(self.results, self.task.outputs, strict=True):
            shape = tuple(output.shape)
            own = {size: size for axis in shape for size in axis.names}
            where = f"array of shape {sizes_text(shape, own)}" if shape else "number"
            lines.append(f"{name}: {where}; set")
        if self.batch:
            lines += ["", f"{self.count} points: {', '.join(self.batch)} and what is set have"]
            lines += ["a further, leading axis of that length."]
        lines += [
            "",
            "Arrays are stored row by row; what is set must not overlap the rest. Returns 0, or",
            "1: no memory, 2: a matrix has no inverse or no factor, 3: sizes are too small.",
        ]
        text = "\n   ".join(lines).replace("*/", "* /").replace("/*", "/ *")
        return re.sub(r" +$", "", f"/* {text} */\n", flags=re.M)


def _called(name: str, arguments: Sequence[str], end: str) -> str:
    """A function with its arguments, in lines of limited length."""
    start = len(name) - len(name.lstrip()) + 4
    lines = [f"{name}("]
    for k, argument in enumerate(arguments):
        text = argument + (end if k == len(arguments) - 1 else ",")
        if len(lines[-1]) + len(text) >= LINE_LENGTH:
            lines.append(" " * start + text)
        else:
            lines[-1] += text if lines[-1].endswith("(") else f" {text}"
    return "\n".join(lines)


def _includes(code: str) -> list[str]:
    return [f"#include <{header}>" for header, used in _HEADERS.items() if re.search(used, code)]
