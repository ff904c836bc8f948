"""Functions with our derivative inside PyTorch's and JAX's automatic differentiation."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError, InputError
from tests.execute.array_libraries import LIBRARIES, close

CASES = {
    "logistic": ("sum(log(vector(1) + exp(-y.*(X*w)))) + a*w'*w", ("w", "a")),
    "quadratic": ("w'*S*w + a*sum(w)", ()),
    "vector": ("tanh(X*w)*a", ("w",)),
    "row": ("r*S*a", ("r",)),
    "matrix": ("inv(S)*a", ("S",)),
    "determinant": ("logdet(S)", ()),
}
SHAPES = {"X": ("m", "n"), "w": ("n",), "y": ("m",), "a": (), "S": ("n", "n"), "r": (1, "n")}
each_case = pytest.mark.parametrize("name", CASES)


def _case(name: str) -> tuple[gf.Expression, tuple[str, ...], dict[str, Any]]:
    formula, wrt = CASES[name]
    used = {key: SHAPES[key] for key in SHAPES if key in _words(formula)}
    rng = np.random.default_rng(1)
    sizes = {"m": 4, "n": 3}
    given = {
        key: rng.normal(size=[size if isinstance(size, int) else sizes[size] for size in shape])
        for key, shape in used.items()
    }
    if "S" in given:
        given["S"] = given["S"] @ given["S"].T + np.eye(3)
    return gf.parse(formula, shapes=used), wrt, given


def _words(formula: str) -> set[str]:
    return set(re.findall(r"\b\w+\b", formula))


def _torch() -> Any:
    return pytest.importorskip("torch")


def _jax() -> Any:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


@each_case
def test_torch_gradients_of_both_orders(name: str) -> None:
    torch = _torch()
    f, wrt, given = _case(name)
    function = f.torch_function(*wrt)
    wrt = wrt or f.variables
    sizes = {key: value for key, value in given.items() if isinstance(value, int)}
    tensors = {k: torch.tensor(v, dtype=torch.float64) for k, v in given.items() if k not in sizes}
    inputs = tuple(tensors[key].requires_grad_() for key in wrt)

    def of_inputs(*values: Any) -> Any:
        return function(**{**tensors, **dict(zip(wrt, values, strict=True)), **sizes})

    close(of_inputs(*inputs), f(**given), 1e-12)
    assert torch.autograd.gradcheck(of_inputs, inputs)
    assert torch.autograd.gradgradcheck(of_inputs, inputs)


@each_case
def test_jax_products_against_jax(name: str) -> None:
    jax = _jax()
    f, wrt, given = _case(name)
    function = f.jax_custom_vjp(*wrt)
    plain: Any = f.compile("jax")
    wrt = wrt or f.variables
    order = [parameter.name for parameter in plain.task.parameters]
    sizes = [given[key] for key in plain.task.sizes]
    arrays = [jax.numpy.asarray(given[key]) for key in order]
    places = tuple(order.index(key) for key in wrt)

    def ours(*values: Any) -> Any:
        return (function(*values, *sizes) ** 2).sum()

    def reference(*values: Any) -> Any:
        return (plain.function(*values, *sizes) ** 2).sum()

    found = jax.jit(jax.grad(ours, places))(*arrays)
    for each, wanted in zip(found, jax.grad(reference, places)(*arrays), strict=True):
        close(each, wanted, 1e-9)
    first = places[0]
    second = jax.hessian(ours, first)(*arrays)
    close(second, jax.hessian(reference, first)(*arrays), 1e-8)
    twice = [jax.numpy.stack([each, 2 * each]) for each in arrays]
    mapped = jax.vmap(jax.grad(ours, first))(*twice)
    close(mapped[0], found[0], 1e-12)


def test_torch_functions_map() -> None:
    torch = _torch()
    f, wrt, given = _case("logistic")
    function = f.torch_function(*wrt)
    given = {key: torch.tensor(value) for key, value in given.items()}
    w = torch.stack([given["w"], -given["w"]])
    rest = {key: value for key, value in given.items() if key != "w"}
    gradient = torch.func.grad(lambda w: function(w=w, **rest))
    found = torch.func.vmap(gradient)(w)
    close(found, torch.stack([gradient(w[0]), gradient(w[1])]), 1e-12)
    second = torch.func.jacrev(gradient)(w[0])
    wanted = f.hessian("w", check=False).compile("torch")(w=w[0], **rest)
    close(second, wanted, 1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_torch_module_trains(dtype: str) -> None:
    torch = _torch()
    torch.manual_seed(0)
    f, _, _ = _case("logistic")
    loss = f.torch_function("w")
    X = torch.randn(50, 3, dtype=getattr(torch, dtype))
    y = torch.sign(X @ torch.tensor([1.0, -2.0, 0.5], dtype=X.dtype))

    class Model(torch.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.w = torch.nn.Parameter(torch.zeros(3, dtype=X.dtype))

        def forward(self) -> Any:
            return loss(X=X, y=y, w=self.w, a=0.01)

    model = Model()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=50)

    def step() -> Any:
        optimizer.zero_grad()
        value = model()
        value.backward()
        return value

    optimizer.step(step)
    assert model.w.grad is not None
    assert str(model.w.grad.dtype) == f"torch.{dtype}"
    step()
    assert float(model.w.grad.abs().max()) < (1e-2 if dtype == "float32" else 1e-4)


def test_variables_that_were_not_named_are_refused() -> None:
    """Their gradient would silently be nothing."""
    f, wrt, given = _case("logistic")
    torch = _torch()
    tensors = {key: torch.tensor(value) for key, value in given.items()}
    tensors["X"].requires_grad_()
    with pytest.raises(ArrayError, match="X needs a gradient"):
        f.torch_function(*wrt)(**tensors)
    jax = _jax()
    function = f.jax_custom_vjp(*wrt)
    with pytest.raises(ArrayError, match="not by X"):
        jax.grad(lambda X: function(**{**given, "X": X}))(jax.numpy.asarray(given["X"]))


def test_errors_name_the_variable() -> None:
    f, _, given = _case("logistic")
    with pytest.raises(InputError, match="named twice"):
        f.torch_function("w", "w")
    for library in LIBRARIES:
        pytest.importorskip(library.name)
        make = f.torch_function if library.name == "torch" else f.jax_custom_vjp
        arrays = {key: library.array(value) for key, value in given.items()}
        with pytest.raises(ArrayError, match="y must have shape"):
            make("w")(**{**arrays, "y": library.array(np.ones(7))})
