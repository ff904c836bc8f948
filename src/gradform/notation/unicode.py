"""Unicode for the terminal: ``(A + Aᵀ)·x``, ``X⁻ᵀ``, ``‖x‖₂²``.

``·`` and ``/`` bind tighter than ``⊙`` (element-wise product), ``⊘`` (element-wise
division) and ``⊗`` (Kronecker). An element-wise power carries the sign of the element-wise
product: ``x⊙²`` is ``x.^2``. What has no small character is written out: ``x^a``,
``I_N``, ``𝟏_(M×N)``. Elements and slices are ``x[2]`` and ``x[2:n]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from string import Formatter

from gradform.formula.spelling import Precedence, Spell, Spelling
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
from gradform.notation.pieces import (
    Part,
    Piece,
    chunks,
    compared,
    enclosed,
    held,
    negated,
    parenthesised,
    sliced,
    stacked,
    total,
)
from gradform.notation.spelling import (
    GREEK,
    UNICODE_OPERATORS,
    grouped,
    is_index,
    literal,
    name_parts,
    numeral,
    roots,
    spelling_of,
    variables,
)
from gradform.records import replaced

__all__ = ["to_unicode"]

_SUBSCRIPTS = dict(
    zip("0123456789+-=×aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌ₓₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_SUPERSCRIPTS = dict(zip("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", strict=True))
_INVERSE, _TRANSPOSED, _INVERSE_TRANSPOSED = "⁻¹", "ᵀ", "⁻ᵀ"
_SYMBOLS = {"*": "·", "/": "/", ".*": " ⊙ ", "./": " ⊘ "}
_COMPARISONS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "="}
_LARGEST_RAISED = 9999
_GROUP = re.compile(r"([_^])\{\{(.*?)\}\}(?!\})")


def to_unicode(
    formula: Formula | Program,
    *,
    spell: Spell | None = None,
    shapes: Mapping[str, Sequence[object]] | None = None,
) -> str:
    """The formula in Unicode; a program as ``u = …; v = …; body``.

    ``spell`` gives functions their notation; ``shapes`` lists the variables, so that
    ``x(2)`` is known to be an element.
    """
    writer = _Writer(spell, variables(formula, shapes))
    lines = ["".join(chunks(fold(root, writer.visit))) for root in roots(formula)]
    definitions = formula.definitions if isinstance(formula, Program) else ()
    named = [f"{_name(each.name)} = " for each in definitions]
    return "; ".join(name + line for name, line in zip([*named, ""], lines, strict=True))


class _Writer:
    """The visit of a fold, with what it must know of names and functions."""

    def __init__(self, spell: Spell | None, is_variable: Callable[[str], bool]) -> None:
        self._spell = spell
        self._is_variable = is_variable

    def visit(self, node: Formula, pieces: list[Piece]) -> Piece:
        """The piece of a node, given those of its children."""
        match node:
            case Number():
                return _number(node.value)
            case Name():
                return self._name(node)
            case Call():
                return self._call(node, pieces)
            case Neg():
                return negated(pieces[0])
            case Add():
                return total(pieces, node.signs)
            case Mul():
                return _product(grouped(node, pieces), node.ops)
            case Power():
                return _power(node, pieces)
            case Transpose():
                return _marked(pieces[0], _TRANSPOSED)
            case Stack():
                return stacked(node, pieces)
            case Compare():
                return compared(pieces, _COMPARISONS.get(node.operator, node.operator))
            case Slice():
                return sliced(node, pieces)

    def _name(self, node: Name) -> Piece:
        spelling = spelling_of(node, self._spell, UNICODE_OPERATORS)
        if spelling is not None:
            return _filled(spelling, [])
        return Piece((_name(node.name),), Precedence.ATOM)

    def _call(self, node: Call, pieces: list[Piece]) -> Piece:
        if is_index(node, self._is_variable):
            return enclosed(f"{_name(node.name)}[", pieces, "]")
        spelling = spelling_of(node, self._spell, UNICODE_OPERATORS)
        if spelling is None:
            return enclosed(f"{node.name}(", pieces, ")")
        if spelling.mark is not None:
            return _marked(pieces[0], _raised(spelling.mark))
        return _filled(spelling, pieces)


def _number(value: Fraction) -> Piece:
    written = numeral(value)
    negative = value < 0
    if written.denominator:
        ratio = f"{written.digits}/{written.denominator}"
        return Piece((ratio,), Precedence.PRODUCT, negative, number=True, fraction=True)
    if written.exponent:
        power = f"10{_raised(str(written.exponent))}"
        if written.digits == "1":
            return Piece((power,), Precedence.POSTFIX, negative, number=True)
        return Piece((f"{written.digits}×{power}",), Precedence.PRODUCT, negative, number=True)
    return Piece((written.digits,), Precedence.ATOM, negative, number=True)


def _name(name: str) -> str:
    """``x_1`` as x₁, ``alpha`` as α; a subscript of several letters stays as it is."""
    letters, subscripts = name_parts(name) or (name, ())
    if len(subscripts) != 1 or (len(subscripts[0]) > 1 and not subscripts[0].isdecimal()):
        return "_".join((GREEK.get(letters, letters), *subscripts))
    return GREEK.get(letters, letters) + _lowered(subscripts[0])


def _small(text: str, sign: str, characters: Mapping[str, str]) -> str:
    """The text in small characters, or written out after a sign when one is missing."""
    if all(character in characters for character in text):
        return "".join(characters[character] for character in text)
    return f"{sign}{text}" if text.isalnum() else f"{sign}({text})"


def _lowered(text: str) -> str:
    return _small(text, "_", _SUBSCRIPTS)


def _raised(text: str) -> str:
    if all(character in _SUPERSCRIPTS.values() or character == "ᵀ" for character in text):
        return text
    return _small(text, "^", _SUPERSCRIPTS)


def _filled(spelling: Spelling, pieces: list[Piece]) -> Piece:
    parts: list[Part] = []
    start = 0
    for group in _GROUP.finditer(spelling.template):
        parts.extend(_arguments(spelling.template[start : group.start()], spelling, pieces))
        inside = Piece(tuple(_arguments(group[2], spelling, pieces)), Precedence.ANY)
        small = _lowered if group[1] == "_" else _raised
        parts.append(small("".join(chunks(inside))))
        start = group.end()
    parts.extend(_arguments(spelling.template[start:], spelling, pieces))
    return Piece(tuple(parts), spelling.precedence)


def _arguments(template: str, spelling: Spelling, pieces: list[Piece]) -> list[Part]:
    """A stretch of a template with the printed arguments in their places."""
    parts: list[Part] = []
    for text, field, _, _ in Formatter().parse(template):
        parts.append(text)
        if field is not None:
            parts.append(held(pieces[int(field)], spelling.loosest(int(field))))
    return parts


def _marked(piece: Piece, mark: str) -> Piece:
    """A piece with a superscript; an inverse and a transpose share one."""
    if {piece.superscript, mark} == {_INVERSE, _TRANSPOSED} and not piece.negative:
        return replaced(piece, superscript=_INVERSE_TRANSPOSED)
    return Piece((held(piece, Precedence.ATOM),), Precedence.POSTFIX, superscript=mark)


def _power(node: Power, pieces: list[Piece]) -> Piece:
    base, exponent = pieces
    sign = "⊙" if node.elementwise and not base.number else ""
    value = literal(node.exponent)
    if value is not None and value.denominator == 1 and abs(value) <= _LARGEST_RAISED:
        return _marked(base, sign + _raised(str(value)))
    mark = Piece((f"^{sign}", held(exponent, Precedence.ATOM)), Precedence.ANY)
    return Piece((held(base, Precedence.ATOM), mark), Precedence.POSTFIX)


def _product(factors: Sequence[Piece], operators: Sequence[str]) -> Piece:
    """Factors read from the left; brackets where ``/`` or ``⊘`` would be misread."""
    result = replaced(factors[0], negative=False)
    last = "/" if result.fraction else ""
    for k in range(1, len(factors)):
        operator = _without_needless_dot(factors, operators, k)
        elementwise = operator.startswith(".")
        level = Precedence.OPERATOR if elementwise else Precedence.PRODUCT
        # People do not agree how to read a/b·c, a ⊘ b ⊙ c and A ⊗ B ⊙ C.
        unclear = (last, operator) in {("/", "*"), ("./", ".*"), ("./", "./")}
        whole = level if last else Precedence.PRODUCT
        left = parenthesised(result) if unclear else held(result, whole)
        right = held(factors[k], Precedence.PRODUCT if elementwise else Precedence.POSTFIX)
        result = Piece((left, _SYMBOLS[operator], right), level)
        last = operator
    return replaced(result, negative=factors[0].negative)


def _without_needless_dot(factors: Sequence[Piece], operators: Sequence[str], k: int) -> str:
    """The operator before factor k; with a number, element-wise and plain ones agree."""
    number = factors[k].number or (k == 1 and operators[k] == ".*" and factors[0].number)
    return operators[k].lstrip(".") if number else operators[k]
