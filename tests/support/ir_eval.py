"""The value of an expression by ``numpy.einsum``, one node after the other.

Slow and simple on purpose: an oracle for tests, with none of the compiler's ideas in it.
Function applications go through the ``evaluate`` of their record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradform.functions.numeric import frechet_tensor
from gradform.functions.record import Function
from gradform.ir.leaves import NUMBERS
from gradform.ir.nodes import Apply, Coefficient, Contraction, Leaf, Node, Sum, Symbol, topological

__all__ = ["Array", "evaluate_all", "evaluate_node"]

Array: TypeAlias = NDArray[Any]


def evaluate_node(root: Node, env: Mapping[str, Any], sizes: Mapping[str, int]) -> Array:
    """The value of ``root``: an array with its axes, for symbols by name and sizes by name."""
    return evaluate_all(root, env, sizes)[root]


def evaluate_all(root: Node, env: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[Node, Array]:
    """The values of ``root`` and of everything below it."""
    values: dict[Node, Array] = {}
    for node in topological(root):
        values[node] = _value(node, values, env, sizes)
    return values


def _value(
    node: Node, values: Mapping[Node, Array], env: Mapping[str, Any], sizes: Mapping[str, int]
) -> Array:
    extent = tuple(axis.evaluate(sizes) for axis in node.axes)
    match node:
        case Symbol():
            result = np.asarray(env[node.name])
        case Leaf():
            result = _leaf(node, extent, sizes)
        case Sum():
            result = np.asarray(sum(float(c) * values[term] for c, term in node.terms))
        case Contraction():
            result = _contraction(node, values, sizes)
        case Apply():
            result = _application(node, [values[arg] for arg in node.args], extent)
        case _:
            raise AssertionError(node)
    assert result.shape == extent, (node, result.shape, extent)
    return result


def _leaf(node: Leaf, extent: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
    params = [each.evaluate(sizes) for each in node.params]
    match node.kind:
        case "delta":
            return np.eye(extent[0])
        case "unit":
            return np.asarray(np.eye(extent[0])[params[0]])
        case "select":
            return np.eye(extent[1])[params[0] : params[0] + extent[0]]
        case "lower":
            return np.tril(np.ones(extent))
        case "flatten":
            return np.eye(extent[0]).reshape(extent)
        case "size":
            return np.array(float(params[0]))
        case kind if kind in NUMBERS:
            return np.array(NUMBERS[kind])
    raise AssertionError(node.kind)


def _power(base: Array, exponent: Coefficient) -> Array:
    if isinstance(exponent, int) and exponent >= 0:
        return np.asarray(base**exponent)
    kind = complex if np.iscomplexobj(base) else float
    return np.asarray(base.astype(kind) ** float(exponent))


def _contraction(
    node: Contraction, values: Mapping[Node, Array], sizes: Mapping[str, int]
) -> Array:
    operands: list[Any] = []
    used: set[int] = set()
    for factor, labels, exponent in node.factors:
        operands += [_power(values[factor], exponent), list(labels)]
        used.update(labels)
    for label in range(node.rank):
        if label not in used:
            operands += [np.ones(node.dims[label].evaluate(sizes)), [label]]
    if not operands:
        return np.array(float(node.coefficient))
    total = np.einsum(*operands, list(range(node.rank)), optimize=True)
    return np.asarray(float(node.coefficient) * total)


def _application(node: Apply, args: list[Array], extent: tuple[int, ...]) -> Array:
    record = node.fn
    tables = [arg.reshape(arg.shape + (1,) * (2 - arg.ndim)) for arg in args]
    if node.order and record.primary:
        return np.asarray(frechet_tensor(np, record.evaluate, tables[0], node.order))
    if node.order and record.linear_map:
        return _map_tensor(record, tables, extent)
    axis = [node.order] if node.order else []
    value: Array = np.asarray(record.evaluate(np, *tables, *axis))
    return value.reshape(extent)


def _map_tensor(record: Function, tables: list[Array], extent: tuple[int, ...]) -> Array:
    """The values of a linear map at all unit matrices, as axes 3 and 4."""
    rows, columns = extent[2:]
    assert record.evaluate is not None
    units = np.eye(rows * columns).reshape(-1, rows, columns)
    values = [record.evaluate(np, *tables, unit) for unit in units]
    return np.stack(values, -1).reshape(extent)
