"""Normal forms of one product: each law by identity of the expressions and by value."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.dims import Dim, dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Coefficient, Contraction, Leaf, Node, topological
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import Factor, agrees, fn, m, n, network, p, point, sym

A, B, D, P, Q, S, X, Y = (sym(name) for name in "ABDPQSXY")
x, y, u, w, q, s, h, b, v = (sym(name) for name in "xyuwqshbv")
c, d = sym("c"), sym("d")
I, L = build.delta(n), build.lower(n)
F = build.flatten_leaf(m, n)
HALF = Fraction(1, 2)


def e(k: int | Dim, size: Dim = n) -> Node:
    return build.unit(size, dim(k))


def rows(first: int | Dim, count: int | Dim, size: Dim = n) -> Node:
    return build.select(size, dim(first), dim(count))


def inv(node: Node) -> Node:
    return fn("inv").apply(node)


def product(spec: str, *factors: Factor, coefficient: Coefficient = 1) -> Node:
    return network(point(0), spec, *factors, coefficient=coefficient).node()


@dataclass(frozen=True)
class Law:
    """The network that ``spec`` writes is the node ``right``."""

    name: str
    spec: str
    factors: tuple[Factor, ...]
    right: Node
    free: Mapping[str, Dim] = field(default_factory=dict)
    coefficient: Coefficient = 1

    def __str__(self) -> str:
        return self.name


exp, tanh = fn("exp"), fn("tanh")
exp_x = exp.apply(x)
Ax = build.matmul(A, x)
number = build.constant

LAWS = [
    # identity
    Law("δx = x", "ij,j->i", (I, x), x),
    Law("δ from the left", "ij,i->j", (I, x), x),
    Law("δA = A", "ij,jk->ik", (I, A), A),
    Law("δδ = δ", "ij,jk->ik", (I, I), I),
    Law("δ twice", "ij,ij->ij", (I, I), I),
    Law("tr(δA) = tr(A)", "ij,ji->", (I, A), product("ii->", A)),
    Law("δ_ii = 1", "ii->i", (I,), build.ones(n)),
    Law("Σ δ_ii = n", "ii->", (I,), build.size_of(n)),
    Law("Σ_j δ_ij = 1", "ij->i", (I,), build.ones(n)),
    Law("Σ_ij δ_ij = n", "ij->", (I,), build.size_of(n)),
    Law("δ_ij x_j = δ_ij x_i", "ij,j->ij", (I, x), product("ij,i->ij", I, x)),
    Law("δ_ij A_ij = δ_ij A_ii", "ij,ij->ij", (I, A), product("ij,ii->ij", I, A)),
    Law("δ_ij x_i y_j = δ_ij x_i y_i", "ij,i,j->ij", (I, x, y), product("ij,i,i->ij", I, x, y)),
    Law("three equal outputs", "ij,jk->ijk", (I, I), product("ij,ik->ijk", I, I)),
    Law("three equal outputs, all", "ij,jk,ik->ijk", (I, I, I), product("ij,ik->ijk", I, I)),
    Law("four equal outputs", "ij,kl,jl->ijkl", (I, I, I), product("ij,ik,il->ijkl", I, I, I)),
    Law("a chain of δ", "ij,kl,jk,l->ijkl", (I, I, I, x), product("ij,ik,il,i->ijkl", I, I, I, x)),
    Law("a power of δ is δ", "ij,j->i", ((I, 3), x), x),
    # products are flat and ordered
    Law("A(Bx) = (AB)x", "ij,j->i", (A, build.matmul(B, x)), build.matmul(A, B, x)),
    Law("(AB)x", "ij,j->i", (build.matmul(A, B), x), build.matmul(A, B, x)),
    Law("x'A' = Ax", "i,ji->j", (x, A), Ax),
    Law("numbers come out", "ij,j->i", (build.scale(2, A), build.scale(3, x)), build.scale(6, Ax)),
    Law("a scalar inside", "ij,->ij", (A, c), product(",ij->ij", c, A)),
    Law("a number alone", "->", (number(5),), number(5)),
    Law("zero", "ij,j->i", (build.zero((n, n)), x), build.zero((n,))),
    Law("coefficient zero", "ij,j->i", (A, x), build.zero((n,)), coefficient=0),
    # sums over labels nobody has
    Law("Σ_i 1 = n", "->", (), build.size_of(n), free={"i": n}),
    Law("Σ over 3 is 3", "->", (), number(3), free={"i": dim(3)}),
    Law(
        "Σ_ij 1 = m n",
        "->",
        (),
        product(",->", build.size_of(m), build.size_of(n)),
        free={"i": m, "j": n},
    ),
    Law("Σ_ij 1 = n²", "->", (), product("->", (build.size_of(n), 2)), free={"i": n, "j": n}),
    Law(
        "n Σ_i 1 = n²",
        "->",
        (build.size_of(n),),
        product("->", (build.size_of(n), 2)),
        free={"i": n},
    ),
    Law("Σ_i 1 / n = 1", "->", ((build.size_of(n), -1),), number(1), free={"i": n}),
    Law("x Σ_j 1 = n x", "i->i", (x,), product(",i->i", build.size_of(n), x), free={"j": n}),
    Law("ones are nothing", "ij,j->i", (A, build.ones(n)), product("ij->i", A)),
    # closed parts are scalars
    Law("Σx Σy", "i,j->", (x, y), product(",->", product("i->", x), product("j->", y))),
    Law("(Σx) y", "i,j->j", (x, y), product(",j->j", product("i->", x), y)),
    Law("(x'Ax) y", "i,ij,j,k->k", (x, A, x, y), product(",k->k", product("i,ij,j->", x, A, x), y)),
    Law("tr(A)²", "ii,jj->", (A, A), product("->", (product("ii->", A), 2))),
    Law("tr(A) B", "kk,ij->ij", (A, B), product(",ij->ij", product("kk->", A), B)),
    # powers
    Law("x x = x²", "i,i->i", (x, x), build.power(x, 2)),
    Law("x² x³ = x⁵", "i,i->i", ((x, 2), (x, 3)), build.power(x, 5)),
    Law("x x⁻¹ = 1", "i,i->i", (x, (x, -1)), build.ones(n)),
    Law("Σ x x⁻¹ = n", "i,i->", (x, (x, -1)), build.size_of(n)),
    Law("√w √w = w", "i,i->i", ((w, HALF), (w, HALF)), w),
    Law("(x⁻¹)⁻¹ = x", "i->i", ((build.power(x, -1), -1),), x),
    Law("(x²)³ = x⁶", "i->i", ((build.power(x, 2), 3),), build.power(x, 6)),
    Law("(2x)² = 4x²", "i->i", ((build.scale(2, x), 2),), build.scale(4, build.power(x, 2))),
    Law("(-x)³ = -x³", "i->i", ((build.scale(-1, x), 3),), build.scale(-1, build.power(x, 3))),
    Law("√(4w) = 2√w", "i->i", ((build.scale(4, w), HALF),), build.scale(2, build.power(w, HALF))),
    Law("√(w²) = w", "i->i", ((build.power(w, 2), HALF),), w),
    Law("(xy)² = x²y²", "i->i", ((build.hadamard(x, y), 2),), product("i,i->i", (x, 2), (y, 2))),
    Law(
        "√(wd) = √w√d",
        "i->i",
        ((build.hadamard(w, d), HALF),),
        product(",i->i", (d, HALF), (w, HALF)),
    ),
    Law("S_ij S_ji = S_ij²", "ij,ji->ij", (S, S), build.power(S, 2)),
    Law("A_ij A_ji is no square", "ij,ji->ij", (A, A), product("ji,ij->ij", A, A)),
    Law("exp(x) exp(x)⁻¹ = 1", "i,i->i", (exp_x, (exp_x, -1)), build.ones(n)),
    Law("(Ax)·(Ax) = x'A'Ax", "i->", ((Ax, 2),), product("ij,j,ik,k->", A, x, A, x)),
    # inverses
    Law("A⁻¹A = I", "ij,jk->ik", (inv(A), A), I),
    Law("AA⁻¹ = I", "ij,jk->ik", (A, inv(A)), I),
    Law("A⁻¹Ax = x", "ij,jk,k->i", (inv(A), A, x), x),
    Law("A'A⁻ᵀ = I", "ji,kj->ik", (A, inv(A)), I),
    Law("BA⁻¹AB", "ij,jk,kl,lr->ir", (B, inv(A), A, B), build.matmul(B, B)),
    Law("S⁻ᵀS = I", "ji,jk->ik", (inv(S), S), I),
    Law("tr(A⁻¹A) = n", "ij,ji->", (inv(A), A), build.size_of(n)),
    Law(
        "(AB)⁻¹AB",
        "ij,jk,kl->il",
        (inv(build.matmul(A, B)), A, B),
        product("ij,jk,kl->il", inv(build.matmul(A, B)), A, B),
    ),
    # what is declared
    Law("Q'Q = I", "ki,kj->ij", (Q, Q), I),
    Law("QQ' = I", "ik,jk->ij", (Q, Q), I),
    Law("x'Q'Qx = x'x", "ki,kj,i,j->", (Q, Q, x, x), product("i->", (x, 2))),
    Law("AQQ'B", "ij,jk,lk,lr->ir", (A, Q, Q, B), build.matmul(A, B)),
    Law("tr(QQ'Q) = tr(Q)", "ij,kj,ki->", (Q, Q, Q), product("ii->", Q)),
    Law("QQ is not I", "ij,jk->ik", (Q, Q), product("jk,ij->ik", Q, Q)),
    Law("Σq = 1", "i->", (q,), number(1)),
    Law("Σh = 1", "i->", (h,), number(1)),
    Law("(Σq) x", "i,j->j", (q, x), x),
    Law("s² = 1", "i->i", ((s, 2),), build.ones(n)),
    Law("s³ = s", "i->i", ((s, 3),), s),
    Law("Σs² = n", "i->", ((s, 2),), build.size_of(n)),
    Law("s x s = x", "i,i,i->i", (s, x, s), x),
    Law("b² = b", "i->i", ((b, 2),), b),
    Law("b³ x = b x", "i,i->i", ((b, 3), x), build.hadamard(b, x)),
    Law("Σh² = 1", "i->", ((h, 2),), number(1)),
    # unit vectors, selections, joined axes
    Law("Σe = 1", "i->", (e(1),), number(1)),
    Law("e e = e", "i,i->i", (e(1), e(1)), e(1)),
    Law("e_0·e_1 = 0", "i,i->", (e(0), e(1)), number(0)),
    Law("e_0 e_1 = 0", "i,i->i", (e(0), e(1)), build.zero((n,))),
    Law("last two differ", "i,i->", (e(n - 1), e(n - 2)), number(0)),
    Law("first and last may meet", "i,i->", (e(0), e(n - 1)), product("i,i->", e(n - 1), e(0))),
    Law(
        "x_1 y_1",
        "i,i,i->",
        (e(1), x, y),
        product(",->", product("i,i->", e(1), x), product("i,i->", e(1), y)),
    ),
    Law("x_1²", "i,i->", (e(1), (x, 2)), product("->", (product("i,i->", e(1), x), 2))),
    Law("L_ii = 1", "ii->i", (L,), build.ones(n)),
    Law("Σ L_ii = n", "ii->", (L,), build.size_of(n)),
    Law("Σ L_ii x_i = Σ x", "ii,i->", (L, x), product("i->", x)),
    Law("L_ii A_ij", "ii,ij->ij", (L, A), A),
    Law("SS' = I", "ij,kj->ik", (rows(1, 2), rows(1, 2)), build.delta(dim(2))),
    Law("disjoint", "ij,kj->ik", (rows(0, 1), rows(1, 2)), build.zero((dim(1), dim(2)))),
    Law(
        "disjoint, the other way",
        "ij,kj->ik",
        (rows(2, n - 2), rows(0, 2)),
        build.zero((n - 2, dim(2))),
    ),
    Law(
        "overlapping",
        "ij,kj->ik",
        (rows(0, 2), rows(1, 2)),
        product("kj,ij->ik", rows(1, 2), rows(0, 2)),
    ),
    Law("Se_2 = e_1", "ij,j->i", (rows(1, 2), e(2)), e(1, dim(2))),
    Law("Se_0 = 0", "ij,j->i", (rows(1, 2), e(0)), build.zero((dim(2),))),
    Law("beyond the end", "ij,j->i", (rows(0, 2), e(2)), build.zero((dim(2),))),
    Law("all rows", "ij,j->i", (rows(0, n), x), x),
    Law("FF' = I", "Iij,Jij->IJ", (F, F), build.delta(m * n)),
    Law("F'F = δδ", "Iij,Ikl->ijkl", (F, F), product("ik,jl->ijkl", build.delta(m), I)),
    Law("Σ_I F = 1", "Iij->ij", (F,), build.ones(m, n)),
    Law("vec then unvec", "Iij,Ikl,kl->ij", (F, F, X), X),
    Law("unvec then vec", "Iij,Jij,J->I", (F, F, v), v),
]


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_both_sides_are_one_expression(law: Law) -> None:
    left = network(point(0), law.spec, *law.factors, free=law.free, coefficient=law.coefficient)
    assert left.node() is law.right


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_both_sides_have_one_value(law: Law) -> None:
    for seed in range(3):
        at = point(seed)
        left = network(at, law.spec, *law.factors, free=law.free, coefficient=law.coefficient)
        assert agrees(law.right, left.value(at), at)


def test_names_are_unique() -> None:
    assert len({law.name for law in LAWS}) == len(LAWS)


# ---------------------------------------------------------------- guards


def test_the_root_of_a_square_is_not_the_base() -> None:
    root = Expr(x) ** 2
    assert (root**HALF).node is not x
    agrees((root**HALF).node, np.abs(point(1).arrays["x"]), point(1))


KEPT: dict[str, tuple[Node, Coefficient]] = {
    "(x²)^(1/2)": (build.power(x, 2), HALF),
    "(x²)^(3/2)": (build.power(x, 2), Fraction(3, 2)),
    "(x⁴)^(1/4)": (build.power(x, 4), Fraction(1, 4)),
    "(xy)^(1/2)": (build.hadamard(x, y), HALF),
    "(wx)^(1/2)": (build.hadamard(w, x), HALF),
    "(x²y)^(1/2)": (product("i,i->i", (x, 2), y), HALF),
    "(x⁻²)^(1/2)": (build.power(x, -2), HALF),
}


@pytest.mark.parametrize("name", KEPT)
def test_powers_of_what_may_be_negative_are_not_split(name: str) -> None:
    base, exponent = KEPT[name]
    raised = build.power(base, exponent)
    assert isinstance(raised, Contraction)
    assert [(factor, power) for factor, _, power in raised.factors] == [(base, exponent)]


def test_a_cube_root_is_split_where_both_are_defined() -> None:
    """(x³)^(1/2) = x^(3/2): both ask for x >= 0."""
    assert build.power(build.power(x, 3), HALF) is build.power(x, Fraction(3, 2))


def test_an_irrational_root_of_a_number_stays_with_its_base() -> None:
    raised = build.power(build.scale(2, w), HALF)
    at = point(3)
    assert agrees(raised, np.sqrt(2 * at.arrays["w"]), at)
    assert isinstance(raised, Contraction)
    assert raised.coefficient == 1


def test_a_negative_number_is_not_taken_out_of_a_root() -> None:
    """√(-4x) asks for x <= 0, 2√(-x) is the same, but 2i√x is not."""
    raised = build.power(build.scale(-4, x), HALF)
    at = point(3)
    negative = at._replace(arrays={**at.arrays, "x": -np.abs(at.arrays["x"])})
    assert agrees(raised, np.sqrt(-4 * negative.arrays["x"]), negative)


def test_a_product_with_inner_sums_is_not_raised_factor_by_factor() -> None:
    at = point(2)
    cubed = build.power(Ax, 3)
    assert agrees(cubed, (at.arrays["A"] @ at.arrays["x"]) ** 3, at)
    total = build.power(build.total(x), 2)
    assert agrees(total, np.array(at.arrays["x"].sum() ** 2), at)


def test_an_output_that_nobody_has_is_broadcast() -> None:
    at = point(1)
    spread = network(at, "i->ij", x, free={"j": m})
    assert isinstance(spread.node(), Contraction)
    assert agrees(spread.node(), spread.value(at), at)
    assert build.used_axes(spread.node()) == (0,)
    assert build.drop_axes(spread.node(), (0,)) is x


def test_powers_apply_before_broadcasting() -> None:
    spread = build.broadcast(build.add(c, build.constant(1)), (n,))
    assert build.power(spread, 2) is build.broadcast(
        build.power(build.add(c, build.constant(1)), 2), (n,)
    )


def test_an_inverse_cancels_only_with_its_own_argument() -> None:
    for left, right in ((inv(A), B), (inv(A), build.transpose(A))):
        node = build.matmul(left, right)
        assert not isinstance(node, Leaf)


def test_an_inverse_does_not_cancel_through_a_label_that_is_used_elsewhere() -> None:
    for spec in ("ij,jk,j->ik", "ij,jk->ijk", "ij,ij->ij"):
        at = point(4)
        factors = [inv(A), A, x][: spec.count(",") + 1]
        left = network(at, spec, *factors)
        assert agrees(left.node(), left.value(at), at)
        assert inv(A) in [factor for factor, _, _ in _factors(left.node())]


def _factors(node: Node) -> list[tuple[Node, tuple[int, ...], Coefficient]]:
    assert isinstance(node, Contraction)
    return list(node.factors)


def test_a_unit_vector_is_not_moved_into_a_slice_of_unknown_length() -> None:
    """e_2 lies in the first p rows only when p > 2."""
    at = point(0)
    left = network(at, "ij,j->i", rows(0, p), e(2))
    assert agrees(left.node(), np.zeros(2), at)


def test_the_square_of_a_sign_is_one_where_zeros_are_not_known() -> None:
    sign = fn("sign")
    assert build.power(sign.apply(x), 2) is build.ones(n)
    for node in (b, h, L):
        at = point(2)
        value = evaluate_node(node, at.arrays, at.sizes)
        assert agrees(build.power(sign.apply(node), 2), np.sign(value) ** 2, at)


def test_identities_between_outputs() -> None:
    """Whatever the order in which equal outputs are tied, there is one form and one value."""
    labels = "ijkl"
    for seed in range(150):
        rng, at = random.Random(seed), point(seed)
        pairs = ["".join(rng.sample(labels, 2)) for _ in range(rng.randrange(1, 6))]
        carried = "".join(sorted({*"".join(pairs)}))
        spec = ",".join([*pairs, rng.choice(carried), rng.choice(carried)]) + f"->{carried}"
        made = network(at, spec, *[I] * len(pairs), x, y)
        node = made.node()
        assert agrees(node, made.value(at), at)
        assert made.renamed(rng).node() is node, seed


def test_long_products_stay_linear() -> None:
    chain: Node = x
    for _ in range(60):
        chain = build.matmul(Q, A, chain)
    order = topological(chain)
    assert max(len(node.factors) for node in order if isinstance(node, Contraction)) < 30
    assert len(order) < 12
    at = point(0)
    size = 10**25
    wanted = np.linalg.matrix_power(at.arrays["Q"] @ at.arrays["A"], 60) @ at.arrays["x"]
    assert agrees(build.scale(Fraction(1, size), chain), wanted / size, at)


def test_a_sum_over_its_own_total_is_one() -> None:
    shares = [(A, (0, 2), 1), (build.contract(1, [(A, (0, 1), 1)], (0,)), (0,), -1)]
    rows = build.contract(1, shares, (0,), {0: n, 2: n})
    assert build.constant_value(rows) == 1 and rows.axes == (n,)
    weighted = build.contract(1, [*shares, (B, (2, 3), 1)], (0, 3), {0: n, 2: n, 3: n})
    assert build.constant_value(weighted) is None
    squared = build.contract(1, [(A, (0, 2), 2), *shares[1:]], (0,), {0: n, 2: n})
    assert build.constant_value(squared) is None
    twice = build.contract(1, [*shares, (A, (0, 3), 1)], (0,), {0: n, 2: n, 3: n})
    assert twice is build.contract(1, [(A, (0, 1), 1)], (0,), {0: n, 1: n})
