"""Written formulas have the value of the expressions they are read from."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradform.formula.tree import Formula
from gradform.functions.operators import diagonal_matrix, trace
from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol
from gradform.notation.read import Reader, Unreadable
from gradform.notation.text import to_text
from gradform.syntax.parser import parse_formula
from gradform.verify.interpreter import evaluate
from tests.support.ir_eval import Array, evaluate_node
from tests.unit.ir.networks import (
    Point,
    Tensor,
    fn,
    m,
    n,
    network,
    p,
    point,
    random_network,
    random_tensor,
    sym,
)

VARIABLES = tuple("cdxywqshbuABSPDQEXYWv")
CASES = 300
HALF = Fraction(1, 2)

A, B, S, P, X, Y, W = (Expr(sym(name)) for name in "ABSPXYW")
x, y, w, u, c, d = (Expr(sym(name)) for name in "xywucd")
inv, det, logdet, expm = (fn(name) for name in ("inv", "det", "logdet", "expm"))
exp, tanh = fn("exp"), fn("tanh")


def table(array: Array) -> Array:
    """A value as rows and columns: vectors are columns."""
    return array.reshape(array.shape + (1,) * (2 - array.ndim))


def shown(tree: Formula, at: Point) -> Array:
    env = {name: table(np.asarray(at.arrays[name])) for name in VARIABLES}
    return evaluate(tree, env, at.sizes)


def same(found: Array, wanted: Array) -> int:
    """Assert equality wherever the value is defined, and say how often it is."""
    assert found.shape == wanted.shape
    defined = np.isfinite(wanted) & (np.abs(wanted) < 1e7)
    size = max(1.0, float(np.max(np.abs(wanted[defined]), initial=0.0)))
    np.testing.assert_allclose(found[defined], wanted[defined], rtol=1e-6, atol=1e-8 * size)
    return int(defined.sum())


def written(node: Node) -> Iterator[tuple[Formula, bool]]:
    """The formula and its transpose, as trees and read back from their text."""
    mat = Reader(VARIABLES).read(node)
    for turned, words in ((False, mat.plain), (True, mat.flipped)):
        yield words.tree, turned
        yield parse_formula(to_text(words.tree)).body, turned


def check(node: Node, value: Array, at: Point) -> int:
    return sum(
        same(shown(tree, at), table(value).T if turned else table(value))
        for tree, turned in written(node)
    )


# ---------------------------------------------------------------- random expressions


def readable(draw: Callable[[random.Random, Point], Tensor]) -> tuple[int, int]:
    """(how many cases could be written, how many entries were compared)."""
    read = defined = 0
    for seed in range(CASES):
        at = point(seed)
        node, value = draw(random.Random(seed), at)
        if node.rank > 2:
            continue
        try:
            defined += check(node, value, at)
        except Unreadable:
            continue
        read += 1
    return read, defined


def test_random_products() -> None:
    read, defined = readable(
        lambda rng, at: random_network(rng, at, 1, VARIABLES, outputs=2).tensor(at)
    )
    assert read > 0.8 * CASES
    assert defined > 8 * CASES


def test_random_products_of_products_and_sums() -> None:
    read, defined = readable(
        lambda rng, at: random_network(rng, at, 3, VARIABLES, outputs=2).tensor(at)
    )
    assert read > 0.7 * CASES
    assert defined > 8 * CASES


def test_random_expressions_of_variables() -> None:
    read, defined = readable(lambda rng, at: random_tensor(rng, at, 3, VARIABLES, leaves=False))
    assert read > 0.85 * CASES
    assert defined > 8 * CASES


# ---------------------------------------------------------------- by hand


def einsum(spec: str, *factors: Any) -> Node:
    nodes = [factor.node if isinstance(factor, Expr) else factor for factor in factors]
    return network(point(0), spec, *nodes).node()


def node_of(expression: Expr | Node) -> Node:
    return expression.node if isinstance(expression, Expr) else expression


def outer(left: Expr, right: Expr) -> Expr:
    return Expr(build.outer(left.node, right.node))


TEXTS: dict[str, Expr | Node] = {
    # chains
    "A*x": A @ x,
    "A'*x": A.T @ x,
    "x'*A*y": x @ A @ y,
    "A*B*x": A @ B @ x,
    "A^2*x": A @ A @ x,
    "A^3": A @ A @ A,
    "A'^2": A.T @ A.T,
    "(B*A)'": A.T @ B.T,
    "A'*A": A.T @ A,
    "S^2": S @ S,
    "X*A*X'": X @ A @ X.T,
    "x*y'": outer(x, y),
    "A*x*y'": outer(A @ x, y),
    # traces and norms
    "tr(A)": trace(A),
    "tr(A*B)": trace(A @ B),
    "tr(A*B*S)": trace(A @ B @ S),
    "norm2(A)^2": trace(A.T @ A),
    "norm2(x)^2": x @ x,
    "norm2(x)": (x @ x) ** HALF,
    "norm2(x)^3": (x @ x) ** (3 * HALF),
    "norm2(A*x)^2": (A @ x) @ (A @ x),
    "norm2(x - y)^2": (x - y) @ (x - y),
    "x'*y": x @ y,
    # sums and means
    "sum(x)": x.sum(),
    "sum(A)": A.sum(),
    "sum(A, 2)": A.sum(1),
    "sum(A, 1)'": A.sum(0),
    "mean(x)": x.sum() / Expr(build.size_of(n)),
    "ones(n)": build.ones(n),
    "ones(m, n)": build.ones(m, n),
    "eye(n)": build.delta(n),
    "zeros(n)": build.zero((n,)),
    "zeros(m, n)": build.zero((m, n)),
    "n*x": Expr(build.size_of(n)) * x,
    # entrywise products and diagonals
    "x.*y": x * y,
    "x.^2": x * x,
    "x./w": x / w,
    "1./w": 1 / w,
    "sqrt(w)": w**HALF,
    "A.*B": A * B,
    "A.*B'": A * B.T,
    "diag(x)": diagonal_matrix(x),
    "diag(A)": einsum("ii->i", A),
    "diag(x)*A": einsum("i,ij->ij", x, A),
    "A*diag(x)": einsum("j,ij->ij", x, A),
    "A*diag(x)*B": einsum("ij,j,jk->ik", A, x, B),
    "A*(x.*y)": einsum("ij,j,j->i", A, x, y),
    "diag(x.*y)": einsum("ij,i,i->ij", build.delta(n), x, y),
    "x.*(A*y)": x * (A @ y),
    "tanh(x).*y": tanh(x) * y,
    # functions
    "tanh(A*x)": tanh(A @ x),
    "inv(A)*x": inv(A) @ x,
    "inv(A)'*x": inv(A).T @ x,
    "det(A)*inv(A)": det(A) * inv(A),
    "exp(A)": exp(A),
    "expm(A)*x": expm(A) @ x,
    "logdet(A)": logdet(A),
    # sums
    "A + B": A + B,
    "A - B": A - B,
    "A + B'": A + B.T,
    "(A + A')*x": (A + A.T) @ x,
    "2*(x + y)": 2 * x + 2 * y,
    "0.5*(x - y)": (x - y) * HALF,
    "x - 2*y": x - 2 * y,
    "ones(n) - x": 1 - x,
    "-x": -x,
    "2*x/3": x * 2 / 3,
    "c*x": c * x,
    "x/c": x / c,
    "c*x/d": c * x / d,
    "(c + 1)*x": (c + 1) * x,
    # entries and slices
    "x(2)": einsum("i,i->", x, build.unit(n, dim(1))),
    "A(1, 3)": einsum("ij,i,j->", A, build.unit(n, dim(0)), build.unit(n, dim(2))),
    "A(2, :)'": einsum("ij,i->j", A, build.unit(n, dim(1))),
    "A(:, 2)": einsum("ij,j->i", A, build.unit(n, dim(1))),
    "x(2:n)": build.matmul(build.select(n, dim(1), n - 1), x.node),
    "X(1:3, :)": build.matmul(build.select(m, dim(0), dim(3)), X.node),
    "unit(n, 2)": build.unit(n, dim(1)),
    "cumsum(x)": build.matmul(build.lower(n), x.node),
    "tril(A)": build.hadamard(build.lower(n), A.node),
    "triu(A)": build.hadamard(build.transpose(build.lower(n)), A.node),
    "tril(ones(n, n))": build.lower(n),
    # joined axes
    "vec(X)": einsum("Iij,ji->I", build.flatten_leaf(n, m), X),
    "kron(x, y)": einsum("Iij,i,j->I", build.flatten_leaf(n, n), x, y),
}


@pytest.mark.parametrize("text", TEXTS)
def test_text(text: str) -> None:
    node = node_of(TEXTS[text])
    mat = Reader(VARIABLES).read(node)
    assert to_text(mat.plain.tree) == text


@pytest.mark.parametrize("text", TEXTS)
def test_value(text: str) -> None:
    node = node_of(TEXTS[text])
    for seed in range(2):
        at = point(seed)
        assert check(node, evaluate_node(node, at.arrays, at.sizes), at)


F = build.flatten_leaf(n, m)
V = Expr(symbol("v", (m * n,)))
JOINED: dict[str, Node] = {
    "diag(vec(X))": einsum("IJ,Ijk,kj->IJ", build.delta(m * n), F, X),
    "diag(kron(x,u))": einsum("IJ,Ijk,j,k->IJ", build.delta(m * n), F, x, u),
    "v.*vec(X)": einsum("I,Ijk,kj->I", V, F, X),
    "v.*kron(x,u)": einsum("I,Ijk,j,k->I", V, F, x, u),
    "diag(v)*kron": einsum("I,Ijk,jl,k->Il", V, F, A, u),
    "v'*vec(X)": einsum("I,Ijk,kj->", V, F, X),
    "unvec(v)": einsum("I,Ijk->kj", V, F),
    "unvec(v)*x": einsum("I,Ijk,j->k", V, F, x),
    "kron(A,u)'*v": einsum("I,Ijk,jl,k->l", V, F, A, u),
    "entry of vec(X)": einsum("I,Ijk,kj->", build.unit(m * n, dim(5)), F, X),
    "slice of vec(X)": einsum("pI,Ijk,kj->p", build.select(m * n, dim(2), dim(4)), F, X),
    "cumsum(vec(X))": einsum("JI,Ijk,kj->J", build.lower(m * n), F, X),
    "vec(X)*vec(X)'": einsum("Ijk,kj,Jlr,rl->IJ", F, X, F, X),
    "kron(A,X)": einsum("Ijk,jl,kr,Jlr->IJ", F, A, X, build.flatten_leaf(n, n)),
    "two joinings": einsum("Ijk,kj,Ikj->I", F, X, build.flatten_leaf(m, n)),
    "tanh(vec(X)).*v": (tanh(Expr(einsum("Ijk,kj->I", F, X))) * V).node,
}


@pytest.mark.parametrize("name", JOINED)
def test_joined_axes(name: str) -> None:
    """Right, or not written at all."""
    at = point(3)
    value = evaluate_node(JOINED[name], at.arrays, at.sizes)
    try:
        assert check(JOINED[name], value, at)
    except Unreadable:
        assert name not in {"diag(vec(X))", "v'*vec(X)", "vec(X)*vec(X)'", "kron(A,X)"}


def test_roots_of_multiples_of_squares() -> None:
    """√(2 Σ x²) is no norm of x: the number under the root stays."""
    squares = [x @ x, (A @ x) @ (A @ x), trace(A.T @ A), (x * w) @ (x * w)]
    powers = (HALF, -HALF, 3 * HALF, Fraction(1, 4), Fraction(-1, 3), 2, -1)
    at = point(1)
    for square in squares:
        for number in (1, 2, 4, Fraction(1, 2), Fraction(9, 4)):
            for power in powers:
                for whole in ((number * square) ** power, c * (number * square) ** power * x):
                    value = evaluate_node(whole.node, at.arrays, at.sizes)
                    assert check(whole.node, value, at)


def test_rows_are_written_as_rows() -> None:
    """A variable declared as a row stands transposed in what is read as columns."""
    for node, text in (
        (sym("x"), "x'"),
        ((A @ x).node, "A*x'"),
        ((x @ A @ x).node, "x*A*x'"),
        ((tanh(x) * y).node, "tanh(x').*y"),
        (outer(x, y).node, "(y*x)'"),
    ):
        mat = Reader(VARIABLES, rows=["x"]).read(node)
        assert to_text(mat.plain.tree) == text
        at = point(1)
        env = {name: table(np.asarray(at.arrays[name])) for name in VARIABLES}
        env["x"] = env["x"].T
        found = evaluate(mat.plain.tree, env, at.sizes)
        assert same(found, table(evaluate_node(node, at.arrays, at.sizes)))


def test_sizes_whose_name_is_a_variable_are_counted() -> None:
    reader = Reader(["n", "x"])
    assert to_text(reader.read(build.size_of(n)).plain.tree) == "sum(ones(n))"
    assert to_text(Reader(["x"]).read(build.size_of(n)).plain.tree) == "n"


def test_terms_come_in_the_order_in_which_names_are_known() -> None:
    node = (A @ x + B @ y).node
    for names, text in ((("A", "B"), "A*x + B*y"), (("B", "A"), "B*y + A*x")):
        assert to_text(Reader(names).read(node).plain.tree) == text


UNREADABLE: dict[str, Node] = {
    "three axes": symbol("T", (n, n, n)),
    "a ring with three spokes": einsum("ij,jk,ki->ijk", A, B, S),
    "four labels, each joined to each": einsum("ij,jk,ki,il,jl,kl->", A, B, S, P, A.T, B.T),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_matrix_notation_does_not_reach(name: str) -> None:
    with pytest.raises(Unreadable):
        Reader(VARIABLES).read(UNREADABLE[name])


def test_reading_is_shared() -> None:
    reader = Reader(VARIABLES)
    state = x
    for _ in range(200):
        state = tanh(A @ state)
    reader.read((state @ state).node)
    assert state.node in reader.done
    assert reader.read(state.node) is reader.done[state.node]


# ---------------------------------------------------------------- three and more axes

MATRICES = tuple("cdxywuABSPDEXYW")
Sides = tuple[tuple[int, ...], tuple[int, ...]]


def sides(rank: int) -> list[Sides]:
    """Rows and columns, the slowest first: vec stacks columns, either side down."""
    found: list[Sides] = []
    for split in range(1, rank):
        first, second = tuple(reversed(range(split))), tuple(reversed(range(split, rank)))
        found += [(first, second), (second, first)]
    return found


def arranged(value: Array, rows: Sequence[int], cols: Sequence[int]) -> Array:
    down = int(np.prod([value.shape[k] for k in rows], dtype=int))
    return value.transpose([*rows, *cols]).reshape(down, -1)


def check_vec(node: Node, value: Array, at: Point, where: Sides) -> int:
    words = Reader(VARIABLES).read_vec(node, *where).plain
    trees = (words.tree, parse_formula(to_text(words.tree)).body)
    return sum(same(shown(tree, at), arranged(value, *where)) for tree in trees)


@pytest.mark.parametrize("rank", [3, 4])
def test_random_tensors_in_vec_form(rank: int) -> None:
    read = defined = tried = 0
    seed = 0
    while tried < 80:
        seed += 1
        rng, at = random.Random(seed), point(seed)
        made = random_network(rng, at, 1 + seed % 2, MATRICES, leaves=bool(seed % 2), outputs=4)
        if len(made.out) != rank:
            continue
        tried += 1
        node, value = made.tensor(at)
        where = rng.choice(sides(rank))
        try:
            defined += check_vec(node, value, at, where)
        except Unreadable:
            continue
        read += 1
    assert read > 0.7 * tried
    assert defined > 20 * tried


def test_sums_in_vec_form() -> None:
    terms = [
        einsum("ik,jl->ijkl", A, B),
        einsum("il,jk->ijkl", A, B),
        einsum("ik,jl->ijkl", build.delta(n), S),
        einsum("il,jk->ijkl", build.delta(n), build.delta(n)),
        einsum("ij,kl->ijkl", A, P),
        einsum("ik,jl,i->ijkl", A, B, x),
    ]
    for seed in range(40):
        rng, at = random.Random(seed), point(seed)
        chosen = [(rng.choice([1, -1, 2]), rng.choice(terms)) for _ in range(3)]
        node = build.linear_combination(chosen, (n, n, n, n))
        value = evaluate_node(node, at.arrays, at.sizes)
        for where in sides(4):
            assert check_vec(node, value, at, where)


DOWN: Sides = ((1, 0), (3, 2))  # ∂vec(Y)/∂vec(X)'
ACROSS: Sides = ((3, 2), (1, 0))

VEC_TEXTS: dict[str, tuple[Node, str, str]] = {
    "AXB": (einsum("ik,lj->ijkl", A, B), "kron(B', A)", "kron(B, A')"),
    "X": (
        einsum("ik,jl->ijkl", build.delta(m), build.delta(n)),
        "eye(m*n)",
        "eye(m*n)",
    ),
    "X'": (
        einsum("il,jk->ijkl", build.delta(n), build.delta(m)),
        "commute(m, n)",
        "commute(n, m)",
    ),
    "X.*Y": (
        einsum("ij,ik,jl->ijkl", X, build.delta(m), build.delta(n)),
        "diag(vec(X))",
        "diag(vec(X))",
    ),
    "tr": (einsum("ij,kl->ijkl", A, B), "vec(A)*vec(B)'", "vec(B)*vec(A)'"),
    "X*B": (einsum("ik,lj->ijkl", build.delta(m), B), "kron(B', eye(m))", "kron(B, eye(m))"),
}


@pytest.mark.parametrize("name", VEC_TEXTS)
def test_vec_text(name: str) -> None:
    node, down, across = VEC_TEXTS[name]
    reader = Reader(VARIABLES)
    assert to_text(reader.read_vec(node, *DOWN).plain.tree) == down
    assert to_text(reader.read_vec(node, *ACROSS).plain.tree) == across
    at = point(2)
    value = evaluate_node(node, at.arrays, at.sizes)
    for where in (DOWN, ACROSS):
        assert check_vec(node, value, at, where)


def test_zero_in_vec_form() -> None:
    at = point(0)
    for axes in ((n, n, n), (m, n, p), (m, n, m, n)):
        node = build.zero(axes)
        value = np.zeros([axis.evaluate(at.sizes) for axis in axes])
        for where in sides(len(axes)):
            assert check_vec(node, value, at, where)
            assert "zeros(" in to_text(Reader(()).read_vec(node, *where).plain.tree)
