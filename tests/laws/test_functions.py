"""The laws every function record obeys, whatever the function."""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter

import numpy as np
import pytest

from gradform.calculus.differentiate import push
from gradform.errors import CannotError
from gradform.functions import Function, all_functions, lookup
from gradform.ir import build
from gradform.ir.nodes import Apply, Node, Symbol, symbol
from tests.support.ir_eval import Array, evaluate_node
from tests.support.samples import (
    PRIMITIVES,
    SIZES,
    SampleCall,
    close,
    draw,
    each_primitive,
    each_record,
    sample_calls,
    shaped,
    typed_symbol,
)

CALLS = list(sample_calls())
WITH_VARIABLES = [call for call in CALLS if call.names]
DIFFERENTIABLE = [call for call in WITH_VARIABLES if not call.record.no_derivative]

each_call = pytest.mark.parametrize("call", CALLS, ids=str)
each_differentiable_call = pytest.mark.parametrize("call", DIFFERENTIABLE, ids=str)
each_call_with_variables = pytest.mark.parametrize("call", WITH_VARIABLES, ids=str)


def directions(call: SampleCall) -> dict[str, Array]:
    """A direction for every variable. Not of the variable's structure: entries are free."""
    random = np.random.default_rng(len(str(call)))
    return {name: random.normal(size=point.shape) for name, point in call.point().items()}


def moved(env: dict[str, Array], along: dict[str, Array], step: complex) -> dict[str, Array]:
    return {name: env[name] + step * along[name] for name in env}


def slope(call: SampleCall, env: dict[str, Array]) -> tuple[Array, float]:
    """d/dt f(x + t·dx) by a complex step or nine-point differences, with its accuracy."""
    along = directions(call)
    if call.record.analytic:
        step = 1e-30
        return shaped(call, call.reference(moved(env, along, 1j * step)).imag / step), 1e-11
    total = differences(lambda step: call.reference(moved(env, along, step)))
    return shaped(call, total), 1e-8


WEIGHTS = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}


def differences(curve: Callable[[float], Array], step: float = 1e-3) -> Array:
    """The slope of a curve at 0, with an error of order step⁸."""
    total = sum(w * (curve(k * step) - curve(-k * step)) for k, w in WEIGHTS.items())
    return np.asarray(total) / step


def first_derivative(call: SampleCall, node: Node) -> Node:
    """The differential of the expression, linear in symbols ``dx``."""
    tangents = {
        typed_symbol(name).node: symbol(f"d{name}", typed_symbol(name).node.axes)
        for name in call.names
    }
    return push(node, {key: value for key, value in tangents.items() if isinstance(key, Symbol)})


def tangent_values(along: dict[str, Array]) -> dict[str, Array]:
    return {f"d{name}": value for name, value in along.items()}


# ---------------------------------------------------------------- values


@each_call
def test_expression_has_the_value_of_the_reference(call: SampleCall) -> None:
    env = call.point()
    close(evaluate_node(call.node(), env, SIZES), shaped(call, call.reference(env)), 1e-12)


@each_call
def test_expression_has_the_axes_of_its_shape(call: SampleCall) -> None:
    assert call.node().axes == call.shape().axes


@each_call_with_variables
def test_reference_is_a_table(call: SampleCall) -> None:
    assert call.reference(call.point()).ndim == 2


@pytest.mark.parametrize("call", [c for c in WITH_VARIABLES if c.record.analytic], ids=str)
def test_analytic_reference_is_real_on_reals_and_takes_complex_arrays(call: SampleCall) -> None:
    env = call.point()
    real = call.reference(env)
    assert not np.iscomplexobj(real)
    complex_env = {name: value + 0j for name, value in env.items()}
    close(call.reference(complex_env), real, 1e-12)


@pytest.mark.parametrize("record", [r for r in all_functions() if r.sign], ids=lambda r: r.name)
def test_sign_holds_everywhere_sampled(record: Function) -> None:
    random = np.random.default_rng(7)
    for text in record.arguments:
        call = SampleCall(record, text)
        for _ in range(50):
            value = call.reference({name: draw(name, random) for name in call.names})
            assert (value > 0).all() if record.sign == "positive" else (value >= 0).all()


@pytest.mark.parametrize(
    "record", [r for r in all_functions() if r.keeps_symmetry], ids=lambda r: r.name
)
def test_symmetric_argument_gives_symmetric_value(record: Function) -> None:
    point = draw("P", np.random.default_rng(3))
    assert record.evaluate is not None
    value = record.evaluate(np, point)
    close(value, value.T, 1e-12)


@pytest.mark.parametrize("record", [r for r in all_functions() if r.exact], ids=lambda r: r.name)
def test_exact_values(record: Function) -> None:
    assert record.evaluate is not None
    for place, value in record.exact.items():
        found = record.evaluate(np, np.array([[float(place)]]))
        np.testing.assert_allclose(found, [[float(value)]], atol=1e-15)


# ---------------------------------------------------------------- derivatives


@each_differentiable_call
def test_first_derivative_is_the_limit_of_differences(call: SampleCall) -> None:
    found = first_derivative(call, call.node())
    for number in range(4):
        env = call.point(number)
        wanted, tolerance = slope(call, env)
        both = env | tangent_values(directions(call))
        close(evaluate_node(found, both, SIZES), wanted, tolerance)


@each_differentiable_call
def test_second_derivative_is_the_limit_of_differences(call: SampleCall) -> None:
    first = first_derivative(call, call.node())
    second = first_derivative(call, first)
    along = directions(call)
    fixed = tangent_values(along)
    total = differences(
        lambda step: evaluate_node(first, moved(call.point(), along, step) | fixed, SIZES)
    )
    close(evaluate_node(second, call.point() | fixed, SIZES), total, 1e-7)


@each_primitive
def test_differential_is_linear(record: Function) -> None:
    if record.differential is None:
        return
    call = SampleCall(record, record.arguments[0])
    random = np.random.default_rng(11)
    first, second = ({f"d{name}": draw(name, random) for name in call.names} for _ in range(2))
    both = {name: first[name] - 2 * second[name] for name in first}
    node = first_derivative(call, call.node())
    parts = [evaluate_node(node, call.point() | each, SIZES) for each in (both, first, second)]
    close(parts[0], parts[1] - 2 * parts[2], 1e-11)


@pytest.mark.parametrize(
    "record", [r for r in PRIMITIVES if r.elementwise and r.arity == (1, 1)], ids=lambda r: r.name
)
def test_condition_exists_where_the_slope_does_not(record: Function) -> None:
    x = symbol("x", ())
    node = build.apply(record, x)
    assert isinstance(node, Apply)
    for place in (-1.0, 0.0, 1.0):
        with np.errstate(all="ignore"):
            found = evaluate_node(record.partial(0, node), {"x": np.array(place)}, {})
        assert np.isfinite(found) or record.conditions


@each_primitive
def test_primitive_has_a_derivative(record: Function) -> None:
    if record.no_derivative:
        assert record.differential is None
        with pytest.raises(CannotError, match="has no derivative"):
            call = SampleCall(record, record.arguments[0])
            first_derivative(call, call.node())
        return
    assert record.partials if record.elementwise else record.differential or record.self_adjoint


@pytest.mark.parametrize("record", [r for r in all_functions() if r.kinks], ids=lambda r: r.name)
def test_kinks_have_the_stated_slopes(record: Function) -> None:
    assert record.evaluate is not None
    for place, left, right in record.kinks:
        step = 2.0**-20
        at, below, above = (
            record.evaluate(np, np.array([[place + move]]))[0, 0] for move in (0, -step, step)
        )
        np.testing.assert_allclose([(at - below) / step, (above - at) / step], [left, right])
    assert any(condition.smooth for condition in record.conditions)


OUTSIDE: dict[str, float] = {
    "log": -1, "log1p": -2, "sqrt": -1, "pow": -1, "asin": 2, "acos": 2, "acosh": 0.5,
    "atanh": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_condition_exists_where_the_value_does_not(name: str) -> None:
    record = lookup(name)
    assert record is not None
    assert record.evaluate is not None
    places = [np.array([[OUTSIDE[name]]])] + [np.array([[0.5]])] * (record.arity[0] - 1)
    with np.errstate(invalid="ignore"):
        assert np.isnan(record.evaluate(np, *places)).all()
    assert any(not condition.smooth for condition in record.conditions)


@each_record
def test_conditions_speak_of_the_arguments(record: Function) -> None:
    for condition in record.conditions:
        fields = [field for _, field, _, _ in Formatter().parse(condition.template) if field]
        assert fields
        assert all(int(field) < len(record.parameters) for field in fields)
