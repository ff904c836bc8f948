"""Graphs drawn in layers, arrows pointing down."""

from gradform.pictures.graph.model import Edge, Node, Trail
from gradform.pictures.graph.picture import Graph

__all__ = ["Edge", "Graph", "Node", "Trail"]
