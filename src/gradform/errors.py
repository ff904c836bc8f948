"""Every error a user can meet, in one tree.

A user error carries what is wrong (``message``), where (a ``Span`` of the typed
text, shown as line and column with an underline) and what to do (``hint``).
``kind`` is a stable machine-readable word. Message and hint are made with
:func:`gradform.language.say`, so an error can be told in several languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradform.language import Message, joined, say
from gradform.records import record

__all__ = [
    "ArrayError",
    "CannotError",
    "Fix",
    "FormulaSyntaxError",
    "GradformError",
    "InputError",
    "LimitError",
    "ShapeError",
    "Span",
    "StructureError",
    "UnconfirmedError",
    "UndecidedError",
    "UnknownNameError",
]

_LONGEST_MESSAGE = 400
_LONGEST_LINE = 160


@record
class Span:
    """Half-open range of character offsets in the typed text."""

    start: int
    end: int


@record
class Fix:
    """What may stand in some place of the typed text instead of what is there."""

    span: Span
    text: str

    def applied(self, source: str) -> str:
        """The text with the change."""
        return source[: self.span.start] + self.text + source[self.span.end :]


class GradformError(Exception):
    """Root of all errors raised by gradform.

    ``str(error)`` speaks the current language, ``error.told("zh")`` any.

    Attributes: ``message``, ``kind``, ``hint`` (or None), ``line`` and ``column``
    (1-based, None when no position applies), ``source`` (the typed text or None), ``fixes``
    (changes to the text that the message suggests, the likeliest first).
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        span: Span | None = None,
        source: str | None = None,
        hint: str | None = None,
        fixes: Sequence[Fix] = (),
    ) -> None:
        self.message = _as_message(message).shortened(_LONGEST_MESSAGE)
        super().__init__(self.message)
        self.kind = kind
        self.hint = None if hint is None else _as_message(hint)
        self.span = span
        self.source = source
        self.fixes = tuple(fixes)

    @property
    def line(self) -> int | None:
        """1-based line of the error in the typed text."""
        if self.span is None or self.source is None:
            return None
        return self.source.count("\n", 0, self.span.start) + 1

    @property
    def column(self) -> int | None:
        """1-based column of the error in its line."""
        if self.span is None:
            return None
        if self.source is None:
            return self.span.start + 1
        return self.span.start - (self.source.rfind("\n", 0, self.span.start) + 1) + 1

    def in_source(self, source: str) -> GradformError:
        """The same error, told which text its span points into."""
        if self.source is None:
            self.source = source
        return self

    def underlined(self) -> str | None:
        """The offending line with a caret line under it, or None without a position."""
        if self.span is None or self.source is None:
            return None
        begin = self.source.rfind("\n", 0, self.span.start) + 1
        stop = self.source.find("\n", begin)
        line = self.source[begin : stop if stop >= 0 else len(self.source)]
        at = self.span.start - begin
        width = max(1, min(self.span.end, begin + len(line)) - self.span.start)
        left = max(0, at - _LONGEST_LINE // 2)
        shown = line[left : left + _LONGEST_LINE]
        width = min(width, max(1, len(shown) - (at - left)))
        return f"{shown}\n{' ' * (at - left)}{'^' * width}"

    @property
    def whole(self) -> Message:
        """Place, message, underline and hint."""
        message = self.message
        if self.column is not None and self.line is not None:
            message = say(
                "line {line}, column {column}: {message}",
                line=self.line,
                column=self.column,
                message=message,
            )
        parts: list[str] = [message]
        underline = self.underlined()
        if underline:
            parts.append(underline)
        if self.hint:
            parts.append(say("hint: {hint}", hint=self.hint))
        return joined(parts, "\n")

    def told(self, language: str | None = None) -> str:
        """All of it in a language, by default the current one."""
        return self.whole.told(language)

    def __str__(self) -> str:
        return self.told()

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by calling the class: what it was called with is not what it keeps.
        return _restored, (type(self), vars(self))


def _as_message(text: str) -> Message:
    return text if isinstance(text, Message) else say("{text}", text=text)


def _restored(cls: type[GradformError], fields: dict[str, Any]) -> GradformError:
    error = cls.__new__(cls, fields["message"])
    vars(error).update(fields)
    return error


class InputError(GradformError):
    """What was asked is not well formed (command-line exit status 2)."""


class FormulaSyntaxError(InputError):
    """The text is not a formula."""


class UnknownNameError(InputError):
    """A function, variable or dimension nobody declared."""


class ShapeError(InputError):
    """Dimensions, arity or indices that do not fit."""


class StructureError(InputError):
    """A structure (symmetric, …) is needed or unknown."""


class LimitError(InputError):
    """The input is larger than a stated limit."""


class ArrayError(InputError):
    """Arrays given for the variables do not fit their declared shapes."""


class CannotError(GradformError):
    """A well-formed question without an answer here (exit status 1)."""


class UnconfirmedError(CannotError):
    """The independent check did not confirm the answer, so it is not shown."""


class UndecidedError(CannotError):
    """The question has an answer, but no certificate for it was found."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, kind="undecided", hint=hint)
