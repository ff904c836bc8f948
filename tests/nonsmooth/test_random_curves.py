"""Random compositions of kinks against difference quotients and the defining inequality."""

from __future__ import annotations

import pytest

from tests.nonsmooth.checks import interval_problem, one_sided_problem
from tests.nonsmooth.random_curves import convex, mixed


@pytest.mark.parametrize("start", range(0, 400, 20))
def test_one_sided_derivatives_are_limits_of_quotients(start: int) -> None:
    for seed in range(start, start + 20):
        sample = mixed(seed)
        assert one_sided_problem(sample) is None, sample


@pytest.mark.parametrize("start", range(0, 200, 20))
def test_the_interval_is_what_the_inequality_says(start: int) -> None:
    for seed in range(start, start + 20):
        sample = convex(seed)
        assert interval_problem(sample) is None, sample
