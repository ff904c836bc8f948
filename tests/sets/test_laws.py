"""Laws of convex sets, over the registry of all types."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import gradform.sets as sets
from gradform.sets import ConvexSet
from tests.sets.registry import SETS

FULL = [name for name, s in SETS.items() if not s.is_empty]


def directions(s: ConvexSet, count: int, seed: int = 0) -> np.ndarray:
    """Random directions, the unit vectors, and on unbounded sets differences to elements."""
    rng = np.random.default_rng(seed)
    found = [rng.standard_normal((count, s.dim)), np.eye(s.dim), -np.eye(s.dim)]
    if not s.is_bounded and not s.is_empty:
        away = 5 * rng.standard_normal((8, s.dim))
        found.append(np.array([s.supporting(g - s.project(g)) for g in away]))
    return np.vstack(found)


def test_every_type_is_in_the_registry() -> None:
    met = {type(s) for s in SETS.values()}
    public = {t for t in vars(sets).values() if inspect.isclass(t) and issubclass(t, ConvexSet)}
    assert public - met == {ConvexSet}


@pytest.mark.parametrize("name", SETS)
def test_support_is_sublinear(name: str) -> None:
    s = SETS[name]
    d = directions(s, 30)
    e = directions(s, 30, seed=1)[: len(d)]
    d = d[: len(e)]
    for one, two in zip(d, e, strict=True):
        left, right = s.support(one), s.support(two)
        assert s.support(3 * one) == pytest.approx(3 * left, abs=1e-12)
        assert s.support(one + two) <= left + right + 1e-10
    if not s.is_empty:
        assert s.support(np.zeros(s.dim)) == 0


@pytest.mark.parametrize("name", FULL)
def test_the_maximiser_attains_the_support_and_is_an_element(name: str) -> None:
    s = SETS[name]
    finite = 0
    for d in directions(s, 6):
        value, found = s.support(d), s.maximiser(d)
        assert (found is None) == (value == np.inf)
        if found is not None:
            finite += 1
            assert d @ found == pytest.approx(value, abs=1e-10)
            assert s.contains(found)
    assert finite or name in {"whole space", "free box"}


@pytest.mark.parametrize("name", FULL)
def test_samples_and_their_mixtures_are_elements(name: str) -> None:
    s = SETS[name]
    rng = np.random.default_rng(3)
    samples = s.sample(12, rng)
    assert samples.shape == (12, s.dim)
    for point in samples[:4]:
        assert s.contains(point)
        assert s.separating(point) is None
    for weights in rng.dirichlet(np.ones(12), size=4):
        assert s.contains(weights @ samples)
    for d in directions(s, 30):
        assert (samples @ d).max() <= s.support(d) + 1e-9 * (1 + np.abs(samples).max())


@pytest.mark.parametrize("name", FULL)
def test_projections_are_elements_and_nearest(name: str) -> None:
    s = SETS[name]
    rng = np.random.default_rng(4)
    samples = s.sample(40, rng)
    for scale in (0.3, 2.0, 20.0):
        g = scale * rng.standard_normal(s.dim)
        p = s.project(g)
        assert s.contains(p)
        assert ((samples - p) @ (g - p)).max() <= 1e-9 * (1 + scale**2)
        np.testing.assert_allclose(s.project(p), p, atol=1e-7)


@pytest.mark.parametrize("name", FULL)
def test_the_least_element_meets_its_certificate(name: str) -> None:
    s = SETS[name]
    g = s.min_norm
    assert g is not None
    assert s.contains(g)
    assert s.support(s.supporting(-g)) + g @ g <= 1e-9 * (1 + g @ g)


@pytest.mark.parametrize("name", SETS)
def test_outside_points_are_separated(name: str) -> None:
    s = SETS[name]
    rng = np.random.default_rng(5)
    for scale in (1.0, 10.0):
        g = scale * rng.standard_normal(s.dim)
        inside = s.contains(g)
        d = s.separating(g)
        assert inside == (d is None)
        if d is not None:
            assert np.linalg.norm(d) == pytest.approx(1.0)
            assert d @ g > s.support(d)


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("step", [1e-2, 1e-5, 1e-7])
def test_points_just_outside_are_refused_and_just_inside_are_not(name: str, step: float) -> None:
    s = SETS[name]
    rng = np.random.default_rng(6)
    g = 10 * rng.standard_normal(s.dim)
    p = s.project(g)
    away = np.linalg.norm(g - p)
    if away < 1e-3:
        pytest.skip("nothing is outside")
    outside = p + step * (g - p) / away
    assert not s.contains(outside)
    assert s.contains(outside, tolerance=2 * step)


@pytest.mark.parametrize("name", SETS)
def test_the_simplified_set_is_the_same(name: str) -> None:
    s = SETS[name]
    simple = s.simplified()
    assert simple.is_empty == s.is_empty
    assert simple.dim == s.dim
    for d in directions(s, 400):
        assert simple.support(d) == pytest.approx(s.support(d), abs=1e-9, rel=1e-12)
    assert type(simple.simplified()) is type(simple)


@pytest.mark.parametrize("name", SETS)
def test_text_is_written_and_balanced(name: str) -> None:
    for s in (SETS[name], SETS[name].simplified()):
        for text in (s.text, s.unicode, s.latex.replace(r"\{", "<").replace(r"\}", ">")):
            assert text.strip()
            for opening, closing in ("{}", "<>"):
                if "≤" not in text and "<=" not in text and r"\le" not in text:
                    assert text.count(opening) == text.count(closing)
        assert s.text.isascii()


def test_the_expected_kinds_come_out_of_simplification() -> None:
    kinds = {
        "sum of points": "Point",
        "sum of point and box": "Box",
        "sum of box and box": "Box",
        "sum of balls": "Ball",
        "box of one point": "Point",
        "hull of one point": "Point",
        "product of boxes": "Box",
        "diagonal image of a box": "Box",
        "scaled box": "Box",
        "image on a line": "Affine",
        "point and image": "Affine",
        "scaled by 0": "Point",
        "image of a hull": "Hull",
        "hull of points": "Hull",
        "ball of radius 0": "Point",
        "linf ball": "Box",
        "Frobenius ball": "Ball",
        "hypersimplex of all": "Point",
        "box without elements": "Empty",
        "sum with the empty set": "Empty",
        "cone of nothing": "Point",
    }
    met = {name: type(SETS[name].simplified()).__name__ for name in kinds}
    assert met == kinds
