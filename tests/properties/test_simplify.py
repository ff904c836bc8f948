"""Simplification keeps values, of every candidate form, and ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradform.calculus import derivative, kept_sums
from gradform.derive.pipeline import with_structure
from gradform.ir.nodes import Node
from gradform.ir.rebuild import rebuild
from gradform.rewrite import simplify
from gradform.rewrite.fractions import over_common_denominator
from gradform.rewrite.simplify import factor, settled
from tests.properties.cases import Case, Cases

CASES = Cases(150, first=100_000)


def common_denominators(node: Node) -> Node:
    """Every sum over its common denominator."""
    return rebuild(node, over_common_denominator)


def raw_derivative(case: Case) -> Node:
    """As the chain rule gives it."""
    node = case.function.value.node
    for name in case.names:
        node = derivative(node, case.function.variables[name].symbol)
    return with_structure(node, case.function)


def candidates(case: Case, node: Node) -> list[Node]:
    return simplify(node, kept_sums(with_structure(case.function.value.node, case.function)))


@CASES.each
def test_values_are_kept(case: Case) -> None:
    raw = raw_derivative(case)
    for form in candidates(case, raw):
        assert form.axes == raw.axes
        assert case.same(form, raw)


@CASES.each
def test_functions_are_simplified_as_well(case: Case) -> None:
    """The function itself, and not only a derivative, keeps its value."""
    node = case.function.value.node
    for form in simplify(node):
        assert case.same(form, node)


@CASES.each
def test_simplifying_again_keeps_values(case: Case) -> None:
    first = candidates(case, raw_derivative(case))[0]
    for form in candidates(case, first):
        assert case.same(form, first)


@CASES.each
@pytest.mark.parametrize("law", [common_denominators, factor, settled], ids=lambda f: f.__name__)
def test_twice_is_once(case: Case, law: Callable[[Node], Node]) -> None:
    for form in candidates(case, raw_derivative(case)):
        once = law(form)
        assert law(once) is once


def test_there_is_something_to_simplify() -> None:
    changed = 0
    for case in CASES:
        raw = raw_derivative(case)
        changed += any(form is not raw for form in candidates(case, raw))
    assert changed > len(CASES) / 10
