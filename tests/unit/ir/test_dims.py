"""Symbolic dimensions: integer polynomials, one object for each."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradform.ir.dims import ONE, ZERO_DIM, Dim, dim

m, n, p = dim("m"), dim("n"), dim("p")

EQUAL: list[tuple[Dim, Dim]] = [
    (n + 1 - 1, n),
    (n * m, m * n),
    ((m + n) * p, m * p + n * p),
    ((n - 1) * (n + 1), n * n - 1),
    (n * 0, ZERO_DIM),
    (n - n, ZERO_DIM),
    (n * 1, n),
    (dim(3) * 2 - 5, ONE),
    (dim(n), n),
    (m + n + p, p + n + m),
]


@pytest.mark.parametrize(("left", "right"), EQUAL, ids=str)
def test_equal_polynomials_are_one_object(left: Dim, right: Dim) -> None:
    assert left is right


def test_different_polynomials_are_different() -> None:
    sizes = [m, n, m + n, m * n, n * n, n + 1, n - 1, n * 2, m - n, n - m]
    assert len(set(sizes)) == len(sizes)
    assert len({size.hash for size in sizes}) == len(sizes)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (n, "n"),
        (ZERO_DIM, "0"),
        (dim(-2), "-2"),
        (n - 1, "n-1"),
        (m + n - 1, "m+n-1"),
        (m * n + 3, "m*n+3"),
        (n * 2, "2*n"),
        (n * -1, "-n"),
        (m - n, "m-n"),
        (m * -1 + n, "n-m"),
        (n * n, "n*n"),
    ],
)
def test_text(size: Dim, text: str) -> None:
    assert str(size) == text


def test_value_and_names() -> None:
    assert [size.value for size in (n, n - n, dim(4), n - n + 2, n + 1)] == [None, 0, 4, 2, None]
    assert (m * n + 2).names == {"m", "n"}
    assert dim(7).names == frozenset()
    assert [size.is_name for size in (n, n * 2, n * m, n + 1, dim(1))] == [True, *[False] * 4]


def test_a_size_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="n"):
        (m + n).evaluate({"m": 2})


def test_substitution() -> None:
    assert (m * n + m - 2).substitute({"m": n + 1}) is n * n + n * 2 - 1
    assert (m * m).substitute({"m": dim(3)}) is dim(9)
    assert m.substitute({"m": n, "n": m}) is n
    assert (m + p).substitute({"n": ONE}) is m + p


OPERATIONS: list[Callable[[Any, Any], Any]] = [operator.add, operator.sub, operator.mul]
polynomials = st.recursive(
    st.one_of(st.integers(-4, 4), st.sampled_from(["m", "n", "p"])).map(dim),
    lambda inner: st.builds(
        lambda act, left, right: act(left, right), st.sampled_from(OPERATIONS), inner, inner
    ),
    max_leaves=6,
)
# How fast examples are made is the machine's business, not a fault of theirs.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
sizes = st.fixed_dictionaries({name: st.integers(1, 9) for name in "mnp"})


@unhurried
@given(polynomials, polynomials, sizes)
def test_arithmetic_is_that_of_the_values(left: Dim, right: Dim, at: dict[str, int]) -> None:
    for act in OPERATIONS:
        assert act(left, right).evaluate(at) == act(left.evaluate(at), right.evaluate(at))


@unhurried
@given(polynomials, polynomials, sizes)
def test_substitution_is_evaluation_in_two_steps(
    outer: Dim, inner: Dim, at: dict[str, int]
) -> None:
    replaced = outer.substitute({"m": inner, "p": n})
    assert replaced.evaluate(at) == outer.evaluate(
        {"m": inner.evaluate(at), "p": at["n"], "n": at["n"]}
    )


@unhurried
@given(polynomials, polynomials, polynomials)
def test_ring_laws_hold_by_identity(a: Dim, b: Dim, c: Dim) -> None:
    assert a + b is b + a
    assert a * b is b * a
    assert (a + b) + c is a + (b + c)
    assert a * (b + c) is a * b + a * c
    assert a - a is ZERO_DIM
