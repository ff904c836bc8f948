"""What can be written: functions, structures, layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.functions import all_functions
from gradform.language import languages, phrase, say
from gradform.notation.layout import LAYOUTS
from gradform.syntax.declare import STRUCTURES

__all__ = ["vocabulary"]

_LAYOUT_NAMES = {
    "ml": say("Machine learning"),
    "denominator": say("Denominator layout"),
    "numerator": say("Numerator layout"),
    "mixed": say("Mixed layout"),
}


def vocabulary(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``GET /api/v1/vocabulary``."""
    return {
        "functions": [
            {
                "name": record.name,
                "aliases": list(record.aliases),
                "parameters": list(record.parameters),
                "summary": str(phrase(record.formula)),
            }
            for record in all_functions()
        ],
        "structures": sorted(STRUCTURES),
        "layouts": [
            {
                "name": name,
                "en": _LAYOUT_NAMES[name].told("en"),
                "zh": _LAYOUT_NAMES[name].told("zh"),
            }
            for name in LAYOUTS
        ],
        # What a catalogue has for "English" is its own name.
        "languages": [{"code": code, "name": say("English").told(code)} for code in languages()],
    }
