"""Tensors of three and more axes as matrices: ∂vec(y)/∂vec(x)', term by term."""

from __future__ import annotations

from collections.abc import Callable

from gradform.ir import build
from gradform.ir.dims import ONE
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Node,
    Sum,
    contraction_node,
    magnitude,
)
from gradform.notation import matrix
from gradform.notation.elimination import eliminate
from gradform.notation.kronecker import Term, Variant, expand_joined, joined_sum, kronecker_options
from gradform.notation.matrix import Mat, Written
from gradform.notation.multiplied import pieces_of, scalars_of, times
from gradform.notation.network import Unreadable
from gradform.notation.reads import Reads
from gradform.notation.recognise import recognise

__all__ = ["write_vec"]


def write_vec(reader: Reads, node: Node, rows: tuple[int, ...], cols: tuple[int, ...]) -> Mat:
    """The matrix with the given axes along its rows and columns, slowest first."""
    if build.is_zero(node):
        return _zeros(node, rows, cols)
    if isinstance(node, Sum):
        content, core = build.primitive(node)
        assert isinstance(core, Sum)
        terms = [_vec_term(reader, c, term, rows, cols) for c, term in core.terms]
        if all(sign < 0 for sign, _, _ in terms) or content < 0:
            terms = [(-sign, options, wrap) for sign, options, wrap in terms]
            content = -content
        return times(reader, content, [], [], Mat(joined_sum(terms)))
    sign, options, wrap = _vec_term(reader, 1, node, rows, cols)
    return Mat(joined_sum([(sign, options, wrap)]))


def _zeros(node: Node, rows: tuple[int, ...], cols: tuple[int, ...]) -> Mat:
    sizes = []
    for places in (rows, cols):
        size = ONE
        for k in places:
            size = size * node.axes[k]
        sizes.append(matrix.dim_written(size))
    return Mat(matrix.call("zeros", *sizes))


def _vec_term(
    reader: Reads,
    coefficient: Coefficient,
    node: Node,
    rows: tuple[int, ...],
    cols: tuple[int, ...],
) -> Term:
    if isinstance(node, Apply):
        raise Unreadable(node)
    if not isinstance(node, Contraction):
        node = contraction_node(1, ((node, tuple(range(node.rank)), 1),), node.axes, node.rank)
    found = recognise(node)
    above, below = scalars_of(reader, found)
    wide = [f for f in found.factors if f[0].rank > 2 and isinstance(f[0], (Sum, Contraction))]
    value = magnitude(coefficient * node.coefficient)
    sign = 1 if coefficient * node.coefficient > 0 else -1
    covered = bool(wide) and set(wide[0][1]) == set(range(node.rank))
    if len(wide) == len(found.factors) == 1 and wide[0][2] == 1 and covered:
        inner, labels, _ = wide[0]
        turned = build.permute(inner, [labels.index(k) for k in range(node.rank)])
        body = write_vec(reader, turned, rows, cols).plain
        return sign, [Variant(None, body, None)], _wrapper(reader, value, above, below)
    pieces = pieces_of(reader, node, found)
    down, along = expand_joined(pieces, rows, cols)
    pieces.out = tuple(dict.fromkeys([*down, *along]))
    eliminate(pieces)
    options = kronecker_options(pieces, down, along)
    return sign, options, _wrapper(reader, value, above + pieces.scalars, below)


def _wrapper(
    reader: Reads, value: Coefficient, above: list[Written], below: list[Written]
) -> Callable[[Written], Written]:
    return lambda body: times(reader, value, above, below, Mat(body)).plain
