"""Graphs as they are drawn: nodes with text, edges with labels, paths to follow."""

from __future__ import annotations

from gradform.records import record

__all__ = ["Edge", "Node", "Trail"]


@record
class Node:
    """A box.

    key     what edges call it
    lines   its text; the first line is what it is, further ones are smaller
    kind    ``variable``, ``constant``, ``intermediate``, ``output`` or ``folded``
    title   the whole text where the lines are shortened
    """

    key: str
    lines: tuple[str, ...]
    kind: str = "intermediate"
    title: str = ""


@record
class Edge:
    """An arrow between the nodes of these keys; ``title`` as for nodes."""

    source: str
    target: str
    label: str = ""
    title: str = ""


@record
class Trail:
    """A path to follow: the places of its edges in the graph, and what to say of it."""

    edges: tuple[int, ...]
    caption: str = ""
