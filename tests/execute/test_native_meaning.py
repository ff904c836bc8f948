"""What numbers mean on the native backend: NaN, infinities, limits, batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.task import Task
from gradform.execute.numpy import compiled
from gradform.execute.options import DTYPES, Options
from gradform.records import replaced
from tests.execute.batches import moved_points, stacked, task_of
from tests.execute.native_cases import linked
from tests.support.samples import sample_calls
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
)

CALLS = [call for call in sample_calls() if call.names]


def _extra(task: Task) -> dict[str, int]:
    return {name: SIZES[name] for name in task.sizes}


def test_all_functions() -> None:
    tasks = [task_of(call.node()) for call in CALLS]
    runs = linked([(task, SIZES) for task in tasks])
    for call, task, run in zip(CALLS, tasks, runs, strict=True):
        plain = compiled(task, Options())
        for number in range(3):
            point = call.point(number)
            given = {each.name: point[each.name] for each in task.parameters} | _extra(task)
            wanted = np.asarray(plain(**given))
            scale = max(1e-6, float(np.max(np.abs(wanted), initial=0.0)))
            np.testing.assert_allclose(
                run(**given), wanted, rtol=0, atol=1e-9 * scale, err_msg=str(call)
            )


# ---------------------------------------------------------------- NaN and infinities

ENTRYWISE = [
    *("x + y", "x.*y", "x./y", "maximum(x, y)", "minimum(x, y)", "relu(x)", "abs(x)"),
    "sign(x)",
    *("exp(x)", "log(abs(x))", "log1p(abs(x))", "expm1(x)", "sin(x)", "cos(x)", "tanh(x)"),
    *("x.^1.5", "x.^2.5", "x.^3.5", "x.^(-1.5)", "x.^(-2.5)", "x.^(-3.5)"),
    *("sigmoid(x)", "softplus(x)", "x.^2", "x.^3", "sqrt(abs(x))", "atan(x)", "erf(x)", "step(x)"),
]
REDUCTIONS = [
    *("sum(x)", "x'*y", "sum(abs(x))", "norm2(x)", "mean(x)", "sum(x.*y.*x)", "cumsum(x)"),
    *("logsumexp(x)", "softmax(x)", "sum(relu(x - y))"),
]
SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 1e-310, 750.0, -750.0)


@pytest.mark.parametrize("length", [1, 7, 37])
def test_special_numbers(length: int) -> None:
    """The same NaN, infinities and numbers as NumPy, whatever is computed beside them."""
    shapes = {"x": ("n",), "y": ("n",)}
    texts = [*ENTRYWISE, *REDUCTIONS]
    tasks = [gf.parse(text, shapes=shapes).compile().task for text in texts]
    runs = linked([(task, {"n": length}) for task in tasks], optimised=True)
    rng = np.random.default_rng(length)
    for text, task, run in zip(texts, tasks, runs, strict=True):
        plain = compiled(task, Options())
        for special in SPECIAL:
            given = {each.name: rng.normal(size=length) for each in task.parameters}
            given["x"][rng.integers(length)] = special
            with np.errstate(all="ignore"):
                wanted = plain(**given)
            np.testing.assert_allclose(
                run(**given), wanted, rtol=1e-12, atol=1e-12, err_msg=f"{text} at {special}"
            )


@pytest.mark.parametrize("size", [1e3, 1e300])
@pytest.mark.parametrize(
    "text",
    [
        *("sum(softplus(-y.*(X*w)))", "sum(log(1 ./ sigmoid(X*w)))", "logsumexp(X*w)"),
        *("sum(logsumexp(X*diag(w), 2)) + y'*X*w", "sum(softmax(X*w).*y)", "sum(sigmoid(X*w))"),
    ],
)
def test_limits(text: str, size: float) -> None:
    """Large arguments give the limits: no NaN, and what NumPy code gives."""
    shapes = {"X": ("m", "n"), "w": ("n",), "y": ("m",)}
    value = gf.parse(text, shapes=shapes)
    parts: list[Any] = [value, value.gradient("w"), value.hessian("w")]
    arrays = {"X": np.eye(3) * [1.0, -1.0, 1.0], "w": np.full(3, size), "y": np.array([1.0, 1, -1])}
    found = gf.compile(*parts, backend="native")(**arrays)
    wanted = gf.compile(*parts)(**arrays)
    for result, want in zip(found, wanted, strict=True):
        assert not np.isnan(result).any()
        np.testing.assert_allclose(result, want, rtol=1e-12, atol=1e-300)


# ---------------------------------------------------------------- batches


@pytest.mark.parametrize("kind", ["any", "matrix", "several"])
def test_batches(kind: str) -> None:
    """Every output has the leading axis, and at each index what one point gives."""
    several = kind == "several"
    nodes = [
        [random_expression(9000 * seed + k) for k in range(2)]
        if several
        else [random_product(seed, kind)]
        for seed in range(60)
    ]
    tasks = [task_of(*each) for each in nodes]
    kept = [task for task in tasks if task.parameters]
    names = [tuple(each.name for each in task.parameters) for task in kept]
    batches = [every if k % 3 else every[:1] for k, every in enumerate(names)]
    runs = linked([(task, SIZES) for task in kept], batches=batches)
    for seed, (task, batch, run) in enumerate(zip(kept, batches, runs, strict=True)):
        points = moved_points(arguments_for(symbols_of(task.nodes), seed), 19)
        found = run(**stacked(points, batch), **_extra(task))
        results: Any = found if isinstance(found, tuple) else (found,)
        plain = compiled(task, Options())
        for k, point in enumerate(points):
            one = {name: (point if name in batch else points[0])[name] for name in point}
            wanted: Any = plain(**one, **_extra(task))
            for result, want in zip(
                results, wanted if isinstance(wanted, tuple) else (wanted,), strict=True
            ):
                scale = max(1e-6, float(np.max(np.abs(want), initial=0.0)))
                np.testing.assert_allclose(result[k], want, rtol=0, atol=1e-9 * scale)


# As many points as fill the lanes that are computed at once, and some more.
MANY = 21
CHOICES = [
    *("where_negative(x, 0, y)", "where_nonpositive(x, y, 2*y)", "where_zero(floor(x), x, y.^2)"),
    *("piecewise(x < 0, 1./y, y < 0, x.*y, y)", "[where_negative(x, 0, y); x(2:n)]"),
    *(
        "where_negative(X(:, 1), 0, X(:, 2))",
        "where_negative(X, 0, X')",
        "X.*where_negative(X, 1, 3)",
    ),
    *(
        "diag(where_negative(x, y, 0))*X",
        "where_negative(X*x, y, X'*y)",
        "max(x)*where_negative(y, 0, x)",
    ),
    *("huber(x - y)", "relu(X) + step(X')", "leaky_relu(x, 0.1).*y", "clip(X, -1, 1)*x"),
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_optimised_batches(dtype: str) -> None:
    """Functions, and choices between entries, as the compiler makes them for users."""
    rng = np.random.default_rng(0)
    shapes = {"x": ("n",), "y": ("n",), "X": ("n", "n")}
    given: dict[str, dict[str, Any]] = {
        text: {
            name: rng.normal(size=(MANY, *(SIZES[axis] for axis in axes)))
            for name, axes in shapes.items()
        }
        for text in CHOICES
    }
    tasks = {text: gf.parse(text, shapes=shapes).compile().task for text in CHOICES}
    for call in CALLS:
        if call.record.elementwise:
            points = [call.point(number) for number in range(MANY)]
            given[str(call)] = stacked(points, call.names)
            tasks[str(call)] = task_of(call.node())
    names = [tuple(each.name for each in task.parameters) for task in tasks.values()]
    options = Options(dtype=dtype)
    written = [(task, SIZES) for task in tasks.values()]
    runs = linked(written, options, batches=names, optimised=True)
    for (text, task), batch, run in zip(tasks.items(), names, runs, strict=True):
        arrays = {name: given[text][name] for name in batch} | _extra(task)
        wanted = compiled(task, replaced(options, batch=batch))(**arrays)
        scale = max(1e-6, float(np.max(np.abs(wanted), initial=0.0)))
        atol = {"float64": 1e-12, "float32": 1e-5}[dtype] * scale
        np.testing.assert_allclose(run(**arrays), wanted, rtol=0, atol=atol, err_msg=text)
