"""Curves as formulas, for people."""

from __future__ import annotations

from fractions import Fraction

from gradform.exact import Real
from gradform.formula.tree import Add, Call, Compare, Formula, Mul, Name, Neg, Number, Power
from gradform.nonsmooth.line.curve import Curve, walk
from gradform.syntax.parser import parse_formula

__all__ = ["written"]


def written(root: Curve, variable: str = "x") -> Formula:
    """The formula tree of a curve."""
    return walk(root, lambda node, below: _written(node, below, variable))


def _written(node: Curve, below: list[Formula], variable: str) -> Formula:
    match node.op:
        case "const":
            return number_written(node.value)
        case "x":
            return Name(variable)
        case "add":
            return _sum(below)
        case "mul":
            return _product(node.args, below)
        case "pow":
            return _power(below[0], node.data)
        case "fn":
            return _call(node.data, below[0])
        case "where":
            return _cases(node.data, below)
    return Call(node.op, tuple(below))


def number_written(value: Real) -> Formula:
    rational = value.rational
    if rational is None:
        return parse_formula(value.text).body
    return Neg(_fraction(-rational)) if rational < 0 else _fraction(rational)


def _fraction(value: Fraction) -> Formula:
    if value.denominator == 1:
        return Number(value)
    return Mul((Number(Fraction(value.numerator)), Number(Fraction(value.denominator))), ("*", "/"))


def _sum(terms: list[Formula]) -> Formula:
    """Terms with their signs outside; one without a minus comes first when there is one."""
    signed = [(-1, term.operand) if isinstance(term, Neg) else (1, term) for term in terms]
    first = next((k for k, (sign, _) in enumerate(signed) if sign > 0), 0)
    signed.insert(0, signed.pop(first))
    sign, head = signed[0]
    parts = (Neg(head) if sign < 0 else head, *(term for _, term in signed[1:]))
    return Add(parts, (1, *(sign for sign, _ in signed[1:])))


def _product(args: tuple[Curve, ...], below: list[Formula]) -> Formula:
    """c·a·b/(d·e): what has a negative exponent goes below."""
    coefficient = args[0].value if args[0].is_constant else Real.of(1)
    rational = coefficient.rational
    negative = coefficient.sign(numerical=True) < 0
    above: list[Formula] = []
    under: list[Formula] = []
    if rational is None:
        above.append(number_written(-coefficient if negative else coefficient))
    else:
        if abs(rational.numerator) != 1:
            above.append(Number(Fraction(abs(rational.numerator))))
        if rational.denominator != 1:
            under.append(Number(Fraction(rational.denominator)))
    for arg, formula in zip(args, below, strict=True):
        if arg.is_constant:
            continue
        if arg.op == "pow" and arg.data < 0:
            base = formula.factors[1] if isinstance(formula, Mul) else formula
            under.append(base)
        else:
            above.append(formula)
    factors = above or [Number(Fraction(1))]
    ops = ["*"] * len(factors)
    if under:
        factors.append(under[0] if len(under) == 1 else Mul(tuple(under), ("*",) * len(under)))
        ops.append("/")
    product = factors[0] if len(factors) == 1 else Mul(tuple(factors), tuple(ops))
    return Neg(product) if negative else product


def _power(base: Formula, exponent: Fraction) -> Formula:
    if exponent < 0:
        return Mul((Number(Fraction(1)), _power(base, -exponent)), ("*", "/"))
    if exponent == 1:
        return base
    if exponent == Fraction(1, 2):
        return Call("sqrt", (base,))
    return Power(base, _fraction(exponent), False)


def _call(data: tuple[object, ...], argument: Formula) -> Formula:
    name, *numbers = data
    if name == "lambertw":
        branch = () if numbers == [0] else (Neg(Number(Fraction(1))),)
        return Call("LambertW", (argument, *branch))
    if name == "polygamma":
        return Call("polygamma", (Number(Fraction(str(numbers[0]))), argument))
    return Call(str(name), (argument,))


def _cases(relations: tuple[str, ...], below: list[Formula]) -> Formula:
    zero = Number(Fraction(0))
    args: list[Formula] = []
    for k, relation in enumerate(relations):
        args += [Compare(relation, below[2 * k], zero), below[2 * k + 1]]
    return Call("piecewise", (*args, below[-1]))
