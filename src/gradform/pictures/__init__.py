"""Pictures as SVG, for files, notebooks and pages; legible on light and dark paper."""

from gradform.pictures.canvas import Canvas
from gradform.pictures.document import Picture
from gradform.pictures.graph import Edge, Graph, Node, Trail
from gradform.pictures.theme import RULES

__all__ = ["RULES", "Canvas", "Edge", "Graph", "Node", "Picture", "Trail"]
