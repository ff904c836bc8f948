"""How a function is written in a notation: a template with its precedences.

A template is a :meth:`str.format` string: ``{0}``, ``{1}``, … stand for the printed
arguments, braces that LaTeX is to see are doubled: ``r"\\lVert {0} \\rVert_{{2}}"``.

An argument standing in a subscript group ``_{{…}}`` is a size or an index; names in
it are dimensions and never bold. A template of the form ``{0}^{{mark}}`` puts a mark
on its argument, which printers merge with a transpose: ``-1`` becomes ``-\\top``. In
Unicode the groups ``_{{…}}`` and ``^{{…}}`` become small characters where those exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from string import Formatter
from typing import TypeAlias

from gradform.records import record

__all__ = ["Precedence", "Spell", "Spelling", "choose"]


class Precedence(IntEnum):
    """How firmly a printed piece holds together, loosest first."""

    ANY = 0
    SUM = 1  # a + b
    OPERATOR = 2  # a ⊙ b, A ⊗ B: looser than a product written side by side
    PRODUCT = 3  # a*b
    POSTFIX = 4  # x', x^2: may be a factor, but takes no further superscript
    ATOM = 5


@record
class Spelling:
    """A template, how firmly the result holds together, and what each argument needs.

    ``arguments[k]`` is the loosest precedence that argument ``k`` may have without
    brackets around it. The default ``ANY`` is for arguments the template encloses.
    """

    template: str
    precedence: Precedence = Precedence.ATOM
    arguments: tuple[Precedence, ...] = ()

    def __post_init__(self) -> None:
        used = {field.index for field in _scan(self.template).fields}
        if used != set(range(len(used))):
            raise ValueError(f"placeholders of {self.template!r} are not {{0}}, {{1}}, …")

    @staticmethod
    def inferred(template: str) -> Spelling:
        """A spelling for a bare template: always right, at times a bracket too many.

        What the template does not enclose gets brackets unless it is an atom; how firmly
        the whole holds together is read from the operators outside all brackets.
        """
        return _inferred(template)

    @property
    def arity(self) -> int:
        """Number of arguments the template takes."""
        return 1 + max((field.index for field in _scan(self.template).fields), default=-1)

    @property
    def lowered(self) -> frozenset[int]:
        """The arguments that stand in a subscript: sizes and indices."""
        return frozenset(field.index for field in _scan(self.template).fields if field.lowered)

    @property
    def mark(self) -> str | None:
        """The superscript, when the template only puts one on its argument."""
        match = _MARKING.fullmatch(self.template)
        return None if match is None else match[1] or match[2]

    def loosest(self, index: int) -> Precedence:
        """The loosest precedence argument ``index`` may have without brackets."""
        return self.arguments[index] if index < len(self.arguments) else Precedence.ANY


Spell: TypeAlias = Callable[[str], "str | Spelling | tuple[str | Spelling, ...] | None"]
"""From a function's name to its spelling, to one spelling for each arity, or to None."""


def choose(
    found: str | Spelling | tuple[str | Spelling, ...] | None, arity: int
) -> Spelling | None:
    """The spelling that takes exactly ``arity`` arguments, if there is one."""
    candidates = found if isinstance(found, tuple) else (found,)
    for candidate in candidates:
        if candidate is None:
            continue
        spelling = _inferred(candidate) if isinstance(candidate, str) else candidate
        if spelling.arity == arity:
            return spelling
    return None


@record
class _Field:
    index: int
    enclosed: bool
    lowered: bool


@record
class _Scan:
    """The placeholders of a template, and its text outside all brackets.

    In ``outside`` every placeholder is a NUL character and every bracketed group is left out.
    """

    fields: tuple[_Field, ...]
    outside: str


_RAISED = "ᵀ⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ"
_MARKING = re.compile(rf"\{{0\}}(?:\^\{{\{{([^{{}}]+)\}}\}}|([{_RAISED}]+))")
_OPENING = {"_{", "^{", "{", "(", "[", r"\lVert", r"\lvert", r"\langle", "⟨", "⌊", "⌈"}
_CLOSING = {"}", ")", "]", r"\rVert", r"\rvert", r"\rangle", "⟩", "⌋", "⌉"}
_FENCES = {"|", "‖"}  # the same character opens and closes
_TOKEN = re.compile(r"\\[A-Za-z]+|[_^]\{|.", re.DOTALL)
_ADDITIVE = re.compile(r"[-+−±]")
_INFIX = re.compile(r"[/·⊙⊘⊗×]|\\(?:cdot|times|odot|oslash|otimes|circ)(?![a-z])")
_SCRIPT_SIGN = re.compile(r"(?<=[_^])[-+*]")  # the sign in `[x]_+` is no operator


@lru_cache(maxsize=1024)
def _scan(template: str) -> _Scan:
    fields: list[_Field] = []
    outside: list[str] = []
    open_groups: list[str] = []
    for literal, field, _, _ in Formatter().parse(template):
        for token in _TOKEN.findall(literal):
            closes = token in _CLOSING or (token in _FENCES and token in open_groups)
            if closes and open_groups:
                open_groups.pop()
            elif token in _OPENING or token in _FENCES:
                if not open_groups and token[0] in "_^":
                    outside.append(token[0])
                open_groups.append(token)
            elif not open_groups:
                outside.append(token)
        if field is not None:
            fields.append(_Field(_index(field, template), bool(open_groups), "_{" in open_groups))
            if not open_groups:
                outside.append("\0")
    return _Scan(tuple(fields), "".join(outside))


def _index(field: str, template: str) -> int:
    if not field.isdecimal():
        raise ValueError(f"placeholder {{{field}}} in {template!r} is not a number")
    return int(field)


@lru_cache(maxsize=1024)
def _inferred(template: str) -> Spelling:
    scan = _scan(template)
    needs = [Precedence.ANY] * (1 + max((field.index for field in scan.fields), default=-1))
    for field in scan.fields:
        if not field.enclosed:
            needs[field.index] = Precedence.ATOM
    return Spelling(template, _cohesion(scan.outside), tuple(needs))


def _cohesion(outside: str) -> Precedence:
    """How firmly text holds together, judged by what stands outside its brackets."""
    outside = _SCRIPT_SIGN.sub("", outside)
    if _ADDITIVE.search(outside):
        return Precedence.SUM
    bare = outside.count("\0")
    # A word or a space beside a bare argument: `\log x`, which reads on to the right.
    if _INFIX.search(outside) or bare > 1 or re.search(r"[A-Za-z ]\0|\0[A-Za-z ]", outside):
        return Precedence.OPERATOR
    if bare or any(mark in outside for mark in "^" + _RAISED):
        return Precedence.POSTFIX
    return Precedence.ATOM
