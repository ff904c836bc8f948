"""Leaves and applied functions, written."""

from __future__ import annotations

from gradform.formula.tree import Call, Formula
from gradform.ir import build
from gradform.ir.leaves import NUMBERS
from gradform.ir.nodes import Apply, Coefficient, Leaf
from gradform.notation import matrix
from gradform.notation.cases import is_choice, write_choice
from gradform.notation.matrix import Mat, Written, symmetric
from gradform.notation.network import Unreadable
from gradform.notation.reads import Reads
from gradform.notation.stacked import written_stacks

__all__ = ["write_application", "write_leaf"]


def write_leaf(reader: Reads, node: Leaf) -> Mat:
    match node.kind:
        case kind if kind in NUMBERS:
            return symmetric(matrix.name(kind), node)
        case "size":
            return symmetric(reader.size(node.params[0]), node)
        case "delta":
            return matrix.eye_written(node.axes[0])
        case "unit":
            position = matrix.dim_written(node.params[0] + 1)
            size = matrix.dim_written(node.axes[0])
            plain = Mat(_rare(matrix.call("unit", size, position)), None, node)
            return matrix.cheapest([*written_stacks(reader, node), plain])
        case "lower":
            ones = matrix.ones_written(node.axes).plain
            return Mat(matrix.call("tril", ones), lambda: matrix.call("triu", ones), node)
        case "select":
            first = matrix.dim_written(node.params[0] + 1)
            last = matrix.dim_written(node.params[0] + node.axes[0])
            size = matrix.dim_written(node.axes[1])
            plain = Mat(_rare(matrix.call("select", size, first, last)), None, node)
            return matrix.cheapest([*written_stacks(reader, node), plain])
    raise Unreadable(node)


def _rare(written: Written) -> Written:
    """A name that few readers know costs three more."""
    return Written(written.tree, written.cost + 3)


def write_application(reader: Reads, node: Apply) -> Mat:
    """f(…), over the arguments or their transposes, whichever is shorter."""
    if node.fn.along_axis:
        return _along_axis(reader, node)
    if is_choice(node):
        return write_choice(reader, node)
    if node.order:
        raise Unreadable(node)
    if node.fn.of_transpose == "invariant" or node.rank == 2:
        return _of_matrix(reader, node)
    if node.rank == 1 and node.fn.elementwise:
        return _of_matrix(reader, node)
    return Mat(_called(reader, node, [reader.known(arg).plain for arg in node.args]), None, node)


def _along_axis(reader: Reads, node: Apply) -> Mat:
    """softmax(x), softmax(X, 2), logsumexp(x) …; an application's order is its axis."""
    mat = reader.known(node.args[0])
    if node.order:
        called = Mat(matrix.call(node.fn.name, mat.plain, matrix.number(node.order)), None, node)
        is_row = node.rank == 1 and node.order == 1  # what is left over rows is a row
        return called.T if is_row else called
    straight = matrix.call(node.fn.name, mat.plain)
    back = matrix.call(node.fn.name, mat.flipped)
    if not node.rank:
        return symmetric(matrix.cheaper(straight, back), node)
    plain = matrix.cheaper(straight, matrix.transposed(back))
    flipped = matrix.cheaper(matrix.transposed(straight), back)
    return Mat(plain, lambda: flipped, node)


def _of_matrix(reader: Reads, node: Apply) -> Mat:
    """A function of a matrix, written over the matrix or its transpose."""
    mats = [reader.known(arg) for arg in node.args]
    straight = _called(reader, node, [mat.plain for mat in mats])
    if build.is_symmetric(node):
        return symmetric(straight, node)
    turns = node.fn.elementwise or node.fn.of_transpose is not None
    if not turns:
        return Mat(straight, None, node)
    back = _called(reader, node, [mat.flipped for mat in mats])
    if node.fn.of_transpose == "invariant":
        return symmetric(matrix.cheaper(straight, back), node)
    plain = matrix.cheaper(straight, matrix.transposed(back))
    flipped = matrix.cheaper(matrix.transposed(straight), back)
    return Mat(plain, lambda: flipped, node)


def _called(reader: Reads, node: Apply, args: list[Written]) -> Written:
    if node.fn.elementwise and len(args) == 2:
        args = _scalars_where_constant(reader, node, args)
    if node.fn.name == "pow":
        return _power_call(reader, node, args)
    if node.fn.parameters[-1] == "int?" and _is_default(node):
        return matrix.call(node.fn.name, *args[:-1])
    if node.fn.of_scalars is not None and not node.rank:
        return _flat_call(node.fn.of_scalars, args)
    return matrix.call(node.fn.name, *args)


def _is_default(node: Apply) -> bool:
    """Whether the last argument is what it is when it is left out."""
    default: Coefficient = node.fn.defaults[-1]
    return build.constant_value(node.args[-1]) == default


def _flat_call(name: str, args: list[Written]) -> Written:
    """max(a, b, c) for max(max(a, b), c)"""
    trees: list[Formula] = []
    for arg in args:
        tree = arg.tree
        nested = isinstance(tree, Call) and tree.name == name and len(tree.args) > 1
        trees.extend(tree.args if isinstance(tree, Call) and nested else (tree,))
    return Written(Call(name, tuple(trees)), 1 + sum(arg.cost for arg in args))


def _power_call(reader: Reads, node: Apply, args: list[Written]) -> Written:
    tree = matrix.Power(args[0].tree, args[1].tree, node.rank > 0)
    return Written(tree, args[0].cost + args[1].cost + 1)


def _scalars_where_constant(reader: Reads, node: Apply, args: list[Written]) -> list[Written]:
    """A broadcast scalar argument is written as the scalar it is."""
    varies = any(build.used_axes(arg) for arg in node.args)
    kinds = node.fn.kinds(len(node.args))
    result = list(args)
    for k, (arg, kind) in enumerate(zip(node.args, kinds, strict=True)):
        if arg.rank and not build.used_axes(arg) and (varies or kind == "int"):
            result[k] = reader.known(build.drop_axes(arg, ())).plain
    return result
