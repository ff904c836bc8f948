"""JAX and PyTorch for the tests: arrays in and out, derivatives, one graph.

Where there is a GPU the arrays live there: JAX puts them there of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

__all__ = ["LIBRARIES", "Library", "close", "each_library"]

Array = NDArray[Any]


class Library:
    """What the tests ask of a library. It is loaded when a test needs it."""

    name: str
    dtypes = ("float64", "float32")

    def array(self, value: Any, dtype: str = "float64") -> Any:
        raise NotImplementedError

    def apart(self, array: Any) -> Any:
        """The same array with gaps in its memory and its axes in another order there."""
        return array

    def gradient(self, function: Callable[..., Any], *arrays: Any) -> Any:
        """Of a scalar function by its first argument, by the library itself."""
        raise NotImplementedError

    def one_graph(self, function: Callable[..., Any], sizes: Sequence[int] = ()) -> Any:
        """The function compiled as one graph; the arguments at ``sizes`` are integers."""
        raise NotImplementedError

    def mapped(self, function: Callable[..., Any]) -> Any:
        """The function over the leading axis of all its arguments."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def numpy(value: Any) -> Array:
        return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)

    @staticmethod
    def dtype(value: Any) -> str:
        return str(value.dtype).removeprefix("torch.")


class Jax(Library):
    name = "jax"

    @property
    def _jax(self) -> Any:
        jax = import_module("jax")
        jax.config.update("jax_enable_x64", True)
        return jax

    def array(self, value: Any, dtype: str = "float64") -> Any:
        return self._jax.numpy.asarray(value, dtype)

    def gradient(self, function: Callable[..., Any], *arrays: Any) -> Any:
        sizes = [place for place, each in enumerate(arrays) if isinstance(each, int)]
        return self.one_graph(self._jax.grad(function), sizes)(*arrays)

    def one_graph(self, function: Callable[..., Any], sizes: Sequence[int] = ()) -> Any:
        return self._jax.jit(function, static_argnums=tuple(sizes))

    def mapped(self, function: Callable[..., Any]) -> Any:
        return self._jax.vmap(function)


class Torch(Library):
    name = "torch"

    @property
    def _torch(self) -> Any:
        return import_module("torch")

    def array(self, value: Any, dtype: str = "float64") -> Any:
        device = "cuda" if self._torch.cuda.is_available() else "cpu"
        kind = getattr(self._torch, dtype)
        return self._torch.tensor(np.asarray(value), dtype=kind, device=device)

    def apart(self, array: Any) -> Any:
        order = tuple(reversed(range(array.ndim)))
        turned = array.permute(order)
        return self._torch.stack([turned, turned], dim=-1)[..., 0].permute(order)

    def gradient(self, function: Callable[..., Any], *arrays: Any) -> Any:
        first = arrays[0].clone().requires_grad_()
        value = function(first, *arrays[1:])
        if not value.requires_grad:  # a function that is constant around each point
            return self._torch.zeros_like(first)
        (found,) = self._torch.autograd.grad(value, first)
        return found

    def one_graph(self, function: Callable[..., Any], sizes: Sequence[int] = ()) -> Any:
        self._torch.compiler.reset()
        return self._torch.compile(function, backend="eager", fullgraph=True)

    def mapped(self, function: Callable[..., Any]) -> Any:
        return self._torch.func.vmap(function)


LIBRARIES: tuple[Library, ...] = (Jax(), Torch())

each_library = pytest.mark.parametrize(
    "library",
    [
        pytest.param(
            library,
            marks=pytest.mark.skipif(
                find_spec(library.name) is None, reason=f"{library.name} is not installed"
            ),
        )
        for library in LIBRARIES
    ],
    ids=str,
)


def close(
    found: Any, wanted: Any, tolerance: float, note: str = "", *, least: float = 1e-7
) -> None:
    """Equal shapes; differences of at most ``tolerance`` of the largest entry, or of ``least``."""
    found, wanted = Library.numpy(found), Library.numpy(wanted)
    assert found.shape == wanted.shape, note
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(found[~finite], wanted[~finite], note)
    if finite.any():
        allowed = tolerance * max(float(np.max(np.abs(wanted[finite]))), least)
        assert float(np.max(np.abs(found[finite] - wanted[finite]))) <= allowed, note
