"""Laws of drawn graphs: nothing hides anything, arrows point down, all is shown."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from gradform.pictures import RULES
from gradform.pictures.graph import Edge, Graph, Node, Trail
from gradform.pictures.graph.layers import in_order
from tests.pictures.graphs import SVG, drawing, random_graph, random_trails

SEEDS = [*range(12)]


def _graph(seed: int, count: int) -> Graph:
    nodes, edges = random_graph(seed, count)
    return Graph(nodes, edges, random_trails(seed, edges), "a graph")


@pytest.mark.parametrize("count", [1, 2, 7, 25, 60])
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_hides_anything(seed: int, count: int) -> None:
    found = drawing(_graph(seed, count).svg())
    for one, other in combinations([*found.boxes, *found.labels], 2):
        assert not one.overlaps(other, room=3.0)
    for arrow in found.arrows:
        for point in arrow:
            assert not any(box.holds(point) for box in found.boxes)
    width, height = (float(found.root.get(name, "")) for name in ("width", "height"))
    for box in [*found.boxes, *found.labels]:
        assert box.left >= 0 and box.top >= 0 and box.right <= width and box.bottom <= height


@pytest.mark.parametrize("count", [7, 25, 60])
@pytest.mark.parametrize("seed", SEEDS)
def test_arrows_lead_down_from_source_to_target(seed: int, count: int) -> None:
    graph = _graph(seed, count)
    found = drawing(graph.svg())
    number = {node.key: k for k, node in enumerate(graph.nodes)}
    assert len(found.boxes) == len(graph.nodes) and len(found.arrows) == len(graph.edges)
    for edge, arrow in zip(graph.edges, found.arrows, strict=True):
        source, target = found.boxes[number[edge.source]], found.boxes[number[edge.target]]
        assert all(here[1] <= there[1] + 0.05 for here, there in pairwise(arrow))
        assert abs(arrow[0][1] - source.bottom) < 0.2 and source.left < arrow[0][0] < source.right
        assert target.left < arrow[-1][0] < target.right and arrow[-1][1] <= target.top
        assert target.top - arrow[-1][1] < 8


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_graph_is_the_same_picture(seed: int) -> None:
    assert _graph(seed, 30).svg() == _graph(seed, 30).svg()


def test_a_chain_is_straight() -> None:
    nodes = [Node(f"n{k}", ("u" * (k + 1),)) for k in range(5)]
    found = drawing(Graph(nodes, [Edge(f"n{k}", f"n{k + 1}", "∂") for k in range(4)]).svg())
    assert all(len({round(x, 1) for x, _ in arrow}) == 1 for arrow in found.arrows)


def test_every_word_is_shown_and_survives_what_xml_forbids() -> None:
    hostile = '<a & "b"> ]]> ‖x‖₂ 梯度 \x00'
    graph = Graph(
        [Node("x", (hostile, hostile)), Node("y", ("y",), "output", hostile)],
        [Edge("x", "y", hostile)],
        [Trail((0,), hostile)],
        hostile,
    )
    root = drawing(graph.svg(1)).root
    shown = hostile.replace("\x00", "\ufffd")
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts.count(shown) >= 3
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert titles.count(shown) == 2
    assert '\\"b\\"' in graph.dot()


def test_long_text_is_shortened_and_told_in_full() -> None:
    long = "sum(" + "softplus(x) + " * 30 + "1)"
    root = drawing(Graph([Node("y", (long,))], []).svg()).root
    (text,) = (each.text or "" for each in root.iter(f"{SVG}text"))
    assert "…" in text and text.startswith("sum(") and text.endswith("1)")
    assert long in [title.text for title in root.iter(f"{SVG}title")]


@pytest.mark.parametrize("seed", SEEDS)
def test_paths_can_be_followed(seed: int) -> None:
    graph = _graph(seed, 20)
    for number, trail in enumerate(graph.trails, 1):
        groups = list(drawing(graph.svg(number)).root.iter(f"{SVG}g"))
        edges = [g.get("class", "").split() for g in groups if "edge" in g.get("class", "")]
        lit = {k for k, classes in enumerate(edges) if "lit" in classes}
        assert lit == set(trail.edges)
        assert lit == {k for k, classes in enumerate(edges) if f"path-{number}" in classes}
        ends = {graph.edges[k].source for k in lit} | {graph.edges[k].target for k in lit}
        nodes = [g.get("class", "").split() for g in groups if "node" in g.get("class", "")]
        keys = {graph.nodes[k].key for k, classes in enumerate(nodes) if "lit" in classes}
        assert keys == ends
        assert trail.caption in graph.svg(number) and trail.caption not in graph.svg()
    with pytest.raises(IndexError):
        graph.svg(len(graph.trails) + 1)


def test_pages_can_bring_their_own_rules() -> None:
    bare = _graph(0, 9).svg(styled=False)
    assert "<style" not in bare and "style=" not in bare
    assert "<style" in _graph(0, 9).svg()
    for classes in ("node", "variable", "edge", "tracing", "lit"):
        assert f".{classes}" in RULES
    for theme in ('[data-theme="dark"]', '[data-theme="light"]', "prefers-color-scheme: dark"):
        assert theme in RULES


# ---------------------------------------------------------------- large graphs


@pytest.mark.parametrize("reach", [1, 2, 10, 400])
@pytest.mark.parametrize("count", [61, 150, 400])
def test_large_graphs_are_folded(count: int, reach: int) -> None:
    nodes, edges = random_graph(count, count, reach)
    graph = Graph(nodes, edges, random_trails(1, edges))
    found = drawing(graph.svg())
    assert len(found.boxes) <= 60
    assert not any(a.overlaps(b) for a, b in combinations(found.boxes, 2))
    assert any("folded" in g.get("class", "") for g in found.root.iter(f"{SVG}g"))
    assert graph.dot().count("->") == len(edges)
    for number in range(1, len(graph.trails) + 1):
        drawing(graph.svg(number))


def test_a_long_run_keeps_its_ends() -> None:
    nodes = [Node(f"n{k}", (f"u{k}",)) for k in range(100)]
    edges = [Edge(f"n{k}", f"n{k + 1}", f"∂{k}") for k in range(99)]
    svg = Graph(nodes, edges, [Trail(tuple(range(99)))]).svg(1)
    assert len(drawing(svg).boxes) == 5
    for text in (">u0<", ">u1<", ">… 96 steps …<", ">u98<", ">u99<"):
        assert text in svg
    assert svg.count('class="edge path-1 lit"') == 4


def test_deep_networks_fold_in_the_middle() -> None:
    nodes, edges = [Node("u0", ("x",), "variable")], []
    for k in range(1, 51):
        nodes += [Node(f"W{k}", (f"W{k}",), "constant"), Node(f"u{k}", (f"u{k}",))]
        edges += [Edge(f"W{k}", f"u{k}"), Edge(f"u{k - 1}", f"u{k}", "∂")]
    svg = Graph(nodes, edges).svg()
    assert 50 <= len(drawing(svg).boxes) <= 60
    assert ">u2<" in svg and ">u50<" in svg and " steps …<" in svg


def test_many_twins_become_one() -> None:
    nodes = [Node(f"x{k}", (f"x{k}",), "variable") for k in range(90)]
    edges = [Edge(node.key, "y", "1") for node in nodes]
    svg = Graph([*nodes, Node("y", ("y",), "output")], edges).svg()
    assert len(drawing(svg).boxes) == 3 and ">… 89 more …<" in svg


def test_cycles_are_refused() -> None:
    nodes = [Node("a", ("a",)), Node("b", ("b",))]
    edges = [Edge("a", "b"), Edge("b", "a")]
    with pytest.raises(ValueError, match="cycle"):
        Graph(nodes, edges).svg()


@pytest.mark.parametrize("seed", SEEDS)
def test_order_puts_sources_first(seed: int) -> None:
    nodes, edges = random_graph(seed, 50)
    order = in_order(nodes[::-1], edges)
    assert all(order.index(e.source) < order.index(e.target) for e in edges)
