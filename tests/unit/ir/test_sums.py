"""Sums and multiples: like terms, numbers, the primitive part."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Coefficient, Contraction, Node, Sum
from tests.unit.ir.networks import agrees, fn, n, point, random_tensor, sym

x, y, A, B, S, c = (Expr(sym(name)) for name in "xyABSc")
HALF = Fraction(1, 2)
NUMBERS: tuple[Coefficient, ...] = (1, -1, 2, Fraction(1, 3), Fraction(-2, 5))


def test_like_terms_merge() -> None:
    assert (x + x).node is (2 * x).node
    assert (x * 2 + x * HALF - x * 3).node is (x * -HALF).node
    assert (x + y - x).node is y.node
    assert (A @ x + B @ x - A @ x * 2).node is (B @ x - A @ x).node
    assert (A + A.T + A.T - A).node is (A.T * 2).node
    assert (S + S.T).node is (2 * S).node


def test_what_cancels_is_zero_of_its_axes() -> None:
    for node in (x, A, c):
        gone = (node - node).node
        assert build.is_zero(gone)
        assert gone.axes == node.node.axes


def test_a_sum_has_distinct_terms_with_nonzero_exact_numbers() -> None:
    for seed in range(150):
        rng, at = random.Random(seed), point(seed)
        tensors = [random_tensor(rng, at, 2) for _ in range(8)]
        alike = [t for t in tensors if t.node.axes == tensors[0].node.axes]
        numbers = [rng.choice(NUMBERS) for _ in alike]
        pairs = list(zip(numbers, alike, strict=True)) * 2
        node = build.linear_combination([(k, t.node) for k, t in pairs], tensors[0].node.axes)
        value = np.sum([float(k) * t.array for k, t in pairs], axis=0)
        agrees(node, value, at)
        if isinstance(node, Sum):
            _is_well_formed(node)


def _is_well_formed(node: Sum) -> None:
    terms = [term for _, term in node.terms]
    assert len(set(terms)) == len(terms) > 1
    assert all(k != 0 for k, _ in node.terms)
    assert not any(isinstance(term, Sum) for term in terms)
    assert all(term.coefficient == 1 for term in terms if isinstance(term, Contraction))


def test_sums_of_sums_are_flat() -> None:
    node = ((x + y) + (x - 2 * y) * 3).node
    assert isinstance(node, Sum)
    assert node is (4 * x - 5 * y).node


def test_very_long_sums_stay_linear() -> None:
    total = x
    for k in range(400):
        total = total + fn("exp")(x * (k + 2))
    assert isinstance(total.node, Sum)
    assert len(total.node.terms) <= 50


def test_multiples() -> None:
    assert build.scale(1, x.node) is x.node
    assert build.is_zero(build.scale(0, A.node))
    assert build.scale(3, (x + y).node) is (3 * x + 3 * y).node
    assert build.scale(HALF, build.scale(2, A.node)) is A.node
    assert build.scale(-1, (-x).node) is x.node
    assert build.constant_value(build.scale(6, build.constant(HALF, (n,)))) == 3


@pytest.mark.parametrize(
    ("node", "content", "core"),
    [
        ((2 * x + 4 * y).node, 2, (x + 2 * y).node),
        ((x * HALF + y * Fraction(1, 3)).node, Fraction(1, 6), (3 * x + 2 * y).node),
        ((x * Fraction(2, 3) + y * Fraction(4, 9)).node, Fraction(2, 9), (3 * x + 2 * y).node),
        ((2 - 2 * x * x).node, 2, (1 - x * x).node),
        ((x * x - 1).node, -1, (1 - x * x).node),
    ],
)
def test_primitive_part(node: Node, content: Coefficient, core: Node) -> None:
    assert isinstance(node, Sum)
    assert build.primitive(node) == (content, core)


def test_primitive_parts_are_coprime_and_restore_the_sum() -> None:
    for first, second in product((2, -3, -6, *NUMBERS), repeat=2):
        node = (x * first + y * second).node
        assert isinstance(node, Sum)
        content, core = build.primitive(node)
        assert isinstance(core, Sum)
        assert build.scale(content, core) is node
        assert build.primitive(core) == (1, core)
        assert all(isinstance(k, int) for k, _ in core.terms)
        opposite = build.scale(-1, node)
        assert isinstance(opposite, Sum)
        assert build.primitive(opposite) == (-content, core)


def test_a_square_of_a_difference_has_one_form() -> None:
    assert ((x - y) ** 2).node is ((y - x) ** 2).node
    assert ((x - y) ** 3).node is (-((y - x) ** 3)).node
    assert ((2 * x - 4 * y) ** 2).node is (4 * (x - 2 * y) ** 2).node


def test_constants_are_terms() -> None:
    node = (x + 1 - 3 + 2).node
    assert node is x.node
    assert (1 + x - 1 * x).node is build.ones(n)
