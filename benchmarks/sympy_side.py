"""The public rows in SymPy, as far as SymPy can say them."""

from __future__ import annotations

import signal
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np
import sympy
from sympy.matrices.expressions import hadamard

from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Slice,
    Stack,
    Transpose,
    fold,
)
from gradform.syntax.parser import parse_formula
from tests.golden.rows import Array, Row

__all__ = ["Beside", "NotInSympy", "compare", "is_right", "sympy_answer", "sympy_function"]

_SECONDS = 20

_SCALAR = {
    name: getattr(sympy, name)
    for name in [
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "exp",
        "log",
        "sqrt",
        "erf",
        "digamma",
    ]
}
_SCALAR |= {
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "lgamma": sympy.loggamma,
    "log1p": lambda x: sympy.log(1 + x),
    "expm1": lambda x: sympy.exp(x) - 1,
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "relu": lambda x: sympy.Max(x, 0),
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
}


class NotInSympy(Exception):
    """The function cannot be written in SymPy's language of matrices."""


@dataclass
class Beside:
    """How SymPy does: milliseconds by row, and what went wrong."""

    version: str = f"SymPy {sympy.__version__}"
    times: dict[str, float] = field(default_factory=dict)
    wrong: list[tuple[Row, str]] = field(default_factory=list)
    silent: list[Row] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)


def compare(rows: Sequence[Row]) -> Beside:
    """SymPy's answers to all rows that it can be asked."""
    found = Beside()
    warnings.simplefilter("ignore")
    for row in rows:
        begin = time.process_time()
        try:
            with _limit(_SECONDS):
                text = sympy_answer(row)
        except NotInSympy as error:
            left = "unevaluated" in str(error)
            found.reasons["left unevaluated" if left else "not expressible"] += 1
            continue
        except Exception as error:  # SymPy's errors are of many types; each is counted
            found.reasons[type(error).__name__] += 1
            continue
        found.times[row.id] = (time.process_time() - begin) * 1e3
        verdict = is_right(row, row.points[0])
        if verdict is None:
            found.silent.append(row)
        elif not verdict:
            found.wrong.append((row, text))
    return found


@contextmanager
def _limit(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def sympy_function(row: Row) -> tuple[Any, dict[str, Any]]:
    """The function and its variables."""
    symbols = {name: _symbol(name, shape) for name, shape in row.shapes.items()}
    tree = parse_formula(row.data["expr"]).body
    try:
        return fold(tree, lambda node, parts: _translated(node, parts, symbols)), symbols
    except NotInSympy:
        raise
    except Exception as error:  # whatever SymPy says, the row has no form there
        raise NotInSympy(str(error)) from error


def sympy_answer(row: Row) -> str:
    """Translate, differentiate, simplify and print."""
    function, symbols = sympy_function(row)
    return str(differentiated(function, symbols[row.data["wrt"]], row.data.get("order", 1)))


def differentiated(function: Any, variable: Any, order: int) -> Any:
    result = function
    for _ in range(order):
        result = result.diff(variable)
    if isinstance(result, sympy.MatrixExpr):
        result = result.doit()
    elif not isinstance(result, sympy.NDimArray):
        result = sympy.simplify(result)
    if result.has(sympy.Derivative) or "ArrayDerivative" in str(type(result)):
        raise NotInSympy("the derivative is left unevaluated")
    return result


def is_right(row: Row, point: dict[str, Any]) -> bool | None:
    """Whether SymPy's answer has the value of the reference, whatever the order of its axes;
    None when it has no value."""
    function, symbols = sympy_function(row)
    answer = differentiated(function, symbols[row.data["wrt"]], row.data.get("order", 1))
    wanted = np.array(point["derivative"], float)
    try:
        found = _value(answer, row, symbols, point)
    except Exception:  # an answer that SymPy cannot evaluate has no value
        return None
    wanted, found = np.squeeze(wanted), np.squeeze(found)
    return any(_close(found, wanted.transpose(order)) for order in permutations(range(wanted.ndim)))


def _value(answer: Any, row: Row, symbols: dict[str, Any], point: dict[str, Any]) -> Array:
    sizes = {
        sympy.Symbol(name, integer=True, positive=True): n for name, n in point["dims"].items()
    }
    explicit = answer.subs(sizes)
    names, values = [], []
    for name, shape in row.shapes.items():
        array = np.array(point["inputs"][name], float)
        names.append(symbols[name].subs(sizes) if shape else symbols[name])
        values.append(array if len(shape) != 1 else array.reshape(-1, 1))
    evaluate = sympy.lambdify(names, explicit, ["numpy", "scipy"])
    return np.asarray(evaluate(*values), float)


def _close(found: Array, wanted: Array) -> bool:
    if found.shape != wanted.shape:
        return False
    scale = max(float(np.max(np.abs(wanted))), 1e-12) if wanted.size else 1.0
    return bool(np.all(np.abs(found - wanted) <= max(1e-8 * scale, 1e-15)))


def _size(size: str | int) -> Any:
    return size if isinstance(size, int) else sympy.Symbol(size, integer=True, positive=True)


def _symbol(name: str, shape: tuple[str | int, ...]) -> Any:
    if not shape:
        return sympy.Symbol(name, real=True)
    sizes = [_size(size) for size in shape]
    return sympy.MatrixSymbol(name, *(sizes if len(sizes) == 2 else (sizes[0], 1)))


def _is_matrix(value: Any) -> bool:
    return isinstance(value, sympy.MatrixExpr) and value.shape != (1, 1)


def _scalar(value: Any) -> Any:
    """A 1×1 product as a number, which is how SymPy's matrices give x'*x."""
    if isinstance(value, sympy.MatrixExpr) and value.shape == (1, 1):
        return (
            sympy.Trace(value).doit() if not isinstance(value, sympy.MatrixSymbol) else value[0, 0]
        )
    return value


def _translated(node: Formula, parts: list[Any], symbols: dict[str, Any]) -> Any:
    match node:
        case Number():
            return sympy.Rational(node.value.numerator, node.value.denominator)
        case Name():
            if node.name == "pi":
                return sympy.pi
            return symbols[node.name] if node.name in symbols else _size(node.name)
        case Neg():
            return -parts[0]
        case Add():
            total = parts[0]
            for sign, term in zip(node.signs[1:], parts[1:], strict=True):
                total = total + term if sign > 0 else total - term
            return total
        case Mul():
            return _product(node, parts)
        case Transpose():
            return parts[0].T if _is_matrix(parts[0]) else parts[0]
        case Power():
            return _power(node, *parts)
        case Call():
            return _call(node.name, parts, symbols)
        case Stack() | Slice():
            raise NotInSympy("stacks and slices")


def _product(node: Mul, parts: list[Any]) -> Any:
    result = parts[0]
    for op, factor in zip(node.ops[1:], parts[1:], strict=True):
        both = _is_matrix(result) and _is_matrix(factor)
        if op == ".*" and both:
            result = hadamard.HadamardProduct(result, factor)
        elif op == "./" and both:
            result = hadamard.HadamardProduct(result, hadamard.HadamardPower(factor, -1))
        elif op in ("/", "./"):
            result = result / _scalar(factor)
        elif both:
            result = _scalar(result * factor)
        else:
            result = result * factor
    return result


def _power(node: Power, base: Any, exponent: Any) -> Any:
    if node.elementwise and _is_matrix(base):
        return hadamard.HadamardPower(base, exponent)
    return base**exponent


def _call(name: str, parts: list[Any], symbols: dict[str, Any]) -> Any:
    if name in symbols:
        raise NotInSympy("entries")
    if name in _SCALAR:
        function = _SCALAR[name]
        return parts[0].applyfunc(function) if _is_matrix(parts[0]) else function(parts[0])
    return _matrix_call(name, parts)


def _matrix_call(name: str, parts: list[Any]) -> Any:
    x = parts[0]
    match name:
        case "tr" | "trace":
            return sympy.Trace(x)
        case "det":
            return sympy.Determinant(x)
        case "logdet":
            return sympy.log(sympy.Determinant(x))
        case "inv":
            return x.I
        case "solve":
            return x.I * parts[1]
        case "sum" if len(parts) == 1 and _is_matrix(x):
            return _scalar(_ones(x.shape[0]).T * x * _ones(x.shape[1]))
        case "norm2" if _is_matrix(x):
            return sympy.sqrt(sympy.Trace(x.T * x))
        case "dot":
            return _scalar(x.T * parts[1])
        case "eye":
            return sympy.Identity(x)
        case "ones":
            return sympy.OneMatrix(x, parts[1] if len(parts) > 1 else 1)
        case "kron":
            return sympy.KroneckerProduct(*parts)
        case "diag" if _is_matrix(x) and x.shape[1] == 1:
            return sympy.DiagMatrix(x)
    raise NotInSympy(name)


def _ones(size: Any) -> Any:
    return sympy.OneMatrix(size, 1)
