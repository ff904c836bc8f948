"""Functions with data that come up in practice, for tests of everything that parts rows."""

from __future__ import annotations

from typing import NamedTuple

import gradform as gf

__all__ = ["LOSSES", "Loss"]

_DATA: dict[str, tuple[str | int, ...]] = {"X": ("m", "n"), "y": ("m",), "w": ("n",), "a": ()}


class Loss(NamedTuple):
    """A function of parameters and of data with ``m`` rows."""

    name: str
    text: str
    by: str
    shapes: dict[str, tuple[str | int, ...]]
    sweeps: int = 1
    hessian: bool = True

    def parts(self) -> list[gf.Expression | gf.Derivative]:
        """Value, gradient and, where it is small, the Hessian."""
        value = gf.parse(self.text, shapes=self.shapes)
        found: list[gf.Expression | gf.Derivative] = [value, value.gradient(self.by)]
        return [*found, value.hessian(self.by)] if self.hessian else found


LOSSES = (
    Loss("logistic", "sum(softplus(-y.*(X*w))) + a*w'*w", "w", _DATA),
    Loss("least squares", "mean((X*w - y).^2)", "w", _DATA),
    Loss("ridge", "norm2(X*w - y)^2/2 + a*norm2(w)^2", "w", _DATA),
    Loss("Poisson", "sum(exp(X*w) - y.*(X*w))", "w", _DATA),
    Loss("Huber", "sum(huber(X*w - y, 1))", "w", _DATA, hessian=False),
    Loss("quantile", "sum(pinball(y - X*w, 0.3))", "w", _DATA, hessian=False),
    Loss("hinge", "mean(relu(vector(1) - y.*(X*w))) + a*w'*w", "w", _DATA, hessian=False),
    Loss("variance", "var(X*w - y)", "w", _DATA, sweeps=2),
    Loss("scale", "sum((X*w - vector(mean(y))).^2)/sumsq(y)", "w", _DATA, sweeps=2),
    Loss("log of a mean", "log(mean(exp(X*w - y)))", "w", _DATA, sweeps=2),
    Loss("matrix", "norm2((X'*diag(y)*X)*w)", "w", _DATA, hessian=False, sweeps=2),
    Loss(
        "softmax regression",
        "-sum(Y.*log_softmax(X*W, 2)) + a*sumsq(W)",
        "W",
        {"X": ("m", "n"), "Y": ("m", "k"), "W": ("n", "k"), "a": ()},
    ),
    Loss(
        "network",
        "mean((tanh(tanh(X*W + ones(m)*b')*V) - Y).^2)",
        "W",
        {"X": ("m", "n"), "Y": ("m", "p"), "W": ("n", "k"), "V": ("k", "p"), "b": ("k",)},
        hessian=False,
    ),
    Loss(
        "mixture of Gaussians",
        "sum(logsumexp(ones(m)*(a - 0.5*sum(C.^2, 2))' + X*C', 2)) - 0.5*sumsq(X)",
        "C",
        {"X": ("m", "n"), "C": ("k", "n"), "a": ("k",)},
    ),
    Loss(
        "soft k-means",
        "sum(softmax(X*C', 2).*(X*C')) + sumsq(C)",
        "C",
        {"X": ("m", "n"), "C": ("k", "n")},
        hessian=False,
    ),
    Loss(
        "Gaussian",
        "a*logdet(S)/2 + tr((X - ones(m)*u')*inv(S)*(X - ones(m)*u')')/2",
        "S",
        {"X": ("m", "n"), "u": ("n",), "S": ("n", "n"), "a": ()},
    ),
    Loss(
        "attention",
        "sum(G.*(softmax(Q*K', 2)*V))",
        "Q",
        {"G": ("m", "p"), "Q": ("m", "n"), "K": ("k", "n"), "V": ("k", "p")},
        hessian=False,
    ),
    Loss(
        "factors",
        "norm2(U*V' - Y)^2",
        "V",
        {"U": ("m", "k"), "V": ("n", "k"), "Y": ("m", "n")},
    ),
)
