"""Who takes part: each prepares a call without arguments, and says how long that took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

import gradform as gf
from benchmarks.code.namespaces import (
    autograd_namespace,
    casadi_namespace,
    jax_namespace,
    torch_namespace,
)
from benchmarks.code.row import Arrays, Row

__all__ = ["CONTENDERS", "Contender", "Prepared", "contenders_for"]


@dataclass(frozen=True)
class Prepared:
    """A call to be timed, its result as NumPy arrays, the milliseconds until it first ran."""

    call: Callable[[], Any]
    latency: float
    arrays: tuple[Any, ...]


@dataclass(frozen=True)
class Contender:
    """``make(row)`` returns the call; ``fits(row)`` whether the row is for it."""

    name: str
    make: Callable[[Row], Callable[[], Any]]
    fits: Callable[[Row], bool]
    peer: bool = True

    def prepared(self, row: Row) -> Prepared:
        begin = time.perf_counter()
        call = self.make(row)
        result = call()
        latency = (time.perf_counter() - begin) * 1e3
        if hasattr(result, "toarray"):
            result = _opened(result)
        parts = result if isinstance(result, tuple) else (result,)
        return Prepared(call, latency, tuple(_plain(part) for part in parts))


def _opened(operator: Any) -> Any:
    """What a linear operator holds: two bands of a symmetric one, else its entries."""
    bands = getattr(operator, "bands", None)
    if bands is not None:
        return bands[0], bands[1]
    return operator.toarray().reshape(*operator.rows, *operator.columns)


def _plain(part: Any) -> Any:
    detach = getattr(part, "detach", None)
    return np.asarray(detach() if detach is not None else part)


# ---------------------------------------------------------------- this library


def _asked(row: Row) -> Any:
    """The derivative as a formula; its certificate is not what is timed."""
    family = row.family
    function = gf.parse(family.formula, shapes=family.shapes, assume=family.assume)
    wrt: Any = list(family.wrt) if len(family.wrt) > 1 else family.wrt[0]
    ask: Any = getattr(function, family.quantity)
    return ask(wrt, check=False)


def _ours(backend: str) -> Callable[[Row], Callable[[], Any]]:
    def make(row: Row) -> Callable[[], Any]:
        dense = row.family.by_coloring is None  # a banded matrix is not filled up
        program = gf.compile(_asked(row), backend=backend, dense=dense)
        quick = row.family.tiny and backend == "native"
        return (_low_overhead if quick else _placed)(program, row.inputs())

    return make


def _low_overhead(program: Any, arrays: Arrays) -> Callable[[], Any]:
    """The kernel for these shapes, into a buffer that is there already."""
    kernel = program.specialised(**arrays)
    given = [arrays[parameter.name] for parameter in program.task.parameters]
    return _typed(kernel, given, kernel(*given))


def _placed(program: Any, arrays: Arrays) -> Callable[[], Any]:
    return _typed(program, [arrays[parameter.name] for parameter in program.task.parameters])


def _typed(function: Any, given: Sequence[Any], out: Any = None) -> Callable[[], Any]:
    """The call as one types it: unpacking a list of arrays takes as long as a small kernel."""
    names = [f"a{k}" for k in range(len(given))]
    scope = {"function": function, "out": out, **dict(zip(names, given, strict=True))}
    buffer = "" if out is None else ", out=out"
    call: Callable[[], Any] = eval(f"lambda: function({', '.join(names)}{buffer})", scope)
    return call


def _structured(row: Row) -> Callable[[], Any]:
    program = gf.compile(_asked(row), backend="native", dense=False)
    return _placed(program, row.inputs())


def _by_hand(row: Row) -> Callable[[], Any]:
    arrays = row.inputs()
    return lambda: row.family.by_hand(arrays)


# ---------------------------------------------------------------- the peers


def _colored(row: Row, product: Callable[[Any], Any], arrays: Arrays) -> Callable[[], Any]:
    """A banded Hessian from its products with a few vectors."""
    by_coloring = row.family.by_coloring
    assert by_coloring is not None
    return lambda: by_coloring(product, np, arrays)


def _split(row: Row, arrays: Arrays) -> tuple[list[Any], Arrays]:
    """The variables of differentiation, and the rest."""
    wrt = row.family.wrt
    return [arrays[name] for name in wrt], {k: v for k, v in arrays.items() if k not in wrt}


def _jax(row: Row) -> Callable[[], Any]:
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    xp, family = jax_namespace(), row.family
    arrays = {name: jax.device_put(value) for name, value in row.inputs().items()}
    given, rest = _split(row, arrays)
    places = tuple(range(len(given))) if len(given) > 1 else 0

    def function(*wrt: Any, **others: Any) -> Any:
        return family.traced(xp, {**others, **dict(zip(family.wrt, wrt, strict=True))})

    def product(w: Any, direction: Any, others: Arrays) -> Any:
        gradient = jax.grad(lambda p: function(p, **others))
        return jax.jvp(gradient, (w,), (direction,))[1]

    if family.quantity == "hvp":
        direction = rest.pop("v")
        run = jax.jit(product)
        return lambda: jax.block_until_ready(run(*given, direction, rest))
    if family.by_coloring is not None:
        run = jax.jit(product)
        return _colored(row, lambda v: run(*given, v, rest), arrays)
    make: Any = {"gradient": jax.grad, "hessian": jax.hessian, "jacobian": jax.jacfwd}
    derivative = jax.jit(make[family.quantity](function, argnums=places))
    return lambda: jax.block_until_ready(derivative(*given, **rest))


def _torch(compiled: bool) -> Callable[[Row], Callable[[], Any]]:
    def make(row: Row) -> Callable[[], Any]:
        torch = import_module("torch")
        func = import_module("torch.func")
        xp, family = torch_namespace(), row.family
        arrays = {k: torch.as_tensor(np.asarray(v)) for k, v in row.inputs().items()}
        given, rest = _split(row, arrays)

        def function(*wrt: Any) -> Any:
            return family.traced(xp, {**rest, **dict(zip(family.wrt, wrt, strict=True))})

        def product(direction: Any) -> Any:
            return func.jvp(func.grad(function), tuple(given), (direction,))[1]

        places = tuple(range(len(given))) if len(given) > 1 else 0
        kinds: Any = {"gradient": func.grad, "hessian": func.hessian, "jacobian": func.jacfwd}
        if family.quantity == "hvp":
            run: Any = torch.compile(product) if compiled else product
            return lambda: run(rest["v"])
        if family.by_coloring is not None:
            run = torch.compile(product) if compiled else product
            return _colored(row, lambda v: run(torch.as_tensor(v)), arrays)
        make_derivative = kinds[family.quantity]
        if family.quantity == "gradient" and not compiled:
            return _backward(torch, function, given)
        derivative = (
            make_derivative(function, argnums=places)
            if family.quantity != "hessian"
            else func.hessian(function)
        )
        run = torch.compile(derivative) if compiled else derivative
        return lambda: run(*given)

    return make


def _backward(torch: Any, function: Any, given: Sequence[Any]) -> Callable[[], Any]:
    """The eager gradient as everybody takes it."""
    leaves = [each.clone().requires_grad_() for each in given]

    def call() -> Any:
        found = torch.autograd.grad(function(*leaves), leaves)
        return found if len(found) > 1 else found[0]

    return call


def _autograd(row: Row) -> Callable[[], Any]:
    autograd = import_module("autograd")
    xp, family = autograd_namespace(), row.family
    given, rest = _split(row, row.inputs())

    def function(*wrt: Any) -> Any:
        return family.traced(xp, {**rest, **dict(zip(family.wrt, wrt, strict=True))})

    if family.quantity == "hvp" or family.by_coloring is not None:
        make = import_module("autograd.differential_operators").make_hvp

        def product(direction: Any) -> Any:
            return make(function)(*given)[0](direction)

        if family.by_coloring is not None:
            return _colored(row, product, row.inputs())
        return lambda: product(rest["v"])
    kinds: Any = {
        "gradient": autograd.grad,
        "hessian": autograd.hessian,
        "jacobian": autograd.jacobian,
    }
    places = tuple(range(len(given))) if len(given) > 1 else 0
    derivative = kinds[family.quantity](function, places)

    def call() -> Any:
        found = derivative(*given)
        return tuple(found) if len(given) > 1 else found

    return call


def _casadi(row: Row) -> Callable[[], Any]:
    """A compiled function of scalar symbols, with buffers: its fastest way to be called."""
    casadi = import_module("casadi")
    xp, family = casadi_namespace(), row.family
    arrays = {name: np.atleast_1d(np.asarray(v)) for name, v in row.inputs().items()}
    symbols = {name: casadi.SX.sym(name, *value.shape) for name, value in arrays.items()}
    value = family.traced(xp, symbols)
    (wrt,) = family.wrt
    take = casadi.gradient if family.quantity == "gradient" else casadi.jacobian
    derivative = casadi.densify(take(value, symbols[wrt]))
    compiled = casadi.Function("derivative", list(symbols.values()), [derivative])
    buffer, run = compiled.buffer()
    shape = derivative.shape
    out = np.zeros(shape[0] * shape[1])
    views = [memoryview(np.ravel(array, order="F").copy()) for array in arrays.values()]
    for k, view in enumerate(views):
        buffer.set_arg(k, view)
    views.append(memoryview(out))
    buffer.set_res(0, views[-1])
    result = out if family.quantity == "gradient" else out.reshape(shape, order="F")

    def call(kept: Any = (compiled, buffer, views)) -> Any:
        run()  # CasADi holds addresses only, so what they belong to is kept here
        return result

    return call


def _keeps_structure(row: Row) -> bool:
    return row.family.structured and row.family.by_coloring is None


def _large(row: Row) -> bool:
    """Whether HIPS autograd would take minutes: it makes a Hessian row by row."""
    arrays = row.inputs()
    return int(np.prod([arrays[name].size for name in row.family.wrt])) > 300


CONTENDERS = (
    Contender("native", _ours("native"), lambda row: True, peer=False),
    Contender("numpy", _ours("numpy"), lambda row: True, peer=False),
    Contender("structured", _structured, _keeps_structure, peer=False),
    Contender("by hand", _by_hand, lambda row: True, peer=False),
    Contender("jax", _jax, lambda row: True),
    Contender("torch", _torch(compiled=False), lambda row: True),
    Contender(
        "torch.compile",
        _torch(compiled=True),
        lambda row: row.size == row.family.sizes[-1],  # it compiles for a long time
    ),
    Contender(
        "autograd",
        _autograd,
        lambda row: (
            row.family.by_coloring is not None
            or not (row.family.quantity == "hessian" and _large(row))
        ),
    ),
    Contender("casadi", _casadi, lambda row: row.family.tiny),
)


def contenders_for(row: Row, without: Sequence[str] = ()) -> list[Contender]:
    """Those who can take part in a row."""
    return [c for c in CONTENDERS if c.fits(row) and c.name not in without]
