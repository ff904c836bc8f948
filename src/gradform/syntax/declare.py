"""Declarations: variables with their shapes and structures, given by the caller or by letter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from gradform.errors import GradformError, ShapeError, StructureError, UnknownNameError
from gradform.functions.record import lookup
from gradform.functions.shapes import SCALAR, Shape, column, describe
from gradform.ir.dims import Dim, dim
from gradform.ir.leaves import NUMBERS
from gradform.language import joined, say
from gradform.records import record
from gradform.syntax.lexer import Kind, tokenize
from gradform.syntax.limits import DEFAULT_LIMITS
from gradform.syntax.parser import parse_formula
from gradform.syntax.sizes import Sizes, dimension, is_size

__all__ = [
    "RESERVED",
    "STRUCTURES",
    "EQUATIONS",
    "SYMMETRIC_LIKE",
    "Declared",
    "by_letter",
    "check_fit",
    "declare",
    "is_function_name",
    "structures_of",
]

RESERVED = frozenset({"eye", *NUMBERS})
"""Names of constants, which no variable and no definition may take."""

_SQUARE = frozenset(
    {
        "symmetric",
        "spd",
        "diagonal",
        "lower_positive",
        "toeplitz",
        "symmetric_toeplitz",
        "orthogonal",
    }
)
_VECTOR = frozenset({"onehot", "simplex"})
STRUCTURES = _SQUARE | _VECTOR | {"positive", "unit", "pm1", "binary", "large"}

SYMMETRIC_LIKE = _SQUARE - {"lower_positive"}
"""Structures that tie entries of a matrix to one another."""

EQUATIONS = SYMMETRIC_LIKE | _VECTOR | {"pm1", "binary"}
"""Structures that are equations between entries or values: not true around a point."""


@record
class Declared:
    """A variable. While sizes are being found, ``shape`` may hold unknown ones."""

    name: str
    shape: Shape
    structure: frozenset[str] = frozenset()
    inferred: bool = False


def is_function_name(name: str) -> bool:
    return lookup(name) is not None


def declare(
    declared: Mapping[str, Sequence[str | int]], structures: Mapping[str, frozenset[str]]
) -> dict[str, Declared]:
    """The declared variables, checked."""
    variables: dict[str, Declared] = {}
    for name, sizes in declared.items():
        _check_name(name)
        shape = _shape(name, sizes)
        structure = structures.get(name, frozenset())
        check_fit(name, shape, structure)
        variables[name] = Declared(name, shape, structure)
    return variables


def _check_name(name: str) -> None:
    if isinstance(name, str) and (name in RESERVED or is_function_name(name)):
        what = say("a constant") if name in RESERVED else say("a function")
        raise UnknownNameError(
            say("'{name}' is {what} and cannot be the name of a variable.", name=name, what=what),
            kind="reserved_name",
            hint=say("Choose another name."),
        )
    if not _is_name(name):
        raise UnknownNameError(
            say("{name} is no name for a variable.", name=repr(name)),
            kind="syntax",
            hint=say("Names are made of letters, digits and _, and begin with a letter: x, W_2."),
        )


def _is_name(text: object) -> bool:
    if not isinstance(text, str) or len(text) > DEFAULT_LIMITS.name_characters:
        return False
    if text.isascii():
        return text.isidentifier()
    tokens = tokenize(text, DEFAULT_LIMITS)
    return len(tokens) == 2 and tokens[0].kind is Kind.NAME and tokens[0].text == text


# ---------------------------------------------------------------- shapes


def _shape(name: str, sizes: Sequence[str | int]) -> Shape:
    """() scalar, (n) column, (m, n) matrix; a lone text is one size, not a sequence of letters."""
    parts = [_size(name, each) for each in ((sizes,) if isinstance(sizes, str) else sizes)]
    if len(parts) > 2:
        raise ShapeError(
            say("{name} is declared with {count} sizes.", name=name, count=len(parts)),
            kind="dimension_mismatch",
            hint=say("Variables are scalars (), vectors (n) and matrices (m, n)."),
        )
    return Shape(*parts) if len(parts) == 2 else column(parts[0]) if parts else SCALAR


def _size(name: str, size: str | int) -> Dim:
    if not isinstance(size, str | int):
        raise _no_size(name, size)
    found = dim(size) if isinstance(size, int) else _written_size(name, size)
    if not is_size(found):
        raise ShapeError(
            say(
                "{name} is declared with the size {found}; sizes are positive.",
                name=name,
                found=found,
            ),
            kind="dimension_mismatch",
        )
    return found


@lru_cache(maxsize=256)
def _written_size(name: str, text: str) -> Dim:
    if text.isidentifier() and text.isascii():
        return dim(text)
    try:
        formula = parse_formula(text).body
    except GradformError:
        raise _no_size(name, text) from None
    return dimension(formula, _EveryName(), lambda _: _no_size(name, text))


def _no_size(name: str, given: object) -> ShapeError:
    return ShapeError(
        say("{name} is declared with {text}, which is no size.", name=name, text=repr(given)),
        kind="syntax",
        hint=say("Sizes are integers and names, or sums and products of these: n, 3, m+p, 2*n-1."),
    )


class _EveryName(frozenset[str]):
    """In a declaration every name is a dimension: this is where they are introduced."""

    def __contains__(self, name: object) -> bool:
        return True


# ---------------------------------------------------------------- structures


def structures_of(assume: Mapping[str, str | Sequence[str]] | None) -> dict[str, frozenset[str]]:
    """The structures assumed of each name, checked to exist."""
    found: dict[str, frozenset[str]] = {}
    for name, given in (assume or {}).items():
        words = given.replace(",", " ").split() if isinstance(given, str) else given
        for word in words:
            if word not in STRUCTURES:
                raise _unknown_structure(name, word)
        found[name] = frozenset(words)
    return found


def _unknown_structure(name: str, word: str) -> StructureError:
    close = get_close_matches(word, sorted(STRUCTURES), n=1)
    message = say("'{word}', assumed of {name}, is no known structure.", word=word, name=name)
    if close:
        message = say(
            "'{word}', assumed of {name}, is no known structure. Did you mean {close}?",
            word=word,
            name=name,
            close=close[0],
        )
    return StructureError(
        message,
        kind="structure",
        hint=say("Known structures: {structures}.", structures=joined(sorted(STRUCTURES))),
    )


def check_fit(name: str, shape: Shape, structure: frozenset[str]) -> None:
    """A structure of square matrices needs one, a structure of vectors a vector."""
    for word in sorted(structure):
        if word in _SQUARE and (not shape.is_matrix or shape.rows is not shape.cols):
            needed = say("a square matrix")
        elif word in _VECTOR and not shape.is_vector:
            needed = say("a vector")
        else:
            continue
        raise StructureError(
            say(
                "{name} cannot be {word}: that needs {needed}, and {name} is {shape}.",
                name=name,
                word=word,
                needed=needed,
                shape=describe(shape),
            ),
            kind="structure",
        )


# ---------------------------------------------------------------- shapes by letter

_GREEK = (
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|omicron|rho|sigma|"
    "tau|upsilon|phi|chi|psi|omega|varepsilon|vartheta|varpi|varrho|varsigma|varphi"
)
_CAPITAL_GREEK = "|".join(word.capitalize() for word in _GREEK.split("|"))
_LETTER_WITH_MARKS = re.compile(rf"({_GREEK}|{_CAPITAL_GREEK}|[^\W\d_])[0-9₀-₉]*(?:_[A-Za-z0-9]+)*")


def by_letter(name: str, sizes: Sizes, structure: frozenset[str]) -> Declared | None:
    """The variable an undeclared name stands for, or None for a word.

    a-g and Greek small letters are scalars, h-z column vectors, capitals matrices; digits
    and subscripts do not count: ``W_2`` is a matrix.
    """
    match = _LETTER_WITH_MARKS.fullmatch(name)
    if match is None:
        return None
    letter = match[1]
    shape = example = SCALAR
    if letter[0].isupper():
        rows = sizes.fresh()
        shape = Shape(rows, rows if structure & _SQUARE else sizes.fresh())
        example = Shape(dim("n"), dim("n") if structure & _SQUARE else dim("m"))
    elif "h" <= letter <= "z" and len(letter) == 1:
        shape, example = column(sizes.fresh()), column(dim("n"))
    check_fit(name, example, structure)
    return Declared(name, shape, structure, inferred=True)
