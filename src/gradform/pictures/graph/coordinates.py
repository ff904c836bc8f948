"""Where each box of a layer stands: near its neighbours, none upon another."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["across", "kept_apart"]

_ROUNDS = 3
_FINE_ROUNDS = 3
_LOOSE = 0.001  # the weight of where a place is already: it decides where nothing else does

Link = tuple[int, float]


def across(
    layers: Sequence[Sequence[int]],
    widths: Sequence[float],
    gap: float,
    above: Sequence[Sequence[Link]],
    below: Sequence[Sequence[Link]],
) -> list[float]:
    """The centre of each place. Links have weights: heavy ones become straight.

    Each layer in turn goes to where the weighted squares of the lengths of its links are
    least, as far as order and width allow: first by the layer before, swept down and up, so
    that what is straight gets straight at once, then by both neighbours.
    """
    x = [0.0] * len(widths)
    offsets = [_offsets(layer, widths, gap) for layer in layers]
    for layer, places in zip(layers, offsets, strict=True):
        middle = _span(layer, widths, gap) / 2
        for place, offset in zip(layer, places, strict=True):
            x[place] = offset - middle
    down = list(zip(layers, offsets, strict=True))
    both = [[*a, *b] for a, b in zip(above, below, strict=True)]
    plan = [(down, above), (down[::-1], below)] * _ROUNDS
    plan += [(down, both), (down[::-1], both)] * _FINE_ROUNDS
    for direction, links in plan:
        for layer, places in direction:
            _settle(layer, places, x, links)
    return x


def _offsets(layer: Sequence[int], widths: Sequence[float], gap: float) -> list[float]:
    """The centres when all stand as close as they may, the first box from 0 on."""
    offsets, edge = [], 0.0
    for place in layer:
        offsets.append(edge + widths[place] / 2)
        edge += widths[place] + gap
    return offsets


def _span(layer: Sequence[int], widths: Sequence[float], gap: float) -> float:
    return sum(widths[place] for place in layer) + gap * (len(layer) - 1)


def _settle(
    layer: Sequence[int],
    offsets: Sequence[float],
    x: list[float],
    links: Sequence[Sequence[Link]],
) -> None:
    """The layer's least squares under its order; what has no link stays where it can."""
    wanted, weights = [], []
    for place in layer:
        weight, pulled = _LOOSE, _LOOSE * x[place]
        for other, each in links[place]:
            weight += each
            pulled += each * x[other]
        wanted.append(pulled / weight)
        weights.append(weight)
    for place, found in zip(layer, kept_apart(wanted, weights, offsets), strict=True):
        x[place] = found


def kept_apart(
    wanted: Sequence[float], weights: Sequence[float], offsets: Sequence[float]
) -> list[float]:
    """The numbers nearest to those wanted that are as far apart as the offsets are.

    Less the offsets they only have to increase, which is isotonic regression: neighbours out
    of order are pooled at their weighted mean.
    """
    pools: list[tuple[float, float, int]] = []  # weight, weighted sum, how many
    for each, weight, offset in zip(wanted, weights, offsets, strict=True):
        pools.append((weight, weight * (each - offset), 1))
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] > pools[-1][1] * pools[-2][0]:
            last, before = pools.pop(), pools.pop()
            pools.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    means = [total / weight for weight, total, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
