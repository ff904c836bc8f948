"""Random expressions: generated code against an einsum of the nodes."""

from __future__ import annotations

import ast

import pytest

from tests.unit.codegen.codegen_cases import check, random_expression, random_product


@pytest.mark.parametrize("block", range(20))
def test_products(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        source = check(random_product(seed), seed=seed)
        assert max(map(len, source.split("\n"))) <= 100
        ast.parse(source)


@pytest.mark.parametrize("kind", ["leaf", "joined", "matrix"])
@pytest.mark.parametrize("block", range(6))
def test_products_of_structured_factors(kind: str, block: int) -> None:
    for seed in range(40 * block, 40 * block + 40):
        check(random_product(seed, kind), seed=seed)


@pytest.mark.parametrize("block", range(10))
def test_several_outputs(block: int) -> None:
    for seed in range(30 * block, 30 * block + 30):
        check(*(random_expression(1000 * seed + k) for k in range(3)), seed=seed)


@pytest.mark.parametrize("block", range(6))
def test_products_of_matrix_function_derivatives(block: int) -> None:
    for seed in range(15 * block, 15 * block + 15):
        check(random_product(seed, "derivative"), seed=seed)
