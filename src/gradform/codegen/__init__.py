"""Generated code: expressions to a straight-line program to NumPy source."""

from gradform.codegen.lowering.count import operation_count
from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.python.numpy import generate
from gradform.codegen.python.run import compile_source

__all__ = ["Arrangement", "compile_source", "generate", "operation_count"]
