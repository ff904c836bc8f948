"""Plots show the function, its derivative, and what is known at a point; or say why not."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.language import speaking
from gradform.pictures import Picture

SVG = "{http://www.w3.org/2000/svg}"
_DATA = "subdifferential_univariate.json"
NUMBER: dict[str, Any] = dict.fromkeys("xyabt", ())


def _function(text: str, **shapes: Any) -> gf.Expression:
    return gf.parse(text, shapes={**NUMBER, **shapes})


def _texts(picture: Picture) -> list[str]:
    return [each.text or "" for each in ET.fromstring(picture.svg()).iter(f"{SVG}text")]


def _count(picture: Picture, style: str) -> int:
    classes = [e.get("class", "").split() for e in ET.fromstring(picture.svg()).iter()]
    return sum(style in each for each in classes)


def _cases() -> list[dict[str, Any]]:
    """Each third function on its natural domain that has a variable and a value at the point."""
    text = (Path(__file__).parents[1] / "data" / _DATA).read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = json.loads(text)["cases"]
    usable = [case for case in cases if "one_sided" in case and case["var"] in case["expr"]]
    return [case for case in usable if case["domain"] == "(-inf,inf)"][::3]


# ---------------------------------------------------------------- one number


@pytest.mark.parametrize("styled", [True, False])
@pytest.mark.parametrize(
    "text", ["x^2", "1/x", "log(x)", "floor(x)", "abs(x)", "sin(1/x)", "exp(10^9*x)", "0*x", "x^x"]
)
def test_plots_are_pictures(text: str, styled: bool) -> None:
    svg = _function(text).plot(over=(-1e-9, 1e-9) if "9" in text else None)
    root = ET.fromstring(svg.svg(styled=styled))
    assert root.get("role") == "img" and root.find(f"{SVG}title") is not None
    assert ("<style" in svg.svg(styled=styled)) is styled
    assert "style=" not in svg.svg(styled=False)
    assert "nan" not in svg.svg() and "inf" not in svg.svg().replace("infinite", "")
    assert "<script" not in svg.svg() and "url(" not in svg.svg()


@pytest.mark.parametrize(
    ("text", "curves", "changes", "poles"),
    [
        ("x^3 - 3*x", 1, 1, 0),
        ("1/x", 2, 2, 2),
        ("tan(x)", 3, 3, 4),
        ("floor(x)", 8, 1, 0),
        ("sign(x)", 2, 1, 0),
        ("log(x)", 1, 1, 2),
        ("abs(x)", 1, 2, 0),
        ("piecewise(x > 1, x^2, x)", 1, 2, 0),
    ],
)
def test_strokes_end_at_poles_and_jumps(text: str, curves: int, changes: int, poles: int) -> None:
    plot = _function(text).derivative("x").plot()
    found = tuple(_count(plot, style) for style in ("curve", "change", "pole"))
    assert found == (curves, changes, poles)


def test_both_formulas_are_shown() -> None:
    shown = _texts(_function("sin(x)*exp(-x^2)").derivative("x").plot())
    assert "f(x) = sin(x)·exp(-x²)" in shown
    assert "f′(x) = exp(-x²)·(cos(x) - 2·x·sin(x))" in shown
    assert any(
        text.startswith("f″(t) = ")
        for text in _texts(_function("exp(t^2)").derivative("t", order=2).plot())
    )


def test_the_quotients_stand_in_a_table_with_their_limit() -> None:
    shown = _texts(_function("x^2").derivative("x").plot(at=3))
    start = shown.index("h")
    rows = [shown[k : k + 3] for k in range(start, len(shown) - 2, 3)]
    assert rows[0] == ["h", "(f(3+h) − f(3)) / h", "(f(3) − f(3−h)) / h"]
    assert rows[1] == ["1", "7", "5"]
    assert rows[2] == ["1/2", "6.5", "5.5"]
    assert ["→ 0", "→ 6", "→ 6"] in rows


@pytest.mark.parametrize(
    ("text", "at", "set_", "limits"),
    [
        ("abs(x - 1) + x^2/4", 1, "[−1/2, 3/2]", ("3/2", "−1/2")),
        ("max(x^2, x)", 1, "[1, 2]", ("2", "1")),
        ("-abs(x)", 0, "[−1, 1]", ("−1", "1")),
        ("relu(x) - relu(-x)", 0, None, ("1", "1")),
        ("xlogx(x) + abs(x - 1)", 1, "[0, 2]", ("2", "0")),
        ("max(x, -x, x^2 - 1)", "(1 + sqrt(5))/2", "[1, 1 + √(5)]", ("1 + √(5)", "1")),
    ],
)
def test_kinks_have_the_exact_set(
    text: str, at: Any, set_: str | None, limits: tuple[str, str]
) -> None:
    plot = _function(text).derivative("x").plot(at=at)
    shown = _texts(plot)
    assert {f"→ {limits[0]}", f"→ {limits[1]}"} <= {*shown}
    sets = [text for text in shown if text.startswith("∂f")]
    assert any(text.endswith(f"= {set_}") for text in sets) is (set_ is not None)
    assert _count(plot, "area") == (2 if set_ else 0)
    assert (_count(plot, "range") > 0) is (set_ is not None)


@pytest.mark.parametrize(
    ("text", "at", "sentence"),
    [
        ("abs(x) - x^2", 0, "The one-sided derivatives differ: there is no derivative here."),
        ("sqrt(x)", 0, "No line supports the graph here: ∂f(0) = ∅."),
        ("floor(x)*x", 2, "The one-sided derivatives differ: there is no derivative here."),
        ("acos(x)", 1, "The domain ends: there is a derivative on one side at most."),
        ("sign(x)*sqrt(abs(x))", 0, "The slope is infinite: there is no derivative here."),
        ("norm2([x; 2*x])", 0, "Whether the quotients converge, and to what, was not proved."),
        ("abs(x - 1)/x", 1, "Whether the quotients converge, and to what, was not proved."),
    ],
)
def test_what_has_no_set_says_why(text: str, at: Any, sentence: str) -> None:
    plot = _function(text).derivative("x").plot(at=at)
    assert sentence in _texts(plot)
    assert _count(plot, "area") == _count(plot, "range") == 0


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["id"])
def test_slopes_are_those_of_the_data(case: dict[str, Any]) -> None:
    plot: Any = gf.parse(case["expr"], shapes={case["var"]: ()}).plot(at=case["x0"]["closed"])
    for side, found in (("left", plot.local.left), ("right", plot.local.right)):
        expected = case["one_sided"][side]
        if expected is None:
            assert found is None
        else:
            assert found == pytest.approx(float(expected), rel=1e-9, abs=1e-12)


def test_the_only_kink_is_shown_unasked() -> None:
    assert _count(_function("abs(x - 2)").derivative("x").plot(), "area") == 2
    assert _count(_function("sqrt(x^2)").plot(), "area") == 2
    several = _function("abs(x) + abs(x - 1)").derivative("x").plot()
    assert _count(several, "area") == 0 and _count(several, "range") == 2


def test_the_tangent_of_a_second_derivative_is_that_of_the_function() -> None:
    plot = _function("x^3").derivative("x", order=2).plot(at=1)
    assert "→ 3" in _texts(plot) and "→ 6" not in _texts(plot)


def test_other_variables_have_values() -> None:
    f = _function("norm2(A*v - x*w)^2 + a", A=("m", "n"), v=("n",), w=("m",))
    plot = f.derivative("x").plot(at=0, A=np.eye(2), v=[1, 2], w=[1, 1], a=5)
    assert "→ −6" in _texts(plot)
    same = f.plot(at=0, values={"A": [[1, 0], [0, 1]], "v": [1, 2], "w": [1, 1], "a": 5})
    assert same.svg() == plot.svg()


def test_a_function_without_a_confirmed_derivative_is_plotted_alone() -> None:
    plot = _function("sqrt(x - 1000)").plot()
    assert _count(plot, "curve") == 1 and _count(plot, "change") == 0


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("log(x)", -1.0, 4.0),
        ("sqrt(1 - x^2)", -1.5, 1.5),
        ("(x - 50)^2", -12.5, 125.0),
        ("x^2", -4.0, 4.0),
        ("asin(x/1000)", -1300.0, 1300.0),
    ],
)
def test_the_window_is_where_something_happens(text: str, low: float, high: float) -> None:
    plot: Any = _function(text).plot()
    left, right = plot.span
    assert low - 0.01 <= left < right <= high + 0.01
    assert right - left > 0.3 * (high - low)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("x^3 - x", lambda x: x**3 - x),
        ("exp(-x)*sin(3*x)", lambda x: math.exp(-x) * math.sin(3 * x)),
        ("log(x)", math.log),
    ],
)
def test_curves_go_through_the_values(text: str, function: Callable[[float], float]) -> None:
    points = _curve_points(_function(text).plot(over=(1.0, 2.0)))
    left, right = points[0][0], points[-1][0]
    heights = [function(1.0 + (x - left) / (right - left)) for x, _ in points]
    shown = [y for _, y in points]
    # The picture is an affine image of the graph.
    slope, offset = np.polyfit(heights, shown, 1)
    assert slope < 0
    assert np.allclose(slope * np.array(heights) + offset, shown, atol=0.5)


def _curve_points(plot: Picture) -> list[tuple[float, float]]:
    (path,) = (
        e.get("d", "") for e in ET.fromstring(plot.svg()).iter() if e.get("class") == "curve"
    )
    numbers = [float(each) for each in re.findall(r"-?\d+\.?\d*", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


# ---------------------------------------------------------------- two numbers


@pytest.mark.parametrize(
    ("text", "shapes", "axes"),
    [
        ("x^2*y - y^3/3", {}, ("x", "y")),
        ("v'*v + v(1)*v(2)", {"v": ("n",)}, ("v₁", "v₂")),
        ("norm2(v)^2", {"v": (2,)}, ("v₁", "v₂")),
        ("r*r'", {"r": (1, 2)}, ("r₁", "r₂")),
        ("log(x + y) + floor(x)", {}, ("x", "y")),
    ],
)
def test_functions_of_two_numbers_have_contours(
    text: str, shapes: dict[str, Any], axes: tuple[str, str]
) -> None:
    plot = _function(text, **shapes).plot()
    assert _count(plot, "contour") > 3 and _count(plot, "arrow") > 50
    assert {*axes} <= {*_texts(plot)}
    assert any(each.startswith("arrows: the gradient, ∇f = ") for each in _texts(plot))
    assert "nan" not in plot.svg()


def test_arrows_point_uphill() -> None:
    plot = _function("x^2 + 3*y^2").plot(over=(-1, 1))
    heads = re.findall(r'class="arrow" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', plot.svg())
    assert len(heads) > 100
    view = re.search(r'viewBox="([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)" overflow', plot.svg())
    assert view is not None
    left, top, width, height = map(float, view.groups())
    for each in heads:
        x, y, a, b = map(float, each)
        here = -1 + 2 * (x - left) / width, 1 - 2 * (y - top) / height
        step, gradient = (a - x, y - b), (2 * here[0], 6 * here[1])
        cosine = np.dot(step, gradient) / np.linalg.norm(step) / np.linalg.norm(gradient)
        if np.linalg.norm(step) > 8:
            assert cosine > 0.99


def test_the_gradient_at_a_point_is_written_out() -> None:
    shown = _texts(_function("x^2*y").plot(at=(1, 2)))
    assert "∇f(1, 2) = (4, 1)" in shown


def test_undefined_parts_are_void() -> None:
    plot = _function("log(x + y)").plot(over=(-1, 1))
    assert _count(plot, "void") == 1
    assert _count(_function("x + y").plot(), "void") == 0


# ---------------------------------------------------------------- what has no plot


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _function("A*v", A=("m", "n"), v=("n",)).plot(), "whose value is a number"),
        (lambda: _function("a*x^2 + b*x + t").plot(), "here a, x, b and t have no value"),
        (lambda: _function("tr(A)", A=("n", "n")).derivative("A").plot(), "here A have no value"),
        (lambda: _function("x^2").plot(x=2, at=1), "Nothing is left to plot"),
        (lambda: _function("3").plot(), "Nothing is left to plot"),
        (lambda: _function("x^2").derivative("x").plot(x=2), "x is what is plotted"),
        (lambda: _function("log(x)").plot(at=-1), "f(x) has no value at x = −1"),
        (lambda: _function("log(x)").plot(over=(-2, -1)), "no values between -2 and -1"),
        (lambda: _function("x^2").plot(over=(1, 1)), "'(1, 1)' is no interval"),
        (lambda: _function("x^2").plot(over=3), "'3' is no interval"),
        (lambda: _function("x^2").plot(at="here"), "here"),
        (lambda: _function("x*y").plot(at=3), "'3' is no point of the plane"),
        (lambda: _function("a*x").plot(a="b"), "The value of a is no array of numbers"),
        (lambda: _function("a*x").plot(a=[1, 2]), "a must have shape"),
        (lambda: _function("a*x").plot(a=1, q=2), "There is no variable 'q'"),
        (lambda: _function("v'*v", v=("n",)).hvp("v", "w").plot(), "has no plot"),
        (lambda: _function("log(-1 - x^2 - y^2)").plot(), "no values in the part"),
    ],
)
def test_what_has_no_plot_says_why(make: Callable[[], Picture], message: str) -> None:
    with pytest.raises(gf.InputError, match=re.escape(message)) as caught:
        make()
    assert caught.value.hint or caught.value.kind != "plot" or "no value at" in message


def test_words_are_in_the_language_of_the_reader() -> None:
    plot = _function("abs(x) - x^2").derivative("x").plot(at=0)
    with speaking("zh"):
        assert "两个单侧导数不相等：此处不可导。" in _texts(plot)
    assert "The one-sided derivatives differ: there is no derivative here." in _texts(plot)


def test_a_plot_is_saved(tmp_path: Any) -> None:
    plot = _function("x^2").plot()
    plot.save(tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text(encoding="utf-8") == plot.svg() == plot._repr_svg_()
