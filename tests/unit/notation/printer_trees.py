"""Random formula trees, and what a tree means up to the rewritings a printer may do."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from gradform.formula.tree import (
    Add,
    Call,
    Definition,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    fold,
)

NAMES = ("a", "x", "y", "A", "X", "n", "alpha", "x_1", "W12", "loss", "pi", "λ", "x_max", "_t")
FUNCTIONS = ("tanh", "inv", "kron", "norm2", "sum", "eye", "ones", "commute", "log_det", "sqrt")
NUMBERS = tuple(map(Fraction, ("0", "1", "2", "10", "0.5", "2.25", "1e-9", "1.5e20", "-3", "-0.1")))
RATIOS = (Fraction(1, 3), Fraction(-22, 7))
MODULUS = 2**61 - 1


def random_program(random: Random, *, ratios: bool = True) -> Program:
    """A program with up to two named intermediates."""
    definitions = tuple(
        Definition(name, random_tree(random, 3, ratios=ratios))
        for name in ("u", "v_2")[: random.randrange(3)]
    )
    return Program(definitions, random_tree(random, 4, ratios=ratios))


def random_tree(random: Random, depth: int, *, ratios: bool = True) -> Formula:
    """A formula tree, well formed but not well typed."""

    def below() -> Formula:
        return random_tree(random, depth - 1, ratios=ratios)

    def some(least: int) -> tuple[Formula, ...]:
        return tuple(below() for _ in range(random.randrange(least, least + 3)))

    kind = random.randrange(12) if depth > 0 else 0
    match kind:
        case 0 if random.random() < 0.3:
            return Number(random.choice(NUMBERS + (RATIOS if ratios else ())))
        case 0 | 1:
            return Name(random.choice(NAMES))
        case 2 | 3:
            terms = some(2)
            return Add(terms, (1, *(random.choice((1, -1)) for _ in terms[1:])))
        case 4 | 5 | 6:
            factors = some(2)
            operators = (random.choice(("*", "*", "/", ".*", "./")) for _ in factors[1:])
            return Mul(factors, ("*", *operators))
        case 7:
            return Neg(below())
        case 8:
            operand = below()
            # The parser reads x'' as x, so there is no such tree to come back.
            return operand if isinstance(operand, Transpose) else Transpose(operand)
        case 9:
            return Power(below(), below(), random.random() < 0.5)
        case 10:
            return Call(random.choice(FUNCTIONS), some(1))
        case _:
            return _random_brackets(random, below())


def _random_brackets(random: Random, block: Formula) -> Formula:
    two = Number(Fraction(2))
    ends = (None, two, Name("n"))
    match random.randrange(4):
        case 0:
            return Call("x", (two,))
        case 1:
            start, stop = random.choice(((None, None), (two, Name("n"))))
            return Call("A", (Number(Fraction(1)), Slice(start, stop)))
        case 2:
            return Stack(((block,), (two,)))
        case _:
            return Stack(((Name("x"), block), (two, random.choice(ends) or block)))


_RIGHT_EXPONENT = {"*": 3, "/": 5, ".*": 7, "./": 9}


def meaning(formula: Formula) -> int:
    """A value modulo a prime that tells trees apart, but not by what printing may change.

    A binary operator is linear on its left and odd on its right, so that a minus may move
    through a product and ``(a*b)*c`` is ``a*b*c``, while ``a*(b*c)`` is something else.
    """
    return fold(formula, _meaning)


def program_meaning(program: Program) -> list[tuple[str, int]]:
    named = [(each.name, meaning(each.value)) for each in program.definitions]
    return [*named, ("", meaning(program.body))]


def _meaning(node: Formula, values: list[int]) -> int:
    match node:
        case Number():
            inverse = pow(node.value.denominator, -1, MODULUS)
            return node.value.numerator * inverse % MODULUS
        case Neg():
            return -values[0] % MODULUS
        case Add():
            return sum(s * v for s, v in zip(node.signs, values, strict=True)) % MODULUS
        case Mul():
            product = values[0]
            for operator, value in zip(node.ops[1:], values[1:], strict=True):
                product = product * pow(value, _RIGHT_EXPONENT[operator], MODULUS) % MODULUS
            return product
        case _:
            return Random(f"{_label(node)} {values}").randrange(MODULUS)


def _label(node: Formula) -> str:
    match node:
        case Name() | Call():
            return node.name
        case Power():
            return f"power {node.elementwise}"
        case Stack():
            return f"stack {[len(row) for row in node.rows]}"
        case Slice():
            return f"slice {node.start is None} {node.stop is None}"
        case _:
            return type(node).__name__
