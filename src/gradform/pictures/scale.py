"""Round numbers along an axis, and how numbers are written in pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["number_text", "tick_texts", "ticks"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE, _SMALL = 1e5, 1e-3  # from here on and below numbers have powers of ten
_DIGITS = 4  # that a number with a power of ten has at most


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About ``count`` round numbers in the interval: steps of 1, 2 or 5 times a power of 10."""
    rough = (high - low) / count
    # A step is at most 2.5 times as long as asked for; between two of them no number may fall.
    return _multiples(low, high, rough) or _multiples(low, high, rough / 2.5)


def _multiples(low: float, high: float, rough: float) -> list[float]:
    """The multiples of the round step that is not less than ``rough``."""
    factor, exponent = _step(rough)
    step = _times_power(factor, exponent)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [_times_power(k * factor, exponent) for k in range(first, last + 1)]


def _step(rough: float) -> tuple[int, int]:
    """The least round number that is not below: a factor and a power of ten."""
    exponent = math.floor(math.log10(rough))
    for factor in (1, 2, 5):
        if _times_power(factor, exponent) >= rough * (1 - 1e-9):
            return factor, exponent
    return 1, exponent + 1


def _times_power(factor: int, exponent: int) -> float:
    """The float nearest to it, so that it is written as it is meant."""
    return float(factor * 10**exponent) if exponent >= 0 else factor / 10**-exponent


def tick_texts(values: Sequence[float]) -> tuple[list[str], str]:
    """The numbers as people write them, all with the same precision, and the power of ten by
    which all are to be multiplied: ``×10⁹``, or nothing."""
    largest = max(map(abs, values), default=0.0)
    if len(values) < 2 or not largest:
        return [number_text(value) for value in values], ""
    exponent = _step((values[1] - values[0]) * (1 - 1e-6))[1]
    power = math.floor(math.log10(largest) + 1e-9)
    if not _SMALL <= largest < _LARGE and power - exponent < _DIGITS:
        scaled = [value / 10.0**power for value in values]
        return [_plain(value, power - exponent) for value in scaled], f"×{_ten_to(power)}"
    return [_plain(value, max(-exponent, 0)) for value in values], ""


def number_text(value: float, digits: int = _DIGITS) -> str:
    """A number rounded to so many digits: ``−0.25``, ``3·10⁻⁹``, ``∞``."""
    if not math.isfinite(value):
        return "?" if math.isnan(value) else "−∞" if value < 0 else "∞"
    rounded = float(f"{value:.{digits}g}")
    if rounded and not _SMALL <= abs(rounded) < _LARGE:
        power = math.floor(math.log10(abs(rounded)) + 1e-12)
        mantissa = f"{rounded / 10.0**power:.{digits}g}" if power > -300 else "0"
        return _times(mantissa, power)
    return f"{rounded or 0.0:.{digits + 3}g}".replace("-", "−")


def _times(mantissa: str, power: int) -> str:
    alone = {"1": "", "-1": "−"}.get(mantissa)
    raised = _ten_to(power)
    return f"{mantissa.replace('-', '−')}·{raised}" if alone is None else f"{alone}{raised}"


def _ten_to(power: int) -> str:
    return f"10{str(power).translate(_RAISED)}"


def _plain(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "−") if value else "0"
