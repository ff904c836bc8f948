"""Contraction order and operation counts."""

from __future__ import annotations

import pytest

from gradform.codegen.lowering.count import operation_count
from gradform.codegen.lowering.expressions import lower
from gradform.codegen.program.straight_line import Arrangement
from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from tests.unit.codegen.codegen_cases import body_of, check, function, m, matrix, n, p, vector

A, S = matrix("A", n, n), matrix("S", n, n, "symmetric")
X, Y, B = matrix("X", m, n), matrix("Y", n, m), matrix("B", n, p)
x, u, y = vector("x", n), vector("u", n), vector("y", m)
SIZES = {"m": 100, "n": 50, "p": 10}


def count(*roots: Expr) -> int:
    return operation_count([root.node for root in roots], SIZES)


def inv(of: Expr) -> Expr:
    return function("inv")(of)


COUNTS: list[tuple[Expr, int]] = [
    (A @ x, 2 * 50 * 50),
    (X @ B, 2 * 100 * 50 * 10),
    (x + u, 50),
    (x - 2 * u, 100),
    (x * u / 2, 100),
    (x**2, 50),
    (function("tanh")(x), 50),
    (x.sum(), 50),
    (X.T, 0),
    (Expr(build.delta(n)), 0),
    (Expr(build.outer(x.node, y.node)), 5000),
    (inv(A), 2 * 50**3),
    (inv(A) @ x, 2 * 50**3 // 3 + 2 * 50 * 50),
    (inv(A) @ B, 2 * 50**3 // 3 + 2 * 50 * 50 * 10),
    (Expr(build.apply(function("det"), A.node, axes=())), 2 * 50**3),
    (Expr(build.contract(1, [(X.node, "ij", 1), (Y.node, "ji", 1)], "")), 2 * 5000),
    (Expr(build.contract(1, [(X.node, "ij", 2)], "")), 2 * 5000),
    (Expr(build.contract(1, [(A.node, "ii", 1)], "")), 2500),
    (Expr(build.matmul(build.lower(n), x.node)), 50),
    (Expr(build.contract(1, [(A.node, "ij", 1), (S.node, "ij", 1)], "i")), 2500 + 2500),
]


@pytest.mark.parametrize("case", range(len(COUNTS)))
def test_count(case: int) -> None:
    expression, expected = COUNTS[case]
    assert count(expression) == expected


def test_shared_work_counts_once() -> None:
    product = A @ x
    assert count(product, product * 2) == count(product) + 50


def test_chains_are_multiplied_from_the_cheap_end() -> None:
    chain = Expr(build.matmul(A.node, S.node, A.node, S.node, x.node))
    assert count(chain) == 4 * 2 * 50 * 50
    form = Expr(build.matmul(y.node, X.node, A.node, B.node))
    assert count(form) == 2 * (100 * 50 + 50 * 50 + 50 * 10)


def test_fixed_sizes_guide_the_order() -> None:
    thin = matrix("T", n, dim(2))
    wide = matrix("V", dim(2), n)
    chain = Expr(build.matmul(A.node, thin.node, wide.node, S.node))
    assert count(chain) == 2 * (50 * 50 * 2 + 50 * 50 * 2 + 50 * 50 * 2)


def test_scalings_do_not_build_diagonal_matrices() -> None:
    gram = Expr(build.contract(1, [(X.node, "ki", 1), (y.node, "k", 1), (X.node, "kj", 1)], "ij"))
    assert count(gram) == 100 * 50 + 100 * 50 * 50


def test_the_cheaper_of_a_symmetric_product_and_another_order_is_taken() -> None:
    """(X B)' (X B) or B' (X' X) B, whichever is cheaper."""
    factors = [(X.node, "ki", 1), (B.node, "ia", 1), (X.node, "kj", 1), (B.node, "jb", 1)]
    tall = build.contract(1, factors, "ab")
    few, many = {"m": 30, "n": 50, "p": 10}, {"m": 10, "n": 50, "p": 5000}
    assert operation_count([tall], few) == 2 * 30 * 50 * 10 + 30 * 10 * 10
    assert operation_count([tall], many) == 2 * 10 * 50 * 5000 + 10 * 5000 * 5000
    long = {"m": 5000, "n": 50, "p": 40}
    assert operation_count([tall], long) == 5000 * 50 * 50 + 2 * 50 * 50 * 40 + 2 * 50 * 40 * 40


def test_equal_parts_of_a_trace_are_computed_once() -> None:
    trace = Expr(
        build.contract(
            1, [(X.node, "ij", 1), (Y.node, "jk", 1), (X.node, "kl", 1), (Y.node, "li", 1)], ""
        )
    )
    assert body_of(trace).count("@") == 1


def test_long_chains_use_the_greedy_order() -> None:
    matrices = [matrix(f"M{k}", n, n) for k in range(30)]
    chain = Expr(build.matmul(*(each.node for each in matrices), x.node))
    assert count(chain) == 30 * 2 * 50 * 50
    check(Expr(build.matmul(*(each.node for each in matrices[:12]))))


def test_long_products_of_vectors() -> None:
    vectors = [vector(f"v{k}", n) for k in range(40)]
    total = build.contract(1, [(each.node, "i", 1) for each in vectors], "")
    assert count(Expr(total)) == 38 * 50 + 2 * 50
    mixed = [(each.node, "i", 1) for each in vectors[:9]]
    check(Expr(build.contract(1, [*mixed, (X.node, "ki", 1), (A.node, "ij", 1)], "kj")))


def test_crowded_labels_stay_linear() -> None:
    matrices = [matrix(f"N{k}", n, dim(f"d{k}")) for k in range(40)]
    factors = [(each.node, ("i", k), 1) for k, each in enumerate(matrices)]
    assert (
        operation_count(
            [build.contract(1, factors, ())], {"n": 50, **{f"d{k}": 3 for k in range(40)}}
        )
        == 40 * 150 + 38 * 50 + 100
    )


def test_derivatives_of_matrix_functions() -> None:
    expm = function("expm")
    derivative = build.apply(expm, A.node, axes=(n, n, n, n), order=1)
    along = Expr(build.contract(1, [(derivative, "ijkl", 1), (S.node, "kl", 1)], "ij"))
    assert count(along) == 2 * 100**3
    assert count(Expr(derivative)) == 50**2 * 2 * 100**3


def test_actual_sizes_guide_the_order() -> None:
    """(L R) A or L (R A), whichever is cheaper."""
    left, right = matrix("L", n, p), matrix("R", p, n)
    chain = build.matmul(left.node, right.node, A.node)
    thin = {"n": 100, "p": 2}
    wide = {"n": 100, "p": 900}
    assert operation_count([chain], thin) == 2 * 2 * 100 * 100 * 2
    assert operation_count([chain], wide) == 2 * 100**2 * 900 + 2 * 100**3
    outputs = [(chain, Arrangement.neutral(2))]
    programs = [lower(outputs, sizes=sizes)[0].instructions for sizes in (thin, wide, None)]
    assert programs[0] != programs[1]
    assert programs[2] == lower(outputs)[0].instructions
