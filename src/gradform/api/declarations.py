"""Variables for formulas that are built with Python's operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any

from gradform.errors import InputError
from gradform.ir.dims import Dim
from gradform.language import say
from gradform.syntax.declare import Declared, declare, structures_of

__all__ = [
    "Sizes",
    "Structure",
    "check_name",
    "declared_size",
    "declared_variable",
    "sizes_of",
    "structures_by_name",
]

Size = str | int
Sizes = Sequence[Size] | Size
Structure = str | Sequence[str] | None


def declared_variable(name: str, sizes: Sequence[Size], structure: Structure) -> Declared:
    """A variable with its structure; InputError for a name or size that is none."""
    structures = structures_of({name: structure} if structure else None)
    return declare({name: sizes}, structures)[name]


def declared_size(size: Size) -> Dim:
    """A dimension: ``"n"``, ``3``, ``"n-1"``."""
    return declare({"x": (size,)}, {})["x"].shape.rows


def check_name(name: str) -> None:
    """InputError for what cannot be a name."""
    declare({name: ()}, {})


def sizes_of(shapes: Mapping[str, Sizes] | None) -> dict[str, Sequence[Size]] | None:
    """Shapes as users give them: ``("n", "n")``, ``"n"``, ``3``.

    Raises InputError for what gives no sizes by name.
    """
    if shapes is None:
        return None
    return {name: _sizes(name, sizes) for name, sizes in _by_name("shapes", shapes).items()}


def structures_by_name(assume: Any) -> Mapping[str, str | Sequence[str]] | None:
    """Structures as users give them: ``"spd"``, ``["positive", "large"]``.

    Raises InputError for what gives no words by name.
    """
    if assume is None:
        return None
    for name, words in _by_name("assume", assume).items():
        if isinstance(words, str):
            continue
        if not isinstance(words, Sequence | set | frozenset) or not all(
            isinstance(word, str) for word in words
        ):
            raise _not_given(name, words, say('give words, such as assume={{"A": "spd"}}'))
    found: Mapping[str, str | Sequence[str]] = assume
    return found


def _by_name(option: str, given: Any) -> Mapping[str, Any]:
    if isinstance(given, Mapping) and all(isinstance(name, str) for name in given):
        return given
    example = {"shapes": '{"X": ("m", "n")}', "assume": '{"X": "spd"}'}[option]
    raise _not_given(
        option, given, say("give names, such as {option}={example}", option=option, example=example)
    )


def _sizes(name: str, sizes: Any) -> tuple[Size, ...]:
    """Sizes with NumPy's whole numbers as Python's."""
    several = sizes if isinstance(sizes, Sequence) and not isinstance(sizes, str) else (sizes,)
    return tuple(each if isinstance(each, str) else _whole(name, each) for each in several)


def _whole(name: str, size: Any) -> int:
    try:
        return index(size)
    except TypeError:
        raise _not_given(name, size, say("give sizes: names, or whole numbers from 1")) from None


def _not_given(name: str, value: Any, hint: str) -> InputError:
    return InputError(
        say("{name} cannot be {value}.", name=name, value=repr(value)), kind="option", hint=hint
    )
