"""Loops as text; neighbours over the same indices become one loop."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Block", "Loop", "joined", "looped"]

_INDENT = "    "


class Loop(NamedTuple):
    """An index that runs from 0 up to a size."""

    letter: str
    size: str

    @property
    def head(self) -> str:
        return f"for (size_t {self.letter} = 0; {self.letter} < {self.size}; {self.letter}++)"


class Block(NamedTuple):
    """Statements, and the loops around them.

    writes      the entry that the innermost statements set, as (array, index); None where
                the block cannot be joined with another
    before      statements in front of the loops
    """

    loops: tuple[Loop, ...]
    body: tuple[str, ...]
    writes: tuple[str, str] | None = None
    before: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        return [*self.before, *looped(self.loops, self.body)]


def looped(loops: Sequence[Loop], body: Sequence[str]) -> list[str]:
    """The statements inside the loops; braces where there are several."""
    lines = list(body)
    for loop in reversed(loops):
        inner = [f"{_INDENT}{line}" for line in lines]
        if _is_one_statement(lines):
            lines = [loop.head, *inner]
        else:
            lines = [f"{loop.head} {{", *inner, "}"]
    return lines


def _is_one_statement(lines: Sequence[str]) -> bool:
    """Everything after the first line, a loop, is inside of it."""
    inside = all(line.startswith(_INDENT) or line == "}" for line in lines[1:])
    return len(lines) == 1 or (lines[0].startswith("for (") and inside)


def joined(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with the same loops in one where that changes nothing.

    A later one may read what an earlier one writes only at the index of the same turn.
    """
    result: list[Block] = []
    written: list[tuple[str, str]] = []
    for block in blocks:
        last = result[-1] if result else None
        if last is not None and _may_join(last, block, written):
            assert block.writes is not None
            written.append(block.writes)
            before = last.before + block.before
            result[-1] = Block(last.loops, last.body + block.body, block.writes, before)
            continue
        written = [block.writes] if block.writes else []
        result.append(block)
    return result


def _may_join(last: Block, block: Block, written: Sequence[tuple[str, str]]) -> bool:
    if not block.loops or last.loops != block.loops or None in (last.writes, block.writes):
        return False
    text = "\n".join((*block.before, *block.body))
    for name, index in written:
        reads = re.findall(rf"\b{name}\b(\[[^\]]*\])?", text)
        if any(read != f"[{index}]" for read in reads):
            return False
    return True
