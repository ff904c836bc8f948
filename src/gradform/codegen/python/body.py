"""The statements of a generated function.

A value that is used once stands inside the expression that uses it as long as lines stay
short; all others get names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gradform.codegen.passes.blocks import with_blocks
from gradform.codegen.passes.quotients import without_nested
from gradform.codegen.program.extents import sizes_in
from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Constant,
    Diagonal,
    Input,
    Number,
    Product,
    Reshape,
    Size,
    Take,
    View,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.python.dialect import Dialect
from gradform.codegen.python.functions import needs_names
from gradform.codegen.python.plain import takes_number
from gradform.codegen.python.spelling import Speller
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, call_text, wrapped

__all__ = ["Writer"]

# Longer expressions are split by naming their parts.
INLINE_LENGTH = 64
# Cheap enough to write again at every use.
_REPEATABLE = (Input, Number, Constant, Size, View, Take)


class Writer:
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
        self.dialect = speller.dialect
        self.numbers = _numbers(program, live) if self.dialect.weak_numbers else frozenset()
        self.plain = speller.plain

    @staticmethod
    def prepared(
        dialect: Dialect, program: Program, outputs: Sequence[Value]
    ) -> tuple[Program, list[Value]]:
        """The program in the operations that are written."""
        program, values = with_blocks(program, outputs)
        return without_nested(program, values) if dialect.one_quotient else (program, values)

    @staticmethod
    def sizes_in(program: Program, live: Sequence[Value]) -> set[str]:
        """Names of the sizes that the statements mention."""
        return sizes_in(program, live)

    @property
    def constants(self) -> Mapping[str, str]:
        """Numbers that become arrays once, when the source is loaded: text → name."""
        return {}

    def _count_uses(self) -> Counter[Value]:
        """How often the text of a value will be written."""
        uses = Counter(self.outputs)
        for value in reversed(self.live):
            times = uses[value] if isinstance(self.program.operation(value), _REPEATABLE) else 1
            for argument in self.program.instructions[value].arguments:
                uses[argument] += times
        return uses

    def write(self, labels: Sequence[str], *, as_tuple: bool = False) -> list[str]:
        """The body; with ``as_tuple``, one result is returned as a tuple too."""
        for value in self.live:
            self._place(value)
        results = self._results()
        if len(results) == 1 and as_tuple:
            return [*self.lines, *wrapped("return ", f"({results[0]},)")]
        if len(results) == 1:
            return [*self.lines, *wrapped("return ", results[0])]
        for label, code in zip(labels, results, strict=True):
            self.lines.extend(wrapped(f"{label} = ", code))
        return [*self.lines, f"    return {', '.join(labels)}"]

    def _place(self, value: Value) -> None:
        """Give the value its text: the expression itself, or a name for it."""
        instruction = self.program.instructions[value]
        arguments = instruction.arguments
        if needs_names(self.dialect, instruction):
            for argument in arguments:
                self._name(argument)
        ranks = [len(self.program.axes(argument)) for argument in arguments]
        while True:
            texts = [self._argument(value, place) for place in range(len(arguments))]
            text = self._weakened(value, self.speller.spell(instruction, texts, ranks))
            longest = max(arguments, key=lambda v: len(self.texts[v].code), default=None)
            if len(text.code) <= INLINE_LENGTH or longest is None:
                break
            if not self._name(longest):
                break
        self.texts[value] = text
        repeatable = isinstance(instruction.operation, _REPEATABLE)
        if self.uses[value] > 1 and not repeatable:
            self._name(value)

    def _weakened(self, value: Value, text: Text) -> Text:
        """A number that no variable takes part in, as a Python number where that matters."""
        return call_text("float", text.code) if value in self.numbers else text

    def _argument(self, value: Value, place: int) -> Text:
        """The text of an argument; a number is made an array where one is needed."""
        argument = self.program.instructions[value].arguments[place]
        text = self.texts[argument]
        if argument in self.plain and not takes_number(self.program, value, place):
            return self.dialect.array_of(text)
        return text

    def _name(self, value: Value) -> bool:
        """Assign the value to a name unless its text is one already."""
        text = self.texts[value]
        if (
            isinstance(self.program.operation(value), Input | Number | Constant)
            or text.code.isidentifier()
        ):
            return False
        name = self.names.temporary()
        self.lines.extend(wrapped(f"{name} = ", text.code))
        self.texts[value] = Text(name, Precedence.ATOM)
        return True

    # ------------------------------------------------------------ results

    def _results(self) -> list[str]:
        """Code of the outputs, with no array that shares memory."""
        shared: set[Value] = set()
        results: list[str] = []
        for value in self.outputs:
            text = self.texts[value]
            if value in self.plain:
                text = self.dialect.array_of(text)
            if not self.program.axes(value):
                text = atom(self.dialect.number_as_result(text, self._is_whole(value)))
            if self.dialect.shares and self._is_shared(value, shared):
                text = atom(self.dialect.copied(bracketed(text, Precedence.ATOM)))
            if self.program.axes(value):
                text = text._replace(code=self.dialect.array_as_result(text.code))
            results.append(text.code)
        return results

    def _is_whole(self, value: Value) -> bool:
        """Whether the text is a whole number."""
        is_number = isinstance(self.program.operation(value), Number)
        return is_number and self.texts[value].code.lstrip("-").isdigit()

    def _is_shared(self, value: Value, shared: set[Value]) -> bool:
        """Whether the array is a view of an argument or of an earlier result."""
        if not self.program.axes(value) and not self.dialect.only_arrays:
            return False
        base, owned = self._owner(value)
        found = not owned or base in shared
        shared.add(base)
        return found

    def _owner(self, value: Value) -> tuple[Value, bool]:
        """The value whose memory an array shows, and whether it may be given away."""
        owned = True
        while True:
            operation = self.program.operation(value)
            arguments = self.program.instructions[value].arguments
            if isinstance(operation, Broadcast) and not self.program.axes(arguments[0]):
                if not self.dialect.only_arrays or arguments[0] in self.plain:
                    return value, owned
                owned = False
            if isinstance(operation, Broadcast | Diagonal):
                owned = False
            elif not isinstance(operation, View | Take | Reshape):
                return value, owned and not isinstance(operation, Input)
            value = arguments[0]


def _numbers(program: Program, live: Sequence[Value]) -> frozenset[Value]:
    """Functions, powers and so on of numbers and sizes alone."""
    fixed: set[Value] = set()
    found: set[Value] = set()
    for value in live:
        instruction = program.instructions[value]
        if instruction.axes or isinstance(instruction.operation, Input):
            continue
        if fixed.issuperset(instruction.arguments):
            fixed.add(value)
            if isinstance(instruction.operation, Call | Product):
                found.add(value)
    return frozenset(found)
