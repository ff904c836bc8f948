"""Long arrows with as few bends as the boxes beside them allow."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["CORNER", "straighten"]

CORNER = 10.0
"""How far from the corners of a box arrows stay."""

Interval = tuple[float, float]


def straighten(
    layers: Sequence[Sequence[int]],
    widths: Sequence[float],
    gap: float,
    x: list[float],
    chains: Sequence[Sequence[int]],
) -> None:
    """Move the places between the ends of each chain, one chain after the other.

    Each place may go anywhere between its neighbours in the layer. From the top on as many
    as can stand one below the other do, which makes the fewest bends.
    """
    beside: dict[int, tuple[int | None, int | None]] = {}
    for layer in layers:
        padded = [None, *layer, None]
        for k, place in enumerate(layer):
            beside[place] = padded[k], padded[k + 2]
    for chain in chains:
        free = [_free(place, beside[place], widths, gap, x) for place in chain[1:-1]]
        spans = [_span(chain[0], widths, x), *free, _span(chain[-1], widths, x)]
        _settle(chain, spans, x)


def _free(
    place: int,
    neighbours: tuple[int | None, int | None],
    widths: Sequence[float],
    gap: float,
    x: Sequence[float],
) -> Interval:
    left, right = neighbours
    low = -float("inf") if left is None else x[left] + (widths[left] + widths[place]) / 2 + gap
    high = float("inf") if right is None else x[right] - (widths[right] + widths[place]) / 2 - gap
    # What stands as close as it may is kept from moving by rounding.
    return min(low, x[place]), max(high, x[place])


def _span(node: int, widths: Sequence[float], x: Sequence[float]) -> Interval:
    """Where an arrow may meet a box."""
    reach = max(widths[node] / 2 - CORNER, 0.0)
    return x[node] - reach, x[node] + reach


def _settle(chain: Sequence[int], spans: Sequence[Interval], x: list[float]) -> None:
    start = 0
    low, high = spans[0]
    for k in range(1, len(chain) + 1):
        if k < len(chain):
            lower, upper = max(low, spans[k][0]), min(high, spans[k][1])
            if lower <= upper:
                low, high = lower, upper
                continue
        moved = [place for place in chain[start:k] if place not in (chain[0], chain[-1])]
        if moved:
            mean = sum(x[place] for place in moved) / len(moved)
            for place in moved:
                x[place] = min(max(mean, low), high)
        if k < len(chain):
            start, (low, high) = k, spans[k]
