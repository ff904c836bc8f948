"""How index notation looks in plain text and in Unicode."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from gradform.ir.nodes import Coefficient
from gradform.notation.spelling import GREEK, name_parts

__all__ = ["STYLES", "IndexStyle"]


class IndexStyle:
    """Plain text: ``sum_{i,j} x[i]*A[i,j]*x[j]``."""

    times = "*"
    at_least = ">="
    assigned = " = "
    separator = "; "

    def entry(self, name: str, at: Sequence[str]) -> str:
        """An entry of an array; the array itself without indices."""
        return name + (f"[{','.join(at)}]" if at else "")

    def called(self, name: str, arguments: Sequence[str], at: Sequence[str] = ()) -> str:
        """A function, or an entry of its value."""
        call = f"{name}({', '.join(arguments)})" if arguments else name
        return call + (f"[{','.join(at)}]" if at else "")

    def array(self, entry: str, places: Sequence[str]) -> str:
        """The array of which an entry is given."""
        return f"[{entry}]_{{{','.join(places)}}}"

    def equal(self, left: str, right: str) -> str:
        """1 where two indices agree, else 0."""
        return f"[{left}={right}]"

    def total(self, letters: Sequence[str], body: str) -> str:
        """The sum over indices."""
        return f"sum_{{{','.join(letters)}}} {body}"

    def raised(self, base: str, power: Coefficient) -> str:
        number = self.number(power)
        return f"{base}^{number}" if power > 0 else f"{base}^({number})"

    def number(self, value: Coefficient) -> str:
        fraction = Fraction(value)
        if fraction.denominator == 1:
            return str(fraction.numerator)
        if 10**6 % fraction.denominator == 0:
            return str(float(fraction))
        return f"({fraction.numerator}/{fraction.denominator})"


class _Unicode(IndexStyle):
    """``Σ_{i,j} xᵢ·Aᵢⱼ·xⱼ``"""

    times = "·"
    at_least = "≥"
    _small: ClassVar = dict(
        zip("0123456789aehijklmnoprstuvx,", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ,", strict=True)
    )
    _raised: ClassVar = dict(zip("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻", strict=True))

    def _below(self, at: Sequence[str]) -> str:
        """Small letters; those that have no small form after an underscore."""
        text = "".join(at) if all(len(each) == 1 for each in at) else ",".join(at)
        if not all(letter in self._small for letter in text):
            return f"_{{{text}}}" if len(text) > 1 else f"_{text}"
        return "".join(self._small[letter] for letter in text)

    def entry(self, name: str, at: Sequence[str]) -> str:
        letters, subscripts = name_parts(name) or (name, ())
        shown = GREEK.get(letters, letters)
        below = ",".join(subscripts)
        if below and all(letter in self._small for letter in below):
            shown += "".join(self._small[letter] for letter in below) + ("," if at else "")
        elif below:
            shown += f"_{below}" + ("," if at else "")
        return shown + (self._below(at) if at else "")

    def called(self, name: str, arguments: Sequence[str], at: Sequence[str] = ()) -> str:
        call = f"{name}({', '.join(arguments)})" if arguments else name
        return call + (self._below(at) if at else "")

    def equal(self, left: str, right: str) -> str:
        return (
            f"δ{self._below([left, right])}"
            if left.isalpha() and right.isalpha()
            else (f"[{left}={right}]")
        )

    def total(self, letters: Sequence[str], body: str) -> str:
        return f"Σ{self._below(letters)} {body}"

    def raised(self, base: str, power: Coefficient) -> str:
        text = self.number(power)
        if all(letter in self._raised for letter in text):
            return base + "".join(self._raised[letter] for letter in text)
        return f"{base}^({text})"


STYLES = {"text": IndexStyle(), "unicode": _Unicode()}
"""By notation; LaTeX has :mod:`gradform.notation.index_latex`."""
