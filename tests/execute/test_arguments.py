"""What every backend does with its arguments: one law for all of them."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError, CannotError, InputError
from tests.execute.array_libraries import Library
from tests.execute.bad_values import (
    BAD_NUMBERS,
    BAD_VECTORS,
    GOOD_NUMBERS,
    GOOD_VECTORS,
    Make,
)

X = np.array([[0.5, -1.0], [0.25, 0.75], [1.0, 0.0]])
GOOD = {"X": X, "w": np.array([1.0, 2.0]), "c": 2.0}
BACKENDS = ("numpy", "native", "dask", "jax", "torch", "torch_function", "jax_custom_vjp", "maps")
TENSORS: dict[str, Callable[[Any], Any]] = {
    "with gradient": lambda torch: torch.ones(2, requires_grad=True),
    "brain floats": lambda torch: torch.ones(2, dtype=torch.bfloat16),
    "without numbers": lambda torch: torch.ones(2, device="meta"),
    "sparse": lambda torch: torch.ones(2).to_sparse(),
    "of eight bits": lambda torch: torch.ones(2).to(torch.float8_e5m2),
}
each_backend = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    """A part of a number that is dropped is often told by a warning alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def _ready(backend: str) -> None:
    """Skips where the library is missing; JAX takes float64 when it is told to."""
    library = backend.split("_", maxsplit=1)[0]
    if library in ("dask", "jax", "torch"):
        pytest.importorskip(library)
    if library == "jax":
        import_module("jax").config.update("jax_enable_x64", True)


@cache
def _program(backend: str) -> Any:
    """Σ exp(c X w), or its Hessian as an operator."""
    _ready(backend)
    f = gf.parse("sum(exp(c*(X*w)))", shapes={"X": ("m", "n"), "w": ("n",), "c": ()})
    if backend == "maps":
        return f.hessian("w").compile(dense=False)
    return getattr(f, backend)() if backend.count("_") else f.compile(backend)


def _number(backend: str, value: Any) -> float:
    return float(np.sum(value.toarray() if backend == "maps" else Library.numpy(value)))


def _made(make: Make) -> Any:
    try:
        return make()
    except ImportError:
        pytest.skip("a library is not installed")


@each_backend
@pytest.mark.parametrize(
    ("name", "kind"),
    [*(("c", kind) for kind in BAD_NUMBERS), *(("w", kind) for kind in BAD_VECTORS)],
)
def test_what_is_no_real_number_is_refused_by_name(backend: str, name: str, kind: str) -> None:
    value = _made((BAD_NUMBERS if name == "c" else BAD_VECTORS)[kind])
    with pytest.raises(ArrayError, match=rf"^{name} ") as found:
        _program(backend)(**{**GOOD, name: value})
    assert found.value.hint
    order = ("X", "w", "c")
    _program(backend)(**GOOD)  # later calls may go a shorter way
    with pytest.raises(ArrayError, match=rf"^{name} "):
        _program(backend)(*({**GOOD, name: value}[each] for each in order))


@pytest.mark.parametrize("backend", [each for each in BACKENDS if not each.startswith("torch")])
@pytest.mark.parametrize("kind", TENSORS)
def test_tensors_that_other_libraries_cannot_read_are_refused(backend: str, kind: str) -> None:
    value = TENSORS[kind](pytest.importorskip("torch"))
    with pytest.raises(ArrayError, match=r"^w is no array of numbers: ") as found:
        _program(backend)(**{**GOOD, "w": value})
    assert found.value.hint
    assert (found.value.hint == "give w.detach()") == (kind == "with gradient")


@pytest.mark.parametrize("backend", ["torch", "torch_function", "jax", "jax_custom_vjp"])
def test_numbers_of_eight_bits_are_refused_by_name(backend: str) -> None:
    _ready(backend)
    if backend.startswith("torch"):
        torch = import_module("torch")
        value = torch.ones(2).to(torch.float8_e5m2)
    else:
        arrays = import_module("jax.numpy")
        value = arrays.ones(2).astype(arrays.float8_e5m2)
    with pytest.raises(ArrayError, match=r"^w holds numbers of type .*float8_e5m2"):
        _program(backend)(**{**GOOD, "w": value})


def test_a_library_without_a_routine_for_a_type_says_so() -> None:
    _ready("jax")
    half = import_module("jax.numpy").eye(3, dtype="float16")
    program = gf.parse("logdet(A)", shapes={"A": ("n", "n")}).compile("jax")
    with pytest.raises(ArrayError, match="no routine for numbers of this type") as found:
        program(A=half)
    assert found.value.hint == "give arrays of float32 or float64"


@each_backend
@pytest.mark.parametrize("size", [99, "a", None, -1, 2.5])
def test_sizes_that_are_not_those_of_the_arrays_are_refused(backend: str, size: Any) -> None:
    right = _program(backend)(**GOOD, m=len(X))
    assert _number(backend, right) == _number(backend, _program(backend)(**GOOD))
    with pytest.raises(ArrayError, match=r"m = 99, got \(3, 2\)|^m is a size"):
        _program(backend)(**GOOD, m=size)


@each_backend
@pytest.mark.parametrize(
    ("name", "kind"),
    [*(("c", kind) for kind in GOOD_NUMBERS), *(("w", kind) for kind in GOOD_VECTORS)],
)
def test_real_numbers_of_every_kind_are_taken(backend: str, name: str, kind: str) -> None:
    value = _made((GOOD_NUMBERS if name == "c" else GOOD_VECTORS)[kind])
    found = _number(backend, _program(backend)(**{**GOOD, name: value}))
    assert found == pytest.approx(_number(backend, _program(backend)(**GOOD)), rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "native"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("formula", ["sqrt(a)*x/b", "sum(x)*a^(3/2) + 1/b"])
def test_numbers_of_python_are_those_of_numpy(backend: str, dtype: Any, formula: str) -> None:
    """Also where Python's own are complex or an error, in calls like earlier ones too."""
    function = gf.parse(formula, shapes={"a": (), "b": (), "x": ("n",)})
    program = function.compile(backend, dtype=dtype)
    x = np.array([1.0, -2.0], dtype)
    kind = np.dtype(dtype).type
    with np.errstate(all="ignore"):
        for a, b in 3 * [(2.0, 3.0), (-2, 0), (-1.0, 0.0), (4, -(10**30)), (0.0, -0.0)]:
            found, wanted = program(a, b, x), program(kind(a), kind(b), x)
            np.testing.assert_array_equal(found, wanted)
            np.testing.assert_array_equal(program(a=a, b=b, x=x), wanted)
            assert np.asarray(found).dtype == np.asarray(wanted).dtype
        for huge in 2 * [10**400]:
            with pytest.raises(ArrayError, match=r"^b "):
                program(1, huge, x)


def test_arrays_of_out_have_memory_of_their_own() -> None:
    """Two results in one memory would leave one of them wrong."""
    f = gf.parse("sum(exp(X*w))", shapes={"X": ("m", "n"), "w": ("n",)})
    given = {"X": X, "w": GOOD["w"]}
    for backend in ("numpy", "native"):
        step = gf.compile(f, f.gradient("w"), f.hessian("w"), backend=backend)
        memory = np.empty(6)
        with pytest.raises(ArrayError, match=r"share memory: .* needs its own"):
            step(**given, out=(np.empty(()), memory[:2], memory[:4].reshape(2, 2)))
        out = (np.empty(()), memory[:2], memory[2:].reshape(2, 2))
        assert step(**given, out=out) is out
        for found, wanted in zip(out, step(**given), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_out_may_be_memory_of_the_arguments(backend: str) -> None:
    a, b = (gf.parse(text, shapes={"x": ("n",), "y": ("n",)}) for text in ("y + 0*x", "x + y"))
    x, y = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    gf.compile(b, a, backend=backend)(x=x, y=y, out=(y, x))
    assert (x.tolist(), y.tolist()) == ([10.0, 20.0], [11.0, 22.0])
    into = (np.empty(2),)  # one array in a tuple, as where there are several outputs
    assert a.compile(backend)(y=y, out=into) is into
    assert into[0].tolist() == y.tolist()


@each_backend
@pytest.mark.parametrize(
    "name",
    ["out", "self", "default", "arrays", "named", "given", "backend", "type", "__debug__"],
)
def test_variables_may_have_any_name(backend: str, name: str) -> None:
    _ready(backend)
    f = gf.parse(f"{name}'*{name}", shapes={name: ("n",)})
    if backend == "maps":
        f = f.hessian(name)  # type: ignore[assignment]
        program = f.compile(dense=False)
    elif backend.count("_"):
        program = getattr(f, backend)()
    else:
        program = f.compile(backend)
    wanted = 4.0 if backend == "maps" else 5.0
    for _ in range(2):  # the second call may go a shorter way
        assert _number(backend, program(**{name: np.array([1.0, 2.0])})) == wanted
    assert _number(backend, program(np.array([1.0, 2.0]))) == wanted
    if backend == "numpy":  # no longer entry by entry
        assert program(np.ones(70)) == 70.0


@pytest.mark.parametrize("backend", ["numpy", "native"])
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("text", "shape", "good"),
    [("sum(exp(x))", (3,), np.ones(3)), ("x^2*x", (), 1.0), ("step(x)", (), np.float64(1))],
)
def test_masked_entries_are_refused_at_every_call(
    backend: str, check: bool, text: str, shape: tuple[int, ...], good: Any
) -> None:
    program = gf.parse(text, shapes={"x": shape}).compile(backend, check=check)
    masked = np.ma.array(good, mask=True)
    for _ in range(3):
        calls: tuple[Callable[[], Any], ...] = (lambda: program(x=masked), lambda: program(masked))
        for call in calls:
            with pytest.raises(ArrayError, match="x has masked entries"):
                call()
        assert program(x=np.ma.array(good, mask=False)) == program(x=good)


@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_out_whose_entries_share_memory_is_refused(backend: str) -> None:
    program = gf.parse("2*x", shapes={"x": ("n",)}).compile(backend)
    x, memory = np.arange(3.0), np.zeros(6)
    for step in (0, 4):
        with pytest.raises(ArrayError):
            program(x=x, out=np.lib.stride_tricks.as_strided(memory, (3,), (step,)))
    turned = memory[::-2]
    if backend == "numpy":
        np.testing.assert_array_equal(program(x=x, out=turned), [0, 2, 4])


def test_out_is_an_array_for_results_where_no_variable_has_that_name() -> None:
    f = gf.parse("2*out", shapes={"out": ("n",)})
    for backend in ("numpy", "native"):
        with pytest.raises(ArrayError, match="Two values were given for 'out'"):
            f.compile(backend)(np.ones(2), out=np.ones(2))


@each_backend
def test_programs_are_pickled_and_copied(backend: str) -> None:
    program = _program(backend)
    wanted = _number(backend, program(**GOOD))
    for other in (pickle.loads(pickle.dumps(program)), copy.copy(program), copy.deepcopy(program)):
        assert _number(backend, other(**GOOD)) == wanted
        assert other.source == program.source or backend in ("numpy", "native")


def test_a_pickled_program_runs_in_another_process() -> None:
    """Where no expression and no function has been made yet."""
    f = gf.parse("logsumexp(A*x) + sum(softplus(x).^2)", shapes={"A": ("m", "n"), "x": ("n",)})
    given = {"A": X, "x": GOOD["w"]}
    program = f.gradient("x").compile()
    code = (
        "import pickle, sys; program, given = pickle.load(sys.stdin.buffer); "
        "sys.stdout.write(repr(program(**given).tolist()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps((program, given)),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert ran.stdout.decode() == repr(program(**given).tolist())


def test_programs_for_sizes_are_made_without_a_compiler_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> None:
        raise CannotError("There is none.", kind="missing_compiler", hint="install one")

    monkeypatch.setattr("gradform.execute.native.program.prepare", missing)
    f = gf.parse("sum(exp(X*w))", shapes={"X": ("m", "n"), "w": ("n",)}).gradient("w")
    with pytest.warns(UserWarning, match="runs on NumPy"):
        program: Any = f.compile("native")
    given = {"X": X, "w": GOOD["w"]}
    out = np.empty(2)
    for kernel in (program.specialised(**given), program.specialised(m=3, n=2)):
        assert kernel(X, given["w"], out=out) is out
        np.testing.assert_array_equal(out, program(**given))
    with pytest.raises(ArrayError, match=r"^w must have shape \(n,\)"):
        program.specialised(X=X, w=np.ones(3))


def test_sizes_alone_are_no_call() -> None:
    for backend in ("numpy", "native"):
        with pytest.raises(ArrayError, match="No value was given for 'X'"):
            gf.parse("sum(exp(X*w))", shapes={"X": ("m", "n"), "w": ("n",)}).compile(backend)(
                m=3, n=2
            )


@pytest.mark.parametrize("batch", [3, None, 0.5])
def test_batch_names_variables(batch: Any) -> None:
    with pytest.raises(InputError, match="does not say what is batched"):
        gf.parse("x'*x", shapes={"x": ("n",)}).compile(batch=batch)


@pytest.mark.parametrize("backend", [each for each in BACKENDS if "_" not in each])
def test_arguments_stand_in_the_order_of_the_parameters(backend: str) -> None:
    program = _program(backend)
    assert sorted(program.parameters) == sorted(GOOD)
    found = program(*(GOOD[name] for name in program.parameters))
    np.testing.assert_array_equal(_number(backend, found), _number(backend, program(**GOOD)))
    assert f"({', '.join(program.parameters)})" in repr(program)
