"""What is said of signs and symmetry is true of every part of functions and derivatives."""

from __future__ import annotations

from collections import Counter

import numpy as np

from gradform.calculus import derivative
from gradform.derive.pipeline import with_structure
from gradform.ir import build
from gradform.ir.nodes import Node
from gradform.ir.sign import sign_of
from tests.properties.cases import Case, Cases
from tests.support.ir_eval import evaluate_all

CASES = Cases(150, first=300_000)


def _roots(case: Case) -> list[Node]:
    value = case.function.value.node
    slope = derivative(value, case.function.variables[case.names[0]].symbol)
    return [with_structure(each, case.function) for each in (value, slope)]


@CASES.each
def test_signs_and_symmetry(case: Case) -> None:
    for root in _roots(case):
        with np.errstate(all="ignore"):
            values = evaluate_all(root, case.env, case.sizes)
        for node, value in values.items():
            rounding = 1e-12 * (1 + float(np.max(np.abs(value), initial=0)))
            sign = sign_of(node)
            if sign is not None and np.isfinite(value).all():
                assert np.all(value >= -rounding)
            if sign == "positive" and np.isfinite(value).all():
                assert np.all(value > -rounding)
            if build.is_symmetric(node):
                assert np.allclose(value, value.T, rtol=1e-9, atol=1e-9 * rounding / 1e-12)


def test_facts_are_found() -> None:
    """The law above is not empty."""
    found: Counter[str] = Counter()
    for case in CASES:
        for root in _roots(case):
            for node in evaluate_all(root, case.env, case.sizes):
                found[f"sign {sign_of(node)}"] += 1
                found["symmetric"] += build.is_symmetric(node)
    assert min(found["sign positive"], found["sign nonnegative"], found["symmetric"]) > 50
