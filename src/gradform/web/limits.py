"""How much the server takes, keeps and spends: every limit in one place."""

from __future__ import annotations

from gradform.syntax.limits import Limits

__all__ = ["FORMULA_LIMITS"]

FORMULA_LIMITS = Limits(characters=4_000, tokens=1_000, nesting=100)
"""What a formula from a stranger may be; the library itself reads longer ones."""
