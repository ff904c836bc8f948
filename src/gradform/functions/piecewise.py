"""Functions by cases: ``piecewise``, and the choices that its conditions come down to.

A choice takes one of two values, entry by entry, by the sign of its first argument. What
multiplies a choice that is 0 on one side goes inside, so that a derivative never holds
0·∞: the value that is not taken may be undefined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradform.functions.operators import content
from gradform.functions.record import (
    Condition,
    Function,
    Powers,
    composite,
    define,
)
from gradform.functions.shapes import Shape, Unifier, elementwise
from gradform.functions.sources import matlab
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Coefficient, Contraction, Leaf, Node, Sum
from gradform.ir.sign import is_nonnegative, is_positive
from gradform.ir.sums import TERM_LAWS, Terms
from gradform.language import say

# ---------------------------------------------------------------- choices


def _possible_signs(c: Node) -> frozenset[int]:
    """The signs -1, 0 and 1 that c may have."""
    value = build.constant_value(c)
    if value is not None:
        return frozenset({(value > 0) - (value < 0)})
    for node, sign in ((c, 1), (build.scale(-1, c), -1)):
        if is_positive(node):
            return frozenset({sign})
        if is_nonnegative(node):
            return frozenset({0, sign})
    return frozenset({-1, 0, 1})


def _rewritten(
    signs: frozenset[int], this: Callable[[], Function], turned: Callable[..., Expr]
) -> Callable[[Node, Node, Node], Expr | Node | None]:
    """where(c, a, a) = a; a known sign decides; of c, -c and 2c one is kept.

    The first value is taken where c has one of the ``signs``; ``turned(-c, a, b)`` is the
    choice written with -c.
    """

    def rewrite(c: Node, a: Node, b: Node) -> Expr | Node | None:
        possible = _possible_signs(c)
        if a is b or possible <= signs:
            return a
        if not possible & signs:
            return b
        number, core = build.primitive(c) if isinstance(c, Sum) else content(c)
        if number < 0:
            return turned(Expr(core), Expr(a), Expr(b))
        return None if number == 1 else this().apply(core, a, b)

    return rewrite


def _is_infinite(node: Apply) -> bool:
    """Whether a value is infinite: nothing is calculated with it."""
    infinity = build.number("inf")
    return any(
        value is infinity
        or (isinstance(value, Contraction) and any(f is infinity for f, _, _ in value.factors))
        for value in node.args[1:]
    )


def _product(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
    """where(c, a, b)·where(c, d, e) = where(c, a·d, b·e), where(c, a, 0)·f = where(c, a·f, 0)"""
    c, *values = node.args
    if p != 1 or isinstance(other, Leaf) or _is_infinite(node):
        return None
    if isinstance(other, Apply) and other.fn is node.fn and other.args[0] is c:
        if _is_infinite(other):
            return None
        factors = other.args[1:]
    elif any(build.is_zero(value) for value in values):
        factors = (other, other)
    else:
        return None
    inside = [
        build.hadamard(value, build.power(factor, q))
        for value, factor in zip(values, factors, strict=True)
    ]
    return [(node.fn.apply(c, *inside), 1)]


def _power(node: Apply, p: Coefficient) -> Powers | None:
    """where(c, a, b)^p = where(c, a^p, b^p)"""
    c, *values = node.args
    if _is_infinite(node) or (p <= 0 and any(build.is_zero(value) for value in values)):
        return None
    return [(node.fn.apply(c, *(build.power(value, p) for value in values)), 1)]


def _choice(
    name: str,
    comparison: str,
    signs: set[int],
    this: Callable[[], Function],
    turned: Callable[..., Expr],
) -> Function:
    """The choice whose first value is taken where its condition has one of the signs."""
    return define(
        name,
        formula=f"a where c {comparison} 0, b elsewhere, entrywise",
        d=(
            lambda c, a, b, y: 0,
            lambda c, a, b, y: this()(c, c * 0 + 1, c * 0),
            lambda c, a, b, y: this()(c, c * 0, c * 0 + 1),
        ),
        rewrite=_rewritten(frozenset(signs), this, turned),
        product_laws=(_product,),
        power_law=_power,
        chooses=True,
        conditions=(Condition("{0} != 0", smooth=True),),
        evaluate=_evaluated(comparison),
        arguments=("x, y, p", "a, x, y", "x, a, y"),
        definition=f"piecewise(x {comparison} 0, y, z)",
        spell={
            "numpy": f"np.where({{0}} {comparison} 0, {{1}}, {{2}})",
            "c": f"({{0}} {comparison} 0.0 ? {{1}} : {{2}})",
            "python": f"{{1}} if {{0}} {comparison} 0.0 else {{2}}",
            "matlab": f"choose({{0}} {comparison} 0, {{1}}, {{2}})",
            "julia": f"ifelse.({{0}} .{comparison} 0, {{1}}, {{2}})",
        },
        helpers={"matlab": matlab.CHOOSE},
    )


_COMPARE: dict[str, Callable[[Any], Any]] = {
    "<": lambda c: c < 0,
    "<=": lambda c: c <= 0,
    "==": lambda c: c == 0,
    "!=": lambda c: c != 0,
    ">=": lambda c: c >= 0,
    ">": lambda c: c > 0,
}


def _evaluated(comparison: str) -> Callable[..., Any]:
    return lambda np, c, a, b: np.where(_COMPARE[comparison](np.real(c)), a, b)


where_negative: Function = _choice(
    "where_negative",
    "<",
    {-1},
    lambda: where_negative,
    lambda c, a, b: where_nonpositive(c, b, a),
)

where_nonpositive: Function = _choice(
    "where_nonpositive",
    "<=",
    {-1, 0},
    lambda: where_nonpositive,
    lambda c, a, b: where_negative(c, b, a),
)

where_zero: Function = _choice(
    "where_zero",
    "==",
    {0},
    lambda: where_zero,
    lambda c, a, b: where_zero(c, a, b),
)

COMPARISONS = {where_negative: "<", where_nonpositive: "<=", where_zero: "=="}


def _sum_of_choices(terms: Terms) -> Terms | None:
    """p·where(c, a, b) + q·where(c, d, e) = where(c, p·a + q·d, p·b + q·e)"""
    groups: dict[tuple[Function, Node], Terms] = {}
    rest: Terms = []
    for number, node in terms:
        if isinstance(node, Apply) and node.fn in COMPARISONS and not _is_infinite(node):
            groups.setdefault((node.fn, node.args[0]), []).append((number, node))
        else:
            rest.append((number, node))
    if all(len(group) == 1 for group in groups.values()):
        return None
    for (fn, c), group in groups.items():
        values = [
            build.linear_combination([(n, node.children[k]) for n, node in group], c.axes)
            for k in (1, 2)
        ]
        rest.append((1, fn.apply(c, *values)))
    return rest


TERM_LAWS.append(_sum_of_choices)


# ---------------------------------------------------------------- piecewise


_CHOOSE: dict[str, Callable[[Expr, Expr, Expr], Expr]] = {
    "<": where_negative,
    "<=": where_nonpositive,
    "==": where_zero,
    "!=": lambda c, a, b: where_zero(c, b, a),
    ">=": lambda c, a, b: where_negative(c, b, a),
    ">": lambda c, a, b: where_nonpositive(c, b, a),
}


def _pairs(parts: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    """Conditions with their values, last ones first."""
    return list(zip(parts[:-1:2], parts[1::2], strict=True))[::-1]


def _by_cases(*parts: Any) -> Expr:
    result: Expr = parts[-1].e
    for condition, value in _pairs(parts):
        result = _CHOOSE[condition.operator](condition.difference.e, value.e, result)
    return result


def _first_true(np: Any, *parts: Any) -> Any:
    result = parts[-1]
    for condition, value in _pairs(parts):
        result = np.where(condition, value, result)
    return result


def _shape_of_cases(unify: Unifier, name: str, args: Any) -> Shape:
    """Conditions and values of one shape, or scalars."""
    return elementwise(unify, name, args)


piecewise: Function = composite(
    "piecewise",
    parameters=("condition", "expr", "expr"),
    repeats=2,
    arity_hint=say("piecewise(x < 0, -x, x): conditions and values in turn, and a last value"),
    formula="the value after the first condition that holds, else the last; entrywise",
    shape=_shape_of_cases,
    build=_by_cases,
    evaluate=_first_true,
    elementary=True,
    arguments=("x < 0, y, p", "a < c, x, y", "x <= 0, p, x > y, x, y", "c != a, x, y"),
)
