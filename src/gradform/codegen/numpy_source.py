"""Python source for a program: one function that needs NumPy alone, or SciPy with it.

A value that is used once stands inside the expression that uses it as long as lines stay
short; all others get names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gradform.codegen.count import live_values
from gradform.codegen.helpers import HELPERS
from gradform.codegen.lowering import lower
from gradform.codegen.names import Names
from gradform.codegen.operations import (
    Broadcast,
    Call,
    Diagonal,
    Embed,
    Frechet,
    Identity,
    Input,
    Number,
    Pi,
    Position,
    Range,
    Reshape,
    Size,
    Take,
    View,
)
from gradform.codegen.program import Arrangement, Program, Value
from gradform.codegen.sizes import ShapeChecks, VariableLike
from gradform.codegen.spelling import Speller, helper_name, needs_names
from gradform.codegen.text import Precedence, Text, bracketed, wrapped
from gradform.functions.record import Function
from gradform.ir.dims import Dim, dim
from gradform.ir.nodes import Node

__all__ = ["generate"]

# Longer expressions are split by naming their parts.
INLINE_LENGTH = 64
_SCIPY = ("linalg", "special")
# Cheap enough to write again at every use.
_REPEATABLE = (Input, Number, Pi, Size, View, Take)


def generate(
    name: str,
    outputs: Sequence[tuple[str, Node, Arrangement]],
    variables: Sequence[VariableLike],
    *,
    docstring: str,
) -> str:
    """Source of a function of the variables that returns the outputs.

    name        of the function
    outputs     (name, expression, how its array is laid out); one output is returned as
                itself, several as a tuple; scalars are returned as floats
    variables   become parameters, in this order. A name that Python or the source itself
                needs gets an underscore (``lambda_``). Sizes that no variable tells become
                further parameters
    docstring   of the function

    The function takes whatever ``numpy.asarray`` takes, checks shapes and raises ValueError
    when they do not fit. It runs in any interpreter that has NumPy (and SciPy, where the
    expression has special or matrix functions).
    """
    program, values = lower(
        [(node, arrangement) for _, node, arrangement in outputs],
        [variable.name for variable in variables],
    )
    live = live_values(program, values)
    helpers = _record_helpers(program, live)
    reserved = [*HELPERS, *(helper for helper, _ in helpers)]
    function = Names(reserved).claim(name)
    names = Names(reserved)
    identifiers = {variable.name: names.claim(variable.name) for variable in variables}
    _check_inputs(program, live, identifiers)
    least = _least_sizes(program, live)
    checks = ShapeChecks(variables, identifiers, names, _sizes_in(program, live), least)
    labels = [names.claim(label) for label, _, _ in outputs]
    writer = _Writer(program, live, values, Speller(identifiers, checks.names), names)
    body = writer.write(labels)
    parameters = ", ".join([*identifiers.values(), *checks.parameters])
    lines = [
        *wrapped_signature(function, parameters),
        *_docstring(docstring),
        *(f"    {line}" for line in checks.lines),
        *body,
    ]
    return _module("\n".join(lines) + "\n", [source for _, source in helpers])


# ---------------------------------------------------------------- the parts of a module


def _module(function: str, helpers: Sequence[str]) -> str:
    """Imports, the helpers that are called, the function."""
    code = "\n".join([*helpers, function])
    own: list[str] = []
    for name, source in HELPERS.items():
        if re.search(rf"\b{name}\(", code) or (name == "_frechet" and "_frechet_tensor(" in code):
            own.append(source)
    parts = [*(part.rstrip("\n") + "\n" for part in (*own, *helpers)), function]
    body = "\n\n".join(parts)
    scipy = [module for module in _SCIPY if re.search(rf"(?<![\w.]){module}\.", body)]
    imports = "import numpy as np\n"
    if scipy:
        imports += f"from scipy import {', '.join(scipy)}\n"
    return f"{imports}\n\n{body}"


def wrapped_signature(name: str, parameters: str) -> list[str]:
    """The line ``def name(parameters):``, broken where it is too long."""
    lines = wrapped(f"def {name}", parameters, "") if len(name + parameters) > 90 else []
    if not lines:
        return [f"def {name}({parameters}):"]
    return [*lines[:-1], "):"]


def _docstring(text: str) -> list[str]:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    first, *rest = escaped.split("\n") if escaped else [""]
    if not rest:
        return [f'    """{first}"""']
    return [f'    """{first}', *(f"    {line}".rstrip() for line in rest), '    """']


def _record_helpers(program: Program, live: Iterable[Value]) -> list[tuple[str, str]]:
    """Names and sources of the functions that records bring along, each once."""
    found: dict[str, str] = {}
    for value in live:
        operation = program.operation(value)
        if isinstance(operation, Call | Frechet):
            function: Function = operation.function
            if function.numpy is None and function.numpy_helper is not None:
                found[helper_name(function)] = function.numpy_helper
    return list(found.items())


def _check_inputs(program: Program, live: Iterable[Value], identifiers: Mapping[str, str]) -> None:
    for value in live:
        operation = program.operation(value)
        if isinstance(operation, Input) and operation.name not in identifiers:
            raise ValueError(f"{operation.name!r} is not among the variables")


# ---------------------------------------------------------------- sizes of a program


def _sizes_in(program: Program, live: Iterable[Value]) -> set[str]:
    """Names of the sizes that the text of the instructions mentions."""
    found: set[str] = set()
    for value in live:
        instruction = program.instructions[value]
        mentioned: list[Dim] = []
        match instruction.operation:
            case Size(size):
                mentioned = [size]
            case Identity(offset):
                mentioned = [*instruction.axes, offset]
            case Broadcast() | Reshape():
                mentioned = list(instruction.axes)
            case Embed(axis, start):
                mentioned = [instruction.axes[axis], start]
            case Take(picks):
                mentioned = [size for pick in picks for size in _bounds(pick)]
            case _ if not instruction.arguments and not isinstance(instruction.operation, Input):
                mentioned = list(instruction.axes)
        found.update(name for size in mentioned for name in size.names)
    return found


def _bounds(pick: Position | Range | None) -> tuple[Dim, ...]:
    match pick:
        case Position(index):
            return (index,)
        case Range(start, length):
            return (start, start + length)
        case None:
            return ()


def _least_sizes(program: Program, live: Iterable[Value]) -> list[tuple[Dim, Dim]]:
    """(size, least value) wherever an index could fall outside its axis."""
    gaps: dict[Dim, None] = {}
    for value in live:
        instruction = program.instructions[value]
        match instruction.operation:
            case Take(picks):
                axes = program.axes(instruction.arguments[0])
                for pick, size in zip(picks, axes, strict=True):
                    if isinstance(pick, Position):
                        gaps.update(dict.fromkeys((pick.index, size - pick.index - 1)))
                    elif isinstance(pick, Range):
                        gaps.update(dict.fromkeys((pick.start, size - pick.start - pick.length)))
            case Embed(axis, start):
                inner = program.axes(instruction.arguments[0])
                length = inner[axis] if inner else dim(1)
                gap = instruction.axes[axis] - start - length
                gaps.update(dict.fromkeys((start, gap)))
            case Identity(offset):
                rows, columns = instruction.axes
                gaps.update(dict.fromkeys((offset, columns - offset - rows)))
    return [_sides(gap) for gap in gaps if _may_be_negative(gap)]


def _may_be_negative(gap: Dim) -> bool:
    return any(coefficient < 0 for _, coefficient in gap.terms)


def _sides(gap: Dim) -> tuple[Dim, Dim]:
    """gap >= 0 as left >= right without minus signs."""
    left = Dim.of((monomial, c) for monomial, c in gap.terms if c > 0)
    right = Dim.of((monomial, -c) for monomial, c in gap.terms if c < 0)
    return left, right


# ---------------------------------------------------------------- the body


class _Writer:
    """Writes the statements of the body."""

    def __init__(
        self,
        program: Program,
        live: Sequence[Value],
        outputs: Sequence[Value],
        speller: Speller,
        names: Names,
    ) -> None:
        self.program = program
        self.live = live
        self.outputs = outputs
        self.speller = speller
        self.names = names
        self.lines: list[str] = []
        self.texts: dict[Value, Text] = {}
        self.uses = self._count_uses()
        self._inline: set[Value] = set()

    def _count_uses(self) -> Counter[Value]:
        """How often the text of a value will be written."""
        uses = Counter(self.outputs)
        for value in reversed(self.live):
            times = uses[value] if isinstance(self.program.operation(value), _REPEATABLE) else 1
            for argument in self.program.instructions[value].arguments:
                uses[argument] += times
        return uses

    def write(self, labels: Sequence[str]) -> list[str]:
        for value in self.live:
            self._place(value)
        results = self._results()
        if len(results) == 1:
            return [*self.lines, *wrapped("return ", results[0])]
        for label, code in zip(labels, results, strict=True):
            self.lines.extend(wrapped(f"{label} = ", code))
        return [*self.lines, f"    return {', '.join(labels)}"]

    def _place(self, value: Value) -> None:
        """Give the value its text: the expression itself, or a name for it."""
        instruction = self.program.instructions[value]
        arguments = instruction.arguments
        if needs_names(instruction):
            for argument in arguments:
                self._name(argument)
        ranks = [len(self.program.axes(argument)) for argument in arguments]
        while True:
            texts = [self.texts[argument] for argument in arguments]
            text = self.speller.spell(instruction, texts, ranks)
            longest = max(arguments, key=lambda v: len(self.texts[v].code), default=None)
            if len(text.code) <= INLINE_LENGTH or longest is None:
                break
            if not self._name(longest):
                break
        self.texts[value] = text
        repeatable = isinstance(instruction.operation, _REPEATABLE)
        if self.uses[value] > 1 and not repeatable:
            self._name(value)

    def _name(self, value: Value) -> bool:
        """Assign the value to a name unless its text is one already."""
        text = self.texts[value]
        if (
            isinstance(self.program.operation(value), Input | Number | Pi)
            or text.code.isidentifier()
        ):
            return False
        name = self.names.temporary()
        self.lines.extend(wrapped(f"{name} = ", text.code))
        self.texts[value] = Text(name, Precedence.ATOM)
        return True

    # ------------------------------------------------------------ results

    def _results(self) -> list[str]:
        """Code of the outputs; scalars as floats, no array that shares memory."""
        shared: set[Value] = set()
        results: list[str] = []
        for value in self.outputs:
            text = self.texts[value]
            if not self.program.axes(value):
                results.append(self._as_float(value, text))
                continue
            base, owned = self._owner(value)
            if not owned or base in shared:
                text = Text(f"{bracketed(text, Precedence.ATOM)}.copy()", Precedence.ATOM)
            shared.add(base)
            results.append(text.code)
        return results

    def _as_float(self, value: Value, text: Text) -> str:
        operation = self.program.operation(value)
        if isinstance(operation, Number) and text.code.lstrip("-").isdigit():
            return f"{text.code}.0"
        return f"float({text.code})"

    def _owner(self, value: Value) -> tuple[Value, bool]:
        """The value whose memory an array shows, and whether it may be given away."""
        owned = True
        while True:
            operation = self.program.operation(value)
            arguments = self.program.instructions[value].arguments
            if isinstance(operation, Broadcast) and not self.program.axes(arguments[0]):
                return value, owned
            if isinstance(operation, Broadcast | Diagonal):
                owned = False
            elif not isinstance(operation, View | Take | Reshape):
                return value, owned and not isinstance(operation, Input)
            value = arguments[0]
