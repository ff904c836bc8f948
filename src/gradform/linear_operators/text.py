"""How structures are written: 2·I ⊗ (V'*V)."""

from __future__ import annotations

__all__ = ["bracketed", "times", "transposed"]

_SIGNS = "+-*·⊗ "


def bracketed(text: str, signs: str = _SIGNS) -> str:
    """A formula as a factor: in brackets where one of the signs stands outside of any."""
    depth = 0
    for k, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter in signs and (not depth or k == 0):
            return f"({text})"
    return text


def times(factor: float, text: str) -> str:
    """A number times a formula."""
    if factor == 1:
        return text
    inside = bracketed(text, "+-⊗ ")
    return f"-{inside}" if factor == -1 else f"{factor:g}·{inside}"


def transposed(text: str) -> str:
    """The formula of a transpose."""
    inside = bracketed(text)
    return inside[:-1] if inside.endswith("'") else f"{inside}'"
