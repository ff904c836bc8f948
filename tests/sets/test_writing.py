"""Sets as people write them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gradform.sets import (
    Affine,
    Ball,
    Box,
    Cone,
    ConvexSet,
    Empty,
    Hull,
    HullOf,
    Hypersimplex,
    MatrixBall,
    Point,
    PsdShift,
    Sandwich,
    Scaled,
    Spectraplex,
    Sum,
    SymbolicBall,
    SymbolicBox,
    whole_space,
)

WRITTEN: list[tuple[ConvexSet | SymbolicBox | SymbolicBall, str, str]] = [
    (Point([0, 1, -1]), "{(0, 1, -1)}", "{(0, 1, -1)}"),
    (Point([0.5, 1 / 3]), "{(1/2, 1/3)}", "{(1/2, 1/3)}"),
    (Point(["sqrt(2)", Fraction(2, 7)]), "{(sqrt(2), 2/7)}", "{(√2, 2/7)}"),
    (Point([np.pi]), "{3.141592653589793}", "{3.141592653589793}"),
    (Box([-1, 2], [1, 2]), "[-1, 1] x {2}", "[-1, 1] × {2}"),
    (Box([-1, -1, 0], [1, 1, "inf"]), "[-1, 1]^2 x [0, inf)", "[-1, 1]^2 × [0, ∞)"),
    (Box(["-inf"], ["1/2"]), "(-inf, 1/2]", "(-∞, 1/2]"),
    (Ball("l2", [0, 0], 1), "{g : norm2(g) <= 1}", "{g : ‖g‖₂ ≤ 1}"),
    (Ball("l1", [1, 2], 3), "{g : norm1(g - (1, 2)) <= 3}", "{g : ‖g - (1, 2)‖₁ ≤ 3}"),
    (Hull([[1, 0], [0, 1]]), "conv{(1, 0), (0, 1)}", "conv{(1, 0), (0, 1)}"),
    (
        HullOf(Box([1, -1], [1, 1]), Point([2, 0])),
        "conv({1} x [-1, 1] union {(2, 0)})",
        "conv({1} × [-1, 1] ∪ {(2, 0)})",
    ),
    (Cone(2, [[1, 0]], []), "cone{(1, 0)}", "cone{(1, 0)}"),
    (whole_space(2), "R^2", "ℝ^2"),
    (Empty(3), "{}", "∅"),
    (
        Hypersimplex(3, 2),
        "{w in R^3 : 0 <= w_i <= 1, sum(w) = 2}",
        "{w ∈ ℝ^3 : 0 ≤ w_i ≤ 1, sum(w) = 2}",
    ),
    (
        Spectraplex(2, 1),
        "{S in R^(2 x 2) : S psd, tr(S) = 1}",
        "{S ∈ ℝ^(2 × 2) : S ⪰ 0, tr(S) = 1}",
    ),
    (PsdShift(2, -1, np.eye(2)), "{[1, 0; 0, 1] - P : P psd}", "{[1, 0; 0, 1] - P : P ⪰ 0}"),
    (
        Affine(np.eye(2), Box([-1, -1], [1, 1]), names=("A'", "")),
        "A'*([-1, 1]^2)",
        "Aᵀ·([-1, 1]^2)",
    ),
    (
        Sandwich(
            [[0], [1]],
            MatrixBall("spectral", (1, 1), [[0]], 1),
            [[0, 1]],
            [[1, 0], [0, 0]],
            names=("U2", "V2'", "U1*V1'"),
        ),
        "U1*V1' + U2*{W in R^(1 x 1) : normspec(W) <= 1}*V2'",
        "U1·V1ᵀ + U2·{W ∈ ℝ^(1 × 1) : ‖W‖₂ ≤ 1}·V2ᵀ",
    ),
    (
        Sum(Point([1, 1]), Scaled(2, Ball("l2", [0, 0], 1))),
        "{(1, 1)} + 2*{g : norm2(g) <= 1}",
        "{(1, 1)} + 2·{g : ‖g‖₂ ≤ 1}",
    ),
    (SymbolicBox("n", -1, 1), "[-1, 1]^n", "[-1, 1]^n"),
    (SymbolicBall("n", "l2", 1), "{g in R^n : norm2(g) <= 1}", "{g ∈ ℝ^n : ‖g‖₂ ≤ 1}"),
]


@pytest.mark.parametrize(("s", "text", "unicode"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_text_and_unicode(s: ConvexSet, text: str, unicode: str) -> None:
    assert s.text == text
    assert s.unicode == unicode
    assert text in repr(s)


def test_latex() -> None:
    assert Box([-1, 2], ["1/2", 2]).latex == r"[-1, \frac{1}{2}] \times \{2\}"
    assert Ball("linf", [0, 0], 1).latex == r"\{g \mid \lVert g \rVert_{\infty} \le 1\}"
    assert Affine(np.eye(1), Box([0], [1]), names=("A'", "")).latex == r"A^\top \, [0, 1]"
    assert SymbolicBox("n", -1, 1).latex == "[-1, 1]^{n}"


def test_long_sets_are_cut_short() -> None:
    assert Box(-np.ones(10**5), np.ones(10**5)).text == "[-1, 1]^100000"
    assert len(Box(-np.arange(10.0**5), np.ones(10**5)).text) < 200
    assert len(Point(np.arange(10.0**5)).text) < 100
    assert Hull(np.eye(12)[:2]).text == "conv{e1, e2}"
    assert Hull(np.eye(12)[:2]).unicode == "conv{e₁, e₂}"


def test_symbolic_sizes_answer_concrete_questions() -> None:
    assert SymbolicBox("n", -1, 2).support([1, -1, 3]) == 9
    assert SymbolicBall("n", "l2", 2).support([3, 4]) == 10
    assert SymbolicBox("n", -1, 1).contains([1, 0.5])
    assert SymbolicBall("n", "l1", 1).maximiser([0, 2, 1]) == pytest.approx([0, 1, 0])
