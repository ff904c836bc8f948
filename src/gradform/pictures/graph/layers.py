"""Nodes in layers, so that all arrows point down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.pictures.graph.model import Edge, Node

__all__ = ["in_order", "layers_of", "sources_and_targets"]

Neighbours = Mapping[str, list[str]]


def sources_and_targets(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Neighbours, ...]:
    """For each node where its arrows come from, and where they lead."""
    sources: dict[str, list[str]] = {node.key: [] for node in nodes}
    targets: dict[str, list[str]] = {node.key: [] for node in nodes}
    for edge in edges:
        sources[edge.target].append(edge.source)
        targets[edge.source].append(edge.target)
    return sources, targets


def in_order(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[str]:
    """The nodes so that every arrow leads forward; ValueError where a cycle forbids it."""
    sources, targets = sources_and_targets(nodes, edges)
    waiting = {key: len(found) for key, found in sources.items()}
    ready = [key for key, count in waiting.items() if not count]
    for key in ready:
        for target in targets[key]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    if len(ready) < len(nodes):
        raise ValueError("the graph has a cycle")
    return ready


def layers_of(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """For each node its layer: below all sources, and then as near to its targets as pulls
    more of its arrows than it stretches."""
    order = in_order(nodes, edges)
    sources, targets = sources_and_targets(nodes, edges)
    layer: dict[str, int] = {}
    for key in order:
        layer[key] = 1 + max((layer[each] for each in sources[key]), default=-1)
    for key in reversed(order):
        if len(targets[key]) > len(sources[key]):
            layer[key] = min(layer[each] for each in targets[key]) - 1
    return layer
