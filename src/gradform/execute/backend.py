"""Backends by name: each is one module with an object that writes and one that compiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

from gradform.codegen.task import Task
from gradform.errors import InputError
from gradform.execute.options import Options
from gradform.language import joined, say

__all__ = [
    "Compiled",
    "backend_names",
    "compiler",
    "language_names",
    "makes_operators",
    "require_operators",
    "writer",
]


class Compiled(Protocol):
    """A task that runs.

    Called with arrays by name, or by place in the order of ``parameters``. One output is
    returned as itself, several as a tuple. ``source`` is what runs.
    """

    @property
    def task(self) -> Task: ...
    @property
    def options(self) -> Options: ...
    @property
    def parameters(self) -> tuple[str, ...]: ...
    @property
    def source(self) -> str: ...
    def __call__(self, /, *arrays: Any, **named: Any) -> Any: ...


# Where ``source(task, options) -> str`` of a language is. Adding a language is a line here.
_WRITERS: Mapping[str, str] = {
    "numpy": "gradform.codegen.python.numpy",
    "native": "gradform.execute.native.source",
    "dask": "gradform.codegen.dask.source",
    "jax": "gradform.codegen.python.jax",
    "torch": "gradform.codegen.python.torch",
    "c": "gradform.codegen.c.module",
    "matlab": "gradform.codegen.matlab.module",
    "julia": "gradform.codegen.julia.module",
}

# Where ``compiled(task, options) -> Compiled`` of a backend is. Adding one is a line here.
_COMPILERS: Mapping[str, str] = {
    "numpy": "gradform.execute.numpy",
    "native": "gradform.execute.native.program",
    "dask": "gradform.execute.dask",
    "jax": "gradform.execute.jax",
    "torch": "gradform.execute.torch",
}


# The same for several devices.
_FOR_DEVICES: Mapping[str, str] = {
    "jax": "gradform.execute.sharding",
}

# Languages in which a program is written for certain sizes only.
_FOR_SIZES = ("native",)

# The backends whose arrays are NumPy's, which linear operators are made of.
_OPERATORS = ("numpy", "native")


def language_names(*, any_sizes: bool = False) -> tuple[str, ...]:
    """The languages that source can be written in; ``any_sizes``: without telling sizes."""
    return tuple(name for name in _WRITERS if not (any_sizes and name in _FOR_SIZES))


def backend_names() -> tuple[str, ...]:
    """The backends that can run a task."""
    return tuple(_COMPILERS)


def writer(language: str) -> Callable[[Task, Options], str]:
    """The function that writes a task in a language. Raises InputError for an unknown one."""
    found: Callable[[Task, Options], str] = _found(_WRITERS, language, say("language")).source
    return found


def compiler(backend: str) -> Callable[[Task, Options], Compiled]:
    """The function that compiles a task. Raises InputError for an unknown backend."""
    found: Callable[[Task, Options], Compiled] = _found(
        _COMPILERS, backend, say("backend")
    ).compiled
    return found


def compiler_for_devices(backend: str) -> Callable[[Task, Options], Compiled]:
    """The function that compiles a task for several devices.

    Raises InputError for a backend that has none.
    """
    found: Callable[[Task, Options], Compiled] = _found(
        _FOR_DEVICES, backend, say("backend for several devices")
    ).compiled
    return found


def makes_operators(backend: str) -> bool:
    """Whether the arrays of a backend are those that linear operators are made of."""
    return backend in _OPERATORS


def require_operators(backend: str) -> None:
    """Raises InputError for a backend whose arrays are not those of linear operators."""
    if not makes_operators(backend):
        raise InputError(
            say("Linear operators (dense=False) are not made on {backend}.", backend=repr(backend)),
            kind="option",
            hint=say("give one of {known}", known=joined(_OPERATORS)),
        )


def _found(modules: Mapping[str, str], name: str, kind: str) -> Any:
    if not isinstance(name, str) or name not in modules:
        raise InputError(
            say("There is no {kind} {name}.", kind=kind, name=repr(name)),
            kind="option",
            hint=say("give one of {known}", known=joined(modules)),
        )
    return import_module(modules[name])
