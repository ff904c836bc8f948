"""NumPy source for a task."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gradform.codegen.lowering.expressions import lower
from gradform.codegen.passes.plain import EXTRA
from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.python.dialect import ITEMS, Dialect, SourceOptions
from gradform.codegen.python.helpers import NUMPY_HELPERS
from gradform.codegen.python.module import Planned, write_program, write_task
from gradform.codegen.task import Task
from gradform.codegen.text.pieces import Numerals, Text
from gradform.codegen.text.sizes import VariableLike
from gradform.ir.nodes import Node

__all__ = ["NUMPY", "Numpy", "generate", "source"]

_SCIPY = ("linalg", "special")


class Numpy(Dialect):
    """NumPy, and SciPy for special and matrix functions."""

    language = "numpy"
    title = "NumPy"
    module = "np"
    modules = MappingProxyType({"np": "np", "special": "special", "linalg": "linalg"})
    numerals = Numerals(2**53, "np.inf")
    reserved = frozenset({"FLOAT", "ValueError", "float", "linalg", "np", "special", *ITEMS})
    helpers: Mapping[str, str] = NUMPY_HELPERS
    only_arrays = False
    operations = frozenset(EXTRA)

    # A value that is not chosen may be undefined, as log(x) in piecewise(x > 0, log(x), 0).
    quiet = ('@np.errstate(divide="ignore", invalid="ignore", over="ignore")',)

    def __init__(self, dtype: str = "float64") -> None:
        self.dtype = dtype
        self.weak_numbers = dtype != "float64"

    def imports(self, body: str) -> str:
        scipy = [module for module in _SCIPY if re.search(rf"(?<![\w.]){module}\.", body)]
        lines = "import numpy as np\n"
        return lines + f"from scipy import {', '.join(scipy)}\n" if scipy else lines

    def converted(self, name: str) -> list[str]:
        return [f"{name} = np.asarray({name}, dtype={self.kind})"]

    @property
    def kind(self) -> str:
        """The type of all arrays."""
        return "float" if self.dtype == "float64" else f"np.{self.dtype}"

    @property
    def typed(self) -> tuple[str, ...]:
        return () if self.dtype == "float64" else (f"dtype={self.kind}",)

    @property
    def zero(self) -> Text:
        return self.call("float64", "0")

    def number_as_result(self, text: Text, literal: bool) -> str:
        if self.dtype != "float64":
            return f"{self.kind}({text.code})"
        return f"{text.code}.0" if literal else f"float({text.code})"

    def array_as_result(self, code: str) -> str:
        return code if self.dtype == "float64" else f"np.asarray({code}, dtype={self.kind})"

    def concatenated(
        self, codes: Sequence[str], ranks: Sequence[int], axis: int, rank: int
    ) -> Text:
        """Of whole numbers alone NumPy would make whole numbers."""
        if max(ranks) == 0:
            return self.call("array", f"[{', '.join(codes)}]", f"dtype={self.kind}")
        return super().concatenated(codes, ranks, axis, rank)

    def filled(self, shape: str, number: Text) -> Text:
        """Whole numbers are made floats, as arrays of them are not."""
        if number.code in ("0", "1"):
            return super().filled(shape, number)
        return self.call("full", shape, number.code, f"dtype={self.kind}")


NUMPY = Numpy()


def source(task: Task, options: SourceOptions, planned: Planned | None = None) -> str:
    """A function that needs NumPy alone, or SciPy with it.

    It takes whatever ``numpy.asarray`` takes and returns scalars as floats; with dtype
    ``float32`` it makes arrays of that kind of what it takes, and returns such. ``planned`` is
    the task's program where it was made before.
    """
    return write_task(Numpy(options.dtype), task, options.batch, planned=planned)


def generate(
    name: str,
    outputs: Sequence[tuple[str, Node, Arrangement]],
    variables: Sequence[VariableLike],
    *,
    docstring: str,
) -> str:
    """NumPy source of a function of the variables that returns the outputs.

    outputs     (name, expression, how its array is laid out)

    See :func:`gradform.codegen.python.module.write_program`.
    """
    program, values = lower(
        [(node, arrangement) for _, node, arrangement in outputs],
        [variable.name for variable in variables],
        known=NUMPY.operations,
    )
    labels = [label for label, _, _ in outputs]
    named = list(zip(labels, values, strict=True))
    return write_program(NUMPY, name, program, named, variables, docstring=docstring)
