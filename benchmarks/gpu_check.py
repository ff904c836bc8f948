"""Check and time generated JAX and PyTorch source on a GPU.

    PYTHONPATH=src python benchmarks/gpu_check.py

Needs NumPy and whichever of JAX and PyTorch is installed; without a GPU it runs on the CPU and
says so. Results are compared with generated NumPy source; ratios are medians of interleaved
runs, below 1 where our source is faster than the library's own differentiation.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import gradform as gf

DATA = Path(__file__).parents[1] / "tests" / "data"
LAYOUTS = {"den": "denominator", "num": "numerator", "vec": "numerator", "neutral": "mixed"}
TOLERANCE = 1e-8
EVERY = 15  # one of so many identities
RUNS = 15


class Jax:
    name = "jax"

    def __init__(self) -> None:
        self.jax = import_module("jax")
        self.jax.config.update("jax_enable_x64", True)
        self.device = self.jax.devices()[0]

    def array(self, value: Any, dtype: str) -> Any:
        return self.jax.device_put(np.asarray(value, dtype), self.device)

    def compiled(self, function: Callable[..., Any], sizes: range = range(0)) -> Any:
        return self.jax.jit(function, static_argnums=tuple(sizes))

    def wait(self, value: Any) -> Any:
        return self.jax.block_until_ready(value)

    def stays(self, value: Any, dtype: str) -> bool:
        return str(value.dtype) == dtype and value.devices() == {self.device}

    def gradient(self, function: Callable[..., Any]) -> Any:
        return self.jax.jit(self.jax.grad(function))

    def hessian(self, function: Callable[..., Any]) -> Any:
        return self.jax.jit(self.jax.hessian(function))


class Torch:
    name = "torch"

    def __init__(self) -> None:
        self.torch = import_module("torch")
        self.device = "cuda" if self.torch.cuda.is_available() else "cpu"

    def array(self, value: Any, dtype: str) -> Any:
        kind = getattr(self.torch, dtype)
        return self.torch.tensor(np.asarray(value), dtype=kind, device=self.device)

    def compiled(self, function: Callable[..., Any], sizes: range = range(0)) -> Any:
        return self.torch.compile(function, fullgraph=True)

    def wait(self, value: Any) -> Any:
        if self.device == "cuda":
            self.torch.cuda.synchronize()
        return value

    def stays(self, value: Any, dtype: str) -> bool:
        return str(value.dtype) == f"torch.{dtype}" and value.device.type == self.device

    def gradient(self, function: Callable[..., Any]) -> Any:
        return self.torch.func.grad(function)

    def hessian(self, function: Callable[..., Any]) -> Any:
        return self.torch.func.hessian(function)


def as_numpy(value: Any) -> Any:
    return np.asarray(value.cpu() if hasattr(value, "cpu") else value)


def distance(found: Any, wanted: Any) -> float:
    """The largest difference, by the largest entry."""
    found, wanted = as_numpy(found), np.asarray(wanted)
    if found.shape != wanted.shape:
        return float("inf")
    scale = max(float(np.max(np.abs(wanted), initial=0.0)), 1e-7)
    return float(np.max(np.abs(found - wanted), initial=0.0)) / scale


# ---------------------------------------------------------------- identities


def identities() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Name, derivative and arguments of a share of the identities."""
    rows = json.loads((DATA / "identities.json").read_text(encoding="utf-8"))
    points = json.loads((DATA / "identities_points.json").read_text(encoding="utf-8"))
    for row in rows[::EVERY]:
        variables = row["vars"].items()
        derivative = gf.derivative(
            row["expr"],
            row["wrt"],
            order=row.get("order", 1),
            shapes={name: tuple(each["shape"]) for name, each in variables},
            assume={name: each["structure"] for name, each in variables if "structure" in each},
            constraint=row.get("constraint"),
            conditions=tuple(row.get("assume", ())),
            layout=LAYOUTS.get(row["expected"]["pretty_convention"], "ml"),
            check=False,
        )
        point = points[row["id"]][0]
        yield row["id"], derivative, {**point["inputs"], **point["dims"]}


def check_identities(library: Any) -> list[str]:
    wrong: list[str] = []
    count = 0
    for name, derivative, given in identities():
        program = derivative.compile(library.name)
        parameters = [each.name for each in program.task.parameters]
        sizes = {size: given[size] for size in program.task.sizes}
        wanted = derivative.compile("numpy")(**{key: given[key] for key in parameters}, **sizes)
        for dtype, allowed in (("float64", TOLERANCE), ("float32", 1e-3)):
            arrays = {key: library.array(given[key], dtype) for key in parameters}
            found = program(**arrays, **sizes)
            count += 1
            if distance(found, wanted) > allowed:
                wrong.append(f"{name} {dtype}: {distance(found, wanted):.1e}")
            if arrays and not library.stays(found, dtype):
                wrong.append(f"{name} {dtype}: type or device is lost")
    print(f"{library.name}: {count} identities and types on {library.device}, {len(wrong)} wrong")
    return wrong


# ---------------------------------------------------------------- timings


LOGISTIC = "sum(log(vector(1) + exp(-y.*(X*w))))"
NETWORK = "sum((tanh(X*A)*B - Y).^2)"
SOFTMAX = "sum(log(exp(X*W)*ones(k))) - tr(Y'*X*W)"


def logistic_loss(library: Any, given: Mapping[str, Any]) -> Callable[[Any], Any]:
    X, y = given["X"], given["y"]
    if library.name == "jax":
        jax = library.jax
        return lambda w: jax.numpy.sum(jax.nn.softplus(-y * (X @ w)))
    torch = library.torch
    return lambda w: torch.nn.functional.softplus(-y * (X @ w), threshold=700).sum()


def softmax_loss(library: Any, given: Mapping[str, Any]) -> Callable[[Any], Any]:
    X, Y = given["X"], given["Y"]
    if library.name == "jax":
        log_sums = library.jax.nn.logsumexp
        return lambda W: log_sums(X @ W, axis=1).sum() - (Y * (X @ W)).sum()
    log_sums = library.torch.logsumexp
    return lambda W: log_sums(X @ W, dim=1).sum() - (Y * (X @ W)).sum()


def network_loss(library: Any, given: Mapping[str, Any]) -> Callable[[Any], Any]:
    X, B, Y = given["X"], given["B"], given["Y"]
    tanh = library.jax.numpy.tanh if library.name == "jax" else library.torch.tanh
    return lambda A: ((tanh(X @ A) @ B - Y) ** 2).sum()


def cases() -> Iterator[tuple[str, Any, str, str, Any, dict[str, Any]]]:
    """Name, derivative, variable, kind, loss and arguments."""
    random = np.random.default_rng(0)
    shapes: dict[str, Any] = {"X": ("m", "n"), "w": ("n",), "y": ("m",)}
    X, w = random.normal(size=(4000, 400)), random.normal(size=400) / 20
    f = gf.parse(LOGISTIC, shapes=shapes)
    given = {"X": X, "w": w, "y": np.sign(random.normal(size=4000))}
    yield "logistic gradient", f.gradient("w", check=False), "w", "gradient", logistic_loss, given
    yield "logistic Hessian", f.hessian("w", check=False), "w", "hessian", logistic_loss, given
    f = gf.parse(SOFTMAX, shapes={"X": ("m", "n"), "W": ("n", "k"), "Y": ("m", "k")})
    X, W = random.normal(size=(2000, 40)), random.normal(size=(40, 10)) / 10
    labels = np.eye(10)[random.integers(10, size=2000)]
    hessian = f.derivative("W", order=2, layout="mixed", check=False)
    given = {"X": X, "W": W, "Y": labels}
    yield "softmax Hessian", hessian, "W", "hessian", softmax_loss, given
    shapes = {"X": ("m", "n"), "A": ("n", "h"), "B": ("h", "k"), "Y": ("m", "k")}
    f = gf.parse(NETWORK, shapes=shapes)
    X, A = random.normal(size=(2000, 300)), random.normal(size=(300, 200)) / 20
    B, Y = random.normal(size=(200, 10)) / 15, random.normal(size=(2000, 10))
    given = {"X": X, "A": A, "B": B, "Y": Y}
    yield "MLP gradient", f.gradient("A", check=False), "A", "gradient", network_loss, given


def time_case(library: Any, case: tuple[str, Any, str, str, Any, dict[str, Any]]) -> bool:
    """One line of the table; whether the results agree."""
    name, derivative, variable, kind, loss, values = case
    given = {key: library.array(value, "float64") for key, value in values.items()}
    program = derivative.compile(library.name)
    order = [each.name for each in program.task.parameters]
    arguments = [given[key] for key in order]
    ours = library.compiled(program.function)
    theirs = getattr(library, kind)(loss(library, given))
    started = time.perf_counter()
    found = library.wait(ours(*arguments))
    first = time.perf_counter() - started
    error = distance(found, as_numpy(library.wait(theirs(given[variable]))))
    here: list[float] = []
    there: list[float] = []
    for _ in range(RUNS):
        for times, run in (
            (here, lambda: ours(*arguments)),
            (there, lambda: theirs(given[variable])),
        ):
            started = time.perf_counter()
            library.wait(run())
            times.append(time.perf_counter() - started)
    mine, other = statistics.median(here), statistics.median(there)
    good = error <= TOLERANCE and library.stays(found, "float64")
    print(
        f"{library.name:6} {name:18} {1e3 * mine:9.3f} ms {1e3 * other:9.3f} ms "
        f"{mine / other:7.3f} {first:7.2f} s  {error:.0e} {'' if good else 'WRONG'}"
    )
    return good


def check_limits(library: Any) -> list[str]:
    """One graph of logistic gradient and Hessian, far out as well."""
    f = gf.parse(LOGISTIC, shapes={"X": ("m", "n"), "w": ("n",), "y": ("m",)})
    wrong = []
    for what in (f.gradient("w", check=False), f.hessian("w", check=False)):
        program = what.compile(library.name)
        function = library.compiled(program.function)
        order = [each.name for each in program.task.parameters]
        for size in (1.0, 1e3, 1e300):
            values = {"X": np.array([[size, 0.0], [-size, 1.0]]), "w": [1.0, 0.5], "y": [1.0, 1.0]}
            found = function(*(library.array(values[key], "float64") for key in order))
            if distance(found, what.compile("numpy")(**values)) > TOLERANCE:
                wrong.append(f"{program.task.name} at {size:g}")
    return wrong


def main() -> int:
    libraries = [kind() for kind in (Jax, Torch) if find_spec(kind.name) is not None]
    wrong: list[str] = []
    for library in libraries:
        wrong += check_identities(library)
        wrong += check_limits(library)
    print(f"\n{'':25} {'ours':>12} {'library':>12} {'ratio':>7} {'first':>9}  error")
    for case in cases():
        for library in libraries:
            if not time_case(library, case):
                wrong.append(f"{library.name} {case[0]}")
    print("\n" + ("\n".join(wrong) or "all agree"))
    return 1 if wrong or not libraries else 0


if __name__ == "__main__":
    sys.exit(main())
