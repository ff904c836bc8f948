"""Kernels called through ctypes: where no extension module can be built."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradform.execute.native.signature import Array, Signature, shares_memory

__all__ = ["CtypesKernel"]

_ALIGNMENT = 64
_HEAD = object.__basicsize__
_pointer_at = ctypes.c_void_p.from_address

_POINTERS = ctypes.POINTER(ctypes.c_void_p)
_ENTRY = ctypes.CFUNCTYPE(
    ctypes.c_int, _POINTERS, _POINTERS, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int
)
_BATCH_ENTRY = ctypes.CFUNCTYPE(
    ctypes.c_int,
    *(ctypes.c_long, _POINTERS, _POINTERS, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int),
)

Mismatch = Callable[[tuple[Any, ...], dict[str, Any]], Any]


class CtypesKernel:
    """The entry of a native module as a function of arrays.

    Called with arrays by place or by name, and with ``out``: an array, or a tuple of as many
    as there are outputs. Calls whose shapes or names are not the signature's are handed to
    ``on_mismatch(arrays, named)``.
    """

    def __init__(self, entry: int, table: int, signature: Signature, on_mismatch: Mismatch) -> None:
        self.signature = signature
        self._call = (_BATCH_ENTRY if signature.is_batched else _ENTRY)(entry)
        self._table = table
        self._on_mismatch = on_mismatch
        self._order = (*signature.names, *(name for name, _ in signature.sizes))
        self._dtype = np.dtype(signature.dtype)
        self._sources = ctypes.c_void_p * len(signature.names)
        self._targets = ctypes.c_void_p * len(signature.outputs)

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        return self.called(arrays, named)

    def called(self, arrays: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Raises ArrayError for values and buffers that do not fit, LinAlgError for codes."""
        values = self._ordered(arrays, named)
        inputs = None if values is None else self._inputs(values)
        count = None if inputs is None else self._count(inputs)
        if inputs is None or (count is not None and count < 0):
            return self._on_mismatch(arrays, named)
        out = named.get("out") if "out" not in self._order else None
        if out is None:
            results = self._fresh(count)
            self._run(inputs, results, count)
            return self._plain(results)
        buffers = self.signature.buffers(out, count)
        results = [
            np.empty_like(buffer) if shares_memory(buffer, inputs) else buffer for buffer in buffers
        ]
        for place, result in enumerate(results):
            if self.signature.is_cleared(place):
                result.fill(0)
        self._run(inputs, results, count)
        for buffer, result in zip(buffers, results, strict=True):
            if buffer is not result:
                buffer[...] = result
        return out

    def _ordered(self, arrays: tuple[Any, ...], named: Mapping[str, Any]) -> list[Any] | None:
        """The values of the inputs in their order; None when they are not just those."""
        order = self._order
        if not named and len(arrays) == len(order) == len(self.signature.names):
            return list(arrays)
        rest = order[len(arrays) :]
        given = len(named) - ("out" in named and "out" not in order)
        if len(arrays) + given != len(order) or any(name not in named for name in rest):
            return None
        values = [*arrays, *(named[name] for name in rest)]
        count = len(self.signature.names)
        for value, (_, size) in zip(values[count:], self.signature.sizes, strict=True):
            if value != size:
                return None
        return values[:count]

    def _inputs(self, values: list[Any]) -> list[Array] | None:
        found = []
        for place, value in enumerate(values):
            array = value if self._is_ready(place, value) else self.signature.fitted(place, value)
            if array is None:
                return None
            found.append(array)
        return found

    def _is_ready(self, place: int, value: Any) -> bool:
        return (
            type(value) is np.ndarray
            and value.shape == self.signature.shapes[place]
            and value.dtype == self._dtype
            and (flags := value.flags).c_contiguous
            and flags.aligned
            and not self.signature.has_batch(place)
        )

    def _count(self, inputs: list[Array]) -> int | None:
        """The length of the batch; None without one, -1 when lengths differ."""
        signature = self.signature
        if not signature.batched:
            return None
        lengths = {
            array.shape[0] for place, array in enumerate(inputs) if signature.has_batch(place)
        }
        if not lengths:
            return None
        return lengths.pop() if len(lengths) == 1 else -1

    def _fresh(self, count: int | None) -> list[Array]:
        lead = () if count is None else (count,)
        signature = self.signature
        return [
            (np.zeros if signature.is_cleared(k) else np.empty)(lead + shape, signature.dtype)
            for k, shape in enumerate(signature.output_shapes)
        ]

    def _plain(self, results: list[Array]) -> Any:
        """Numbers as floats; one output by itself."""
        found = [float(each) if each.ndim == 0 else each for each in results]
        return found[0] if len(found) == 1 else tuple(found)

    def _run(self, inputs: list[Array], results: list[Array], count: int | None) -> None:
        """Raises LinAlgError when the kernel says that a factorisation failed."""
        signature = self.signature
        work, start = _scratch(signature.work)
        rest = (start, self._table, 1 if _forks else signature.threads)
        sources = self._sources(*map(_address, inputs))
        targets = self._targets(*map(_address, results))
        if count is None:
            code = self._call(sources, targets, *rest)
        else:
            code = self._call(count, sources, targets, *rest)
        del work  # it lives until here
        if code:
            raise signature.failure(code)


def _address(array: Array) -> int | None:
    """Where the numbers are: the first field of an array in NumPy's binary interface.

    Ten times as quick as ``array.ctypes.data``.
    """
    return _pointer_at(id(array) + _HEAD).value


def _scratch(size: int) -> tuple[Array | None, int | None]:
    """Memory of a size, and its first aligned place."""
    if not size:
        return None, None
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    start = _address(memory) or 0
    return memory, start + -start % _ALIGNMENT


# Threads of OpenMP do not live on in a child process, and asking for them there hangs.
_forks: list[int] = []

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _forks.append(os.getpid()))
