"""Curves: functions of one variable as expressions with exact constants.

Equal curves are one object. The constructors keep a normal form that changes no value on
the curve's domain: numbers are folded, like terms and equal bases merge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from gradform.exact import Real, apply

__all__ = [
    "ONE",
    "X",
    "ZERO",
    "Curve",
    "absolute",
    "add",
    "constant",
    "elementary",
    "extreme",
    "floor",
    "function",
    "in_exponentials",
    "is_smooth",
    "multiply",
    "negate",
    "number",
    "power",
    "rebuilt",
    "sign",
    "subtract",
    "walk",
    "where",
]

_T = TypeVar("_T")


class Curve:
    """``op`` applied to ``args``; ``data`` holds what is no curve.

    const  data: its value          x        the variable
    add    Σ args                   mul      Π args
    pow    args[0]^data, a rational exponent
    fn     data = (name, *numbers): an elementary function of args[0]
    max, min, abs, sign, floor      of args
    where  args = c1, v1, c2, v2, …, else with data the relations of c1, c2, … to 0
    """

    __slots__ = ("__weakref__", "args", "data", "memo", "op")

    def __init__(self, op: str, args: tuple[Curve, ...], data: Any) -> None:
        self.op = op
        self.args = args
        self.data = data
        self.memo: dict[Any, Any] = {}

    @property
    def is_constant(self) -> bool:
        return self.op == "const"

    @property
    def value(self) -> Real:
        """The number that a constant is."""
        assert self.op == "const"
        value: Real = self.data
        return value

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.args))
        data = "" if self.data is None else f"{self.data}"
        return f"{self.op}({', '.join(filter(None, (data, inner)))})"


# A curve holds its arguments, so that their ids are theirs as long as it lives.
_interned: WeakValueDictionary[Any, Curve] = WeakValueDictionary()


def _made(op: str, args: Iterable[Curve] = (), data: Any = None) -> Curve:
    args = tuple(args)
    key = (op, *map(id, args), data if op != "const" else _key(data))
    found = _interned.get(key)
    if found is None:
        found = _interned[key] = Curve(op, args, data)
    return found


def _key(value: Real) -> Any:
    rational = value.rational
    return rational if rational is not None else value.text


# ---------------------------------------------------------------- constructors


def constant(value: Real | Fraction | int) -> Curve:
    return _made("const", (), value if isinstance(value, Real) else Real.of(value))


X = _made("x")
ZERO = constant(0)
ONE = constant(1)


def number(curve: Curve) -> Real | None:
    """The value of a constant, or None."""
    return curve.data if curve.op == "const" else None


def _scaled(curve: Curve) -> tuple[Real, Curve]:
    """c and core with curve = c·core."""
    if curve.op == "const":
        return curve.value, ONE
    if curve.op == "mul" and curve.args[0].is_constant:
        return curve.args[0].value, _product(curve.args[1:])
    return Real.of(1), curve


def add(*terms: Curve) -> Curve:
    """Σ terms, like terms merged."""
    total: dict[Curve, Real] = {}
    for term in terms:
        for part in term.args if term.op == "add" else (term,):
            factor, core = _scaled(part)
            total[core] = total[core] + factor if core in total else factor
    kept = [_times(c, core) for core, c in total.items() if not _is_zero(c)]
    if not kept:
        return ZERO
    kept.sort(key=lambda part: part.is_constant)  # the number last
    return kept[0] if len(kept) == 1 else _made("add", kept)


def _is_zero(value: Real) -> bool:
    return value.rational == 0 or (value.rational is None and value.sign(numerical=True) == 0)


def _times(factor: Real, core: Curve) -> Curve:
    if core is ONE:
        return constant(factor)
    if factor.rational == 1:
        return core
    if core.op == "mul":
        return _made("mul", (constant(factor), *core.args))
    return _made("mul", (constant(factor), core))


def _product(factors: Iterable[Curve]) -> Curve:
    factors = tuple(factors)
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else _made("mul", factors)


def multiply(*factors: Curve) -> Curve:
    """Π factors; equal bases merge their exponents, exponentials their arguments."""
    coefficient = Real.of(1)
    powers: dict[Curve, Fraction] = {}
    exponents: list[Curve] = []
    for factor in factors:
        for part in factor.args if factor.op == "mul" else (factor,):
            if part.op == "const":
                coefficient = coefficient * part.value
            elif part.op == "fn" and part.data[0] == "exp":
                exponents.append(part.args[0])
            else:
                base, exponent = (part.args[0], part.data) if part.op == "pow" else (part, 1)
                powers[base] = powers.get(base, Fraction(0)) + exponent
    if _is_zero(coefficient):
        return ZERO
    parts = [power(base, exponent) for base, exponent in powers.items() if exponent]
    if exponents:
        parts.append(function("exp", add(*exponents)))
    flat = [p for part in parts for p in (part.args if part.op == "mul" else (part,))]
    numbers = [p for p in flat if p.is_constant]
    for each in numbers:
        coefficient = coefficient * each.value
    rest = [p for p in flat if not p.is_constant]
    if len(rest) == 1 and rest[0].op == "add" and coefficient.rational != 1:
        return add(*(multiply(constant(coefficient), term) for term in rest[0].args))
    return _times(coefficient, _product(rest)) if rest else constant(coefficient)


def negate(curve: Curve) -> Curve:
    return multiply(constant(-1), curve)


def subtract(left: Curve, right: Curve) -> Curve:
    return add(left, negate(right))


def power(base: Curve, exponent: Fraction | int) -> Curve:
    """base^exponent. (u^2k)^r is |u|^(2kr), which shows the kink that it has."""
    exponent = Fraction(exponent)
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    if base.op == "const":
        return constant(base.value**exponent)
    if base.op == "pow":
        inner: Fraction = base.data
        if exponent.denominator == 1 or inner.denominator != 1:
            return power(base.args[0], inner * exponent)
        if inner % 2 == 0:
            return power(absolute(base.args[0]), inner * exponent)
    if base.op == "abs" and exponent.denominator == 1 and exponent % 2 == 0:
        return power(base.args[0], exponent)
    if base.op == "mul" and exponent.denominator == 1:
        return multiply(*(power(factor, exponent) for factor in base.args))
    if base.op == "mul" and base.args[0].is_constant and base.args[0].value.sign() > 0:
        return multiply(power(base.args[0], exponent), power(_product(base.args[1:]), exponent))
    if base.op == "fn" and base.data[0] == "exp":
        return function("exp", multiply(constant(exponent), base.args[0]))
    return _made("pow", (base,), exponent)


def elementary(data: tuple[Any, ...], value: Real) -> Real:
    """An elementary function of a number; ``data`` is that of an ``fn`` curve."""
    name, *numbers = data
    if name == "lambertw":
        return apply(name, value, branch=numbers[0])
    return apply(name, *map(Real.of, numbers), value)


def function(name: str, argument: Curve, *numbers: int) -> Curve:
    """An elementary function of a curve."""
    if argument.op == "const":
        return constant(elementary((name, *numbers), argument.value))
    if name == "log" and argument.op == "fn" and argument.data[0] == "exp":
        return argument.args[0]
    if name == "exp" and argument.op == "fn" and argument.data[0] == "log":
        return argument.args[0]
    return _made("fn", (argument,), (name, *numbers))


def extreme(op: str, *curves: Curve) -> Curve:
    """The largest or smallest of some curves."""
    flat = dict.fromkeys(
        p for curve in curves for p in (curve.args if curve.op == op else (curve,))
    )
    numbers = [curve.value for curve in flat if curve.is_constant]
    rest = [curve for curve in flat if not curve.is_constant]
    if numbers:
        rest.append(constant((max if op == "max" else min)(numbers)))
    return rest[0] if len(rest) == 1 else _made(op, rest)


def absolute(curve: Curve) -> Curve:
    """|u|; a factor that is never negative comes out."""
    if curve.op == "const":
        return constant(abs(curve.value))
    factor, core = _scaled(curve)
    if factor.rational != 1:
        return multiply(constant(abs(factor)), absolute(core))
    if core.op == "abs" or (core.op == "pow" and core.data % 2 == 0):
        return core
    if core.op == "fn" and core.data[0] == "exp":
        return core
    return _made("abs", (core,))


def sign(curve: Curve) -> Curve:
    if curve.op == "const":
        return constant(curve.value.sign())
    return _made("sign", (curve,))


def floor(curve: Curve) -> Curve:
    if curve.op == "const":
        return constant(apply("floor", curve.value))
    return _made("floor", (curve,))


def where(relations: tuple[str, ...], *args: Curve) -> Curve:
    """piecewise(c1 ~ 0, v1, c2 ~ 0, v2, …, else) with the relations ~."""
    return _made("where", args, relations)


# ---------------------------------------------------------------- walks


def walk(root: Curve, visit: Callable[[Curve, list[_T]], _T]) -> _T:
    """Bottom-up value of a curve; equal parts are visited once."""
    done: dict[Curve, _T] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        missing = [arg for arg in node.args if arg not in done]
        if missing:
            stack.extend(reversed(missing))
            continue
        done[node] = visit(node, [done[arg] for arg in node.args])
        stack.pop()
    return done[root]


def rebuilt(node: Curve, args: list[Curve]) -> Curve:
    """A smooth operation on other arguments."""
    match node.op:
        case "add":
            return add(*args)
        case "mul":
            return multiply(*args)
        case "pow":
            return power(args[0], node.data)
        case "fn":
            name, *numbers = node.data
            return function(name, args[0], *numbers)
    return node


def in_exponentials(root: Curve) -> Curve:
    """sinh, cosh and tanh written with exp."""
    return walk(root, _in_exponentials)


def _in_exponentials(node: Curve, below: list[Curve]) -> Curve:
    if node.op != "fn" or node.data[0] not in ("sinh", "cosh", "tanh"):
        return rebuilt(node, below)
    up, down = function("exp", below[0]), function("exp", negate(below[0]))
    half = constant(Fraction(1, 2))
    sine, cosine = multiply(half, subtract(up, down)), multiply(half, add(up, down))
    if node.data[0] == "tanh":
        return multiply(sine, power(cosine, -1))
    return sine if node.data[0] == "sinh" else cosine


KINKED = frozenset({"max", "min", "abs", "sign", "floor", "where"})


def is_smooth(root: Curve) -> bool:
    """Whether no kink is written anywhere in the curve."""
    if "smooth" not in root.memo:
        root.memo["smooth"] = walk(root, lambda node, below: node.op not in KINKED and all(below))
    found: bool = root.memo["smooth"]
    return found
