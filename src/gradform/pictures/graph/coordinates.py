"""Where each box of a layer stands: near its neighbours, none upon another."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["across", "kept_apart"]

_ROUNDS = 4
_FINE_ROUNDS = 4
_LOOSE = 0.01  # the weight of what has no link

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
    for layer in layers:
        for place, offset in zip(layer, _offsets(layer, widths, gap), strict=True):
            x[place] = offset - _span(layer, widths, gap) / 2
    down, up = list(layers), list(reversed(layers))
    both = [[*a, *b] for a, b in zip(above, below, strict=True)]
    plan = [(down, above), (up, below)] * _ROUNDS + [(down, both), (up, both)] * _FINE_ROUNDS
    for direction, links in plan:
        for layer in direction:
            _settle(layer, x, widths, gap, links)
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
    x: list[float],
    widths: Sequence[float],
    gap: float,
    links: Sequence[Sequence[Link]],
) -> None:
    """The layer's least squares under its order; what has no link stays where it can."""
    offsets = _offsets(layer, widths, gap)
    wanted, weights = [], []
    for place in layer:
        weight = sum(each for _, each in links[place])
        pulled = sum(x[other] * each for other, each in links[place])
        wanted.append(pulled / weight if weight else x[place])
        weights.append(weight or _LOOSE)
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
