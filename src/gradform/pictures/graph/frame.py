"""The graph on a sheet: where boxes, labels and arrows are.

An arrow passes through every layer between its ends at a place of its own, straight down, so
it crosses no box.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.pictures.graph.coordinates import across, kept_apart
from gradform.pictures.graph.crossings import ordered
from gradform.pictures.graph.places import Chain, Places
from gradform.pictures.graph.straight import CORNER, straighten
from gradform.records import record

__all__ = ["Box", "Frame", "Route", "framed"]

_GAP = 20.0  # between neighbours
_LEAST_DROP, _LARGEST_DROP = 16.0, 56.0  # between layers
_STEEPNESS = 5.0  # how far an arrow goes sideways for each pixel down
_PORTS = 14.0  # between arrows at the same box


@record
class Box:
    """A rectangle by its centre line, its top and its size."""

    x: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height


@record
class Route:
    """An arrow: (x, from, to) for each stretch straight down, and the box of its label."""

    stretches: tuple[tuple[float, float, float], ...]
    label: Box | None


@record
class Frame:
    """Where everything stands: boxes as nodes, routes as edges."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]


def framed(places: Places, margin: float) -> Frame:
    """Room for all nodes and edges. Deterministic."""
    layers = ordered(places.by_layer(), places.above, places.below)
    x = _across(layers, places, margin)
    bands = _bands(layers, places, x, margin)
    boxes = []
    for place, (width, height) in enumerate(places.sizes):
        top, bottom = bands[places.layer[place]]
        boxes.append(Box(x[place], (top + bottom - height) / 2, width, height))
    starts = _ports(places.chains, boxes, end=0)
    stops = _ports(places.chains, boxes, end=-1)
    routes = [
        _route(chain, start, stop, boxes, [bands[places.layer[each]] for each in chain.places])
        for chain, start, stop in zip(places.chains, starts, stops, strict=True)
    ]
    width = max((box.x + box.width / 2 for box in boxes), default=0.0) + margin
    height = (bands[-1][1] if bands else 0.0) + margin
    return Frame(width, height, tuple(boxes[: places.nodes]), tuple(routes))


def _across(layers: Sequence[Sequence[int]], places: Places, margin: float) -> list[float]:
    """The centre of each place, the leftmost one at the margin."""
    widths = places.widths
    above, below = places.weighted(places.above), places.weighted(places.below)
    x = across(layers, widths, _GAP, above, below)
    straighten(layers, widths, _GAP, x, [chain.places for chain in places.chains])
    left = min((c - w / 2 for c, w in zip(x, widths, strict=True)), default=0.0) - margin
    return [each - left for each in x]


def _bands(
    layers: Sequence[Sequence[int]], places: Places, x: Sequence[float], margin: float
) -> list[tuple[float, float]]:
    """Top and bottom of each layer: more room above it where arrows lead far aside."""
    bands: list[tuple[float, float]] = []
    for layer in layers:
        aside = max((abs(x[p] - x[q]) for p in layer for q in places.above[p]), default=0.0)
        drop = min(max(_LEAST_DROP, aside / _STEEPNESS), _LARGEST_DROP)
        top = bands[-1][1] + drop if bands else margin
        bands.append((top, top + max(places.sizes[place][1] for place in layer)))
    return bands


def _route(
    chain: Chain,
    start: float,
    stop: float,
    boxes: Sequence[Box],
    bands: Sequence[tuple[float, float]],
) -> Route:
    """From the bottom of the source through the bands of its layers to the top of the target."""
    first, *inner, last = chain.places
    stretches = (
        (start, boxes[first].bottom, bands[0][1]),
        *((boxes[each].x, *band) for each, band in zip(inner, bands[1:-1], strict=True)),
        (stop, bands[-1][0], boxes[last].top),
    )
    return Route(stretches, None if chain.label is None else boxes[chain.label])


# ---------------------------------------------------------------- where arrows meet boxes


def _ports(chains: Sequence[Chain], boxes: Sequence[Box], end: int) -> list[float]:
    """Where each chain meets the box at this end, 0 or -1: in the order of where they lead."""
    beside = 1 if end == 0 else -2
    meeting: dict[int, list[int]] = {}
    for k, chain in enumerate(chains):
        meeting.setdefault(chain.places[end], []).append(k)
    found = [0.0] * len(chains)
    for node, here in meeting.items():
        towards = {k: boxes[chains[k].places[beside]].x for k in here}
        here.sort(key=towards.__getitem__)
        ports = _within(boxes[node], [towards[k] for k in here])
        for k, x in zip(here, ports, strict=True):
            found[k] = x
    return found


def _within(box: Box, wanted: Sequence[float]) -> list[float]:
    """Ports as near to those wanted as the side of the box allows."""
    room = max(box.width - 2 * CORNER, 0.0)
    step = min(_PORTS, room / max(len(wanted) - 1, 1))
    low, slack = box.x - room / 2, room - step * (len(wanted) - 1)
    offsets = [step * k for k in range(len(wanted))]
    inside = [
        min(max(each, low + offset), low + slack + offset)
        for each, offset in zip(wanted, offsets, strict=True)
    ]
    return kept_apart(inside, [1.0] * len(inside), offsets)
