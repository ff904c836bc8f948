"""Transposes, orientation, permutations, and what is pulled out of functions."""

from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol
from tests.unit.ir.networks import agrees, fn, n, network, point, random_tensor, sym

A, B, D, P, Q, S, X, x, y, w, c = (Expr(sym(name)) for name in "ABDPQSXxywc")
inv, tanh, exp, expm = fn("inv"), fn("tanh"), fn("exp"), fn("expm")


def matrices() -> list[tuple[int, Node]]:
    """Random matrices with the seeds of their points."""
    found: list[tuple[int, Node]] = []
    seed = 0
    while len(found) < 150:
        node = random_tensor(random.Random(seed), point(seed), 1 + seed % 3).node
        if node.rank == 2:
            found.append((seed, node))
        seed += 1
    return found


MATRICES = matrices()


def test_the_transpose_of_the_transpose_is_the_matrix() -> None:
    for seed, node in MATRICES:
        assert build.transpose(build.transpose(node)) is node, seed


def test_the_transpose_has_the_transposed_value() -> None:
    for seed, node in MATRICES:
        at = point(seed)
        value = network(at, "ij->ij", node).entries[0].tensor.array
        agrees(build.transpose(node), value.T, at)


def test_orientation_is_one_for_both() -> None:
    for seed, node in MATRICES:
        other = build.transpose(node)
        core, flipped = build.oriented(node)
        assert core is build.oriented(other)[0], seed
        assert core is (other if flipped else node), seed


def test_functions_commute_with_transposes() -> None:
    for seed, node in MATRICES:
        assert tanh.apply(build.transpose(node)) is build.transpose(tanh.apply(node)), seed


def test_inverses_commute_with_transposes() -> None:
    for seed, node in MATRICES:
        if node.axes[0] is node.axes[1] and not build.is_zero(node):
            assert inv.apply(build.transpose(node)) is build.transpose(inv.apply(node)), seed


NAMES = "BCDEFGHKLMNPQRSTUVWZ"


@pytest.mark.parametrize("fun", ["inv", "pinv", "det", "logdet"])
def test_a_difference_from_a_transpose(fun: str) -> None:
    """The sign and the orientation of a sum are chosen for it and its transpose at once."""
    record = fn(fun)
    for name in NAMES:
        other = Expr(symbol(name, (n, n)))
        for difference in (
            A - other.T,
            other.T - A,
            A @ other - 2 * other.T @ A.T,
            A @ other.T - other * A.T,
        ):
            found = record.apply(difference.node)
            turned = record.apply(difference.T.node)
            assert turned is (build.transpose(found) if found.rank else found), name


def test_products_transpose_in_reverse() -> None:
    assert (A @ B).T.node is (B.T @ A.T).node
    assert (X @ A).T.node is (A.T @ X.T).node
    assert (A * B).T.node is (A.T * B.T).node
    assert (A + B.T).T.node is (A.T + B).node
    assert inv(A).T.node is inv(A.T).node
    assert x.T.node is x.node


SYMMETRIC: dict[str, Expr] = {
    "S": S,
    "P": P,
    "D": D,
    "I": Expr(build.delta(n)),
    "A + A'": A + A.T,
    "A*A'": A @ A.T,
    "A*S*A'": A @ S @ A.T,
    "A.*A'": A * A.T,
    "x*x'": Expr(build.outer(x.node, x.node)),
    "inv(S)": inv(S),
    "inv(A + A')": inv(A + A.T),
    "tanh(S)": tanh(S),
    "expm(S)": expm(S),
    "S*B*B'*S": S @ B @ B.T @ S,
    "2*S - I": 2 * S - Expr(build.delta(n)),
    "S.*P": S * P,
    "ones": Expr(build.ones(n, n)),
    "expm(A + A')": expm(A + A.T),
    "inv(A)*inv(A)'": inv(A) @ inv(A).T,
}
NOT_SYMMETRIC: dict[str, Expr] = {
    "A": A,
    "S*P": S @ P,
    "A*B": A @ B,
    "Q": Q,
    "A - A'": A - A.T,
    "inv(A)": inv(A),
    "tanh(A)": tanh(A),
    "x*y'": Expr(build.outer(x.node, y.node)),
    "S + A": S + A,
    "tril": Expr(build.lower(n)),
    "X": X,
}


@pytest.mark.parametrize("name", SYMMETRIC)
def test_symmetric_by_form(name: str) -> None:
    node = SYMMETRIC[name].node
    assert build.transpose(node) is node
    assert build.is_symmetric(node)
    at = point(1)
    value = network(at, "ij->ij", node).entries[0].tensor.array
    np.testing.assert_allclose(value, value.T, atol=1e-9)


@pytest.mark.parametrize("name", NOT_SYMMETRIC)
def test_not_symmetric(name: str) -> None:
    node = NOT_SYMMETRIC[name].node
    assert build.transpose(node) is not node
    assert not build.is_symmetric(node)


def test_permutations_compose() -> None:
    T = sym("T")
    for first in permutations(range(3)):
        for second in permutations(range(3)):
            both = build.permute(build.permute(T, first), second)
            assert both is build.permute(T, [first[k] for k in second])


def test_permuted_value() -> None:
    at = point(3)
    node = build.add(
        sym("T"), build.contract(1, [(sym("x"), (0,), 1), (sym("Y"), (2, 1), 1)], (0, 1, 2))
    )
    value = network(at, "ijk->ijk", node).entries[0].tensor.array
    assert agrees(build.permute(node, (2, 0, 1)), value.transpose(2, 0, 1), at)


def test_unused_axes_are_pulled_out_of_functions() -> None:
    spread = build.contract(1, [(sym("x"), (1,), 1)], (0, 1), {0: n})
    assert tanh.apply(spread) is build.contract(1, [(tanh(x).node, (1,), 1)], (0, 1), {0: n})
    everywhere = build.broadcast(c.node, (n, n))
    assert exp.apply(everywhere) is build.broadcast(exp(c).node, (n, n))


def test_used_axes() -> None:
    row = build.contract(1, [(sym("x"), (1,), 1)], (0, 1), {0: n})
    column = build.contract(1, [(sym("x"), (0,), 1)], (0, 1), {1: n})
    assert build.used_axes(row) == (1,)
    assert build.used_axes(build.add(row, row)) == (1,)
    assert build.used_axes(build.add(row, column)) == (0, 1)
    assert build.used_axes(build.ones(n, n)) == ()
    assert build.used_axes(A.node) == (0, 1)
    assert build.drop_axes(build.add(row, build.ones(n, n)), (1,)) is (x + 1).node
