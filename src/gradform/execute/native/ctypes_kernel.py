"""Kernels called through ctypes: where no extension module can be built."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradform.execute.native.signature import Array, Signature, shares_memory

__all__ = ["CtypesKernel"]

_ALIGNMENT = 64

_POINTERS = ctypes.POINTER(ctypes.c_void_p)
_STEPS = ctypes.POINTER(ctypes.c_long)
_ENTRY = ctypes.CFUNCTYPE(
    ctypes.c_int, _POINTERS, _POINTERS, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int
)
_BATCH_ENTRY = ctypes.CFUNCTYPE(
    ctypes.c_int,
    *(ctypes.c_long, _POINTERS, _STEPS, _POINTERS, _STEPS),
    *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int),
)

Mismatch = Callable[[tuple[Any, ...], dict[str, Any]], Any]


class CtypesKernel:
    """The entry of a native module as a function of arrays.

    Called with arrays by place or by name, and with ``out``: an array, or a tuple of as many
    as there are outputs. What does not fit is handed to ``on_mismatch(arrays, named)``.
    """

    def __init__(self, entry: int, table: int, signature: Signature, on_mismatch: Mismatch) -> None:
        self.signature = signature
        self._call = (_BATCH_ENTRY if signature.is_batched else _ENTRY)(entry)
        self._table = table
        self._on_mismatch = on_mismatch
        self._order = (*signature.names, *(name for name, _ in signature.sizes))

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        return self.slowly(arrays, named)

    def slowly(self, arrays: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """A call whose values may have to be converted, or refused."""
        values = self._ordered(arrays, named)
        inputs = None if values is None else self._inputs(values)
        if inputs is None:
            return self._on_mismatch(arrays, named)
        count = self._count(inputs)
        out = None if "out" in self._order else named.get("out")
        if count is not None and count < 0:
            return self._on_mismatch(arrays, named)
        if out is None:
            results = self._fresh(count)
            self._run(inputs, results, count)
            return self._plain(results, count)
        buffers = self.signature.buffers(out, count)
        results = [
            np.empty_like(buffer) if shares_memory(buffer, inputs) else buffer for buffer in buffers
        ]
        self._run(inputs, results, count)
        for buffer, result in zip(buffers, results, strict=True):
            if buffer is not result:
                buffer[...] = result
        return out

    def _ordered(self, arrays: tuple[Any, ...], named: Mapping[str, Any]) -> list[Any] | None:
        """The values of the inputs in their order; None when they are not just those."""
        order = self._order
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
        fitted = [self.signature.fitted(place, value) for place, value in enumerate(values)]
        found = [array for array in fitted if array is not None]
        return found if len(found) == len(fitted) else None

    def _count(self, inputs: list[Array]) -> int | None:
        """The length of the batch; None without one, -1 when lengths differ."""
        signature = self.signature
        lengths = {
            array.shape[0] for place, array in enumerate(inputs) if signature.has_batch(place)
        }
        if not lengths:
            return None
        return lengths.pop() if len(lengths) == 1 else -1

    def _fresh(self, count: int | None) -> list[Array]:
        lead = () if count is None else (count,)
        signature = self.signature
        return [np.empty(lead + shape, signature.dtype) for shape in signature.output_shapes]

    def _plain(self, results: list[Array], count: int | None) -> Any:
        """Numbers as floats; one output by itself."""
        found = [float(each) if each.ndim == 0 else each for each in results]
        return found[0] if len(found) == 1 else tuple(found)

    def _run(self, inputs: list[Array], results: list[Array], count: int | None) -> None:
        """Raises LinAlgError when the kernel says that a factorisation failed."""
        signature = self.signature
        work = np.empty(signature.work + _ALIGNMENT, np.uint8)
        start = work.ctypes.data
        start += -start % _ALIGNMENT
        rest = (start, self._table, signature.threads)
        sources, targets = _addresses(inputs), _addresses(results)
        if count is None:
            code = self._call(sources, targets, *rest)
        else:
            steps = [
                array[0].size if signature.has_batch(place) and count else 0
                for place, array in enumerate(inputs)
            ]
            output_steps = [array[0].size if count else 0 for array in results]
            code = self._call(count, sources, _longs(steps), targets, _longs(output_steps), *rest)
        if code:
            raise signature.failure(code)


def _addresses(arrays: list[Array]) -> Any:
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


def _longs(values: list[int]) -> Any:
    return (ctypes.c_long * len(values))(*values)
