"""Curvature by composition: what is convex, concave or affine by its form.

f(g) is convex when f is convex and g affine; when f is convex and increasing on the range
of g and g is convex; when f is convex and decreasing there and g is concave (Boyd &
Vandenberghe, 3.2.4). Ranges are enclosures, so a domain is never silently made smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradform.exact import Real, Undecided
from gradform.nonsmooth.line.bend import bends
from gradform.nonsmooth.line.bounds import Range, range_on
from gradform.nonsmooth.line.curve import KINKED, Curve, X, is_smooth, walk
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.shape import size_of
from gradform.nonsmooth.line.signs import Unknown, effort
from gradform.records import record

__all__ = ["Curvature", "curvature_by_rules"]

_LARGEST = 60  # nodes of a smooth part whose second derivative is looked at
_STEPS = 60


@record
class Curvature:
    """What is proved; ``affine`` when both are."""

    convex: bool
    concave: bool

    def __neg__(self) -> Curvature:
        return Curvature(self.concave, self.convex)

    @property
    def is_affine(self) -> bool:
        return self.convex and self.concave


AFFINE = Curvature(True, True)
CONVEX = Curvature(True, False)
CONCAVE = Curvature(False, True)
UNKNOWN = Curvature(False, False)


def curvature_by_rules(root: Curve, low: Real, high: Real) -> Curvature:
    """What the form of a curve proves on the interval; smooth parts of which the rules know
    nothing are settled by the sign of their second derivative."""
    return walk(root, lambda node, below: _found(node, below, low, high))


def _found(node: Curve, below: list[Curvature], low: Real, high: Real) -> Curvature:
    found = _curvature(node, below, low, high)
    outer = node.memo.get("outer")
    if found is UNKNOWN and outer is not None and not (outer.argument is X and is_smooth(node)):
        inner = curvature_by_rules(outer.argument, low, high)
        own, direction = outer.on(range_on(outer.argument, low, high))
        found = _composed(own, direction, inner)
    if found is UNKNOWN and size_of(node) <= _LARGEST and _is_regular(node, low, high):
        try:
            with effort(_STEPS):
                signs = {stretch.sign for stretch in bends(node, low, high)}
        except (Unknown, Unresolved, Undecided, ValueError, OverflowError):
            return UNKNOWN
        return Curvature(-1 not in signs, 1 not in signs)
    return found


def _is_regular(root: Curve, low: Real, high: Real) -> bool:
    """Whether a curve has two derivatives everywhere: no kinks, and no roots of what may be 0."""

    def visit(node: Curve, below: list[bool]) -> bool:
        if node.op == "pow" and (node.data.denominator > 1 or node.data < 0):
            sign = range_on(node.args[0], low, high).sign
            return below[0] and (sign == 1 or (sign == -1 and node.data.denominator == 1))
        return node.op not in KINKED and all(below)

    return walk(root, visit)


def _curvature(node: Curve, below: list[Curvature], low: Real, high: Real) -> Curvature:
    match node.op:
        case "const" | "x":
            return AFFINE
        case "add":
            return _both(all(c.convex for c in below), all(c.concave for c in below))
        case "max":
            return _both(all(c.convex for c in below), False)
        case "min":
            return _both(False, all(c.concave for c in below))
        case "mul":
            return _scaled(node, below)
        case "abs":
            return _of_absolute(_direction(range_on(node.args[0], low, high)), below[0])
        case "pow":
            return _of_power(node.data, range_on(node.args[0], low, high), below[0])
        case "fn" if node.data[0] in _FUNCTIONS:
            own, direction = _FUNCTIONS[node.data[0]](range_on(node.args[0], low, high))
            return _composed(own, direction, below[0])
    return UNKNOWN


def _scaled(node: Curve, below: list[Curvature]) -> Curvature:
    if len(node.args) != 2 or not node.args[0].is_constant:
        return UNKNOWN
    return below[1] if node.args[0].value.sign(numerical=True) > 0 else -below[1]


def _of_absolute(direction: int, inner: Curvature) -> Curvature:
    if direction:
        return inner if direction > 0 else -inner
    return CONVEX if inner.is_affine else UNKNOWN


def _both(convex: bool, concave: bool) -> Curvature:
    return Curvature(convex, concave) if convex or concave else UNKNOWN


def _direction(u: Range) -> int:
    """How t ↦ |t| and even powers go on a range: 1 up, -1 down, 0 neither."""
    return 1 if u.low >= 0 else -1 if u.high <= 0 else 0


def _composed(outer: Curvature, direction: int, inner: Curvature) -> Curvature:
    if inner.is_affine:
        return outer
    along = inner if direction > 0 else -inner
    return _both(
        bool(direction) and outer.convex and along.convex,
        bool(direction) and outer.concave and along.concave,
    )


def _of_power(exponent: Fraction, u: Range, inner: Curvature) -> Curvature:
    nonnegative = u.low >= 0
    if exponent < 0:
        if u.sign is None:
            return UNKNOWN
        if not nonnegative:
            return (
                UNKNOWN
                if not u.high <= 0 or exponent.denominator > 1
                else _negative_base(exponent, inner)
            )
        return _composed(CONVEX, -1, inner)
    if exponent.denominator == 1 and exponent % 2 == 0:
        return _composed(CONVEX, _direction(u), inner)
    if exponent > 1:
        if nonnegative:
            return _composed(CONVEX, 1, inner)
        return _composed(CONCAVE, 1, inner) if u.high <= 0 else UNKNOWN
    return _composed(CONCAVE, 1, inner)


def _negative_base(exponent: Fraction, inner: Curvature) -> Curvature:
    """t^-k for t < 0: convex and increasing for even k, concave and decreasing for odd k."""
    return _composed(CONVEX, 1, inner) if exponent % 2 == 0 else _composed(CONCAVE, -1, inner)


_Rule = Callable[[Range], tuple[Curvature, int]]


def _turning(up: int) -> _Rule:
    """Increasing and odd: for up = 1 convex on the right and concave on the left."""

    def rule(u: Range) -> tuple[Curvature, int]:
        right = CONVEX if up > 0 else CONCAVE
        if u.low >= 0:
            return right, 1
        return (-right, 1) if u.high <= 0 else (UNKNOWN, 1)

    return rule


_FUNCTIONS: dict[str, _Rule] = {
    "exp": lambda u: (CONVEX, 1),
    "log": lambda u: (CONCAVE, 1),
    "cosh": lambda u: (CONVEX, _direction(u)),
    "sinh": _turning(1),
    "tan": lambda u: (UNKNOWN, 1),
    "atan": _turning(-1),
    "tanh": _turning(-1),
    "erf": _turning(-1),
    "asin": _turning(1),
    "gamma": lambda u: (CONVEX if u.low >= 0 else UNKNOWN, 0),
    "lgamma": lambda u: (CONVEX if u.low >= 0 else UNKNOWN, 0),
    "digamma": lambda u: (CONCAVE if u.low >= 0 else UNKNOWN, 1),
}
