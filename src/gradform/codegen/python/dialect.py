"""How an array library writes what a program does.

The writer asks a dialect for every name that differs between libraries. This class is what
libraries share whose functions have NumPy's names and arguments; each library is one subclass,
in a file of its name.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from gradform.codegen.text.pieces import Numerals, Text, atom, call_text
from gradform.functions.record import Function

__all__ = ["ITEMS", "Dialect", "SourceOptions"]


class SourceOptions(Protocol):
    """What a writer looks at: the type of arrays, and the variables that are batched."""

    @property
    def dtype(self) -> str: ...
    @property
    def batch(self) -> tuple[str, ...]: ...


# The parameters of a function of one example.
ITEMS = tuple(f"_item{k}" for k in range(4))

_MODULE = re.compile(r"(?<![\w.])(np|special|linalg)\.")


class Dialect(ABC):
    """The spelling of a library.

    language     key of the library's spellings in function records
    title        the library's name
    module       the name that its functions are called by
    numerals     how numbers are written
    modules      its modules for NumPy's and SciPy's ``np``, ``special`` and ``linalg``
    reserved     names that generated code uses
    helpers      functions that generated code carries when it needs them, by name
    axis         keyword of the axes of a sum
    concatenate  puts arrays one after the other
    vmap         the library's transformation of a function of one into one of many, if any
    only_arrays  functions take no Python numbers, and a value without axes is an array too
    weak_numbers what functions make of numbers alone is made a Python number again, so that
                 it does not widen the arrays it meets
    shares       arrays can be written to, so that results must not share memory
    unturned     products of a transposed matrix and a vector are written without the transpose
    one_quotient its compiler makes one quotient of a quotient that is divided; that may overflow
    operations   those it has words for beyond the ones that all libraries have
    quiet        decorator lines that keep warnings about values that are not chosen away
    """

    language: str
    title: str
    module: str
    modules: Mapping[str, str]
    numerals: Numerals
    reserved: frozenset[str]
    helpers: Mapping[str, str]
    axis = "axis"
    concatenate = "concatenate"
    vmap = ""
    only_arrays = True
    weak_numbers = False
    shares = True
    unturned = False
    one_quotient = False
    operations: frozenset[type] = frozenset()
    quiet: tuple[str, ...] = ()

    # ------------------------------------------------------------ modules and arguments

    @abstractmethod
    def imports(self, body: str) -> str:
        """The import lines that the body needs."""

    def opening(self, parameters: Sequence[str], body: str) -> list[str]:
        """The statements that a function with these array parameters starts with."""
        return []

    def types(self, parameters: Sequence[str], body: str) -> list[str]:
        """The statements that say of what type new arrays in the body are."""
        return []

    def converted(self, name: str) -> list[str]:
        """Statements that make an array of a parameter just before its shape is checked."""
        return []

    def scalar_as_number(self, name: str) -> list[str]:
        """Statements that make a number of an array without axes, after the checks."""
        return []

    def preamble(self) -> list[str]:
        """Statements in front of the function."""
        return []

    def shape_shown(self, name: str) -> str:
        """The expression for a shape in an error message."""
        return f"{name}.shape"

    # ------------------------------------------------------------ functions of records

    def template(self, function: Function) -> str | None:
        """The template over ``{0}``, ``{1}`` for a function.

        Where neither a template nor a helper is given, NumPy's with the modules renamed.
        """
        if self.language in function.spell or self.language in function.helpers:
            return function.spell.get(self.language)
        return self.renamed(function.spell.get("numpy"))

    def stacked_template(self, function: Function) -> str | None:
        """The same for arguments with a leading axis more."""
        return function.stacks.get(self.language)

    def helper(self, function: Function) -> str | None:
        """The source of the function that a record brings along."""
        return function.helpers.get(self.language)

    def renamed(self, text: str | None) -> str | None:
        """NumPy code with the modules of this library."""
        if text is None:
            return None
        return _MODULE.sub(lambda found: f"{self.modules[found.group(1)]}.", text)

    # ------------------------------------------------------------ numbers

    def call(self, function: str, *arguments: str) -> Text:
        """A call of a function of the library."""
        return call_text(f"{self.module}.{function}", *arguments)

    def solved(self, matrices: Text, sides: Text, stacked: Sequence[bool]) -> Text:
        """The solutions of systems, of which matrices or sides or both are stacked; a side is a
        matrix."""
        return self.call("linalg.solve", matrices.code, sides.code)

    def constant(self, name: str) -> Text:
        """π, Euler's constant γ, ∞."""
        known = {"pi": "pi", "EulerGamma": "euler_gamma", "inf": "inf"}
        return atom(f"{self.module}.{known[name]}")

    def array_of(self, number: Text) -> Text:
        """A Python number as an array without axes."""
        return number

    def number_as_result(self, text: Text, literal: bool) -> str:
        """A value without axes as the caller gets it; ``literal``: it is a whole number."""
        return text.code

    def number_array(self, code: str) -> str:
        """A number as an array without axes, to be made once."""
        return self.call("array", code, *self.typed).code

    def array_as_result(self, code: str) -> str:
        """An array as the caller gets it."""
        return code

    @property
    def zero(self) -> Text:
        """A zero that arrays and numbers can be divided by."""
        return self.array_of(atom("0.0"))

    # ------------------------------------------------------------ arrays made of sizes

    @property
    def typed(self) -> tuple[str, ...]:
        """The arguments that give a new array its type and its place."""
        return ()

    def shape(self, sizes: Sequence[str]) -> str:
        """As an argument: ``n`` for one axis, else a tuple."""
        return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"

    def filled(self, shape: str, number: Text) -> Text:
        """A number everywhere."""
        constants = {"0": "zeros", "1": "ones"}
        if number.code in constants:
            return self.call(constants[number.code], shape, *self.typed)
        return self.call("full", shape, number.code, *self.typed)

    def identity(self, rows: str, columns: str, offset: str) -> Text:
        """Ones where column = row + offset."""
        if columns == rows and offset == "0":
            return self.call("eye", rows, *self.typed)
        return self.call("eye", rows, columns, offset, *self.typed)

    def triangle(self, size: str) -> Text:
        """The lower triangle of ones."""
        return self.call("tri", size, *self.typed)

    # ------------------------------------------------------------ arrays of arrays

    def reshaped(self, code: str, shape: str) -> Text:
        return self.call("reshape", code, shape)

    def broadcast(self, code: str, shape: str) -> Text:
        return self.call("broadcast_to", code, shape)

    def permuted(self, code: str, order: Sequence[int]) -> str:
        return f"{code}.transpose({', '.join(map(str, order))})"

    def concatenated(
        self, codes: Sequence[str], ranks: Sequence[int], axis: int, rank: int
    ) -> Text:
        """Arrays one after the other along an axis, which all of them have, or none; or numbers
        and vectors as a vector."""
        function = self.concatenate
        if min(ranks) < rank:
            function = "stack" if max(ranks) < rank else "hstack"
        place = [f"{self.axis}={axis}"] if axis else []
        return self.call(function, f"[{', '.join(codes)}]", *place)

    def diagonal(self, code: str, places: Sequence[int]) -> Text:
        """Entries with equal indices on two axes; ``places`` is empty for those of a matrix."""
        named = zip(("axis1", "axis2"), places, strict=False)
        return self.call("diagonal", code, *(f"{name}={place}" for name, place in named))

    def along(self, axes: Sequence[int], rank: int) -> list[str]:
        """The argument that names axes; none when all are meant."""
        if len(axes) == rank:
            return []
        return [f"{self.axis}={axes[0] if len(axes) == 1 else tuple(axes)}"]

    def cumulated(self, code: str, axis: int, rank: int, *, backwards: bool) -> Text:
        """Running sums along an axis, from the end when ``backwards``."""
        place = [f"axis={axis}"] if rank > 1 else []
        if not backwards:
            return self.call("cumsum", code, *place)
        flipped = self.call("flip", code, *place).code
        return self.call("flip", self.call("cumsum", flipped, *place).code, *place)

    def tensordot(self, codes: Sequence[str], left: Sequence[int], right: Sequence[int]) -> Text:
        return self.call("tensordot", *codes, f"axes=({list(left)}, {list(right)})")

    def kron(self, left: str, right: str) -> Text:
        return self.call("kron", left, right)

    def dot(self, left: str, right: str, rank: int) -> Text:
        """The sum of the entrywise product of two arrays with so many axes."""
        return self.call("vdot", left, right)

    def norm(self, code: str, axes: Sequence[int], rank: int) -> Text:
        """The root of the sum of squares over some axes."""
        return call_text("_norm", code, *self.along(axes, rank))

    def logsumexp(self, code: str, axes: Sequence[int], rank: int) -> Text:
        return call_text("_logsumexp", code, *self.along(axes, rank))

    def softmax(self, code: str, axes: Sequence[int], rank: int) -> Text:
        return call_text("_softmax", code, *self.along(axes, rank))

    def each(self, one: str, shape: str, codes: Sequence[str]) -> Text:
        """A function applied at each index of the leading axis of its arguments."""
        if self.vmap:
            return atom(f"{self.vmap}({one})({', '.join(codes)})")
        return call_text("_each", one, shape, *codes)

    def copied(self, code: str) -> str:
        """An array with its own memory."""
        return f"{code}.copy()"

    # ------------------------------------------------------------ helpers

    def carried(self, code: str) -> list[str]:
        """Sources of the helpers that code calls, and of those that they call."""
        called: set[str] = set()
        pending = [code]
        while pending:
            words = set(re.findall(r"\w+", pending.pop()))
            for name in (self.helpers.keys() & words) - called:
                called.add(name)
                pending.append(self.helpers[name])
        return [source for name, source in self.helpers.items() if name in called]
