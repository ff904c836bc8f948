"""Joining the factors of a product by matrix operations.

``Pieces`` holds written matrices with their labels and eliminates labels until one
matrix with the output labels is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradform.errors import CannotError
from gradform.formula.tree import Name
from gradform.ir.dims import Dim
from gradform.ir.nodes import Leaf, Node
from gradform.notation import matrix
from gradform.notation.matrix import Mat, Written, chain, entrywise

__all__ = ["Pieces", "Unreadable"]


class Unreadable(CannotError):
    """Matrix notation does not reach this expression."""

    def __init__(self, node: Node | None = None) -> None:
        super().__init__("The expression has no matrix notation.", kind="notation")
        self.node = node


class Piece:
    """A written matrix (two labels: row, column) or column vector (one label)."""

    __slots__ = ("divide", "labels", "mat")

    def __init__(self, mat: Mat, labels: tuple[int, ...], divide: bool = False) -> None:
        self.mat = mat
        self.labels = labels
        self.divide = divide

    def facing(self, row: int) -> Mat:
        """The matrix with label ``row`` as its rows."""
        return self.mat if self.labels[0] == row else self.mat.T

    def other(self, label: int) -> int:
        return self.labels[1] if self.labels[0] == label else self.labels[0]


class Pieces:
    """The network under elimination."""

    def __init__(
        self,
        out: tuple[int, ...],
        dims: dict[int, Dim],
        rank: Callable[[Written], tuple[int, int]],
    ) -> None:
        self.out = out
        self.rank = rank
        self.dims = dims
        self.items: list[Piece] = []
        self.deltas: list[tuple[int, ...]] = []
        self.scalars: list[Written] = []

    # ------------------------------------------------------------ filling

    def put(self, mat: Mat, labels: Sequence[int], *, divide: bool = False) -> None:
        if len(labels) > 2:
            raise Unreadable
        if divide and len(labels) == 2 and labels[0] == labels[1]:
            raise Unreadable
        self.items.append(Piece(mat, tuple(labels), divide))

    def put_delta(self, labels: Sequence[int]) -> None:
        self.deltas.append(tuple(labels))

    def put_unit(self, mat: Mat, label: int, position: Dim) -> None:
        self.items.append(Indexing(mat, (label,), position))

    def put_lower(self, mat: Mat, labels: Sequence[int]) -> None:
        self.items.append(LowerOnes(mat, tuple(labels)))

    def put_select(self, mat: Mat, labels: Sequence[int], node: Leaf) -> None:
        self.items.append(Selection(mat, tuple(labels), node))

    def put_flatten(self, labels: Sequence[int]) -> None:
        self.items.append(Joined(tuple(labels)))

    # ------------------------------------------------------------ reading

    def scalar(self) -> Mat:
        """The value of a closed network, as a written scalar."""
        self.eliminate()
        if self.items or self.deltas:
            raise Unreadable
        return matrix.symmetric(matrix.product(self.scalars))

    def read(self) -> Mat:
        """The matrix or vector with the output labels."""
        self.eliminate()
        body = self._assemble()
        if not self.scalars:
            return body
        scalars = list(self.scalars)
        return Mat(
            matrix.product([*scalars, body.plain]),
            lambda: matrix.product([*scalars, body.flipped]),
        )

    def merged(
        self, rows: Sequence[int], cols: Sequence[int]
    ) -> tuple[list[int], list[int], dict[int, Dim]]:
        """Row and column labels with equal ones named alike, and all dimensions."""
        first: dict[int, int] = {}
        for a, b in self.deltas:
            first[b] = first.get(a, a)
        return [first.get(x, x) for x in rows], [first.get(x, x) for x in cols], self.dims

    def _places(self, label: int) -> list[Piece]:
        return [piece for piece in self.items if label in piece.labels]

    def _is_open(self, label: int) -> bool:
        return label in self.out or any(label in delta for delta in self.deltas)

    def eliminate(self) -> None:
        """Apply the cheapest elimination until none applies."""
        steps = (
            self._indexed,
            self._selected,
            self._cumulated,
            self._diagonals,
            self._same_labels,
            self._matrix_vector,
            self._inner_products,
            self._row_sums,
            self._matrix_matrix,
            self._scale_rows,
        )
        while any(step() for step in steps):
            pass

    def _remove(self, *pieces: Piece) -> None:
        self.items = [item for item in self.items if all(item is not piece for piece in pieces)]

    def _indexed(self) -> bool:
        """x_i e_k[i] = x(k), A_ij e_k[i] e_l[j] = A(k,l), A_ij e_k[i] = A(k,:)'."""
        for unit in self.items:
            if not isinstance(unit, Indexing) or self._is_open(unit.labels[0]):
                continue
            label = unit.labels[0]
            places = [piece for piece in self._places(label) if piece is not unit]
            if len(places) != 1 or not isinstance(places[0].mat.plain.tree, Name):
                continue
            if isinstance(places[0], (Indexing, LowerOnes, Selection, Joined)):
                continue
            if places[0].divide:
                continue
            return self._index(unit, places[0], label)
        return False

    def _index(self, unit: Indexing, piece: Piece, label: int) -> bool:
        tree = piece.mat.plain.tree
        assert isinstance(tree, Name)
        word = tree.name
        position = matrix.dim_written(unit.position + 1)
        if len(piece.labels) == 1:
            self._remove(unit, piece)
            self.scalars.append(matrix.call(word, position))
            return True
        if piece.labels[0] == piece.labels[1]:
            return False
        side = piece.labels.index(label)
        second = piece.labels[1 - side]
        for other in self.items:
            if isinstance(other, Indexing) and other is not unit and other.labels == (second,):
                if self._is_open(second) or len(self._places(second)) != 2:
                    continue
                where = [position, matrix.dim_written(other.position + 1)]
                self._remove(unit, other, piece)
                self.scalars.append(matrix.call(word, *(where if side == 0 else where[::-1])))
                return True
        whole = Written(matrix.Slice(None, None), 1)
        if side == 0:
            row = matrix.call(word, position, whole)
            vector = Mat(matrix.transposed(row), lambda: row)
        else:
            vector = Mat(matrix.call(word, whole, position))
        self._remove(unit, piece)
        self.put(vector, (second,))
        return True

    def _selected(self) -> bool:
        """S_ai x_i = x(first:last) for rows S of the identity."""
        for piece in self.items:
            if not isinstance(piece, Selection) or self._is_open(piece.labels[1]):
                continue
            row, label = piece.labels
            places = [other for other in self._places(label) if other is not piece]
            if len(places) != 1 or not isinstance(places[0].mat.plain.tree, Name):
                continue
            other = places[0]
            if type(other) is not Piece or other.divide or other.labels.count(label) != 1:
                continue
            labels: tuple[int, ...]
            cut = Written(matrix.Slice(piece.first.tree, piece.last.tree), 2)
            word = other.mat.plain.tree.name  # type: ignore[union-attr]
            whole = Written(matrix.Slice(None, None), 1)
            if len(other.labels) == 1:
                args, labels = [cut], (row,)
            elif other.labels[0] == label:
                args, labels = [cut, whole], (row, other.labels[1])
            else:
                args, labels = [whole, cut], (other.labels[0], row)
            self._remove(piece, other)
            self.put(Mat(matrix.call(word, *args)), labels)
            return True
        return False

    def _cumulated(self) -> bool:
        """L_ij x_j = cumsum(x) for the lower triangle L of ones."""
        for piece in self.items:
            if not isinstance(piece, LowerOnes) or self._is_open(piece.labels[1]):
                continue
            row, label = piece.labels
            places = [other for other in self._places(label) if other is not piece]
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
            self._remove(piece, other)
            self.put(Mat(matrix.call("cumsum", *args)), labels)
            return True
        return False

    def _diagonals(self) -> bool:
        """A_ii summed is tr(A), otherwise the vector diag(A)."""
        for piece in self.items:
            if len(piece.labels) == 2 and piece.labels[0] == piece.labels[1]:
                label = piece.labels[0]
                self._remove(piece)
                if self._places(label) or self._is_open(label):
                    self.put(Mat(matrix.call("diag", piece.mat.plain)), (label,))
                else:
                    self.scalars.append(trace_of(piece.mat))
                return True
        return False

    def _same_labels(self) -> bool:
        """Factors on the same labels multiply entrywise."""
        for k, piece in enumerate(self.items):
            if len(piece.labels) == 3:
                continue
            group = [piece]
            for other in self.items[k + 1 :]:
                if set(other.labels) == set(piece.labels) and len(other.labels) == len(
                    piece.labels
                ):
                    group.append(other)
            if len(group) == 1 or self._is_plain_dot(group) or self._is_plain_trace(group):
                continue
            triangle = next((p for p in group if isinstance(p, LowerOnes)), None)
            if triangle is not None:
                self._take_triangle(triangle, group)
                return True
            order = sorted(group, key=lambda p: self.rank(p.mat.plain))
            over = [p.facing(piece.labels[0]) for p in order if p.divide]
            top = [p.facing(piece.labels[0]) for p in order if not p.divide]
            self._remove(*group)
            if top:
                self.put(entrywise(top, over), piece.labels)
            else:
                self.put(entrywise(over), piece.labels, divide=True)
            return True
        return False

    def _take_triangle(self, triangle: Piece, group: list[Piece]) -> None:
        """A.*L is tril(A), A.*L' is triu(A), for the lower triangle L of ones."""
        rest = next(p for p in group if p is not triangle)
        row = rest.labels[0]
        self._remove(triangle, rest)
        names = ("tril", "triu") if triangle.labels[0] == row else ("triu", "tril")
        mat = self.undivided(rest).mat
        plain, back = matrix.call(names[0], mat.plain), matrix.call(names[1], mat.flipped)
        self.put(Mat(plain, lambda: back), rest.labels)

    def _is_plain_dot(self, group: list[Piece]) -> bool:
        """Two vectors whose label is summed over just them: a dot product is shorter."""
        label = group[0].labels[0]
        alone = len(group[0].labels) == 1 and len(group) == 2 and not self._is_open(label)
        divided = any(piece.divide for piece in group)
        return alone and not divided and len(self._places(label)) == 2

    def _is_plain_trace(self, group: list[Piece]) -> bool:
        """Two matrices whose labels are summed over just them: a trace of their product."""
        if len(group) != 2 or any(len(p.labels) != 2 or p.divide for p in group):
            return False
        return all(
            not self._is_open(label) and len(self._places(label)) == 2 for label in group[0].labels
        )

    def _matrix_vector(self) -> bool:
        """A_ij x_j with j nowhere else."""
        for piece in self.items:
            if len(piece.labels) != 1:
                continue
            label = piece.labels[0]
            places = self._places(label)
            if self._is_open(label) or len(places) != 2:
                continue
            other = places[0] if places[1] is piece else places[1]
            if len(other.labels) != 2 or isinstance(other, Joined):
                continue
            vector, grid = self.undivided(piece), self.undivided(other)
            row = grid.other(label)
            self._remove(piece, other)
            self.put(chain([grid.facing(row), vector.mat]), (row,))
            return True
        return False

    def _inner_products(self) -> bool:
        """x_i y_i is the scalar x'*y, x_i alone summed is sum(x)."""
        for piece in self.items:
            if len(piece.labels) != 1 or self._is_open(piece.labels[0]):
                continue
            label = piece.labels[0]
            places = self._places(label)
            if len(places) == 1:
                self._remove(piece)
                vector = self.undivided(piece).mat
                self.scalars.append(sum_of(vector))
                return True
            if len(places) == 2 and all(len(p.labels) == 1 for p in places):
                first, second = (self.undivided(p).mat for p in places)
                self._remove(*places)
                one = chain([first.T, second]).plain
                two = chain([second.T, first]).plain
                self.scalars.append(min(one, two, key=lambda w: (w.cost, self.rank(w))))
                return True
        return False

    def _row_sums(self) -> bool:
        """A_ij with j summed nowhere else is sum(A, 2)."""
        for piece in self.items:
            if len(piece.labels) != 2 or isinstance(piece, Joined):
                continue
            for label in piece.labels:
                if self._is_open(label) or len(self._places(label)) != 1:
                    continue
                keep = piece.other(label)
                grid = self.undivided(piece)
                self._remove(piece)
                if not self._is_open(keep) and not self._places(keep):
                    self.scalars.append(sum_of(grid.mat))
                    return True
                self.put(row_sum(grid.facing(keep)), (keep,))
                return True
        return False

    def _matrix_matrix(self) -> bool:
        """A_ij B_jk with j nowhere else, with vectors on j as diag between."""
        best: tuple[int, int] | None = None
        for label in {x for piece in self.items for x in piece.labels}:
            if self._is_open(label):
                continue
            grids = [p for p in self._places(label) if len(p.labels) == 2]
            if len(grids) != 2 or any(isinstance(p, Joined) for p in self._places(label)):
                continue
            ends = [grid.other(label) for grid in grids]
            if ends[0] == ends[1]:
                key = (0, label)
            else:
                key = (1 if len(self._places(label)) == 2 else 2, label)
            best = min(best, key) if best else key
        if best is None:
            return False
        self._join_grids(best[1])
        return True

    def _join_grids(self, label: int) -> None:
        places = self._places(label)
        grids = [self.undivided(p) for p in places if len(p.labels) == 2]
        vectors = [p for p in places if len(p.labels) == 1]
        left, right = grids
        first, last = left.other(label), right.other(label)
        middle = [diag_of(self.undivided(v).mat) for v in vectors]
        self._remove(*places)
        joined = chain([left.facing(first), *middle, right.facing(label)])
        if first == last and not self._is_open(first) and not self._places(first):
            self.scalars.append(self._trace_written(left, right, label, middle))
        else:
            self.put(joined, (first, last))

    def _trace_written(self, left: Piece, right: Piece, label: int, middle: list[Mat]) -> Written:
        """tr of a cycle, begun where it is shortest; two factors also as sum(A.*B)."""
        first = left.other(label)
        parts = list(chain([left.facing(first), *middle, right.facing(label)]).parts)
        turns = [chain(parts[k:] + parts[:k]) for k in range(len(parts))]
        options = [written for turn in turns for written in (turn.plain, turn.flipped)]
        best = min(options, key=lambda w: w.cost)
        if not middle:
            grid = entrywise([left.facing(first), right.facing(first)])
            flat = min((grid.plain, grid.flipped), key=lambda w: w.cost)
            if flat.cost < best.cost:
                return matrix.call("sum", flat)
        return matrix.call("tr", best)

    def _scale_rows(self) -> bool:
        """v_i A_ij with i kept: diag(v)*A, when no other vector or matrix claims i."""
        for piece in self.items:
            if len(piece.labels) != 1 or isinstance(piece, Joined):
                continue
            label = piece.labels[0]
            grids = [p for p in self._places(label) if len(p.labels) == 2]
            if not grids or isinstance(grids[0], Joined):
                continue
            grid = min(grids, key=lambda p: p.mat.cost)
            vector = self.undivided(piece).mat
            last = grid.other(label)
            scaled = self.undivided(grid)
            self._remove(piece, grid)
            self.put(chain([diag_of(vector), scaled.facing(label)]), (label, last))
            return True
        return False

    def undivided(self, piece: Piece) -> Piece:
        """A divisor piece written as 1./x."""
        if not piece.divide:
            return piece
        one = matrix.symmetric(matrix.number(1))
        return Piece(entrywise([one], [piece.mat]), piece.labels)

    # ------------------------------------------------------------ output

    def _assemble(self) -> Mat:
        if self.deltas:
            return self._with_identity()
        if len(self.out) == 1:
            return self._one_axis()
        return self._two_axes()

    def _with_identity(self) -> Mat:
        """δ_ij v_i is diag(v), δ_ij alone the identity."""
        if len(self.deltas) > 1 or set(self.deltas[0]) != set(self.out):
            raise Unreadable
        if not self.items:
            return matrix.eye_written(self.dims[self.out[0]])
        if len(self.items) > 1 or len(self.items[0].labels) != 1:
            raise Unreadable
        return diag_of(self.undivided(self.items[0]).mat)

    def _one_axis(self) -> Mat:
        if not self.items:
            return matrix.ones_written([self.dims[self.out[0]]])
        if len(self.items) > 1 or self.items[0].labels != self.out:
            raise Unreadable
        return self.undivided(self.items[0]).mat

    def _two_axes(self) -> Mat:
        row, column = self.out
        if len(self.items) == 1 and len(self.items[0].labels) == 2:
            piece = self.undivided(self.items[0])
            if set(piece.labels) != set(self.out):
                raise Unreadable
            return piece.facing(row)
        sides: dict[int, Mat] = {}
        for piece in self.items:
            if len(piece.labels) != 1 or piece.labels[0] not in self.out:
                raise Unreadable
            if piece.labels[0] in sides:
                raise Unreadable
            sides[piece.labels[0]] = self.undivided(piece).mat
        for label in self.out:
            if label not in sides:
                sides[label] = matrix.ones_written([self.dims[label]])
        return chain([sides[row], sides[column].T])


class Indexing(Piece):
    """A unit vector."""

    __slots__ = ("position",)

    def __init__(self, mat: Mat, labels: tuple[int, ...], position: Dim) -> None:
        super().__init__(mat, labels)
        self.position = position


class LowerOnes(Piece):
    """The lower triangle of ones."""


class Selection(Piece):
    """Consecutive rows of the identity."""

    __slots__ = ("first", "last")

    def __init__(self, mat: Mat, labels: tuple[int, ...], node: Leaf) -> None:
        super().__init__(mat, labels)
        self.first = matrix.dim_written(node.params[0] + 1)
        self.last = matrix.dim_written(node.params[0] + node.axes[0])


class Joined(Piece):
    """A joined axis: labels (joined, slow, fast)."""

    def __init__(self, labels: tuple[int, ...]) -> None:
        super().__init__(Mat(matrix.name("flatten")), labels)


def diag_of(vector: Mat) -> Mat:
    return matrix.symmetric(matrix.call("diag", vector.plain))


def trace_of(mat: Mat) -> Written:
    return matrix.call("tr", min((mat.plain, mat.flipped), key=lambda w: w.cost))


def sum_of(mat: Mat) -> Written:
    """Σ of all entries; 1'*A*1 as sum(A)."""
    return matrix.call("sum", min((mat.plain, mat.flipped), key=lambda w: w.cost))


def row_sum(mat: Mat) -> Mat:
    """sum(A, 2): a column with the sum of each row."""
    plain = matrix.call("sum", mat.plain, matrix.number(2))
    back = matrix.call("sum", mat.flipped, matrix.number(1))
    return Mat(
        matrix.cheaper(plain, matrix.transposed(back)),
        lambda: matrix.cheaper(back, matrix.transposed(plain)),
    )
