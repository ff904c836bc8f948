"""Formula trees as text of the input language, with as few or more parentheses as it takes.

Written from the grammar in SCHEMA.md, not with gradform's printer, so that the parser's
precedence is tested: the tree is evaluated, the text is parsed.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    fold,
)

__all__ = ["written", "written_formula"]


class Level(IntEnum):
    """How tightly a text holds together."""

    SUM = 1
    PRODUCT = 2
    SIGNED = 3
    POSTFIX = 4
    ATOM = 5


class Text(NamedTuple):
    text: str
    level: Level

    def at(self, level: Level) -> str:
        """The text where at least ``level`` is needed."""
        return self.text if self.level >= level else f"({self.text})"


Doubt = Callable[[], bool]


def _never() -> bool:
    return False


def written(program: Program, doubt: Doubt = _never) -> str:
    """The program as text; where ``doubt()``, with parentheses that are not needed."""
    parts = [f"{d.name} = {written_formula(d.value, doubt)}" for d in program.definitions]
    return "; ".join([*parts, written_formula(program.body, doubt)])


def written_formula(formula: Formula, doubt: Doubt = _never) -> str:
    def visit(node: Formula, parts: list[Text]) -> Text:
        found = _text(node, parts)
        unsure = found.level < Level.ATOM and not isinstance(node, Slice | Compare) and doubt()
        return Text(f"({found.text})", Level.ATOM) if unsure else found

    return fold(formula, visit).text


def _text(node: Formula, parts: list[Text]) -> Text:
    match node:
        case Number():
            return Text(_number(node.value), Level.ATOM)
        case Name():
            return Text(node.name, Level.ATOM)
        case Slice():
            return Text(":".join(part.text for part in parts) or ":", Level.SUM)
        case Call():
            return Text(f"{node.name}({', '.join(part.text for part in parts)})", Level.ATOM)
        case Compare():
            return Text(f" {node.operator} ".join(part.text for part in parts), Level.SUM)
        case Neg():
            return Text("-" + parts[0].at(Level.SIGNED), Level.SIGNED)
        case Add():
            signs = ("" if k == 0 else " + " if s > 0 else " - " for k, s in enumerate(node.signs))
            terms = (part.at(Level.PRODUCT) for part in parts)
            return Text("".join(s + t for s, t in zip(signs, terms, strict=True)), Level.SUM)
        case Mul():
            return Text(_product(node, parts), Level.PRODUCT)
        case Power():
            sign = ".^" if node.elementwise else "^"
            return Text(
                parts[0].at(Level.POSTFIX) + sign + _exponent(node, parts[1]), Level.POSTFIX
            )
        case Transpose():
            return Text(parts[0].at(Level.POSTFIX) + "'", Level.POSTFIX)
        case Stack():
            return Text(_stack(node, parts), Level.ATOM)


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    text = repr(float(value))
    assert Fraction(text) == value, value
    return text


def _product(node: Mul, parts: list[Text]) -> str:
    text = parts[0].at(Level.PRODUCT)
    for op, part in zip(node.ops[1:], parts[1:], strict=True):
        text += op + part.at(Level.SIGNED)
    return text


def _exponent(node: Power, part: Text) -> str:
    """A primary, or signs and a primary."""
    signed = isinstance(node.exponent, Neg) and not part.text.startswith("(")
    if signed and part.text[1:].replace(".", "").isalnum():
        return part.text
    return part.at(Level.ATOM)


def _stack(node: Stack, parts: list[Text]) -> str:
    texts = iter(parts)
    rows = [", ".join(next(texts).text for _ in row) for row in node.rows]
    return f"[{'; '.join(rows)}]"
