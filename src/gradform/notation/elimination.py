"""The steps that join factors: each removes one label, or says it does not apply."""

from __future__ import annotations

from gradform.formula.tree import Transpose
from gradform.notation import matrix
from gradform.notation.indexing import cumulated, indexed, selected, take_triangle
from gradform.notation.matrix import Mat, Written, chain, entrywise
from gradform.notation.network import Joined, LowerOnes, Piece, Pieces

__all__ = ["eliminate"]


def eliminate(pieces: Pieces) -> None:
    """Apply the cheapest step until none applies."""
    steps = (
        indexed,
        selected,
        cumulated,
        _vectorised,
        _diagonals,
        _same_labels,
        _matrix_vector,
        _inner_products,
        _row_sums,
        _matrix_matrix,
        _scale_rows,
    )
    while any(step(pieces) for step in steps):
        pass


def _vectorised(pieces: Pieces) -> bool:
    """Σ F[I,i,j] X[j,i] = vec(X)[I] on a joined axis that is summed with something else."""
    for joined in pieces.items:
        if not isinstance(joined, Joined) or pieces.is_open(joined.labels[0]):
            continue
        place, slow, fast = joined.labels
        users = [p for label in (slow, fast) for p in pieces.at(label) if p is not joined]
        if len({id(p) for p in users}) != 1 or len(users) != 2 or pieces.is_open(slow):
            continue
        grid = users[0]
        if pieces.is_open(fast) or set(grid.labels) != {slow, fast} or isinstance(grid, Joined):
            continue
        mat = pieces.undivided(grid).facing(fast)
        pieces.remove(joined, grid)
        pieces.put(Mat(matrix.call("vec", mat.plain)), (place,))
        return True
    return False


def _diagonals(pieces: Pieces) -> bool:
    """A_ii summed is tr(A), otherwise the vector diag(A)."""
    for piece in pieces.items:
        if len(piece.labels) == 2 and piece.labels[0] == piece.labels[1]:
            label = piece.labels[0]
            pieces.remove(piece)
            if pieces.at(label) or pieces.is_open(label):
                pieces.put(Mat(matrix.call("diag", piece.mat.plain)), (label,))
            else:
                pieces.scalars.append(trace_of(piece.mat))
            return True
    return False


def _same_labels(pieces: Pieces) -> bool:
    """Factors on the same labels multiply entrywise."""
    for k, piece in enumerate(pieces.items):
        if len(piece.labels) == 3:
            continue
        group = [piece]
        for other in pieces.items[k + 1 :]:
            if set(other.labels) == set(piece.labels) and len(other.labels) == len(piece.labels):
                group.append(other)
        if len(group) == 1 or _is_plain_dot(pieces, group) or _is_plain_trace(pieces, group):
            continue
        triangle = next((p for p in group if isinstance(p, LowerOnes)), None)
        if triangle is not None:
            take_triangle(pieces, triangle, group)
            return True
        order = sorted(group, key=lambda p: pieces.rank(p.mat.plain))
        over = [p.facing(piece.labels[0]) for p in order if p.divide]
        top = [p.facing(piece.labels[0]) for p in order if not p.divide]
        pieces.remove(*group)
        if top:
            pieces.put(entrywise(top, over), piece.labels)
        else:
            pieces.put(entrywise(over), piece.labels, divide=True)
        return True
    return False


def _is_plain_dot(pieces: Pieces, group: list[Piece]) -> bool:
    """Two vectors whose label is summed over just them: a dot product is shorter."""
    label = group[0].labels[0]
    alone = len(group[0].labels) == 1 and len(group) == 2 and not pieces.is_open(label)
    divided = any(piece.divide for piece in group)
    return alone and not divided and len(pieces.at(label)) == 2


def _is_plain_trace(pieces: Pieces, group: list[Piece]) -> bool:
    """Two matrices whose labels are summed over just them: a trace of their product."""
    if len(group) != 2 or any(len(p.labels) != 2 or p.divide for p in group):
        return False
    return all(
        not pieces.is_open(label) and len(pieces.at(label)) == 2 for label in group[0].labels
    )


def _matrix_vector(pieces: Pieces) -> bool:
    """A_ij x_j with j nowhere else."""
    for piece in pieces.items:
        if len(piece.labels) != 1:
            continue
        label = piece.labels[0]
        places = pieces.at(label)
        if pieces.is_open(label) or len(places) != 2:
            continue
        other = places[0] if places[1] is piece else places[1]
        if len(other.labels) != 2 or isinstance(other, Joined):
            continue
        vector, grid = pieces.undivided(piece), pieces.undivided(other)
        row = grid.other(label)
        pieces.remove(piece, other)
        pieces.put(chain([grid.facing(row), vector.mat]), (row,))
        return True
    return False


def _inner_products(pieces: Pieces) -> bool:
    """x_i y_i is the scalar x'*y, x_i alone summed is sum(x)."""
    for piece in pieces.items:
        if len(piece.labels) != 1 or pieces.is_open(piece.labels[0]):
            continue
        label = piece.labels[0]
        places = pieces.at(label)
        if len(places) == 1:
            pieces.remove(piece)
            vector = pieces.undivided(piece).mat
            pieces.scalars.append(sum_of(vector))
            return True
        if len(places) == 2 and all(len(p.labels) == 1 for p in places):
            first, second = (pieces.undivided(p).mat for p in places)
            pieces.remove(*places)
            one = chain([first.T, second]).plain
            two = chain([second.T, first]).plain
            pieces.scalars.append(min(one, two, key=lambda w: (w.cost, pieces.rank(w))))
            return True
    return False


def _row_sums(pieces: Pieces) -> bool:
    """A_ij with j summed nowhere else is sum(A, 2)."""
    for piece in pieces.items:
        if len(piece.labels) != 2 or isinstance(piece, Joined):
            continue
        for label in piece.labels:
            if pieces.is_open(label) or len(pieces.at(label)) != 1:
                continue
            keep = piece.other(label)
            grid = pieces.undivided(piece)
            pieces.remove(piece)
            if not pieces.is_open(keep) and not pieces.at(keep):
                pieces.scalars.append(sum_of(grid.mat))
                return True
            pieces.put(row_sum(grid.facing(keep)), (keep,))
            return True
    return False


def _matrix_matrix(pieces: Pieces) -> bool:
    """A_ij B_jk with j nowhere else, with vectors on j as diag between."""
    best: tuple[int, int] | None = None
    for label in {x for piece in pieces.items for x in piece.labels}:
        if pieces.is_open(label):
            continue
        grids = [p for p in pieces.at(label) if len(p.labels) == 2]
        if len(grids) != 2 or any(isinstance(p, Joined) for p in pieces.at(label)):
            continue
        ends = [grid.other(label) for grid in grids]
        key = (0, label) if ends[0] == ends[1] else (1 if len(pieces.at(label)) == 2 else 2, label)
        best = min(best, key) if best else key
    if best is None:
        return False
    _join_grids(pieces, best[1])
    return True


def _join_grids(pieces: Pieces, label: int) -> None:
    places = pieces.at(label)
    grids = [pieces.undivided(p) for p in places if len(p.labels) == 2]
    vectors = [p for p in places if len(p.labels) == 1]
    left, right = grids
    first, last = left.other(label), right.other(label)
    middle = [matrix.diag(pieces.undivided(v).mat) for v in vectors]
    pieces.remove(*places)
    joined = chain([left.facing(first), *middle, right.facing(label)])
    if first == last and not pieces.is_open(first) and not pieces.at(first):
        pieces.scalars.append(_trace_written(pieces, left, right, label, middle))
    else:
        pieces.put(joined, (first, last))


def _trace_written(
    pieces: Pieces, left: Piece, right: Piece, label: int, middle: list[Mat]
) -> Written:
    """tr of a cycle, begun where it is shortest; two factors also as sum(A.*B)."""
    first = left.other(label)
    parts = list(chain([left.facing(first), *middle, right.facing(label)]).parts)
    turns = [chain(parts[k:] + parts[:k]) for k in range(len(parts))]
    options = [written for turn in turns for written in (turn.plain, turn.flipped)]
    best = min(options, key=lambda w: (w.cost, pieces.rank(w)))
    if not middle:
        grid = entrywise([left.facing(first), right.facing(first)])
        flat = min((grid.plain, grid.flipped), key=lambda w: w.cost)
        if flat.cost < best.cost:
            return matrix.call("sum", flat)
    return matrix.call("tr", best)


def _scale_rows(pieces: Pieces) -> bool:
    """v_i A_ij with i kept: diag(v)*A, when no other vector or matrix claims i."""
    for piece in pieces.items:
        if len(piece.labels) != 1 or isinstance(piece, Joined):
            continue
        label = piece.labels[0]
        grids = [p for p in pieces.at(label) if len(p.labels) == 2]
        if not grids or isinstance(grids[0], Joined):
            continue
        grid = min(grids, key=lambda p: p.mat.cost)
        vector = pieces.undivided(piece).mat
        last = grid.other(label)
        scaled = pieces.undivided(grid)
        pieces.remove(piece, grid)
        pieces.put(chain([matrix.diag(vector), scaled.facing(label)]), (label, last))
        return True
    return False


def trace_of(mat: Mat) -> Written:
    return matrix.call("tr", mat.shorter)


def sum_of(mat: Mat) -> Written:
    """Σ of all entries; 1'*A*1 as sum(A)."""
    return matrix.call("sum", mat.shorter)


def row_sum(mat: Mat) -> Mat:
    """sum(A, 2): a column with the sum of each row."""
    plain = matrix.call("sum", mat.plain, matrix.number(2))
    back = matrix.call("sum", mat.flipped, matrix.number(1))
    if isinstance(mat.plain.tree, Transpose):  # sum(A, 1)' rather than sum(A', 2)
        return Mat(matrix.cheaper(matrix.transposed(back), plain), lambda: back)
    return Mat(plain, lambda: matrix.cheaper(matrix.transposed(plain), back))
