"""Calls of kernels: what fits, what is converted, what is refused; both launchers alike."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradform.errors import ArrayError
from gradform.execute.native.launcher import has_extension
from gradform.execute.native.library import load
from gradform.execute.native.signature import Signature
from tests.execute.native_runtime.modules import (
    ENTRY,
    LAUNCHERS,
    Launcher,
    Mismatch,
    header,
    refused,
    scaled_kernel,
)

X = np.array([1.0, 2.0, 4.0])


@pytest.fixture(params=LAUNCHERS)
def launcher(request: pytest.FixtureRequest) -> Launcher:
    return LAUNCHERS[request.param]


@pytest.fixture
def scaled(launcher: Launcher) -> Callable[..., Any]:
    return scaled_kernel(launcher)


def test_the_extension_is_built() -> None:
    assert has_extension()


def check(found: Any, x: Any = X, a: float = 2.0) -> None:
    y, s = found
    np.testing.assert_array_equal(y, a * np.asarray(x, float))
    assert s == pytest.approx(np.sum(a * np.asarray(x, float)))


class Convertible:
    """An array of another library."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(X, dtype=dtype)


@pytest.mark.parametrize(
    "x",
    [
        X,
        [1, 2, 4],
        (1.0, 2.0, 4.0),
        X[None],  # a row as a matrix of one row
        X[::-1][::-1],
        np.repeat(X, 2)[::2],  # strided
        np.array([1, 2, 4]),
        np.array([1, 2, 4], np.float32),
        np.array([1, 2, 4], np.uint8),
        X.astype(">f8"),
        X.astype(np.longdouble),
        np.array([Fraction(1), Fraction(2), 4], object),
        [Fraction(1), 2, 4.0],
        np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view(np.float64),  # not aligned
        np.ma.array(X),
        Convertible(),
    ],
)
def test_what_numpy_takes_is_taken(scaled: Callable[..., Any], x: Any) -> None:
    check(scaled(x, 2.0))
    check(scaled(a=2.0, x=x))


@pytest.mark.parametrize(
    "a", [2, 2.0, np.float64(2), np.float32(2), np.int8(2), np.array(2.0), Fraction(2)]
)
def test_numbers_for_scalars(scaled: Callable[..., Any], a: Any) -> None:
    check(scaled(X, a))
    check(scaled(X, a=a))


def test_scalars_are_returned_as_floats(scaled: Callable[..., Any]) -> None:
    y, s = scaled(X, 2.0)
    assert type(y) is np.ndarray
    assert type(s) is float


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ((X[:2], 1.0), {}),
        ((X[:, None], 1.0), {}),
        ((np.ones((1, 1, 3)), 1.0), {}),
        ((1.0, 1.0), {}),
        ((X, X), {}),
        ((X, np.ones(1)), {}),
        ((X,), {}),
        ((), {}),
        ((X, 1.0, 2.0), {}),
        ((X, 1.0), {"a": 1.0}),
        ((X,), {"b": 1.0}),
        ((X, 1.0), {"b": 1.0}),
        ((X, 1.0), {"x": X, "out": None}),
    ],
)
def test_other_shapes_and_names_are_handed_over(
    scaled: Callable[..., Any], arrays: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(Mismatch) as caught:
        scaled(*arrays, **named)
    assert caught.value.args == (len(arrays), sorted(named))


@pytest.mark.parametrize("value", [1j, "a", None, [[1], [2, 3]], object(), X * 1j, ["a"] * 3])
def test_what_is_not_real_numbers_is_refused(scaled: Callable[..., Any], value: Any) -> None:
    with pytest.raises(ArrayError, match=r"^x (must hold real numbers|is not a rect)"):
        scaled(value, 1.0)
    with pytest.raises(ArrayError, match=r"^a (must hold real numbers|is not a rect)"):
        scaled(X, value)


def test_a_number_too_large_is_refused(scaled: Callable[..., Any]) -> None:
    with pytest.raises(ArrayError, match="a holds a number beyond the range of floats"):
        scaled(X, 10**400)


def test_nan_and_infinity_pass_through(scaled: Callable[..., Any]) -> None:
    y, s = scaled([np.nan, np.inf, -1e300], -0.0 + 1)
    np.testing.assert_array_equal(y, [np.nan, np.inf, -1e300])
    assert np.isnan(s)


def test_codes_are_errors_that_say_what_failed(scaled: Callable[..., Any]) -> None:
    with pytest.raises(np.linalg.LinAlgError, match="a is negative"):
        scaled(X, -1.0)


def test_float32(launcher: Launcher) -> None:
    y, s = scaled_kernel(launcher, dtype="float32")(X, 2.0)
    assert y.dtype == np.float32
    assert type(s) is float
    check((y, s))


def test_integer_arguments_are_compared(launcher: Launcher) -> None:
    scaled = scaled_kernel(launcher, sizes=(("k", 7),))
    check(scaled(X, 2.0, 7))
    check(scaled(X, 2.0, k=7))
    for k in (8, 7.5, None):
        with pytest.raises(Mismatch):
            scaled(X, 2.0, k)


# ---------------------------------------------------------------- buffers


def buffers() -> tuple[Any, Any]:
    return np.full(3, np.nan), np.full((), np.nan)


def test_outputs_are_written_into_buffers(scaled: Callable[..., Any]) -> None:
    out = buffers()
    found = scaled(X, 2.0, out=out)
    assert found is out
    check(found)
    assert scaled(X, a=3.0, out=list(out))[0] is out[0]
    check(out, a=3.0)


def test_no_buffers(scaled: Callable[..., Any]) -> None:
    check(scaled(X, 2.0, out=None))


def test_buffers_that_are_inputs(scaled: Callable[..., Any]) -> None:
    both = np.arange(6.0)
    x, y = both[:3], both[1:4]
    wanted = 2.0 * x
    s = np.array(2.0)
    scaled(x, s, out=(y, s))
    np.testing.assert_array_equal(y, wanted)
    assert s == wanted.sum()


read_only = np.empty(3)
read_only.flags.writeable = False


@pytest.mark.parametrize(
    "out",
    [
        np.empty(3),
        (np.empty(3),),
        (np.empty(4), np.empty(())),
        (np.empty(3), np.empty(1)),
        (np.empty((1, 3)), np.empty(())),
        (np.empty(3, np.float32), np.empty(())),
        (np.empty(6)[::2], np.empty(())),
        (read_only, np.empty(())),
        ([0.0] * 3, np.empty(())),
        (np.empty(3), 0.0),
        (np.empty(3, ">f8"), np.empty(())),
    ],
)
def test_buffers_that_do_not_fit_are_refused(scaled: Callable[..., Any], out: Any) -> None:
    with pytest.raises(ArrayError, match=r"^out"):
        scaled(X, 2.0, out=out)


def test_buffers_that_share_memory_are_refused(scaled: Callable[..., Any]) -> None:
    y = np.empty(3)
    with pytest.raises(ArrayError, match="share memory"):
        scaled(X, 2.0, out=(y, y[1:2].reshape(())))


# ---------------------------------------------------------------- batches


@pytest.fixture
def batch(launcher: Launcher) -> Callable[..., Any]:
    return scaled_kernel(launcher, batched=(True, False))


POINTS = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize(
    "x",
    [
        POINTS,
        POINTS[:, None],
        POINTS.tolist(),
        POINTS[::-1],
        POINTS[1:2],
        POINTS[:0],
        np.asfortranarray(POINTS),
        np.arange(24.0).reshape(8, 3)[::2],
        np.arange(24.0).reshape(4, 6)[:, :3],
        np.broadcast_to(X, (5, 3)),
        POINTS.astype(np.float32),
    ],
)
def test_batches(batch: Callable[..., Any], x: Any) -> None:
    y, s = batch(x, 2.0)
    wanted = 2.0 * np.asarray(x, float).reshape(-1, 3)
    np.testing.assert_array_equal(y, wanted)
    np.testing.assert_array_equal(s, wanted.sum(axis=1))


def test_every_input_in_a_batch(launcher: Launcher) -> None:
    batch = scaled_kernel(launcher, batched=(True, True))
    a = np.arange(1.0, 5.0)
    y, s = batch(POINTS, a)
    np.testing.assert_array_equal(y, POINTS * a[:, None])
    np.testing.assert_array_equal(s, (POINTS * a[:, None]).sum(axis=1))
    for wrong in (a[:3], 1.0, a[None]):
        with pytest.raises(Mismatch):
            batch(POINTS, wrong)


def test_buffers_of_a_batch(batch: Callable[..., Any]) -> None:
    out = (np.empty((4, 3)), np.empty(4))
    assert batch(POINTS, 2.0, out=out) is out
    np.testing.assert_array_equal(out[0], 2 * POINTS)
    turned = POINTS.copy()
    batch(turned[::-1], 2.0, out=(turned, out[1]))
    np.testing.assert_array_equal(turned, 2 * POINTS[::-1])
    with pytest.raises(ArrayError, match="out for y"):
        batch(POINTS[:3], 2.0, out=out)


# ---------------------------------------------------------------- threads, forks, memory


def test_threads_do_not_share_scratch_memory(launcher: Launcher) -> None:
    """Each thread finds its own numbers, though all call one kernel that lets others run."""
    size = 20_000
    scaled = scaled_kernel(launcher, size=size, long_running=True)
    wrong: list[float] = []

    def work(value: float) -> None:
        x = np.full(size, value)
        for _ in range(50):
            y, s = scaled(x, 2.0)
            if not (np.all(y == 2 * value) and s == 2 * value * size):
                wrong.append(value)

    threads = [threading.Thread(target=work, args=(float(k),)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_uses_one_thread(launcher: Launcher) -> None:
    library = load(
        f"""{header()}
int gf_threads{ENTRY}
{{
    double total = 0;
    #pragma omp parallel for num_threads(threads) reduction(+ : total)
    for (int i = 0; i < 1000; i++)
        total += 1;
    *(double *)out[0] = total + threads / 10.0;
    return 0;
}}
""",
        threads=True,
    )
    signature = Signature((), (), ("n",), ((),), threads=2)
    count = launcher(library, "gf_threads", signature, refused)
    assert count() == 1000.2
    child = os.fork()
    if child == 0:
        os._exit(0 if count() == 1000.1 else 1)
    assert os.waitpid(child, 0)[1] == 0
