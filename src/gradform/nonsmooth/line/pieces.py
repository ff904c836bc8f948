"""The domain cut at all kinks, with one smooth curve on each piece."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from gradform.exact import Real, apply
from gradform.language import say
from gradform.nonsmooth.line.bounds import range_on
from gradform.nonsmooth.line.curve import (
    Curve,
    X,
    add,
    constant,
    is_smooth,
    multiply,
    negate,
    power,
    rebuilt,
    subtract,
    walk,
)
from gradform.nonsmooth.line.roots import rational_between
from gradform.nonsmooth.line.shape import coefficients_in, rationals
from gradform.nonsmooth.line.signs import Unknown, chart, merged
from gradform.nonsmooth.line.values import branch, value_at
from gradform.records import record

__all__ = ["Pieces", "pieces_of"]

_MOST_STEPS = 10_000


@record
class Pieces:
    """``curves[k]`` is the function between ``points[k-1]`` and ``points[k]``."""

    points: list[Real]
    curves: list[Curve]

    def curve_in(self, gap: int, points: list[Real]) -> Curve:
        """The curve in a gap of a finer list of points."""
        if gap == 0:
            return self.curves[0]
        left = points[gap - 1]
        return self.curves[sum(point <= left for point in self.points)]


def pieces_of(root: Curve, low: Real, high: Real) -> Pieces:
    """The smooth pieces of a curve on the open interval (low, high).

    Points at which nothing changes are left out. Unknown when the kinks cannot be found.
    """
    found = walk(root, lambda node, below: _pieces(node, below, low, high))
    return _without_idle_points(root, found)


def _without_idle_points(root: Curve, found: Pieces) -> Pieces:
    points: list[Real] = []
    curves = [found.curves[0]]
    for point, curve in zip(found.points, found.curves[1:], strict=True):
        if curve is curves[-1] and _same_value(root, curve, point):
            continue
        points.append(point)
        curves.append(curve)
    return Pieces(points, curves)


def _same_value(root: Curve, curve: Curve, point: Real) -> bool:
    try:
        return (value_at(root, point) - value_at(curve, point)).sign(numerical=True) == 0
    except ValueError:
        return False


def _pieces(node: Curve, below: list[Pieces], low: Real, high: Real) -> Pieces:
    if is_smooth(node) and not _has_roots_of(node):
        return Pieces([], [node])
    points = merged([point for each in below for point in each.points])
    ends = [low, *points, high]
    found = Pieces([], [])
    for gap in range(len(points) + 1):
        args = [each.curve_in(gap, points) for each in below]
        inner = _smoothed(_resolved(node, args, ends[gap], ends[gap + 1]), ends[gap : gap + 2])
        if gap:
            found.points.append(ends[gap])
        found.points.extend(inner.points)
        found.curves.extend(inner.curves)
    return found


def _smoothed(found: Pieces, ends: list[Real]) -> Pieces:
    """The pieces once more, where a normal form has written a kink: (u²)^(3/2) is |u|³."""
    if all(map(is_smooth, found.curves)):
        return found
    cuts = [ends[0], *found.points, ends[1]]
    smooth = Pieces([], [])
    for gap, curve in enumerate(found.curves):
        inner = pieces_of(curve, cuts[gap], cuts[gap + 1])
        smooth.points.extend(([cuts[gap]] if gap else []) + inner.points)
        smooth.curves.extend(inner.curves)
    return smooth


def _has_roots_of(node: Curve) -> bool:
    """Whether a root or a quotient is taken somewhere: where u is 0, √u has a kink, as √(x²)
    has, and 1/u a pole."""
    if "roots" not in node.memo:
        node.memo["roots"] = walk(
            node,
            lambda part, below: (
                any(below) or (part.op == "pow" and (part.data.denominator > 1 or part.data < 0))
            ),
        )
    found: bool = node.memo["roots"]
    return found


def _resolved(node: Curve, args: list[Curve], low: Real, high: Real) -> Pieces:
    """One operation on smooth curves."""
    match node.op:
        case "abs":
            return _by_signs(args[0], low, high, lambda s: negate(args[0]) if s < 0 else args[0])
        case "sign":
            return _by_signs(args[0], low, high, lambda s: constant(s))
        case "max" | "min":
            return _extreme(node.op, args, low, high)
        case "where":
            return _where(node, args, low, high)
        case "floor":
            return _steps(args[0], low, high)
        case "pow" if node.data.denominator > 1:
            return _root(args[0], node.data, low, high)
        case "pow" if node.data < 0:
            return _quotient(args[0], node.data, low, high)
    return Pieces([], [rebuilt(node, args)])


def _by_signs(curve: Curve, low: Real, high: Real, choose: Callable[[int], Curve]) -> Pieces:
    found = chart(curve, low, high)
    return Pieces(list(found.roots), [choose(sign) for sign in found.signs])


def _extreme(op: str, args: list[Curve], low: Real, high: Real) -> Pieces:
    wanted = 1 if op == "max" else -1
    best = Pieces([], [args[0]])
    for other in args[1:]:
        ends = [low, *best.points, high]
        new = Pieces([], [])
        for gap, curve in enumerate(best.curves):
            part = _by_signs(
                subtract(other, curve),
                ends[gap],
                ends[gap + 1],
                # mypy finds no type for a lambda with defaults, which keep the curves of this round
                lambda s, other=other, curve=curve: other if s == wanted else curve,  # type: ignore[misc]
            )
            new.points.extend(([ends[gap]] if gap else []) + part.points)
            new.curves.extend(part.curves)
        best = new
    return best


def _where(node: Curve, args: list[Curve], low: Real, high: Real) -> Pieces:
    """Cut at the roots of all conditions; a condition met at single points only is met in
    no gap, and the value there is that of the function at the point."""
    charts = {test: chart(test, low, high) for test in args[:-1:2]}
    points = merged([root for each in charts.values() for root in each.roots])
    renamed = Curve("where", tuple(args), node.data)
    curves = []
    for gap in range(len(points) + 1):
        signs = {test: each.sign_in(gap, points) for test, each in charts.items()}
        curves.append(branch(renamed, signs.__getitem__))
    return Pieces(points, curves)


def _steps(curve: Curve, low: Real, high: Real) -> Pieces:
    """⌊u⌋ between the places where u is whole."""
    around = range_on(curve, low, high)
    if not (around.low.is_finite() and around.high.is_finite()):
        raise Unknown(say("floor has infinitely many steps here"))
    first, last = int(float(around.low.floor())), int(float(around.high.floor())) + 1
    if last - first > _MOST_STEPS:
        raise Unknown(say("floor has too many steps here"))
    cuts = [
        root
        for k in range(first, last + 1)
        for root in chart(subtract(curve, constant(k)), low, high).roots
    ]
    points = merged(cuts)
    ends = [low, *points, high]
    curves = []
    for left, right in pairwise(ends):
        inside = Real.of(rational_between(left, right))
        curves.append(constant(apply("floor", value_at(curve, inside))))
    return Pieces(points, curves)


def _root(base: Curve, exponent: Fraction, low: Real, high: Real) -> Pieces:
    """u^(p/q), cut where u is 0; the roots of a polynomial u come out as factors."""
    if range_on(base, low, high).sign == 1:
        return Pieces([], [power(base, exponent)])
    found = chart(base, low, high)
    ends = [low, *found.roots, high]
    curves = [_with_factors(base, exponent, left, right) for left, right in pairwise(ends)]
    return Pieces(list(found.roots), curves)


def _quotient(base: Curve, exponent: Fraction, low: Real, high: Real) -> Pieces:
    """u^-k, cut where u is 0."""
    curve = power(base, exponent)
    if range_on(base, low, high).sign:
        return Pieces([], [curve])
    roots = list(chart(base, low, high).roots)
    return Pieces(roots, [curve] * (len(roots) + 1))


def _with_factors(base: Curve, exponent: Fraction, low: Real, high: Real) -> Curve:
    """(c (x - r)^m q)^p = |x - r|^mp (c' q)^p for the rational roots r at the ends."""
    coefficients = coefficients_in(base, X)
    exact = None if coefficients is None else rationals(coefficients)
    if exact is None or len(exact) < 3:
        return power(base, exponent)
    factors: list[Curve] = []
    for end, sign in ((low, 1), (high, -1)):
        root = end.rational if end.is_finite else None
        times = 0
        while root is not None and len(exact) > 1 and _horner(exact, root) == 0:
            exact = _divided(exact, root)
            times += 1
        if times and root is not None:
            away = multiply(constant(sign), subtract(X, constant(root)))
            factors.append(power(away, exponent * times))
            if sign < 0 and times % 2:
                exact = [-c for c in exact]
    rest = add(*(multiply(constant(c), power(X, k)) for k, c in enumerate(exact)))
    return multiply(*factors, power(rest, exponent))


def _horner(coefficients: list[Fraction], x: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def _divided(coefficients: list[Fraction], root: Fraction) -> list[Fraction]:
    """The quotient by x - root."""
    result: list[Fraction] = []
    carry = Fraction(0)
    for coefficient in reversed(coefficients):
        carry = carry * root + coefficient
        result.append(carry)
    return result[-2::-1]
