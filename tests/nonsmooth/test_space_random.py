"""Random compositions: directional derivatives, support functions, verdicts, least elements."""

from __future__ import annotations

import numpy as np
import pytest

from gradform.nonsmooth.space.disproof import search
from gradform.nonsmooth.space.result import SpaceSubdifferential
from tests.nonsmooth.random_compositions import Compositions, numerical

GROUPS = 6
EACH = 25


@pytest.mark.parametrize("group", range(GROUPS))
def test_compositions(group: int) -> None:
    exact = 0
    for seed in range(group * EACH, (group + 1) * EACH):
        question = Compositions(seed).question()
        found = SpaceSubdifferential(question)
        told = f"{seed}: {question.source}"
        rng = np.random.default_rng(seed)
        for d in [*rng.standard_normal((9, 3)), *np.eye(3)]:
            change, wanted = found.directional_derivative(d), numerical(question, d)
            assert abs(change - wanted) <= 2e-6 * max(1.0, abs(wanted)), told
            if found.status == "EXACT":
                bound = found.support(d) if found.sense == "sub" else -found.support(-d)
                assert abs(change - bound) <= 1e-9 * max(1.0, abs(change)), told
        refuted = search(question)
        assert not (found.convexity.label in ("convex", "affine") and "convex" in refuted), told
        assert not (found.convexity.label in ("concave", "affine") and "concave" in refuted), told
        if found.status == "EXACT":
            exact += 1
            least = found.min_norm
            assert least is not None
            assert found.support(-least) + least @ least <= 1e-8, told
        else:
            assert found.status in ("REFUSED", "UNDECIDED"), told
    assert exact >= EACH // 3
