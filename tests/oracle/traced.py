"""Runs what JAX has traced, one primitive after the other, without compiling anything.

JAX differentiates; the arithmetic of the result is NumPy's. Compiling would take seconds
for a formula that is evaluated once. A primitive without an entry runs through JAX itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import scipy.linalg
import scipy.special
from numpy.typing import NDArray

__all__ = ["run"]

Array: TypeAlias = NDArray[Any]
Rule: TypeAlias = Callable[..., Any]


def run(closed: Any, arguments: Sequence[Array]) -> list[Array]:
    """The outputs of a closed jaxpr."""
    return _run(closed.jaxpr, closed.consts, arguments)


def _run(jaxpr: Any, consts: Sequence[Any], arguments: Sequence[Any]) -> list[Array]:
    values: dict[Any, Any] = {}

    def read(atom: Any) -> Any:
        return np.asarray(atom.val) if hasattr(atom, "val") else values[atom]

    given = zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *arguments), strict=True)
    values.update({variable: np.asarray(value) for variable, value in given})
    with np.errstate(all="ignore"):
        for equation in jaxpr.eqns:
            operands = [read(atom) for atom in equation.invars]
            results = _apply(equation.primitive, operands, equation.params)
            values.update(zip(equation.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(primitive: Any, operands: list[Any], params: dict[str, Any]) -> Sequence[Any]:
    rule = _RULES.get(primitive.name)
    if rule is not None:
        return [np.asarray(rule(*operands, **params))]
    several = _SEVERAL.get(primitive.name)
    if several is not None:
        return list(several(*operands, **params))
    found = primitive.bind(*operands, **params)
    return (
        [np.asarray(each) for each in found] if primitive.multiple_results else [np.asarray(found)]
    )


# ---------------------------------------------------------------- programs in programs


def _inline(*operands: Any, jaxpr: Any, **_: Any) -> list[Array]:
    return _run(jaxpr.jaxpr, jaxpr.consts, operands)


def _custom_call(*operands: Any, call_jaxpr: Any, **_: Any) -> list[Array]:
    return _run(call_jaxpr.jaxpr, call_jaxpr.consts, operands)


def _linear_solve(*operands: Any, const_lengths: Any, jaxprs: Any, **_: Any) -> list[Array]:
    """The part of the program that solves, applied to its constants and right-hand sides."""
    begin = const_lengths.matvec + const_lengths.vecmat
    consts = operands[begin : begin + const_lengths.solve]
    right = operands[sum(const_lengths) :]
    return _run(jaxprs.solve.jaxpr, jaxprs.solve.consts, (*consts, *right))


def _cond(index: Any, *operands: Any, branches: Any, **_: Any) -> list[Array]:
    branch = branches[int(index)]
    return _run(branch.jaxpr, branch.consts, operands)


def _split(x: Any, *, sizes: Any, axis: int) -> list[Array]:
    return np.split(x, np.cumsum(sizes)[:-1], axis)


def _top_lu(x: Any, **_: Any) -> list[Array]:
    """Factors in place, pivots and permutation, of each matrix of a stack."""
    n = x.shape[-1]
    stacked = x.reshape(-1, n, n)
    factors = [scipy.linalg.lu_factor(each) for each in stacked]
    orders = []
    for _factor, pivots in factors:
        order = np.arange(n)
        for k, pivot in enumerate(pivots):
            order[[k, pivot]] = order[[pivot, k]]
        orders.append(order)
    lead = x.shape[:-2]
    return [
        np.array([factor for factor, _ in factors]).reshape(x.shape),
        np.array([pivots for _, pivots in factors], np.int32).reshape(*lead, n),
        np.array(orders, np.int32).reshape(*lead, n),
    ]


_SEVERAL: dict[str, Rule] = {
    "jit": _inline,
    "pjit": _inline,
    "closed_call": _inline,
    "custom_jvp_call": _custom_call,
    "custom_vjp_call": _custom_call,
    "custom_linear_solve": _linear_solve,
    "cond": _cond,
    "split": _split,
    "lu": _top_lu,
}

# ---------------------------------------------------------------- shapes


def _broadcast(x: Any, *_: Any, shape: Any, broadcast_dimensions: Any, **__: Any) -> Array:
    extents = [1] * len(shape)
    for place, size in zip(broadcast_dimensions, np.shape(x), strict=True):
        extents[place] = size
    return np.broadcast_to(np.reshape(x, extents), shape)


def _slice(x: Any, *, start_indices: Any, limit_indices: Any, strides: Any) -> Array:
    steps = strides or (1,) * x.ndim
    index = tuple(map(slice, start_indices, limit_indices, steps))
    return np.asarray(x[index])


def _pad(x: Any, value: Any, *, padding_config: Any) -> Array:
    """Padding between entries, outside, or (negative) cropping."""
    for axis, (low, high, inner) in enumerate(padding_config):
        size = x.shape[axis]
        spread = size + max(size - 1, 0) * inner
        shape = (*x.shape[:axis], spread + low + high, *x.shape[axis + 1 :])
        result = np.full(shape, value, x.dtype)
        places = np.arange(size) * (inner + 1) + low
        inside = (places >= 0) & (places < shape[axis])
        index: list[Any] = [slice(None)] * x.ndim
        index[axis] = places[inside]
        result[tuple(index)] = np.compress(inside, x, axis)
        x = result
    return np.asarray(x)


def _iota(*, dtype: Any, shape: Any, dimension: int, **_: Any) -> Array:
    extents = [1] * len(shape)
    extents[dimension] = shape[dimension]
    return np.broadcast_to(np.arange(shape[dimension], dtype=dtype).reshape(extents), shape)


def _select(which: Any, *cases: Any) -> Array:
    if len(cases) == 2:
        return np.asarray(np.where(which, cases[1], cases[0]))
    return np.asarray(np.choose(which, cases))


# ---------------------------------------------------------------- sums and products


def _dot_general(x: Any, y: Any, *, dimension_numbers: Any, **_: Any) -> Array:
    (summed, summed2), (batch, batch2) = dimension_numbers
    labels = list(range(x.ndim))
    labels2 = list(range(x.ndim, x.ndim + y.ndim))
    for a, b in (*zip(summed, summed2, strict=True), *zip(batch, batch2, strict=True)):
        labels2[b] = labels[a]
    out = [labels[a] for a in batch]
    out += [labels[a] for a in range(x.ndim) if a not in summed and a not in batch]
    out += [labels2[b] for b in range(y.ndim) if b not in summed2 and b not in batch2]
    return np.asarray(np.einsum(x, labels, y, labels2, out))


def _reducing(operation: Rule) -> Rule:
    return lambda x, *, axes, **_: operation(x, axis=tuple(axes))


def _argument(operation: Rule) -> Rule:
    return lambda x, *, axes, index_dtype, **_: operation(x, axis=axes[0]).astype(index_dtype)


def _cumulating(operation: Rule) -> Rule:
    def rule(x: Any, *, axis: int, reverse: bool) -> Any:
        if reverse:
            return np.flip(operation(np.flip(x, axis), axis=axis), axis)
        return operation(x, axis=axis)

    return rule


def _triangular_solve(
    a: Any,
    b: Any,
    *,
    left_side: bool,
    lower: bool,
    transpose_a: bool,
    conjugate_a: bool,
    unit_diagonal: bool,
) -> Array:
    """By a general solve of the triangle, which is what it means."""
    a = np.tril(a) if lower else np.triu(a)
    if unit_diagonal:
        n = a.shape[-1]
        a = a * (1 - np.eye(n)) + np.eye(n)
    a = np.swapaxes(a, -1, -2) if transpose_a else a
    if left_side:
        return np.asarray(np.linalg.solve(a, b))
    turned = np.linalg.solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2))
    return np.asarray(np.swapaxes(turned, -1, -2))


def _unary(operation: Rule) -> Rule:
    return lambda x, **_: operation(x)


def _binary(operation: Rule) -> Rule:
    return lambda x, y, **_: operation(x, y)


_RULES: dict[str, Rule] = {
    "broadcast_in_dim": _broadcast,
    "reshape": lambda x, *_, new_sizes, **__: np.reshape(x, new_sizes),
    "squeeze": lambda x, *, dimensions: np.squeeze(x, tuple(dimensions)),
    "expand_dims": lambda x, *, dimensions: np.expand_dims(x, tuple(dimensions)),
    "transpose": lambda x, *, permutation: np.transpose(x, permutation),
    "slice": _slice,
    "pad": _pad,
    "iota": _iota,
    "concatenate": lambda *xs, dimension: np.concatenate(xs, dimension),
    "rev": lambda x, *, dimensions: np.flip(x, tuple(dimensions)),
    "select_n": _select,
    "convert_element_type": lambda x, *, new_dtype, **_: np.asarray(x).astype(new_dtype),
    "stop_gradient": _unary(np.asarray),
    "copy": _unary(np.asarray),
    "copy_p": _unary(np.asarray),
    "dot_general": _dot_general,
    "reduce_sum": _reducing(np.sum),
    "reduce_prod": _reducing(np.prod),
    "reduce_max": _reducing(np.max),
    "reduce_min": _reducing(np.min),
    "reduce_and": _reducing(np.all),
    "reduce_or": _reducing(np.any),
    "argmax": _argument(np.argmax),
    "argmin": _argument(np.argmin),
    "cumsum": _cumulating(np.cumsum),
    "cumprod": _cumulating(np.cumprod),
    "triangular_solve": _triangular_solve,
    "integer_pow": lambda x, *, y: np.asarray(x, float) ** y,
    "is_finite": _unary(np.isfinite),
    "not": _unary(np.logical_not),
    "digamma": _unary(scipy.special.digamma),
    "lgamma": _unary(scipy.special.gammaln),
    "erf": _unary(scipy.special.erf),
    "erfc": _unary(scipy.special.erfc),
    "polygamma": _binary(
        lambda k, x: np.where(k > 0, scipy.special.polygamma(k.astype(int), x), 0)
    ),
    "rsqrt": _unary(lambda x: 1 / np.sqrt(x)),
    "logistic": _unary(scipy.special.expit),
    "clamp": lambda low, x, high: np.clip(x, low, high),
    "rem": _binary(np.fmod),
    "div": _binary(lambda x, y: x / y if x.dtype.kind == "f" else x // y),
    "add_any": _binary(np.add),
}
_BINARY: dict[str, Rule] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
    "pow": np.power,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "atan2": np.arctan2,
}
_UNARY: dict[str, Rule] = {
    "neg": np.negative,
    "square": np.square,
    "abs": np.abs,
    "sign": np.sign,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "floor": np.floor,
}

_RULES |= {name: _binary(operation) for name, operation in _BINARY.items()}
_RULES |= {name: _unary(operation) for name, operation in _UNARY.items()}
