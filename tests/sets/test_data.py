"""Every set of the data file: members, nonmembers, least element, support, printing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sets.set_data import built, cases, dimension


@pytest.mark.parametrize("name", cases())
def test_members_are_in_and_nonmembers_out(name: str) -> None:
    case = cases()[name]
    s = built(case["set"], dimension(case))
    assert s.dim == dimension(case)
    for form in (s, s.simplified()):
        for g in case["members"]:
            assert form.contains(g), g
            assert form.separating(g) is None
        for other in case["nonmembers"]:
            assert not form.contains(other["g"]), other["g"]
            d = form.separating(other["g"])
            assert d is not None
            assert d @ np.array(other["g"]) > form.support(d)


@pytest.mark.parametrize("name", cases())
def test_the_directions_of_the_data_separate(name: str) -> None:
    case = cases()[name]
    s = built(case["set"], dimension(case))
    for other in case["nonmembers"]:
        if "separating_direction" in other:
            d = np.array(other["separating_direction"])
            assert d @ np.array(other["g"]) > s.support(d)


@pytest.mark.parametrize("name", cases())
def test_the_least_element(name: str) -> None:
    case = cases()[name]
    s = built(case["set"], dimension(case))
    for form in (s, s.simplified()):
        found = form.min_norm
        if case["min_norm"] is None:
            assert found is None and form.is_empty
            continue
        assert found is not None
        # without a closed form the file has a solver's answer; ours is no longer than that
        is_closed = "closed" in case["min_norm"]
        np.testing.assert_allclose(found, case["min_norm"]["g"], atol=1e-8 if is_closed else 1e-6)
        assert np.linalg.norm(found) <= case["min_norm"]["norm"] + 1e-10
        assert form.support(-found) + found @ found <= 1e-9


@pytest.mark.parametrize("name", cases())
def test_no_member_exceeds_the_support(name: str) -> None:
    case = cases()[name]
    s = built(case["set"], dimension(case))
    if s.is_empty:
        return
    rng = np.random.default_rng(1)
    samples = np.vstack([s.sample(300, rng), *map(np.atleast_2d, case["members"])])
    for d in rng.standard_normal((40, s.dim)):
        assert (samples @ d).max() <= s.support(d) + 1e-9
