"""How many arithmetic operations expressions take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.codegen.lowering.expressions import lower
from gradform.codegen.passes.plain import EXTRA
from gradform.codegen.program.cost import cost
from gradform.codegen.program.straight_line import Arrangement, live_values
from gradform.ir.nodes import Node

__all__ = ["operation_count"]


def operation_count(roots: Sequence[Node], sizes: Mapping[str, int]) -> int:
    """Multiplications and additions of the program for these expressions together."""
    outputs_of = [(root, Arrangement.neutral(root.rank)) for root in roots]
    program, outputs = lower(outputs_of, sizes=sizes, known=EXTRA)
    return sum(cost(program, value, sizes) for value in live_values(program, outputs))
