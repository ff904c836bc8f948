"""Random products, sums and functions keep their values in normal form."""

from __future__ import annotations

import random

from gradform.ir import build
from gradform.ir.nodes import Contraction, Leaf, Node, Sum, topological
from gradform.ir.rebuild import rebuild
from tests.unit.ir.networks import agrees, point, random_network, random_tensor

CASES = 700


def test_random_networks_have_the_value_of_their_terms() -> None:
    defined = 0
    for seed in range(CASES):
        at = point(seed)
        made = random_network(random.Random(seed), at, 1 + seed % 3)
        defined += agrees(made.node(), made.value(at), at)
    assert defined > 6 * CASES


def test_random_expressions_have_the_value_of_their_parts() -> None:
    defined = 0
    for seed in range(CASES):
        at = point(seed)
        node, value = random_tensor(random.Random(seed), at, 4)
        defined += agrees(node, value, at)
    assert defined > 3 * CASES


def well_formed(node: Node) -> None:
    """What every node promises of itself."""
    match node:
        case Sum():
            assert len({term for _, term in node.terms}) == len(node.terms) > 1
            assert all(term.axes == node.axes and c != 0 for c, term in node.terms)
        case Contraction():
            used = [label for _, labels, _ in node.factors for label in labels]
            assert set(range(node.rank, len(node.dims))) <= set(used)
            for factor, labels, power in node.factors:
                assert power != 0
                assert tuple(node.dims[label] for label in labels) == factor.axes
                assert not (isinstance(factor, Leaf) and factor.rank and power != 1)
                assert not build.is_zero(factor)
                nested = isinstance(factor, Contraction) and not factor.factors
                assert not nested, "a number is a coefficient"


def test_random_expressions_are_well_formed() -> None:
    for seed in range(CASES):
        root = random_tensor(random.Random(seed), point(seed), 3).node
        for node in topological(root):
            well_formed(node)


def test_rebuilding_a_normal_form_changes_nothing() -> None:
    """Every factor put in again, in the order in which it stands."""
    for seed in range(CASES):
        root = random_tensor(random.Random(seed), point(seed), 3).node
        for node in topological(root):
            if isinstance(node, Contraction):
                again = build.contract(
                    node.coefficient,
                    node.factors,
                    tuple(range(node.rank)),
                    dict(enumerate(node.dims)),
                )
                assert again is node, seed
        assert rebuild(root, lambda kid: kid) is root
