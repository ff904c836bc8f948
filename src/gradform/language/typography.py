"""How scripts stand beside one another."""

from __future__ import annotations

import re

__all__ = ["spaced"]

_HAN = "\u3400-\u9fff"
_BORDER = re.compile(rf"(?<=[{_HAN}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{_HAN}])")


def spaced(text: str) -> str:
    """A space between Chinese characters and Latin letters or digits, as in print.

    Values are put into templates that cannot know what they begin with.
    """
    return text if text.isascii() else _BORDER.sub(" ", text)
