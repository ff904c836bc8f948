r"""MathML from the LaTeX that gradform writes, for pages where nothing typesets LaTeX.

Browsers and Visual Studio Code draw MathML themselves, without a script. Only the elements
and attributes of MathML Core are used (https://www.w3.org/TR/mathml-core/).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from html import escape
from typing import NamedTuple

from gradform.markup.latex_tokens import NotMathematics, Tokens
from gradform.markup.symbols import (
    FENCES,
    GREEK,
    LIMITS,
    OPERATORS,
    ORDINARY,
    SPACES,
    TEXT_SIGNS,
    UPRIGHT_NAMES,
)
from gradform.markup.tables import ENVIRONMENTS, table

__all__ = ["NotMathematics", "to_mathml"]

_THIN = f'<mspace width="{SPACES[chr(92) + ","]}"/>'
_APPLIED = "<mo>\u2061</mo>"
_BOLD = ' style="font-weight:bold"'
_SLANTED = ' style="font-style:italic"'
_DEEPEST = 100
_TEXT_COMMAND = re.compile(r"(\\[A-Za-z]+|\\.)(?:\{\})?")
_DOLLAR = re.compile(r"(?<!\\)\$")
_DOUBLE_STRUCK = {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ"}


def to_mathml(latex: str, *, display: bool = True) -> str:
    """``<math>…</math>`` for a formula. Raises NotMathematics for LaTeX of other kinds."""
    tokens = Tokens(latex)
    body = _Reader(tokens).row()
    if tokens.next:
        raise NotMathematics(f"{tokens.next!r} closes nothing")
    large = ' displaystyle="true"' if display else ""
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{large}>{body}</math>'


class _Kind(Enum):
    """What spacing asks of an atom; START is before the first one."""

    START = auto()
    ORDINARY = auto()
    NAME = auto()
    OPERATOR = auto()
    OPEN = auto()
    SPACE = auto()


class _Atom(NamedTuple):
    """MathML of one atom, its kind, and whether its marks stand below and above."""

    written: str
    kind: _Kind = _Kind.ORDINARY
    limits: bool = False


# After these a minus is a sign.
_BEFORE_SIGN = (_Kind.START, _Kind.OPERATOR, _Kind.OPEN)


class _Reader:
    """A descent over the tokens; ``style`` is how letters are set."""

    def __init__(self, tokens: Tokens, style: str = "italic", depth: int = 0) -> None:
        self._tokens = tokens
        self._style = style
        self._depth = depth

    def _inside(self, tokens: Tokens, style: str | None = None) -> _Reader:
        return _Reader(tokens, style or self._style, self._depth)

    # ------------------------------------------------------------ rows and marks

    def row(self, *ends: str) -> str:
        """Everything up to one of the tokens that end it, which stays."""
        parts: list[str] = []
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotMathematics("the formula is nested too deeply")
        before = _Kind.START
        while self._tokens.next and self._tokens.next not in (*ends, "}", r"\right", r"\end"):
            is_sign = self._tokens.next in ("+", "-") and before in _BEFORE_SIGN
            atom = self._prefixed() if is_sign else self._marked()
            if atom.kind is _Kind.NAME and before in (_Kind.ORDINARY, _Kind.NAME):
                parts.append(_THIN)
            parts.append(atom.written)
            before = atom.kind
        self._depth -= 1
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def _prefixed(self) -> _Atom:
        """A sign in front of a number or a product."""
        sign = self._tokens.take()
        return _Atom(f'<mo form="prefix">{OPERATORS.get(sign, sign)}</mo>', _Kind.OPERATOR)

    def _marked(self) -> _Atom:
        """An atom with its subscript and superscript."""
        atom = self._atom()
        below: str | None = None
        above: str | None = None
        while self._tokens.next in ("_", "^", "'"):
            mark = self._tokens.take()
            if mark == "'":
                above = "<mo>′</mo>"
            elif mark == "_":
                below = self.argument()
            else:
                above = self.argument()
        written = _with_marks(atom, below, above)
        if atom.kind is _Kind.NAME:
            written += self._after_name()
        return atom._replace(written=written)

    def _after_name(self) -> str:
        """What parts the name of a function from an argument without brackets."""
        follows = self._tokens.next
        opens = follows == r"\left" or FENCES.get(follows, ("", False))[1] is not False
        ends = follows in ("", "}", "&", r"\\", r"\right", r"\end", ",") or follows in FENCES
        between = follows in OPERATORS or follows in ("+", "=", "<", ">")
        return _APPLIED if opens or ends or between else _APPLIED + _THIN

    def argument(self) -> str:
        """What a command takes: a group in braces, or one token."""
        if self._tokens.skip("{"):
            found = self.row()
            self._tokens.expect("}")
            return found
        if self._tokens.next[:1].isdecimal():
            return f"<mn>{self._tokens.digit()}</mn>"
        return self._atom().written

    # ------------------------------------------------------------ atoms

    def _atom(self) -> _Atom:
        token = self._tokens.next
        if token == "{":
            return _Atom(self.argument())
        if token in ("^", "_", "'"):  # a mark on nothing
            return _Atom("<mrow></mrow>")
        self._tokens.take()
        if token[0].isdecimal():
            return _Atom(f"<mn{_BOLD if 'bold' in self._style else ''}>{token}</mn>")
        if token in LIMITS:
            sign = LIMITS[token]
            written = f"<mo>{sign}</mo>" if not sign[0].isascii() else _name(sign)
            kind = _Kind.NAME if sign[0].isascii() else _Kind.OPERATOR
            return _Atom(written, kind, limits=True)
        if token in UPRIGHT_NAMES:
            return _Atom(_name(token[1:]), _Kind.NAME)
        if token in _COMMANDS:
            return _COMMANDS[token](self)
        return self._sign(token)

    def _sign(self, token: str) -> _Atom:
        if token.isalpha() or token in GREEK:
            return _Atom(_letters(GREEK.get(token, token), self._style))
        if token in ORDINARY:
            return _Atom(f"<mi>{escape(ORDINARY[token])}</mi>")
        if token in FENCES:
            opens = FENCES[token][1]
            return _Atom(_fence(token, stretchy=False), _Kind.OPEN if opens else _Kind.ORDINARY)
        if token in SPACES:
            return _Atom(f'<mspace width="{SPACES[token]}"/>', _Kind.SPACE)
        if token in OPERATORS or token in "+=<>,;:/!.":
            return _Atom(f"<mo>{escape(OPERATORS.get(token, token))}</mo>", _Kind.OPERATOR)
        raise NotMathematics(f"{token!r} is not part of a formula")

    def fraction(self) -> _Atom:
        return _Atom(f"<mfrac>{self.argument()}{self.argument()}</mfrac>")

    def root(self) -> _Atom:
        if self._tokens.next == "[":
            degree = self._inside(Tokens(self._tokens.raw("["))).row()
            return _Atom(f"<mroot>{self.argument()}{degree}</mroot>")
        return _Atom(f"<msqrt>{self.argument()}</msqrt>")

    def fenced(self) -> _Atom:
        r"""``\left( … \right)``, as high as what is inside."""
        left = self._fence_token(True)
        inside = self.row()
        self._tokens.expect(r"\right")
        return _Atom(f"<mrow>{left}{inside}{self._fence_token(False)}</mrow>")

    def _fence_token(self, opens: bool) -> str:
        token = self._tokens.take()
        if token == ".":
            return ""
        if token not in FENCES:
            raise NotMathematics(f"{token!r} is no bracket")
        return _fence(token, stretchy=True, opens=opens)

    def styled(self, style: str) -> _Atom:
        return _Atom(self._inside(self._tokens, style).word())

    def word(self) -> str:
        r"""The letters of ``\mathit{total}`` as one name; other contents one by one."""
        if self._tokens.next != "{":
            return self.argument()
        raw = self._tokens.raw()
        if raw.isalnum() and raw.isascii() and not raw.isdecimal():
            return _letters(raw, self._style)
        return self._inside(Tokens(raw)).row()

    def operator(self, limits: bool = False) -> _Atom:
        plain = Tokens(self._tokens.raw())
        written = ""
        while plain.next:
            written += plain.take().lstrip("\\")
        return _Atom(_name(written), _Kind.NAME, limits)

    def text(self) -> _Atom:
        r"""``\text{if $x < 0$}``: words, and formulas in dollars among them."""
        parts = _DOLLAR.split(self._tokens.raw())
        if len(parts) % 2 == 0:
            raise NotMathematics("a formula in a text does not end")
        written = [
            self._inside(Tokens(part)).row() if place % 2 else _words(part)
            for place, part in enumerate(parts)
        ]
        return _Atom(written[0] if len(written) == 1 else f"<mrow>{''.join(written)}</mrow>")

    def double_struck(self) -> _Atom:
        raw = self._tokens.raw()
        if raw not in _DOUBLE_STRUCK:
            raise NotMathematics(f"{raw!r} has no double-struck sign")
        return _Atom(f"<mi>{_DOUBLE_STRUCK[raw]}</mi>")

    def phantom(self) -> _Atom:
        return _Atom(f"<mphantom>{self.argument()}</mphantom>")

    def grouped(self) -> _Atom:
        return _Atom(self.argument())

    def under(self, sign: str) -> _Atom:
        r"""``\underbrace{…}_{…}``: its label stands below the brace."""
        inside = self.argument()
        mark = f'<mo stretchy="true">{sign}</mo>'
        return _Atom(f"<munder>{inside}{mark}</munder>", limits=True)

    def over(self, sign: str) -> _Atom:
        mark = f"<mo>{sign}</mo>"
        return _Atom(f'<mover accent="true">{self.argument()}{mark}</mover>')

    def stacked(self) -> _Atom:
        r"""``\overset{above}{base}``"""
        above = self.argument()
        return _Atom(f"<mover>{self.argument()}{above}</mover>")

    # ------------------------------------------------------------ tables

    def environment(self) -> _Atom:
        name = self._tokens.raw()
        if name not in ENVIRONMENTS:
            raise NotMathematics(f"{name!r} is no environment of a formula")
        columns = self._tokens.raw() if name == "array" else ""
        rows = [[self.row("&", r"\\")]]
        while not self._tokens.skip(r"\end"):
            if self._tokens.take() == r"\\":
                if self._tokens.follows == "[":  # how far apart; after a space it is a bracket
                    self._tokens.raw("[")
                rows.append([])
            rows[-1].append(self.row("&", r"\\"))
        if self._tokens.raw() != name:
            raise NotMathematics(f"the environment {name!r} does not end")
        return _Atom(table(name, rows, columns))


_COMMANDS: dict[str, Callable[[_Reader], _Atom]] = {
    r"\frac": _Reader.fraction,
    r"\dfrac": _Reader.fraction,
    r"\tfrac": _Reader.fraction,
    r"\sqrt": _Reader.root,
    r"\left": _Reader.fenced,
    r"\mathbf": partial(_Reader.styled, style="bold"),
    r"\boldsymbol": partial(_Reader.styled, style="bold-italic"),
    r"\bm": partial(_Reader.styled, style="bold-italic"),
    r"\mathit": partial(_Reader.styled, style="italic"),
    r"\mathrm": partial(_Reader.styled, style="upright"),
    r"\mathbb": _Reader.double_struck,
    r"\mathrel": _Reader.grouped,
    r"\mathbin": _Reader.grouped,
    r"\operatorname": _Reader.operator,
    r"\operatorname*": partial(_Reader.operator, limits=True),
    r"\text": _Reader.text,
    r"\phantom": _Reader.phantom,
    r"\underbrace": partial(_Reader.under, sign="⏟"),
    r"\dot": partial(_Reader.over, sign="˙"),
    r"\hat": partial(_Reader.over, sign="^"),
    r"\bar": partial(_Reader.over, sign="¯"),
    r"\tilde": partial(_Reader.over, sign="~"),
    r"\overset": _Reader.stacked,
    r"\begin": _Reader.environment,
}


def _words(text: str) -> str:
    plain = _TEXT_COMMAND.sub(_text_sign, text)
    return f"<mtext>{escape(plain).replace(' ', chr(160))}</mtext>" if plain else ""


def _text_sign(command: re.Match[str]) -> str:
    if command[1] not in TEXT_SIGNS:
        raise NotMathematics(f"{command[1]!r} is no sign in a text")
    return TEXT_SIGNS[command[1]]


def _with_marks(atom: _Atom, below: str | None, above: str | None) -> str:
    base = atom.written
    inside = "".join([base, below or "", above or ""])
    if below is not None and above is not None:
        name = "munderover" if atom.limits else "msubsup"
    elif below is not None:
        name = "munder" if atom.limits else "msub"
    elif above is not None:
        name = "mover" if atom.limits else "msup"
    else:
        return base
    return f"<{name}>{inside}</{name}>"


def _name(name: str) -> str:
    """The name of a function; one letter alone would be set in italics."""
    return f'<mi mathvariant="normal">{escape(name)}</mi>'


def _letters(letters: str, style: str) -> str:
    """A variable. MathML Core slants single letters by itself and knows no bold."""
    variant = ' mathvariant="normal"' if style in ("bold", "upright") else ""
    by_hand = _SLANTED if style == "italic" and len(letters) > 1 else ""
    css = _BOLD if "bold" in style else by_hand
    return f"<mi{variant}{css}>{escape(letters)}</mi>"


def _fence(token: str, *, stretchy: bool, opens: bool | None = None) -> str:
    sign, usual = FENCES[token]
    opens = usual if opens is None else opens
    form = "" if opens is None else f' form="{"prefix" if opens else "postfix"}"'
    high = "true" if stretchy else "false"
    return f'<mo fence="true" stretchy="{high}"{form}>{escape(sign)}</mo>'
