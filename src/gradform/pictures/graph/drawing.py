"""The graph as SVG."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.language import told
from gradform.pictures.document import document, text_element, titled
from gradform.pictures.graph.frame import Box, Route, framed
from gradform.pictures.graph.model import Edge, Node, Trail
from gradform.pictures.graph.places import Places
from gradform.pictures.measure import shortened, text_width, wrapped

__all__ = ["drawn"]

_MARGIN = 14.0
_WIDEST_LINE, _WIDEST_LABEL = 280.0, 190.0
_ASIDE, _LABEL = 11.5, 12.0  # sizes of text
_PADDING, _LINE, _LABEL_HEIGHT = 12.0, 17.0, 20.0
_HEAD = (4.0, 8.0)  # half the width and the length of an arrow's head
_LEAST_CAPTION = 420.0


def drawn(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    trails: Sequence[Trail],
    *,
    title: str,
    followed: int | None,
    styled: bool,
) -> str:
    """``<svg>`` with every node, every edge, and the followed trail with its caption."""
    texts = [_lines(node) for node in nodes]
    labels = [shortened(told(edge.label), _WIDEST_LABEL, _LABEL) for edge in edges]
    sizes = [_size(lines) for lines in texts]
    rooms = [(text_width(each, _LABEL) + 8, _LABEL_HEIGHT) if each else None for each in labels]
    frame = framed(Places(nodes, edges, sizes, rooms), _MARGIN)
    on_edge, on_node = _marks(edges, trails, followed)
    arrows = zip(edges, frame.routes, labels, on_edge, strict=True)
    parts = [_edge(edge, route, label, marks) for edge, route, label, marks in arrows]
    parts += [
        _node(node, box, lines, on_node.get(node.key, []))
        for node, box, lines in zip(nodes, frame.boxes, texts, strict=True)
    ]
    caption = "" if followed is None else trails[followed].caption
    size, lines = _with_caption(caption, frame.width, frame.height)
    return document(
        size,
        [*parts, *lines],
        title=title,
        description=_told(nodes, edges),
        classes="" if followed is None else "tracing",
        styled=styled,
    )


def _with_caption(
    caption: str, width: float, height: float
) -> tuple[tuple[float, float], list[str]]:
    """The size of the picture with the caption below, and the caption's lines."""
    if not caption:
        return (width, height), []
    width, height = max(width, _LEAST_CAPTION), height + 10
    lines = [
        text_element(line, _MARGIN, height + _LINE * k, "caption")
        for k, line in enumerate(wrapped(told(caption), width - 2 * _MARGIN))
    ]
    return (width, height + _LINE * len(lines)), lines


def _lines(node: Node) -> list[str]:
    first, *rest = map(told, node.lines or ("",))
    return [
        shortened(first, _WIDEST_LINE),
        *(shortened(line, _WIDEST_LINE, _ASIDE) for line in rest if line),
    ]


def _size(lines: Sequence[str]) -> tuple[float, float]:
    widest = max(text_width(line, _ASIDE if k else 13.0) for k, line in enumerate(lines))
    return widest + 2 * _PADDING, _LINE * len(lines) + _PADDING


def _marks(
    edges: Sequence[Edge], trails: Sequence[Trail], followed: int | None
) -> tuple[list[list[str]], dict[str, list[str]]]:
    """The classes of edges and nodes: ``path-2`` on the second path, ``lit`` when followed."""
    named = [(f"path-{number}", trail) for number, trail in enumerate(trails, 1)]
    named += [] if followed is None else [("lit", trails[followed])]
    on_edge: list[list[str]] = [[] for _ in edges]
    on_node: dict[str, dict[str, None]] = {}
    for name, trail in named:
        for k in dict.fromkeys(trail.edges):
            on_edge[k].append(name)
            for key in (edges[k].source, edges[k].target):
                on_node.setdefault(key, {})[name] = None
    return on_edge, {key: list(names) for key, names in on_node.items()}


def _node(node: Node, box: Box, lines: Sequence[str], marks: Sequence[str]) -> str:
    left, radius = box.x - box.width / 2, 15 if node.kind == "variable" else 6
    rows = [
        text_element(line, box.x, box.top + 19 + _LINE * k, "aside" if k else "name", "middle")
        for k, line in enumerate(lines)
    ]
    whole = [told(line) for line in node.lines if line]
    title = node.title or ("" if whole == list(lines) else "\n".join(whole))
    return (
        f'<g class="{" ".join(["node", node.kind, *marks])}">{titled(title)}'
        f'<rect x="{left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="{radius}"/>{"".join(rows)}</g>'
    )


def _edge(edge: Edge, route: Route, label: str, marks: Sequence[str]) -> str:
    half, length = _HEAD
    x, _, tip = route.stretches[-1]
    head = f"{x:.1f},{tip:.1f} {x - half:.1f},{tip - length:.1f} {x + half:.1f},{tip - length:.1f}"
    whole = edge.title or (edge.label if label != told(edge.label) else "")
    named = f'<g class="{" ".join(["edge", *marks])}">{titled(whole)}'
    line = f'<path d="{_curve(route, length - 1)}"/><polygon points="{head}"/>'
    return f"{named}{line}{_label(route.label, label)}</g>"


def _curve(route: Route, head: float) -> str:
    """Straight down through the layers, and between them in curves that start and end so."""
    x, top, at = route.stretches[0]
    path = [f"M{x:.1f} {top:.1f}"]
    if at > top:
        path.append(f"V{at:.1f}")
    for k, (aside, start, stop) in enumerate(route.stretches[1:], 2):
        last = k == len(route.stretches)
        start = min(start, stop - head) if last else start
        middle = (at + start) / 2
        if abs(aside - x) < 0.05:
            path.append(f"V{start:.1f}")
        else:
            path.append(f"C{x:.1f} {middle:.1f} {aside:.1f} {middle:.1f} {aside:.1f} {start:.1f}")
        end = stop - head if last else stop
        if end > start:
            path.append(f"V{end:.1f}")
        x, at = aside, stop
    return " ".join(path)


def _label(box: Box | None, label: str) -> str:
    """The label on its arrow, which it interrupts."""
    if box is None:
        return ""
    left = box.x - box.width / 2
    return (
        f'<rect x="{left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}"/>{text_element(label, box.x, box.top + 14, "", "middle")}'
    )


def _told(nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    """The graph in words, for those who do not see it."""
    sources: dict[str, list[str]] = {node.key: [] for node in nodes}
    for edge in edges:
        if edge.source not in sources[edge.target]:
            sources[edge.target].append(edge.source)
    first = {node.key: told(node.lines[0]) if node.lines else node.key for node in nodes}
    return "; ".join(
        f"{first[node.key]} ← {', '.join(first[each] for each in sources[node.key])}"
        if sources[node.key]
        else first[node.key]
        for node in nodes
    )
