"""What applies when a call does not say otherwise.

``settings.layout = "numerator"`` changes the default of the process, and
``with settings(layout="numerator"):`` that of a block (of a thread or task).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gradform.notation.layout import check_layout

__all__ = ["Settings", "settings"]


class Settings:
    """The default layout, ``"ml"`` to begin with."""

    def __init__(self) -> None:
        self._default = "ml"
        self._here: ContextVar[str | None] = ContextVar("gradform_layout", default=None)

    @property
    def layout(self) -> str:
        """The layout of derivatives for which none is given."""
        return self._here.get() or self._default

    @layout.setter
    def layout(self, layout: str) -> None:
        self._default = check_layout(layout)

    @contextmanager
    def __call__(self, *, layout: str) -> Iterator[Settings]:
        """Another layout inside a ``with`` block."""
        token = self._here.set(check_layout(layout))
        try:
            yield self
        finally:
            self._here.reset(token)

    def __repr__(self) -> str:
        return f"settings(layout={self.layout!r})"


settings = Settings()
