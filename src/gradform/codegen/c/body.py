"""The statements of a C function: memory, loops, results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gradform.codegen.c.blocks import joined
from gradform.codegen.c.functions import FAILS
from gradform.codegen.c.statements import Statements
from gradform.codegen.c.storage import stored_values
from gradform.codegen.program.extents import least_sizes
from gradform.codegen.program.operations import Input, Reshape
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.text.names import Names
from gradform.codegen.text.sizes import size_text
from gradform.ir.dims import Dim

__all__ = ["Body"]


class Body:
    """Writes the statements.

    outputs     values with the pointers to where they go
    variables   identifiers of the variables
    sizes       identifiers of the sizes
    """

    def __init__(
        self,
        program: Program,
        live: Sequence[Value],
        outputs: Sequence[tuple[Value, str]],
        variables: Mapping[str, str],
        sizes: Mapping[str, str],
        names: Names,
    ) -> None:
        self.program = program
        self.live = live
        self.outputs = outputs
        self.variables = variables
        self.sizes = sizes
        self.names = names
        self.memory: list[tuple[str, Dim]] = []
        self.places: dict[Value, str] = {}
        self.statements = Statements(program, self.places, sizes, names, self._scratch)

    def lines(self) -> list[str]:
        stored = stored_values(self.program, self.live, [value for value, _ in self.outputs])
        written = [value for value in self.live if self._place(value, stored)]
        blocks = [self.statements.block(value) for value in written]
        computed = [line for block in joined(blocks) for line in block.lines()]
        computed += self._results()
        fails = any(line.startswith(f"{FAILS} = ") for line in computed)
        checks = self._checks()
        closing = ["free(work);"] if self.memory else []
        closing.append(f"return {FAILS};" if fails else "return 0;")
        lines = [*checks, *self._allocation(), *computed, *(["done:"] if fails else []), *closing]
        return [*self._unused(lines), *([f"int {FAILS} = 0;"] if fails else []), *lines]

    # ------------------------------------------------------------ where values are

    def _place(self, value: Value, stored: set[Value]) -> bool:
        """Give a value its place, if it has one, and say whether statements fill it."""
        operation = self.program.operation(value)
        if isinstance(operation, Input):
            self.places[value] = self.variables[operation.name]
            return False
        if value not in stored:
            return False
        has_axes = bool(self.program.axes(value))
        pointer = next((name for v, name in self.outputs if v == value), None)
        if pointer is not None and has_axes:
            self.places[value] = pointer
            return True
        if isinstance(operation, Reshape):
            # The same entries in the same order.
            self.places[value] = self.places[self.program.instructions[value].arguments[0]]
            return False
        size = self.statements.count(value)
        self.places[value] = self._scratch(size) if has_axes else self.names.temporary()
        return True

    def _scratch(self, size: Dim) -> str:
        name = self.names.temporary()
        self.memory.append((name, size))
        return name

    def _results(self) -> list[str]:
        """Outputs that no statement has set yet."""
        return [
            self.statements.copied(value, pointer)
            for value, pointer in self.outputs
            if self.places.get(value) != pointer
        ]

    # ------------------------------------------------------------ the beginning

    def _text(self, size: Dim) -> str:
        return size_text(size, self.sizes).code

    def _checks(self) -> list[str]:
        lines = []
        for size, bound in least_sizes(self.program, self.live):
            lines += [f"if ({self._text(size)} < {self._text(bound)})", "    return 3;"]
        return lines

    def _allocation(self) -> list[str]:
        """Memory for all arrays at once, never of no bytes, for which NULL may be returned."""
        if not self.memory:
            return []
        total = "1"
        for _, size in self.memory:
            total = f"{self._text(size)} + {total}"
        lines = [
            f"double *work = malloc(({total}) * sizeof *work);",
            "if (work == NULL)",
            "    return 1;",
        ]
        start = "work"
        for name, size in self.memory:
            lines.append(f"double *{name} = {start};")
            text = self._text(size)
            start = f"{name} + {text}"
        return lines

    def _unused(self, lines: Sequence[str]) -> list[str]:
        """Parameters that nothing reads."""
        words = set(re.findall(r"\w+", "\n".join(lines)))
        given = [*self.sizes.values(), *self.variables.values()]
        return [f"(void){name};" for name in given if name not in words]
