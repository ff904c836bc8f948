"""Shape rules: what does not fit is refused, with the words and kind users are told."""

from __future__ import annotations

from typing import Any

import pytest

from gradform.errors import ShapeError
from gradform.functions import Function, Shape, Unifier, all_functions, lookup
from gradform.functions.shapes import SCALAR, column
from gradform.ir.dims import ONE, dim
from tests.support.samples import SampleCall, typed_symbol

M, N, K = dim("m"), dim("n"), dim("k")
SQUARE, WIDE = Shape(N, N), Shape(M, N)
X, Z = column(N), column(K)


def rule(name: str, *args: Any) -> Shape:
    record = lookup(name)
    assert record is not None
    return record.shape(Unifier(), name, args)


REFUSED: list[tuple[str, tuple[Any, ...], str, str]] = [
    ("dot", (X, Z), "dimension_mismatch", "dot: lengths n and k differ."),
    ("dot", (WIDE, X), "dimension_mismatch", "dot needs a vector"),
    ("outer", (SQUARE, X), "dimension_mismatch", "outer needs a vector"),
    ("det", (WIDE,), "not_square", "det needs a square matrix; this is an m x n matrix."),
    ("inv", (WIDE,), "not_square", "inv needs a square matrix"),
    ("expm", (WIDE,), "not_square", "expm needs a square matrix"),
    ("chol", (X,), "not_square", "chol needs a square matrix"),
    ("diag", (WIDE,), "not_square", "diag needs a vector or a square matrix"),
    ("softmax", (SQUARE,), "ambiguous", "softmax of a matrix needs an axis: softmax(A,1)"),
    ("cumsum", (SQUARE,), "ambiguous", "cumsum of a matrix needs an axis"),
    ("norminf", (SQUARE,), "ambiguous", "norminf of a matrix is ambiguous"),
    ("solve", (SQUARE, Z), "dimension_mismatch", "the numbers of rows differ"),
    ("dexpm", (SQUARE, WIDE), "dimension_mismatch", "shapes must agree"),
    ("maximum", (X, Z), "dimension_mismatch", "shapes must agree"),
    ("mse", (X, Z), "dimension_mismatch", "shapes must agree"),
    ("cross_entropy", (X, SCALAR), "dimension_mismatch", "shapes must agree"),
    ("quad_over_lin", (X, X), "dimension_mismatch", "the second argument is a scalar"),
    ("ind_ball2", (X, X), "dimension_mismatch", "the second argument is a scalar"),
    ("ind_affine", (X, WIDE, X), "dimension_mismatch", "needs E*x and f of one shape"),
    ("sum_largest", (WIDE, 2), "ambiguous", "of a matrix is ambiguous"),
    ("sum_largest", (column(dim(3)), 4), "index_out_of_range", "4 of 3 cannot be taken"),
    ("topk", (X, 0), "index_out_of_range", "0 of n cannot be taken"),
    ("indtop", (X, 0), "index_out_of_range", "0 of n cannot be taken"),
    ("indtop", (SCALAR, 2), "index_out_of_range", "2 of 1 cannot be taken"),
    ("LambertW", (X, 1), "arity", "has the real branches 0 and -1"),
]


@pytest.mark.parametrize(("name", "args", "kind", "words"), REFUSED)
def test_refused(name: str, args: tuple[Any, ...], kind: str, words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        rule(name, *args)
    assert caught.value.kind == kind
    assert words in caught.value.message


ACCEPTED: list[tuple[str, tuple[Any, ...], Shape]] = [
    ("sum", (WIDE,), SCALAR),
    ("sum", (WIDE, 1), Shape(ONE, N)),
    ("sum", (WIDE, 2), column(M)),
    ("mean", (X, 2), X),
    ("logsumexp", (WIDE, 2), column(M)),
    ("softmax", (WIDE, 1), WIDE),
    ("max", (WIDE,), SCALAR),
    ("kron", (WIDE, Shape(K, ONE)), Shape(M * K, N)),
    ("outer", (X, Shape(ONE, K)), Shape(N, K)),
    ("vec", (WIDE,), column(M * N)),
    ("diag", (Shape(ONE, N),), SQUARE),
    ("diag", (SQUARE,), X),
    ("pinv", (WIDE,), Shape(N, M)),
    ("pinv", (X,), Shape(ONE, N)),
    ("cov", (WIDE,), SQUARE),
    ("solve", (SQUARE, Shape(N, K)), Shape(N, K)),
    ("svdvals", (Shape(N + 2, N),), X),
    ("svdvals", (Shape(dim(3), dim(5)),), column(dim(3))),
    ("svdvals", (X,), SCALAR),
    ("eig", (SQUARE,), X),
    ("maximum", (WIDE, SCALAR), WIDE),
    ("maximum", (SCALAR, WIDE), WIDE),
    ("polygamma", (2, X), X),
    ("ones", (M, N), WIDE),
    ("ones", (N,), X),
    ("eye", (N,), SQUARE),
    ("commute", (M, N), Shape(M * N, M * N)),
    ("unit", (N, K), X),
]


@pytest.mark.parametrize(("name", "args", "wanted"), ACCEPTED)
def test_accepted(name: str, args: tuple[Any, ...], wanted: Shape) -> None:
    assert rule(name, *args) == wanted


def test_square_rule_finds_an_undeclared_size() -> None:
    unify = Unifier()
    record = lookup("det")
    assert record is not None
    assert record.shape(unify, "det", [Shape(unify.fresh(), N)]) is SCALAR
    assert unify.resolve(dim("?1")) is N


@pytest.mark.parametrize("name", ["eye", "vector", "matrix"])
def test_a_size_left_open_is_a_fresh_one(name: str) -> None:
    unify = Unifier()
    record = lookup(name)
    assert record is not None
    shape = record.shape(unify, name, [SCALAR] if record.arity[0] else [])
    assert str(shape.rows).startswith("?")


@pytest.mark.parametrize(
    "record", [r for r in all_functions() if r.elementwise and r.arity == (1, 1)],
    ids=lambda r: r.name,
)  # fmt: skip
def test_entrywise_functions_keep_every_shape(record: Function) -> None:
    for shape in (SCALAR, X, Shape(ONE, N), WIDE):
        assert record.shape(Unifier(), record.name, [shape]) == shape


@pytest.mark.parametrize(("name", "pair"), [("max", "maximum"), ("min", "minimum")])
def test_largest_of_several_is_of_scalars(name: str, pair: str) -> None:
    assert rule(name, SCALAR, SCALAR, SCALAR) == SCALAR
    with pytest.raises(ShapeError) as caught:
        rule(name, X, X)
    assert caught.value.kind == "arity"
    assert pair in str(caught.value.hint)


def test_a_row_is_summed_and_repeated_like_a_row() -> None:
    record = lookup("softmax")
    assert record is not None
    x = typed_symbol("x")
    row = x._replace(shape=Shape(ONE, N))
    assert record.value([row, 2]) is record.value([row])
    assert record.value([row, 1]) is record.value([x, 2])
    assert SampleCall(record, "x, 2").node() is record.value([x, 2])
