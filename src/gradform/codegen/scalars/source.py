"""A tiny task on floats, as someone writes it by hand for NumPy.

Python's floats take a few dozen nanoseconds where an operation of NumPy takes most of a
microsecond. They refuse to divide by zero and to leave the range of floats: what they refuse,
and every result that is not finite, is left to the function of arrays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import prod
from textwrap import wrap
from typing import Any

import numpy as np

from gradform.codegen.program.extents import too_small
from gradform.codegen.program.operations import (
    Call,
    Combine,
    Constant,
    Identity,
    Input,
    Number,
    Product,
    Size,
    Take,
    View,
)
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.codegen.python.module import docstring_lines, signature
from gradform.codegen.scalars.body import Body
from gradform.codegen.scalars.expand import Expansion, expandable
from gradform.codegen.scalars.graph import Entry, Graph, TooLarge
from gradform.codegen.task import Task
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import LINE_LENGTH, broken, wrapped

__all__ = ["has_scalar_form", "scalar_source"]

# Nanoseconds, measured with Python 3.11 and NumPy 2.4: of an operation of floats, of an entry
# that is taken from an array or put into one, of an operation of small arrays.
_SCALAR, _ENTRY, _ARRAY = 40, 25, 700
_MOST_ENTRIES = 64
_MOST_OPERATIONS = 400
_RESERVED = (
    "FLOAT",
    "abs",
    "float",
    "int",
    "math",
    "np",
    "struct",
    "type",
    "ArithmeticError",
    "ValueError",
)
_FREE = (Constant, Identity, Input, Number, Size, Take, View)


def has_scalar_form(task: Task, program: Program, outputs: Sequence[Value]) -> bool:
    """Whether floats can do what the program does, if its sizes are small."""
    fixed = [axis.evaluate({}) for axes in _axes(task) for axis in axes if not axis.names]
    if task.sizes or not task.parameters or sum(size > 1 for size in fixed) > _MOST_ENTRIES:
        return False
    live = live_values(program, outputs)
    return all(expandable(program.operation(value)) for value in live)


def scalar_source(
    task: Task,
    program: Program,
    outputs: Sequence[Value],
    sizes: Mapping[str, int],
    arrays: str,
) -> str | None:
    """Source of the task on floats for these sizes; None where arrays are as fast.

    ``arrays`` is the source of the same function of arrays, which the text keeps.
    """
    shapes = [tuple(axis.evaluate(sizes) for axis in axes) for axes in _axes(task)]
    entries = sum(map(prod, shapes))
    if not all(map(prod, shapes)) or entries > _MOST_ENTRIES:
        return None
    if too_small(program, live_values(program, outputs), sizes) is not None:
        return None  # the function of arrays says what is wrong
    budget = _ARRAY * _array_operations(program, outputs) - _ENTRY * entries
    allowed = min(budget // _SCALAR, _MOST_OPERATIONS)
    try:
        # Some expressions are made on the way that nothing needs.
        defined = re.findall(r"^(?:def )?(\w+)", arrays, re.MULTILINE)
        writer = _Function(task, sizes, entries + 2 * allowed, defined)
        body, found = writer.body(program, outputs)
    except TooLarge:
        return None
    if body.operations > allowed:
        return None
    return writer.module(arrays, body, found)


def _axes(task: Task) -> list[Sequence[Any]]:
    parameters = [parameter.axes for parameter in task.parameters]
    return [*parameters, *(output.shape for output in task.outputs)]


def _array_operations(program: Program, outputs: Sequence[Value]) -> int:
    """How many operations of arrays there are, about."""
    count = 0
    for value in live_values(program, outputs):
        match program.operation(value):
            case Combine(coefficients):
                count += len(coefficients) - 1 + any(abs(c) != 1 for c in coefficients)
            case Product(coefficient, powers):
                count += (
                    len(powers)
                    - 1
                    + (abs(coefficient) != 1)
                    + sum(p not in (1, -1) for p in powers)
                )
            case Call():
                count += 1
            case operation:
                count += not isinstance(operation, _FREE)
    return count


class _Function:
    """The text of the function for some sizes, in a module where names are ``defined``; raises
    TooLarge."""

    def __init__(
        self, task: Task, sizes: Mapping[str, int], most: int, defined: Sequence[str]
    ) -> None:
        self.task = task
        self.graph = Graph(most)
        self.names = Names((*_RESERVED, task.name, *defined))
        # Names of the module itself: Python looks attributes of other modules up slowly.
        self.kind, self.empty = self.names.claim("ndarray"), self.names.claim("empty")
        self.numbers = self.names.claim("numbers")
        self.puts: dict[int, str] = {}
        self.fallback = self.names.claim(f"{task.name}_of_arrays")
        self.parameters = {each.name: self.names.claim(each.name) for each in task.parameters}
        self.shapes = {
            each.name: tuple(axis.evaluate(sizes) for axis in each.axes) for each in task.parameters
        }
        self.sizes = sizes
        self.inputs = {name: self._input(name) for name in self.parameters}

    def _input(self, name: str) -> Any:
        """The expressions of a variable's entries: x0, x1, … or A0_1, …"""
        shape, own = self.shapes[name], self.parameters[name]
        found = np.zeros(shape, dtype=int)
        for place in np.ndindex(*shape):
            entry = self.names.claim(own + "_".join(map(str, place))) if shape else own
            found[place] = self.graph.put(Entry("input", (), entry))
        return found

    def body(self, program: Program, outputs: Sequence[Value]) -> tuple[Body, list[Any]]:
        """The statements, and the expressions of the outputs."""
        found = Expansion(program, self.sizes, self.graph, self.inputs).expand(outputs)
        body = Body(self.graph, self.names.temporary)
        body.write(found)
        return body, found

    # ------------------------------------------------------------ text

    def module(self, arrays: str, body: Body, outputs: Sequence[Any]) -> str:
        name = self.task.name
        renamed = re.sub(rf"^def {name}\(", f"def {self.fallback}(", arrays, flags=re.MULTILINE)
        given = ", ".join(self.parameters.values())
        filled, results = self._results(body, outputs)
        own = {self.kind: "np.ndarray"}
        if not all(self.shapes.values()):
            own[self.numbers] = "(float, int, FLOAT.type)"
        lines = [
            *signature(name, given),
            *docstring_lines(self.task.docstring),
            "    try:",
            *(line for each in self.parameters for line in self._taken(each)),
            *body.lines,
            *self._guarded(body.checked, filled, results),
            "    except (ArithmeticError, AttributeError, ValueError):",
            "        pass",
            *wrapped("return ", f"{self.fallback}({given})"),
        ]
        text = re.sub(r"\bmath\.(\w+)", lambda found: self._own(own, found), "\n".join(lines))
        if filled:
            own[self.empty] = "np.empty"
        own |= {put: f'struct.Struct("{size}d").pack_into' for size, put in self.puts.items()}
        bound = wrapped(f"{', '.join(own)} = ", ", ".join(own.values()), "")
        modules = "import math\nimport struct\n" if filled else "import math\n"
        parts = (modules, renamed.rstrip(), "\n", *bound, "\n", f"{text}\n")
        return "\n".join(parts)

    def _own(self, own: dict[str, str], found: re.Match[str]) -> str:
        """The module's name for a function of ``math``."""
        known = {attribute: name for name, attribute in own.items()}
        if found[0] not in known:
            name = self.names.claim(found[1])
            own[name] = found[0]
            return name
        return known[found[0]]

    def _taken(self, name: str) -> list[str]:
        """Statements that take the entries of a variable, if it is such an array."""
        shape, own = self.shapes[name], self.parameters[name]
        back = f"            return {self.fallback}({', '.join(self.parameters.values())})"
        if not shape:
            array = f"type({own}) is not {self.kind} or {own}.dtype is not FLOAT or {own}.ndim"
            test = f"type({own}) not in {self.numbers} and ({array})"
            return [*_condition(test), back, f"        {own} = float({own})"]
        test = f"type({own}) is not {self.kind} or {own}.dtype is not FLOAT"
        test = f"{test} or {own}.ndim != {len(shape)}"
        targets = _targets(
            self.inputs[name], lambda place: str(self.graph.entries[int(place)].content)
        )
        return [*_condition(test), back, *_unpacked(targets, f"{own}.tolist()")]

    def _guarded(
        self, checked: Sequence[str], filled: Sequence[str], results: Sequence[str]
    ) -> list[str]:
        """Arrays of the results are made and returned, if these are finite."""
        returned = [*filled, *wrapped("return ", ", ".join(results), " " * 12)]
        if not checked:
            return [line[4:] for line in returned]
        total = " + ".join(checked)
        test = f"({total}) * 0.0 == 0.0" if len(checked) > 1 else f"{total} * 0.0 == 0.0"
        return [*_condition(test), *returned]

    def _results(self, body: Body, outputs: Sequence[Any]) -> tuple[list[str], list[str]]:
        """Statements that put entries into arrays, and what is returned.

        Packing floats into a fresh array takes less than half the time of making one of a list.
        """
        lines, results = [], []
        for array in outputs:
            if not array.shape:
                results.append(body.code(array))
                continue
            name = self.names.temporary()
            put = self.puts.get(array.size)
            if put is None:
                put = self.puts[array.size] = self.names.claim(f"put{array.size}")
            shape = str(array.shape) if array.ndim > 1 else str(array.size)
            entries = ", ".join([name, "0", *map(body.code, array.flat)])
            lines.append(f"            {name} = {self.empty}({shape})")
            call = f"            {put}({entries})"
            lines += [call] if len(call) <= LINE_LENGTH else broken(put, entries, " " * 12)
            results.append(name)
        return lines, results


def _condition(test: str) -> list[str]:
    line = f"        if {test}:"
    if len(line) <= LINE_LENGTH:
        return [line]
    opened = wrapped("if ", test, " " * 8)
    return [*opened[:-1], f"{opened[-1]}:"]


def _unpacked(targets: str, code: str) -> list[str]:
    line = f"        {targets} = {code}"
    if len(line) <= LINE_LENGTH:
        return [line]
    inside = wrap(targets, LINE_LENGTH - 12, break_long_words=False)
    return ["        (", *(f"            {part}" for part in inside), f"        ) = {code}"]


def _targets(array: Any, write: Any) -> str:
    """What the lists of an array are unpacked into."""
    if not array.shape:
        return str(write(array))
    parts = [_targets(np.asarray(part), write) for part in array]
    inside = ", ".join(f"({part})" if array.ndim > 1 else part for part in parts)
    return f"{inside}," if len(parts) == 1 else inside
