"""The places that a drawn graph has: its nodes, and in each layer that an arrow passes one.

Layers of nodes and layers of labels take turns. One of the places of an arrow holds its label.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gradform.pictures.graph.layers import layers_of
from gradform.pictures.graph.model import Edge, Node
from gradform.records import record

__all__ = ["Chain", "Places", "Size"]

Size = tuple[float, float]

_LINE: Size = (2.0, 0.0)  # the room for an arrow without a label
_STRAIGHT = (1.0, 3.0, 8.0)  # weight of a link by how many of its ends are places of arrows


@record
class Chain:
    """An arrow from its source to its target; ``label`` is the place that holds its label."""

    places: tuple[int, ...]
    label: int | None


class Places:
    """All places by number, first those of the nodes: their sizes, layers and links.

    Raises ValueError where the arrows form a cycle.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        edges: Sequence[Edge],
        sizes: Sequence[Size],
        labels: Sequence[Size | None],
    ) -> None:
        layers = layers_of(nodes, edges)
        number = {node.key: k for k, node in enumerate(nodes)}
        self.nodes = len(nodes)
        self.sizes: list[Size] = list(sizes)
        self.layer = [2 * layers[node.key] for node in nodes]
        self.above: list[list[int]] = [[] for _ in nodes]
        self.below: list[list[int]] = [[] for _ in nodes]
        self.chains = [
            self._chain(number[edge.source], number[edge.target], label)
            for edge, label in zip(edges, labels, strict=True)
        ]

    def _chain(self, source: int, target: int, label: Size | None) -> Chain:
        start, stop = self.layer[source], self.layer[target]
        middle = start + 1 + 2 * ((stop - start) // 4)
        places, holder = [source], None
        for layer in range(start + 1, stop):
            holds = label is not None and layer == middle
            places.append(self._add(layer, label if holds and label is not None else _LINE))
            holder = places[-1] if holds else holder
        places.append(target)
        for upper, lower in pairwise(places):
            self.below[upper].append(lower)
            self.above[lower].append(upper)
        return Chain(tuple(places), holder)

    def _add(self, layer: int, size: Size) -> int:
        self.layer.append(layer)
        self.sizes.append(size)
        self.above.append([])
        self.below.append([])
        return len(self.layer) - 1

    @property
    def widths(self) -> list[float]:
        return [width for width, _ in self.sizes]

    def by_layer(self) -> list[list[int]]:
        """The places of each layer, in the order in which they came."""
        layers: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for place, layer in enumerate(self.layer):
            layers[layer].append(place)
        return layers

    def weighted(self, links: Sequence[Sequence[int]]) -> list[list[tuple[int, float]]]:
        """Links with weights: long arrows shall be straight."""
        return [
            [(each, _STRAIGHT[(place >= self.nodes) + (each >= self.nodes)]) for each in found]
            for place, found in enumerate(links)
        ]
