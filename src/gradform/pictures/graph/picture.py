"""A graph that can be drawn, whole or with one of its paths followed."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.pictures.document import Picture
from gradform.pictures.graph.dot import dot_text
from gradform.pictures.graph.drawing import drawn
from gradform.pictures.graph.folding import folded
from gradform.pictures.graph.model import Edge, Node, Trail

__all__ = ["Graph"]


class Graph(Picture):
    """Nodes joined by arrows, without a cycle; drawn with at most ``most`` nodes.

    ``nodes``, ``edges`` and ``trails`` are what it was made of, before anything is folded.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        edges: Sequence[Edge],
        trails: Sequence[Trail] = (),
        title: str = "",
        most: int = 60,
    ) -> None:
        self.nodes, self.edges, self.trails = tuple(nodes), tuple(edges), tuple(trails)
        self.title = title
        self._shown = folded(self.nodes, self.edges, self.trails, most)

    def svg(self, path: int | None = None, *, styled: bool = True) -> str:
        """The picture; with ``path`` the one of that number, from 1 on, is followed.

        IndexError for a path that there is not.
        """
        if path is not None and not 1 <= path <= len(self.trails):
            raise IndexError(f"there is no path {path}")
        nodes, edges, trails = self._shown
        followed = None if path is None else path - 1
        return drawn(nodes, edges, trails, title=self.title, followed=followed, styled=styled)

    def dot(self) -> str:
        """The graph in the language of Graphviz, nothing folded."""
        return dot_text(self.nodes, self.edges, self.title)

    def __repr__(self) -> str:
        return f"<graph of {len(self.nodes)} nodes and {len(self.edges)} edges>"
