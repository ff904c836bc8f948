"""Derivatives that run as linear operators instead of arrays."""

from gradform.execute.structured.program import StructuredProgram, structured

__all__ = ["StructuredProgram", "structured"]
