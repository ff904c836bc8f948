"""From text to tokens: which characters the formula language knows and how it reads them.

One regular expression cuts the text into pieces that cover it completely, so offsets
are running sums of lengths. Characters that stand for another one (the minus sign
U+2212 for the hyphen) are replaced one for one beforehand; offsets therefore always
point into the typed text.
A character outside the language becomes a token of kind ``BAD``: the parser reports it
when it gets there, so the leftmost error of a text is the one that is shown.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import isinf
from string import ascii_letters, digits

from gradform.errors import Fix, FormulaSyntaxError, LimitError, Span
from gradform.language import Message, say
from gradform.records import record
from gradform.syntax.limits import Limits

__all__ = [
    "CHOOSE_VARIABLE",
    "COMPARE",
    "Kind",
    "Token",
    "bad_character",
    "number_value",
    "place",
    "reading_notes",
    "tokenize",
]

COMPARE = say("Conditions are written with < <= == != >= >, as in piecewise(x < 0, -x, x).")
CHOOSE_VARIABLE = say("Enter only the expression and choose the variable separately.")


class Kind(StrEnum):
    """What a token can be."""

    NAME = "name"
    NUMBER = "number"
    SIGN = "sign"
    TIMES = "times"
    POWER = "power"
    SUPERSCRIPT = "superscript"
    TRANSPOSE = "transpose"
    PARENTHESIS = "parenthesis"
    BRACKET = "bracket"
    CLOSE = "close"
    COMMA = "comma"
    SEMICOLON = "semicolon"
    COLON = "colon"
    EQUALS = "equals"
    COMPARISON = "comparison"
    NEWLINE = "newline"
    BAD = "bad"
    END = "end"


@record(eq=False, frozen=False)
class Token:
    """A piece of the text. ``text`` is its plain spelling: ``*`` also for a typed ``@``."""

    kind: Kind
    text: str
    start: int
    end: int


_GREEK = "αβγδεζηθικλμνξπρςστυφχψωϑϕϖϱϵΓΔΘΛΞΠΣΦΨΩ"
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_BLANKS = " \t\r\f\v"
_WIDE_BLANKS = "\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
_FULL_WIDTH = {chr(ord(plain) + 0xFEE0): plain for plain in "()[],;:=+-*/^.'@" + digits}

_TO_DIGITS = str.maketrans(_SUPERSCRIPTS, digits)

# Typed character → the character it is read as, and whether the reader is told.
_NOTED_AS = {
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{MULTIPLICATION SIGN}": "*",
    "\N{MIDDLE DOT}": "*",
    "\N{DOT OPERATOR}": "*",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{PRIME}": "'",
    "\N{MICRO SIGN}": "\N{GREEK SMALL LETTER MU}",
    "\N{OHM SIGN}": "\N{GREEK CAPITAL LETTER OMEGA}",
    "\N{INCREMENT}": "\N{GREEK CAPITAL LETTER DELTA}",
}
_SILENTLY_AS = {"ᵀ": "'"} | dict.fromkeys(_WIDE_BLANKS, " ")
_READ_AS = str.maketrans(_NOTED_AS | _SILENTLY_AS | _FULL_WIDTH)

_NOTES = {
    **{
        typed: say("(U+{code}) is read as {plain}", code=f"{ord(typed):04X}", plain=plain)
        for typed, plain in _NOTED_AS.items()
    },
    **dict.fromkeys(
        _FULL_WIDTH, say("and other full-width characters are read as their ASCII forms")
    ),
    **dict.fromkeys(
        _SUPERSCRIPTS + "⁻", say("and other superscripts are read as powers: x² is x^2")
    ),
}

_PIECES = re.compile(
    rf"[A-Za-z_{_GREEK}][A-Za-z0-9_{_GREEK}{_SUBSCRIPTS}]*"
    rf"|[{_BLANKS}]+"
    r"|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|\.[*/^]"
    r"|\.T(?![A-Za-z0-9_])"
    rf"|\n[{_BLANKS}\n]*"
    rf"|⁻?[{_SUPERSCRIPTS}]+"
    r"|===+|[<>=!]="
    r"|.",
    re.DOTALL,
)

# Pieces with one fixed form: their kind and plain spelling.
_FIXED: dict[str, tuple[Kind, str]] = {
    "+": (Kind.SIGN, "+"),
    "-": (Kind.SIGN, "-"),
    "*": (Kind.TIMES, "*"),
    "@": (Kind.TIMES, "*"),
    "/": (Kind.TIMES, "/"),
    ".*": (Kind.TIMES, ".*"),
    "⊙": (Kind.TIMES, ".*"),
    "∘": (Kind.TIMES, ".*"),
    "./": (Kind.TIMES, "./"),
    "^": (Kind.POWER, "^"),
    ".^": (Kind.POWER, ".^"),
    "'": (Kind.TRANSPOSE, "'"),
    ".T": (Kind.TRANSPOSE, "'"),
    "(": (Kind.PARENTHESIS, "("),
    "[": (Kind.BRACKET, "["),
    ")": (Kind.CLOSE, ")"),
    "]": (Kind.CLOSE, "]"),
    ",": (Kind.COMMA, ","),
    ";": (Kind.SEMICOLON, ";"),
    ":": (Kind.COLON, ":"),
    "=": (Kind.EQUALS, "="),
    "π": (Kind.NAME, "pi"),
    "∞": (Kind.NAME, "inf"),
    ".": (Kind.BAD, "."),
    "⁻": (Kind.BAD, "⁻"),
    **{sign: (Kind.COMPARISON, sign) for sign in ("<", "<=", "==", "!=", ">=", ">")},
    "≤": (Kind.COMPARISON, "<="),
    "≥": (Kind.COMPARISON, ">="),
    "≠": (Kind.COMPARISON, "!="),
}

# The other pieces are told apart by their first character; None is a blank.
_BY_FIRST: dict[str, Kind | None] = {
    **dict.fromkeys(ascii_letters + "_" + _GREEK, Kind.NAME),
    **dict.fromkeys(digits + ".", Kind.NUMBER),
    **dict.fromkeys(_SUPERSCRIPTS + "⁻", Kind.SUPERSCRIPT),
    **dict.fromkeys(_BLANKS, None),
    "\n": Kind.NEWLINE,
}


def tokenize(source: str, limits: Limits) -> list[Token]:
    """The tokens of ``source`` without its blanks, closed by an ``END`` token."""
    if len(source) > limits.characters:
        raise _too_long(say("characters"), len(source), limits.characters)
    text = source if source.isascii() else source.translate(_READ_AS)
    tokens: list[Token] = []
    fixed, by_first, bad = _FIXED, _BY_FIRST, Kind.BAD
    end = 0
    for piece in _PIECES.findall(text):
        start = end
        end += len(piece)
        if piece in fixed:
            kind, spelling = fixed[piece]
            tokens.append(Token(kind, spelling, start, end))
        elif (other := by_first.get(piece[0], bad)) is not None:
            tokens.append(Token(other, piece, start, end))
    if len(tokens) > limits.tokens:
        raise _too_long(say("names, numbers and operators"), len(tokens), limits.tokens)
    end = len(text.rstrip("\r\n"))
    tokens.append(Token(Kind.END, "", end, end))
    return tokens


def _too_long(what: str, count: int, limit: int) -> LimitError:
    return LimitError(
        say(
            "The input is too long: {count:,} {what}, at most {limit:,} are read.",
            count=count,
            what=what,
            limit=limit,
        ),
        kind="too_long",
        hint=say("Split the formula, or name the parts that repeat: u = A*x - b; u'*u"),
    )


def reading_notes(source: str) -> tuple[Message, ...]:
    """One hint for each kind of character that was read as another one, in text order."""
    if source.isascii():
        return ()
    first: dict[Message, int] = {}
    for character in set(source) & _NOTES.keys():
        note = _NOTES[character]
        offset = source.index(character)
        first[note] = min(offset, first.get(note, offset))
    return tuple(
        say(
            "'{character}' at {place} {note}.",
            character=source[offset],
            place=place(source, offset),
            note=note,
        )
        for note, offset in sorted(first.items(), key=lambda item: item[1])
    )


def place(source: str, offset: int) -> Message:
    """``column 8``, or ``line 2, column 8`` in a text of several lines."""
    column = offset - source.rfind("\n", 0, offset)
    if "\n" not in source:
        return say("column {column}", column=column)
    line = source.count("\n", 0, offset) + 1
    return say("line {line}, column {column}", line=line, column=column)


@lru_cache(maxsize=512)
def number_value(text: str, longest: int) -> Fraction:
    """The exact value of a literal or superscript; ``ValueError`` says why there is none.

    The comparison with the range of floats comes first: it costs nothing, and after it
    the exponent is known to be small, so no gigantic power of ten is ever built.
    """
    text = text.translate(_TO_DIGITS).lower()
    approximation = float(text)
    mantissa, _, exponent = text.partition("e")
    if isinf(approximation):
        raise ValueError(say("is too large: it exceeds 1.8e308"))
    if approximation == 0.0 and not mantissa.strip("0."):
        return Fraction(0)
    if approximation == 0.0:
        raise ValueError(say("is too small: it is below 4.9e-324 and not 0"))
    if len(text) > longest:
        raise ValueError(
            say("is too long: at most {longest:,} characters are read", longest=longest)
        )
    whole, _, decimals = mantissa.partition(".")
    power = int(exponent or "0") - len(decimals)
    significand = int(whole + decimals)
    if power < 0:
        return Fraction(significand, 10**-power)
    return Fraction(significand * 10**power)


_COMPARISONS = frozenset("≈≡")

# Letters that cannot be told from a Latin one by eye, by their Unicode names: the glyphs
# themselves would be unreadable here.
_LATIN_LOOKALIKES = {
    "GREEK CAPITAL LETTER": {
        "ALPHA": "A", "BETA": "B", "EPSILON": "E", "ZETA": "Z", "ETA": "H", "IOTA": "I",
        "KAPPA": "K", "MU": "M", "NU": "N", "OMICRON": "O", "RHO": "P", "TAU": "T",
        "UPSILON": "Y", "CHI": "X",
    },
    "GREEK SMALL LETTER": {"OMICRON": "o"},
    "CYRILLIC CAPITAL LETTER": {
        "A": "A", "VE": "B", "IE": "E", "KA": "K", "EM": "M", "EN": "H", "O": "O", "ER": "P",
        "ES": "C", "TE": "T", "U": "Y", "HA": "X", "DZE": "S", "JE": "J", "QA": "Q", "WE": "W",
        "BYELORUSSIAN-UKRAINIAN I": "I",
    },
    "CYRILLIC SMALL LETTER": {
        "A": "a", "IE": "e", "O": "o", "ER": "p", "ES": "c", "U": "y", "HA": "x", "DZE": "s",
        "JE": "j", "SHHA": "h", "KOMI DE": "d", "QA": "q", "WE": "w",
        "BYELORUSSIAN-UKRAINIAN I": "i",
    },
}  # fmt: skip

_HINTS = {
    "%": say("A remainder is not differentiable; comments are not read."),
    "#": say("Comments are not read: leave the text after '#' out."),
    "!": say("For a factorial write exp(lgamma(n + 1))."),
    "$": say("LaTeX delimiters are not needed: enter the formula itself."),
    "\\": say("LaTeX commands are not read; for A\\b write solve(A, b)."),
    '"': say("Quotes are not part of a formula; the transpose is a single '."),
    "`": say("The transpose is written '."),
    "\N{ACUTE ACCENT}": say("The transpose is written '."),
    "\N{LEFT SINGLE QUOTATION MARK}": say("The transpose is written '."),
    "\N{DOUBLE PRIME}": say("Two transposes are written ''."),
    "\N{DOWN TACK}": say("The transpose is written A' or A.T."),
    "⁺": say("For the pseudo-inverse write pinv(A)."),
    "⁻": say("A superscript minus needs a digit: A⁻¹; or write A^-1."),
    "√": say("Write sqrt(a)."),
    "⊗": say("Write kron(A, x)."),
    "∑": say("Write sum(x)."),
    "∏": say("Write prod(x)."),
    "∂": CHOOSE_VARIABLE,
    "∇": CHOOSE_VARIABLE,
    "|": say("Write abs(a), norm2(x) or det(A)."),
    "\N{DOUBLE VERTICAL LINE}": say("Write norm2(x)."),
    "\N{PARALLEL TO}": say("Write norm2(x)."),
    "{": say("Write ( and ) for grouping."),
    "}": say("Write ( and ) for grouping."),
    "÷": say("Write / for division."),
    "\N{DIVISION SLASH}": say("Write / for division."),
    "\N{FRACTION SLASH}": say("Write / for division."),
    "\N{EM DASH}": say("Write - for minus."),
    "\N{ASTERISK OPERATOR}": say("Write * for the product."),
    "\N{BULLET OPERATOR}": say("Write * for the product."),
    "\N{BULLET}": say("Write * for the product."),
    "…": say("Write all terms out."),
    "&": say("Logical operators are not supported."),
    "?": say("Logical operators are not supported."),
    "~": say("Logical operators are not supported."),
}


# What the hints say, where it is one sign for another.
_PLAIN = {
    "$": "",
    **dict.fromkeys("`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}", "'"),
    "\N{DOUBLE PRIME}": "''",
    **dict.fromkeys("÷\N{DIVISION SLASH}\N{FRACTION SLASH}", "/"),
    "\N{EM DASH}": "-",
    **dict.fromkeys("\N{ASTERISK OPERATOR}\N{BULLET OPERATOR}\N{BULLET}", "*"),
}


def bad_character(source: str, token: Token) -> FormulaSyntaxError:
    """The error for a token of kind ``BAD``: names the character and what to write instead."""
    character = source[token.start]
    hint = _HINTS.get(character)
    plain = _PLAIN.get(character)
    latin = _latin_lookalike(character)
    if token.text.startswith("==") or character in _COMPARISONS:
        message = say("Unexpected {shown}.", shown=_shown(character))
        hint = COMPARE
    elif latin is not None:
        message = say(
            "{shown} looks like the Latin letter {latin} but is a different one.",
            shown=_shown(character),
            latin=latin,
        )
        hint = say("Write the Latin letter {latin}.", latin=latin)
        plain = latin
    elif character in ".\N{FULLWIDTH FULL STOP}":
        message = say("Unexpected {shown}.", shown=_shown(character))
        hint = _point_hint(source, token)
    else:
        message = say("Unexpected {shown}.", shown=_shown(character))
        hint = hint or _general_hint(character)
    span = Span(token.start, token.end)
    fixes = [] if plain is None else [Fix(span, plain)]
    return FormulaSyntaxError(
        message, kind="bad_char", span=span, source=source, hint=hint, fixes=fixes
    )


def _latin_lookalike(character: str) -> str | None:
    script, letter, name = unicodedata.name(character, "").partition(" LETTER ")
    return _LATIN_LOOKALIKES.get(script + letter.rstrip(), {}).get(name)


def _shown(character: str) -> Message:
    """The character in quotes; outside ASCII with code point and name, since glyphs deceive."""
    if character.isprintable() and character.isascii():
        return say("'{typed}'", typed=character)
    name = unicodedata.name(character, None) or say("control character")
    code = f"{ord(character):04X}"
    if not character.isprintable():
        return say("(U+{code}, {name})", code=code, name=name)
    return say("'{typed}' (U+{code}, {name})", typed=character, code=code, name=name)


def _point_hint(source: str, token: Token) -> Message:
    following = source[token.end : token.end + 1]
    if following in ("+", "-"):
        return say("Addition is always element-wise: write {following}.", following=following)
    if following == "'":
        return say("The transpose is written '.")
    if source[token.start - 1 : token.start] in frozenset(digits):
        return say("Write digits on both sides of a decimal point: 2.0")
    return say("A point stands in numbers (0.5), in .* ./ .^ and in the transpose A.T only.")


def _general_hint(character: str) -> Message | None:
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and plain.isascii() and plain.strip():
        return say("Write {plain}.", plain=plain)
    if unicodedata.category(character) in ("Cf", "Cc", "Cs", "Co", "Cn"):
        return say("Delete this character; it may be invisible on the screen.")
    if character.isalpha() or unicodedata.category(character).startswith("M"):
        return say("Names are made of Latin and Greek letters, digits and _.")
    return None
