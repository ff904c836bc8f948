"""Sizes: small, all different, and as the conditions say."""

from __future__ import annotations

import pytest

from gradform.errors import CannotError, InputError, UnknownNameError
from gradform.ir.dims import Dim, dim
from gradform.verify.sizes import parse_condition, size_assignments

n, m, p, q = (dim(name) for name in "nmpq")


def assignments(dimensions: list[Dim], *conditions: str, count: int = 2) -> list[dict[str, int]]:
    return size_assignments(dimensions, [parse_condition(text) for text in conditions], count)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("m > n", "m > n"),
        ("m>=n+1", "m >= n+1"),
        ("2*n - 1 != m * p", "2*n-1 != m*p"),
        ("-n + m == 3", "m-n == 3"),
        ("p ≤ m", "p <= m"),
        ("β < γ", "β < γ"),
    ],
)
def test_conditions_are_read(text: str, shown: str) -> None:
    assert str(parse_condition(text)) == shown


@pytest.mark.parametrize(
    "text", ["", "m", "m >", "> n", "m > n > p", "m = n", "m >> n", "m > n/2", "m > (n)", "m ! n"]
)
def test_malformed_conditions(text: str) -> None:
    with pytest.raises(InputError, match="is not a condition"):
        parse_condition(text)


@pytest.mark.parametrize("names", [1, 2, 3, 5, 6, 9])
def test_all_sizes_differ_within_and_between_assignments(names: int) -> None:
    found = assignments([dim(f"n{k}") for k in range(names)], count=3)
    for sizes in found:
        assert len(set(sizes.values())) == names
        assert all(2 <= size <= max(7, names + 3) for size in sizes.values())
    for name in found[0]:
        assert len({sizes[name] for sizes in found}) == 3


def test_composed_and_fixed_dimensions_differ_too() -> None:
    composed = [n - 1, m + n, m * p, dim(4), dim(1)]
    for sizes in assignments([n, m, p, *composed]):
        values = [size.evaluate(sizes) for size in (n, m, p, *composed)]
        assert len(set(values)) == len(values)
        assert min(sizes.values()) >= 2


@pytest.mark.parametrize(
    "conditions",
    [
        ("m > n",),
        ("p < m", "p < n"),
        ("m > n", "p > n", "q == m + n - p"),
        ("n >= 20",),
        ("m == n",),
        ("n == 1",),
        ("n == 5",),
        ("m > 10*n",),
    ],
)
def test_conditions_hold(conditions: tuple[str, ...]) -> None:
    parsed = [parse_condition(text) for text in conditions]
    for sizes in assignments([n, m, p, q], *conditions):
        assert all(condition.holds(sizes) for condition in parsed)


def test_dimensions_that_must_be_positive_are() -> None:
    for sizes in assignments([n, m, n - 3, m - n]):
        assert sizes["n"] > 3
        assert sizes["m"] > sizes["n"]


def test_no_names() -> None:
    assert assignments([dim(3), dim(2)]) == [{}]
    with pytest.raises(InputError):
        assignments([dim(3)], "3 > 4")


def test_contradictions() -> None:
    with pytest.raises(InputError, match="No sizes satisfy m > n, n > m"):
        assignments([n, m], "m > n", "n > m")


def test_conditions_on_other_names() -> None:
    with pytest.raises(UnknownNameError, match="'k'"):
        assignments([n, m], "m > k")


def test_huge_sizes_are_not_tried() -> None:
    with pytest.raises(CannotError, match="No sizes up to 256"):
        assignments([n], "n >= 5000")


def test_large_products_of_sizes_are_no_demand() -> None:
    names = [dim(f"n{k}") for k in range(7)]
    product = dim(1)
    for name in names:
        product = product * name
    assert max(assignments([*names, product])[0].values()) <= 10


def test_a_search_without_end_is_given_up() -> None:
    names = [dim(f"n{k:02}") for k in range(24)]
    chain = [f"n{k:02} > n{k + 1:02}" for k in range(22)]
    with pytest.raises(CannotError):
        assignments(names, *chain, "n23 > 100*n22")
