"""Generated code: expressions to a straight-line program to NumPy source."""

from gradform.codegen.count import operation_count
from gradform.codegen.numpy_source import generate
from gradform.codegen.program import Arrangement
from gradform.codegen.run import compile_source

__all__ = ["Arrangement", "compile_source", "generate", "operation_count"]
