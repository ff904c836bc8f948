"""Programs run instruction by instruction, on all rows or on some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from gradform.codegen.program.hypotenuse import hypot
from gradform.codegen.program.operations import Input
from gradform.codegen.program.straight_line import Instruction, Program, Value
from gradform.codegen.python.numpy import NUMPY
from gradform.codegen.python.spelling import Speller
from gradform.codegen.text.pieces import atom
from gradform.functions.record import all_functions
from gradform.ir.dims import Dim, dim
from gradform.records import replaced

__all__ = ["run_one"]

HERE = "rows_here"


@cache
def _names() -> dict[str, Any]:
    """What the text of an instruction may call."""
    found: dict[str, Any] = {}
    records = (*all_functions(), hypot)
    own = [function.helpers["numpy"] for function in records if "numpy" in function.helpers]
    exec("import numpy as np\nfrom scipy import linalg, special\n", found)
    exec("\n".join([*NUMPY.helpers.values(), *own]), found)
    return found


def run_one(
    program: Program,
    value: Value,
    arguments: Sequence[Any],
    sizes: Mapping[str, int],
    variables: Mapping[str, Any],
    rows: tuple[int, int] | None = None,
) -> Any:
    """The value of one instruction from the values of its arguments.

    ``rows`` is (axis of the result, length there) where the result has only some rows.
    """
    instruction = program.instructions[value]
    sizes = dict(sizes)
    if rows is not None:
        axes: list[Dim] = list(instruction.axes)
        axes[rows[0]] = dim(HERE)
        instruction = replaced(instruction, axes=tuple(axes))
        sizes[HERE] = rows[1]
    return _evaluated(instruction, arguments, sizes, variables)


def _evaluated(
    instruction: Instruction,
    arguments: Sequence[Any],
    sizes: Mapping[str, int],
    variables: Mapping[str, Any],
) -> Any:
    if isinstance(instruction.operation, Input):
        return variables[instruction.operation.name]
    speller = Speller(NUMPY, {}, {name: f"size_{name}" for name in sizes})
    texts = [atom(f"value_{k}") for k in range(len(arguments))]
    code = speller.spell(instruction, texts, [np.ndim(each) for each in arguments]).code
    names = {f"value_{k}": each for k, each in enumerate(arguments)}
    names |= {f"size_{name}": size for name, size in sizes.items()}
    with np.errstate(all="ignore"):
        return eval(code, _names(), names)
