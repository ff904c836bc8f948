"""The language spoken here and now: that of the context, of the process, or of the environment."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from gradform.language.catalogue import ENGLISH, languages, matching

__all__ = ["VARIABLE", "current_language", "set_default_language", "speaking"]

VARIABLE = "GRADFORM_LANG"

_here: ContextVar[str | None] = ContextVar("gradform_language", default=None)
_chosen: list[str] = []  # the default of the process, once it is set


def current_language() -> str:
    """The language in which texts are shown."""
    return _here.get() or (_chosen[-1] if _chosen else _of_environment())


def set_default_language(language: str) -> None:
    """Speak a language of :func:`languages` wherever no context says otherwise."""
    _chosen[:] = [language]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language of :func:`languages` in a block of this thread or task."""
    token = _here.set(language)
    try:
        yield
    finally:
        _here.reset(token)


@cache
def _of_environment() -> str:
    wanted = os.environ.get(VARIABLE, "")
    found = matching(wanted) if wanted else ENGLISH
    if found is None:
        known = ", ".join(languages())
        warnings.warn(f"{VARIABLE}={wanted} is none of the languages {known}", stacklevel=2)
    return found or ENGLISH
