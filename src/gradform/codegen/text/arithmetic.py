"""Sums and products as expressions, with no brackets that are not needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from gradform.codegen.text.pieces import (
    Numerals,
    Precedence,
    Text,
    atom,
    bracketed,
    magnitude,
)
from gradform.ir.nodes import Coefficient

__all__ = ["PLAIN", "Power", "Signs", "combination", "product", "signed"]

Power: TypeAlias = Callable[[Text, Coefficient], Text]


class Signs(NamedTuple):
    """The operators of a language for arrays, entry by entry."""

    plus: str = "+"
    minus: str = "-"
    times: str = "*"
    over: str = "/"


PLAIN = Signs()


def signed(text: Text) -> tuple[bool, Text]:
    """Whether a product starts with a minus, and the product without it."""
    if text.code.startswith("-") and text.precedence in (Precedence.PRODUCT, Precedence.SIGN):
        return True, Text(text.code[1:], max(text.precedence, Precedence.PRODUCT))
    return False, text


def combination(
    numerals: Numerals,
    coefficients: Sequence[Coefficient],
    arguments: Sequence[Text],
    signs: Signs = PLAIN,
) -> Text:
    """``Σ coefficient · argument``"""
    code = ""
    for coefficient, argument in zip(coefficients, arguments, strict=True):
        flipped, text = signed(argument)
        negative = (coefficient < 0) != flipped
        above, below = magnitude(coefficient, numerals)
        loosest = Precedence.MATMUL if above is None and below is None else Precedence.PRODUCT
        term = bracketed(text, loosest)
        if above is not None:
            term = _scaled(above, term, numerals.one, "/") or f"{above} * {term}"
        if below is not None:
            term = f"{term} / {below}"
        if code:
            code += f" {signs.minus if negative else signs.plus} {term}"
        else:
            code = f"-{term}" if negative else term
    return Text(code, Precedence.SUM)


def _scaled(number: str, term: str, one: str, over: str) -> str | None:
    """``2 / x`` for 2 * 1 / x, which is computed in the same steps; None for other terms."""
    reciprocal = f"{one} {over} "
    return f"{number} {over} {term[len(reciprocal) :]}" if term.startswith(reciprocal) else None


def product(
    numerals: Numerals,
    raised: Power,
    coefficient: Coefficient,
    powers: Sequence[Coefficient],
    arguments: Sequence[Text],
    signs: Signs = PLAIN,
) -> Text:
    """``coefficient · Π argument ^ power``; ``raised`` writes a power with exponent > 0."""
    above, below = magnitude(coefficient, numerals)
    pairs = list(zip(arguments, powers, strict=True))
    top = [raised(text, power) for text, power in pairs if power > 0]
    bottom = [raised(text, -power) for text, power in pairs if power < 0]
    if above is not None or not top:
        top.insert(0, atom(above or numerals.one))
    if below is not None:
        bottom.insert(0, atom(below))
    code = _times(top, signs)
    if bottom:
        code = bracketed(top[0], Precedence.PRODUCT) if len(top) == 1 else code
        code += f" {signs.over} {_divisor(bottom, signs)}"
    precedence = Precedence.PRODUCT if len(top) > 1 or bottom else top[0].precedence
    if coefficient > 0:
        return Text(code, precedence)
    flipped, positive = signed(Text(code, precedence))
    if flipped:
        return positive
    if precedence < Precedence.PRODUCT:
        code = f"({code})"
    return Text(
        f"-{code}", Precedence.PRODUCT if precedence == Precedence.PRODUCT else Precedence.SIGN
    )


def _times(factors: Sequence[Text], signs: Signs) -> str:
    """Factors in a row: the first, and the one after a number, may be products."""
    codes = [bracketed(factors[0], Precedence.PRODUCT) if len(factors) > 1 else factors[0].code]
    for k, factor in enumerate(factors[1:], 1):
        after_number = k == 1 and _is_number(codes[0]) and not factor.code.startswith("-")
        codes.append(bracketed(factor, Precedence.PRODUCT if after_number else Precedence.POWER))
    return f" {signs.times} ".join(codes)


def _is_number(code: str) -> bool:
    return all(c.isdigit() or c == "." for c in code)


def _divisor(factors: Sequence[Text], signs: Signs) -> str:
    if len(factors) == 1:
        return bracketed(factors[0], Precedence.POWER)
    return f"({_times(factors, signs)})"
