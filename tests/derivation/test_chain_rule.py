"""The chain rule as SEED.md writes it, its paths, its layouts, and what must not be shown."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import gradform as gf
from gradform.derive.derivation import accumulated, paths
from gradform.derive.derivation.chain import Edge
from gradform.derive.derivation.local import local_formula
from gradform.derive.derivation.steps import Derivation, Stage
from gradform.errors import CannotError, InputError
from gradform.formula.tree import Mul, Number, Program

TWO_LAYERS = r"""
\frac{\partial y}{\partial x_i} =
\sum_{j=1}^m \frac{\partial y}{\partial u_j}\cdot\frac{\partial u_j}{\partial x_i}
"""
THREE_LAYERS = r"""
\frac{\partial z}{\partial x_i} = \sum_{k,l} \frac{\partial z}{\partial u_k}
\cdot \frac{\partial u_k}{\partial v_l} \cdot \frac{\partial v_l}{\partial x_i}
"""
ONE_VARIABLE = r"""
\frac{\mathrm{d}y}{\mathrm{d}x} =
\frac{\mathrm{d}y}{\mathrm{d}u} \cdot \frac{\mathrm{d}u}{\mathrm{d}x}
"""


def step(derivation: Derivation, kind: str) -> Stage:
    (found,) = [each for each in derivation.steps if each.kind == kind]
    return found


def rule(derivation: Derivation, line: int = 0) -> str:
    """The chain rule of a derivation, in LaTeX without spaces."""
    found = step(derivation, "chain").lines[line]
    assert found.left is not None
    right = "".join(piece.to("latex") for piece in found.rights[0])
    return (found.left.to("latex") + "=" + right).replace(" ", "")


def written(seed: str) -> str:
    return "".join(seed.split())


def test_one_variable_as_in_the_seed() -> None:
    d = gf.derivative("u = sin(x); y = exp(u); y", "x", shapes={"x": ()})
    assert rule(d.derivation) == written(ONE_VARIABLE)


def test_two_layers_as_in_the_seed() -> None:
    d = gf.derivative("u = A*x; y = norm2(u)^2; y", "x", shapes={"A": ("m", "n"), "x": "n"})
    assert rule(d.derivation) == written(TWO_LAYERS)


def test_three_layers_as_in_the_seed() -> None:
    shapes = {"A": ("q", "n"), "B": ("p", "q"), "c": "p", "x": "n"}
    d = gf.derivative("v = tanh(A*x); u = sigmoid(B*v); z = c'*u; z", "x", shapes=shapes)
    assert rule(d.derivation) == written(THREE_LAYERS)


def test_several_paths_are_summed_and_listed() -> None:
    d = gf.derivative(
        "u = A*x; v = B*x; z = u'*v; z", "x", shapes={"A": ("m", "n"), "B": ("m", "n"), "x": "n"}
    )
    assert rule(d.derivation).count("+") == 1
    routes = [line.left.to("unicode") for line in step(d.derivation, "insert").lines if line.left]
    assert routes == ["z → u → x", "z → v → x", "∂z/∂x"]


@pytest.mark.parametrize("layout", ["ml", "denominator", "numerator", "mixed"])
def test_factors_stand_in_the_order_of_the_layout(layout: str) -> None:
    """(∂u/∂x)(∂z/∂u) where the entries of x run down the rows, (∂z/∂u)(∂u/∂x) otherwise."""
    shapes = {"A": ("m", "n"), "x": "n"}
    d = gf.derivative("u = A*x; z = norm2(u)^2; z", "x", shapes=shapes, layout=layout)
    product = rule(d.derivation, 1).split("=")[1].split(r"\cdot")
    first = r"\frac{\partialz}" if layout == "numerator" else r"\frac{\partial\mathbf{u}}"
    assert first in product[0]
    assert (r"{\top}" in product[0]) == (layout == "mixed")
    x = np.array([1.0, -2.0])
    assert d(A=np.eye(2), x=x).tolist() in ([2.0, -4.0], [[2.0, -4.0]])


def test_many_paths_are_summed_node_by_node_with_their_number() -> None:
    layers = "; ".join(f"h{k} = tanh(A*h{k - 1}) + h{k - 1}" for k in range(1, 6))
    d = gf.derivative(f"{layers}; sum(h5)", "h0", shapes={"A": ("n", "n"), "h0": "n"})
    found = d.explain(detail=True)
    assert "32" in step(found, "chain").title
    assert len([each for each in found.steps if each.kind == "cotangent"]) >= 5


def test_direct_and_indirect_dependence_are_told_apart() -> None:
    found = gf.derivative("x*exp(x)", "x", shapes={"x": ()}).derivation.unicode()
    assert "(∂z/∂x | u₁) + ∂z/∂u₁ · ∂u₁/∂x" in found


def test_the_gradient_of_a_two_layer_network_fits_on_a_screen() -> None:
    shapes = {"W": ("h", "n"), "b": "h", "V": ("k", "h"), "c": "k", "y": "k", "x": "n"}
    for name in "Wx":
        d = gf.derivative("norm2(V*tanh(W*x+b)+c-y)^2", name, shapes=shapes)
        assert len(d.derivation.unicode().splitlines()) <= 24


def test_a_wrong_local_derivative_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in one step is found: the step is taken together with others, or nothing shown."""

    def wrong(edge: Edge) -> Program | None:
        formula = local_formula(edge)
        assert formula is not None
        return Program((), Mul((Number(Fraction(2)), formula.body), ("*", "*")))

    monkeypatch.setattr(paths, "local_formula", wrong)
    d = gf.derivative("norm2(A*x-b)^2", "x", shapes={"A": ("m", "n"), "x": "n", "b": "m"})
    kinds = {each.kind for each in d.derivation.steps}
    assert "local" not in kinds


def test_a_wrong_cotangent_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        accumulated, "pulled", lambda chain, edge, name: Program((), Number(Fraction(0)))
    )
    d = gf.derivative("norm2(tanh(W*x)-y)^2", "W", shapes={"W": ("m", "n"), "x": "n", "y": "m"})
    assert "cotangent" not in {each.kind for each in d.derivation.steps}


def test_what_has_no_derivation_says_so() -> None:
    d = gf.derivative("A*x", "x", shapes={"A": ("m", "n"), "x": "n"})
    with pytest.raises(InputError, match="kinds are chain"):
        d.explain("magic")
    tensor = gf.derivative("A*X*B", "X")
    assert tensor.explain("differential").steps
    product = gf.jvp("tanh(A*x)", "x", direction="v", shapes={"A": ("m", "n"), "x": "n"})
    with pytest.raises(CannotError, match="products with a vector"):
        product.explain()


def test_text_unicode_latex_markdown_and_json_say_the_same() -> None:
    found = gf.derivative("x'*A*x", "x").derivation
    assert "(A + A')*x" in found.text()
    assert "(A + Aᵀ)·x" in str(found)
    assert r"\mathbf{A} + \mathbf{A}^{\top}" in found.latex()
    assert found.markdown().count("$$") == 2 * len(found)
    steps = found.to_dict()["steps"]
    assert [each["kind"] for each in steps] == [each.kind for each in found.steps]
