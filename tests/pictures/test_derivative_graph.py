"""The graph of a derivative says what the derivation says: steps, local derivatives, paths."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.derive.derivation.chain_rule import fitting_chain
from gradform.notation.text import to_text
from tests.golden.rows import ROWS, Row, answer
from tests.pictures.graphs import SVG, drawing

SHAPES: dict[str, dict[str, Any]] = {
    "norm2(A*x - b)^2": {"A": ("m", "n"), "b": ("m",), "x": ("n",)},
    "sum(softplus(-y.*(A*x))) + c*x'*x": {"A": ("m", "n"), "y": ("m",), "x": ("n",), "c": ()},
    "h = tanh(A*x + b); log(sum(exp(B*h))) - h'*h": {
        "A": ("m", "n"), "b": ("m",), "x": ("n",), "B": ("k", "m"),
    },
    "softmax(A*x)": {"A": ("m", "n"), "x": ("n",)},
    "sin(x'*x)*exp(b'*x)": {"x": ("n",), "b": ("n",)},
    "x.^2 + A*x": {"x": ("n",), "A": ("n", "n")},
}  # fmt: skip
SIZES = {"m": 3, "n": 4, "k": 2}


@pytest.mark.parametrize("layout", ["ml", "denominator", "numerator", "mixed"])
@pytest.mark.parametrize("text", SHAPES)
def test_the_paths_add_up_to_the_derivative(text: str, layout: str) -> None:
    """Each product, with the steps inserted, at random numbers."""
    shapes = SHAPES[text]
    d = gf.parse(text, shapes=shapes).derivative("x", layout=layout)
    assert d.graph.path_count == len(d.graph.paths) > 0
    products = [path.text.rpartition(" = ")[2] for path in d.graph.paths]
    whole = gf.parse("; ".join([*_steps(d), " + ".join(products)]), shapes=shapes)
    dice = np.random.default_rng(3)
    arrays = {
        name: dice.normal(size=[SIZES[axis] for axis in shape]) for name, shape in shapes.items()
    }
    found, expected = np.asarray(whole(**arrays)), np.asarray(d(**arrays))
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-12)


def _steps(d: gf.Derivative) -> list[str]:
    """``u1 = A*x`` … ``z = …``"""
    chain = fitting_chain(d._solution)
    program = chain.program
    return [
        *(f"{each.name} = {to_text(each.value)}" for each in program.definitions),
        f"{chain.output} = {to_text(program.body)}",
    ]


def _classes(svg: str, kind: str) -> list[list[str]]:
    found = [each.get("class", "").split() for each in ET.fromstring(svg).iter(f"{SVG}g")]
    return [classes for classes in found if classes[:1] == [kind]]


def test_a_graph_has_its_steps_shapes_and_local_derivatives() -> None:
    shapes = SHAPES["norm2(A*x - b)^2"]
    graph = gf.parse("norm2(A*x - b)^2", shapes=shapes).derivative("x").graph
    texts = [each.text for each in ET.fromstring(graph.svg()).iter(f"{SVG}text")]
    for text in ("x", "(n)", "A", "(m, n)", "u₁ = A·x", "u₂ = u₁ - b", "z = ‖u₂‖₂²"):
        assert text in texts
    for text in ("∂u₁/∂x = Aᵀ", "∂u₂/∂u₁ = Iₘ", "∂z/∂u₂ = 2·u₂"):
        assert text in texts and f'label="{text}"' in graph.dot()
    (path,) = graph.paths
    assert path.unicode == "∂u₁/∂x · ∂u₂/∂u₁ · ∂z/∂u₂ = Aᵀ·Iₘ·(2·u₂)"
    assert path.unicode in graph.svg(1)
    kinds = [classes[1] for classes in _classes(graph.svg(), "node")]
    assert kinds == ["variable", "constant", "constant", "intermediate", "intermediate", "output"]


def test_paths_are_followed_one_by_one() -> None:
    text = "sum(softplus(-y.*(A*x))) + c*x'*x"
    graph = gf.parse(text, shapes=SHAPES[text]).derivative("x").graph
    assert len(graph.paths) == 2
    lit = [
        [k for k, classes in enumerate(_classes(graph.svg(path), "edge")) if "lit" in classes]
        for path in (1, 2)
    ]
    assert len(lit[0]) == 5 and len(lit[1]) == 2 and not {*lit[0]} & {*lit[1]}
    with pytest.raises(IndexError):
        graph.svg(3)


def test_numerator_layout_multiplies_the_other_way_round() -> None:
    text = "norm2(A*x - b)^2"
    d = gf.parse(text, shapes=SHAPES[text]).derivative("x", layout="numerator")
    assert d.graph.paths[0].unicode == "∂z/∂u₂ · ∂u₂/∂u₁ · ∂u₁/∂x = 2·u₂ᵀ·Iₘ·A"


def test_matrices_have_local_derivatives_of_stacked_entries() -> None:
    shapes = {"A": ("m", "n"), "X": ("n", "k"), "B": ("k", "p"), "C": ("m", "p")}
    graph = gf.parse("norm2(A*X*B - C)^2", shapes=shapes).derivative("X").graph
    assert "∂vec(u₁)/∂vec(X) = B ⊗ Aᵀ" in graph.svg()
    assert graph.paths[0].unicode == "X → u₁ → u₂ → z"


@pytest.mark.parametrize(
    ("ask", "nodes"),
    [
        (lambda f: f.derivative("x", order=2), 5),
        (lambda f: f.derivative("x(2)"), 5),
        (lambda f: f.derivative("x'"), 5),
    ],
)
def test_other_questions_have_the_graph_of_the_function(ask: Any, nodes: int) -> None:
    text = "exp(norm2(A*x)^2)"
    graph = ask(gf.parse(text, shapes={"A": ("m", "n"), "x": ("n",)})).graph
    assert len(graph.nodes) == nodes
    assert graph.path_count == 1


def test_what_does_not_depend_on_the_variable_has_no_path() -> None:
    graph = gf.derivative("a'*b", "x", shapes={"a": ("n",), "b": ("n",), "x": ("n",)}).graph
    assert graph.path_count == 0 and graph.paths == ()
    assert len(_classes(graph.svg(), "node")) == 4


def test_products_with_a_vector_have_no_graph() -> None:
    with pytest.raises(gf.CannotError, match="A graph is drawn for derivatives"):
        _ = gf.parse("x'*x", shapes={"x": ("n",)}).hvp("x", "v").graph


@pytest.mark.parametrize("row", ROWS[::9], ids=lambda row: row.id)
def test_identities_have_graphs(row: Row) -> None:
    d = answer(row, check=False)
    graph = d.graph
    found = drawing(graph.svg())
    assert len(found.boxes) == len(graph.nodes) <= 60
    assert len(found.arrows) == len(graph.edges)
    assert len(graph.paths) == min(graph.path_count, 24)
    for path in range(1, len(graph.paths) + 1):
        drawing(graph.svg(path, styled=False))
