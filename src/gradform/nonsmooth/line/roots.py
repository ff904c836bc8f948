"""The only root of a monotone curve between two points, in closed form where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from gradform.exact import Real, Undecided, apply
from gradform.language import say
from gradform.nonsmooth.line.ball import ball_of
from gradform.nonsmooth.line.curve import Curve, X, add, constant
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.shape import factors_of, linear_in_x, terms_of
from gradform.nonsmooth.line.values import value_at

__all__ = ["root_between"]

_FARTHEST = 200  # doublings on the way to infinity


def root_between(curve: Curve, low: Real, high: Real, before: int) -> Real:
    """The x in (low, high) with f(x) = 0; f has the sign ``before`` left of it and the other
    sign right of it."""
    for candidate in _closed_forms(curve):
        try:
            if low < candidate < high and value_at(curve, candidate).sign() == 0:
                return candidate
        except (ValueError, Undecided, Unresolved):
            continue
    left, right = _bracket(curve, low, high, before)
    guess = _rational_guess(curve, left, right, before)
    if guess is not None:
        return guess
    return Real.root_of(lambda bits, x: ball_of(curve, x, bits), left, right, f"root of {curve!r}")


def _rational_guess(curve: Curve, left: Fraction, right: Fraction, before: int) -> Real | None:
    """A short fraction at which the curve is 0, proved; found by halving the bracket."""
    for _ in range(60):
        middle = (left + right) / 2
        sign = _sign(curve, middle)
        if sign == 0:
            left = right = middle
            break
        left, right = (middle, right) if sign == before else (left, middle)
    guess = ((left + right) / 2).limit_denominator(1000)
    try:
        return Real.of(guess) if value_at(curve, Real.of(guess)).sign() == 0 else None
    except (ValueError, Undecided):
        return None


def _bracket(curve: Curve, low: Real, high: Real, before: int) -> tuple[Fraction, Fraction]:
    """Rational points on both sides of the root."""
    left = next(p for p in _towards(low, high) if _sign(curve, p) == before)
    right = next(p for p in _towards(high, low) if _sign(curve, p) == -before)
    return left, right


def _sign(curve: Curve, point: Fraction) -> int:
    ball = ball_of(curve, Real.of(point).ball(64), 64)
    if ball > 0:
        return 1
    return -1 if ball < 0 else value_at(curve, Real.of(point)).sign(numerical=True)


def _towards(end: Real, other: Real) -> Iterator[Fraction]:
    """Rational points of the interval that approach an end."""
    inner = rational_between(*sorted((end, other)))
    yield inner
    for k in range(1, _FARTHEST):
        if end.is_finite:
            gap = end - inner
            step = gap * (1 - Fraction(1, 4**k))
            yield _rounded(Real.of(inner) + step, gap * Fraction(1, 4 ** (k + 1)))
        else:
            yield inner + end.sign() * Fraction(2**k)
    raise Undecided(say("a root is too close to the end of its interval"))


def _rounded(value: Real, tolerance: Real) -> Fraction:
    """A short fraction near a number."""
    bits = 32
    while True:
        ball = value.ball(bits)
        middle = ball.mid().fmpq() if hasattr(ball.mid(), "fmpq") else None
        found = (
            Fraction(int(middle.p), int(middle.q)) if middle is not None else Fraction(float(value))
        )
        if (abs(Real.of(found) - value) - abs(tolerance)).sign(numerical=True) < 0:
            return found
        bits *= 2


def rational_between(low: Real, high: Real) -> Fraction:
    """A short fraction in the open interval."""
    if not low.is_finite and not high.is_finite:
        return Fraction(0)
    if not low.is_finite:
        return Fraction(int(float(apply("floor", high))) - 1)
    if not high.is_finite:
        return Fraction(int(float(apply("floor", low))) + 1)
    middle = (low + high) / 2
    if middle.rational is not None:
        return simplest_between(low, high, middle.rational)
    return simplest_between(low, high, _rounded(middle, (high - low) / 4))


def simplest_between(low: Real, high: Real, inside: Fraction) -> Fraction:
    """The fraction nearest to one inside, with a small denominator, still inside."""
    for bottom in (1, 2, 4, 10, 100, 1000, 10**6):
        near = inside.limit_denominator(bottom)
        if low < near < high:
            return near
    return inside


# ---------------------------------------------------------------- closed forms


def _closed_forms(curve: Curve) -> Iterator[Real]:
    """Numbers that may be the root."""
    yield from _peeled(curve, Real.of(0))
    yield from _lambert(curve)


_INVERSE: dict[str, Callable[[Real], Real]] = {
    "exp": lambda y: apply("log", y),
    "log": lambda y: apply("exp", y),
    "atan": lambda y: apply("tan", y),
    "asin": lambda y: apply("sin", y),
    "lambertw": lambda y: y * apply("exp", y),
}


def _peeled(curve: Curve, target: Real) -> Iterator[Real]:
    """f(x) = y for c + k·g(u): u = g⁻¹((y - c)/k), and so on down to x."""
    try:
        while curve is not X:
            if curve.op == "add":
                changing = [term for term in curve.args if not term.is_constant]
                if len(changing) != 1:
                    return
                target = target - curve.args[-1].value
                curve = changing[0]
            elif curve.op == "mul" and curve.args[0].is_constant and len(curve.args) == 2:
                target = target / curve.args[0].value
                curve = curve.args[1]
            elif curve.op == "pow":
                target = target ** (1 / Fraction(curve.data))
                curve = curve.args[0]
            elif curve.op == "fn" and curve.data[0] in _INVERSE:
                target = _INVERSE[curve.data[0]](target)
                curve = curve.args[0]
            else:
                return
        yield target
        yield -target
    except (ValueError, ZeroDivisionError):
        return


def _lambert(curve: Curve) -> Iterator[Real]:
    """The transcendental equations that W solves.

    A e^(ax+b) + c x + d = 0:   x = -d/c - W(a A/c e^(b - a d/c))/a
    A log(ax+b) + c x + d = 0:  with u = ax + b, u = (aA/c) W((c/aA) e^((cb/a - d)/A))
    A x e^(ax+b) + d = 0:       x = W(-a d e^(-b)/A)/a
    """
    rest = constant(0)
    special: list[tuple[str, Real, Real, Real]] = []
    for term in terms_of(curve):
        found = _special(term)
        if found is None:
            rest = add(rest, term)
        else:
            special.append(found)
    if len(special) != 1:
        return
    kind, size, rate, shift = special[0]
    line = linear_in_x(rest)
    c, d = line if line is not None else (Real.of(0), _constant_of(rest))
    if d is None:
        return
    for branch in (0, -1):
        try:
            if kind == "exp" and c.sign() != 0:
                inner = rate * size / c * apply("exp", shift - rate * d / c)
                yield -d / c - apply("lambertw", inner, branch=branch) / rate
            elif kind == "log" and c.sign() != 0:
                factor = c / (rate * size)
                inner = factor * apply("exp", (c * shift / rate - d) / size)
                yield (apply("lambertw", inner, branch=branch) / factor - shift) / rate
            elif kind == "product" and c.sign() == 0:
                inner = -rate * d * apply("exp", -shift) / size
                yield apply("lambertw", inner, branch=branch) / rate
        except (ValueError, ZeroDivisionError):
            continue


def _constant_of(curve: Curve) -> Real | None:
    return curve.value if curve.is_constant else None


def _special(term: Curve) -> tuple[str, Real, Real, Real] | None:
    """(kind, A, a, b) of A·exp(ax+b), A·log(ax+b) and A·x·exp(ax+b)."""
    size = Real.of(1)
    rest = []
    for factor in factors_of(term):
        if factor.is_constant:
            size = size * factor.value
        else:
            rest.append(factor)
    functions = [f for f in rest if f.op == "fn" and f.data[0] in ("exp", "log")]
    if len(functions) != 1 or (line := linear_in_x(functions[0].args[0])) is None:
        return None
    others = [f for f in rest if f is not functions[0]]
    name = functions[0].data[0]
    if not others:
        return name, size, *line
    return ("product", size, *line) if others == [X] and name == "exp" else None
