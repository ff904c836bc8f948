"""How long a formula is: identifiers, numbers and operators; parentheses and commas not."""

from __future__ import annotations

import re

__all__ = ["size", "tokens"]

_TOKEN = re.compile(
    r"""[A-Za-z_]\w*                                     # an identifier
      | (?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?         # a number; 1./x is 1 ./ x
      | \.[*/^] | [-+*/^'=:]                             # an operator
      """,
    re.VERBOSE,
)


def tokens(text: str) -> list[str]:
    """What counts, in order."""
    return _TOKEN.findall(text)


def size(text: str) -> int:
    """The number of tokens that count."""
    return len(tokens(text))
