"""Every case of the data file of several variables, in every respect."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradform.nonsmooth.space.question import space_question
from gradform.nonsmooth.space.result import SpaceSubdifferential
from tests.sets.set_data import built

_FILE = Path(__file__).parents[1] / "data" / "subdifferential_multivariate.json"


@cache
def rows() -> dict[str, dict[str, Any]]:
    cases = json.loads(_FILE.read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in cases}


def answered(case: dict[str, Any]) -> SpaceSubdifferential:
    names = [variable["name"] for variable in case["variables"]]
    assume = {v["name"]: "symmetric" for v in case["variables"] if v.get("symmetric")}
    question = space_question(case["expr"], names, case["point"], case["params"], assume=assume)
    return SpaceSubdifferential(question)


def directions(case: dict[str, Any], size: int) -> np.ndarray[Any, Any]:
    """400 random directions, symmetric where the variable is."""
    found = np.random.default_rng(5).standard_normal((400, size))
    if any(variable.get("symmetric") for variable in case["variables"]):
        n = round(size**0.5)
        square = found.reshape(-1, n, n)
        found = ((square + square.transpose(0, 2, 1)) / 2).reshape(-1, size)
    return found


CONVEX = [name for name, case in rows().items() if case["set"]]
REFUSED = [name for name, case in rows().items() if not case["set"]]


@pytest.mark.parametrize("name", rows())
def test_curvature(name: str) -> None:
    case = rows()[name]
    assert answered(case).convexity.label == case["curvature"]


@pytest.mark.parametrize("name", CONVEX)
def test_set(name: str) -> None:
    case = rows()[name]
    found = answered(case)
    assert (found.status, found.sense) == ("EXACT", case["sense"])
    for g in case["members"]:
        assert found.contains(g), g
    for other in case["nonmembers"]:
        assert not found.contains(other["g"]), other["g"]
    assert found.set is not None
    wanted = built(case["set"], found.set.dim)
    for d in directions(case, found.set.dim):
        ours, theirs = found.support(d), wanted.support(d)
        assert ours == theirs or abs(ours - theirs) <= 1e-9
        if not found.is_empty:
            change = found.directional_derivative(d)
            bound = ours if case["sense"] == "sub" else -found.support(-d)
            assert change == bound or abs(change - bound) <= 1e-9


@pytest.mark.parametrize("name", CONVEX)
def test_least_element_and_optimality(name: str) -> None:
    case = rows()[name]
    found = answered(case)
    if case["min_norm"] is None:
        assert found.min_norm is None and found.is_empty
    else:
        assert found.min_norm is not None
        tolerance = 1e-8 if "closed" in case["min_norm"] else 1e-6
        np.testing.assert_allclose(found.min_norm, case["min_norm"]["g"], atol=tolerance)
    assert found.is_optimal == bool(case["optimal"])
    certificate = found.optimality
    if found.is_optimal and certificate.parts:
        total = np.sum([part.vector for part in certificate.parts], axis=0)
        np.testing.assert_allclose(total, 0.0, atol=1e-8)
    elif not found.is_optimal and certificate.direction is not None:
        sign = 1 if case["sense"] == "sub" else -1
        assert sign * found.directional_derivative(certificate.direction) < 0


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(name: str) -> None:
    case = rows()[name]
    found = answered(case)
    assert found.status == "REFUSED" and found.set is None
    for witness, sign in (
        (found.convexity.not_convex, 1),
        (found.convexity.not_concave, -1),
    ):
        assert witness is not None
        assert sign * (witness.f_mid - (witness.f_y + witness.f_z) / 2) > 0
        assert "exact" in witness.verified
    assert found.clarke is not None and found.clarke.status == "EXACT"
    wanted = built(case["clarke"])
    for d in directions(case, wanted.dim):
        assert abs(found.clarke.set.support(d) - wanted.support(d)) <= 1e-9


def test_median_time() -> None:
    times = []
    for case in rows().values():
        start = time.perf_counter()
        answered(case)
        times.append(time.perf_counter() - start)
    assert np.median(times) <= 0.05
