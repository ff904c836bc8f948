"""The two array libraries the second evaluator runs on: NumPy for values, JAX for derivatives.

The NumPy run comes first and looks at the point: a function *requires* what its value needs
(a well-conditioned matrix, one largest singular value) and *asks* what its derivative needs
(to be away from kinks). JAX runs only where all of that holds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Protocol

import jax
import numpy
import scipy.special

__all__ = ["Backend", "NumpyBackend", "jax_backend"]


class Backend(Protocol):
    """``np`` and ``special`` have NumPy's and SciPy's names."""

    np: Any
    special: Any

    def fixed(self, value: Any) -> Any:
        """The value as a constant for differentiation."""

    def require(self, holds: Callable[[], Any]) -> None:
        """The value means something only if this holds."""

    def ask(self, holds: Callable[[], Any]) -> None:
        """The derivative exists only if this holds."""


class NumpyBackend:
    """Values with NumPy; ``defined`` and ``smooth`` turn false when something does not hold."""

    np: Any = numpy
    special: Any = scipy.special

    def __init__(self) -> None:
        self.defined = True
        self.smooth = True

    def fixed(self, value: Any) -> Any:
        return value

    def require(self, holds: Callable[[], Any]) -> None:
        if self.defined:
            self.defined = bool(holds())

    def ask(self, holds: Callable[[], Any]) -> None:
        if self.smooth:
            self.smooth = bool(holds())


class _JaxBackend:
    """Values that JAX can differentiate; points were looked at before."""

    def __init__(self) -> None:
        settings: Any = jax.config
        settings.update("jax_enable_x64", True)
        settings.update("jax_platforms", "cpu")
        self.np: Any = import_module("jax.numpy")
        self.special: Any = import_module("jax.scipy.special")
        self._stop = jax.lax.stop_gradient

    def fixed(self, value: Any) -> Any:
        return self._stop(value)

    def require(self, holds: Callable[[], Any]) -> None:
        pass

    def ask(self, holds: Callable[[], Any]) -> None:
        pass


@cache
def jax_backend() -> Backend:
    """JAX in float64 on the CPU; imported on first use."""
    return _JaxBackend()
