"""Exponential, logarithm, powers, circular and hyperbolic functions, entry by entry."""

from __future__ import annotations

from fractions import Fraction

from gradform.functions.logistic import sigmoid, softplus
from gradform.functions.normal_forms import (
    exp_of_log,
    exponential_times_sigmoid,
    log_of_factor_diagonal,
    log_of_product,
    merges,
    opened_below,
    power_with_number,
    raise_same_base,
    reciprocal_of_one_plus_exponential,
)
from gradform.functions.record import Condition, Function, composite, define
from gradform.functions.sources import julia, matlab
from gradform.ir.laws import SUM_POWER_LAWS

HALF = Fraction(1, 2)

exp: Function = define(
    "exp",
    formula="exp(x), entrywise; exp' = exp",
    d=lambda x, y: y,
    exact={0: 1},
    rewrite=lambda x: exp_of_log(exp, log, x),
    product_laws=(exponential_times_sigmoid(lambda: sigmoid),),
    sign="positive",
    complement=lambda x: -expm1(x),
    evaluate=lambda np, x: np.exp(x),
    elementary=True,
    spell={
        "numpy": "np.exp({0})",
        "c": "exp({0})",
        "python": "math.exp({0})",
        "matlab": "exp({0})",
        "julia": "exp.({0})",
    },
)

SUM_POWER_LAWS.append(reciprocal_of_one_plus_exponential(lambda: exp, lambda: sigmoid))

log: Function = define(
    "log",
    formula="log(x), the natural logarithm; log' = 1/x",
    d=lambda x, y: x**-1,
    exact={1: 0},
    rewrite=lambda x: log_of_product(exp, log, softplus, x),
    network_law=log_of_factor_diagonal,
    conditions=(Condition("{0} > 0"),),
    evaluate=lambda np, x: np.log(x),
    domain="positive",
    arguments=("p",),
    elementary=True,
    spell={
        "numpy": "np.log({0})",
        "c": "log({0})",
        "python": "math.log({0})",
        "matlab": "real_or_nan(log({0}))",
        "julia": "nan_log.({0})",
    },
    helpers={"julia": julia.NAN_LOG, "matlab": matlab.REAL_OR_NAN},
)

log1p: Function = define(
    "log1p",
    formula="log(1 + x), accurate for small x; log1p' = 1/(1 + x)",
    d=lambda x, y: (1 + x) ** -1,
    exact={0: 0},
    conditions=(Condition("{0} > -1"),),
    evaluate=lambda np, x: np.log1p(x),
    domain="positive",
    arguments=("p",),
    definition="log(1 + x)",
    spell={
        "numpy": "np.log1p({0})",
        "c": "log1p({0})",
        "python": "math.log1p({0})",
        "matlab": "real_or_nan(log1p({0}))",
        "julia": "nan_log1p.({0})",
    },
    helpers={"julia": julia.NAN_LOG1P, "matlab": matlab.REAL_OR_NAN},
)

expm1: Function = define(
    "expm1",
    formula="exp(x) - 1, accurate for small x; expm1' = exp",
    d=lambda x, y: exp(x),
    exact={0: 0},
    evaluate=lambda np, x: np.expm1(x),
    definition="exp(x) - 1",
    spell={
        "numpy": "np.expm1({0})",
        "c": "expm1({0})",
        "python": "math.expm1({0})",
        "matlab": "expm1({0})",
        "julia": "expm1.({0})",
    },
)

sqrt: Function = composite(
    "sqrt",
    formula="sqrt(x) = x^(1/2), entrywise; sqrt' = 1/(2 sqrt)",
    build=lambda x: x.e**HALF,
    conditions=(Condition("{0} > 0"),),
    evaluate=lambda np, x: np.sqrt(x),
    domain="positive",
    arguments=("p", "c"),
    definition="x^(1/2)",
    latex=r"\sqrt{{{0}}}",
    unicode="√({0})",
)

# x^e with an exponent that is not a rational number.
pow_: Function = define(
    "pow",
    formula="x^e = exp(e log x); ∂/∂x = e x^(e-1), ∂/∂e = x^e log x",
    d=(lambda x, e, y: e * pow_(x, e - 1), lambda x, e, y: y * log(x)),
    rewrite=power_with_number,
    product_laws=(raise_same_base,),
    sign="positive",
    conditions=(Condition("{0} > 0"),),
    evaluate=lambda np, x, e: np.exp(e * np.log(x)),
    domain="positive",
    arguments=("p, x", "c, x", "p, a"),
    definition="x^y",
    spell={
        "numpy": "np.float_power({0}, {1})",
        "c": "pow({0}, {1})",
        "python": "math.pow({0}, {1})",
        "jax": "jnp.power({0}, {1})",
        "torch": "torch.pow({0}, {1})",
        "matlab": "real_power({0}, {1})",
        "julia": "nan_power.({0}, {1})",
    },
    helpers={"julia": julia.NAN_POWER, "matlab": matlab.REAL_POWER},
)

sin: Function = define(
    "sin",
    formula="sin(x); sin' = cos",
    d=lambda x, y: cos(x),
    exact={0: 0},
    parity="odd",
    product_laws=(merges(lambda: cos, -1, lambda: tan, above=True),),
    evaluate=lambda np, x: np.sin(x),
    elementary=True,
    spell={
        "numpy": "np.sin({0})",
        "c": "sin({0})",
        "python": "math.sin({0})",
        "matlab": "sin({0})",
        "julia": "sin.({0})",
    },
)

cos: Function = define(
    "cos",
    formula="cos(x); cos' = -sin",
    d=lambda x, y: -sin(x),
    exact={0: 1},
    parity="even",
    evaluate=lambda np, x: np.cos(x),
    elementary=True,
    spell={
        "numpy": "np.cos({0})",
        "c": "cos({0})",
        "python": "math.cos({0})",
        "matlab": "cos({0})",
        "julia": "cos.({0})",
    },
)

tan: Function = define(
    "tan",
    formula="tan(x); tan' = 1 + tan²",
    d=lambda x, y: 1 + y**2,
    exact={0: 0},
    parity="odd",
    conditions=(Condition("cos({0}) != 0"),),
    power_law=opened_below(lambda: sin, lambda: cos),
    product_laws=(
        merges(lambda: cos, 1, lambda: sin),
        merges(lambda: sin, -1, lambda: cos, to=-1),
    ),
    evaluate=lambda np, x: np.tan(x),
    domain="unit",
    arguments=("u", "x"),
    elementary=True,
    spell={
        "numpy": "np.tan({0})",
        "c": "tan({0})",
        "python": "math.tan({0})",
        "matlab": "tan({0})",
        "julia": "tan.({0})",
    },
)

asin: Function = define(
    "asin",
    aliases=("arcsin",),
    formula="arcsin(x); asin' = (1 - x²)^(-1/2)",
    d=lambda x, y: (1 - x**2) ** -HALF,
    exact={0: 0},
    parity="odd",
    conditions=(Condition("abs({0}) < 1"),),
    evaluate=lambda np, x: np.arcsin(x),
    domain="unit",
    arguments=("u",),
    elementary=True,
    latex=r"\arcsin\left({0}\right)",
    unicode="arcsin({0})",
    spell={
        "numpy": "np.arcsin({0})",
        "c": "asin({0})",
        "python": "math.asin({0})",
        "matlab": "real_or_nan(asin({0}))",
        "julia": "nan_asin.({0})",
    },
    helpers={"julia": julia.NAN_ASIN, "matlab": matlab.REAL_OR_NAN},
)

acos: Function = define(
    "acos",
    aliases=("arccos",),
    formula="arccos(x); acos' = -(1 - x²)^(-1/2)",
    d=lambda x, y: -((1 - x**2) ** -HALF),
    exact={1: 0},
    conditions=(Condition("abs({0}) < 1"),),
    evaluate=lambda np, x: np.arccos(x),
    domain="unit",
    arguments=("u",),
    elementary=True,
    latex=r"\arccos\left({0}\right)",
    unicode="arccos({0})",
    spell={
        "numpy": "np.arccos({0})",
        "c": "acos({0})",
        "python": "math.acos({0})",
        "matlab": "real_or_nan(acos({0}))",
        "julia": "nan_acos.({0})",
    },
    helpers={"julia": julia.NAN_ACOS, "matlab": matlab.REAL_OR_NAN},
)

atan: Function = define(
    "atan",
    aliases=("arctan",),
    formula="arctan(x); atan' = 1/(1 + x²)",
    d=lambda x, y: (1 + x**2) ** -1,
    exact={0: 0},
    parity="odd",
    evaluate=lambda np, x: np.arctan(x),
    elementary=True,
    latex=r"\arctan\left({0}\right)",
    unicode="arctan({0})",
    spell={
        "numpy": "np.arctan({0})",
        "c": "atan({0})",
        "python": "math.atan({0})",
        "matlab": "atan({0})",
        "julia": "atan.({0})",
    },
)

sinh: Function = define(
    "sinh",
    formula="sinh(x); sinh' = cosh",
    d=lambda x, y: cosh(x),
    exact={0: 0},
    parity="odd",
    product_laws=(merges(lambda: cosh, -1, lambda: tanh),),
    evaluate=lambda np, x: np.sinh(x),
    definition="(exp(x) - exp(-x))/2",
    spell={
        "numpy": "np.sinh({0})",
        "c": "sinh({0})",
        "python": "math.sinh({0})",
        "matlab": "sinh({0})",
        "julia": "sinh.({0})",
    },
)

cosh: Function = define(
    "cosh",
    formula="cosh(x); cosh' = sinh",
    d=lambda x, y: sinh(x),
    logarithm=lambda x: log((exp(x) + exp(-x)) / 2),
    exact={0: 1},
    parity="even",
    sign="positive",
    evaluate=lambda np, x: np.cosh(x),
    definition="(exp(x) + exp(-x))/2",
    spell={
        "numpy": "np.cosh({0})",
        "c": "cosh({0})",
        "python": "math.cosh({0})",
        "matlab": "cosh({0})",
        "julia": "cosh.({0})",
    },
)

tanh: Function = define(
    "tanh",
    formula="tanh(x); tanh' = 1 - tanh²",
    d=lambda x, y: 1 - y**2,
    exact={0: 0},
    parity="odd",
    product_laws=(
        merges(lambda: cosh, 1, lambda: sinh),
        merges(lambda: sinh, -1, lambda: cosh, to=-1),
    ),
    evaluate=lambda np, x: np.tanh(x),
    definition="1 - 2/(exp(2*x) + 1)",
    spell={
        "numpy": "np.tanh({0})",
        "c": "tanh({0})",
        "python": "math.tanh({0})",
        "matlab": "tanh({0})",
        "julia": "tanh.({0})",
    },
)

asinh: Function = define(
    "asinh",
    aliases=("arcsinh",),
    formula="the inverse of sinh; asinh' = (1 + x²)^(-1/2)",
    d=lambda x, y: (1 + x**2) ** -HALF,
    exact={0: 0},
    parity="odd",
    evaluate=lambda np, x: np.arcsinh(x),
    definition="log(x + (1 + x^2)^(1/2))",
    latex=r"\operatorname{{arsinh}}\left({0}\right)",
    spell={
        "numpy": "np.arcsinh({0})",
        "c": "asinh({0})",
        "python": "math.asinh({0})",
        "matlab": "asinh({0})",
        "julia": "asinh.({0})",
    },
)

acosh: Function = define(
    "acosh",
    aliases=("arccosh",),
    formula="the inverse of cosh; acosh' = (x - 1)^(-1/2) (x + 1)^(-1/2)",
    d=lambda x, y: (x - 1) ** -HALF * (x + 1) ** -HALF,
    exact={1: 0},
    conditions=(Condition("{0} > 1"),),
    evaluate=lambda np, x: np.arccosh(x),
    domain="large",
    arguments=("r",),
    definition="log(x + (x^2 - 1)^(1/2))",
    latex=r"\operatorname{{arcosh}}\left({0}\right)",
    spell={
        "numpy": "np.arccosh({0})",
        "c": "acosh({0})",
        "python": "math.acosh({0})",
        "matlab": "real_or_nan(acosh({0}))",
        "julia": "nan_acosh.({0})",
    },
    helpers={"julia": julia.NAN_ACOSH, "matlab": matlab.REAL_OR_NAN},
)

atanh: Function = define(
    "atanh",
    aliases=("arctanh",),
    formula="the inverse of tanh; atanh' = 1/(1 - x²)",
    d=lambda x, y: (1 - x**2) ** -1,
    exact={0: 0},
    parity="odd",
    conditions=(Condition("abs({0}) < 1"),),
    evaluate=lambda np, x: np.arctanh(x),
    domain="unit",
    arguments=("u",),
    definition="log((1 + x)/(1 - x))/2",
    latex=r"\operatorname{{artanh}}\left({0}\right)",
    spell={
        "numpy": "np.arctanh({0})",
        "c": "atanh({0})",
        "python": "math.atanh({0})",
        "matlab": "real_or_nan(atanh({0}))",
        "julia": "nan_atanh.({0})",
    },
    helpers={"julia": julia.NAN_ATANH, "matlab": matlab.REAL_OR_NAN},
)
