"""Germs of curves, and what is read off them: limits, signs and slopes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

from gradform.exact import INFINITY, Real, apply
from gradform.language import say
from gradform.nonsmooth.line.curve import (
    Curve,
    add,
    in_exponentials,
    is_smooth,
    multiply,
    power,
)
from gradform.nonsmooth.line.germ import FLAT, Germ, Unresolved, combined
from gradform.nonsmooth.line.taylor import taylor
from gradform.nonsmooth.line.values import branch, value_at

__all__ = ["germ_at", "limit_at", "side_sign", "slope_at", "slope_at_value"]

_ORDERS = (Fraction(2), Fraction(5), Fraction(12))


# ---------------------------------------------------------------- germs


def germ_at(root: Curve, point: Real, side: int, order: Fraction) -> Germ:
    """The germ of t ↦ f(point + side·t); at an infinite point of t ↦ f(±1/t).

    Terms from t^order on are left out. Unresolved when no series describes the curve.
    """
    known: dict[Curve, Germ] = {}

    def of(node: Curve) -> Germ:
        if node not in known:
            known[node] = _Rules(point, side, order, of).germ(node).truncated(order)
        return known[node]

    return of(root)


class _Rules:
    """The germ of a node from those of its arguments."""

    def __init__(
        self, point: Real, side: int, order: Fraction, of: Callable[[Curve], Germ]
    ) -> None:
        self.point = point
        self.side = side
        self.order = order
        self.of = of

    def germ(self, node: Curve) -> Germ:
        match node.op:
            case "const":
                return Germ.of(node.value)
            case "x":
                return self._variable()
            case "add":
                return combined(map(self.of, node.args))
            case "mul":
                return self._product(node)
            case "pow":
                return self.of(node.args[0]).power(node.data, self.order)
            case "fn":
                name, *numbers = node.data
                return self._function(name, tuple(numbers), self.of(node.args[0]))
            case "abs":
                inner = self.of(node.args[0])
                return -inner if self._sign(inner) < 0 else inner
            case "max" | "min":
                return self._extreme(node)
            case "sign":
                return Germ.of(self._decided(self.of(node.args[0])))
            case "floor":
                return self._floor(self.of(node.args[0]))
        assert node.op == "where", node.op
        return self.of(branch(node, lambda test: self._decided(self.of(test))))

    def _variable(self) -> Germ:
        if not self.point.is_finite:
            return Germ.monomial(1 if self.point.sign() > 0 else -1, -1)
        return Germ.of(self.point) + Germ.monomial(self.side, 1)

    def _product(self, node: Curve) -> Germ:
        result = Germ.of(1)
        for arg in node.args:
            result = result * self.of(arg)
        return result

    def _sign(self, germ: Germ) -> int:
        """The sign, or 0 when all terms are unknown: then either choice is right, since
        the choices differ by less than what is left out anyway."""
        if not germ.terms and germ.swing is None:
            return 0
        return germ.sign()

    def _decided(self, germ: Germ) -> int:
        """The sign of what a branch depends on; it must be known."""
        return germ.sign()

    def _extreme(self, node: Curve) -> Germ:
        wanted = 1 if node.op == "max" else -1
        best = self.of(node.args[0])
        for arg in node.args[1:]:
            other = self.of(arg)
            gap = other - best
            sign = self._sign(gap)
            if sign == wanted:
                best = other
            elif sign == 0 and gap.order is not None:
                best = Germ(best.terms, _smaller(best.order, gap.order), best.swing).truncated(
                    gap.order
                )
        return best

    def _floor(self, germ: Germ) -> Germ:
        limit = germ.limit()
        whole = apply("floor", limit)
        below = (limit - whole).sign() == 0 and (germ - Germ.of(limit)).sign() < 0
        return Germ.of(whole - 1 if below else whole)

    # ------------------------------------------------------------ elementary functions

    def _function(self, name: str, numbers: tuple[int, ...], germ: Germ) -> Germ:
        if name == "exp":
            return germ.exponential(self.order, lambda c: apply("exp", c))
        if name == "log":
            return germ.logarithm(self.order, lambda c: apply("log", c))
        if name in _BY_EXPONENTIALS:
            return _BY_EXPONENTIALS[name](germ, self.order)
        limit = self._limit_or_swing(name, germ)
        if isinstance(limit, Germ):
            return limit
        if not limit.is_finite:
            return self._at_infinity(name, germ, limit.sign())
        if name in ("asin", "acos") and (abs(limit) - 1).sign() == 0:
            return self._arc_at_end(name, germ, limit.sign())
        coefficients = taylor(name, numbers, limit)
        return (germ - Germ.of(limit)).series(coefficients, self.order)

    def _limit_or_swing(self, name: str, germ: Germ) -> Real | Germ:
        limit = germ.limit()
        if name in ("sin", "cos") and not limit.is_finite:
            return Germ((), None, (Fraction(0), Real.of(1)))
        return limit

    def _at_infinity(self, name: str, germ: Germ, sign: int) -> Germ:
        """atan(u) = ±π/2 - atan(1/u), erf(u) → ±1 faster than any power"""
        if name == "atan":
            inverse = self._function("atan", (), germ.reciprocal(self.order))
            return Germ.of(Real.pi() * Fraction(sign, 2)) - inverse
        if name == "erf":
            return Germ(Germ.of(sign).terms, FLAT)
        if name == "erfc" and sign > 0:
            return Germ((), FLAT)
        raise Unresolved(say("{name} at infinity", name=name))

    def _arc_at_end(self, name: str, germ: Germ, sign: int) -> Germ:
        """acos(u) = 2 asin(√((1 - u)/2)), and asin, acos of -u from those of u"""
        upright = germ if sign > 0 else -germ
        half = (Germ.of(1) - upright).scaled(Real.of(Fraction(1, 2)))
        arc = self._function("asin", (), half.power(Fraction(1, 2), self.order))
        arc = arc.scaled(Real.of(2))
        if name == "acos":
            return arc if sign > 0 else Germ.of(Real.pi()) - arc
        quarter = Germ.of(Real.pi() / 2) - arc
        return quarter if sign > 0 else -quarter


def _tanh(germ: Germ, order: Fraction) -> Germ:
    """1 - 2/(e^2u + 1), of the side where e^2u grows by 2/(e^-2u + 1) - 1"""
    if not germ.terms:
        return germ
    if germ.limit().sign(numerical=True) > 0:
        return -_tanh(-germ, order)
    grown = germ.scaled(Real.of(2)).exponential(order, lambda c: apply("exp", c))
    return Germ.of(1) - (grown + Germ.of(1)).reciprocal(order).scaled(Real.of(2))


def _half_sum(sign: int) -> Callable[[Germ, Fraction], Germ]:
    def germ(u: Germ, order: Fraction) -> Germ:
        up = u.exponential(order, lambda c: apply("exp", c))
        down = (-u).exponential(order, lambda c: apply("exp", c))
        return (up + down.scaled(Real.of(sign))).scaled(Real.of(Fraction(1, 2)))

    return germ


_BY_EXPONENTIALS: dict[str, Callable[[Germ, Fraction], Germ]] = {
    "sinh": _half_sum(-1),
    "cosh": _half_sum(1),
    "tanh": _tanh,
}


def _smaller(left: Fraction | None, right: Fraction) -> Fraction:
    return right if left is None else min(left, right)


# ---------------------------------------------------------------- what is read off


def _with_more_terms(root: Curve, point: Real, side: int, read: Callable[[Germ], Real]) -> Real:
    """What is read off the germ, with more terms as long as they are asked for."""
    for order in _ORDERS[:-1]:
        try:
            return read(germ_at(root, point, side, order))
        except Unresolved:
            continue
    return read(germ_at(root, point, side, _ORDERS[-1]))


def limit_at(root: Curve, point: Real, side: int) -> Real:
    """lim f(point + side·t) for t → 0⁺, infinite ones included."""
    try:
        return _with_more_terms(root, point, side, Germ.limit)
    except Unresolved:
        return _limit_beyond_powers(root, point, side)


def _limit_beyond_powers(root: Curve, point: Real, side: int) -> Real:
    """±∞ for a product with an exponential that outgrows all powers, and for a sum that is
    such a product times what has a limit other than 0."""
    for largest in root.args if root.op == "add" else (root,):
        factors = largest.args if largest.op == "mul" else (largest,)
        if not any(_outgrows_powers(factor, point, side) for factor in factors):
            continue
        inverse = power(largest, -1)
        quotient = add(*(multiply(term, inverse) for term in _terms(root)))
        limit = _with_more_terms(quotient, point, side, Germ.limit)
        if limit.is_finite and limit.sign(numerical=True):
            sign = limit.sign(numerical=True) * side_sign(largest, point, side)
            return INFINITY if sign > 0 else -INFINITY
    raise Unresolved(say("the limit is not known"))


def _terms(root: Curve) -> tuple[Curve, ...]:
    return root.args if root.op == "add" else (root,)


def _outgrows_powers(factor: Curve, point: Real, side: int) -> bool:
    if factor.op != "fn" or factor.data[0] != "exp":
        return False
    germ = germ_at(factor.args[0], point, side, _ORDERS[0])
    return germ.least_exponent() < 0 and germ.sign() > 0


def side_sign(root: Curve, point: Real, side: int) -> int:
    """The sign of f beside the point."""
    try:
        return int(float(_with_more_terms(root, point, side, lambda g: Real.of(g.sign()))))
    except Unresolved:
        return _sign_beyond_powers(root, point, side)


def _sign_beyond_powers(root: Curve, point: Real, side: int) -> int:
    """Where exponentials outgrow all powers: a sum has the sign of its largest term t, which
    is the one with Σ terms/t → a number other than 0."""
    written = in_exponentials(root) if is_smooth(root) else root
    if written is not root:
        return side_sign(written, point, side)
    if root.op == "mul":
        return prod(side_sign(factor, point, side) for factor in root.args)
    if root.op == "pow" and root.data.denominator == 1:
        return int(side_sign(root.args[0], point, side) ** abs(root.data))
    if root.op == "fn" and root.data[0] == "exp":
        return 1
    if root.op == "add":
        for largest in root.args:
            inverse = power(largest, -1)
            quotient = add(*(multiply(term, inverse) for term in root.args))
            try:
                limit = limit_at(quotient, point, side)
            except Unresolved:
                continue
            if limit.is_finite and limit.sign(numerical=True):
                return limit.sign(numerical=True) * side_sign(largest, point, side)
    raise Unresolved(say("the sign beside the point is not known"))


def slope_at(root: Curve, point: Real, side: int) -> Real:
    """The one-sided derivative lim (f(point + side·t) - f(point))/(side·t), ±inf included."""
    return slope_at_value(root, value_at(root, point), point, side)


def slope_at_value(root: Curve, value: Real, point: Real, side: int) -> Real:
    """The same with another value at the point itself."""
    start = Germ.of(value)

    def slope(germ: Germ) -> Real:
        return ((germ - start) * Germ.monomial(side, -1)).limit()

    return _with_more_terms(root, point, side, slope)
