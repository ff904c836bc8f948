"""Intervals of the real line, and where a formula is defined."""

from __future__ import annotations

from gradform.errors import InputError
from gradform.exact import INFINITY, Real
from gradform.language import say
from gradform.records import record

__all__ = ["LINE", "Interval"]


@record
class Interval:
    """``[low, high]``; an end may be open, and infinite ends are."""

    low: Real
    high: Real
    low_closed: bool = False
    high_closed: bool = False

    @property
    def is_empty(self) -> bool:
        if self.low > self.high:
            return True
        return self.low == self.high and not (self.low_closed and self.high_closed)

    @property
    def is_point(self) -> bool:
        return self.low.is_finite and self.low == self.high

    def contains(self, x: Real) -> bool:
        above = x > self.low or (self.low_closed and x == self.low)
        return above and (x < self.high or (self.high_closed and x == self.high))

    def __str__(self) -> str:
        left, right = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"{left}{self.low.text}, {self.high.text}{right}"


LINE = Interval(-INFINITY, INFINITY)


def checked(interval: Interval) -> Interval:
    """The interval, which must have a point."""
    if interval.is_empty:
        raise InputError(
            say("The domain {interval} has no points.", interval=interval),
            kind="empty_domain",
            hint=say("Write the smaller end first, as in [0, 1]."),
        )
    return interval
