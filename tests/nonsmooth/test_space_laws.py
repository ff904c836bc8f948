"""Laws of the table of atoms, of domains, and of answers that must not be given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from gradform.errors import CannotError, InputError
from gradform.functions import lookup
from gradform.nonsmooth.space.atoms import ATOMS
from gradform.nonsmooth.space.disproof import evaluator
from gradform.nonsmooth.space.question import SpaceQuestion, space_question
from gradform.nonsmooth.space.result import SpaceConvexity, SpaceSubdifferential

X3 = {"x": [1, 1, 0]}
EIGEN = {"X": [[2, 0, 0], [0, 2, 0], [0, 0, 1]]}
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "norm1": ("norm1(x)", X3),
    "norm2": ("norm2(x)", {"x": [0, 0, 0]}),
    "norminf": ("norminf(x)", {"x": [1, -1, 0]}),
    "norm21": ("norm21(X)", {"X": [[3, 4], [0, 0]]}),
    "normnuc": ("normnuc(X)", {"X": [[1, 2], [2, 4], [0, 0]]}),
    "normspec": ("normspec(X)", {"X": [[0, 2], [-2, 0], [0, 0]]}),
    "lambda_max": ("lambda_max(X)", EIGEN),
    "lambda_min": ("-lambda_min(X)", {"X": [[1, 0, 0], [0, 1, 0], [0, 0, 3]]}),
    "lambda_sum_largest": ("lambda_sum_largest(X, 2)", {"X": [[3, 0, 0], [0, 1, 0], [0, 0, 1]]}),
    "max": ("max(x)", X3),
    "min": ("-min(x)", {"x": [0, 0, 1]}),
    "maximum": ("sum(maximum(x, -x))", X3),
    "minimum": ("-sum(minimum(x, 2*x))", X3),
    "sum_largest": ("sum_largest(x, 2)", {"x": [3, 1, 1, 0]}),
    "median": ("median(x)", {"x": [1, 1, 0]}),
    "logsumexp": ("logsumexp(x)", X3),
    "logdet": ("-logdet(X)", EIGEN),
    "negentropy": ("negentropy(x)", {"x": [1, 2, 3]}),
    "geo_mean": ("-geo_mean(x)", {"x": [1, 2, 4]}),
    "quad_over_lin": ("quad_over_lin(x, t)", {"x": [1, 2, 0], "t": 2}),
    "sumsq": ("sumsq(x)", X3),
    "sum": ("sum(abs(x))", X3),
    "mean": ("mean(abs(x))", X3),
    "var": ("var(x)", X3),
    "std": ("std(x)", {"x": [1, 1, 1]}),
    "tr": ("abs(tr(X))", {"X": [[1, 2], [3, -1]]}),
    "dot": ("abs(dot(x, [1; -1; 0]))", X3),
    "clip": ("sum(clip(x, 0, 1))", X3),
    "dist_nonneg": ("dist_nonneg(x)", {"x": [0, 0, -1]}),
    "dist_box": ("dist_box(x, -1, 1)", {"x": [1, -1, 0]}),
    "dist_affine": ("dist_affine(x, [1, 1, 0], 2)", X3),
    "dist_psd": ("dist_psd(X)", {"X": [[1, 0, 0], [0, 0, 0], [0, 0, 0]]}),
    "ind_nonneg": ("ind_nonneg(x)", X3),
    "ind_box": ("ind_box(x, 0, 1)", X3),
    "ind_simplex": ("ind_simplex(x)", {"x": [1, 0, 0]}),
    "ind_ball2": ("ind_ball2(x, 5)", {"x": [3, 4, 0]}),
    "ind_ball1": ("ind_ball1(x, 2)", X3),
    "ind_psd": ("ind_psd(X)", {"X": [[1, 0, 0], [0, 0, 0], [0, 0, 0]]}),
    "ind_affine": ("ind_affine(x, [1, 1, 0], 2)", X3),
}  # fmt: skip


def asked(source: str, at: dict[str, Any], **more: Any) -> SpaceQuestion:
    symmetric = {"X": "symmetric"} if source.count("lambda") or "psd" in source else {}
    symmetric = {"X": "symmetric"} if "logdet" in source else symmetric
    return space_question(source, list(at), at, assume=symmetric, **more)


def test_every_atom_has_a_sample() -> None:
    assert set(SAMPLES) == set(ATOMS)
    assert all(lookup(name) is not None for name in ATOMS)


@pytest.mark.parametrize("name", SAMPLES)
def test_subgradients_satisfy_their_inequality(name: str) -> None:
    """f(z) >= f(x) + <g, z - x> for elements g, and the directional derivative is the bound."""
    source, at = SAMPLES[name]
    found = SpaceSubdifferential(asked(source, at))
    question = found._question
    if name in ("median", "clip"):
        assert found.status == "REFUSED"
        return
    assert (found.status, found.sense) == ("EXACT", "sub")
    value, start = evaluator(question), question.point
    rng = np.random.default_rng(3)
    elements = found.sample(20)
    inside = name in ("logdet", "quad_over_lin")  # they have values beyond their domains, too
    for scale in (1e-3, 0.1) if inside else (1e-3, 0.3, 3.0):
        for _ in range(60):
            d = rng.standard_normal(start.size) * scale
            if question.variables[0].is_symmetric:
                square = d.reshape(question.variables[0].shape)
                d = ((square + square.T) / 2).ravel()
            there = value(start + d)
            if np.isfinite(there):
                lowest = value(start) + float((elements @ d).max())
                assert there >= lowest - 1e-9 * max(1.0, abs(there))
            change, bound = found.directional_derivative(d), found.support(d)
            assert change == bound or abs(change - bound) <= 1e-9 * max(1.0, abs(change))


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("norm2(x)^2 - 2*norm1(x)", "neither"),
        ("norm1(x) + sumsq(x) - x(1)*x(2)", "convex"),
        ("x(1)^2 + 3*x(1)*x(2) + x(2)^2", "neither"),
        ("x(1)^2 + 2*x(1)*x(2) + x(2)^2", "convex"),
        ("x'*[2, 1, 0; 1, 2, 0; 0, 0, 0]*x", "convex"),
        ("x'*[1, 2, 0; 2, 1, 0; 0, 0, 0]*x", "neither"),
        ("max(x(1), x(2)) - x(1)", "convex"),
        ("abs(x(1) - x(2)) - abs(x(2) - x(1))/2", "convex"),
        ("2*abs(x(1)) - abs(3*x(1))", "concave"),
        ("x(1)^4 - 2*x(1)^3 + 2*x(1)^2 + abs(x(2))", "convex"),
        ("x(1)^4 - 3*x(1)^3 + abs(x(2))", "neither"),
        ("sqrt(1 + sumsq(x))", "convex"),
        ("log(1 + sumsq(x))", "neither"),
        ("-log(1 - norm2(x)/10)", "convex"),
        ("1/(10 - norm1(x))", "neither"),
        ("1/x(1)", "neither"),
        ("1/(1 + norm1(x)) + 1/x(1)^2", "neither"),
        ("-1/(-1 - sumsq(x))", "neither"),
        ("1/(-1 - norm2(x))", "neither"),
        ("1/(-1 - exp(x(1)))", "neither"),
        ("(1 + norm2(x))^(-1)", "neither"),
        ("cosh(x'*x/9)", "convex"),
        ("dot(x, x) + abs(x(1))*1", "convex"),
        ("x(1)^(3/2)", "convex"),
        ("piecewise(x(1) < x(2), x(2) - x(1), 2*x(1) - 2*x(2))", "convex"),
        ("piecewise(x(1) < 1, x(1)^2, 2*x(1) - 1) + norm2(x)", "convex"),
        ("piecewise(x(1) < 1, x(1)^2, x(1)) + abs(x(2))", "neither"),
        ("-piecewise(abs(x(3)) <= 1, x(3)^2/2, abs(x(3)) - 1/2)", "concave"),
        ("clip(norm1(x), -2, 0)", "affine"),
        ("(sumsq(x) - 1)^(3/2)", "undecided"),  # its domain is not convex
        ("sqrt(x(1)) + sqrt(x(2))", "concave"),
        ("min(x(1), 2*x(2))", "concave"),
        ("sum(x) + 3", "affine"),
        ("exp(x(1)) + exp(-x(1)) + exp(x(2)/2)", "convex"),
        ("exp(-norm2(x))", "neither"),
        ("norm2([norm1(x); x(1)])", "convex"),
        ("norm2([norm1(x) - 1; x(1)])", "neither"),
        ("(sumsq(x) - 4)^2", "neither"),
        ("sumsq(x)/(1 + exp(x(1)))", None),
        ("quad_over_lin(x, 2)", "convex"),
    ],
)
def test_verdicts(source: str, label: str | None) -> None:
    found = SpaceConvexity(space_question(source, "x", {"x": [1, 2, 3]}))
    assert found.label == (label or found.label)


def test_constraints_that_only_touch() -> None:
    """Where relative interiors do not meet, the set is more than the sum of normal cones."""
    discs = "ind_ball2(x - [1; 0], 1) + ind_ball2(x + [1; 0], 1)"
    found = SpaceSubdifferential(space_question(discs, "x", {"x": [0, 0]}))
    assert found.contains([3, -7]) and found.status == "EXACT"
    assert any("do not meet" in note for note in found.conditions)
    beside = "norm1(x) + ind_ball2(x - [1; 0], 1) + ind_nonneg(-x(1))"
    found = SpaceSubdifferential(space_question(beside, "x", {"x": [0, 0]}))
    assert found.contains([5, 50])
    inside = "ind_ball2(x - [1; 0], 1) + ind_ball2(x + [1; 0], 2)"
    found = SpaceSubdifferential(space_question(inside, "x", {"x": [0, 0]}))
    assert found.contains([-3, 0]) and not found.contains([-3, 1])


def test_borders_of_domains() -> None:
    for source in ("negentropy(x)", "-geo_mean(x)", "-sum(sqrt(x))", "norm1(x) - sqrt(x(1))"):
        found = SpaceSubdifferential(space_question(source, "x", {"x": [0, 1]}))
        assert found.is_empty and found.status == "EXACT" and found.min_norm is None
    found = SpaceSubdifferential(space_question("sum(x.^(3/2))", "x", {"x": [0, 1]}))
    assert found.contains([-7, 1.5]) and not found.contains([0.1, 1.5])
    found = SpaceSubdifferential(space_question("ind_box(x, 0, 1)", "x", {"x": [2, 0]}))
    assert found.is_empty
    with pytest.raises(InputError):
        SpaceSubdifferential(space_question("sum(log(x))", "x", {"x": [0, 1]}))


def test_hidden_norms() -> None:
    """Powers of sums of squares are powers of norms, also where roots are not differentiable."""
    params = {"P": [[2, 1], [1, 2]], "b": [1, 1]}
    for source, at, d, change in (
        ("sqrt(x'*P*x)", [0, 0], [1, 2], 14**0.5),
        ("((x - b)'*P*(x - b))^(1/2)", [1, 0], [0, 1], -(2**0.5)),
        ("sqrt(x(1)^2 + 2*x(2)^2)", [0, 0], [1, 2], 3.0),
        ("(x'*x)^(3/2)", [0, 0], [1, 2], 0.0),
        ("norm1(x)^(3/2)", [0, 0], [1, 2], 0.0),
        ("sqrt(norm1(x)^2)", [0, 0], [1, 2], 3.0),
        ("sqrt(4 + sumsq(x))", [0, 0], [1, 2], 0.0),
    ):
        found = SpaceSubdifferential(space_question(source, "x", {"x": at}, params))
        assert (found.status, found.convexity.label) == ("EXACT", "convex"), source
        assert found.directional_derivative(d) == pytest.approx(change)
        assert found.support(d) == pytest.approx(change)
    with pytest.raises(CannotError):  # sqrt(|x2|) along the second axis
        SpaceSubdifferential(space_question("-sqrt(x(1) + abs(x(2)))", "x", {"x": [0, 0]}))


def test_ties_are_exact() -> None:
    tied = SpaceSubdifferential(space_question("max(norm2(x), 1)", "x", {"x": [0.6, 0.8]}))
    assert not tied.is_differentiable
    near = SpaceSubdifferential(space_question("max(norm2(x), 1)", "x", {"x": [0.6, 0.8000000001]}))
    assert near.is_differentiable
    third = space_question("max(3*x(1), x(2))", "x", {"x": ["1/3", 1]})
    assert not SpaceSubdifferential(third).is_differentiable
    roots = space_question("max(x(1)^2, x(2))", "x", {"x": ["sqrt(2)", 2]})
    assert not SpaceSubdifferential(roots).is_differentiable
    sums = space_question("abs(x(1) + x(2) - 0.3)", "x", {"x": [0.1, 0.2]})
    assert SpaceSubdifferential(sums).set is not None
    assert not SpaceSubdifferential(sums).is_differentiable


def test_refusals_keep_their_word() -> None:
    found = SpaceSubdifferential(space_question("norm1(x) - norm2(x)", "x", {"x": [0, 0]}))
    assert found.status == "REFUSED" and found.witness is not None
    assert found.clarke is not None and found.clarke.status == "OUTER"
    assert found.directional_derivative([3, 4]) == pytest.approx(2)
    with pytest.raises(CannotError):
        found.contains([0, 0])


def test_large_problems() -> None:
    n = 100_000
    rng = np.random.default_rng(0)
    x = np.where(rng.random(n) < 0.5, 0.0, rng.standard_normal(n))
    found = SpaceSubdifferential(space_question("norm1(x)", "x", {"x": x}))
    g = found.sample(1)[0]
    assert found.contains(g)
    assert not found.contains(g + 3 * np.eye(1, n).ravel())
    steps = sparse.diags([-np.ones(n - 1), np.ones(n - 1)], [0, 1], shape=(n - 1, n)).tocsr()
    flat = np.repeat(rng.standard_normal(100), n // 100)
    found = SpaceSubdifferential(space_question("norm1(D*x)", "x", {"x": flat}, {"D": steps}))
    assert found.status == "EXACT" and found.contains(found.sample(1)[0])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_selection_is_a_subgradient(name: str) -> None:
    source, at = SAMPLES[name]
    if name in ("median", "clip", "std", "var", "dist_affine", "dist_psd", "lambda_sum_largest"):
        return  # not convex, or no source is written
    question = asked(source, at)
    found = SpaceSubdifferential(question)
    space: dict[str, Any] = {}
    exec(found.numpy_source, space)
    g = space["subgradient"](*at.values())
    assert found.contains(g, 1e-8), (g, found.text)
    assert "subgradient of " + source in found.numpy_source


def test_the_selection_knows_compositions() -> None:
    rng = np.random.default_rng(0)
    params = {"A": rng.integers(-2, 3, (4, 3)).tolist(), "b": [0.0, 1.0, 0.0, -1.0]}
    for source in (
        "sumsq(A*x - b)/2 + 3*norm1(x) + max(x(1), x(2), 0)",
        "norm2([norm2(A*x - b); x(2)]) + sqrt(sumsq(x))",
        "sum(hinge(A*x)) + norminf(x)^2",
        "y = A*x - b; logsumexp(y) + sum(huber(y, 1)) + sum_largest(y, 2)",
    ):
        for point in ([0.0, 0.0, 0.0], [1.0, 1.0, -1.0], [0.5, -2.0, 0.0]):
            found = SpaceSubdifferential(space_question(source, "x", {"x": point}, params))
            space: dict[str, Any] = {}
            exec(found.numpy_source, space)
            g = space["subgradient"](point, *params.values())
            assert found.contains(g, 1e-8), (source, point)
