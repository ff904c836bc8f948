"""Kernels as Python functions of arrays, with as little between as can be.

An extension module written in C (``launcher.c``) takes the calls; it is built once for each
version of Python and NumPy. Where Python's headers are missing, ctypes calls the kernels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache as once
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import numpy as np

from gradform.errors import CannotError
from gradform.execute.native.cache import cache, key_of
from gradform.execute.native.compiler import Compiler, compiler
from gradform.execute.native.ctypes_kernel import CtypesKernel, Mismatch
from gradform.execute.native.library import Library
from gradform.execute.native.signature import Signature
from gradform.version import __version__

__all__ = ["has_extension", "kernel"]

_MODULE = "gradform_launcher"
_SUFFIX = EXTENSION_SUFFIXES[0]
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
    return _extension().Kernel(  # type: ignore[no-any-return]
        address,
        table,
        signature.dtype == "float64",
        tuple(map(sys.intern, (*signature.names, *(name for name, _ in signature.sizes)))),
        signature.shapes,
        tuple(map(signature.is_row, range(inputs))),
        tuple(map(signature.has_batch, range(inputs))),
        tuple(size for _, size in signature.sizes),
        signature.output_shapes,
        signature.work,
        signature.threads,
        signature.long_running,
        plain.called,
        signature.failure,
    )


def has_extension() -> bool:
    """Whether calls go through the extension module; ctypes takes them otherwise."""
    return _extension() is not None


@once
def _extension() -> Any:
    """The extension module, built when it is new; None when it cannot be."""
    source = _SOURCE.read_text()
    using = compiler()
    made_for = (sys.version, sys.base_prefix, np.__version__, str(np.__file__), _SUFFIX)
    try:
        key = key_of(__version__, using.identity, *made_for, source)
        place = cache().entry(key, lambda directory: _build(directory, source, using))
        return _imported(place / (_MODULE + _SUFFIX))
    except (CannotError, ImportError, OSError):
        return None


def _build(directory: Path, source: str, using: Compiler) -> None:
    """Raises CannotError where Python's headers are missing."""
    headers = (import_module("sysconfig").get_path("include"), np.get_include())
    (directory / _SOURCE.name).write_text(source)
    flags = ("-O2", "-shared", "-fPIC", "-w", *(f"-I{path}" for path in headers))
    using.build(directory / _SOURCE.name, _MODULE + _SUFFIX, flags)


def _imported(path: Path) -> Any:
    loader = ExtensionFileLoader(_MODULE, str(path))
    spec = spec_from_loader(_MODULE, loader)
    if spec is None:
        return None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module
