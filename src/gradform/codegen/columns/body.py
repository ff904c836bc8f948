"""The statements of a function: short values that are used once stand where they are used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from gradform.codegen.columns.spelling import Speller, named_arguments
from gradform.codegen.program.operations import Constant, Input, Number, Size
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import Text, atom

__all__ = ["statements"]

_LONGEST = 60
_LEAVES = (Input, Number, Constant, Size)


def statements(
    program: Program,
    live: Sequence[Value],
    outputs: Sequence[tuple[str, Value]],
    speller: Speller,
    names: Names,
    result: Callable[[Value, str], str],
) -> list[str]:
    """Assignments of intermediate values and of the outputs, by name.

    ``result`` makes the code of a value what the caller gets.
    """
    uses = Counter(value for _, value in outputs)
    uses.update(a for value in live for a in program.instructions[value].arguments)
    writer = _Writer(program, uses, speller, names)
    for value in live:
        writer.place(value)
    for label, value in outputs:
        writer.lines.append(f"{label} = {result(value, writer.texts[value].code)}")
    return writer.lines


class _Writer:
    def __init__(
        self, program: Program, uses: Counter[Value], speller: Speller, names: Names
    ) -> None:
        self.program = program
        self.uses = uses
        self.speller = speller
        self.names = names
        self.lines: list[str] = []
        self.texts: dict[Value, Text] = {}

    def place(self, value: Value) -> None:
        """Give the value its text: the expression itself, or a name for it."""
        instruction = self.program.instructions[value]
        arguments = instruction.arguments
        if named_arguments(self.speller.dialect, instruction):
            for argument in arguments:
                self._name(argument)
        shapes = [self.program.axes(argument) for argument in arguments]
        while True:
            texts = [self.texts[argument] for argument in arguments]
            text = self.speller.spell(instruction, texts, shapes)
            longest = max(arguments, key=lambda v: len(self.texts[v].code), default=None)
            if len(text.code) <= _LONGEST or longest is None or not self._name(longest):
                break
        self.texts[value] = text
        if self.uses[value] > 1:
            self._name(value)

    def _name(self, value: Value) -> bool:
        """Assign the value to a name unless its text is one already."""
        text = self.texts[value]
        if isinstance(self.program.operation(value), _LEAVES) or text.code.isidentifier():
            return False
        name = self.names.temporary()
        self.lines.append(f"{name} = {text.code}")
        self.texts[value] = atom(name)
        return True
