"""Random questions against JAX: never wrong, never a crash, seldom without an answer.

``python -m benchmarks.oracle`` asks 20,000 of them.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.oracle.check import Status, Verdict, check
from tests.oracle.generate import question

FIRST = 600_000
COUNT = 200


@cache
def verdict(seed: int) -> Verdict:
    return check(question(seed))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_is_not_wrong(seed: int) -> None:
    found = verdict(seed)
    assert found.status not in (Status.WRONG, Status.CRASH), (str(question(seed)), found)


def test_most_are_answered() -> None:
    statuses = [verdict(seed).status for seed in range(FIRST, FIRST + COUNT)]
    assert statuses.count(Status.CORRECT) > 0.85 * COUNT
    assert statuses.count(Status.CANNOT) <= 0.02 * COUNT
