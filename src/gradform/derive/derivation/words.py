r"""Words beside formulas: plain, or inside ``\text{…}`` in LaTeX.

``$u2$`` in a text stands for mathematics of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from textwrap import wrap

from gradform.derive.derivation.math import Math
from gradform.language import told

__all__ = ["in_latex", "in_notation"]

_NAMED = re.compile(r"\$([^$]+)\$")
_WIDTH = 84
_ESCAPES = {
    **{letter: "\\" + letter for letter in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_SMALL = {
    "^": ("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣᵏᵀ", "0123456789+-()nxkT"),
    "_": ("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₒₚₓₕᵤᵥₜₛᵣₐₑ", "0123456789+-ijklmnopxhuvtsrae"),
}
_SYMBOLS = {
    "∂": r"\partial ",
    "·": r"\cdot ",
    "⊙": r"\odot ",
    "∘": r"\circ ",
    "×": r"\times ",
    "∫": r"\int ",
    "√": r"\surd ",
    "Σ": r"\sum ",
    "Π": r"\prod ",
    "→": r"\to ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "∞": r"\infty ",
    "′": "'",
    "½": r"\tfrac{1}{2}",
    "…": r"\ldots ",
    "‖": r"\Vert ",
    "|": "|",
    "<": "<",
    ">": ">",
    "α": r"\alpha ",
    "β": r"\beta ",
    "δ": r"\delta ",
    "λ": r"\lambda ",
    "μ": r"\mu ",
    "π": r"\pi ",
    "σ": r"\sigma ",
    "φ": r"\varphi ",
    "ψ": r"\psi ",
    "Γ": r"\Gamma ",
    "Φ": r"\Phi ",
    "Ω": r"\Omega ",
    "−": "-",
}


def in_notation(text: str, named: Mapping[str, Math], notation: str) -> str:
    """The text with the mathematics in it written."""
    return _NAMED.sub(lambda found: named[found[1]].to(notation), told(text))


def in_latex(text: str, named: Mapping[str, Math]) -> list[str]:
    r"""The text as lines of ``\text{…}`` for use inside mathematics."""
    return [rf"\text{{{_set(line, named)}}}" for line in _lines(told(text))]


def _lines(text: str) -> list[str]:
    """Not wider than a page; what has no spaces counts twice, as Chinese characters do."""
    wide = sum(ord(letter) > 0x2E80 for letter in text)
    return wrap(text, _WIDTH - min(wide, _WIDTH // 2), break_on_hyphens=False) or [""]


def _set(line: str, named: Mapping[str, Math]) -> str:
    parts = _NAMED.split(line)
    return "".join(
        f"${named[part].to('latex')}$" if k % 2 else "".join(_letters(part))
        for k, part in enumerate(parts)
    ).replace("$$", "")  # one formula where two stand side by side


def _letters(text: str) -> Iterator[str]:
    for mark, run in groupby(text, key=_mark):
        if mark:
            letters, plain = _SMALL[mark]
            yield f"${mark}{{{''.join(plain[letters.index(each)] for each in run)}}}$"
        else:
            yield from (_letter(each) for each in run)


def _mark(letter: str) -> str:
    """What a small letter becomes in LaTeX: ``^`` or ``_``; nothing for others."""
    return next((mark for mark, (letters, _) in _SMALL.items() if letter in letters), "")


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return f"${_SYMBOLS[letter]}$" if letter in _SYMBOLS else letter
