"""Roots of sums of squares where the squares overflow or vanish: no infinity, no zero, no NaN,
no warning, but the value, gradient and Hessian that mpmath has, on every backend.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import mpmath
import numpy as np
import pytest

import gradform as gf
from gradform.codegen.task import Task
from gradform.execute.options import Options
from tests.execute.array_libraries import Library, each_library
from tests.execute.native_cases import linked
from tests.execute.root_cases import (
    CASES,
    DERIVATIVES,
    SIZES,
    RootCase,
    close_at,
    quantity,
    reference,
    scaled,
)

# Up to 1e-301 and 1e301; in single precision to 1e-30 and 1e30.
EXPONENTS = {
    "float64": (-1000, -530, -500, -330, 0, 330, 500, 530, 1000),
    "float32": (-100, -70, -50, -33, 0, 33, 50, 70, 100),
}
LARGEST = {"float64": 1000, "float32": 100}
TOLERANCE = {"float64": 1e-13, "float32": 2e-5}

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])
each_derivative = pytest.mark.parametrize("what", DERIVATIVES)

Run = Callable[[dict[str, Any]], Any]


def _check(case: RootCase, what: str, dtype: str, run: Run) -> None:
    """What ``run`` makes of the point at all scales where the result is a number."""
    seen = 0
    for exponent in EXPONENTS[dtype]:
        power = exponent * (case.degree - DERIVATIVES.index(what))
        if abs(power) > LARGEST[dtype]:
            continue
        seen += 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = run(scaled(case, 2.0**exponent))
        note = f"{what} of {case.text} at 2^{exponent}"
        close_at(found, reference(case, what) * 2.0**power, TOLERANCE[dtype], note)
    assert seen >= 3


def _given(asked: Any, point: dict[str, Any]) -> dict[str, Any]:
    return {each.name: point[each.name] for each in asked.task.parameters}


@each_dtype
@each_derivative
@each_case
def test_numpy(case: RootCase, what: str, dtype: str) -> None:
    program = quantity(case, what).compile(dtype=dtype)
    _check(case, what, dtype, lambda point: program(**_given(program, point)))


@cache
def _native(dtype: str) -> dict[tuple[RootCase, str], tuple[Task, Callable[..., Any]]]:
    """All of them in one library, as compiled for users."""
    tasks = {(c, what): quantity(c, what).compile().task for c in CASES for what in DERIVATIVES}
    runs = linked([(task, SIZES) for task in tasks.values()], Options(dtype=dtype), optimised=True)
    return {key: (task, run) for (key, task), run in zip(tasks.items(), runs, strict=True)}


@each_dtype
@each_derivative
@each_case
def test_native(case: RootCase, what: str, dtype: str) -> None:
    task, run = _native(dtype)[case, what]
    names = [each.name for each in task.parameters]

    def called(point: dict[str, Any]) -> Any:
        return run(**{name: np.asarray(point[name], dtype) for name in names})

    _check(case, what, dtype, called)


@each_derivative
@each_case
def test_readable_source(case: RootCase, what: str) -> None:
    asked = quantity(case, what)
    names: dict[str, Any] = {}
    exec(asked.source("numpy"), names)
    program = asked.compile()
    function = names[program.task.name]
    _check(case, what, "float64", lambda point: function(**_given(program, point)))


@each_derivative
@each_case
def test_batches(case: RootCase, what: str) -> None:
    program = quantity(case, what).compile(batch=True)

    def run(point: dict[str, Any]) -> Any:
        given = _given(program, point)
        return program(**{name: np.stack([each, each]) for name, each in given.items()})[1]

    _check(case, what, "float64", run)


@each_library
@each_dtype
@each_derivative
@each_case
def test_libraries(library: Library, case: RootCase, what: str, dtype: str) -> None:
    program = quantity(case, what).compile(library.name, dtype=dtype)

    def run(point: dict[str, Any]) -> Any:
        given = {name: library.array(each, dtype) for name, each in point.items()}
        return library.numpy(program(**_given(program, given)))

    _check(case, what, dtype, run)


@each_library
@pytest.mark.parametrize("case", [case for case in CASES if "/" not in case.text], ids=str)
def test_libraries_differentiate_further(library: Library, case: RootCase) -> None:
    """The gradient that the library makes of our value, mapped over a batch of two points.

    Not of quotients, as the libraries' own derivative of one squares what it divides by.
    """
    program: Any = quantity(case, "value").compile(library.name)
    order = [each.name for each in program.task.parameters]
    place = order.index(case.wrt)
    module = import_module("jax" if library.name == "jax" else "torch.func")
    slope = module.vmap(module.grad(program.function, argnums=place))

    def run(point: dict[str, Any]) -> Any:
        given = [library.array(np.stack([point[name]] * 2)) for name in order]
        return library.numpy(slope(*given))[1]

    _check(case, "gradient", "float64", run)


@pytest.mark.parametrize("backend", ["numpy", "native", "jax", "torch"])
@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e-3, 1e3, 1e160, 1e300])
def test_with_a_constant(backend: str, size: float) -> None:
    """√(x² + 2): x/√(x² + 2) is ±1 far out, not 0."""
    if backend == "jax":
        import_module("jax").config.update("jax_enable_x64", True)
    f = gf.parse("sum(sqrt(x.^2 + 2*vector(1)))", shapes={"x": ("n",)})
    x = np.array([size, -size, 2 * size])
    with mpmath.workdps(700):
        roots = [mpmath.sqrt(mpmath.mpf(each) ** 2 + 2) for each in x.tolist()]
        value = float(mpmath.fsum(roots))
        slopes = [float(mpmath.mpf(a) / r) for a, r in zip(x.tolist(), roots, strict=True)]
        bends = np.diag([float(2 / r**3) for r in roots])
        largest = float(max(1 / r for r in roots))
    given = import_module("torch").tensor(x) if backend == "torch" else x
    found = [np.asarray(each.compile(backend)(x=given)) for each in (f, f.gradient("x"))]
    np.testing.assert_allclose(found[0], value, rtol=1e-14)
    np.testing.assert_allclose(found[1], slopes, rtol=1e-14)
    # Where it is a difference of 1/√ and x²/√³, that decides what is lost.
    bent = np.asarray(f.hessian("x").compile(backend)(x=given))
    np.testing.assert_allclose(bent, bends, rtol=0, atol=1e-15 * largest)


@pytest.mark.parametrize("backend", ["numpy", "native", "jax", "torch"])
def test_logarithm_of_a_norm(backend: str) -> None:
    if backend == "jax":
        import_module("jax").config.update("jax_enable_x64", True)
    f = gf.parse("log(norm2(x)) + log(x'*x)", shapes={"x": ("n",)})
    for exponent in (-1000, -530, 530, 1000):
        x = 2.0**exponent * np.array([3.0, 4.0])
        given = import_module("torch").tensor(x) if backend == "torch" else x
        found = float(f.compile(backend)(x=given))
        np.testing.assert_allclose(found, 3 * (np.log(5) + exponent * np.log(2)), rtol=1e-14)
        slope = np.asarray(f.gradient("x").compile(backend)(x=given))
        np.testing.assert_allclose(slope, 3 * (np.array([3, 4]) / 25) / 2.0**exponent, rtol=1e-14)
