"""A reader of the Julia that the writer writes, strict about what Julia refuses.

Julia is not run by the tests. The statements of a function are parsed by Julia's precedence and
computed with Julia's rules on NumPy arrays: vectors have one axis and broadcast as columns, a
transposed vector times a vector is a number, operators without a dot take no mixture of
arrays and numbers that Julia refuses, functions of numbers need a dot for arrays. The functions
that source carries are taken by name; their text is not run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.linalg
import scipy.special

from gradform.codegen.python.helpers import NUMPY_HELPERS
from gradform.functions import all_functions
from tests.golden.rows import Array

__all__ = ["evaluated"]

_TOKEN = re.compile(
    r"\s*(Matrix\{Float64\}|\d+\.?\d*(?:e[-+]?\d+)?|[A-Za-z_]\w*|\.[-+*/^<>=\\]=?|==|<=|>=|'|[-+*/\\^<>():\[\],;=.])"
)
_LEVELS = [
    (1, {"<", "<=", "==", ".<", ".<=", ".=="}),
    (2, {":"}),
    (3, {"+", "-", ".+", ".-"}),
    (4, {"*", "/", "\\", ".*", "./"}),
]
_LEVEL = {sign: level for level, signs in _LEVELS for sign in signs}


class Turned:
    """The transposed of a vector."""

    def __init__(self, vector: Array) -> None:
        self.vector = vector


def evaluated(source: str, arguments: list[Any]) -> list[Any]:
    """The outputs of the main function of a source."""
    head, *lines, end = source[source.rindex("\nfunction ") + 1 :].splitlines()
    assert end == "end"
    names = [name for name in head.partition("(")[2].removesuffix(")").split(", ") if name]
    words = dict(zip(names, arguments, strict=True))
    carried = set(re.findall(r"^(?:function )?(\w+)\([^)]*\)(?: =|$)", source, re.M))
    for line in map(str.strip, lines):
        if line.startswith("check_shape") or "|| throw" in line:
            continue
        if line.startswith("return "):
            return [words[name] for name in line[7:].split(", ")]
        name, _, code = line.partition(" = ")
        words[name] = _Reader(code, words, carried).value()
    raise AssertionError("nothing is returned")


class _Reader:
    def __init__(self, code: str, words: Mapping[str, Any], carried: set[str]) -> None:
        self.tokens = _TOKEN.findall(code)
        assert "".join(self.tokens) == re.sub(r"\s", "", code), code
        self.words = words
        self.carried = carried
        self.at = 0
        self.ended = ""

    def value(self) -> Any:
        found = self._binary(1)
        assert self.at == len(self.tokens), self.tokens[self.at :]
        return found

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._next()
        assert not wanted or token == wanted, (token, wanted, self.tokens)
        self.at += 1
        return token

    def _binary(self, level: int) -> Any:
        if level > 4:
            return self._unary()
        left = self._binary(level + 1)
        while _LEVEL.get(self._next()) == level:
            sign = self._take()
            left = _operated(sign, left, self._binary(level + 1))
        return left

    def _unary(self) -> Any:
        if self._next() == "-":
            self._take()
            value = self._unary()
            return Turned(-value.vector) if isinstance(value, Turned) else -value
        base = self._postfix()
        if self._next() in ("^", ".^"):
            sign = self._take()
            return _operated(sign, base, self._unary())
        return base

    def _postfix(self) -> Any:
        value = self._atom()
        while self._next() in ("'", "["):
            if self._take() == "'":
                value = _transposed(value)
                continue
            picks = self._list("]")
            value = value[tuple(_picked(pick) for pick in picks)]
        return value

    def _list(self, end: str) -> list[Any]:
        found: list[Any] = []
        while self._next() != end:
            if self._next() == ":" and self.tokens[self.at + 1] in (",", end):
                self._take()
                found.append(":")
            else:
                found.append(self._binary(1))
            if self._next() == ",":
                self._take()
            elif self._next() == ";":
                break
        self.ended = self._take()
        return found

    def _atom(self) -> Any:
        token = self._take()
        if token == "(":
            found = self._list(")")
            return found[0] if len(found) == 1 else tuple(found)
        if token[0].isdigit():
            return float(token) if "." in token or "e" in token else int(token)
        dotted = self._next() == "." and self.tokens[self.at + 1] in ("(", "eulergamma")
        if dotted:
            self._take()
        if self._next() == "(":
            self._take()
            return self._call(token, dotted)
        if token == "Float64":
            self._take("[")
            return np.array(self._list("]"), float)
        if token in self.words:
            return self.words[token]
        if dotted:
            return {"eulergamma": np.euler_gamma}[self._take()]
        return {"pi": np.pi, "Inf": np.inf, "I": "I", "true": True, "false": False}[token]

    def _call(self, name: str, dotted: bool) -> Any:
        given = self._list(")")
        named: dict[str, Any] = {}
        if self.ended == ";":
            key = self._take()
            self._take("=")
            named[key] = self._binary(1)
            self._take(")")
        if name in _NUMBERS and not (name == "exp" and not dotted and np.ndim(given[0]) == 2):
            assert name not in _OWN or name in self.carried, name
            if not dotted:
                assert all(np.ndim(each) == 0 for each in given), f"{name} needs a dot"
            return _NUMBERS[name](*_broadcast(given)) if dotted else _NUMBERS[name](*given)
        assert not dotted, name
        assert name not in _OWN or name in self.carried, name
        return _ARRAYS[name](*given, **named)


def _picked(pick: Any) -> Any:
    if isinstance(pick, range):
        return slice(pick.start - 1, pick.stop - 1)
    return slice(None) if pick == ":" else pick - 1


def _transposed(value: Any) -> Any:
    if isinstance(value, Turned):
        return value.vector
    if isinstance(value, range):
        value = np.array(value)
    return Turned(value) if np.ndim(value) == 1 else np.transpose(value)


def _array(value: Any) -> Any:
    return value.vector[None, :] if isinstance(value, Turned) else value


def _broadcast(values: list[Any]) -> list[Any]:
    """Trailing axes are filled up, as in Julia."""
    arrays = [np.asarray(_array(list(v) if isinstance(v, range) else v)) for v in values]
    rank = max(array.ndim for array in arrays)
    return [a.reshape(a.shape + (1,) * (rank - a.ndim)) if a.ndim else a[()] for a in arrays]


_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.float_power,
    "<": np.less, "<=": np.less_equal, "==": np.equal,
}  # fmt: skip


def _operated(sign: str, left: Any, right: Any) -> Any:
    if sign == ":":
        return range(int(left), int(right) + 1)
    if sign.startswith("."):
        return _SIGNS[sign[1:]](*_broadcast([left, right]))
    ranks = np.ndim(_array(left)), np.ndim(_array(right))
    if sign == "\\":
        return np.linalg.solve(left, right)
    if sign == "*" and min(ranks) > 0:
        return _multiplied(left, right)
    if sign in ("+", "-"):
        assert np.shape(_array(left)) == np.shape(_array(right)), f"{sign} needs a dot"
    if sign == "/":
        assert ranks[1] == 0, "/ needs a dot"
    if sign in ("^", "<", "<=", "=="):
        assert ranks == (0, 0), f"{sign} needs a dot"
    found = _SIGNS[sign](_array(left), _array(right))
    return Turned(found[0]) if isinstance(left, Turned) or isinstance(right, Turned) else found


def _multiplied(left: Any, right: Any) -> Any:
    if isinstance(left, Turned):
        found = left.vector @ _array(right)
        return Turned(found) if np.ndim(right) == 2 else found
    if isinstance(right, Turned):
        return np.outer(left, right.vector) if np.ndim(left) == 1 else left @ _array(right)
    assert np.ndim(left) == 2, "a vector times an array"
    return left @ right


def _along(function: Callable[..., Any]) -> Callable[..., Any]:
    """Sizes of one stay where axes are named, none are left where all are meant."""

    def reduced(x: Any, dims: Any = None) -> Any:
        x = np.asarray(_array(x))
        if dims is None:
            return function(x, axis=None, keepdims=False)
        places = tuple(d - 1 for d in (dims if isinstance(dims, tuple) else (dims,)))
        return function(x, axis=places, keepdims=True)

    return reduced


def _reshaped(x: Any, *sizes: Any) -> Any:
    return np.reshape(_array(x), [-1 if size == ":" else size for size in sizes], order="F")


def _dropped(x: Any, dims: Any) -> Any:
    return np.squeeze(x, tuple(d - 1 for d in (dims if isinstance(dims, tuple) else (dims,))))


def _identity(_: Any, rows: int, columns: int) -> Any:
    return np.eye(rows, columns)


def _fresh(x: Any, *fresh: bool) -> Any:
    sizes = iter(np.shape(x))
    return np.reshape(x, [1 if f else next(sizes) for f in fresh])


def _below(*parts: Any) -> Any:
    """Numbers and vectors as a vector, or matrices with as many columns."""
    arrays = [np.asarray(_array(part)) for part in parts]
    if max(array.ndim for array in arrays) < 2:
        return np.concatenate([np.atleast_1d(array) for array in arrays])
    return np.concatenate(arrays)


def _beside(*parts: Any) -> Any:
    """Vectors as columns, or matrices with as many rows."""
    arrays = [np.asarray(_array(part)) for part in parts]
    return np.concatenate([a[:, None] if a.ndim == 1 else a for a in arrays], axis=1)


def _softmax(x: Any, axis: Any, keepdims: bool) -> Any:
    return scipy.special.softmax(x, axis)


def _norm(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


_SPACE: dict[str, Any] = {"np": np, "special": scipy.special, "linalg": scipy.linalg}
exec("\n".join(NUMPY_HELPERS.values()), _SPACE)
for _record in all_functions():
    exec(_record.helpers.get("numpy", ""), _SPACE)

# Functions of numbers, those of Julia and those that source carries.
_NUMBERS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "expm1": np.expm1, "log1p": np.log1p, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asinh": np.arcsinh, "abs": np.abs, "floor": np.floor, "sign": np.sign, "max": np.maximum,
    "min": np.minimum, "ifelse": np.where, "erf": scipy.special.erf, "erfc": scipy.special.erfc,
    "gamma": scipy.special.gamma, "loggamma": scipy.special.gammaln,
    "digamma": scipy.special.digamma, "trigamma": lambda x: scipy.special.polygamma(1, x),
    "polygamma": scipy.special.polygamma, "dawson": scipy.special.dawsn,
    "erfcx": scipy.special.erfcx,
    "logerfc": lambda x: np.log(2) + scipy.special.log_ndtr(-np.sqrt(2) * x),
    "nan_log": np.log, "nan_log1p": np.log1p, "nan_asin": np.arcsin, "nan_acos": np.arccos,
    "nan_acosh": np.arccosh, "nan_atanh": np.arctanh, "nan_power": np.float_power,
    "nan_sqrt": np.sqrt, "logaddexp": np.logaddexp, "recip0": _SPACE["recip0"],
    "huber": _SPACE["huber"], "LambertW": _SPACE["LambertW"], "Float64": np.float64,
    "xlogx": lambda x: scipy.special.xlogy(x, x), "hypot": np.hypot,
}  # fmt: skip

_ARRAYS: dict[str, Callable[..., Any]] = {
    "float": lambda x: np.asarray(_array(x), float)[()], "collect": lambda x: np.array(_array(x)),
    "vec": lambda x: np.ravel(_array(x), order="F"),
    "size": lambda x, d: (*np.shape(x), 1, 1)[d - 1],
    "sum": _along(np.sum), "maximum": _along(np.max), "reshape": _reshaped,
    "logsumexp": _along(scipy.special.logsumexp), "root_of_squares": _along(_norm),
    "softmax": _along(_softmax),
    "permutedims": lambda x, order: np.transpose(x, [d - 1 for d in order]),
    "dropdims": _dropped, "insert_axes": _fresh, "zeros": lambda *n: np.zeros(n),
    "ones": lambda *n: np.ones(n), "fill": lambda a, *n: np.full(n, a), "diagm": np.diag,
    "Matrix{Float64}": _identity, "tril": np.tril, "triu": np.triu, "diag": np.diagonal,
    "tr": np.trace, "kron": np.kron, "inv": np.linalg.inv, "det": np.linalg.det,
    "logabsdet": lambda a: np.linalg.slogdet(a)[::-1], "first": lambda pair: pair[0],
    "cumsum": lambda x, dims: np.cumsum(x, dims - 1), "prod": np.prod,
    "reverse": lambda x, dims: np.flip(x, dims - 1), "mark_greatest": _SPACE["indmax"],
    "embed": lambda x, n, start, d: _SPACE["_embed"](x, n, start, d - 1),
    "spread": lambda x, a, b, _: _SPACE["_diagonals"](x, (a - 1, b - 1)),
    "vcat": _below, "hcat": _beside,
    "cat": lambda *parts, dims: np.concatenate(parts, dims - 1),
    "reshape_by_rows": lambda x, *n: np.reshape(x, n), "band_sums": _SPACE["bandsum"],
    "exp": scipy.linalg.expm, "polar": _SPACE["polar"], "eigenvectors": _SPACE["eigvecs"],
    "Symmetric": lambda s: s, "eigvals": np.linalg.eigvalsh,
    "svdvals": lambda x: np.linalg.svd(x, compute_uv=False),
    "pseudo_inverse": lambda x: np.linalg.pinv(x, rcond=1e-12),
}  # fmt: skip

# What is not Julia's own has to be carried.
_OWN = {name for name in (*_NUMBERS, *_ARRAYS) if name.startswith("nan_")} | {
    "logaddexp", "recip0", "huber", "LambertW", "xlogx", "logsumexp", "softmax", "insert_axes",
    "root_of_squares", "mark_greatest", "embed", "spread", "reshape_by_rows", "band_sums", "polar",
    "eigenvectors", "pseudo_inverse",
}  # fmt: skip
