"""Every function of the input language once more, for NumPy and JAX alike.

Written from the definitions in SCHEMA.md and the textbooks, without a look at gradform's
records; arrays are 2-D. A function that is not in the table is evaluated by the
``evaluate`` of its record, which knows nothing of derivatives either.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeAlias

import numpy

from tests.oracle.backends import Backend

__all__ = ["TABLE", "Operation", "integer_power", "inverse"]

Operation: TypeAlias = Callable[..., Any]

MARGIN = 1e-3
LARGEST_CONDITION = 1e3
TABLE: dict[str, Operation] = {}


def _enter(*names: str) -> Callable[[Operation], Operation]:
    def enter(operation: Operation) -> Operation:
        for name in names:
            TABLE[name] = operation
        return operation

    return enter


def _one(value: Any, b: Backend) -> Any:
    return b.np.reshape(value, (1, 1))


# ---------------------------------------------------------------- questions


def _away(b: Backend, *values: Any) -> None:
    """No entry near 0."""
    b.ask(lambda: all(numpy.all(numpy.abs(value) > MARGIN) for value in values))


def _separated(b: Backend, values: Any, *, only_first: bool = False, smooth: bool = False) -> None:
    """Sorted values with gaps; only the first gap from the largest when so asked.

    With ``smooth`` the value exists without gaps, and only the derivative needs them.
    """

    def holds() -> bool:
        ordered = numpy.sort(numpy.ravel(values))[::-1]
        gaps = -numpy.diff(ordered)[: 1 if only_first else None]
        scale = float(numpy.max(numpy.abs(ordered)))
        return bool(numpy.all(gaps > MARGIN * scale))

    (b.ask if smooth else b.require)(holds)


def _regular(b: Backend, x: Any) -> None:
    b.require(lambda: numpy.linalg.cond(x) < LARGEST_CONDITION)


def _full_rank(
    b: Backend, x: Any, condition: float = LARGEST_CONDITION, *, smooth: bool = False
) -> None:
    def holds() -> bool:
        values = numpy.linalg.svd(x, compute_uv=False)
        return bool(values[-1] > values[0] / condition)

    (b.ask if smooth else b.require)(holds)


def _off_cut(b: Backend, x: Any) -> None:
    """No eigenvalue near the negative real axis, where Gauss's rule needs more nodes."""

    def holds() -> bool:
        values = numpy.linalg.eigvals(x)
        near = (values.real < 0) & (numpy.abs(values.imag) < numpy.abs(values.real))
        spread = numpy.max(numpy.abs(values)) / numpy.min(numpy.abs(values))
        apart = max(numpy.linalg.cond(x), spread) < LARGEST_CONDITION / 20
        return not near.any() and bool(apart)

    b.require(holds)


# ---------------------------------------------------------------- entry by entry


def _plain(name: str, numpy_name: str | None = None) -> None:
    TABLE[name] = lambda b, x: getattr(b.np, numpy_name or name)(x)


def _special(name: str, scipy_name: str | None = None) -> None:
    TABLE[name] = lambda b, x: getattr(b.special, scipy_name or name)(x)


for each in ("exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan"):
    _plain(each)
for each in ("sinh", "cosh", "tanh"):
    _plain(each)
for each in ("tan", "sinh", "cosh"):
    _plain("a" + each, "arc" + each)
for each in ("erf", "erfc", "digamma"):
    _special(each)
_special("lgamma", "gammaln")

TABLE["polygamma"] = lambda b, k, x: b.special.polygamma(k, x) if k else b.special.digamma(x)
TABLE["trigamma"] = lambda b, x: b.special.polygamma(1, x)
TABLE["pow"] = lambda b, x, e: b.np.exp(e * b.np.log(x))
TABLE["sigmoid"] = lambda b, x: 1 / (1 + b.np.exp(-x))
TABLE["softplus"] = lambda b, x: b.np.logaddexp(x, 0.0)
TABLE["logsigmoid"] = lambda b, x: -b.np.logaddexp(-x, 0.0)
TABLE["silu"] = lambda b, x: x / (1 + b.np.exp(-x))
TABLE["gelu"] = lambda b, x: x * b.special.erfc(-x / numpy.sqrt(2.0)) / 2


for each in ("sin", "cos", "tanh"):

    @_enter("a" + each)
    def _arc(b: Backend, x: Any, name: str = "arc" + each) -> Any:
        """Not near ±1, where the last digits of x decide."""
        b.require(lambda: numpy.all(numpy.abs(x) < 1 - MARGIN))
        return getattr(b.np, name)(x)


@_enter("abs")
def _abs(b: Backend, x: Any) -> Any:
    _away(b, x)
    return b.np.abs(x)


@_enter("piecewise")
def _piecewise(b: Backend, *parts: Any) -> Any:
    result = parts[-1]
    for condition, value in zip(parts[-3::-2], parts[-2::-2], strict=True):
        result = b.np.where(condition, value, result)
    return result


for each, choose in (
    ("where_negative", lambda c: c < 0),
    ("where_nonpositive", lambda c: c <= 0),
    ("where_zero", lambda c: c == 0),
):

    @_enter(each)
    def _where(b: Backend, c: Any, x: Any, y: Any, choose: Operation = choose) -> Any:
        _away(b, c)
        return b.np.where(choose(c), x, y)


@_enter("sign")
def _sign(b: Backend, x: Any) -> Any:
    b.require(lambda: numpy.all(x != 0))  # a stated condition, whatever is differentiated by
    _away(b, x)
    return b.np.sign(x)


@_enter("step")
def _step(b: Backend, x: Any) -> Any:
    _away(b, x)
    return (1 + b.np.sign(x)) / 2


@_enter("relu")
def _relu(b: Backend, x: Any) -> Any:
    _away(b, x)
    return b.np.where(x > 0, x, 0.0)


@_enter("leaky_relu")
def _leaky(b: Backend, x: Any, a: Any = 0.01) -> Any:
    _away(b, x)
    return b.np.where(x > 0, x, a * x)


@_enter("elu")
def _elu(b: Backend, x: Any, a: Any = 1.0) -> Any:
    _away(b, x)
    return b.np.where(x > 0, x, a * b.np.expm1(x))


@_enter("hinge")
def _hinge(b: Backend, x: Any) -> Any:
    _away(b, 1 - x)
    return b.np.where(x < 1, 1 - x, 0.0)


@_enter("quantile")
def _quantile(b: Backend, x: Any, t: Any) -> Any:
    _away(b, x)
    return b.np.where(x > 0, t * x, (t - 1) * x)


@_enter("maximum")
def _maximum(b: Backend, x: Any, y: Any) -> Any:
    _away(b, x - y)
    return b.np.where(x > y, x, y)


@_enter("minimum")
def _minimum(b: Backend, x: Any, y: Any) -> Any:
    _away(b, x - y)
    return b.np.where(x < y, x, y)


@_enter("clip")
def _clip(b: Backend, x: Any, low: Any, high: Any) -> Any:
    return _minimum(b, _maximum(b, x, low), high)


@_enter("huber")
def _huber(b: Backend, x: Any, d: Any = 1.0) -> Any:
    _away(b, x - d, x + d)
    b.require(lambda: numpy.all(d > 0))
    size = b.np.where(x > 0, x, -x)
    return b.np.where(size < d, x * x / 2, d * size - d * d / 2)


@_enter("floor")
def _floor(b: Backend, x: Any) -> Any:
    below = b.fixed(b.np.floor(x))
    _away(b, x - below, x - below - 1)
    return below + 0 * x


@_enter("xlogx")
def _xlogx(b: Backend, x: Any) -> Any:
    b.require(lambda: numpy.all(x > 0))
    return x * b.np.log(x)


@_enter("softsign")
def _softsign(b: Backend, x: Any) -> Any:
    return x / (1 + _abs(b, x))


@_enter("gamma")
def _gamma(b: Backend, x: Any) -> Any:
    b.require(lambda: numpy.all(x > 0))
    return b.np.exp(b.special.gammaln(x))


@_enter("LambertW")
def _lambert_w(b: Backend, x: Any, k: int = 0) -> Any:
    """Newton's iteration for w exp(w) = x."""
    b.require(lambda: k == 0 and numpy.all(x > MARGIN - numpy.exp(-1)))
    w = b.np.log1p(b.np.where(x > 0, x, 0.9 * x))
    for _ in range(20):
        w = w - (w - x * b.np.exp(-w)) / (1 + w)
    return w


@_enter("recip0")
def _recip0(b: Backend, x: Any) -> Any:
    _away(b, x)
    return b.np.where(x == 0, 0.0, 1 / b.np.where(x == 0, 1.0, x))


# ---------------------------------------------------------------- reductions


def _at(axis: int | None) -> int | None:
    return None if axis is None else axis - 1


TABLE["sum"] = lambda b, x, axis=None: b.np.sum(x, _at(axis), keepdims=True)
TABLE["mean"] = lambda b, x, axis=None: b.np.mean(x, _at(axis), keepdims=True)


@_enter("var")
def _var(b: Backend, x: Any, axis: int | None = None) -> Any:
    centred = x - b.np.mean(x, _at(axis), keepdims=True)
    return b.np.mean(centred**2, _at(axis), keepdims=True)


@_enter("std")
def _std(b: Backend, x: Any, axis: int | None = None) -> Any:
    variance = _var(b, x, axis)
    _away(b, variance)
    return b.np.sqrt(variance)


@_enter("cov")
def _cov(b: Backend, x: Any) -> Any:
    centred = x - b.np.mean(x, 0, keepdims=True)
    return b.np.einsum("ki,kj->ij", centred, centred) / x.shape[0]


@_enter("prod")
def _prod(b: Backend, x: Any) -> Any:
    _away(b, x)
    return b.np.prod(x, keepdims=True)


@_enter("cumsum")
def _cumsum(b: Backend, x: Any, axis: int | None = None) -> Any:
    if axis is None:
        axis = 2 if x.shape[0] == 1 else 1
    return b.np.cumsum(x, axis - 1)


@_enter("max")
def _max(b: Backend, x: Any, *more: Any) -> Any:
    if more:
        return reduce(lambda left, right: _maximum(b, left, right), more, x)
    _separated(b, x, only_first=True, smooth=True)
    return b.np.max(x, keepdims=True)


@_enter("min")
def _min(b: Backend, x: Any, *more: Any) -> Any:
    if more:
        return reduce(lambda left, right: _minimum(b, left, right), more, x)
    _separated(b, -x, only_first=True, smooth=True)
    return b.np.min(x, keepdims=True)


@_enter("indmax")
def _indmax(b: Backend, x: Any) -> Any:
    _separated(b, x, only_first=True)
    if _is_plain(x):  # the first of several
        return numpy.where(numpy.arange(x.size).reshape(x.shape) == numpy.argmax(x), 1.0, 0.0)
    return b.np.where(x == b.np.max(x), 1.0, 0.0)


@_enter("logsumexp")
def _logsumexp(b: Backend, x: Any, axis: int | None = None) -> Any:
    top = b.fixed(b.np.max(x, _at(axis), keepdims=True))
    return top + b.np.log(b.np.sum(b.np.exp(x - top), _at(axis), keepdims=True))


TABLE["log_softmax"] = lambda b, x, axis=None: x - _logsumexp(b, x, axis)
TABLE["softmax"] = lambda b, x, axis=None: b.np.exp(x - _logsumexp(b, x, axis))
TABLE["mse"] = lambda b, x, y: b.np.mean((x - y) ** 2, keepdims=True)
TABLE["cross_entropy"] = lambda b, o, t: _logsumexp(b, o) - b.np.sum(t * o, keepdims=True)

# ---------------------------------------------------------------- order of entries


def _ranks(b: Backend, x: Any) -> Any:
    """How many entries are smaller, for each."""
    _separated(b, x)
    down, across = b.np.reshape(x, (-1, 1)), b.np.reshape(x, (1, -1))
    return b.np.sum(b.np.where(across < down, 1.0, 0.0), 1)


@_enter("indtop")
def _indtop(b: Backend, x: Any, k: int) -> Any:
    b.require(lambda: 1 <= k <= x.size)
    return b.np.reshape(b.np.where(_ranks(b, x) > x.size - k - 0.5, 1.0, 0.0), x.shape)


@_enter("sum_largest")
def _sum_largest(b: Backend, x: Any, k: int) -> Any:
    return b.np.sum(x * _indtop(b, x, k), keepdims=True)


@_enter("sorting")
def _sorting(b: Backend, x: Any) -> Any:
    places = numpy.arange(float(x.size)).reshape(-1, 1)
    return b.np.where(b.np.abs(b.np.reshape(_ranks(b, x), (1, -1)) - places) < 0.5, 1.0, 0.0)


@_enter("sort", "sorted")
def _sort(b: Backend, x: Any) -> Any:
    return b.np.reshape(_sorting(b, x) @ b.np.reshape(x, (-1, 1)), x.shape)


@_enter("topk")
def _topk(b: Backend, x: Any, k: int) -> Any:
    b.require(lambda: 1 <= k <= x.size)
    taken = (_sorting(b, x) @ b.np.reshape(x, (-1, 1)))[x.size - k :]
    return taken.T if x.shape[0] == 1 and x.size > 1 else taken


@_enter("indmedian")
def _indmedian(b: Backend, x: Any) -> Any:
    size = 0.3 + (x.size % 2 == 0) * 0.5
    near = b.np.abs(_ranks(b, x) - (x.size - 1) / 2) < size
    return b.np.reshape(b.np.where(near, 1.0 if x.size % 2 else 0.5, 0.0), x.shape)


@_enter("median")
def _median(b: Backend, x: Any) -> Any:
    return b.np.sum(x * _indmedian(b, x), keepdims=True)


# ---------------------------------------------------------------- sets


def _inside(b: Backend, gap: Any) -> Any:
    """0 where the gap is negative."""
    _away(b, gap)
    return b.np.where(gap < 0, 0.0, numpy.inf)


def _length(b: Backend, x: Any) -> Any:
    return b.np.sqrt(b.np.sum(x * x, keepdims=True))


def _positive_part(b: Backend, x: Any) -> Any:
    _away(b, x)
    return b.np.where(x > 0, x, 0.0)


def _distance(b: Backend, x: Any) -> Any:
    """The length of what is outside."""
    outside = _positive_part(b, x)
    b.ask(lambda: numpy.any(outside > MARGIN))
    return _length(b, outside)


def _least_eigenvalue(b: Backend, x: Any) -> Any:
    return b.np.reshape(b.fixed(numpy.linalg.eigvalsh((x + x.T) / 2)[0]), (1, 1))


TABLE["ind_nonneg"] = lambda b, x: _inside(b, -b.np.min(x, keepdims=True))
TABLE["ind_ball2"] = lambda b, x, r: _inside(b, _length(b, x) - r)
TABLE["ind_ball1"] = lambda b, x, r: _inside(b, b.np.sum(b.np.abs(x), keepdims=True) - r)
TABLE["dist_nonneg"] = lambda b, x: _distance(b, -x)
TABLE["dist_ball2"] = lambda b, x, r: _positive_part(b, _norm2(b, x) - r)


@_enter("ind_box")
def _ind_box(b: Backend, x: Any, low: Any, high: Any) -> Any:
    return _inside(b, b.np.max(b.np.where(low - x > x - high, low - x, x - high), keepdims=True))


@_enter("dist_box")
def _dist_box(b: Backend, x: Any, low: Any, high: Any) -> Any:
    b.require(lambda: numpy.all(low < high))
    below, above = _positive_part(b, low - x), _positive_part(b, x - high)
    b.ask(lambda: numpy.any(below + above > MARGIN))
    return _length(b, below + above)


@_enter("dist_affine")
def _dist_affine(b: Backend, x: Any, e: Any, f: Any) -> Any:
    gap = e @ x - f
    _regular(b, e @ e.T)
    _away(b, gap)
    return b.np.sqrt(b.np.sum(gap * b.np.linalg.solve(e @ e.T, gap), keepdims=True))


# ---------------------------------------------------------------- norms


TABLE["sumsq"] = lambda b, x: b.np.sum(x**2, keepdims=True)
TABLE["geo_mean"] = lambda b, x: b.np.exp(b.np.mean(b.np.log(x), keepdims=True))
TABLE["negentropy"] = lambda b, x: b.np.sum(_xlogx(b, x), keepdims=True)


@_enter("norm21")
def _norm21(b: Backend, x: Any) -> Any:
    squares = b.np.sum(x * x, 1, keepdims=True)
    _away(b, squares)
    return b.np.sum(b.np.sqrt(squares), keepdims=True)


@_enter("quad_over_lin")
def _quad_over_lin(b: Backend, x: Any, t: Any) -> Any:
    b.require(lambda: numpy.all(t > MARGIN))
    return b.np.sum(x * x, keepdims=True) / t


@_enter("norm1")
def _norm1(b: Backend, x: Any) -> Any:
    return b.np.sum(_abs(b, x), keepdims=True)


@_enter("norm2")
def _norm2(b: Backend, x: Any) -> Any:
    squares = b.np.sum(x * x, keepdims=True)
    _away(b, squares)
    return b.np.sqrt(squares)


@_enter("norminf")
def _norminf(b: Backend, x: Any) -> Any:
    return _max(b, b.np.where(x > 0, x, -x))


def _top_projector(b: Backend, gram: Any, doublings: int = 15) -> Any:
    """v v' for the eigenvector of the largest eigenvalue, by repeated squaring.

    Unlike a decomposition it does not care about the other eigenvalues.
    """
    power = gram / _trace(b, gram)
    for _ in range(doublings):
        power = power @ power
        power = power / _trace(b, power)
    return power


def _trace(b: Backend, x: Any) -> Any:
    return b.np.sum(x * numpy.eye(len(x)), keepdims=True)


def _top(b: Backend, x: Any) -> tuple[Any, Any]:
    """The largest singular value and u v'."""
    b.require(lambda: numpy.linalg.norm(x) > MARGIN)
    if min(x.shape) > 1:
        _separated(b, numpy.linalg.svd(x, compute_uv=False) if _is_plain(x) else x, only_first=True)
    if x.shape[0] < x.shape[1]:
        size, direction = _top(b, x.T)
        return size, direction.T
    moved = x @ _top_projector(b, x.T @ x)
    size = b.np.sqrt(b.np.sum(moved * moved))
    return _one(size, b), moved / size


def _is_plain(x: Any) -> bool:
    return isinstance(x, numpy.ndarray)


TABLE["normspec"] = lambda b, x: _top(b, x)[0]
TABLE["top_singular"] = lambda b, x: _top(b, x)[1]


@_enter("polar")
def _polar(b: Backend, x: Any) -> Any:
    """X (X'X)^(-1/2)"""
    if x.shape[0] < x.shape[1]:
        return _polar(b, x.T).T
    _full_rank(b, x, 30)
    if _is_plain(x):
        left, _, right = numpy.linalg.svd(x, full_matrices=False)
        return left @ right
    return x @ _inverse_root(b, x.T @ x)


@_enter("normnuc")
def _normnuc(b: Backend, x: Any) -> Any:
    """tr(P'X) = Σ σ for the polar factor P"""
    return b.np.sum(_polar(b, x) * x, keepdims=True)


# ---------------------------------------------------------------- products and structure

TABLE["dot"] = lambda b, x, y: b.np.sum(x.reshape(-1) * y.reshape(-1)).reshape(1, 1)
TABLE["outer"] = lambda b, x, y: x.reshape(-1, 1) * y.reshape(1, -1)
TABLE["kron"] = lambda b, x, y: b.np.kron(x, y)
TABLE["vec"] = lambda b, x: x.T.reshape(-1, 1)
TABLE["tr"] = _trace
TABLE["tril"] = lambda b, x: x * numpy.tri(*x.shape)
TABLE["triu"] = lambda b, x: x * numpy.tri(*x.shape).T


@_enter("diag")
def _diag(b: Backend, x: Any) -> Any:
    if 1 in x.shape:
        return x.reshape(-1, 1) * numpy.eye(x.size)
    return b.np.sum(x * numpy.eye(len(x)), 1, keepdims=True)


@_enter("sylvester")
def _sylvester(b: Backend, x: Any, y: Any, z: Any) -> Any:
    """vec(AY + YB) = (I⊗A + B'⊗I) vec(Y)"""
    m, n = len(x), len(y)
    system = b.np.kron(b.np.eye(n), x) + b.np.kron(y.T, b.np.eye(m))
    _regular(b, system)
    solution = b.np.linalg.solve(system, b.np.reshape(z.T, (-1, 1)))
    return b.np.reshape(solution, (n, m)).T


@_enter("bandsum")
def _bandsum(b: Backend, x: Any) -> Any:
    n = len(x)
    total: Any = 0.0
    for k in range(1 - n, n):
        band = numpy.eye(n, k=k)
        total = total + band * b.np.sum(band * x)
    return total


# ---------------------------------------------------------------- constants

TABLE["ones"] = lambda b, *sizes, shape: b.np.ones(shape)
TABLE["zeros"] = lambda b, *sizes, shape: b.np.zeros(shape)
TABLE["eye"] = lambda b, *sizes, shape: b.np.eye(shape[0])
TABLE["vector"] = lambda b, c, shape: c * b.np.ones(shape)
TABLE["matrix"] = lambda b, c, shape: c * b.np.ones(shape)


@_enter("unit")
def _unit(b: Backend, n: int, k: int) -> Any:
    if not 1 <= k <= n:
        raise ValueError("shapes that fit only at other sizes")
    return b.np.eye(n)[:, k - 1 : k]


@_enter("commute")
def _commute(b: Backend, m: int, n: int) -> Any:
    """K vec(A) = vec(A')"""
    result = numpy.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            result[i * n + j, j * m + i] = 1
    return b.np.asarray(result)


# ---------------------------------------------------------------- matrices


@_enter("inv")
def inverse(b: Backend, x: Any) -> Any:
    _regular(b, x)
    return b.np.linalg.inv(x)


@_enter("solve")
def _solve(b: Backend, a: Any, y: Any) -> Any:
    _regular(b, a)
    return b.np.linalg.solve(a, y)


@_enter("det")
def _det(b: Backend, x: Any) -> Any:
    _regular(b, x)
    return _one(b.np.linalg.det(x), b)


@_enter("logdet")
def _logdet(b: Backend, x: Any) -> Any:
    _regular(b, x)
    return _one(b.np.linalg.slogdet(x)[1], b)


@_enter("adj")
def _adj(b: Backend, x: Any) -> Any:
    return _det(b, x) * inverse(b, x)


@_enter("pinv")
def _pinv(b: Backend, x: Any) -> Any:
    """(X'X)⁻¹X' or X'(XX')⁻¹ where JAX differentiates, which is at points of full rank."""
    _full_rank(b, x)
    if _is_plain(x):
        return numpy.linalg.pinv(x)
    if x.shape[0] < x.shape[1]:
        return x.T @ b.np.linalg.inv(x @ x.T)
    return b.np.linalg.inv(x.T @ x) @ x.T


def integer_power(b: Backend, x: Any, times: int) -> Any:
    """Matrix power by multiplication, one factor after the other."""
    if times < 0:
        return integer_power(b, inverse(b, x), -times)
    result = b.np.eye(len(x))
    for _ in range(times):
        result = result @ x
    return result


# ---------------------------------------------------------------- matrix functions


def _expm(b: Backend, x: Any) -> Any:
    """Taylor's series of X/128, squared seven times."""
    b.require(lambda: numpy.linalg.norm(x) < 12)
    small = x / 128
    unit = b.np.eye(len(x))
    result = unit
    for k in range(14, 0, -1):
        result = unit + small @ result / k
    for _ in range(7):
        result = result @ result
    return result


_ANGLES = (numpy.arange(64) + 0.5) * numpy.pi / 128
_COS2, _SIN2 = numpy.cos(_ANGLES) ** 2, numpy.sin(_ANGLES) ** 2
_NODES, _WEIGHTS = numpy.polynomial.legendre.leggauss(64)


def _scale(b: Backend, x: Any) -> Any:
    """A number c such that X/c has eigenvalues around 1."""
    return b.fixed(b.np.abs(b.np.linalg.det(x)) ** (1.0 / len(x)))


def _inverse_root(b: Backend, x: Any) -> Any:
    """X^(-1/2) = (2/π) ∫ (X cos²θ + I sin²θ)⁻¹ dθ from 0 to π/2, by the midpoint rule."""
    c = _scale(b, x)
    unit = numpy.eye(len(x))
    stack = _COS2[:, None, None] * (x / c) + _SIN2[:, None, None] * unit
    return b.np.mean(b.np.linalg.inv(stack), 0) / b.np.sqrt(c)


def _sqrtm(b: Backend, x: Any) -> Any:
    _off_cut(b, x)
    return x @ _inverse_root(b, x)


def _logm(b: Backend, x: Any) -> Any:
    """log X = ∫ (X - I)(I + t(X - I))⁻¹ dt from 0 to 1, of X/c, by Gauss's rule."""
    _off_cut(b, x)
    c = _scale(b, x)
    unit = numpy.eye(len(x))
    small = x / c - unit
    stack = unit + ((_NODES + 1) / 2)[:, None, None] * small
    inverses = b.np.linalg.inv(stack)
    mean = b.np.sum((_WEIGHTS / 2)[:, None, None] * inverses, 0)
    return small @ mean + b.np.log(c) * unit


def _along(f: Operation) -> Operation:
    """The derivative in a direction: the corner of f([[X, E], [0, X]])."""

    def derivative(b: Backend, x: Any, e: Any) -> Any:
        if e.shape != x.shape:  # a scalar beside a matrix does not occur
            e = e * b.np.ones(x.shape)
        n = len(x)
        zero = b.np.zeros((n, n))
        blocks = b.np.concatenate([b.np.concatenate([x, e], 1), b.np.concatenate([zero, x], 1)], 0)
        return f(b, blocks)[:n, n:]

    return derivative


for each, function in (("expm", _expm), ("sqrtm", _sqrtm), ("logm", _logm)):
    TABLE[each] = function
    TABLE["d" + each] = _along(function)

# ---------------------------------------------------------------- decompositions


def _symmetric(x: Any) -> Any:
    return (x + x.T) / 2


@_enter("chol")
def _chol(b: Backend, x: Any) -> Any:
    s = _symmetric(x)
    b.require(lambda: _is_definite(s))
    return b.np.linalg.cholesky(s)


def _is_definite(s: Any) -> bool:
    values = numpy.linalg.eigvalsh(s)
    return bool(values[0] > values[-1] / LARGEST_CONDITION)


@_enter("eig")
def _eig(b: Backend, x: Any) -> Any:
    values = b.np.linalg.eigh(_symmetric(x))[0]
    _separated(b, values, smooth=True)
    return values.reshape(-1, 1)


def _pointed(b: Backend, vectors: Any) -> Any:
    """Columns with their entry of largest size positive."""
    sizes = b.np.abs(b.fixed(vectors))
    _each_column_separated(b, sizes)
    # of entries of equal size the first one, whatever rounding makes of them
    rounded = b.np.round(sizes, 9)
    first = b.np.cumsum(rounded == b.np.max(rounded, 0, keepdims=True), 0)
    largest = b.np.where(
        (first == 1) & (rounded == b.np.max(rounded, 0, keepdims=True)), b.fixed(vectors), 0.0
    )
    return vectors * b.np.sign(b.np.sum(largest, 0, keepdims=True))


def _each_column_separated(b: Backend, sizes: Any) -> None:
    if len(sizes) == 1:
        return
    b.require(lambda: numpy.all(numpy.diff(numpy.sort(sizes, 0), axis=0)[-1] > MARGIN))


@_enter("eigvecs")
def _eigvecs(b: Backend, x: Any) -> Any:
    values, vectors = b.np.linalg.eigh(_symmetric(x))
    _separated(b, values)
    return _pointed(b, vectors)


@_enter("lambda_sum_largest")
def _lambda_sum_largest(b: Backend, x: Any, k: int) -> Any:
    return _sum_largest(b, _eig(b, x), k)


@_enter("lambda_max")
def _lambda_max(b: Backend, x: Any) -> Any:
    s = _symmetric(x)
    if len(x) == 1:
        return s
    if _is_plain(s):
        _separated(b, numpy.linalg.eigvalsh(s) if _is_plain(s) else s, only_first=True)
    shift = b.fixed(b.np.sqrt(b.np.sum(s * s)))
    projector = _top_projector(b, s + shift * numpy.eye(len(x)), 16)
    return _one(b.np.sum(projector * s), b)


TABLE["lambda_min"] = lambda b, x: -_lambda_max(b, -x)


def _decomposed(b: Backend, x: Any) -> tuple[Any, Any]:
    """Singular values, descending, and right singular vectors of a tall matrix."""
    _, values, vectors = b.np.linalg.svd(x, full_matrices=False)
    _full_rank(b, x)
    _separated(b, values)
    return values, vectors.T


@_enter("svdvals")
def _svdvals(b: Backend, x: Any) -> Any:
    tall = x if x.shape[0] >= x.shape[1] else x.T
    return _decomposed(b, tall)[0].reshape(-1, 1)


@_enter("svd_right")
def _svd_right(b: Backend, x: Any) -> Any:
    if x.shape[0] < x.shape[1]:
        raise ValueError("shapes that fit only at other sizes")
    return _pointed(b, _decomposed(b, x)[1])
