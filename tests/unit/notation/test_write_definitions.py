"""The shortest candidate is written; long answers name what they repeat."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from gradform.derive.pipeline import Question, Solution, solve
from gradform.formula.tree import Name, Program
from gradform.formula.tree import children as parts
from gradform.functions.shapes import SCALAR, Shape
from gradform.ir import build
from gradform.ir.dims import ONE
from gradform.ir.expr import Expr
from gradform.ir.nodes import symbol
from gradform.notation.layout import arrange
from gradform.notation.text import to_text
from gradform.notation.write import written_formula
from gradform.syntax.parser import parse_formula
from gradform.verify.interpreter import evaluate
from tests.support.ir_eval import Array, evaluate_node
from tests.unit.ir.networks import n, sym

A, B, x, y = (Expr(sym(name)) for name in "ABxy")
GRADIENT = arrange(SCALAR, [Shape(n, ONE)], "ml")
SIZES = {"n": 4, "m": 3}


def layers(count: int, name: str = "h") -> str:
    """a'·tanh(W … tanh(W x)), each step with a name."""
    steps = [f"{name}1 = tanh(W*x)"]
    steps += [f"{name}{k + 1} = tanh(W*{name}{k})" for k in range(1, count)]
    return "; ".join([*steps, f"a'*{name}{count}"])


def residual(count: int) -> str:
    """Each step adds to the one before."""
    steps = ["u0 = W*x", *(f"u{k + 1} = tanh(W*u{k}) + u{k}" for k in range(count))]
    return "; ".join([*steps, f"a'*u{count}"])


SHAPES: dict[str, list[str | int]] = {"W": ["n", "n"], "x": ["n"], "a": ["n"]}


def solution(source: str, wrt: str = "x", layout: str = "ml") -> Solution:
    return solve(Question(source, (wrt,), SHAPES, layout))


def program_of(found: Solution) -> Program:
    assert found.formula is not None
    return found.formula


def value_of(found: Solution, seed: int = 0) -> tuple[Array, Array]:
    """The formula as it is written and read back, and the neutral tensor."""
    rng = np.random.default_rng(seed)
    extents = {"W": (4, 4), "x": (4, 1), "a": (4, 1)}
    env = {name: 0.5 * rng.normal(size=extent) for name, extent in extents.items()}
    text = to_text(program_of(found))
    shown = evaluate(parse_formula(text), env, SIZES)
    flat = {name: array if name == "W" else array[:, 0] for name, array in env.items()}
    return shown, evaluate_node(found.neutral, flat, SIZES)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("wrt", ["x", "W"])
@pytest.mark.parametrize("chain", [layers, residual])
def test_long_answers_are_true(chain: Callable[[int], str], count: int, wrt: str) -> None:
    found = solution(chain(count), wrt)
    shown, tensor = value_of(found)
    np.testing.assert_allclose(shown, tensor.reshape(shown.shape), rtol=1e-9, atol=1e-12)


def test_long_answers_grow_linearly() -> None:
    lengths = [len(to_text(program_of(solution(layers(k), "W")))) for k in (8, 16, 32)]
    steps = [(b - a) / k for (a, b), k in zip(pairwise(lengths), (8, 16), strict=True)]
    assert steps[1] < 1.3 * steps[0]


def test_residual_steps_grow_linearly() -> None:
    """Each sum is written with the one it adds to, by the reader's name for it."""
    lengths = [len(to_text(program_of(solution(residual(k))))) for k in (8, 16, 32)]
    assert lengths[2] - lengths[1] < 2.4 * (lengths[1] - lengths[0])
    given = {
        each.name: to_text(each.value) for each in program_of(solution(residual(8))).definitions
    }
    assert given["u3"] == "tanh(W*u2) + u2"


def test_the_names_are_those_of_the_reader() -> None:
    program = program_of(solution(layers(6, "state"), "W"))
    given = [each for each in program.definitions if each.name.startswith("state")]
    assert [each.name for each in given] == [f"state{k}" for k in range(1, 7)]
    assert [to_text(each.value) for each in given[:2]] == ["tanh(W*x)", "tanh(W*state1)"]


def test_short_answers_have_no_definitions() -> None:
    assert not program_of(solution("u = W*x; u'*u")).definitions
    assert to_text(program_of(solution("u = W*x; u'*u"))) == "2*W'*W*x"


def test_definitions_come_in_order_and_are_used() -> None:
    program = program_of(solution(layers(7), "W"))
    known = {"W", "x", "a", "n"}
    used: set[str] = set()
    for each in (*program.definitions, None):
        tree = program.body if each is None else each.value
        stack, here = [tree], set()
        while stack:
            node = stack.pop()
            here |= {node.name} if isinstance(node, Name) else set()
            stack.extend(parts(node))
        assert here <= known
        used |= here
        if each is not None:
            assert each.name not in known
            known.add(each.name)
    assert {each.name for each in program.definitions} <= used


def test_fresh_names_do_not_meet_variables() -> None:
    shapes: dict[str, list[str | int]] = {"W": ["n", "n"], "t1": ["n"], "t2": ["n"]}
    expression = "t1"
    for _ in range(6):
        expression = f"tanh(W*{expression})"
    found = solve(Question(f"t2'*{expression}", ("W",), shapes))
    program = program_of(found)
    assert program.definitions
    assert not {"t1", "t2", "W"} & {each.name for each in program.definitions}


def test_the_shortest_candidate_is_written() -> None:
    long, short = (A @ x + B @ x).node, ((A + B) @ x).node
    for candidates in ([long, short], [short, long]):
        best, formula = written_formula(candidates, GRADIENT, ["A", "B", "x"])
        assert best is short
        assert formula is not None
        assert to_text(formula) == "(A + B)*x"


def test_of_equally_short_candidates_the_first() -> None:
    first, second = (A @ x).node, (B @ x).node
    assert written_formula([first, second], GRADIENT, ["A", "B", "x"])[0] is first


def test_unreadable_candidates_are_passed_over() -> None:
    T = symbol("T", (n, n, n))
    unreadable = build.contract(1, [(T, (0, 1, 1), 1)], (0,))
    assert written_formula([unreadable, x.node], GRADIENT, ["x"])[0] is x.node
    assert written_formula([unreadable], GRADIENT, ["x"]) == (unreadable, None)


def test_rows_and_columns() -> None:
    """The gradient of a scalar by a column, by layout, and a Jacobian that is turned."""
    for layout, text in (("ml", "A'*x"), ("numerator", "x'*A")):
        arrangement = arrange(SCALAR, [Shape(n, ONE)], layout)
        _, formula = written_formula([(A.T @ x).node], arrangement, ["A", "x"])
        assert formula is not None
        assert to_text(formula) == text
    for layout, text in (("ml", "A'"), ("numerator", "A")):
        arrangement = arrange(Shape(n, ONE), [Shape(n, ONE)], layout)
        _, formula = written_formula([A.node], arrangement, ["A"])
        assert formula is not None
        assert to_text(formula) == text
