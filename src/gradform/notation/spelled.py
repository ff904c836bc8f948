"""How the printers find a function's spelling: its record."""

from __future__ import annotations

from typing import Any

from gradform.functions.record import lookup

__all__ = ["spell_latex", "spell_unicode"]


def spell_latex(name: str) -> Any:
    record = lookup(name)
    return record.latex if record is not None else None


def spell_unicode(name: str) -> Any:
    record = lookup(name)
    return record.unicode if record is not None else None
