"""The graph in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.language import told
from gradform.pictures.graph.model import Edge, Node

__all__ = ["dot_text"]

_SHAPES = {"variable": "ellipse", "output": "box, penwidth=2", "constant": "box, style=dashed"}


def dot_text(nodes: Sequence[Node], edges: Sequence[Edge], title: str) -> str:
    """``digraph``, one line for each node and each edge."""
    names = {node.key: f"n{k}" for k, node in enumerate(nodes)}
    lines = [f"digraph {_quoted(title)} {{", "  node [shape=box];"]
    for node in nodes:
        shape = _SHAPES.get(node.kind)
        extra = f", shape={shape}" if shape else ""
        lines.append(
            f"  {names[node.key]} [label={_quoted(chr(10).join(map(told, node.lines)))}{extra}];"
        )
    for edge in edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {names[edge.source]} -> {names[edge.target]}{label};")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    escaped = told(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
