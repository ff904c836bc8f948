"""Sums of squares, told by the form of the formula: their roots are norms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradform.formula.tree import Add, Call, Formula, Mul, Neg, Number, Power, Transpose
from gradform.notation.text import to_text
from gradform.records import record

__all__ = ["Hidden", "Square", "hidden_norm", "squares_of"]


@record(eq=False)
class Square:
    """weight·Σ baseᵢ², weight > 0."""

    weight: Fraction
    base: Formula


_ONE = Number(Fraction(1))
ShapeOf = Callable[[Formula], "tuple[int, int] | None"]


@record(eq=False)
class Hidden:
    """norm2(all bases)^exponent, written as a power of a sum of squares."""

    squares: tuple[Square, ...]
    exponent: Fraction


def hidden_norm(node: Formula, shape_of: ShapeOf) -> Hidden | None:
    """The squares under a root or another broken power: sqrt(…), (…)^(3/2)."""
    found: tuple[Square, ...] | None = None
    match node:
        case Call(name="sqrt", args=(inner,)):
            found, power = squares_of(inner, shape_of), Fraction(1, 2)
        case Power(base=base, exponent=exponent):
            number = _number(exponent)
            if number is None or number.denominator == 1:
                return None
            found, power = squares_of(base, shape_of), number
    return None if found is None else Hidden(found, 2 * power)


def squares_of(node: Formula, shape_of: ShapeOf) -> tuple[Square, ...] | None:
    """The node as a sum of squares of whole arrays, if its form shows that."""
    match node:
        case Add() if all(sign > 0 for sign in node.signs):
            found = [_constant(term) or squares_of(term, shape_of) for term in node.terms]
            if any(part is None for part in found):
                return None
            return tuple(square for part in found if part is not None for square in part)
        case Mul():
            return _product(node, shape_of)
        case Power(base=base, exponent=exponent) if _number(exponent) == 2 and shape_of(base) == (
            1,
            1,
        ):
            return (Square(Fraction(1), _under_norm(base)),)
        case Call(name="sumsq", args=(inner,)):
            return (Square(Fraction(1), inner),)
        case Call(name="sum", args=(Power(base=base, exponent=exponent),)):
            return (Square(Fraction(1), base),) if _number(exponent) == 2 else None
        case Call(name="dot", args=(left, right)) if to_text(left) == to_text(right):
            return (Square(Fraction(1), left),)
    return None


def _constant(node: Formula) -> tuple[Square, ...] | None:
    """c > 0 is c·1²"""
    number = _number(node)
    return (Square(number, _ONE),) if number is not None and number > 0 else None


def _product(node: Mul, shape_of: ShapeOf) -> tuple[Square, ...] | None:
    """c·squares, squares/c, x'*x"""
    weight = Fraction(1)
    rest: list[tuple[str, Formula]] = []
    for op, factor in zip(node.ops, node.factors, strict=True):
        number = _number(factor)
        if number is None:
            rest.append((op, factor))
        elif number <= 0:
            return None
        else:
            weight = weight / number if op in ("/", "./") else weight * number
    if any(op in ("/", "./") for op, _ in rest):
        return None
    factors = [factor for _, factor in rest]
    if len(factors) == 2 and isinstance(factors[0], Transpose):
        shape = shape_of(factors[1])
        column = shape is not None and shape[1] == 1
        if column and to_text(factors[0].operand) == to_text(factors[1]):
            return (Square(weight, factors[1]),)
        return None
    if len(factors) == 1:
        inner = squares_of(factors[0], shape_of)
        return inner and tuple(Square(weight * s.weight, s.base) for s in inner)
    return None


def _number(node: Formula) -> Fraction | None:
    match node:
        case Number():
            return node.value
        case Neg():
            inner = _number(node.operand)
            return None if inner is None else -inner
        case Mul():
            total = Fraction(1)
            for op, factor in zip(node.ops, node.factors, strict=True):
                number = _number(factor)
                if number is None or (op in ("/", "./") and number == 0):
                    return None
                total = total / number if op in ("/", "./") else total * number
            return total
    return None


def _under_norm(node: Formula) -> Formula:
    if isinstance(node, Call) and node.name == "norm2":
        return node.args[0]
    return node
