"""What applies when a call does not say otherwise.

``settings.layout = "numerator"`` changes the default of the process, and
``with settings(layout="numerator"):`` that of a block (of a thread or task).
``settings.language`` is the language of all text: ``"en"``, ``"zh"``, …
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from gradform.errors import InputError
from gradform.language import (
    current_language,
    joined,
    languages,
    matching,
    say,
    set_default_language,
    speaking,
)
from gradform.notation.layout import check_layout

__all__ = ["Settings", "check_language", "settings"]


class Settings:
    """The default layout, ``"ml"`` to begin with, and the language.

    The language is to begin with that of the environment variable ``GRADFORM_LANG``, or English.
    """

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

    @property
    def language(self) -> str:
        """The language in which errors, conditions, certificates and proofs are shown."""
        return current_language()

    @language.setter
    def language(self, language: str) -> None:
        set_default_language(check_language(language))

    @contextmanager
    def __call__(
        self, *, layout: str | None = None, language: str | None = None
    ) -> Iterator[Settings]:
        """Another layout or language inside a ``with`` block."""
        with ExitStack() as stack:
            if layout is not None:
                stack.callback(self._here.reset, self._here.set(check_layout(layout)))
            if language is not None:
                stack.enter_context(speaking(check_language(language)))
            yield self

    def __repr__(self) -> str:
        return f"settings(layout={self.layout!r}, language={self.language!r})"


def check_language(language: str) -> str:
    """The language spoken for a code or locale such as ``zh`` or ``zh-CN``.

    Raises InputError (``language``) for a language without a catalogue.
    """
    found = matching(language)
    if found is None:
        raise InputError(
            say("'{language}' is not a language that is spoken here.", language=language),
            kind="language",
            hint=say("The languages are {known}.", known=joined(languages())),
        )
    return found


settings = Settings()
