"""Colours, on terminals only, and never where NO_COLOR is set (https://no-color.org)."""

from __future__ import annotations

import os
from typing import TextIO

__all__ = ["Colours"]


class Colours:
    """Marks stretches of text for one stream; plain text where colours are not wanted."""

    def __init__(self, stream: TextIO) -> None:
        terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._wanted = terminal and not os.environ.get("NO_COLOR")

    def strong(self, text: str) -> str:
        """What was asked for."""
        return self._marked("1", text)

    def faint(self, text: str) -> str:
        """Labels and remarks."""
        return self._marked("2", text)

    def alarm(self, text: str) -> str:
        """What is wrong."""
        return self._marked("1;31", text)

    def _marked(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._wanted else str(text)
