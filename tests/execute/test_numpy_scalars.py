"""Tiny programs on floats mean what they mean on arrays, and are what runs when they are faster."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.buffers.numpy import program_plan, program_source
from gradform.codegen.python.run import compile_source
from gradform.codegen.scalars import source as scalars
from gradform.codegen.scalars.expand import LANGUAGE
from gradform.codegen.scalars.graph import Entry, Graph
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.functions import Function, all_functions
from tests.execute.batches import task_of
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, Row, answer
from tests.laws.test_functions_spelling import compiled as on_arrays
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
)

Arrays = Mapping[str, Any]
Run = Callable[..., Any]
HUGE = 1.7e308
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1e308, HUGE]
SPELLED = [record for record in all_functions() if LANGUAGE in record.spell]


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Floats are taken whatever the time."""
    monkeypatch.setattr(scalars, "_ARRAY", 10**6)
    monkeypatch.setattr(scalars, "_MOST_ENTRIES", 400)
    monkeypatch.setattr(scalars, "_MOST_OPERATIONS", 2000)


def _forms(task: Task, sizes: Mapping[str, int]) -> tuple[Run, Run] | None:
    """The function on floats, which must not fall back by itself, and the one on arrays."""
    planned = program_plan(task, sizes)
    arrays = program_source(task, sizes, planned=planned)
    if not scalars.has_scalar_form(task, *planned):
        return None
    text = scalars.scalar_source(task, *planned, sizes, arrays)
    if text is None:
        return None
    assert max(len(line) for line in text.split("\n") if "Derivative of" not in line) <= 100
    run = compile_source(text, task.name)
    return run, run.__globals__[f"{task.name}_of_arrays"]


def _results(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


def _compare(forms: tuple[Run, Run], given: Arrays, tolerance: float, *, quick: bool) -> None:
    run, arrays = forms
    fallback = f"{run.__name__}_of_arrays"
    calls: list[None] = []

    def counted(*values: Any) -> Any:
        calls.append(None)
        return arrays(*values)

    run.__globals__[fallback] = counted
    found = _results(run(*given.values()))
    expected = _results(arrays(*given.values()))
    assert not (quick and calls), "the floats were enough"
    for one, other in zip(found, expected, strict=True):
        assert type(one) is type(other)
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
        scale = max(1e-6, float(np.max(np.abs(other), initial=0.0))) if quick else 1.0
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * scale)


# ---------------------------------------------------------------- values


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("kind", ["any", "joined"])
def test_random_products(kind: str) -> None:
    seen = 0
    for seed in range(60):
        node = random_product(seed, kind)
        task = task_of(node)
        forms = None if task.sizes else _forms(task, SIZES)
        if forms is not None:
            seen += 1
            _compare(forms, arguments_for(symbols_of([node]), seed), 1e-13, quick=True)
    assert seen > 5


@pytest.mark.usefixtures("always")
def test_several_random_outputs() -> None:
    seen = 0
    for seed in range(60):
        nodes = [random_expression(1000 * seed + k) for k in range(2)]
        task = task_of(*nodes)
        forms = None if task.sizes else _forms(task, SIZES)
        if forms is not None:
            seen += 1
            _compare(forms, arguments_for(symbols_of(nodes), seed), 1e-13, quick=True)
    assert seen > 5


def _identities() -> Iterator[tuple[Row, Task, dict[str, int], Arrays]]:
    for row in ROWS:
        value = gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures)
        sizes, inputs, _ = next(iter(frozen_points(row)))
        for what in (value, answer(row, check=False)):
            task = what.compile().task
            if not task.sizes:
                given = {each.name: inputs[each.name] for each in task.parameters}
                yield row, task, sizes, given


@pytest.mark.usefixtures("always")
def test_identities() -> None:
    """At their points, and at points with numbers that no calculation likes."""
    rng = np.random.default_rng(3)
    seen = 0
    for _, task, sizes, given in _identities():
        forms = _forms(task, sizes)
        if forms is None:
            continue
        seen += 1
        _compare(forms, given, 1e-12, quick=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(4):
                _compare(forms, _spoilt(given, rng), 1e-12, quick=False)
    assert seen > 250


def _spoilt(given: Arrays, rng: np.random.Generator) -> dict[str, Any]:
    """Some entries of some arrays are special."""
    found = {name: np.array(array, dtype=float) for name, array in given.items()}
    for array in found.values():
        flat = array.reshape(-1)
        for place in range(len(flat)):
            if rng.random() < 0.3:
                flat[place] = rng.choice(SPECIAL)
    return found


# ---------------------------------------------------------------- functions of records


@pytest.mark.parametrize("record", SPELLED, ids=lambda record: record.name)
def test_function_of_a_record(record: Function) -> None:
    """NumPy's number, or an exception where that is not finite or cannot be told."""
    names = ["x", "y", "z"][: len(record.parameters)]
    run = eval(
        f"lambda {', '.join(names)}: {record.spell[LANGUAGE].format(*names)}", {"math": math}
    )
    wanted = on_arrays(record)
    rng = np.random.default_rng(5)
    points = [*SPECIAL, *rng.normal(size=12), *rng.normal(size=6) * 300, *np.linspace(-3, 3, 25)]
    answered = 0
    for _ in range(150):
        values = [float(rng.choice(points)) for _ in names]
        with np.errstate(all="ignore"):
            expected = float(wanted(*map(np.float64, values)))
        try:
            found = run(*values)
        except (ArithmeticError, ValueError):
            # The functions of Python refuse what has no finite value, and infinite arguments.
            assert not np.isfinite([expected, *values]).all()
            continue
        answered += 1
        assert isinstance(found, float)
        if np.isfinite(found):
            np.testing.assert_allclose(found, expected, rtol=2e-13, err_msg=str(values))
    assert answered > 20


# ---------------------------------------------------------------- calls

ARM = "s = t(1) + t(2); [l(1)*cos(t(1)) + l(2)*cos(s); l(1)*sin(t(1)) + l(2)*sin(s)]"


@pytest.fixture
def arm() -> Any:
    return gf.compile(gf.parse(ARM, shapes={"t": (2,), "l": (2,)}).jacobian("t"))


def _on_floats(program: Any) -> bool:
    return "_of_arrays" in program.source


def test_what_is_like_floats_but_no_array_of_them(arm: Any) -> None:
    t, l = np.array([0.3, -1.2]), np.array([1.0, 2.0])
    assert _on_floats(arm)
    expected = arm(t=t, l=l)
    for given in (
        [0.3, -1.2],
        np.ma.array(t),
        np.array([0.3, -1.2], dtype=object),
        t.astype(">f8"),
    ):
        np.testing.assert_array_equal(arm(t=given, l=l), expected)
    np.testing.assert_array_equal(arm(t=t, l=np.array([1, 2])), expected)
    strided = np.repeat(t, 2)[::2]
    np.testing.assert_array_equal(arm(t=strided, l=l), expected)
    single = arm(t=t.astype(np.float32), l=l)
    np.testing.assert_allclose(single, expected, rtol=1e-6)
    out = np.empty((2, 2))
    assert arm(t=t, l=l, out=out) is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize(
    ("t", "message"),
    [
        (np.ones(3), "t must have shape"),
        (np.ones((2, 1)), "t must have shape"),
        (np.ones((2, 2)), "t must have shape"),
        (np.float64(1.0), "t must have shape"),
        (1.0, "t must have shape"),
        (np.ones(2) + 1j, "t must hold real numbers"),
        (["a", "b"], "t must hold real numbers"),
    ],
)
def test_errors_are_those_of_arrays(arm: Any, t: Any, message: str) -> None:
    with pytest.raises(ArrayError, match=message):
        arm(t=t, l=np.ones(2))


def test_lists_are_never_taken_for_numbers() -> None:
    """Python finds a list unequal to zero, without complaint."""
    shapes = dict.fromkeys("xyz", (2,))
    program = gf.compile(gf.parse("piecewise(x == 0, y, z)", shapes=shapes))
    y, z = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert _on_floats(program)
    np.testing.assert_array_equal(program(x=np.array([0.0, 1.0]), y=y, z=z), [1.0, 4.0])
    with pytest.raises(ArrayError, match="x must have shape"):
        program(x=np.ones((2, 1)), y=y, z=z)


def test_results_are_new_arrays_of_the_right_kind(arm: Any) -> None:
    t, l = np.zeros(2), np.ones(2)
    first, second = arm(t=t, l=l), arm(t=t, l=l)
    assert first.dtype == np.float64
    assert first.flags.writeable
    assert not np.shares_memory(first, second)
    number = gf.compile(gf.parse("a*x'*x", shapes={"x": (2,), "a": ()}))
    for a in (2.0, np.float64(2.0), np.array(2.0), 2, [2][0]):
        found = number(a=a, x=np.array([1.0, 2.0]))
        assert type(found) is float
        assert found == 10.0
    with pytest.raises(ArrayError, match="a must have shape"):
        number(a=np.array([2.0]), x=np.ones(2))


def test_sizes_decide() -> None:
    program = gf.compile(gf.parse("sum(sin(x).*exp(x) + x.^3)", shapes={"x": ("n",)}).gradient("x"))
    for n, floats in ((2, True), (200, False), (3, True), (1, True), (5000, False)):
        x = np.linspace(-1.0, 1.0, n)
        expected = np.cos(x) * np.exp(x) + np.sin(x) * np.exp(x) + 3 * x**2
        np.testing.assert_allclose(program(x=x), expected, rtol=1e-13)
        assert _on_floats(program) == floats
    assert program(x=np.zeros(0)).shape == (0,)


def test_what_floats_refuse_is_done_by_arrays() -> None:
    program = gf.compile(gf.parse("log(x(1))/x(2) + exp(x(3))", shapes={"x": (3,)}))
    assert _on_floats(program)
    with np.errstate(all="ignore"):
        assert program(x=np.array([0.0, 1.0, 0.0])) == -np.inf
        assert program(x=np.array([2.0, 0.0, 0.0])) == np.inf
        assert program(x=np.array([2.0, -0.0, 0.0])) == -np.inf
        assert np.isnan(program(x=np.array([-1.0, 1.0, 0.0])))
        assert program(x=np.array([1.0, 1.0, 1e3])) == np.inf


def test_zero_times_infinity_is_not_forgotten() -> None:
    """What was multiplied by zero is checked, unless something that is checked tells."""
    graph = Graph(50)
    entry = graph.put(Entry("input", (), "x"))
    assert graph.binary("multiply", 0, entry) == 0
    assert graph.checked([0]) == [entry]
    total = graph.binary("add", entry, graph.number(1.0))
    assert graph.checked([total]) == [total]
    decay = graph.call("math.exp({0})", [entry])
    assert graph.checked([decay]) == [decay, entry]
    assert graph.checked([graph.binary("divide", graph.number(1.0), entry)])[-1] == entry


def test_other_precisions_and_batches_are_done_by_arrays() -> None:
    formula = gf.parse("x*sum(x)*sin(sum(x))", shapes={"x": (3,)})
    assert _on_floats(gf.compile(formula))
    single = gf.compile(formula, dtype="float32")
    assert not _on_floats(single)
    assert single(x=np.ones(3, dtype=np.float32)).dtype == np.float32
    assert not _on_floats(gf.compile(formula, batch=["x"]))


def test_names_of_variables_may_be_those_of_the_text() -> None:
    numbers = ["math", "array", "ndarray", "x0", "t0"]
    shapes: dict[str, tuple[int, ...]] = {"x": (2,)} | dict.fromkeys(numbers, ())
    formula = gf.parse("x*x0*t0*sin(array) + vector(ndarray*math + sum(x))", shapes=shapes)
    given = dict.fromkeys(shapes, 0.5) | {"x": np.array([1.0, 2.0])}
    program = gf.compile(formula)
    assert _on_floats(program)
    expected = given["x"] * 0.25 * np.sin(0.5) + 0.25 + 3.0
    np.testing.assert_allclose(program(**given), expected, rtol=1e-14)


@pytest.mark.parametrize("text", ["sum(1 ./ (vector(1) + x.^2))", "sum(log(vector(1) + x.^2))"])
def test_an_overflow_that_leaves_no_trace_is_left_to_numpy(text: str) -> None:
    """x / (1 + x²) is 0 where the square overflows: NumPy warns, and so do we."""
    gradient = gf.parse(text, shapes={"x": ("n",)}).gradient("x", check=False).compile()
    assert np.all(np.isfinite(gradient(x=np.array([3.0, 4.0]))))
    assert "_of_arrays" in gradient.source
    with pytest.warns(RuntimeWarning, match="overflow"):
        gradient(x=np.array([3e200, 4e200]))
