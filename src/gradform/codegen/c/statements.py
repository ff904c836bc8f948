"""The statements that compute the stored values of a program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from gradform.codegen.c.blocks import Block, Loop, looped
from gradform.codegen.c.entries import Entries
from gradform.codegen.c.functions import FAILS, applied, can_fail, template_of
from gradform.codegen.program.indices import indices
from gradform.codegen.program.operations import (
    Call,
    Cumulate,
    Dot,
    Einsum,
    Frechet,
    LogSumExp,
    Mapped,
    Matmul,
    Norm,
    Reduce,
    Reshape,
    Softmax,
    Solve,
    Tensordot,
    Trace,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed
from gradform.errors import CannotError
from gradform.functions.record import Function
from gradform.ir.dims import ONE, Dim
from gradform.language import say

__all__ = ["Statements"]

_SUMS = (Dot, Einsum, Matmul, Reduce, Tensordot, Trace)


class Statements:
    """Writes one block for each stored value.

    places      where stored values and variables are
    names       for what is named inside loops
    scratch     asks for memory of a size: the name of the pointer
    """

    def __init__(
        self,
        program: Program,
        places: Mapping[Value, str],
        sizes: Mapping[str, str],
        names: Names,
        scratch: Callable[[Dim], str],
    ) -> None:
        self._program = program
        self._places = places
        self._names = names
        self._scratch = scratch
        self._named: dict[str, str] = {}
        self._entries = Entries(program, places, sizes, self._name)
        self._letters = [names.claim(letter) for letter in "ijklpqrsuv"]

    def block(self, value: Value) -> Block:
        """The statements for a stored value."""
        match self._program.operation(value):
            case operation if isinstance(operation, _SUMS):
                return self._sum(value)
            case Cumulate():
                return self._running_sum(value)
            case LogSumExp(axes) | Norm(axes) | Softmax(axes):
                return self._gathered(value, axes)
            case Solve():
                return self._solution(value)
            case Reshape() if self._axes(value) and self._axes(self._arguments(value)[0]):
                return Block((), (self.copied(self._arguments(value)[0], self._places[value]),))
            case Call(function) if not function.elementwise:
                return self._call(value, function)
            case Mapped(function) if len(self._axes(value)) == 2:
                return self._call(value, function)
            case Frechet(function) | Mapped(function):
                raise CannotError(
                    say("The derivative of '{name}' has no C form.", name=function.name),
                    kind="no_c",
                    hint=say("ask for another language, such as 'numpy'"),
                )
            case _:
                return self._entrywise(value)

    def copied(self, value: Value, target: str) -> str:
        """The statement that copies a value to where a pointer shows."""
        if not self._axes(value):
            return f"*{target} = {self._entries.at(value, []).code};"
        return f"memcpy({target}, {self._places[value]}, {self._bytes(value, target)});"

    def extent(self, value: Value) -> str:
        return self._text(self.count(value))

    def count(self, value: Value) -> Dim:
        """How many entries there are."""
        return _volume(self._axes(value))

    # ------------------------------------------------------------ names and sizes

    def _arguments(self, value: Value) -> tuple[Value, ...]:
        return self._program.instructions[value].arguments

    def _axes(self, value: Value) -> tuple[Dim, ...]:
        return self._program.axes(value)

    def _text(self, size: Dim) -> str:
        return self._entries.size(size).code

    def _bytes(self, value: Value, pointer: str) -> str:
        size = self._entries.size(self.count(value))
        count = size.code if " + " not in size.code and " - " not in size.code else f"({size.code})"
        return f"{count} * sizeof *{pointer}"

    def _name(self, code: str) -> str:
        """A name for an expression, defined in the innermost loop."""
        if code not in self._named:
            self._named[code] = self._names.temporary()
        return self._named[code]

    def _definitions(self) -> list[str]:
        found, self._named = self._named, {}
        return [f"const double {name} = {code};" for code, name in found.items()]

    def _loops(self, axes: Sequence[Dim]) -> tuple[list[Loop], list[str]]:
        """Loops over axes, and the index of each; an axis of size one needs none."""
        letters = iter(self._letters)
        index = ["0" if axis is ONE else next(letters) for axis in axes]
        pairs = zip(index, axes, strict=True)
        return [Loop(at, self._text(axis)) for at, axis in pairs if axis is not ONE], index

    def _target(self, value: Value, index: Sequence[str]) -> tuple[str, tuple[str, str] | None]:
        """The entry as it is assigned to, and what is known for joining loops."""
        place = self._places[value]
        if not self._axes(value):
            return place, None
        at = self._entries.place(self._axes(value), index)
        return f"{place}[{at}]", (place, at)

    # ------------------------------------------------------------ entry by entry

    def _entrywise(self, value: Value) -> Block:
        loops, index = self._loops(self._axes(value))
        target, writes = self._target(value, index)
        code = self._entries.written(value, index).code
        lines = self._definitions()
        if not self._axes(value):
            return Block((), (*lines, f"const double {target} = {code};"))
        return Block(tuple(loops), (*lines, f"{target} = {code};"), writes)

    def _sum(self, value: Value) -> Block:
        """Sums of products: in a variable, or added up in the result row by row."""
        instruction = self._program.instructions[value]
        found = indices(self._program, value)
        sizes = self._label_sizes(value)
        free = [label for label in found.result if label is not None]
        summed = [label for label in sizes if label not in free]
        letters = dict(zip((*free, *summed), self._letters, strict=False))
        loops = {label: Loop(letters[label], self._text(sizes[label])) for label in sizes}
        factors = [
            self._entries.at(argument, ["0" if k is None else letters[k] for k in labels])
            for argument, labels in zip(instruction.arguments, found.arguments, strict=True)
        ]
        code = factors[0].code
        if len(factors) > 1:
            code = " * ".join(bracketed(text, Precedence.POWER) for text in factors)
        index = ["0" if label is None else letters[label] for label in found.result]
        target, writes = self._target(value, index)
        body = self._definitions()
        inner = [loops[label] for label in summed]
        outer = [loops[label] for label in free]
        if not free:
            kind = "" if self._axes(value) else "double "
            line = f"{target} += {code};"
            return Block(tuple(inner), (*body, line), (target, ""), (f"{kind}{target} = 0.0;",))
        if any(_runs_along(t.code, outer[-1].letter) for t in factors):
            place = self._places[value]
            start = f"memset({place}, 0, {self._bytes(value, place)});"
            order = (*outer[:-1], *inner, outer[-1])
            return Block(order, (*body, f"{target} += {code};"), None, (start,))
        total = self._names.temporary()
        lines = looped(inner, [*body, f"{total} += {code};"])
        return Block(
            tuple(outer), (f"double {total} = 0.0;", *lines, f"{target} = {total};"), writes
        )

    def _label_sizes(self, value: Value) -> dict[int, Dim]:
        """The size of each index, in the order of the arguments."""
        found = indices(self._program, value)
        sizes: dict[int, Dim] = {}
        for argument, labels in zip(
            self._program.instructions[value].arguments, found.arguments, strict=True
        ):
            for label, axis in zip(labels, self._axes(argument), strict=True):
                if label is not None:
                    sizes.setdefault(label, axis)
        return sizes

    def _running_sum(self, value: Value) -> Block:
        instruction = self._program.instructions[value]
        assert isinstance(instruction.operation, Cumulate)
        axis = instruction.operation.axis
        axes = self._axes(value)
        loops, index = self._loops(axes)
        total = self._names.temporary()
        turn = index[axis]
        if instruction.operation.backwards:
            index[axis] = f"({self._text(axes[axis])} - 1 - {turn})"
        target, _ = self._target(value, index)
        code = self._entries.at(instruction.arguments[0], index).code
        body = [*self._definitions(), f"{total} += {code};", f"{target} = {total};"]
        inner = [loop for loop in loops if loop.letter == turn]
        outer = tuple(loop for loop in loops if loop.letter != turn)
        lines = (f"double {total} = 0.0;", *looped(inner, body))
        return Block(outer, lines) if outer else Block((), lines)

    # ------------------------------------------------------------ calls

    def _gathered(self, value: Value, axes: Sequence[int]) -> Block:
        """logsumexp, softmax and the norm of entries that lie equally far apart."""
        operation = self._program.operation(value)
        (argument,) = self._program.instructions[value].arguments
        shape = self._axes(argument)
        long = [k for k in sorted(axes) if shape[k] is not ONE] or [max(axes, default=0)]
        if any(shape[k] is not ONE for k in range(long[0], long[-1] + 1) if k not in axes):
            raise CannotError(
                say("C source sums exponentials only over axes that stand side by side."),
                kind="no_c",
                hint=say("ask for another language, such as 'numpy'"),
            )
        groups = (shape[: long[0]], shape[long[0] : long[-1] + 1], shape[long[-1] + 1 :])
        before, count, after = map(_volume, groups)
        loops, index = self._loops([before, after])
        offset = self._entries.place([before, count, after], [index[0], "0", index[1]])
        given = f"{self._texts(count, after)}, {_shifted(self._places[argument], offset)}"
        if isinstance(operation, Softmax):
            result = _shifted(self._places[value], offset)
            return Block(tuple(loops), (f"softmax({given}, {result});",))
        target = self._places[value]
        function = "norm" if isinstance(operation, Norm) else "logsumexp"
        if not self._axes(value):
            return Block((), (f"const double {target} = {function}({given});",))
        at = self._entries.place([before, after], index)
        return Block(tuple(loops), (f"{target}[{at}] = {function}({given});",))

    def _texts(self, *sizes: Dim) -> str:
        return ", ".join(map(self._text, sizes))

    def _solution(self, value: Value) -> Block:
        """Copies of both sides, as elimination works in place."""
        matrix, right = self._program.instructions[value].arguments
        axes = self._axes(right)
        target = self._places[value]
        used_up = self._scratch(self.count(matrix))
        count = self._text(axes[1]) if len(axes) == 2 else "1"
        return Block(
            (),
            (
                self.copied(matrix, used_up),
                self.copied(right, target),
                *_checked(f"solve({self._text(axes[0])}, {count}, {used_up}, {target})"),
            ),
        )

    def _call(self, value: Value, function: Function) -> Block:
        """A function of whole arrays."""
        arguments = self._program.instructions[value].arguments
        target = self._places[value]
        is_scalar = not self._axes(value)
        known = {
            "rows": lambda: self._text(self._axes(arguments[0])[0]),
            "rows1": lambda: self._text(self._axes(arguments[1])[0]),
            "size": lambda: self.extent(arguments[0]),
            "result": lambda: f"&{target}" if is_scalar else target,
            "work": lambda: self._scratch(self.count(arguments[0])),
        }

        def given(word: str) -> Text:
            if word in known:
                return atom(known[word]())
            argument = arguments[int(word)]
            if not self._axes(argument):
                return self._entries.at(argument, [])
            return atom(self._places[argument])

        template = template_of(function)
        code = applied(template, given).code
        lines = self._definitions()
        if is_scalar and "{result}" not in template:
            return Block((), (*lines, f"const double {target} = {code};"))
        declared = (f"double {target};",) if is_scalar else ()
        called = _checked(code) if can_fail(function) else (f"{code};",)
        return Block((), (*lines, *declared, *called))


def _volume(axes: Sequence[Dim]) -> Dim:
    result = ONE
    for axis in axes:
        result = result * axis
    return result


def _runs_along(code: str, letter: str) -> bool:
    """Whether an entry moves on by one place in memory with this index."""
    return re.search(rf"(\[|\+ ){letter}\]", code) is not None


def _shifted(pointer: str, offset: str) -> str:
    return pointer if offset == "0" else f"{pointer} + {offset}"


def _checked(call: str) -> tuple[str, ...]:
    return (f"{FAILS} = {call};", f"if ({FAILS} != 0)", "    goto done;")
