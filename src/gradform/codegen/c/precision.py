"""C text for doubles as text for floats."""

from __future__ import annotations

import re

from gradform.codegen.c.names import LIBM

__all__ = ["in_single_precision"]

_CALL = re.compile(rf"\b({'|'.join(LIBM)})\(")
_NUMBER = re.compile(r"(?<![\w.])(\d+\.\d*(?:e[+-]?\d+)?|\d+e[+-]?\d+)(?![\w.])")


def in_single_precision(code: str) -> str:
    """The same computation with floats: types, functions of <math.h>, numbers."""
    code = re.sub(r"\bdouble\b", "float", code)
    return _NUMBER.sub(r"\1f", _CALL.sub(r"\1f(", code))
