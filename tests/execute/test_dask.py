"""Dask programs on chunks of rows, against NumPy on the whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import dask
import dask.array as da
import numpy as np
import pytest
from dask.delayed import Delayed
from scipy.sparse import csr_matrix

import gradform as gf
from gradform.errors import ArrayError, CannotError
from gradform.execute.backend import compiler
from gradform.execute.options import Options
from tests.execute.batches import task_of
from tests.execute.chunks import (
    SIZES,
    agree,
    array_of,
    chunked,
    compute,
    delayed,
    drawn,
    from_array,
    whole,
)
from tests.golden.points import fresh_points
from tests.golden.rows import ROWS, Row, answer
from tests.unit.codegen.codegen_cases import SIZES as RANDOM_SIZES
from tests.unit.codegen.codegen_cases import (
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
)
from tests.unit.codegen.loss_cases import LOSSES, Loss

each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
LOGISTIC = LOSSES[0]


@pytest.fixture(autouse=True)
def _in_this_thread() -> Iterator[None]:
    with dask.config.set(scheduler="synchronous"):
        yield


@each_loss
@pytest.mark.parametrize("rows", [1, 4])
def test_losses(loss: Loss, rows: int) -> None:
    arrays = drawn(loss)
    found = gf.compile(*loss.parts(), backend="dask")(**chunked(loss, arrays, rows))
    for one, wanted in zip(found, whole(loss, arrays), strict=True):
        agree(one, wanted)
        by_rows = np.shape(wanted)[:1] == (SIZES["m"],)
        assert isinstance(one, da.Array if by_rows else float | np.ndarray)


def test_each_chunk_is_loaded_once() -> None:
    arrays = drawn(LOGISTIC)
    loaded: list[int] = []

    def load(place: int) -> Any:
        loaded.append(place)
        return arrays["X"][4 * place : 4 * place + 4]

    parts = [delayed(load)(place) for place in range(3)]
    data = array_of(parts, [(4, 4), (4, 4), (3, 4)])
    program = gf.compile(*LOGISTIC.parts(), backend="dask")
    found = program(**{**arrays, "X": data})
    assert sorted(loaded) == [0, 1, 2]
    for one, wanted in zip(found, whole(LOGISTIC, arrays), strict=True):
        agree(one, wanted)


def test_outputs_by_rows_are_dask_arrays() -> None:
    f = gf.parse("tanh(X*w - y)", shapes=LOGISTIC.shapes)
    arrays = drawn(LOGISTIC)
    del arrays["a"]
    parts: list[Any] = [
        f,
        f.derivative("w"),
        gf.parse("sum(tanh(X*w - y))", shapes=LOGISTIC.shapes),
    ]
    data = chunked(LOGISTIC, arrays)
    residual, jacobian, total = gf.compile(*parts, backend="dask")(**data)
    assert residual.chunks == ((4, 4, 3),)
    assert jacobian.chunks == ((4,), (4, 4, 3))
    wanted = gf.compile(*parts)(**arrays)
    agree(total, wanted[2])
    agree(residual.compute(), wanted[0])
    agree(jacobian.compute(), wanted[1])


def test_lazily() -> None:
    arrays = drawn(LOGISTIC)
    program = gf.compile(*LOGISTIC.parts(), backend="dask")
    found = program.lazily(**chunked(LOGISTIC, arrays))  # type: ignore[attr-defined]
    assert all(isinstance(one, Delayed) for one in found)
    for one, wanted in zip(compute(*found), whole(LOGISTIC, arrays), strict=True):
        agree(one, wanted)


def test_lazily_beside_outputs_by_rows() -> None:
    """All are of one kind: ``dask.compute`` puts delayed values before arrays."""
    f = gf.parse("sum(X*w) + w'*w", shapes={"X": ("m", "n"), "w": ("n",)})
    parts: list[Any] = [
        f.gradient("w"),
        gf.parse("sum(X, 2)", shapes={"X": ("m", "n")}),
        f.hessian("w"),
        f,
    ]
    program: Any = gf.compile(*parts, backend="dask")
    arrays = {"X": np.arange(12.0).reshape(4, 3), "w": np.arange(3.0)}
    found = program.lazily(X=from_array(arrays["X"], chunks=(2, 3)), w=arrays["w"])
    for one, wanted in zip(compute(*found), gf.compile(*parts)(**arrays), strict=True):
        agree(one, wanted)


def test_chunks_of_different_lengths_are_aligned() -> None:
    arrays = drawn(LOGISTIC)
    data = chunked(LOGISTIC, arrays)
    data["y"] = from_array(arrays["y"], chunks=3)
    found = gf.compile(*LOGISTIC.parts(), backend="dask")(**data)
    for one, wanted in zip(found, whole(LOGISTIC, arrays), strict=True):
        agree(one, wanted)


def test_whole_arrays_are_cut() -> None:
    arrays = drawn(LOGISTIC, {**SIZES, "m": 2000})
    program = gf.compile(*LOGISTIC.parts(), backend="dask")
    with dask.config.set({"array.chunk-size": "8kiB"}):
        found = program(**arrays)
        graph = program.lazily(**arrays)[0].__dask_graph__()  # type: ignore[attr-defined]
    assert len(graph) > 20
    for one, wanted in zip(found, whole(LOGISTIC, arrays), strict=True):
        agree(one, wanted)


def test_hessian_vector_product() -> None:
    f = gf.parse(LOGISTIC.text, shapes=LOGISTIC.shapes)
    product = gf.hvp(f, "w", direction="v")
    arrays = drawn(LOGISTIC)
    direction = np.arange(4.0)
    found = product.compile("dask")(**chunked(LOGISTIC, arrays), v=direction)
    agree(found, product.compile("numpy")(**arrays, v=direction))


@pytest.mark.parametrize("sign", [0.0, -1.0])
def test_totals_that_are_zero_or_negative(sign: float) -> None:
    """1/0 is infinite and a root of a negative number is no number, as with NumPy."""
    x = sign * np.ones(6)
    shapes = {"x": ("m",)}
    parts = [gf.parse("1/sum(x)", shapes=shapes), gf.parse("sum(x)^1.5", shapes=shapes)]
    with np.errstate(all="ignore"):
        found = gf.compile(*parts, backend="dask")(x=from_array(x, chunks=2))
        wanted = gf.compile(*parts)(x=x)
    np.testing.assert_array_equal(found, wanted)


def test_columns_in_chunks() -> None:
    arrays = drawn(LOGISTIC)
    parts = LOGISTIC.parts()[:2]
    data = {**arrays, "X": from_array(arrays["X"], chunks=(11, 2))}
    value, gradient = gf.compile(*parts, backend="dask")(**data)
    wanted = gf.compile(*parts)(**arrays)
    agree(value, wanted[0])
    assert gradient.chunks == ((2, 2),)
    agree(gradient.compute(), wanted[1])


@each_loss
def test_batches(loss: Loss) -> None:
    """Five points; all outputs have the leading axis, in chunks."""
    points = [drawn(loss), *({k: 0.9 * v for k, v in drawn(loss).items()} for _ in range(4))]
    names = [parameter.name for parameter in gf.compile(*loss.parts()).task.parameters]
    stacked = {name: np.stack([point[name] for point in points]) for name in names}
    data = {n: from_array(array, chunks=(2, *array.shape[1:])) for n, array in stacked.items()}
    found = gf.compile(*loss.parts(), backend="dask", batch=True)(**data)
    wanted = gf.compile(*loss.parts(), batch=True)(**stacked)
    for one, other in zip(found, wanted, strict=True):
        assert one.chunks[0] == (2, 2, 1)
        agree(one.compute(), other)


def test_batch_of_some_variables() -> None:
    arrays = drawn(LOGISTIC)
    weights = np.stack([arrays["w"], 2 * arrays["w"], -arrays["w"]])
    program = gf.compile(*LOGISTIC.parts(), backend="dask", batch="w")
    found = program(**{**arrays, "w": from_array(weights, chunks=(2, 4))})
    wanted = gf.compile(*LOGISTIC.parts(), batch="w")(**{**arrays, "w": weights})
    for one, other in zip(found, wanted, strict=True):
        assert one.chunks[0] == (2, 1)
        agree(one.compute(), other)
    with pytest.raises(CannotError, match="cannot be cut together"):
        program(**{**chunked(LOGISTIC, arrays), "w": weights})


def test_sizes_may_be_told() -> None:
    f = gf.parse("mean(exp(x))", shapes={"x": ("m",)})
    assert f.compile("dask")(x=from_array(np.zeros(6), chunks=2), m=6) == 1.0


# ---------------------------------------------------------------- every identity


@pytest.mark.parametrize("block", range(10))
def test_identities(block: int) -> None:
    """Agree on chunks along the best rows, or are refused."""
    cut = sum(_is_cut(row) for row in ROWS[block::10])
    assert cut > 15


def _is_cut(row: Row) -> bool:
    derivative = answer(row, check=False)
    ((_, inputs),) = fresh_points(row, 1)
    names = {parameter.name for parameter in derivative.compile("numpy").task.parameters}
    arrays = {name: array for name, array in inputs.items() if name in names}
    wanted = derivative.compile("numpy")(**arrays)
    program = derivative.compile("dask")
    try:
        with dask.config.set({"array.chunk-size": "32B"}):
            found = program(**arrays)
    except CannotError as refusal:
        assert refusal.kind == "not_separable"
        assert refusal.hint
        return False
    agree(compute(found)[0], wanted, 1e-8)
    return True


@pytest.mark.parametrize("block", range(4))
def test_random_expressions(block: int) -> None:
    cut = 0
    for seed in range(25 * block, 25 * block + 25):
        task = task_of(random_expression(seed), random_product(seed + 10_000))
        arrays = {
            name: array
            for name, array in arguments_for(symbols_of(task.nodes), seed).items()
            if name in [parameter.name for parameter in task.parameters]
        }
        sizes = {name: RANDOM_SIZES[name] for name in task.sizes}
        wanted = compiler("numpy")(task, Options())(**arrays, **sizes)
        try:
            with dask.config.set({"array.chunk-size": "8B"}):
                found = compiler("dask")(task, Options())(**arrays, **sizes)
        except CannotError as refusal:
            assert refusal.kind == "not_separable"
            continue
        cut += 1
        for one, other in zip(found, wanted, strict=True):
            agree(compute(one)[0], other, 1e-9)
    assert cut > 3


# ---------------------------------------------------------------- refusals


def _refused(text: str, axes: dict[str, int], **shapes: tuple[str, ...]) -> CannotError:
    f = gf.parse(text, shapes=shapes)
    arrays = {}
    for name, shape in shapes.items():
        chunks = [3 if axes.get(name) == k else 6 for k in range(len(shape))]
        arrays[name] = da.ones([6] * len(shape), chunks=chunks)
    with pytest.raises(CannotError) as found:
        gf.compile(f, backend="dask")(**arrays)
    assert found.value.kind == "not_separable"
    return found.value


def test_pairs_of_rows_are_refused() -> None:
    error = _refused("sum(exp(X*X'))", {"X": 0}, X=("m", "n"))
    assert "axis 0 of X" in error.message
    assert "X @ X.T pairs the entries" in error.message
    assert "axis 1 of X" in str(error.hint)


def test_running_sums_are_refused() -> None:
    error = _refused("sum(exp(cumsum(x)))", {"x": 0}, x=("m",))
    assert "np.cumsum(x) needs all entries" in error.message


def test_square_matrices_are_refused() -> None:
    error = _refused("x'*A*x", {"A": 0}, x=("n",), A=("n", "n"))
    assert "both axes of A" in error.message


def test_different_rows_are_refused() -> None:
    error = _refused("sum(x) + sum(y)", {"x": 0, "y": 0}, x=("m",), y=("n",))
    assert "x along axis 0 and y along axis 0" in error.message


def test_chunks_along_both_axes_are_refused() -> None:
    f = gf.parse("sum(exp(X))", shapes={"X": ("m", "n")})
    with pytest.raises(ArrayError, match="X is cut along several axes") as found:
        f.compile("dask")(X=da.ones((4, 4), chunks=2))
    assert "X.rechunk({1: -1})" in str(found.value.hint)


def test_unknown_chunks_are_refused() -> None:
    x = da.arange(10, chunks=5).astype(float)
    with pytest.raises(ArrayError, match="x has chunks of unknown sizes"):
        gf.parse("sum(exp(x))", shapes={"x": ("m",)}).compile("dask")(x=x[x > 3])


def test_shapes_are_checked() -> None:
    program = gf.compile(*LOGISTIC.parts(), backend="dask")
    arrays = drawn(LOGISTIC)
    with pytest.raises(ArrayError, match=r"y must have shape \(m,\) with m = 11, got \(10,\)"):
        program(**{**arrays, "y": arrays["y"][1:]})
    del arrays["y"]
    with pytest.raises(ArrayError, match="No value was given for 'y'"):
        program(**arrays)


def test_float32() -> None:
    arrays = drawn(LOGISTIC)
    parts = [*LOGISTIC.parts(), gf.parse("X*w", shapes=LOGISTIC.shapes)]
    *found, rows = gf.compile(*parts, backend="dask", dtype="float32")(**chunked(LOGISTIC, arrays))
    assert rows.dtype == np.float32 == rows.compute().dtype
    for one, wanted in zip(found, whole(LOGISTIC, arrays), strict=True):
        assert one.dtype == np.float32
        agree(one, wanted, 1e-5)


def test_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(CannotError, match="Dask is not installed") as found:
        gf.compile(*LOGISTIC.parts(), backend="dask")
    assert "gradform[dask]" in str(found.value.hint)


def test_complex_data_are_refused() -> None:
    x = from_array(np.array([1j, 2.0]), chunks=1)
    with pytest.raises(ArrayError, match="x must hold real numbers, got complex128"):
        gf.parse("sum(exp(x))", shapes={"x": ("m",)}).compile("dask")(x=x)


def test_lists_are_arrays() -> None:
    program = gf.parse("sum(X*w)", shapes={"X": ("m", "n"), "w": ("n",)}).compile("dask")
    assert program(X=[[1, 2], [3, 4]], w=[1, 1]) == 10.0


def test_results_do_not_depend_on_what_the_arguments_become() -> None:
    """Outputs by rows and delayed ones are computed later than they are asked for."""
    shapes = {"X": ("m", "n"), "w": ("n",), "y": ("m",)}
    X, w, y = np.ones((4, 2)), np.ones(2), np.ones(4)
    rows: Any = gf.parse("y.*(X*w)", shapes=shapes).compile("dask")
    total: Any = gf.parse("y'*(X*w)", shapes=shapes).compile("dask")
    for data in (X, from_array(np.ones((4, 2)), chunks=(2, 2))):
        given = {"X": data, "w": w.copy(), "y": y.copy()}
        found = [rows(**given), rows.lazily(**given), total.lazily(**given)]
        for array in given.values():
            if isinstance(array, np.ndarray):
                array *= 0
        values = compute(*found)
        X[:] = 1
        np.testing.assert_array_equal(values[0], [2, 2, 2, 2])
        np.testing.assert_array_equal(values[1], [2, 2, 2, 2])
        assert values[2] == 8


def test_chunks_that_are_not_plain_arrays_are_refused() -> None:
    f = gf.parse("c*sum(X)", shapes={"X": ("m", "n"), "c": ()})
    X, c = da.ones((4, 2), chunks=(2, 2)), np.array(2.0)
    program = f.compile("dask")
    wrong = {
        "X has chunks of type MaskedArray": {"X": da.ma.masked_greater(X, 5), "c": c},
        "c has chunks of type MaskedArray": {"X": X, "c": da.ma.masked_array(c, mask=True)},
        "X has chunks of type csr_matrix": {"X": X.map_blocks(csr_matrix), "c": c},
        "c is delayed": {"X": X, "c": delayed(2.0)},
    }
    for message, given in wrong.items():
        with pytest.raises(ArrayError, match=message):
            program(**given)


@pytest.mark.parametrize("text", ["sum(std(X,1))", "norm2(X)", "norm21(X)"])
def test_infinity_and_nan_are_joined_as_they_are_added(text: str) -> None:
    """hypot(inf, NaN) is inf; the root of a sum with NaN in it is NaN."""
    X = np.array([[np.inf, 1.0], [2.0, np.nan], [4.0, 5.0]])
    f = gf.parse(text, shapes={"X": ("m", "n")})
    with np.errstate(invalid="ignore"):
        found = f.compile("dask")(X=from_array(X, chunks=(1, 2)))
        np.testing.assert_array_equal(found, f.compile("numpy")(X=X))


# ---------------------------------------------------------------- source


@each_loss
def test_source_is_readable(loss: Loss) -> None:
    source = gf.source(*loss.parts(), language="dask")
    code = [line for line in source.split("\n") if ": Derivative of" not in line]
    assert max(map(len, code)) <= 100
    assert "gradform" not in source


def test_source_runs_alone() -> None:
    """In a fresh interpreter that cannot import gradform."""
    source = gf.source(*LOGISTIC.parts(), language="dask")
    check = """
import sys
sys.modules["gradform"] = None
rng = np.random.default_rng(0)
X = da.from_array(rng.normal(size=(9, 3)), chunks=(2, 3))
y, w = np.sign(rng.normal(size=9)), rng.normal(size=3)
with dask.config.set(scheduler="synchronous"):
    value, gradient, hessian = evaluate(X, y, w, 0.1)
near = evaluate(X, y, w + [1e-6, 0, 0], 0.1)
assert abs((near[0] - value) / 1e-6 - gradient[0]) < 1e-4
assert np.allclose((near[1] - gradient) / 1e-6, hessian[0], atol=1e-4)
print("agrees")
"""
    done = subprocess.run(
        [sys.executable, "-c", source + check], capture_output=True, text=True, check=False
    )
    assert done.stdout == "agrees\n", done.stderr
