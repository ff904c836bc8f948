"""Kernels as Python functions of arrays, with as little between as can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradform.execute.native.ctypes_kernel import CtypesKernel
from gradform.execute.native.library import Library
from gradform.execute.native.signature import Signature

__all__ = ["kernel"]


def kernel(
    library: Library,
    entry: str,
    signature: Signature,
    on_mismatch: Callable[[tuple[Any, ...], dict[str, Any]], Any],
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
    return CtypesKernel(library.address(entry), library.table, signature, on_mismatch)
