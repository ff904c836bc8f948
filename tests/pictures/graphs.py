"""Random graphs without cycles, and what a drawing of one says about itself."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

from gradform.pictures.graph import Edge, Node, Trail

__all__ = ["Drawing", "Rectangle", "drawing", "random_graph"]

SVG = "{http://www.w3.org/2000/svg}"


class Rectangle(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Rectangle, room: float = 0.0) -> bool:
        return (
            self.left < other.right + room
            and other.left < self.right + room
            and self.top < other.bottom + room
            and other.top < self.bottom + room
        )

    def holds(self, point: tuple[float, float], room: float = 0.5) -> bool:
        x, y = point
        return self.left + room < x < self.right - room and self.top + room < y < self.bottom - room


class Drawing(NamedTuple):
    """Boxes and arrows by their order; an arrow is the points that its curve goes through."""

    root: ET.Element
    boxes: list[Rectangle]
    arrows: list[list[tuple[float, float]]]
    labels: list[Rectangle]


def random_graph(seed: int, count: int, reach: int = 10) -> tuple[list[Node], list[Edge]]:
    """Nodes with texts of all lengths, each with arrows from up to three earlier ones."""
    dice = random.Random(seed)
    nodes, edges = [], []
    for k in range(count):
        kind = "variable" if k < 3 else dice.choice(["intermediate", "intermediate", "constant"])
        nodes.append(Node(f"n{k}", (f"u{k} = " + "x" * dice.randrange(20), "(m, n)"), kind))
        earlier = range(max(0, k - reach), k)
        for j in dice.sample(earlier, min(len(earlier), dice.randrange(1, 4)) if k > 2 else 0):
            label = "" if dice.random() < 0.3 else "∂u" + "v" * dice.randrange(12)
            edges.append(Edge(f"n{j}", f"n{k}", label))
    return nodes, edges


def random_trails(seed: int, edges: list[Edge]) -> list[Trail]:
    """Paths that lead on from random edges."""
    dice = random.Random(seed)
    trails = []
    for start in dice.sample(range(len(edges)), min(3, len(edges))):
        path = [start]
        while True:
            onward = [k for k, e in enumerate(edges) if e.source == edges[path[-1]].target]
            if not onward:
                break
            path.append(dice.choice(onward))
        trails.append(Trail(tuple(path), f"caption {start}"))
    return trails


def drawing(svg: str) -> Drawing:
    root = ET.fromstring(svg)
    boxes, arrows, labels = [], [], []
    for group in root.iter(f"{SVG}g"):
        found = group.find(f"{SVG}rect")
        kind = group.get("class", "").split()[0]
        if kind == "node":
            assert found is not None
            boxes.append(_rectangle(found))
        elif kind == "edge":
            path = group.find(f"{SVG}path")
            assert path is not None
            arrows.append(_points(path.get("d", "")))
            labels += [] if found is None else [_rectangle(found)]
    return Drawing(root, boxes, arrows, labels)


def _rectangle(element: ET.Element) -> Rectangle:
    x, y, width, height = (float(element.get(name, "")) for name in ("x", "y", "width", "height"))
    return Rectangle(x, y, x + width, y + height)


def _points(d: str) -> list[tuple[float, float]]:
    """Points along M, V and C commands, ten for each curve."""
    points: list[tuple[float, float]] = []
    for command, text in re.findall(r"([MVC])([^MVC]*)", d):
        numbers = [float(each) for each in text.split()]
        if command == "M":
            points.append((numbers[0], numbers[1]))
        elif command == "V":
            x, start = points[-1]
            points += [(x, start + (numbers[0] - start) * t / 10) for t in range(1, 11)]
        else:
            points += _bezier(points[-1], numbers)
    return points


def _bezier(start: tuple[float, float], numbers: list[float]) -> list[tuple[float, float]]:
    corners = [start, *zip(numbers[::2], numbers[1::2], strict=True)]
    found = []
    for k in range(1, 11):
        t = k / 10
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x, y = (sum(w * c[axis] for w, c in zip(weights, corners, strict=True)) for axis in (0, 1))
        found.append((x, y))
    return found
