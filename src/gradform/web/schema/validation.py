"""Whether a JSON value fits a schema, for the part of JSON Schema that the API uses."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from gradform.language import Message, joined, say

__all__ = ["Misfit", "Schema", "misfit"]

Schema = Mapping[str, Any]
Value = Any


class Misfit(NamedTuple):
    """Where a value does not fit, as a JSON Pointer, and why."""

    pointer: str
    message: Message


def misfit(value: Value, schema: Schema, pointer: str = "") -> Misfit | None:
    """The first place where a value does not fit, or None."""
    if "anyOf" in schema:
        found = [misfit(value, each, pointer) for each in schema["anyOf"]]
        if None in found:
            return None
        # Where one alternative fits but for a part, the part is what is wrong.
        return max((each for each in found if each), key=lambda each: each.pointer.count("/"))
    for check in (_wrong_type, _not_listed, _wrong_number, _wrong_text, _wrong_count):
        message = check(value, schema)
        if message is not None:
            return Misfit(pointer, message)
    return next(_of_parts(value, schema, pointer), None)


def _of_parts(value: Value, schema: Schema, pointer: str) -> Iterator[Misfit]:
    parts: list[tuple[str, Value, Schema]] = []
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield Misfit(pointer, say("'{name}' is missing.", name=name))
        for name, part in value.items():
            fits = properties.get(name, others)
            if fits is False:
                known = joined(properties)
                text = say(
                    "There is no field '{name}'; the fields are {known}.",
                    name=_short(name),
                    known=known,
                )
                yield Misfit(pointer, text)
            else:
                parts.append((name, part, fits))
    elif isinstance(value, list):
        parts = [(str(place), part, schema.get("items", {})) for place, part in enumerate(value)]
    for name, part, fits in parts:
        found = misfit(part, fits, f"{pointer}/{_escaped(_short(name))}")
        if found is not None:
            yield found


def _unknown_field(name: str, known: Collection[str]) -> Message:
    return say(
        "There is no field '{name}'; the fields are {known}.",
        name=_short(name),
        known=joined(known),
    )


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:39] + "…"


# ---------------------------------------------------------------- one value

_TYPES: Mapping[str, Callable[[Value], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
}


def _wrong_type(value: Value, schema: Schema) -> Message | None:
    wanted = schema.get("type", ())
    kinds = (wanted,) if isinstance(wanted, str) else wanted
    if not kinds or any(_TYPES[kind](value) for kind in kinds):
        return None
    return say("Expected {kinds}.", kinds=joined((_NAMES[kind] for kind in kinds), " / "))


_NAMES: Mapping[str, Message] = {
    "null": say("null"),
    "boolean": say("true or false"),
    "string": say("text"),
    "object": say("an object"),
    "array": say("a list"),
    "number": say("a number"),
    "integer": say("a whole number"),
}


def _not_listed(value: Value, schema: Schema) -> Message | None:
    listed = schema.get("enum")
    # True equals 1 in Python, not in JSON.
    if listed is None or any(value == each and not isinstance(value, bool) for each in listed):
        return None
    return say("Expected one of {known}.", known=joined(listed))


def _wrong_number(value: Value, schema: Schema) -> Message | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value):
        return say("Expected a finite number.")
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if least <= value <= most:
        return None
    return say("Expected a number from {least} to {most}.", least=least, most=most)


def _wrong_text(value: Value, schema: Schema) -> Message | None:
    if not isinstance(value, str):
        return None
    if any("\ud800" <= character <= "\udfff" for character in value):
        return say("The text holds half a character (a lone surrogate).")
    most = schema.get("maxLength", math.inf)
    if len(value) > most:
        return say("Expected at most {most:,} characters.", most=most)
    pattern = schema.get("pattern")
    if pattern is not None and re.search(pattern, value) is None:
        return say("Expected a text such as {example}.", example=schema["examples"][0])
    return None


def _wrong_count(value: Value, schema: Schema) -> Message | None:
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    if isinstance(value, list) and not least <= len(value) <= most:
        return say("Expected a list of {least} to {most}.", least=least, most=most)
    if isinstance(value, dict) and len(value) > schema.get("maxProperties", math.inf):
        return say("Expected at most {most:,} fields.", most=schema["maxProperties"])
    return None
