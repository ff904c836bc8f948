"""Large graphs made readable: runs, twins and middle layers become one box each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradform.language import say
from gradform.pictures.graph.layers import in_order, layers_of, sources_and_targets
from gradform.pictures.graph.model import Edge, Node, Trail
from gradform.records import replaced

__all__ = ["folded"]

Graph = tuple[tuple[Node, ...], tuple[Edge, ...], tuple[Trail, ...]]
Groups = list[list[str]]

_LEAST = 3  # a smaller group is not worth a box of its own
_TOLD = 12  # lines of what is folded, where a pointer rests


def folded(
    nodes: Sequence[Node], edges: Sequence[Edge], trails: Sequence[Trail], most: int
) -> Graph:
    """The graph with at most ``most`` nodes (at least 3), without a cycle as before.

    First the middles of runs of nodes with one source and one target are folded, then nodes
    that have the same sources and targets, then as many of the middle layers as it takes.
    ValueError where the graph has a cycle.
    """
    graph: Graph = tuple(nodes), tuple(edges), tuple(trails)
    for groups_of in (_runs, _twins):
        if len(graph[0]) > most:
            graph = _merged(graph, groups_of(graph[0], graph[1]))
    if len(graph[0]) > most:
        graph = _merged(graph, [_middle(graph[0], graph[1], most)])
    return graph


def _runs(nodes: Sequence[Node], edges: Sequence[Edge]) -> Groups:
    """The middles of chains: one source and one target each, both ends left as they are."""
    sources, targets = sources_and_targets(nodes, edges)
    kinds = {node.key: node.kind for node in nodes}
    single = {
        key
        for key in kinds
        if kinds[key] == "intermediate" and len(set(sources[key])) == len(set(targets[key])) == 1
    }
    runs: Groups = []
    for key in in_order(nodes, edges):
        if key not in single:
            continue
        if runs and runs[-1][-1] == sources[key][0]:
            runs[-1].append(key)
        elif sources[key][0] in single:
            next(run for run in runs if run[-1] == sources[key][0]).append(key)
        else:
            runs.append([key])
    return [run[1:-1] for run in runs if len(run) - 2 >= _LEAST]


def _twins(nodes: Sequence[Node], edges: Sequence[Edge]) -> Groups:
    """Nodes of one kind with the same sources and targets; the first stays as it is."""
    sources, targets = sources_and_targets(nodes, edges)
    alike: dict[tuple[object, ...], list[str]] = {}
    for node in nodes:
        neighbours = frozenset(sources[node.key]), frozenset(targets[node.key])
        alike.setdefault((node.kind, *neighbours), []).append(node.key)
    return [group[1:] for group in alike.values() if len(group) - 1 >= _LEAST]


def _middle(nodes: Sequence[Node], edges: Sequence[Edge], most: int) -> list[str]:
    """Consecutive layers, so many that the rest fits: about as many nodes above as below."""
    layer = layers_of(nodes, edges)
    rows: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for key, k in layer.items():
        rows[k].append(key)
    room, top, bottom = most - 1, 0, len(rows)
    above = below = 0
    while top < bottom:
        over = len(rows[top]) if above <= below else len(rows[bottom - 1])
        if over > room:
            break
        room -= over
        if above <= below:
            above, top = above + over, top + 1
        else:
            below, bottom = below + over, bottom - 1
    return [key for row in rows[top:bottom] for key in row]


def _merged(graph: Graph, groups: Groups) -> Graph:
    """Each group one node, edges inside it gone, edges beside each other one."""
    nodes, edges, trails = graph
    of = {key: group[0] for group in groups for key in group}
    by_key = {node.key: node for node in nodes}
    heads = {group[0]: _folded_node([by_key[key] for key in group]) for group in groups}
    kept = [heads.get(node.key, node) for node in nodes if of.get(node.key, node.key) == node.key]
    found: list[Edge] = []
    bundles: dict[tuple[str, str], int] = {}
    place: dict[int, int] = {}
    for k, edge in enumerate(edges):
        source, target = of.get(edge.source, edge.source), of.get(edge.target, edge.target)
        if source == target and source in heads:
            continue
        pair = source, target
        if pair in bundles and (source in heads or target in heads):
            place[k] = bundles[pair]
            found[place[k]] = replaced(
                found[place[k]], label="…", title=_both(found, place[k], edge)
            )
            continue
        bundles[pair] = place[k] = len(found)
        found.append(replaced(edge, source=source, target=target))
    shown = tuple(_replaced_trail(trail, place) for trail in trails)
    return tuple(kept), tuple(found), shown


def _both(found: Sequence[Edge], k: int, edge: Edge) -> str:
    """What edges that became one were labelled."""
    said = found[k].title or found[k].label
    return "\n".join(_short_list([*said.split("\n"), edge.title or edge.label]))


def _folded_node(group: Sequence[Node]) -> Node:
    steps = sum(node.kind not in ("variable", "constant") for node in group)
    said = (
        say("… {count} steps …", count=steps)
        if steps
        else say("… {count} more …", count=len(group))
    )
    first = [node.lines[0] for node in group if node.lines]
    return Node(
        group[0].key,
        (said,),
        "folded",
        "\n".join(_short_list(first)),
    )


def _short_list(lines: Iterable[str]) -> list[str]:
    listed = [line for line in lines if line]
    return listed if len(listed) <= _TOLD else [*listed[: _TOLD - 1], "…"]


def _replaced_trail(trail: Trail, place: dict[int, int]) -> Trail:
    edges = dict.fromkeys(place[k] for k in trail.edges if k in place)
    return replaced(trail, edges=tuple(edges))
