"""Functions with kinks and jumps: absolute value, sign, step, relu, maximum.

At a kink they take the mean of the one-sided values: step(0) = 1/2, sign(0) = 0. For
complex arguments, which only a complex step brings, the real part decides.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradform.functions import numeric
from gradform.functions.elementwise import expm1
from gradform.functions.normal_forms import is_factor
from gradform.functions.operators import content
from gradform.functions.record import Condition, Function, Powers, composite, define
from gradform.functions.sources import julia, matlab
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Coefficient, Leaf, Node, Symbol, topological
from gradform.ir.sign import is_nonnegative, is_positive

NOT_ZERO = (Condition("{0} != 0", smooth=True),)


def _whole(*powers: Coefficient) -> bool:
    return all(isinstance(power, int) and power > 0 for power in powers)


def _nonzero(*powers: tuple[Node, Coefficient]) -> Powers:
    return [entry for entry in powers if entry[1]]


def _abs_times_sign(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
    """|x|·sign(x) = x and x/|x| = sign(x)"""
    x = node.args[0]
    if not is_factor(x):
        return None
    if isinstance(other, Apply) and other.fn is sign and other.args == node.args and _whole(p, q):
        return _nonzero((x, 1), (node, p - 1), (other, q - 1))
    if other is x and p == -1 and _whole(q):
        return _nonzero((sign.apply(x), 1), (x, q - 1))
    return None


def _even_abs(node: Apply, p: Coefficient) -> Powers | None:
    """|x|^2k = x^2k"""
    even = isinstance(p, int) and p % 2 == 0
    return [(node.args[0], p)] if even and is_factor(node.args[0]) else None


def _abs_of(x: Node) -> Expr | None:
    """|c·t| = |c|·|t|, and |t| = t for t >= 0"""
    number, core = content(x)
    size = max(number, -number)
    if is_nonnegative(core):
        return Expr(core) * size
    return None if number == 1 else abs_(Expr(core)) * size


abs_: Function = define(
    "abs",
    formula="|x|, entrywise; abs' = sign",
    d=lambda x, y: sign(x),
    exact={0: 0},
    rewrite=_abs_of,
    product_laws=(_abs_times_sign,),
    power_law=_even_abs,
    sign="nonnegative",
    conditions=NOT_ZERO,
    kinks=((0, -1, 1),),
    evaluate=lambda np, x: x * np.sign(np.real(x)),
    elementary=True,
    latex=r"\left\lvert {0} \right\rvert",
    unicode="|{0}|",
    spell={
        "numpy": "np.abs({0})",
        "c": "fabs({0})",
        "python": "abs({0})",
        "matlab": "abs({0})",
        "julia": "abs.({0})",
    },
)


def _sign_of(x: Node) -> Expr | None:
    """sign(c·t) = sign(c)·sign(t), and 1 for t > 0"""
    number, core = content(x)
    if is_positive(core) and number:
        return Expr(build.constant(1 if number > 0 else -1, x.axes))
    return None if number == 1 else sign(Expr(core)) * (1 if number > 0 else -1)


def _sign_power(node: Apply, p: Coefficient) -> Powers | None:
    """sign(x)² = 1 where sign has a derivative"""
    if not isinstance(p, int) or p in (0, 1) or _has_zero_entries(node):
        return None
    return [(node, 1)] if p % 2 else []


def _has_zero_entries(node: Node) -> bool:
    """Whether some variable or leaf below may be exactly 0 at admissible points."""
    return any(
        (isinstance(each, Leaf) and each.rank > 0)
        or (isinstance(each, Symbol) and bool(each.structure & {"binary", "onehot"}))
        for each in topological(node)
    )


def _sign_times(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
    """sign(x)·x^q = |x|·x^(q-1)"""
    x = node.args[0]
    if other is not x or p != 1 or not isinstance(q, int) or q < 1:
        return None
    return _nonzero((abs_.apply(x), 1), (x, q - 1))


sign: Function = define(
    "sign",
    formula="1 for x > 0, 0 at 0, -1 for x < 0; sign' = 0",
    d=lambda x, y: 0,
    exact={0: 0},
    rewrite=_sign_of,
    power_law=_sign_power,
    product_laws=(_sign_times,),
    conditions=NOT_ZERO,
    evaluate=lambda np, x: np.sign(np.real(x)) + 0 * x,
    elementary=True,
    spell={
        "numpy": "np.sign({0})",
        "c": "({0} > 0.0 ? 1.0 : {0} < 0.0 ? -1.0 : {0})",
        "python": "1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else {0}",
        "matlab": "sign({0})",
        "julia": "sign.({0})",
    },
    helpers={
        "torch": """\
def sign(x):
    return torch.where(torch.isnan(x), x, torch.sign(x))
""",
    },
)


def _step_of(x: Node) -> Expr | None:
    """step(c·t) = step(t) for c > 0, step(t) = 1 for t > 0"""
    number, core = content(x)
    if is_positive(core) and number:
        return Expr(build.constant(1 if number > 0 else 0, x.axes))
    if number < 0:
        return 1 - step(Expr(build.scale(-1, x)))
    return None if number == 1 else step(Expr(core))


def _step_times(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
    """x·step(x) = relu(x), relu(x)·step(x) = relu(x)"""
    x = node.args[0]
    if not _whole(p, q):
        return None
    if other is x:
        return _nonzero((relu.apply(x), 1), (x, q - 1), (node, p - 1))
    gate = isinstance(other, Apply) and other.fn is relu and other.args == node.args
    return [(other, q)] if gate else None


step: Function = define(
    "step",
    formula="1 for x > 0, 1/2 at 0, 0 for x < 0 (Heaviside); step' = 0",
    d=lambda x, y: 0,
    rewrite=_step_of,
    product_laws=(_step_times,),
    sign="nonnegative",
    conditions=NOT_ZERO,
    evaluate=lambda np, x: (1 + np.sign(np.real(x))) / 2 + 0 * x,
    definition="(1 + sign(x))/2",
    spell={
        "numpy": "np.heaviside({0}, 0.5)",
        "c": "({0} > 0.0 ? 1.0 : {0} < 0.0 ? 0.0 : {0} == 0.0 ? 0.5 : {0})",
        "python": "1.0 if {0} > 0.0 else 0.0 if {0} < 0.0 else 0.5 if {0} == 0.0 else {0}",
        "matlab": "((1 + sign({0})) / 2)",
        "julia": "((1 .+ sign.({0})) ./ 2)",
    },
    helpers={
        "torch": """\
def step(x):
    return torch.where(torch.isnan(x), x, (1 + torch.sign(x)) / 2)
""",
    },
)


def _relu_of(x: Node) -> Expr | None:
    """relu(c·t) = c·relu(t) for c > 0, relu(t) = t for t >= 0"""
    number, core = content(x)
    if is_nonnegative(core):
        return Expr(core) * max(number, 0)
    if number in (1, -1):
        return None
    return relu(Expr(core) * (1 if number > 0 else -1)) * max(number, -number)


def _relu_times(node: Apply, p: Coefficient, other: Node, q: Coefficient) -> Powers | None:
    """relu(x)·x = relu(x)²"""
    return [(node, p + q)] if other is node.args[0] and _whole(p, q) else None


relu: Function = define(
    "relu",
    formula="max(x, 0), entrywise; relu' = step",
    d=lambda x, y: step(x),
    exact={0: 0},
    rewrite=_relu_of,
    product_laws=(_relu_times,),
    sign="nonnegative",
    conditions=NOT_ZERO,
    kinks=((0, 0, 1),),
    evaluate=lambda np, x: np.where(np.real(x) > 0, x, 0 * x),
    definition="max(x, 0)",
    spell={
        "numpy": "np.maximum({0}, 0)",
        "c": "({0} <= 0.0 ? 0.0 : {0})",
        "python": "0.0 if {0} <= 0.0 else {0}",
        "torch": "torch.relu({0})",
        "matlab": "greater({0}, 0)",
        "julia": "max.({0}, 0)",
    },
    helpers={"matlab": matlab.GREATEST},
)

DIFFER = (Condition("{0} != {1}", smooth=True),)


def _maximum_of(x: Node, y: Node) -> Expr | Node | None:
    """max(x, x) = x, max(x, 0) = relu(x)"""
    if x is y:
        return x
    for one, other in ((x, y), (y, x)):
        if build.is_zero(other):
            return relu(Expr(one))
    return None


_HALF = Fraction(1, 2)


def _rounded_maximum(x: Expr, y: Expr, mu: Expr) -> Expr:
    """max(x, y) = (x + y + |x - y|)/2, with |t| as sqrt(t² + μ²)"""
    return (x + y + ((x - y) ** 2 + mu**2) ** _HALF) * _HALF


maximum: Function = define(
    "maximum",
    formula="the larger of x and y, entrywise; ∂/∂x = step(x - y), ∂/∂y = step(y - x)",
    d=(lambda x, y, z: step(x - y), lambda x, y, z: step(y - x)),
    rewrite=_maximum_of,
    conditions=DIFFER,
    evaluate=numeric.greater,
    arguments=("x, y", "x, a"),
    of_scalars="max",
    rounded=_rounded_maximum,
    definition="max(x, y)",
    latex=r"\max\left({0}, {1}\right)",
    unicode="max({0}, {1})",
    spell={
        "numpy": "np.maximum({0}, {1})",
        "c": "({0} >= {1} || {0} != {0} ? {0} : {1})",
        "python": "{0} if {0} >= {1} or {0} != {0} else {1}",
        "matlab": "greater({0}, {1})",
        "julia": "max.({0}, {1})",
    },
    helpers={"matlab": matlab.GREATEST},
)


def _minimum_of(x: Node, y: Node) -> Expr | Node | None:
    """min(x, x) = x, min(x, 0) = -relu(-x)"""
    if x is y:
        return x
    for one, other in ((x, y), (y, x)):
        if build.is_zero(other):
            return -relu(-Expr(one))
    return None


minimum: Function = define(
    "minimum",
    formula="the smaller of x and y, entrywise; ∂/∂x = step(y - x), ∂/∂y = step(x - y)",
    d=(lambda x, y, z: step(y - x), lambda x, y, z: step(x - y)),
    rewrite=_minimum_of,
    conditions=DIFFER,
    evaluate=numeric.lesser,
    arguments=("x, y", "x, a"),
    of_scalars="min",
    rounded=lambda x, y, mu: -_rounded_maximum(-x, -y, mu),
    definition="min(x, y)",
    latex=r"\min\left({0}, {1}\right)",
    unicode="min({0}, {1})",
    spell={
        "numpy": "np.minimum({0}, {1})",
        "c": "({0} <= {1} || {0} != {0} ? {0} : {1})",
        "python": "{0} if {0} <= {1} or {0} != {0} else {1}",
        "matlab": "lesser({0}, {1})",
        "julia": "min.({0}, {1})",
    },
    helpers={"matlab": matlab.LESSER},
)


def pairwise(name: str, count: int) -> tuple[Condition, ...]:
    """Where the largest or smallest of several numbers has kinks: one with the ones before."""
    places = [f"{{{k}}}" for k in range(count)]
    before = [places[0], *(f"{name}({', '.join(places[:k])})" for k in range(2, count))]
    pairs = zip(before, places[1:], strict=True)
    return tuple(Condition(f"{left} != {right}", smooth=True) for left, right in pairs)


def clipped(x: Expr, low: Expr, high: Expr) -> Expr:
    """x brought into [low, high]."""
    return minimum(maximum(x, low), high)


def _clip(np: Any, x: Any, low: Any, high: Any) -> Any:
    return numeric.lesser(np, numeric.greater(np, x, low), high)


clip: Function = composite(
    "clip",
    parameters=("expr", "expr", "expr"),
    formula="min(max(x, low), high), entrywise",
    build=lambda x, low, high: clipped(x.e, low.e, high.e),
    conditions=(
        Condition("{0} != {1}", smooth=True),
        Condition("{0} != {2}", smooth=True),
    ),
    evaluate=_clip,
    arguments=("x, a, y",),
    definition="min(max(x, y), z)",
)


leaky_relu: Function = composite(
    "leaky_relu",
    parameters=("expr", "expr?"),
    defaults=(Fraction(1, 100),),
    formula="x for x > 0, a x otherwise; a = 0.01 (Maas, Hannun & Ng 2013)",
    build=lambda x, a: relu(x.e) - a.e * relu(-x.e),
    conditions=NOT_ZERO,
    kinks=((0, 0.01, 1),),
    evaluate=lambda np, x, a=0.01: np.where(np.real(x) > 0, x, a * x),
    arguments=("x", "x, c"),
    definition="piecewise(x > 0, x, y*x)",
)

floor: Function = define(
    "floor",
    formula="the largest integer <= x, entrywise; floor' = 0",
    d=lambda x, y: 0,
    rewrite=lambda x: None if (v := build.constant_value(x)) is None else _floored(v, x),
    conditions=(Condition("floor({0}) != {0}", smooth=True),),
    evaluate=lambda np, x: np.floor(np.real(x)) + 0 * x,
    elementary=True,
    latex=r"\left\lfloor {0} \right\rfloor",
    unicode="⌊{0}⌋",
    spell={
        "numpy": "np.floor({0})",
        "c": "floor({0})",
        "python": "float(math.floor({0}))",
        "matlab": "floor({0})",
        "julia": "floor.({0})",
    },
)


def _floored(value: Coefficient, like: Node) -> Node:
    return build.constant(value // 1, like.axes)


softsign: Function = composite(
    "softsign",
    formula="x/(1 + |x|); softsign' = 1/(1 + |x|)² (Turian, Bergstra & Bengio 2009)",
    build=lambda x: x.e / (1 + abs_(x.e)),
    conditions=NOT_ZERO,
    evaluate=lambda np, x: x / (1 + x * np.sign(np.real(x))),
    definition="x/(1 + abs(x))",
)


elu: Function = composite(
    "elu",
    parameters=("expr", "expr?"),
    defaults=(1,),
    formula="x for x > 0, a (exp(x) - 1) otherwise; a = 1 (Clevert et al. 2016)",
    build=lambda x, a: relu(x.e) + a.e * expm1(-relu(-x.e)),
    conditions=NOT_ZERO,
    evaluate=lambda np, x, a=1: np.where(np.real(x) > 0, x, a * np.expm1(x)),
    arguments=("x", "x, c"),
    definition="piecewise(x > 0, x, y*(exp(x) - 1))",
)


def _reciprocal(np: Any, x: Any) -> Any:
    return np.where(x == 0, 0, 1 / np.where(x == 0, 1, x))


recip0: Function = define(
    "recip0",
    formula="1/x, and 0 at 0; recip0' = -recip0²",
    d=lambda x, y: -(y**2),
    exact={0: 0},
    conditions=NOT_ZERO,
    evaluate=_reciprocal,
    definition="piecewise(x == 0, 0, 1/x)",
    spell={
        "c": "({0} == 0.0 ? 0.0 : 1.0 / {0})",
        "python": "0.0 if {0} == 0.0 else 1.0 / {0}",
        "matlab": "recip0({0})",
        "julia": "recip0.({0})",
    },
    helpers={
        "julia": julia.RECIPROCAL,
        "matlab": matlab.RECIPROCAL,
        "numpy": """\
def recip0(x):
    zero = np.equal(x, 0)
    return np.where(zero, 0.0, 1.0 / np.where(zero, 1.0, x))
""",
        "torch": """\
def recip0(x):
    zero = x == 0
    return torch.where(zero, 0.0, 1.0 / torch.where(zero, 1.0, x))
""",
    },
)
