"""Numbers that are taken for 0 although no proof was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["note_zero", "noting_zeros"]

_zeros: ContextVar[dict[str, None] | None] = ContextVar("zeros taken on trust", default=None)


@contextmanager
def noting_zeros() -> Iterator[dict[str, None]]:
    """The texts of the numbers that are taken for 0 inside, in order."""
    found: dict[str, None] = {}
    token = _zeros.set(found)
    try:
        yield found
    finally:
        _zeros.reset(token)


def note_zero(text: str) -> None:
    found = _zeros.get()
    if found is not None:
        found[text] = None
