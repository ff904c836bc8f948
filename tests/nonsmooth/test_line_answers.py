"""What people see: texts, statuses, errors, the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import gradform as gf
from gradform.exact import Real
from gradform.functions import Function, all_functions


@pytest.mark.parametrize(
    ("expr", "at", "domain", "text", "latex"),
    [
        ("abs(x)", 0, None, "[-1, 1]", "[-1, 1]"),
        ("x^2", "1/3", None, "{2/3}", r"\{\frac{2}{3}\}"),
        ("-sqrt(x)", 0, None, "{}", r"\emptyset"),
        ("x^2", 0, "[0, inf)", "(-inf, 0]", r"(-\infty, 0]"),
        ("x^2", 2, "[2, 2]", "(-inf, inf)", r"\mathbb{R}"),
        ("max(x^2 - 2, 0)", "sqrt(2)", None, "[0, 2*sqrt(2)]", r"[0, 2\sqrt{2}]"),
    ],
)
def test_set_is_written_as_people_write_it(
    expr: str, at: object, domain: str | None, text: str, latex: str
) -> None:
    found = gf.subdifferential(expr, at=at, domain=domain)
    assert found.status == "EXACT"
    assert found.text == text
    assert found.latex == latex


def test_map_is_written_from_left_to_right() -> None:
    assert gf.subdifferential("max(x^2, x)").text.splitlines() == [
        "{2*x} for x < 0",
        "[0, 1] for x = 0",
        "{1} for 0 < x < 1",
        "[1, 2] for x = 1",
        "{2*x} for 1 < x",
    ]


def test_interval_answers_questions() -> None:
    found = gf.subdifferential("abs(x - 1) + x^2", at=1)
    assert found.contains("3") and not found.contains("3.0001")
    assert float(found.support(2)) == 6 and float(found.support(-1)) == -1
    assert [float(each) for each in found.sample(3)] == [1, 2, 3]
    assert found.min_norm is not None and float(found.min_norm) == 1 and not found.is_optimal


def _floats(bounds: tuple[Real, Real] | None) -> tuple[float, float] | None:
    return None if bounds is None else (float(bounds[0]), float(bounds[1]))


def test_refusal_says_why_and_offers_what_there_is() -> None:
    found = gf.subdifferential("abs(abs(x) - 1)", at=1)
    assert found.status == "REFUSED" and found.kind == "refuse"
    assert found.witness is not None and found.witness.value > found.witness.chord
    assert _floats(found.clarke) == (-1, 1)
    assert _floats(found.global_slopes) == (0, 1)
    with pytest.raises(gf.CannotError, match="no subdifferential"):
        found.contains(0)


def test_one_sided_derivatives_may_be_infinite_or_beyond_the_domain() -> None:
    left, right = gf.one_sided("sqrt(abs(x))", at=0)
    assert left is not None and right is not None
    assert (float(left), float(right)) == (float("-inf"), float("inf"))
    assert gf.one_sided("sqrt(x)", at=0).left is None


def test_domain_is_where_the_function_is_defined() -> None:
    assert str(gf.convexity("log(x) + sqrt(2 - x)")).splitlines()[0].endswith("(0, 2]")
    with pytest.raises(gf.InputError) as caught:
        gf.convexity("1/x")
    assert caught.value.kind == "domain"


def test_parameters_have_exact_values() -> None:
    found = gf.subdifferential("a*abs(x) + x^2", at={"x": 0}, params={"a": "sqrt(2)"})
    assert found.text == "[-sqrt(2), sqrt(2)]"


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda: gf.subdifferential("abs(x)", at=0, domain="[1, 0]"), "empty_domain"),
        (lambda: gf.subdifferential("abs(x)", at=5, domain="[0, 1]"), "x0_not_in_domain"),
        (lambda: gf.subdifferential("log(x)", at=1, domain="R"), "expr_undefined_on_domain"),
        # What is divided out has no value where it is 0, or is not defined, either.
        (lambda: gf.subdifferential("sin(x)/sin(x)", at=0), "expr_undefined_on_domain"),
        (lambda: gf.subdifferential("tan(x)/tan(x)", at="pi/2"), "expr_undefined_on_domain"),
        (lambda: gf.convexity("x^2 + 0*tan(x)"), "expr_undefined_on_domain"),
        (lambda: gf.convexity("cos(x/100)/cos(x/100)"), "expr_undefined_on_domain"),
        (lambda: gf.subdifferential("abs(x)", at="y"), "undefined_variable"),
        (lambda: gf.subdifferential("abs(x) + y", at=0), "undefined_variable"),
        (lambda: gf.subdifferential("abs(x", at=0), "unbalanced"),
        (lambda: gf.subdifferential("abs(x)", at=0, domain="0 to 1"), "domain"),
        (lambda: gf.subdifferential("abs(x)", at=float("nan")), "number"),
        (lambda: gf.subdifferential("nosuch(x)", at=0), "unknown_function"),
    ],
)
def test_errors_say_what_is_wrong(ask: object, kind: str) -> None:
    with pytest.raises(gf.InputError) as caught:
        ask()  # type: ignore[operator]
    assert caught.value.kind == kind


def _run(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "gradform", *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_command_line() -> None:
    assert _run("subdifferential", "abs(x)+x^2", "--at", "x=0")[:2] == (0, "[-1, 1]\n")
    assert _run("subdifferential", "-sqrt(x)", "--at", "0")[:2] == (0, "{}\n")
    status, out, _ = _run("subdifferential", "abs(x)", "--at", "0", "--format", "json")
    assert status == 0 and json.loads(out)["bounds"] == ["-1", "1"]
    status, out, _ = _run("convexity", "x^3")
    assert status == 0 and out.startswith("x^3 is neither on (-inf, inf)")
    status, out, _ = _run("one-sided", "abs(x)", "--at", "0")
    assert (status, out) == (0, "left: -1, right: 1\n")
    status, _, err = _run("subdifferential", "abs(x)", "--at", "0", "--domain", "[1,0]")
    assert status == 2 and "has no points" in err


def test_command_line_takes_arrays() -> None:
    assert _run("subdifferential", "norm1(x)", "--at", "x=[0, 2, -3]")[1] == (
        "[-1, 1] x {1} x {-1}\n"
    )
    assert _run("subdifferential", "norm1(x)", "--at", "[0, 1/2]")[1] == "[-1, 1] x {1}\n"
    status, _, err = _run("subdifferential", "norm1(x)", "--at", "x=[1,")
    assert status == 2 and "is not an array" in err


def test_several_variables_are_asked_through_the_same_functions() -> None:
    found = gf.subdifferential("x^2 + y^2", at={"x": 0, "y": 1})
    assert found.contains([0, 2]) and not found.contains([0, 1])
    assert gf.convexity("norm1(x)", shapes={"x": ("n",)}).label == "convex"
    assert gf.convexity("x*y", wrt=["x", "y"], at={"x": 1, "y": 1}).label == "neither"
    with pytest.raises(gf.InputError) as caught:
        gf.subdifferential("norm1(x)", at=[0, 1], domain="[0, 1]")
    assert caught.value.kind == "domain"


def test_answers_are_plain_data_too() -> None:
    for found in (
        gf.subdifferential("abs(x)", at=0),
        gf.subdifferential("abs(abs(x) - 1)", at=1),
        gf.subdifferential("max(x^2, x)"),
        gf.subdifferential("norm1(x)", at=[0, 1]),
        gf.subdifferential("abs(x(1)) - abs(x(2))", at=[0, 0]),
        gf.convexity("x^3"),
        gf.convexity("norm1(x)", shapes={"x": (2,)}),
    ):
        assert json.loads(json.dumps(found.to_dict())) == found.to_dict()


@pytest.mark.parametrize(
    ("expr", "domain"),
    [
        ("max(x^2, x)", None),
        ("abs(x - 1) + x^2", None),
        ("-sqrt(x)", "[0, inf)"),
        ("softplus(x) + abs(x)", None),
        ("huber(x, 1)", None),
        ("log(x) - abs(x - 1)", "(0, inf)"),
        ("gamma(x) + abs(x - 2)", "(0, inf)"),
        ("7", None),
    ],
)
def test_subgradient_function_picks_elements_of_the_set(expr: str, domain: str | None) -> None:
    whole = gf.subdifferential(expr, domain=domain)
    names: dict[str, Any] = {}
    exec(compile(whole.numpy_source, "subgradient", "exec"), names)
    for place in (-3, -1, 0, 0.25, 0.5, 1, 2, 3.5):
        slope = float(names["subgradient"](place))
        try:
            found = whole.at(place)
        except gf.InputError:
            assert slope != slope
            continue
        if found.is_empty:
            assert slope != slope
        else:
            assert found.min_norm is not None
            assert slope == pytest.approx(float(found.min_norm), rel=1e-12, abs=1e-12)


def test_command_line_formats() -> None:
    assert "def subgradient" in _run("subdifferential", "abs(x)", "--at", "0", "-f", "numpy")[1]
    assert _run("subdifferential", "abs(x)", "--at", "0", "-f", "svg")[1].startswith("<svg")
    status, _, err = _run("subdifferential", "norm1(x)", "--at", "[0,1]", "-f", "svg")
    assert status == 2 and "one variable" in err


@pytest.mark.parametrize(
    ("expr", "domain", "label"),
    [
        ("sqrt(x^2 - 2*x + 1)", None, "convex"),  # no written kink, and f'' = 0 beside it
        ("sqrt(4*x^2 - 4*x + 1) - abs(2*x - 1)", None, "affine"),
        ("(x^2 - 2*x + 1)^(3/2)", None, "convex"),
        ("1/x", "(0, inf)", "convex"),
        ("1/(x^2 + 1)", None, "neither"),
        ("1/(1 - x^2)", "(-1, 1)", "convex"),
        ("log(cosh(x))", None, "convex"),
        ("max(x, 1/x)", "(0, inf)", "convex"),
        ("max(sin(x), cos(x))", "[pi/4, pi]", "concave"),
        ("softplus(x) - softplus(-x)", None, "affine"),
        ("exp(-1/x)", "(0, 1/2]", "convex"),
        ("x^3", "[0, inf)", "convex"),
        ("-log(x) + abs(x - 1)", "(0, inf)", "convex"),
        ("lgamma(x)", "(0, inf)", "convex"),
        ("digamma(x)", "(0, inf)", "concave"),
        ("tanh(x)", "[0, inf)", "concave"),
        ("x^2*log(x)", "[exp(-3/2), inf)", "convex"),
        ("x^2 + 2*cos(x)", None, "convex"),
        ("floor(x)", None, "neither"),
        ("piecewise(x <= 0, 0, 1)", None, "neither"),
    ],
)
def test_convexity_is_decided(expr: str, domain: str | None, label: str) -> None:
    found = gf.convexity(expr, domain=domain)
    assert found.label == label
    assert (found.not_convex is None) == (label != "neither")


def test_zeros_without_a_proof_are_named() -> None:
    reflected = "gamma(x)*gamma(1 - x)*sin(pi*x) - pi"
    found = gf.subdifferential(f"abs({reflected}) + x^2", at="1/3", domain="(0, 1)")
    assert any("no proof" in condition for condition in found.conditions)
    assert gf.subdifferential("abs(x)", at=0).conditions == ("on (-inf, inf)",)


@pytest.mark.parametrize("text", ["sum(vector(b^3)) + abs(b)", "sum(vector(b^3)) + w'*w"])
def test_a_constant_of_unknown_size_is_refused(text: str) -> None:
    with pytest.raises(gf.ShapeError, match="cannot be inferred"):
        gf.convexity(text)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("abs(x) + sum(ones(3))*x", (2, 4)),
        ("tr(x*eye(3)) + abs(x)", (2, 4)),
        ("norm1(x*ones(3))", (-3, 3)),
        ("sum(vector(x) + ones(4)) + abs(x)", (3, 5)),
        ("norm2(x*ones(4))", (-2, 2)),
    ],
)
def test_arrays_inside_a_function_of_one_number_count(text: str, ends: tuple[int, int]) -> None:
    found = gf.subdifferential(text, at=0)
    assert str(found) == f"[{ends[0]}, {ends[1]}]"


WITH_DEFAULTS = [r for r in all_functions() if r.definition and r.parameters == ("expr", "expr?")]


@pytest.mark.parametrize("record", WITH_DEFAULTS, ids=lambda record: record.name)
def test_arguments_that_are_left_out_have_their_values(record: Function) -> None:
    (default,) = record.defaults
    short, long = f"{record.name}(x)", f"{record.name}(x, {default})"
    assert gf.convexity(short).label == gf.convexity(long).label
    assert str(gf.subdifferential(short, at=0)) == str(gf.subdifferential(long, at=0))
