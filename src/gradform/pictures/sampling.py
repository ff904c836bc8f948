"""The graph of a function of one number as strokes of a pen that is lifted where it breaks.

Where neighbouring samples are far apart, what lies between is looked at by bisection: a steep
curve comes nearer and nearer together, a jump does not, and at a pole the values grow on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from gradform.pictures.canvas import Point
from gradform.records import record

__all__ = ["Function", "Jump", "Trace", "traced"]

Function = Callable[[float], float]

_SAMPLES, _MORE_SAMPLES = 256, 4
_SMOOTH = 0.02  # neighbours nearer than this part of the whole are joined without a look
_EVEN = 0.75  # of a change in either half: there is nothing to look at
_HALVINGS, _FEW_HALVINGS = 60, 4
_LOOKS = 6000  # after so many looks at breaks, further ones are located roughly
_GOLDEN = (math.sqrt(5) - 1) / 2
_MOST_PEAKS = 24
_LONGEST_ROUND = 10  # characters of a number that is a place people name
_NARROW = 1e-9  # a narrower void, as part of the window, is a point
_FINEST = 1e-3  # of that: no tip of a peak is looked for more finely
_NEAR = 0.004  # poles nearer to each other, as part of the window, are one
_BACK = 14  # steps over which growth is compared
_STILL_GROWING = 0.55


@record
class Jump:
    """Two ends of the graph at one place; ``value`` is that at the very place, if known."""

    x: float
    before: float
    behind: float
    value: float | None


@record
class Trace:
    """What there is to draw.

    ``strokes`` of points; ``jumps`` and ``poles`` where they end, ``holes`` where just one
    point is missing; ``voids``, intervals without values; ``span``, the least and the largest
    value, without what happens close to poles
    """

    strokes: tuple[tuple[Point, ...], ...]
    jumps: tuple[Jump, ...]
    poles: tuple[float, ...]
    holes: tuple[Point, ...]
    voids: tuple[Point, ...]
    span: Point


def traced(function: Function, low: float, high: float, places: Sequence[float] = ()) -> Trace:
    """The graph between two numbers; at ``places`` it is looked at as well."""
    samples = _sampled(function, low, high, _SAMPLES, places)
    if _turns(samples) > 2 * _MOST_PEAKS:
        samples = _sampled(function, low, high, _SAMPLES * _MORE_SAMPLES, places)
    pen = _Pen(function, _scale(samples), (high - low) * _NARROW)
    samples = pen.with_peaks(samples)
    for here, there in pairwise(samples):
        pen.go(here, there)
    return pen.trace(samples)


def _sampled(
    function: Function, low: float, high: float, count: int, places: Sequence[float]
) -> list[Point]:
    inside = {x for x in places if low < x < high}
    grid = {low + (high - low) * k / count for k in range(count + 1)}
    return [(x, function(x)) for x in sorted(grid | inside)]


def _turns(samples: Sequence[Point]) -> int:
    steps = [b[1] - a[1] for a, b in pairwise(samples)]
    return sum(here * there < 0 for here, there in pairwise(steps))


def _ordinary(values: Sequence[float]) -> Point:
    """Between which values eight of ten lie."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[last // 10], ordered[last - last // 10]


def _scale(samples: Sequence[Point]) -> float:
    """How large changes of the function are in general."""
    values = [y for _, y in samples if math.isfinite(y)]
    if not values:
        return 1.0
    low, high = _ordinary(values)
    return (high - low) or (max(values) - min(values)) or abs(values[0]) or 1.0


def _grows_on(values: Sequence[float]) -> bool:
    """Whether values on the way to a place change in one direction, as much as they did before:
    at log 0 by as much in each step, at √0 by ever less."""
    last = values[-1 - 2 * _BACK :]
    if len(last) <= 2 * _BACK:
        return False
    sign = 1 if last[-1] > last[0] else -1
    if last[-1] == last[0] or any(sign * b < sign * a for a, b in pairwise(last)):
        return False
    return abs(last[-1] - last[_BACK]) > _STILL_GROWING * abs(last[_BACK] - last[0])


class _Pen:
    """Draws from sample to sample."""

    def __init__(self, function: Function, scale: float, narrow: float) -> None:
        self.given, self.scale, self.narrow = function, scale, narrow
        self.looks = 0
        self.strokes: list[list[Point]] = [[]]
        self.jumps: list[Jump] = []
        self.poles: list[float] = []
        self.edges: list[_Edge] = []

    def function(self, x: float) -> float:
        """The value; how often it was asked for is counted."""
        self.looks += 1
        return self.given(x)

    @property
    def _halvings(self) -> range:
        return range(_HALVINGS if self.looks < _LOOKS else _FEW_HALVINGS)

    # ------------------------------------------------------------ peaks

    def with_peaks(self, samples: list[Point]) -> list[Point]:
        """The samples with the tips of the sharpest peaks, which may be poles."""
        sharp = []
        for a, b, c in zip(samples, samples[1:], samples[2:], strict=False):
            bend = abs(a[1] - 2 * b[1] + c[1])
            if (
                math.isfinite(bend)
                and (b[1] - a[1]) * (c[1] - b[1]) < 0
                and bend > _SMOOTH * self.scale
            ):
                sharp.append((bend, a[0], c[0], 1 if b[1] > a[1] else -1))
        found = [self._tip(low, high, sign) for _, low, high, sign in sorted(sharp)[-_MOST_PEAKS:]]
        return sorted({*samples, *found})

    def _tip(self, low: float, high: float, sign: int) -> Point:
        """The highest point (the lowest for sign -1), by golden section; no value at a pole."""
        inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
        values = [sign * self.function(x) for x in inner]
        best: list[float] = []
        for _ in self._halvings:
            if not all(map(math.isfinite, values)) or high - low < self.narrow * _FINEST:
                break
            best.append(max(values))
            if values[0] > values[1]:
                high = inner[1]
                inner, values = [high - _GOLDEN * (high - low), inner[0]], [math.nan, values[0]]
                values[0] = sign * self.function(inner[0])
            else:
                low = inner[0]
                inner, values = [inner[1], low + _GOLDEN * (high - low)], [values[1], math.nan]
                values[1] = sign * self.function(inner[1])
        x = inner[0] if values[0] >= values[1] else inner[1]
        if not _grows_on(best):
            return x, self.function(x)
        self.poles.append(x)
        return x, sign * math.inf

    # ------------------------------------------------------------ from sample to sample

    def go(self, here: Point, there: Point) -> None:
        if math.isfinite(here[1]) and not self.strokes[-1]:
            self.strokes[-1].append(here)
        if math.isfinite(here[1]) and math.isfinite(there[1]):
            if abs(there[1] - here[1]) > _SMOOTH * self.scale:
                self._across(here, there)
            else:
                self.strokes[-1].append(there)
        elif math.isfinite(here[1]):
            self.strokes[-1] += self._towards(here, there, begins=True)
            self.strokes.append([])
        elif math.isfinite(there[1]):
            self.strokes[-1] += reversed(self._towards(there, here, begins=False))
            self.strokes[-1].append(there)

    def _across(self, here: Point, there: Point) -> None:
        """Always into the half with the larger change, until it is small or stays."""
        left, right, last = [here], [there], abs(there[1] - here[1])
        rises, even = [last], False
        for _ in self._halvings:
            x = (left[-1][0] + right[-1][0]) / 2
            if not left[-1][0] < x < right[-1][0]:
                break
            middle = (x, self.function(x))
            if not math.isfinite(middle[1]):
                self.strokes[-1] += left[1:]
                self.go(left[-1], middle)
                self.go(middle, right[-1])
                self.strokes[-1] += reversed(right[:-1])
                return
            rise = abs(middle[1] - left[-1][1]), abs(right[-1][1] - middle[1])
            (left if rise[0] <= rise[1] else right).append(middle)
            if right[-1][0] - left[-1][0] > self.narrow * _FINEST:
                rises.append(abs(right[-1][1] - left[-1][1]))
            last = abs(right[-1][1] - left[-1][1])
            even = len(rises) == 2 and last < _EVEN * rises[0]
            if even or last < _SMOOTH * self.scale / 4:
                break
        self.strokes[-1] += left[1:]
        if not even and last > rises[0] / 4:
            self.strokes.append([])
            self._broken(left[-1], right[-1], rises)
        self.strokes[-1] += reversed(right)

    def _broken(self, before: Point, behind: Point, rises: Sequence[float]) -> None:
        """The pen was lifted between these points."""
        place = _roundest(before[0], behind[0])
        if _grows_on(rises):
            self.poles.append(place)
            return
        value = self.function(place) if len(repr(place)) <= _LONGEST_ROUND else None
        if self.jumps and self.jumps[-1].x == place:  # at a point between two jumps
            self.jumps[-1] = Jump(place, self.jumps[-1].before, behind[1], value)
        else:
            self.jumps.append(Jump(place, before[1], behind[1], value))

    def _towards(self, here: Point, void: Point, begins: bool) -> list[Point]:
        """From a point with a value to where values end, ever nearer."""
        (last, _), (end, beyond) = here, void
        for _ in self._halvings:
            x = (last + end) / 2
            y = self.function(x)
            if x in (last, end):
                break
            if math.isfinite(y):
                last = x
            else:
                end, beyond = x, y
        steps = range(1, min(2 * _BACK + 2, len(self._halvings)))
        nearer = [end + (here[0] - end) / 2**k for k in steps]
        found = [(x, self.function(x)) for x in nearer if abs(x - end) > abs(last - end)]
        found = [point for point in found if math.isfinite(point[1])]
        found.append((last, self.function(last)))
        if _grows_on([y for _, y in found[:-1]]):
            self.poles.append(end)
        self.edges.append(_Edge(end, found[-1][1], begins, math.isinf(beyond)))
        return found

    # ------------------------------------------------------------ the result

    def trace(self, samples: Sequence[Point]) -> Trace:
        near = (samples[-1][0] - samples[0][0]) * _NEAR
        poles: list[float] = []
        for pole in sorted(self.poles):
            if not poles or pole - poles[-1] > near:
                poles.append(pole)
        strokes = tuple(tuple(stroke) for stroke in self.strokes if stroke)
        voids, holes = self._voids(samples)
        span = self._span(strokes, samples)
        return Trace(strokes, tuple(self.jumps), tuple(poles), tuple(holes), tuple(voids), span)

    def _voids(self, samples: Sequence[Point]) -> tuple[list[Point], list[Point]]:
        """Intervals without values, and single missing points between equal values."""
        voids: list[Point] = []
        holes: list[Point] = []
        (first, value), last = samples[0], samples[-1][0]
        start = None if math.isfinite(value) else _Edge(first, math.nan, True, math.isinf(value))
        for edge in self.edges:
            if edge.begins or start is None:
                start = edge
                continue
            if edge.x - start.x > self.narrow:
                if not (start.overflows or edge.overflows):
                    voids.append((start.x, edge.x))
            elif not {start.x, edge.x} & {*self.poles}:
                if abs(edge.value - start.value) <= _SMOOTH * self.scale:
                    holes.append((start.x, edge.value))
                else:
                    self.jumps.append(Jump(start.x, start.value, edge.value, None))
            start = None
        if start is not None and not start.overflows:
            voids.append((start.x, last))
        return voids, holes

    def _span(self, strokes: Sequence[Sequence[Point]], samples: Sequence[Point]) -> Point:
        values = [y for stroke in strokes for _, y in stroke]
        if not values:
            return 0.0, 0.0
        if not self.poles and not any(edge.overflows for edge in self.edges):
            return min(values), max(values)
        low, high = _ordinary([y for _, y in samples if math.isfinite(y)] or values)
        room = (high - low) / 2
        return max(min(values), low - room), min(max(values), high + room)


@record
class _Edge:
    """Where values begin or end, the last value, and whether the next is too large."""

    x: float
    value: float
    begins: bool
    overflows: bool


def _roundest(low: float, high: float) -> float:
    """The place between neighbouring numbers that people would name."""
    near = round((low + high) / 2, 12)
    return near if low <= near <= high else min((low, high), key=lambda x: len(repr(x)))
