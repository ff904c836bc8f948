"""Lines of C with their indentation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Lines"]


class Lines:
    """Collects lines; blocks are indented."""

    def __init__(self, depth: int = 1) -> None:
        self.lines: list[str] = []
        self._depth = depth

    def add(self, line: str) -> None:
        self.lines.append("    " * self._depth + line if line else "")

    def insert(self, place: int, line: str) -> None:
        """Put a line before those that came after ``place`` lines."""
        self.lines.insert(place, "    " * self._depth + line)

    def note(self, text: str) -> None:
        """A comment."""
        self.add(f"/* {text} */")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """``head`` and what it holds, in braces."""
        self.add(f"{head} {{".lstrip())
        self._depth += 1
        yield
        self._depth -= 1
        self.add("}")

    def loop(self, name: str, start: str, stop: str, step: int = 1) -> str:
        """The head of a loop."""
        advance = f"{name}++" if step == 1 else f"{name} += {step}"
        return f"for (long {name} = {start}; {name} < {stop}; {advance})"
