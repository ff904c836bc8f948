"""How wide text is, near enough to leave room for it.

Widths are those of DejaVu Sans, which is wider than most: text in another font fits as well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["shortened", "text_width", "wrapped"]

_GROUPS = {
    0.28: "'ijl",
    0.34: " ,.IJ/:;\\|f·",
    0.40: '()[]t-!r"',
    0.53: "*_`sz?c∂‖",
    0.62: "LFkvxyPTYaoe",
    0.66: "ESbdghnpqu$0123456789{}K",
    0.72: "AVBRXZCU∇",
    0.79: "HNDG&OQℝ",
    0.88: "w#+<=>^~M−→←≤≥≠∈×⊙⊗",
    1.00: "%mW@…",
}
_WIDTHS = {character: width for width, group in _GROUPS.items() for character in group}
_RAISED = 0.45  # subscripts and superscripts
_OTHER, _WIDE = 0.7, 1.0


def text_width(text: str, size: float = 13.0) -> float:
    """The width in pixels of one line of text."""
    return size * sum(map(_character_width, text))


def _character_width(character: str) -> float:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.decomposition(character).startswith(("<sub>", "<super>")):
        return _RAISED
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _OTHER


def shortened(text: str, width: float, size: float = 13.0) -> str:
    """The text, with … in its middle where it is wider than ``width``."""
    if text_width(text, size) <= width:
        return text
    kept = len(text) - 1
    while kept > 1 and text_width(_without_middle(text, kept), size) > width:
        kept -= 1
    return _without_middle(text, kept)


def _without_middle(text: str, kept: int) -> str:
    """Both ends of the text, ``kept`` characters together."""
    tail = kept // 3
    return f"{text[: kept - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"


def wrapped(text: str, width: float, size: float = 13.0) -> Sequence[str]:
    """The text in lines not wider than ``width``, broken at spaces where there are some."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
