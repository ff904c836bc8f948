"""Germs and exact values of curves."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

from gradform.exact import INFINITY, Real, apply
from gradform.nonsmooth.line.curve import (
    Curve,
    add,
    elementary,
    in_exponentials,
    is_smooth,
    multiply,
    power,
)
from gradform.nonsmooth.line.germ import FLAT, Germ, Unresolved, combined

__all__ = ["germ_at", "limit_at", "side_sign", "slope_at", "slope_at_value", "value_at"]

_ORDERS = (Fraction(2), Fraction(5), Fraction(12))


# ---------------------------------------------------------------- values


def value_at(root: Curve, point: Real) -> Real:
    """f(point), exact; ValueError where the curve is not defined.

    Branches that are not taken are not looked at.
    """
    known: dict[Curve, Real] = {}

    def of(node: Curve) -> Real:
        if node not in known:
            known[node] = _value(node, point, of)
        return known[node]

    return of(root)


def _value(node: Curve, point: Real, of: Callable[[Curve], Real]) -> Real:
    match node.op:
        case "const":
            return node.value
        case "x":
            return point
        case "add":
            return sum((of(arg) for arg in node.args[1:]), of(node.args[0]))
        case "mul":
            result = of(node.args[0])
            for arg in node.args[1:]:
                result = result * of(arg)
            return result
        case "pow":
            return _root(of(node.args[0]), node.data)
        case "fn":
            return elementary(node.data, of(node.args[0]))
        case "abs":
            return abs(of(node.args[0]))
        case "max":
            return max(of(arg) for arg in node.args)
        case "min":
            return min(of(arg) for arg in node.args)
        case "sign":
            return Real.of(of(node.args[0]).sign(numerical=True))
        case "floor":
            return apply("floor", of(node.args[0]))
    assert node.op == "where", node.op
    return of(branch(node, lambda test: of(test).sign(numerical=True)))


def _root(base: Real, exponent: Fraction) -> Real:
    if exponent < 0 and base.sign(numerical=True) == 0:
        raise ValueError("division by 0")
    if exponent.denominator > 1 and base.sign(numerical=True) < 0:
        raise ValueError("a root of a negative number")
    return base**exponent


_HOLDS: dict[str, Callable[[int], bool]] = {
    "<": lambda s: s < 0,
    "<=": lambda s: s <= 0,
    ">": lambda s: s > 0,
    ">=": lambda s: s >= 0,
    "==": lambda s: s == 0,
    "!=": lambda s: s != 0,
}


def holds(relation: str, sign: int) -> bool:
    """Whether a number of this sign stands in the relation to 0."""
    return _HOLDS[relation](sign)


def branch(node: Curve, sign_of: Callable[[Curve], int]) -> Curve:
    """The branch of a ``where`` that is taken."""
    for k, relation in enumerate(node.data):
        if holds(relation, sign_of(node.args[2 * k])):
            return node.args[2 * k + 1]
    return node.args[-1]


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
        raise Unresolved(f"{name} at infinity")

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


# ---------------------------------------------------------------- Taylor coefficients


def taylor(name: str, numbers: tuple[int, ...], at: Real) -> Callable[[int], Real]:
    """f^(k)(at)/k! for the elementary functions, from their differential equations."""
    values: list[Real] = [elementary((name, *numbers), at)]
    rule = _TAYLOR[name]

    def coefficient(k: int) -> Real:
        while len(values) <= k:
            values.append(rule(values, at, numbers))
        return values[k]

    return coefficient


_Rule = Callable[[list[Real], Real, tuple[int, ...]], Real]


def _circular(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """f'' = -f for sin and cos; the first slope is put in by the rule of each."""
    k = len(values)
    return -values[k - 2] / (k * (k - 1))


def _sine(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    return apply("cos", at) if len(values) == 1 else _circular(values, at, numbers)


def _cosine(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    return -apply("sin", at) if len(values) == 1 else _circular(values, at, numbers)


def _tangent(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """f' = 1 + f²"""
    k = len(values)
    square = sum((values[j] * values[k - 1 - j] for j in range(k)), Real.of(0))
    return ((square + 1) if k == 1 else square) / k


def _by_slope(slope: Callable[[Real], Germ]) -> _Rule:
    """From the series of f' at the point, Σ s_k t^k: f_k = s_(k-1)/k."""

    def rule(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
        k = len(values)
        return slope(at).truncated(Fraction(k)).coefficient(k - 1) / k

    return rule


def _shifted(at: Real) -> Germ:
    return Germ.of(at) + Germ.monomial(1, 1)


_LENGTH = Fraction(16)


def _arc_tangent_slope(at: Real) -> Germ:
    return (Germ.of(1) + _shifted(at) * _shifted(at)).reciprocal(_LENGTH)


def _arc_sine_slope(at: Real) -> Germ:
    return (Germ.of(1) - _shifted(at) * _shifted(at)).power(Fraction(-1, 2), _LENGTH)


def _error_slope(at: Real) -> Germ:
    bell = (-(_shifted(at) * _shifted(at))).exponential(_LENGTH, lambda c: apply("exp", c))
    return bell.scaled(2 / Real.pi() ** Fraction(1, 2))


def _polygamma(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """ψ_m^(k) = ψ_(m+k)"""
    order = (numbers[0] if numbers else 0) + len(values)
    return apply("polygamma", Real.of(order), at) * _inverse_factorial(len(values))


def _log_gamma(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    k = len(values)
    slope = apply("digamma", at) if k == 1 else apply("polygamma", Real.of(k - 1), at)
    return slope * _inverse_factorial(k)


def _gamma(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """Γ' = Γ ψ"""
    k = len(values)
    total = Real.of(0)
    for j in range(k):
        name = apply("digamma", at) if j == 0 else apply("polygamma", Real.of(j), at)
        total = total + values[k - 1 - j] * name * _inverse_factorial(j)
    return total / k


def _lambert(values: list[Real], at: Real, numbers: tuple[int, ...]) -> Real:
    """z (1 + W) W' = W at z = at + t: with p_k = Σ_j j w_j q_(k+1-j) the series of (1 + W) W',
    where q = 1 + W, at·p_(n-1) + p_(n-2) = w_(n-1). At 0, w_n = (-n)^(n-1)/n!."""
    n = len(values)
    if at.sign() == 0:
        return Real.of(Fraction((-n) ** (n - 1))) * _inverse_factorial(n)
    q = [values[0] + 1, *values[1:]]
    same = sum((values[j] * values[n - j] * j for j in range(1, n)), Real.of(0))
    before = sum((values[j] * q[n - 1 - j] * j for j in range(1, n)), Real.of(0))
    return (values[n - 1] - before - at * same) / (at * q[0] * n)


def _inverse_factorial(k: int) -> Real:
    result = Fraction(1)
    for j in range(2, k + 1):
        result /= j
    return Real.of(result)


_TAYLOR: dict[str, _Rule] = {
    "sin": _sine,
    "cos": _cosine,
    "tan": _tangent,
    "atan": _by_slope(_arc_tangent_slope),
    "asin": _by_slope(_arc_sine_slope),
    "acos": _by_slope(lambda at: -_arc_sine_slope(at)),
    "erf": _by_slope(_error_slope),
    "erfc": _by_slope(lambda at: -_error_slope(at)),
    "digamma": _polygamma,
    "polygamma": _polygamma,
    "lgamma": _log_gamma,
    "gamma": _gamma,
    "lambertw": _lambert,
}


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
    raise Unresolved("the limit is not known")


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
    raise Unresolved("the sign beside the point is not known")


def slope_at(root: Curve, point: Real, side: int) -> Real:
    """The one-sided derivative lim (f(point + side·t) - f(point))/(side·t), ±inf included."""
    return slope_at_value(root, value_at(root, point), point, side)


def slope_at_value(root: Curve, value: Real, point: Real, side: int) -> Real:
    """The same with another value at the point itself."""
    start = Germ.of(value)

    def slope(germ: Germ) -> Real:
        return ((germ - start) * Germ.monomial(side, -1)).limit()

    return _with_more_terms(root, point, side, slope)


def infinite(sign: int) -> Real:
    return INFINITY if sign > 0 else -INFINITY
