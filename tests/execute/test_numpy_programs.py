"""What a compiled NumPy program does with arrays: options, memory, errors."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.buffers.numpy import program_source
from gradform.codegen.python.module import Planned
from gradform.codegen.python.numpy import source
from gradform.codegen.scalars.source import scalar_source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute import numpy as programs
from gradform.execute.numpy import compiled, plain_program
from gradform.execute.options import Options
from gradform.ir.nodes import Node
from tests.execute.batches import task_of
from tests.execute.identities import neutral_task
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, Row, answer
from tests.support.ir_eval import evaluate_node
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
)

Arrays = Mapping[str, Any]

# ---------------------------------------------------------------- buffers


def _results(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


def _check_random(seed: int, *nodes: Node) -> None:
    """Right values; arguments as they were; results that share memory with nothing."""
    task = task_of(*nodes)
    given = arguments_for(symbols_of(nodes), seed)
    before = {name: array.copy() for name, array in given.items()}
    program = compiled(task, Options())
    results = _results(program(**given, **{name: SIZES[name] for name in task.sizes}))
    for name, array in given.items():
        np.testing.assert_array_equal(array, before[name], err_msg=program.source)
    for node, result in zip(nodes, results, strict=True):
        expected = evaluate_node(node, given, SIZES)
        assert np.shape(result) == expected.shape
        scale = max(1e-6, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(
            result, expected, rtol=1e-9, atol=1e-9 * scale, err_msg=program.source
        )
    arrays = [*given.values(), *(each for each in results if np.ndim(each))]
    for k, result in enumerate(results):
        others = [each for each in arrays if each is not result]
        assert not any(np.shares_memory(result, each) for each in others), k


@pytest.mark.parametrize("kind", ["any", "leaf", "joined", "matrix", "derivative"])
@pytest.mark.parametrize("block", range(4))
def test_random_products(kind: str, block: int) -> None:
    for seed in range(20 * block, 20 * block + 20):
        _check_random(seed, random_product(seed, kind))


@pytest.mark.parametrize("block", range(5))
def test_several_random_outputs(block: int) -> None:
    for seed in range(20 * block, 20 * block + 20):
        _check_random(seed, *(random_expression(1000 * seed + k) for k in range(3)))


def test_the_program_is_what_the_readable_source_says() -> None:
    """Both are made of one program; each row is run once as text of either kind."""
    for row in ROWS[::10]:
        derivative = answer(row, check=False)
        readable: dict[str, Any] = {}
        exec(derivative.source("numpy"), readable)
        program = derivative.compile()
        for sizes, given in _points(row, program):
            wanted = readable[program.task.name](*given.values(), *sizes.values())
            found = program(**given, **sizes)
            np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10)


def _points(row: Row, program: Any) -> Iterator[tuple[dict[str, int], dict[str, Any]]]:
    for sizes, inputs, _ in frozen_points(row):
        given = {each.name: inputs[each.name] for each in program.task.parameters}
        yield {name: sizes[name] for name in program.task.sizes}, given


# ---------------------------------------------------------------- float32

# Rounding of inputs alone moves a result by the condition of the row, times this.
SINGLE = 2e-3


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_float32(row: Row) -> None:
    for what in (gf.parse(row.data["expr"], row.shapes, row.structures), answer(row, check=False)):
        double, single = what.compile(), what.compile(dtype="float32")
        for sizes, given in _points(row, double):
            rounded = {name: np.asarray(x, np.float32) for name, x in given.items()}
            wanted = np.asarray(double(**rounded, **sizes))
            found = single(**rounded, **sizes)
            assert np.asarray(found).dtype == np.float32
            if np.all(np.abs(wanted) < 1e30):
                scale = float(np.max(np.abs(wanted), initial=1e-3))
                np.testing.assert_allclose(found, wanted, rtol=0, atol=SINGLE * scale)


def test_constants_do_not_widen_float32() -> None:
    program = gf.parse("sum(exp(pi*x)/sqrt(3))", {"x": ("n",)}).gradient("x")
    found = program.compile(dtype="float32")(x=np.ones(3, np.float32))
    assert found.dtype == np.float32
    scope: dict[str, Any] = {}
    exec(program.source(dtype="float32"), scope)
    assert scope["derivative"](np.ones(3)).dtype == np.float32


# ---------------------------------------------------------------- arrays that come in

LINEAR = gf.parse("A*x + c*b", {"A": ("m", "n"), "x": ("n",), "b": ("m",), "c": ()})
A = np.arange(6.0).reshape(2, 3)
X, B = np.array([1.0, -2.0, 3.0]), np.array([0.5, 2.0])


@pytest.mark.parametrize(
    "given",
    [
        {"A": A.tolist(), "x": [1, -2, 3], "b": (0.5, 2), "c": 2},
        {"A": np.asfortranarray(A), "x": X, "b": B, "c": np.array(2.0)},
        {
            "A": np.repeat(A, 2, 1)[:, ::2],
            "x": X[::-1].copy()[::-1],
            "b": B,
            "c": np.float32(2),
        },
        {"A": A.astype(np.int64), "x": X.astype(np.float32), "b": B, "c": np.int8(2)},
        {"A": A.astype(">f8"), "x": X, "b": B.astype(object), "c": True + 1},
    ],
)
def test_arrays_of_any_kind(given: Arrays) -> None:
    program = LINEAR.compile()
    np.testing.assert_allclose(program(**given), A @ X + 2 * B)
    in_order = [given[parameter.name] for parameter in program.task.parameters]
    np.testing.assert_allclose(program(*in_order), A @ X + 2 * B)


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_logistic_function_is_exact_to_its_small_values(sign: str) -> None:
    """As accurate where it vanishes as where it does not, down to the smallest normal number."""
    program = gf.parse(f"sigmoid({sign}x)", {"x": ("n",)}).compile()
    x = np.array([-np.inf, -1e300, -1000, -720, -30, -1, -0.0, 0, 2, 40, 1000, 1e300, np.inf])
    expected = [0.0 if t < -800 else np.exp(min(t, 0)) / (1 + np.exp(-abs(t))) for t in x]
    many = np.tile(x, 9)  # too many for a program on floats
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = program(many if not sign else -many)
    smallest = np.finfo(float).tiny
    np.testing.assert_allclose(found, np.tile(expected, 9), rtol=1e-14, atol=smallest)
    assert np.isnan(program(np.full(100, np.nan))).all()


def test_nan_and_infinity_pass_through_silently() -> None:
    program = gf.parse("sum(softplus(x)) + logsumexp(x)", {"x": ("n",)}).gradient("x").compile()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(program(x=[np.nan, 1.0])).all()
        np.testing.assert_allclose(program(x=[-1e300, 1e300]), [0.0, 2.0])


def test_wrong_shapes_name_the_variable() -> None:
    program = LINEAR.compile()
    with pytest.raises(ArrayError, match=r"x must have shape \(n,\) with n = 3, got \(2,\)"):
        program(A=A, x=B, b=B, c=1.0)
    with pytest.raises(ArrayError, match=r"c must have shape \(\), got \(1,\)"):
        program(A=A, x=X, b=B, c=[1.0])
    with pytest.raises(ArrayError, match="No value was given for 'b'"):
        program(A, X)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones(3) + 1j, "x must hold real numbers"),
        (["a", "b", "c"], "x must hold real numbers"),
        ([[1.0], [2.0, 3.0], 4.0], "x is not a rectangular array"),
        ({1: 2}, "x must hold real numbers, got dict"),
    ],
)
def test_what_is_no_array_of_numbers(x: Any, message: str) -> None:
    with pytest.raises(ArrayError, match=message):
        LINEAR.compile()(A=A, x=x, b=B, c=1.0)


# ---------------------------------------------------------------- out


def test_results_are_written_into_out() -> None:
    program = LINEAR.compile()
    out = np.empty(2)
    assert program(A=A, x=X, b=B, c=2.0, out=out) is out
    np.testing.assert_allclose(out, A @ X + 2 * B)


def test_out_of_several_outputs_may_be_arguments() -> None:
    f = gf.parse("x'*x", {"x": ("n",)})
    program = gf.compile(f, f.gradient("x"))
    value, gradient = np.empty(()), X.copy()
    program(gradient, out=(value, gradient))
    assert float(value) == X @ X
    np.testing.assert_allclose(gradient, 2 * X)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.empty(3), r"out for value must have shape \(2,\)"),
        (np.empty(2, np.float32), "dtype float64"),
        ([0.0, 0.0], "must be an array, got list"),
        (np.broadcast_to(0.0, (2,)), "cannot be written to"),
    ],
)
def test_out_is_checked(out: Any, message: str) -> None:
    with pytest.raises(ArrayError, match=message):
        LINEAR.compile()(A=A, x=X, b=B, c=2.0, out=out)


def test_out_needs_an_array_for_each_output() -> None:
    f = gf.parse("x'*x", {"x": ("n",)})
    with pytest.raises(ArrayError, match="out must be 2 arrays"):
        gf.compile(f, f.gradient("x"))(X, out=np.empty(3))


def test_matrices_in_different_orders_meet_in_a_copy_by_rows() -> None:
    """A' is copied first: the passes that follow run along rows of everything. Where only one
    follows, it is not worth a copy."""
    a, b = np.random.default_rng(0).normal(size=(2, 40, 40))
    for formula, expected in {
        "A + A'": a + a.T,
        "A - 3*A'": a - 3 * a.T,
        "A.*A'": a * a.T,
        "A./A'": a / a.T,
        "A' - A": a.T - a,
        "A + A' + B": a + a.T + b,
        "A' - A - 2*B": a.T - a - 2 * b,
        "A.*A'.*B": a * a.T * b,
    }.items():
        program: Any = gf.parse(formula, {"A": ("n", "n"), "B": ("n", "n")}).compile()
        before = a.copy()
        found = program(a, b) if "B" in formula else program(a)
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        np.testing.assert_array_equal(a, before)
        assert ("A.T.copy()" in program.source) == ("B" in formula)


def _compiled(formula: str, **shapes: tuple[str | int, ...]) -> Any:
    return gf.parse(formula, shapes).compile()


def test_numbers_go_into_sums_and_signs_into_products() -> None:
    """As few passes as there are terms with numbers: no multiplication of the whole."""
    rng = np.random.default_rng(0)
    x, y, a = rng.normal(size=90), rng.normal(size=90), rng.normal(size=(90, 90))
    cases = {
        "-(A*(vector(1) - x))": (a @ (x - 1), "np.negative"),
        "-(x.*(A*(y - x)))": (x * (a @ (x - y)), "np.negative"),
        "-(A*(x./(vector(2) + y.^2)))": (-(a @ (x / (2 + y**2))), "np.negative"),
    }
    for formula, (expected, absent) in cases.items():
        program = _compiled(formula, A=("n", "n"), x=("n",), y=("n",))
        given = {"A": a, "x": x, "y": y}
        found = program(**{each: given[each] for each in program.parameters})
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12, err_msg=formula)
        assert absent not in program.source, program.source


def test_differences_are_taken_before_they_are_multiplied() -> None:
    """A number goes into a sum only where its terms have numbers already: no new overflow."""
    program = _compiled("3*(x - y)", x=("n",), y=("n",))
    large = np.full(100, 1.5e308)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(program(large, large), np.zeros(100))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_piece_is_made_in_its_place(dtype: str) -> None:
    """What has zeros before or behind it is written there at once; results share no memory."""
    f = gf.parse("sum((x(2:n) - x(1:n-1).^2).^2)", {"x": ("n",)})
    x = np.random.default_rng(0).normal(size=100).astype(dtype)
    step = x[1:] - x[:-1] ** 2
    expected = np.zeros(100, dtype)
    expected[1:] += 2 * step
    expected[:-1] -= 4 * x[:-1] * step
    program = f.gradient("x").compile(dtype=dtype)
    first, second = program(x), program(x)
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(first, expected, rtol=tolerance, atol=tolerance)
    assert first.dtype == dtype and not np.shares_memory(first, second)
    assert "np.zeros" not in program.source


# ---------------------------------------------------------------- plain code beside it


@pytest.mark.parametrize("options", [{}, {"batch": True}, {"dtype": "float32"}])
def test_wrong_code_gives_way_to_its_source(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = program_source

    def wrong(*arguments: Any, **named: Any) -> str:
        return written(*arguments, **named).replace("np.exp(", "np.cos(")

    monkeypatch.setattr(programs, "program_source", wrong)
    f = gf.parse("sum(exp(x).*y)", shapes={"x": ("n",), "y": ("n",)}).gradient("x", check=False)
    x, y = np.random.default_rng(0).normal(size=(2, 3, 40)).astype(options.get("dtype", float))
    given = (x, y) if "batch" in options else (x[0], y[0])
    program = f.compile(**options)
    with pytest.warns(RuntimeWarning, match="please report"):
        found = program(*given)
    for _ in range(200):  # without a warning
        np.testing.assert_allclose(found, np.exp(given[0]) * given[1], rtol=1e-5)
        found = program(*given)
    assert "np.exp(x)" in program.source
    assert not np.allclose(f.compile(check=False, **options)(*given), found)


def test_plain_code_is_the_source_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written from the plan of the program; a plan of its own gives the same."""
    made: list[tuple[str, str]] = []

    def noted(task: Task, options: Options, planned: Planned | None = None) -> Any:
        assert planned is not None
        found = plain_program(task, options, planned)
        made.append((found[0], source(task, options)))
        return found

    monkeypatch.setattr(programs, "plain_program", noted)
    for row in ROWS[::10]:
        task = neutral_task(row)
        (sizes, inputs, _), *_ = frozen_points(row)
        every = {**sizes, **inputs}
        names = [*(each.name for each in task.parameters), *task.sizes]
        compiled(task, Options())(**{name: every[name] for name in names})
    assert len(made) > 40
    for text, wanted in made:
        assert text == wanted


def test_wrong_code_on_floats_gives_way_to_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fixed sizes too, where programs on floats are called without a look at the arrays."""
    written = scalar_source

    def wrong(*arguments: Any) -> str | None:
        found = written(*arguments)
        return None if found is None else found.replace("math.exp", "math.cos")

    monkeypatch.setattr(programs, "scalar_source", wrong)
    f = gf.parse("sum(exp(x).*y)", shapes={"x": (3,), "y": (3,)}).gradient("x", check=False)
    x, y = np.random.default_rng(0).normal(size=(2, 3))
    program = f.compile()
    with pytest.warns(RuntimeWarning, match="please report"):
        found = program(x, y)
    for given in ({"x": x, "y": y}, {"x": x.tolist(), "y": y}, {"x": x, "y": y, "out": found}):
        np.testing.assert_allclose(program(**given), np.exp(x) * y, rtol=1e-12)
    assert not np.allclose(f.compile(check=False)(x, y), np.exp(x) * y)


# ---------------------------------------------------------------- short ways


CALLS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "by place": lambda f, a, x: f(a, x),
    "by name": lambda f, a, x: f(x=x, a=a),
    "both": lambda f, a, x: f(a, x=x),
    "lists": lambda f, a, x: f(a.tolist(), x=x.tolist()),
    "other numbers": lambda f, a, x: f(a=a.astype("float32"), x=x),
    "into": lambda f, a, x: f(a, x, out=np.empty_like(x)),
    "by name into": lambda f, a, x: f(a=a, x=x, out=np.empty_like(x)),
    "into a longer one": lambda f, a, x: f(a=a, x=x, out=np.empty(x.size + 1)),
    "one missing": lambda f, a, x: f(x=x),
    "nothing": lambda f, a, x: f(),
    "an unknown one": lambda f, a, x: f(a=a, x=x, z=x),
    "an unknown one for another": lambda f, a, x: f(a=a, z=x),
    "one twice": lambda f, a, x: f(a, x, x=x),
    "too many": lambda f, a, x: f(a, x, x),
    "another shape": lambda f, a, x: f(a=a[:, :1], x=x),
    "other sizes": lambda f, a, x: f(a=a[1:, 1:], x=x[1:]),
}


@pytest.mark.parametrize("size", [40, "n"])
@pytest.mark.parametrize("name", CALLS)
def test_calls_after_many_are_what_first_ones_are(name: str, size: int | str) -> None:
    """Of arrays and, where sizes are fixed and small, of floats."""
    for length in (40,) if size == 40 else (3, 40):
        shapes: dict[str, tuple[int | str, ...]] = {"a": (size, size), "x": (size,)}
        f = gf.parse("exp(a*x)", shapes=shapes)
        x, *rows = np.random.default_rng(0).normal(size=(length + 1, length))
        a = np.array(rows)
        used: Any = f.compile()
        for _ in range(150):
            used(a, x)
            used(a=a, x=x)
        assert _outcome(CALLS[name], used, a, x) == _outcome(CALLS[name], f.compile(), a, x)


def test_calls_of_floats_after_many_are_what_first_ones_are() -> None:
    f = gf.parse("[exp(a*x); a^2]", shapes={"a": (), "x": ()})
    used: Any = f.compile()
    for _ in range(150):
        used(np.float64(2), np.float64(1))
        used(a=2.0, x=1.0)
    for call in CALLS.values():
        given = np.float64(2), np.float64(1)
        assert _outcome(call, used, *given) == _outcome(call, f.compile(), *given)


def _outcome(call: Callable[[Any, Any, Any], Any], *given: Any) -> Any:
    try:
        return call(*given).tolist()
    except (ArrayError, AttributeError, IndexError) as error:
        return str(error)


def test_a_variable_that_is_not_needed_may_be_called_out() -> None:
    f = gf.parse("x'*a*x + sum(out)", shapes={"a": (3, 3), "x": (3,), "out": (3,)})
    a, x, out = np.eye(3), np.array([1.0, 2.0, 3.0]), np.ones(3)
    program: Any = f.gradient("x", check=False).compile()
    for _ in range(150):
        assert program(a=a, x=x, out=out).tolist() == [2.0, 4.0, 6.0]
    assert out.tolist() == [1.0, 1.0, 1.0]


# ---------------------------------------------------------------- plans


def _stacked(piece: str, offset: int) -> str:
    """A piece with two zeros around it."""
    return f"[{'; '.join(['0'] * offset + [piece] + ['0'] * (2 - offset))}]"


@pytest.mark.parametrize("seed", range(40))
def test_pieces_that_are_added_in_several_places(seed: int) -> None:
    """A piece that stands inside the result is changed by what is added to the result."""
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(2, 40))
    pieces = {"sin(x)": np.sin(x), "exp(y)": np.exp(y), "x.*y": x * y, "x": x}
    kinds = random.choice(["sin(x)", "exp(y)", "x.*y", "x"], size=random.integers(1, 3))
    text, wanted = "", np.zeros(42)
    for _ in range(random.integers(2, 7)):
        piece, factor = random.choice(kinds), random.choice([-2, -1, 1])
        offset = int(random.integers(3))
        text += f"{' - ' if factor < 0 else ' + '}{abs(factor)}*{_stacked(piece, offset)}"
        wanted[offset : offset + 40] += factor * pieces[piece]
    program = gf.parse(text.removeprefix(" + "), shapes={"x": ("n",), "y": ("n",)}).compile()
    given = {each.name: {"x": x, "y": y}[each.name] for each in program.task.parameters}
    if given:
        np.testing.assert_allclose(program(**given), wanted, rtol=1e-12, atol=1e-12)


DIFFERENCES = (
    *("sum(exp(x(3:n)-2*x(2:n-1)+x(1:n-2)))", "sum(abs(x(3:n)-2*x(2:n-1)+x(1:n-2)))"),
    "sumsq(x(2:n)-x(1:n-1)) + sumsq(x(3:n)-2*x(2:n-1)+x(1:n-2))",
    "sum(exp(x(2:n)-x(1:n-1))) + sum(exp(x(3:n)-x(1:n-2)))",
    "sum(tanh(x(4:n)-3*x(3:n-1)+3*x(2:n-2)-x(1:n-3)))",
)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("text", [*DIFFERENCES, "sum(exp(X(3:n,:)-2*X(2:n-1,:)+X(1:n-2,:)))"])
def test_derivatives_of_differences(text: str, dtype: str) -> None:
    """Against central differences of the function."""
    name, shape = ("X", (50, 3)) if "X" in text else ("x", (50,))
    f = gf.parse(text, shapes={"x": ("n",), "X": ("n", "m")})
    point = np.random.default_rng(0).normal(size=shape)
    value, h = f.compile(), 1e-6
    wanted = np.zeros(shape)
    for place in np.ndindex(*shape):
        step = np.zeros(shape)
        step[place] = h
        wanted[place] = (value(point + step) - value(point - step)) / (2 * h)
    found = f.gradient(name, check=False).compile(dtype=dtype)(point.astype(dtype))
    exact = 1e-7 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(found, wanted, rtol=0, atol=exact * np.abs(wanted).max())


def test_plans_follow_the_sizes() -> None:
    """(X Y) z and X (Y z): the order of a chain is that of the sizes of the call."""
    program = gf.parse("A*B*C", {"A": ("m", "n"), "B": ("n", "p"), "C": ("p", "q")}).compile()
    rng = np.random.default_rng(0)
    sources = set()
    for m, n, p, q in ((40, 2, 40, 2), (2, 40, 2, 40), (41, 2, 41, 2)):
        a, b, c = rng.normal(size=(m, n)), rng.normal(size=(n, p)), rng.normal(size=(p, q))
        np.testing.assert_allclose(program(a, b, c), a @ b @ c, atol=1e-10)
        sources.add(program.source)
    assert len(sources) == 2


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shapes that came once are known."""
    monkeypatch.setattr("gradform.execute.numpy._OFTEN", 1)


@pytest.mark.usefixtures("soon")
def test_shapes_that_come_again_are_not_checked_again() -> None:
    """The first calls check; arrays of another kind or shape are checked at any time."""
    program = gf.parse("A*x + c*y", {"A": ("m", "n"), "x": ("n",), "y": ("m",), "c": ()}).compile()
    rng = np.random.default_rng(0)
    a, x, y = rng.normal(size=(40, 30)), rng.normal(size=30), rng.normal(size=40)
    expected = a @ x + 2 * y
    for _ in range(4):
        found = program(A=a, x=x, y=y, c=np.float64(2))
        np.testing.assert_allclose(found, expected)
        np.testing.assert_allclose(program(A=a.tolist(), x=x, y=y, c=2), expected)
        np.testing.assert_allclose(program(x=x, c=2.0, y=y, A=a.T.copy().T), expected)
        exact = program(A=a.astype(int), x=x, y=y, c=2)
        np.testing.assert_allclose(exact, a.astype(int) @ x + 2 * y)
        with pytest.raises(ArrayError, match=r"y must have shape \(m,\) with m = 40"):
            program(A=a, x=x, y=x, c=np.float64(2))
        with pytest.raises(ArrayError, match="There is no variable 'z'"):
            program(A=a, x=x, y=y, c=np.float64(2), z=1)
        with pytest.raises(ArrayError, match="y must hold real numbers"):
            program(A=a, x=x, y=y * 1j, c=np.float64(2))
    assert not np.shares_memory(found, program(A=a, x=x, y=y, c=np.float64(2)))


@pytest.mark.usefixtures("soon")
def test_variables_that_are_not_needed_may_be_given_again() -> None:
    shapes = {"A": ("m", "n"), "x": ("n",), "y": ("m",)}
    program = gf.parse("norm2(A*x - y)^2", shapes).hessian("x").compile()
    a = np.random.default_rng(0).normal(size=(40, 30))
    for _ in range(3):
        np.testing.assert_allclose(program(A=a, x=a[0], y=a[:, 0]), 2 * a.T @ a)
        np.testing.assert_allclose(program(x=a[0], A=a), 2 * a.T @ a)


@pytest.mark.usefixtures("soon")
def test_operators_for_shapes_that_come_again() -> None:
    chain = gf.parse("sum((x(2:n) - c*x(1:n-1).^2).^2)", {"x": ("n",), "c": ()})
    dense, operators = (chain.hessian("x").compile(dense=dense) for dense in (True, False))
    for n in (5, 40, 40, 5, 40):
        x = np.random.default_rng(n).normal(size=n)
        given: dict[str, Any] = {"x": x, "c": np.float64(2)}
        np.testing.assert_allclose(operators(**given).toarray(), dense(**given))
        np.testing.assert_allclose(operators(x=x, c=2).toarray(), dense(x=x, c=2))
        with pytest.raises(ArrayError, match="There is no variable 'z'"):
            operators(**given, z=1)
        with pytest.raises(ArrayError, match="x must have shape"):
            operators(x=x[None, :, None], c=np.float64(2))


# ---------------------------------------------------------------- source alone

_ALONE = """
import json, sys
import numpy as np
for name, source, arguments, wanted in json.load(sys.stdin):
    scope = {}
    exec(source, scope)
    found = scope[name](*[np.array(each, float) if isinstance(each, list) else each
                          for each in arguments])
    wanted = np.array(wanted, float)
    assert np.shape(found) == wanted.shape, source
    scale = np.max(np.abs(wanted), initial=1e-3)
    assert np.max(np.abs(found - wanted), initial=0) <= 1e-8 * scale, source
assert not any(name.startswith("gradform") for name in sys.modules)
"""


@pytest.mark.parametrize("batch", [False, True])
def test_sources_run_alone(batch: bool) -> None:
    """In an interpreter that has NumPy and SciPy and knows nothing of this library."""
    jobs: list[Any] = []
    for row in ROWS[batch::7]:
        derivative = answer(row, check=False)
        program = derivative.compile()
        for sizes, given in _points(row, program):
            wanted = np.asarray(program(**given, **sizes))
            arrays = [np.asarray(x, float) for x in given.values()]
            if batch and arrays:
                arrays = [np.stack([x, x]) for x in arrays]
                wanted = np.stack([wanted, wanted])
            arguments = [*(x.tolist() for x in arrays), *sizes.values()]
            source = derivative.source("numpy", batch=batch)
            jobs.append((program.task.name, source, arguments, wanted.tolist()))
    done = subprocess.run(
        [sys.executable, "-I", "-c", _ALONE],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
