"""The catalogues: one JSON file for each language but English, read when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

__all__ = ["ENGLISH", "languages", "matching", "translated"]

ENGLISH = "en"
_SUFFIX = ".json"


def translated(template: str, language: str) -> str:
    """The template in a language; as it is where the catalogue does not have it."""
    return template if language == ENGLISH else _catalogue(language).get(template, template)


@cache
def languages() -> tuple[str, ...]:
    """The languages spoken: English, then those with a catalogue, by their ISO 639 codes."""
    names = (entry.name for entry in _folder().iterdir())
    found = sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
    return (ENGLISH, *found)


def matching(wanted: str) -> str | None:
    """The language for a code or a locale (``zh``, ``zh-CN``, ``zh_CN.UTF-8``), None without."""
    code = wanted.strip().lower().replace("_", "-").partition(".")[0]
    primary = code.partition("-")[0]
    if primary == ENGLISH:
        return ENGLISH
    return next((found for found in (code, primary) if found in languages()), None)


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    if language not in languages():
        raise LookupError(f"no catalogue for the language {language!r}")
    text = _folder().joinpath(language + _SUFFIX).read_text(encoding="utf-8")
    found: dict[str, str] = import_module("json").loads(text)
    return found


def _folder() -> Any:
    # Neither this module nor json is needed before a translation is.
    return import_module("importlib.resources").files("gradform.language")
