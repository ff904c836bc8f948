"""Sums of squares, told by the form of the formula: their roots are norms."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from gradform.formula.tree import Add, Call, Formula, Mul, Neg, Number, Power, Transpose
from gradform.nonsmooth.space.model import Model
from gradform.notation.text import to_text
from gradform.records import record

__all__ = ["Hidden", "Square", "hidden_norm", "squares_of"]


@record(eq=False)
class Square:
    """weight·Σ (R·base)ᵢ², weight > 0; without ``factor`` R is the identity."""

    weight: Fraction
    base: Formula
    factor: Model | None = None


_ONE = Number(Fraction(1))


class Known(Protocol):
    """What is known of parts before they are read."""

    def shape_of(self, node: Formula) -> tuple[int, int] | None: ...

    def root_of(self, between: Sequence[Formula]) -> Model | None:
        """R with R'R = P for a constant semidefinite product P, else None."""


@record(eq=False)
class Hidden:
    """norm2(all bases)^exponent, written as a power of a sum of squares."""

    squares: tuple[Square, ...]
    exponent: Fraction


def hidden_norm(node: Formula, known: Known) -> Hidden | None:
    """The squares under a root or another broken power: sqrt(…), (…)^(3/2)."""
    found: tuple[Square, ...] | None = None
    match node:
        case Call(name="sqrt", args=(inner,)):
            found, power = squares_of(inner, known), Fraction(1, 2)
        case Power(base=base, exponent=exponent):
            number = _number(exponent)
            if number is None or number.denominator == 1:
                return None
            found, power = squares_of(base, known), number
    return None if found is None else Hidden(found, 2 * power)


def squares_of(node: Formula, known: Known) -> tuple[Square, ...] | None:
    """The node as a sum of squares of whole arrays, if its form shows that."""
    match node:
        case Add() if all(sign > 0 for sign in node.signs):
            found = [_constant(term) or squares_of(term, known) for term in node.terms]
            if any(part is None for part in found):
                return None
            return tuple(square for part in found if part is not None for square in part)
        case Mul():
            return _product(node, known)
        case Power(base=base, exponent=exponent) if _number(exponent) == 2 and known.shape_of(
            base
        ) == (
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


def _product(node: Mul, known: Known) -> tuple[Square, ...] | None:
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
    if len(factors) > 1 and isinstance(factors[0], Transpose):
        shape = known.shape_of(factors[-1])
        column = shape is not None and shape[1] == 1
        if not column or to_text(factors[0].operand) != to_text(factors[-1]):
            return None
        if len(factors) == 2:
            return (Square(weight, factors[1]),)
        root = known.root_of(factors[1:-1])
        return None if root is None else (Square(weight, factors[-1], root),)
    if len(factors) == 1:
        inner = squares_of(factors[0], known)
        return inner and tuple(Square(weight * s.weight, s.base, s.factor) for s in inner)
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
