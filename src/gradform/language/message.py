"""Texts that remember how they were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from gradform.language.catalogue import ENGLISH, translated
from gradform.language.current import current_language
from gradform.language.typography import spaced

__all__ = ["Message", "joined", "listed", "phrase", "say", "told"]

Value = str | int | float


class Message(str):
    """A text for people: as a ``str`` the English one, equal to it and hashed as it.

    ``str(message)``, ``print`` and f-strings show it in the current language; ``join``, ``+``
    and everything else that works on the characters see English.
    """

    __slots__ = ("longest", "template", "values")

    template: str
    values: Mapping[str, Value]
    longest: int | None

    def __new__(
        cls, template: str, values: Mapping[str, Value], longest: int | None = None
    ) -> Self:
        self = super().__new__(cls, _cut(cls._told(template, values, ENGLISH), longest))
        self.template, self.values, self.longest = template, values, longest
        return self

    def told(self, language: str | None = None) -> str:
        """The text in a language, by default the current one."""
        language = language or current_language()
        if language == ENGLISH:
            return super().__str__()
        return _cut(self._told(self.template, self.values, language), self.longest)

    def shortened(self, longest: int) -> Message:
        """The same, cut to so many characters in every language."""
        return type(self)(self.template, self.values, longest)

    def replacing(self, **values: object) -> Message:
        """The same with other values, for those of its names that it has."""
        changed = {name: _kept(value) for name, value in values.items() if name in self.values}
        return type(self)(self.template, {**self.values, **changed}, self.longest)

    @staticmethod
    def _told(template: str, values: Mapping[str, Value], language: str) -> str:
        named = {name: _value(value, language) for name, value in values.items()}
        parts = [named.pop(str(place)) for place in range(len(named)) if str(place) in named]
        text = translated(template, language).format(*parts, **named)
        return text if language == ENGLISH else spaced(text)

    def __str__(self) -> str:
        return self.told()

    def __format__(self, specification: str) -> str:
        return format(self.told(), specification)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.template, self.values, self.longest)


class _Joined(Message):
    """Parts with a separator; the template is the separator, the values the parts by place."""

    __slots__ = ()

    @staticmethod
    def _told(template: str, values: Mapping[str, Value], language: str) -> str:
        parts = (str(_value(value, language)) for value in values.values())
        return translated(template, language).join(parts)


class _Phrase(Message):
    """A text without values, braces included."""

    __slots__ = ()

    @staticmethod
    def _told(template: str, values: Mapping[str, Value], language: str) -> str:
        return translated(template, language)


def phrase(text: str) -> Message:
    """A text that is kept somewhere as a constant, such as the description in a record."""
    return _Phrase(text, {})


def say(template: str, /, *parts: object, **values: object) -> Message:
    """A text for people.

    ``template`` is English, a literal, with the names of ``values`` in braces, or the places of
    ``parts``. Values that are messages are told in the language of the whole; numbers may have a
    format (``{error:.1e}``); everything else is shown as ``str`` shows it.
    """
    given = {**_by_place(parts), **values}
    return Message(template, {name: _kept(value) for name, value in given.items()})


def joined(parts: Iterable[object], separator: str = ", ") -> Message:
    """Parts in a row. The separator is translated: ``", "``, ``"; "`` or another template."""
    return _Joined(separator, {name: _kept(part) for name, part in _by_place(parts).items()})


def listed(parts: Sequence[object], word: str = "and") -> Message:
    """``a``, ``a and b``, ``a, b and c``; with the word "or" in place of "and"."""
    if len(parts) < 2:
        return joined(parts)
    most, last = joined(parts[:-1]), parts[-1]
    if word == "or":
        return say("{most} or {last}", most=most, last=last)
    return say("{most} and {last}", most=most, last=last)


def told(text: str, language: str | None = None) -> str:
    """A text in a language, by default the current one; a plain text as it is."""
    return text.told(language) if isinstance(text, Message) else text


def _by_place(parts: Iterable[object]) -> dict[str, object]:
    return {str(place): part for place, part in enumerate(parts)}


def _kept(value: object) -> Value:
    """What a message keeps of a value: nothing large, nothing that can change."""
    if isinstance(value, str | int | float):
        return value
    return _told_by(value) if isinstance(value, Exception) else str(value)


def _told_by(error: Exception) -> str:
    """What ``str`` gives of an error, translatable where that was made of messages."""
    for text in (getattr(error, "whole", None), *error.args[:1]):
        if isinstance(text, Message):
            return text
    return str(error)


def _value(value: Value, language: str) -> Value:
    return value.told(language) if isinstance(value, Message) else value


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else text[: longest - 1] + "…"
