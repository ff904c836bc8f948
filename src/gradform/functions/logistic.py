"""The logistic function and its integral."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradform.functions.record import Function, composite, define
from gradform.functions.sources import matlab


def _sigmoid(np: Any, x: Any) -> Any:
    # exp(-|x|) never overflows; the sign is that of the real part.
    right = np.real(x) >= 0
    decay = np.exp(np.where(right, -x, x))
    return np.where(right, 1, decay) / (1 + decay)


sigmoid: Function = define(
    "sigmoid",
    formula="1/(1 + exp(-x)); sigmoid' = sigmoid (1 - sigmoid)",
    d=lambda x, y: y * (1 - y),
    exact={0: Fraction(1, 2)},
    logarithm=lambda x: -softplus(-x),
    complement=lambda x: sigmoid(-x),
    sign="positive",
    evaluate=_sigmoid,
    definition="1/(1 + exp(-x))",
    unicode="σ({0})",
    latex=r"\sigma\left({0}\right)",
    spell={
        "scipy": "special.expit({0})",
        "c": "(1.0 / (1.0 + exp(-{0})))",
        "python": "1.0 / (1.0 + math.exp(-{0})) if {0} >= -700.0 else math.exp({0})",
        "jax": "special.expit({0})",
        "torch": "torch.sigmoid({0})",
        "matlab": "(1 ./ (1 + exp(-{0})))",
        "julia": "(1 ./ (1 .+ exp.(-{0})))",
    },
    helpers={
        "numpy": """\
def sigmoid(x):
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, decay) / (1.0 + decay)
""",
    },
)


def _softplus(np: Any, x: Any) -> Any:
    right = np.real(x) >= 0
    return np.where(right, x, 0) + np.log1p(np.exp(np.where(right, -x, x)))


softplus: Function = define(
    "softplus",
    formula="log(1 + exp(x)); softplus' = sigmoid",
    d=lambda x, y: sigmoid(x),
    sign="positive",
    evaluate=_softplus,
    definition="log(1 + exp(x))",
    spell={
        "numpy": "np.logaddexp(0, {0})",
        "c": "(({0} > 0.0 ? {0} : 0.0) + log1p(exp(-fabs({0}))))",
        "python": "({0} if {0} > 0.0 else 0.0) + math.log1p(math.exp(-abs({0})))",
        "torch": "-torch.nn.functional.logsigmoid(-{0})",
        "matlab": "(greater({0}, 0) + log1p(exp(-abs({0}))))",
        "julia": "(max.({0}, 0) .+ log1p.(exp.(-abs.({0}))))",
    },
    helpers={"matlab": matlab.GREATEST},
)

logsigmoid: Function = composite(
    "logsigmoid",
    formula="log(sigmoid(x)) = -softplus(-x)",
    build=lambda x: -softplus(-x.e),
    evaluate=lambda np, x: -_softplus(np, -x),
    definition="-log(1 + exp(-x))",
)

silu: Function = composite(
    "silu",
    aliases=("swish",),
    formula="x sigmoid(x) (Elfwing, Uchibe & Doya 2018)",
    build=lambda x: x.e * sigmoid(x.e),
    evaluate=lambda np, x: x * _sigmoid(np, x),
    definition="x/(1 + exp(-x))",
)
