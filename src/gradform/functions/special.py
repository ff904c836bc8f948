"""Error function, gamma function and their kin; reference values from SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from gradform.errors import ShapeError
from gradform.functions import numeric
from gradform.functions.elementwise import exp, log
from gradform.functions.record import Condition, Function, composite, define
from gradform.functions.shapes import Shape, Unifier
from gradform.functions.sources import julia, matlab
from gradform.functions.sources.c_special import (
    DAWSON,
    DIGAMMA,
    ERFCX,
    LAMBERT_W,
    LOGERFC,
    POLYGAMMA,
)
from gradform.functions.sources.iterations import (
    dawson_source,
    erfcx_source,
    lambert_w_source,
    logerfc_source,
)
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from gradform.ir.sign import is_nonnegative
from gradform.language import say

HALF = Fraction(1, 2)


def _gauss(x: Expr) -> Expr:
    """2/√π·exp(-x²), the derivative of erf."""
    return 2 * Expr(build.pi()) ** -HALF * exp(-(x**2))


erf: Function = define(
    "erf",
    formula="2/√π ∫₀ˣ exp(-t²) dt; erf' = 2/√π exp(-x²) (DLMF 7.2.1)",
    d=lambda x, y: _gauss(x),
    exact={0: 0},
    parity="odd",
    complement=lambda x: erfc(x),
    evaluate=lambda np, x: numeric.special().erf(x),
    elementary=True,
    spell={
        "numpy": "special.erf({0})",
        "c": "erf({0})",
        "python": "math.erf({0})",
        "matlab": "erf({0})",
        "julia": "erf.({0})",
    },
)

erfc: Function = define(
    "erfc",
    formula="1 - erf(x); erfc' = -2/√π exp(-x²) (DLMF 7.2.2)",
    d=lambda x, y: -_gauss(x),
    exact={0: 1},
    sign="positive",
    logarithm=lambda x: logerfc(x),
    evaluate=lambda np, x: numeric.special().erfc(x),
    definition="1 - erf(x)",
    spell={
        "numpy": "special.erfc({0})",
        "c": "erfc({0})",
        "python": "math.erfc({0})",
        "matlab": "erfc({0})",
        "julia": "erfc.({0})",
    },
)

# The tail of the normal distribution over its density, 1/(x√π) far to the right, where both
# are zero to rounding.
erfcx: Function = define(
    "erfcx",
    formula="exp(x²) erfc(x); erfcx' = 2x erfcx - 2/√π (DLMF 7.2.3, 7.10.2)",
    d=lambda x, y: 2 * x * y - 2 * Expr(build.pi()) ** -HALF,
    exact={0: 1},
    sign="positive",
    evaluate=lambda np, x: numeric.special().erfcx(x),
    definition="exp(x^2)*(1 - erf(x))",
    spell={
        "numpy": "special.erfcx({0})",
        "c": "erfcx({0})",
        "matlab": "erfcx({0})",
        "julia": "erfcx.({0})",
        "torch": "torch.special.erfcx({0})",
    },
    helpers={"c": ERFCX, "jax": erfcx_source("jnp", "special")},
)


def _logerfc(np: Any, x: Any) -> Any:
    special = numeric.special()
    if np.iscomplexobj(x):
        return np.log(special.erfc(x))
    tail = np.log(2) + special.log_ndtr(-np.sqrt(2) * x)
    return np.where(x < 0.5, np.log1p(-special.erf(np.minimum(x, 0.5))), tail)


_LOGERFC = '''\
def logerfc(x):
    """log(erfc(x)), also where erfc(x) is 0 to rounding."""
    tail = np.log(2) + special.log_ndtr(-np.sqrt(2) * x)
    return np.where(x < 0.5, np.log1p(-special.erf(np.minimum(x, 0.5))), tail)
'''

logerfc: Function = define(
    "logerfc",
    formula="log(erfc(x)), also where erfc(x) is zero to rounding; logerfc' = -2/√π / erfcx(x)",
    d=lambda x, y: -2 * Expr(build.pi()) ** -HALF / erfcx(x),
    exact={0: 0},
    evaluate=_logerfc,
    definition="log(1 - erf(x))",
    spell={
        "c": "logerfc({0})",
        "matlab": "logerfc({0})",
        "julia": "logerfc.({0})",
    },
    helpers={
        "numpy": _LOGERFC,
        "c": LOGERFC,
        "matlab": matlab.LOGERFC,
        "jax": logerfc_source("jnp", "special"),
        "torch": logerfc_source("torch", "torch.special"),
    },
)

# ∫ exp(t²) dt from 0, scaled to stay bounded.
dawson: Function = define(
    "dawson",
    formula="exp(-x²) ∫₀ˣ exp(t²) dt, Dawson's integral; dawson' = 1 - 2x dawson (DLMF 7.5.4)",
    d=lambda x, y: 1 - 2 * x * y,
    exact={0: 0},
    parity="odd",
    evaluate=lambda np, x: numeric.special().dawsn(x),
    elementary=True,
    spell={
        "numpy": "special.dawsn({0})",
        "c": "dawson({0})",
        "matlab": "dawson({0})",
        "julia": "dawson.({0})",
    },
    helpers={
        "matlab": matlab.DAWSON,
        "c": DAWSON,
        "jax": dawson_source("jnp"),
        "torch": dawson_source("torch"),
    },
)

gelu: Function = composite(
    "gelu",
    formula="x Φ(x) = x (1 + erf(x/√2))/2 (Hendrycks & Gimpel 2016)",
    build=lambda x: x.e * (1 + erf(x.e * Expr(build.constant(2)) ** -HALF)) / 2,
    evaluate=lambda np, x: x * (1 + numeric.special().erf(x / np.sqrt(2))) / 2,
    definition="x*(1 + erf(x/2^(1/2)))/2",
)


def _lgamma(np: Any, x: Any) -> Any:
    module = numeric.special()
    return module.loggamma(x) if np.iscomplexobj(x) else module.gammaln(x)


POSITIVE = (Condition("{0} > 0"),)

lgamma: Function = define(
    "lgamma",
    formula="log Γ(x) for x > 0; lgamma' = digamma (DLMF 5.2.2)",
    d=lambda x, y: digamma(x),
    exact={1: 0, 2: 0},
    conditions=POSITIVE,
    evaluate=_lgamma,
    domain="positive",
    arguments=("p",),
    elementary=True,
    latex=r"\log\Gamma\left({0}\right)",
    unicode="logΓ({0})",
    spell={
        "numpy": "special.gammaln({0})",
        "c": "lgamma({0})",
        "matlab": "gammaln({0})",
        "julia": "loggamma.({0})",
    },
)

digamma: Function = define(
    "digamma",
    formula="ψ(x) = Γ'(x)/Γ(x) for x > 0; digamma' = trigamma (DLMF 5.2.2)",
    d=lambda x, y: trigamma(x),
    conditions=POSITIVE,
    evaluate=lambda np, x: numeric.special().digamma(x),
    domain="positive",
    arguments=("p",),
    elementary=True,
    latex=r"\psi\left({0}\right)",
    unicode="ψ({0})",
    spell={
        "numpy": "special.digamma({0})",
        "c": "digamma({0})",
        "matlab": "psi({0})",
        "julia": "digamma.({0})",
    },
    helpers={"c": DIGAMMA},
)

trigamma: Function = define(
    "trigamma",
    formula="ψ'(x) for x > 0; trigamma' = polygamma(2, x) (DLMF 5.15)",
    d=lambda x, y: polygamma(Expr(build.constant(2)), x),
    sign="positive",
    conditions=POSITIVE,
    evaluate=lambda np, x: numeric.special().polygamma(1, x),
    analytic=False,
    domain="positive",
    arguments=("p",),
    definition="polygamma(1, x)",
    latex=r"\psi'\left({0}\right)",
    unicode="ψ′({0})",
    spell={
        "numpy": "special.polygamma(1, {0})",
        "c": "polygamma(1.0, {0})",
        "torch": "torch.special.zeta(2, {0})",
        "matlab": "psi(1, {0})",
        "julia": "trigamma.({0})",
    },
    helpers={"c": POLYGAMMA},
)


def _named_polygamma(k: Node, x: Node) -> Expr | None:
    """The first two have names of their own."""
    number = build.constant_value(k)
    named = digamma if number == 0 else trigamma if number == 1 else None
    return None if named is None else named(Expr(x))


polygamma: Function = define(
    "polygamma",
    parameters=("int", "expr"),
    shape=lambda unify, name, args: args[1],
    formula="ψ⁽ᵏ⁾(x) for x > 0 and k = 0, 1, …; the derivative raises k by 1 (DLMF 5.15)",
    d=(lambda k, x, y: 0, lambda k, x, y: polygamma(k + 1, x)),
    rewrite=_named_polygamma,
    conditions=(Condition("{1} > 0"),),
    evaluate=lambda np, k, x: numeric.special().polygamma(k, x),
    analytic=False,
    arguments=("2, p", "1, p", "3, p"),
    elementary=True,
    latex=r"\psi^{{({0})}}\left({1}\right)",
    spell={
        "numpy": "special.polygamma({0}, {1})",
        "c": "polygamma({0}, {1})",
        "matlab": "psi({0}, {1})",
        "julia": "polygamma.({0}, {1})",
    },
    helpers={
        "c": POLYGAMMA,
        "torch": """\
def polygamma(n, x):
    order = torch.where(n > 0, n, 1.0)
    sign = 2 * torch.remainder(order, 2) - 1
    value = sign * torch.exp(torch.lgamma(order + 1)) * torch.special.zeta(order + 1, x)
    return torch.where(n > 0, value, torch.digamma(x))
""",
        "jax": """\
def polygamma(n, x):
    order = jnp.where(n > 0, n, 1.0)
    sign = 2 * jnp.remainder(order, 2) - 1
    value = sign * jnp.exp(special.gammaln(order + 1)) * special.zeta(order + 1, x)
    return jnp.where(n > 0, value, special.digamma(x))
""",
    },
)


def _gamma(np: Any, x: Any) -> Any:
    """Only where it is positive, as everything that is known of it says."""
    return np.where(np.real(x) > 0, numeric.special().gamma(x), np.nan)


gamma: Function = define(
    "gamma",
    formula="Γ(x) = ∫ t^(x-1) exp(-t) dt for x > 0; gamma' = gamma digamma (DLMF 5.2)",
    d=lambda x, y: y * digamma(x),
    exact={1: 1, 2: 1, 3: 2, 4: 6},
    sign="positive",
    conditions=POSITIVE,
    evaluate=_gamma,
    domain="positive",
    arguments=("p",),
    elementary=True,
    latex=r"\Gamma\left({0}\right)",
    unicode="Γ({0})",
    spell={
        "numpy": "special.gamma({0})",
        "c": "tgamma({0})",
        "matlab": "gamma({0})",
        "julia": "gamma.({0})",
    },
    helpers={
        "torch": """\
def gamma(x):
    odd = torch.remainder(torch.floor(torch.where(x < 0, x, 0.0)), 2) == 1
    size = torch.exp(torch.lgamma(x))
    return torch.where(odd, -size, size)
""",
    },
)


def _branch_shape(unify: Unifier, name: str, args: Any) -> Shape:
    shape: Shape = args[0]
    if len(args) > 1 and args[1] not in (0, -1):
        raise ShapeError(
            say(
                "{name} has the real branches 0 and -1; {branch} is not one.",
                name=name,
                branch=args[1],
            ),
            kind="arity",
            hint=say("LambertW(x) is the principal branch, LambertW(x, -1) the lower one."),
        )
    return shape


def _lambert_w(np: Any, x: Any, k: Any = 0) -> Any:
    value = numeric.special().lambertw(x, int(np.ravel(np.real(k))[0]))
    return value if np.iscomplexobj(x) else np.where(value.imag == 0, value.real, np.nan)[()]


def _branch_points(arguments: Sequence[Any]) -> tuple[Condition, ...]:
    """Branch 0 is defined from -1/e on, branch -1 up to 0."""
    start = Condition("{0} > -exp(-1)")
    if -1 in arguments[1:]:
        return (start, Condition("{0} < 0"))
    return () if is_nonnegative(arguments[0].node) else (start,)


LambertW: Function = define(
    "LambertW",
    parameters=("expr", "int?"),
    defaults=(0,),
    formula="the w with w exp(w) = x; the branch k is 0 or -1; W' = exp(-W)/(1 + W) (DLMF 4.13)",
    shape=_branch_shape,
    d=(lambda x, k, y: exp(-y) / (1 + y), lambda x, k, y: 0),
    rewrite=lambda x, k: x if build.is_zero(x) and build.is_zero(k) else None,
    conditions=(Condition("{0} > -exp(-1)"),),
    conditions_for=_branch_points,
    evaluate=_lambert_w,
    domain="positive",
    arguments=("p", "p, 0"),
    elementary=True,
    latex=(r"W\left({0}\right)", r"W_{{{1}}}\left({0}\right)"),
    spell={
        "c": "LambertW({0}, {1})",
        "matlab": "LambertW({0}, {1})",
        "julia": "LambertW.({0}, {1})",
    },
    helpers={
        "julia": julia.LAMBERT_W,
        "matlab": matlab.LAMBERT_W,
        "numpy": """\
def LambertW(x, k):
    w = special.lambertw(x, np.asarray(k, dtype=int))
    return np.where(w.imag == 0, w.real, np.nan)[()]
""",
        "c": LAMBERT_W,
        "jax": lambert_w_source("jnp"),
        "torch": lambert_w_source("torch"),
    },
)

xlogx: Function = define(
    "xlogx",
    formula="x log(x), and 0 at 0; xlogx' = 1 + log",
    d=lambda x, y: 1 + log(x),
    exact={0: 0, 1: 0},
    conditions=(Condition("{0} > 0", smooth=True, border=True),),
    evaluate=lambda np, x: np.where(x == 0, 0, x * np.log(np.where(x == 0, 1, x))),
    domain="positive",
    arguments=("p",),
    definition="piecewise(x == 0, 0, x*log(x))",
    spell={
        "numpy": "special.xlogy({0}, {0})",
        "c": "({0} == 0.0 ? 0.0 : {0} * log({0}))",
        "python": "0.0 if {0} == 0.0 else {0} * math.log({0})",
        "matlab": "xlogx({0})",
        "julia": "xlogx.({0})",
    },
    helpers={"julia": julia.XLOGX, "matlab": matlab.XLOGX},
)
