"""Kernels as Python functions of arrays, with as little between as can be.

An extension module written in C (``launcher.c``) takes the calls; it is built once for each
version of Python and NumPy. Where Python's headers are missing, ctypes calls the kernels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache as once
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

from gradform.errors import CannotError
from gradform.execute.native.cache import cache, key_of
from gradform.execute.native.compiler import Compiler, build, compiler, located
from gradform.execute.native.ctypes_kernel import CtypesKernel, Mismatch
from gradform.execute.native.library import Library
from gradform.execute.native.signature import Signature
from gradform.version import __version__

__all__ = ["has_extension", "kernel", "prepare"]

_MODULE = "gradform_launcher"
_SUFFIX = EXTENSION_SUFFIXES[0]
_TARGET = _MODULE + _SUFFIX
_SOURCE = Path(__file__).with_name("launcher.c")
_MOST_AXES = 16  # DIMENSIONS in launcher.c


def kernel(
    library: Library, entry: str, signature: Signature, on_mismatch: Mismatch
) -> Callable[..., Any]:
    """The function of a library as a function of arrays.

    entry           gf_<name>, or gf_<name>_batch when the signature has batched inputs
    on_mismatch     called with the arrays and the named values of a call whose shapes or names
                    are not the signature's; its value is the value of the call

    The function takes arrays by place or by name and ``out``: an array, or a tuple of as many
    as there are outputs. It converts what it is given (numbers, lists, other dtypes, strided
    arrays); scalar outputs are floats. Raises ArrayError naming the variable for values that
    are not real numbers and for ``out`` that does not fit, LinAlgError for a failed
    factorisation.
    """
    address, table = library.address(entry), library.table
    plain = CtypesKernel(address, table, signature, on_mismatch)
    axes = max(map(len, (*signature.shapes, *signature.output_shapes)), default=0)
    if axes > _MOST_AXES or not has_extension():
        return plain
    inputs = len(signature.names)
    made: Callable[..., Any] = _extension().Kernel(
        address,
        table,
        signature.dtype == "float64",
        tuple(map(sys.intern, (*signature.names, *(name for name, _ in signature.sizes)))),
        signature.shapes,
        tuple(map(signature.is_row, range(inputs))),
        tuple(map(signature.has_batch, range(inputs))),
        tuple(size for _, size in signature.sizes),
        signature.output_shapes,
        tuple(map(signature.is_cleared, range(len(signature.outputs)))),
        signature.work,
        signature.threads,
        signature.long_running,
        plain.called,
        signature.failure,
    )
    return made


def has_extension() -> bool:
    """Whether calls go through the extension module; ctypes takes them otherwise."""
    return _extension() is not None


def prepare() -> Compiler:
    """The compiler; on a new machine the extension module is built meanwhile.

    Raises CannotError without a compiler.
    """
    command, identity = located()
    key = _key(identity)
    if not _building and not cache().has(key):
        _building.append(Thread(target=_place, args=(command, key), name="gradform-launcher"))
        _building[0].start()
    return compiler()


_building: list[Thread] = []


@once
def _extension() -> Any:
    """The extension module, built when it is new; None when it cannot be."""
    for thread in _building:
        thread.join()
    command, identity = located()
    path = _place(command, _key(identity))
    try:
        return None if path is None else _imported(path)
    except ImportError:
        return None


@once
def _key(identity: str) -> str:
    made_for = (sys.version, sys.base_prefix, np.__version__, str(np.__file__), _SUFFIX)
    return key_of(__version__, identity, *made_for, _SOURCE.read_text())


def _place(command: Sequence[str], key: str) -> Path | None:
    """The file of the extension module; None where it cannot be built."""
    try:
        return cache().entry(key, lambda directory: _build(command, directory)) / _TARGET
    except (CannotError, OSError):
        return None


def _build(command: Sequence[str], directory: Path) -> None:
    """Raises CannotError where Python's headers are missing."""
    headers = (import_module("sysconfig").get_path("include"), np.get_include())
    source = directory / _SOURCE.name
    source.write_bytes(_SOURCE.read_bytes())
    flags = ("-O2", "-shared", "-fPIC", "-w", *(f"-I{path}" for path in headers))
    build(command, source, _TARGET, flags)


def _imported(path: Path) -> Any:
    loader = ExtensionFileLoader(_MODULE, str(path))
    spec = spec_from_loader(_MODULE, loader)
    if spec is None:
        return None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module
