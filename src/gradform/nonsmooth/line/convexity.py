"""Is a function of one variable convex on an interval? Decided, with the proof or a witness.

A function is convex on an interval exactly when it is continuous inside, convex on each
piece, its slope does not fall at the points between, and it only jumps up at closed ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from gradform.exact import Real, Undecided
from gradform.language import Message, phrase, say
from gradform.nonsmooth.line.ball import ball_of
from gradform.nonsmooth.line.bend import Stretch, bends
from gradform.nonsmooth.line.curve import Curve, negate
from gradform.nonsmooth.line.domain import Interval
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.local import limit_at, slope_at_value
from gradform.nonsmooth.line.pieces import Pieces, pieces_of
from gradform.nonsmooth.line.roots import rational_between
from gradform.nonsmooth.line.rules import curvature_by_rules
from gradform.nonsmooth.line.signs import Unknown, effort
from gradform.nonsmooth.line.values import value_at
from gradform.nonsmooth.line.witness import Witness, chord_above
from gradform.records import record

__all__ = ["Convexity", "Junction", "by_pieces", "convexity_of"]


@record
class Junction:
    """What happens at a point between two pieces or at an end of the domain.

    ``left`` and ``right`` are the one-sided slopes; None beyond an end of the domain.
    """

    point: Real
    value: Real
    left: Real | None
    right: Real | None
    jump: int = 0  # 1: the value lies above a neighbouring limit, -1: below, 2: both


@record
class Convexity:
    """``label``: convex, concave, affine, neither or undecided; affine is the strongest.

    ``proof`` are the facts that show it. ``not_convex`` and ``not_concave`` are chords that
    the graph crosses on the wrong side.
    """

    label: str
    proof: tuple[str, ...]
    not_convex: Witness | None = None
    not_concave: Witness | None = None

    @property
    def is_convex(self) -> bool:
        return self.label in ("convex", "affine")

    @property
    def is_concave(self) -> bool:
        return self.label in ("concave", "affine")


_GIVING_UP = (Unknown, Unresolved, Undecided, OverflowError, ValueError)
_STEPS = 150


def convexity_of(curve: Curve, domain: Interval) -> Convexity:
    """The strongest true label of a curve on a domain where it is defined."""
    if domain.is_point:
        return Convexity("affine", (say("the domain is a single point"),))
    with effort(_STEPS):
        found = _by_form(curve, domain)
    if found is not None:
        return found
    try:
        with effort(_STEPS):
            return by_pieces(curve, domain)
    except _GIVING_UP as reason:
        return _by_search(curve, domain, say("{error}", error=reason))


# ---------------------------------------------------------------- by form


def _by_form(curve: Curve, domain: Interval) -> Convexity | None:
    """By the rules of composition; a chord that is met nowhere else tells what is not affine."""
    by_rules = curvature_by_rules(curve, domain.low, domain.high)
    if by_rules.is_affine:
        return Convexity("affine", (say("affine by its form"),))
    if not (by_rules.convex or by_rules.concave):
        return None
    bent = negate(curve) if by_rules.convex else curve
    points = _samples(domain)
    pairs = [(points[0], points[-1]), *zip(points, points[2:], strict=False)]
    for left, right in pairs:
        if chord_above(bent, left, right, Fraction(1, 2)) is not None:
            label = "convex" if by_rules.convex else "concave"
            return Convexity(
                label, (say("{label} by the rules of composition", label=phrase(label)),)
            )
    return None


# ---------------------------------------------------------------- by pieces


def by_pieces(curve: Curve, domain: Interval) -> Convexity:
    """The label from the smooth pieces alone; raises Unknown and Unresolved."""
    pieces = pieces_of(curve, domain.low, domain.high)
    ends = [domain.low, *pieces.points, domain.high]
    stretches: list[Stretch] = []
    proof: list[Message] = []
    for k, piece in enumerate(pieces.curves):
        found, reason = _stretches(piece, ends[k], ends[k + 1])
        stretches += found
        low, high = ends[k].text, ends[k + 1].text
        proof.append(say("on ({low}, {high}): {reason}", low=low, high=high, reason=reason))
    junctions = list(_junctions(curve, pieces, domain))
    proof += [_told(junction) for junction in junctions]
    convex = all(s.sign >= 0 for s in stretches) and all(map(_rises, junctions))
    concave = all(s.sign <= 0 for s in stretches) and all(map(_falls, junctions))
    if convex or concave:
        label = "affine" if convex and concave else "convex" if convex else "concave"
        return Convexity(label, tuple(proof))
    against_convex = _witness(curve, stretches, junctions, -1)
    against_concave = _witness(negate(curve), _turned(stretches), junctions, -1)
    if against_convex is None or against_concave is None:
        raise Unknown(say("no chord was found that shows it"))
    return Convexity("neither", tuple(proof), against_convex, against_concave.turned())


def _stretches(piece: Curve, low: Real, high: Real) -> tuple[list[Stretch], str]:
    """The signs of f'' on a smooth piece, and what shows them."""
    by_rules = curvature_by_rules(piece, low, high)
    if by_rules.is_affine:
        return [Stretch(low, high, 0)], phrase("affine")
    stretches = bends(piece, low, high)
    signs = {stretch.sign for stretch in stretches} - {0}
    told = {(1,): "f'' >= 0", (-1,): "f'' <= 0", (): "f'' = 0"}
    return stretches, told.get(tuple(signs), say("f'' changes its sign"))


def _junctions(curve: Curve, pieces: Pieces, domain: Interval) -> Iterator[Junction]:
    for k, point in enumerate(pieces.points):
        yield _junction(curve, point, pieces.curves[k], pieces.curves[k + 1])
    if domain.low_closed:
        yield _junction(curve, domain.low, None, pieces.curves[0])
    if domain.high_closed:
        yield _junction(curve, domain.high, pieces.curves[-1], None)


def _junction(curve: Curve, point: Real, left: Curve | None, right: Curve | None) -> Junction:
    value = value_at(curve, point)
    slopes: list[Real | None] = []
    jumps: set[int] = set()
    for piece, side in ((left, -1), (right, 1)):
        if piece is None:
            slopes.append(None)
            continue
        gap = value - limit_at(piece, point, side)
        jumps.add(gap.sign(numerical=True))
        slopes.append(slope_at_value(piece, value, point, side))
    jumps.discard(0)
    jump = 0 if not jumps else 2 if len(jumps) == 2 else jumps.pop()
    return Junction(point, value, slopes[0], slopes[1], jump)


def _rises(junction: Junction) -> bool:
    """What a convex function may do at the point."""
    if junction.left is None or junction.right is None:
        return junction.jump >= 0
    return junction.jump == 0 and junction.left <= junction.right


def _falls(junction: Junction) -> bool:
    if junction.left is None or junction.right is None:
        return junction.jump <= 0
    return junction.jump == 0 and junction.left >= junction.right


def _told(junction: Junction) -> Message:
    point = junction.point.text
    if junction.jump:
        return say("at {point}: the value jumps", point=point)
    if junction.left is None or junction.right is None:
        return say("at {point}: continuous at the end", point=point)
    return say(
        "at {point}: slope {before} before, {after} after",
        point=point,
        before=junction.left.text,
        after=junction.right.text,
    )


def _turned(stretches: list[Stretch]) -> list[Stretch]:
    return [Stretch(s.low, s.high, -s.sign) for s in stretches]


# ---------------------------------------------------------------- witnesses


def _witness(
    curve: Curve, stretches: list[Stretch], junctions: list[Junction], sign: int
) -> Witness | None:
    """A chord below the graph, from where the proof of convexity fails."""
    for stretch in stretches:
        if stretch.sign == sign:
            found = chord_above(curve, *_inner_points(stretch.low, stretch.high))
            if found is not None:
                return found
    for junction in junctions:
        found = _around(curve, junction)
        if found is not None:
            return found
    return None


def _inner_points(low: Real, high: Real) -> tuple[Real, Real, Fraction]:
    middle = Real.of(rational_between(low, high))
    return (
        Real.of(rational_between(low, middle)),
        Real.of(rational_between(middle, high)),
        Fraction(1, 2),
    )


_WEIGHTS = (Fraction(1, 2), Fraction(1, 100), Fraction(99, 100), Fraction(1, 10**6))


def _around(curve: Curve, junction: Junction) -> Witness | None:
    """Chords that end or have their middle at a point, shorter and shorter."""
    before = (-1, 0) if junction.left is not None else (0,)
    after = (0, 1) if junction.right is not None else (0,)
    for power in range(0, 40, 3):
        step = Fraction(1, 2**power)
        for left, right, weight in product(before, after, _WEIGHTS):
            if left == right:
                continue
            found = chord_above(
                curve, junction.point + left * step, junction.point + right * step, weight
            )
            if found is not None:
                return found
    return None


# ---------------------------------------------------------------- by search


def _by_search(curve: Curve, domain: Interval, reason: str) -> Convexity:
    """Chords between points of grids."""
    against_convex = _search(curve, domain, 1)
    against_concave = _search(curve, domain, -1)
    if against_convex and against_concave:
        return Convexity("neither", (), against_convex, against_concave)
    return Convexity("undecided", (reason,), against_convex, against_concave)


_STEPS_OF_GRIDS = (Fraction(1, 2), Fraction(1, 8), Fraction(4), Fraction(1, 64))
_REACH = 24


def _grids(domain: Interval) -> Iterator[list[Real]]:
    """Equally spaced points of the domain: of a bounded one, or near 0 or an end of it."""
    if domain.low.is_finite and domain.high.is_finite:
        width = domain.high - domain.low
        for count in (16, 64):
            yield [domain.low + width * Fraction(k, count) for k in range(1, count)]
        return
    centre = next((end for end in (domain.low, domain.high) if end.is_finite), Real.of(0))
    for step in _STEPS_OF_GRIDS:
        points = (centre + step * k for k in range(-_REACH, _REACH + 1))
        yield [point for point in points if domain.contains(point)]


def _samples(domain: Interval) -> list[Real]:
    """Points of the coarsest grid."""
    return next(_grids(domain))


def _search(curve: Curve, domain: Interval, sign: int) -> Witness | None:
    """A chord below the graph (sign 1) or above it (-1): found with floats, then proved."""
    bent = curve if sign > 0 else negate(curve)
    for points in _grids(domain):
        heights = [_height(bent, point) for point in points]
        for gap in (1, 2, 4, 8):
            for k in range(len(points) - 2 * gap):
                low, middle, high = heights[k], heights[k + gap], heights[k + 2 * gap]
                if middle - (low + high) / 2 > 1e-9 * (abs(low) + abs(high)):
                    found = chord_above(bent, points[k], points[k + 2 * gap], Fraction(1, 2))
                    if found is not None:
                        return found if sign > 0 else found.turned()
    return None


def _height(curve: Curve, point: Real) -> float:
    """About f(point); nan where it is not known."""
    ball = ball_of(curve, point.ball(60), 53)
    if ball.is_finite():
        return float(ball)
    try:
        return float(value_at(curve, point))
    except (ValueError, Undecided, OverflowError):
        return float("nan")
