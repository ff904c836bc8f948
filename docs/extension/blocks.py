"""Blocks of code as they are shown: a session ends before its closing fence, not a line before."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

__all__ = ["TrimBlocks"]


class TrimBlocks(SphinxTransform):
    """The empty line that tells a tested session where its output ends is not shown."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        for block in list(self.document.findall(nodes.literal_block)):
            text = block.astext().rstrip("\n")
            block.rawsource = text
            block[:] = [nodes.Text(text)]
