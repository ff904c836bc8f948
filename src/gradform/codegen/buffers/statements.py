"""The statements of a compiled function: one value after the other, in buffers that are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.codegen.buffers.assembled import assembled, placed
from gradform.codegen.buffers.entrywise import Factor, Term, after_differences, product, total
from gradform.codegen.buffers.layouts import values_by_columns
from gradform.codegen.buffers.lifetimes import Lifetimes, with_late_results
from gradform.codegen.buffers.pad import Operand, Pad
from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Cumulate,
    Embed,
    Input,
    LogAddExp,
    Matmul,
    Number,
    Outer,
    Product,
    Reduce,
    Reshape,
    Size,
    Softmax,
    Spread,
    Take,
    Trace,
    View,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value
from gradform.codegen.python.body import Writer
from gradform.codegen.python.dialect import Dialect
from gradform.codegen.python.functions import filled, needs_names, ufunc_template
from gradform.codegen.python.spelling import Speller
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, number_text
from gradform.ir.nodes import Coefficient

__all__ = ["BufferWriter"]

_PLAIN = (Input, Number, Constant, Size)
_SHOWN = (View, Take)


class BufferWriter(Writer):
    """Writes each value as a statement of its own, or as several."""

    def __init__(
        self,
        program: Program,
        live: Sequence[Value],
        outputs: Sequence[Value],
        speller: Speller,
        names: Names,
    ) -> None:
        live = with_late_results(program, live, outputs)
        super().__init__(program, live, outputs, speller, names)
        self.lifetimes = Lifetimes(program, live, outputs, self.dialect.template)
        self.pad = Pad(names, lambda number: number_text(number, self.dialect.numerals).code)
        self.lines = self.pad.lines
        self.position = 0
        self._positions = {value: k for k, value in enumerate(live)}
        self._by_columns = values_by_columns(program, live)
        self._owners: dict[str, Value] = {}

    @staticmethod
    def prepared(
        dialect: Dialect, program: Program, outputs: Sequence[Value]
    ) -> tuple[Program, list[Value]]:
        """Pieces are written into their places, one after the other."""
        return program, list(outputs)

    @staticmethod
    def sizes_in(program: Program, live: Sequence[Value]) -> set[str]:
        """Also the sizes of the zeros that something is put into."""
        whole = [v for v in live if isinstance(program.operation(v), Embed | Spread)]
        names = {name for v in whole for axis in program.axes(v) for name in axis.names}
        return Writer.sizes_in(program, live) | names

    @property
    def constants(self) -> Mapping[str, str]:
        return self.pad.constants

    def _place(self, value: Value) -> None:
        instruction = self.program.instructions[value]
        self.position = self._positions[value]
        reusable = value not in self._by_columns and self.lifetimes.is_floating(value)
        self.pad.axes = instruction.axes if reusable else ()
        if value in self.lifetimes.deferred:
            if isinstance(instruction.operation, Broadcast):
                self.texts[value] = self.texts[instruction.arguments[0]]
            return
        if isinstance(instruction.operation, _PLAIN):
            self.texts[value] = self.speller.spell(instruction, (), ())
        elif isinstance(instruction.operation, _SHOWN) and self.lifetimes.uses[value] == 1:
            self.texts[value] = self._spelled(instruction)
        else:
            self.texts[value] = atom(self._statement(value, instruction))
            self._release(value, instruction)

    def _release(self, value: Value, instruction: Instruction) -> None:
        """Give back the names of arrays that were looked at for the last time."""
        kept = self._code(value)
        self._owners[kept] = value
        ended = self.lifetimes.ended(instruction.arguments, self.position)
        for name, owner in list(self._owners.items()):
            if owner in ended and name != kept:
                del self._owners[name]
                self.pad.release(name)
        self.pad.clear(kept)

    # ------------------------------------------------------------ operands

    def _code(self, value: Value) -> str:
        return self.texts[value].code

    def _operand(self, value: Value, user: Value) -> Operand:
        """An argument of an instruction: whether it fits the result and may be overwritten."""
        if not self.program.axes(value):
            return self._single(value)
        full = self.program.axes(value) == self.program.axes(user)
        others = [v for v in self.program.instructions[user].arguments if v != value]
        alone = self.program.instructions[user].arguments.count(value) == 1
        free = (
            full
            and alone
            and self.lifetimes.is_free(value, self.position)
            and not any(self.lifetimes.overlap(value, other) for other in others)
        )
        text = bracketed(self.texts[value], Precedence.ATOM)
        if full and self._is_turned_first(value, user):
            return Operand(self.pad.assign(f"{text}.copy()"), full, True)
        return Operand(text, full, free)

    def _is_turned_first(self, value: Value, user: Value) -> bool:
        """Whether a matrix by columns, the first such one, meets only ones that must be kept.

        A copy by rows is the new array then: all passes over it run along rows. Of two arguments
        there is only one pass.
        """
        arguments = self.program.instructions[user].arguments
        if len(arguments) < 3:
            return False
        turned = [each for each in arguments if each in self._by_columns]
        if user in self._by_columns or turned[:1] != [value]:
            return False
        free = any(self.lifetimes.is_free(each, self.position) for each in arguments)
        entrywise = isinstance(self.program.operation(user), Combine | Product)
        return entrywise and not free and self.lifetimes.is_floating(value)

    def _single(self, value: Value) -> Operand:
        """A value without axes."""
        operation = self.program.operation(value)
        if isinstance(operation, Number):
            return self.pad.number(operation.value)
        return Operand(bracketed(self.texts[value], Precedence.ATOM))

    def _spelled(self, instruction: Instruction) -> Text:
        texts = [self.texts[argument] for argument in instruction.arguments]
        ranks = [len(self.program.axes(argument)) for argument in instruction.arguments]
        return self.speller.spell(instruction, texts, ranks)

    # ------------------------------------------------------------ statements

    def _statement(self, value: Value, instruction: Instruction) -> str:
        """Writes the value; returns its name."""
        operation = instruction.operation
        if not instruction.axes:
            return self._number(value, instruction)
        match operation:
            case Combine(coefficients):
                return self._sum(value, coefficients).code
            case Product(coefficient, powers):
                return self._product(value, coefficient, powers).code
            case Call(function) if function.elementwise:
                template = ufunc_template(self.dialect.template(function) or "")
                return self._function(value, template)
            case LogAddExp():
                return self._function(value, "np.logaddexp({0}, {1}")
            case Outer():
                left, right = instruction.arguments
                column = f"{bracketed(self.texts[left], Precedence.ATOM)}[:, None]"
                return self.pad.assign(f"{column} * {self._code(right)}")
            case Softmax(axes):
                return self._softmax(value, axes)
            case Embed() | Spread():
                return assembled(self, instruction.axes, [(1, value)]).code
            case _:
                return self.pad.assign(self._array(value, instruction))

    def _number(self, value: Value, instruction: Instruction) -> str:
        """A value without axes."""
        codes = [self._code(argument) for argument in instruction.arguments]
        match instruction.operation:
            case Reduce():
                rank = len(self.program.axes(instruction.arguments[0]))
                return self.pad.assign(f"np.add.reduce({codes[0]}{', None' * (rank > 1)})")
            case Trace():
                matrix = bracketed(self.texts[instruction.arguments[0]], Precedence.ATOM)
                return self.pad.assign(f"np.add.reduce({matrix}.diagonal())")
            case Matmul():
                return self.pad.assign(self._dot(instruction))
            case _:
                text = self._weakened(value, self._spelled(instruction))
                return self.pad.assign(text.code)

    def _array(self, value: Value, instruction: Instruction) -> str:
        arguments = instruction.arguments
        match instruction.operation:
            case Matmul() if all(len(self.program.axes(a)) <= 2 for a in arguments):
                return self._dot(instruction, turned=value in self._by_columns)
            case Reduce(axes):
                place_ = axes[0] if len(axes) == 1 else axes
                return f"np.add.reduce({self._code(arguments[0])}, {place_})"
            case Reshape():
                array = bracketed(self.texts[arguments[0]], Precedence.ATOM)
                return f"{array}.reshape({self.speller.shape(instruction.axes)})"
            case Cumulate(axis, backwards):
                return self._cumulated(arguments[0], axis, backwards)
            case _:
                return self._spelled(instruction).code

    def _dot(self, instruction: Instruction, *, turned: bool = False) -> str:
        """The method has less to look at than the operator; ``turned``: by columns."""
        left, right = instruction.arguments
        if turned:
            return f"{self._turned(right)}.dot({self._turned(left)}).T"
        if len(self.program.axes(right)) == 1 and self._code(left).endswith(".T"):
            # A'x is x'A, which needs no view of A.
            return f"{bracketed(self.texts[right], Precedence.ATOM)}.dot({self._turned(left)})"
        return f"{bracketed(self.texts[left], Precedence.ATOM)}.dot({self._code(right)})"

    def _turned(self, value: Value) -> str:
        code = bracketed(self.texts[value], Precedence.ATOM)
        return code[:-2] if code.endswith(".T") else f"{code}.T"

    def _cumulated(self, value: Value, axis: int, backwards: bool) -> str:
        array = bracketed(self.texts[value], Precedence.ATOM)
        if not backwards:
            return f"np.add.accumulate({array}, {axis})"
        turned = f"[{':, ' * axis}::-1]"
        return f"np.add.accumulate({array}{turned}, {axis}){turned}"

    # ------------------------------------------------------------ entry by entry

    def _sum(self, value: Value, coefficients: Sequence[Coefficient]) -> Operand:
        instruction = self.program.instructions[value]
        pairs = list(zip(coefficients, instruction.arguments, strict=True))
        scattered = [pair for pair in pairs if pair[1] in self.lifetimes.deferred]
        dense = [pair for pair in pairs if pair[1] not in self.lifetimes.deferred]
        if not dense:
            return assembled(self, instruction.axes, scattered)
        found = self._dense_sum(value, dense)
        if not scattered:
            return found
        if not found.free:
            found = Operand(self._whole(found, value), True, True)
        return placed(self, found, scattered)

    def _whole(self, found: Operand, value: Value) -> str:
        """A copy with all axes, to add to."""
        shape = self.speller.shape(self.program.axes(value))
        return self.pad.assign(f"np.broadcast_to({found.code}, {shape}).copy()")

    def _dense_sum(self, value: Value, pairs: Sequence[tuple[Coefficient, Value]]) -> Operand:
        axes = self.program.axes(value)
        terms: list[Term] = []
        last = after_differences([(c, self.program.axes(v)) for c, v in pairs])
        if pairs[last:]:
            difference = (1, self._dense_sum(value, pairs[:last]), axes)
            return total(self.pad, [difference, *self._scalar_terms(pairs[last:])], axes)
        scalars = [(c, v) for c, v in pairs if not self.program.axes(v)]
        for coefficient, argument in pairs:
            if self.program.axes(argument):
                operand = self._operand(argument, value)
                terms.append((coefficient, operand, self.program.axes(argument)))
        terms.extend(self._scalar_terms(scalars))
        return total(self.pad, terms, axes)

    def _scalar_terms(self, pairs: Sequence[tuple[Coefficient, Value]]) -> list[Term]:
        """Numbers of a sum as one."""
        if not pairs:
            return []
        if len(pairs) == 1 and isinstance(self.program.operation(pairs[0][1]), Number):
            (coefficient, value), *_ = pairs
            return [(coefficient, self._single(value), ())]
        instruction = Instruction(
            Combine(tuple(c for c, _ in pairs)), tuple(v for _, v in pairs), ()
        )
        if len(pairs) == 1:
            coefficient, value = pairs[0]
            instruction = Instruction(Product(coefficient, (1,)), (value,), ())
        return [(1, Operand(self.pad.assign(self._spelled(instruction).code)), ())]

    def _product(
        self, value: Value, coefficient: Coefficient, powers: Sequence[Coefficient]
    ) -> Operand:
        instruction = self.program.instructions[value]
        factors: list[Factor] = []
        scalars: list[tuple[Value, Coefficient]] = []
        for argument, power in zip(instruction.arguments, powers, strict=True):
            if self.program.axes(argument):
                operand = self._operand(argument, value)
                factors.append((operand, power, self.program.axes(argument)))
            else:
                scalars.append((argument, power))
        if len(scalars) == 1 and coefficient == 1 and abs(scalars[0][1]) == 1:
            argument, power = scalars[0]
            factors.append((self._single(argument), power, ()))
        elif scalars:
            one = Product(coefficient, tuple(power for _, power in scalars))
            number = self._spelled(Instruction(one, tuple(v for v, _ in scalars), ()))
            factors.append((Operand(self.pad.assign(number.code)), 1, ()))
            coefficient = 1
        return product(self.pad, coefficient, factors, self.program.axes(value))

    def _function(self, value: Value, template: str | None) -> str:
        instruction = self.program.instructions[value]
        if template is None:
            if needs_names(self.dialect, instruction):
                for argument in instruction.arguments:
                    self._name(argument)
            return self.pad.assign(self._spelled(instruction).code)
        operands = [self._operand(argument, value) for argument in instruction.arguments]
        code = filled(f"{template})", [atom(each.code) for each in operands]).code
        free = next((each.code for each in operands if each.free), None)
        if free is None:
            full = self.pad.axes and any(each.full for each in operands)
            return (self.pad.written if full else self.pad.assign)(code, code[:-1])
        self.pad.line(f"{code[:-1]}, out={free})")
        return free

    def _softmax(self, value: Value, axes: Sequence[int]) -> str:
        (argument,) = self.program.instructions[value].arguments
        along = f"{axes[0] if len(axes) == 1 else tuple(axes)}, None, None, True"
        operand = self._operand(argument, value)
        largest = Operand(self.pad.assign(f"np.maximum.reduce({operand.code}, {along})"))
        weights = self.pad.binary("subtract", operand, largest)
        self.pad.line(f"np.exp({weights.code}, out={weights.code})")
        self.pad.line(f"{weights.code} /= np.add.reduce({weights.code}, {along})")
        return weights.code
