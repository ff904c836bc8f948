"""Entries and slices: products with unit vectors, selections and triangles of ones."""

from __future__ import annotations

from gradform.formula.tree import Name, Transpose
from gradform.notation import matrix
from gradform.notation.matrix import Mat, Written
from gradform.notation.network import Indexing, Joined, LowerOnes, Piece, Pieces, Selection

__all__ = ["cumulated", "indexed", "selected", "take_triangle"]


def indexed(pieces: Pieces) -> bool:
    """x_i e_k[i] = x(k), A_ij e_k[i] e_l[j] = A(k,l), A_ij e_k[i] = A(k,:)'."""
    for unit in pieces.items:
        if not isinstance(unit, Indexing) or pieces.is_open(unit.labels[0]):
            continue
        label = unit.labels[0]
        places = [piece for piece in pieces.at(label) if piece is not unit]
        if len(places) != 1 or _indexable(places[0]) is None:
            continue
        if isinstance(places[0], (Indexing, LowerOnes, Selection, Joined)):
            continue
        if places[0].divide:
            continue
        return _index(pieces, unit, places[0], label)
    return False


def _index(pieces: Pieces, unit: Indexing, piece: Piece, label: int) -> bool:
    found = _indexable(piece)
    assert found is not None
    word = found[0]
    position = matrix.dim_written(unit.position + 1)
    if len(piece.labels) == 1:
        pieces.remove(unit, piece)
        pieces.scalars.append(matrix.call(word, position))
        return True
    if piece.labels[0] == piece.labels[1]:
        return False
    side = piece.labels.index(label)
    second = piece.labels[1 - side]
    for other in pieces.items:
        if isinstance(other, Indexing) and other is not unit and other.labels == (second,):
            if pieces.is_open(second) or len(pieces.at(second)) != 2:
                continue
            where = [position, matrix.dim_written(other.position + 1)]
            pieces.remove(unit, other, piece)
            pieces.scalars.append(matrix.call(word, *(where if side == 0 else where[::-1])))
            return True
    whole = Written(matrix.Slice(None, None), 1)
    if side == 0:
        row = matrix.call(word, position, whole)
        vector = Mat(matrix.transposed(row), lambda: row)
    else:
        vector = Mat(matrix.call(word, whole, position))
    pieces.remove(unit, piece)
    pieces.put(vector, (second,))
    return True


def selected(pieces: Pieces) -> bool:
    """S_ai x_i = x(first:last) for rows S of the identity."""
    for piece in pieces.items:
        if not isinstance(piece, Selection) or pieces.is_open(piece.labels[1]):
            continue
        row, label = piece.labels
        places = [other for other in pieces.at(label) if other is not piece]
        found = _indexable(places[0]) if len(places) == 1 else None
        if found is None:
            continue
        other = places[0]
        if type(other) is not Piece or other.divide or other.labels.count(label) != 1:
            continue
        labels: tuple[int, ...]
        cut = Written(matrix.Slice(piece.first.tree, piece.last.tree), 2)
        word, is_row = found
        whole = Written(matrix.Slice(None, None), 1)
        if len(other.labels) == 1:
            args, labels = [cut], (row,)
        elif other.labels[0] == label:
            args, labels = [cut, whole], (row, other.labels[1])
        else:
            args, labels = [whole, cut], (other.labels[0], row)
        pieces.remove(piece, other)
        mat = Mat(matrix.call(word, *args))
        pieces.put(mat.T if is_row else mat, labels)
        return True
    return False


def _indexable(piece: Piece) -> tuple[str, bool] | None:
    """(name, is a row) when the piece is a variable: only names take an index."""
    tree = piece.mat.plain.tree
    if isinstance(tree, Name):
        return tree.name, False
    if len(piece.labels) == 1 and isinstance(tree, Transpose) and isinstance(tree.operand, Name):
        return tree.operand.name, True
    return None


def cumulated(pieces: Pieces) -> bool:
    """L_ij x_j = cumsum(x) for the lower triangle L of ones."""
    for piece in pieces.items:
        if not isinstance(piece, LowerOnes) or pieces.is_open(piece.labels[1]):
            continue
        row, label = piece.labels
        places = [other for other in pieces.at(label) if other is not piece]
        if len(places) != 1 or type(places[0]) is not Piece or places[0].divide:
            continue
        labels: tuple[int, ...]
        other = places[0]
        if len(other.labels) == 1:
            args, labels = [other.mat.plain], (row,)
        elif other.labels[0] == label != other.labels[1]:
            args, labels = [other.mat.plain, matrix.number(1)], (row, other.labels[1])
        elif other.labels[1] == label != other.labels[0]:
            args, labels = [other.mat.plain, matrix.number(2)], (other.labels[0], row)
        else:
            continue
        pieces.remove(piece, other)
        pieces.put(Mat(matrix.call("cumsum", *args)), labels)
        return True
    return False


def take_triangle(pieces: Pieces, triangle: Piece, group: list[Piece]) -> None:
    """A.*L is tril(A), A.*L' is triu(A), for the lower triangle L of ones."""
    rest = next(p for p in group if p is not triangle)
    row = rest.labels[0]
    pieces.remove(triangle, rest)
    names = ("tril", "triu") if triangle.labels[0] == row else ("triu", "tril")
    mat = pieces.undivided(rest).mat
    plain, back = matrix.call(names[0], mat.plain), matrix.call(names[1], mat.flipped)
    pieces.put(Mat(plain, lambda: back), rest.labels)
