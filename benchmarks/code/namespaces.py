"""One way to write a function for automatic differentiation: the names of NumPy."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["autograd_namespace", "casadi_namespace", "jax_namespace", "torch_namespace"]


class _Namespace:
    """Names of a library, with those that it spells otherwise put in."""

    def __init__(self, library: Any, **extra: Any) -> None:
        self._library = library
        self.__dict__.update(extra)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)


def jax_namespace() -> Any:
    """JAX's own functions; all of them are stable."""
    jax = import_module("jax")
    jnp = import_module("jax.numpy")
    return _Namespace(
        jnp,
        softplus=jax.nn.softplus,
        softmax=lambda x, axis: jax.nn.softmax(x, axis=axis),
        logsumexp=lambda x, axis: jax.nn.logsumexp(x, axis=axis),
        logdet=lambda a: jnp.linalg.slogdet(a)[1],
        solve=jnp.linalg.solve,
    )


def torch_namespace() -> Any:
    """PyTorch's own functions; its softplus is exact only without its threshold."""
    torch = import_module("torch")
    functional = import_module("torch.nn.functional")
    return _Namespace(
        torch,
        softplus=lambda x: functional.softplus(x, threshold=50),
        softmax=lambda x, axis: torch.softmax(x, axis),
        logsumexp=lambda x, axis: torch.logsumexp(x, axis),
        logdet=torch.logdet,
        solve=torch.linalg.solve,
    )


def autograd_namespace() -> Any:
    """HIPS autograd: NumPy's functions, the rest written with them."""
    anp = import_module("autograd.numpy")
    scipy = import_module("autograd.scipy.special")

    def softmax(x: Any, axis: int) -> Any:
        e = anp.exp(x - anp.max(x, axis=axis, keepdims=True))
        return e / anp.sum(e, axis=axis, keepdims=True)

    return _Namespace(
        anp,
        softplus=lambda x: anp.logaddexp(0.0, x),
        softmax=softmax,
        logsumexp=lambda x, axis: scipy.logsumexp(x, axis=axis),
        logdet=lambda a: anp.linalg.slogdet(a)[1],
        solve=anp.linalg.solve,
        stack=lambda parts: anp.array(parts),
    )


def casadi_namespace() -> Any:
    """CasADi's symbols of scalars: for small functions."""
    casadi = import_module("casadi")
    return _Namespace(
        casadi,
        sum=casadi.sum1,
        stack=lambda parts: casadi.vertcat(*parts),
    )
