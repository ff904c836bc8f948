"""Sums of parts that selections and unit vectors put in their places, as stacks of blocks.

``S'*a + T'*b`` for rows S and T of the identity is ``[a; b]``; where no part is put, zeros
stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from gradform.formula.tree import Formula, Stack
from gradform.ir import build
from gradform.ir.dims import ONE, Dim, dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, Sum
from gradform.notation import matrix
from gradform.notation.matrix import Mat, Written
from gradform.notation.network import Unreadable
from gradform.notation.reads import Reads
from gradform.records import record

__all__ = ["is_placed", "written_stacks"]

_FEW = 3
_BRACKETS = 3


@record
class Block:
    """A part at rows ``offset`` … ``offset + length - 1``; None stands for zeros.

    A ``single`` row has lost its axis.
    """

    offset: Dim
    length: Dim
    single: bool
    node: Node | None


def written_stacks(reader: Reads, node: Node) -> list[Mat]:
    """The ways to write a node as a stack of blocks, those without zeros alone if any."""
    terms = node.terms if isinstance(node, Sum) else ((1, node),)
    found: list[tuple[int, list[Block]]] = []
    for axis in range(min(node.rank, 2)):
        placed = _placed(terms, axis)
        line = _in_line(placed, node.axes[axis]) if placed else None
        if line is not None:
            found.append((axis, line))
    full = [(axis, line) for axis, line in found if all(block.node for block in line)]
    options = []
    for axis, line in full or found:
        with suppress(Unreadable):
            options.append(_stack(reader, node, axis, line))
    return options


def is_placed(node: Node) -> bool:
    """Whether a selection or a unit vector puts the node in its place."""
    return any(_placed_block(1, node, axis) is not None for axis in range(min(node.rank, 2)))


def _placed(terms: Sequence[tuple[Coefficient, Node]], axis: int) -> list[Block]:
    """Every term as a block, those in one place added up; empty when a term is no block."""
    places: dict[tuple[Dim, Dim, bool], list[Node]] = {}
    for coefficient, term in terms:
        block = _placed_block(coefficient, term, axis)
        if block is None or block.node is None:
            return []
        places.setdefault((block.offset, block.length, block.single), []).append(block.node)
    return [Block(*place, build.add(*nodes)) for place, nodes in places.items()]


def _placed_block(coefficient: Coefficient, term: Node, axis: int) -> Block | None:
    """The block that a selection or a unit vector puts at an offset along the axis."""
    factors: Sequence[Factor] = ((term, tuple(range(term.rank)), 1),)
    dims: Sequence[Dim] = term.axes
    if isinstance(term, Contraction):
        factors, dims, coefficient = term.factors, term.dims, coefficient * term.coefficient
    for k, (factor, labels, _) in enumerate(factors):
        if not isinstance(factor, Leaf) or factor.kind not in ("select", "unit"):
            continue
        rest: list[build.Term] = [f for n, f in enumerate(factors) if n != k]
        if labels[-1] != axis or any(axis in f[1] for f in rest):
            continue
        out = list(range(term.rank))
        single = factor.kind == "unit"
        sizes = dict(enumerate(dims))
        if single:
            out.remove(axis)
        elif labels[0] < term.rank:  # the rows of the selection are an axis of their own
            out[axis] = len(dims)
            sizes[len(dims)] = dims[labels[0]]
            rest.append((build.delta(dims[labels[0]]), (labels[0], len(dims)), 1))
        else:
            out[axis] = labels[0]
        node = build.contract(coefficient, rest, out, {x: sizes[x] for x in out})
        return Block(factor.params[0], ONE if single else factor.axes[0], single, node)
    return None


def _in_line(blocks: Sequence[Block], size: Dim) -> list[Block] | None:
    """The blocks in order, zeros between them; None where they overlap or may do so."""
    at = dim(0)
    line: list[Block] = []
    left = list(blocks)
    while left:
        following = [b for b in left if all(_reaches(c.offset - b.offset) for c in left)]
        if len(following) != 1 or not _reaches(following[0].offset - at):
            return None
        block = following[0]
        left.remove(block)
        line.extend(_gap(at, block.offset))
        line.append(block)
        at = block.offset + block.length
    if at is not size:
        if (size - at).value is not None and not _reaches(size - at):
            return None
        line.extend(_gap(at, size))
    return line


def _gap(start: Dim, stop: Dim) -> list[Block]:
    """Zeros, a few of them one by one."""
    length = stop - start
    if length.value is not None and length.value <= _FEW:
        return [Block(start + k, ONE, True, None) for k in range(length.value)]
    return [Block(start, length, False, None)]


def _reaches(gap: Dim) -> bool:
    """Whether a difference of positions is nonnegative for all sizes from 1."""
    rising = all(coefficient > 0 for names, coefficient in gap.terms if names)
    return rising and gap.evaluate(dict.fromkeys(gap.names, 1)) >= 0


def _stack(reader: Reads, node: Node, axis: int, line: Sequence[Block]) -> Mat:
    """[a; b] for blocks below one another (axis 0), [A, B] side by side (axis 1)."""
    down = axis == 0
    width = node.axes[1 - axis] if node.rank == 2 else None
    upright = [_block(reader, block, width, turned=down) for block in line]
    long = width.value if width is not None else None
    return Mat(
        _joined([mat.plain if down else mat.flipped for mat in upright], long, down=down),
        lambda: _joined(
            [mat.flipped if down else mat.plain for mat in upright], long, down=not down
        ),
    )


def _block(reader: Reads, block: Block, width: Dim | None, *, turned: bool) -> Mat:
    """A block as it stands below others."""
    if block.node is None:
        return _zeros(block.length, width)
    mat = reader.read(block.node)
    if not block.node.rank:
        return matrix.symmetric(mat.plain)
    if width is not None and (block.single or not turned):
        return mat.T
    return mat


def _zeros(length: Dim, width: Dim | None) -> Mat:
    if width is None:
        if length is ONE:
            return matrix.symmetric(matrix.number(0))
        size = matrix.dim_written(length)
        return Mat(matrix.call("zeros", size), lambda: matrix.call("zeros", matrix.number(1), size))
    if length is ONE and width.value is not None and width.value <= _FEW:
        row = _joined([matrix.number(0)] * width.value, None, down=False)
        column = _joined([matrix.number(0)] * width.value, None, down=True)
        return Mat(row, lambda: column)
    sizes = [matrix.dim_written(length), matrix.dim_written(width)]
    return Mat(matrix.call("zeros", *sizes), lambda: matrix.call("zeros", *sizes[::-1]))


def _joined(blocks: Sequence[Written], long: int | None, *, down: bool) -> Written:
    """The stack; rows of blocks below one another are one grid: [a, b; c, d].

    Its brackets cost three, and one more inside one another. Columns of ``long`` entries side by
    side are a grid of entries.
    """
    inside = [block for block in blocks if isinstance(block.tree, Stack)]
    cost = _BRACKETS + sum(block.cost for block in blocks)
    if not down:
        columns = [block.tree.rows for block in blocks if isinstance(block.tree, Stack)]
        if len(columns) == len(blocks) and all(_has_entries(rows, long) for rows in columns):
            grid = tuple(tuple(row[0] for row in level) for level in zip(*columns, strict=True))
            return Written(Stack(grid), cost - _BRACKETS * len(blocks))
        return Written(Stack((tuple(block.tree for block in blocks),)), cost + len(inside))
    rows = []
    for block in blocks:
        if isinstance(block.tree, Stack) and len(block.tree.rows) == 1:
            rows.append(block.tree.rows[0])
            cost -= _BRACKETS
        else:
            rows.append((block.tree,))
            cost += isinstance(block.tree, Stack)
    return Written(Stack(tuple(rows)), cost)


def _has_entries(rows: Sequence[Sequence[Formula]], length: int | None) -> bool:
    """Whether a column is written entry by entry."""
    return len(rows) == length and all(len(row) == 1 for row in rows)
