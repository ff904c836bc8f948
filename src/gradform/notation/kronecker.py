"""Kronecker forms: ∂vec(y)/∂vec(x) as a matrix, with vec, kron and commute.

The rows and columns of the matrix are products of axes. After the inner sums are done
every factor belongs to one block: a matrix between a row axis and a column axis, a vec
of a matrix between two row axes, a diag where a row and a column axis are the same. The
matrix is the Kronecker product of the blocks, up to commutation matrices that bring the
axes into order: vec(A') = commute(m,n)·vec(A) for A of m×n (Magnus & Neudecker, 3.7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

from gradform.ir.dims import ONE, Dim
from gradform.notation import matrix
from gradform.notation.matrix import Mat, Written, chain
from gradform.notation.network import Joined, Piece, Pieces, Unreadable
from gradform.records import record

__all__ = [
    "Block",
    "Variant",
    "blocks_of",
    "expand_joined",
    "hadamard_form",
    "joined_sum",
    "kronecker_options",
    "variants",
]


@record
class Block:
    """One Kronecker factor: its row labels and column labels, slowest first.

    ``identity`` is the size of an identity.
    """

    mat: Mat
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    identity: Dim | None = None


@record
class Variant:
    """left · kron(blocks) · right, with commutation matrices left and right or None."""

    left: Written | None
    body: Written
    right: Written | None

    @property
    def cost(self) -> int:
        sides = sum(side.cost + 1 for side in (self.left, self.right) if side is not None)
        return self.body.cost + sides


def expand_joined(
    pieces: Pieces, rows: Sequence[int], cols: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Replace joined axes among rows and columns by the pair they join."""
    sides = [list(rows), list(cols)]
    while (piece := _joined_among(pieces, sides)) is not None:
        _require_no_other_user(pieces, piece)
        equal = {piece.labels[0]}
        for pair in [d for d in pieces.deltas if equal & set(d)]:
            equal.update(pair)  # δ_IJ F[I,i,j]: the axis J is the same pair
            pieces.deltas.remove(pair)
        pieces.items = [item for item in pieces.items if item is not piece]
        for side in sides:
            for label in [x for x in side if x in equal]:
                at = side.index(label)
                side[at : at + 1] = piece.labels[1:]
    return sides[0], sides[1]


def _joined_among(pieces: Pieces, sides: Sequence[Sequence[int]]) -> Piece | None:
    """A joining whose joined axis is among the rows or columns."""
    for piece in pieces.items:
        if isinstance(piece, Joined) and any(piece.labels[0] in side for side in sides):
            return piece
    return None


def _require_no_other_user(pieces: Pieces, joined: Piece) -> None:
    """A joined axis that another factor runs along cannot be taken apart."""
    if any(joined.labels[0] in other.labels for other in pieces.items if other is not joined):
        raise Unreadable


def blocks_of(pieces: Pieces, rows: Sequence[int], cols: Sequence[int]) -> list[Block]:
    """The Kronecker factors of an eliminated network.

    Raises Unreadable when an axis is claimed by more than one factor.
    """
    first = _equal_labels(pieces)
    rows = [first.get(x, x) for x in rows]
    cols = [first.get(x, x) for x in cols]
    blocks: list[Block] = []
    done: set[int] = set()
    for piece in pieces.items:
        if isinstance(piece, Joined):
            raise Unreadable
        labels = piece.labels
        if done & set(labels):
            raise Unreadable
        done.update(labels)
        blocks.append(_block(pieces.undivided(piece), rows, cols))
    for label in dict.fromkeys([*rows, *cols]):
        if label not in done:
            blocks.append(_bare(label, pieces.dims[label], rows, cols))
    return blocks


def _equal_labels(pieces: Pieces) -> dict[int, int]:
    """Each label tied by an identity, to the first label it equals."""
    first: dict[int, int] = {}
    for a, b in pieces.deltas:
        target = first.get(a, a)
        first[b] = target
    return first


def _block(piece: Piece, rows: Sequence[int], cols: Sequence[int]) -> Block:
    """A vector or matrix placed by where its labels stand."""
    if len(piece.labels) == 1:
        label = piece.labels[0]
        here = (rows.count(label), cols.count(label))
        if here == (1, 0):
            return Block(piece.mat, (label,), ())
        if here == (0, 1):
            return Block(piece.mat.T, (), (label,))
        if here == (1, 1):
            return Block(matrix.diag(piece.mat), (label,), (label,))
        raise Unreadable
    a, b = piece.labels
    counts = (rows.count(a), cols.count(a), rows.count(b), cols.count(b))
    if counts == (1, 0, 0, 1):
        return Block(piece.facing(a), (a,), (b,))
    if counts == (0, 1, 1, 0):
        return Block(piece.facing(b), (b,), (a,))
    if counts == (1, 0, 1, 0):
        slow, fast = (a, b) if rows.index(a) < rows.index(b) else (b, a)
        return Block(_vec_of(piece.facing(fast)), (slow, fast), ())
    if counts == (0, 1, 0, 1):
        slow, fast = (a, b) if cols.index(a) < cols.index(b) else (b, a)
        return Block(_vec_of(piece.facing(fast)).T, (), (slow, fast))
    if counts == (1, 1, 1, 1):
        slow, fast = (a, b) if rows.index(a) < rows.index(b) else (b, a)
        vec = _vec_of(piece.facing(fast))
        return Block(matrix.diag(vec), (slow, fast), (slow, fast))
    raise Unreadable


def _vec_of(mat: Mat) -> Mat:
    return Mat(matrix.call("vec", mat.plain))


def _bare(label: int, size: Dim, rows: Sequence[int], cols: Sequence[int]) -> Block:
    """A label no factor carries: ones, or the identity where row and column are equal."""
    here = (rows.count(label), cols.count(label))
    if here == (1, 1):
        return Block(matrix.eye_written(size), (label,), (label,), size)
    if here == (1, 0):
        return Block(matrix.ones_written([size]), (label,), ())
    if here == (0, 1):
        return Block(matrix.ones_written([size]).T, (), (label,))
    if here == (2, 0):
        return Block(_vec_of(matrix.eye_written(size)), (label, label), ())
    if here == (0, 2):
        return Block(_vec_of(matrix.eye_written(size)).T, (), (label, label))
    raise Unreadable


def variants(
    blocks: Sequence[Block], rows: Sequence[int], cols: Sequence[int], dims: dict[int, Dim]
) -> list[Variant]:
    """The ways to write the product of blocks with rows and columns in the wanted order."""
    if len(blocks) > 4:
        raise Unreadable
    found: list[Variant] = []
    for order in permutations(blocks):
        down = [label for block in order for label in block.rows]
        along = [label for block in order for label in block.cols]
        left = _swap(down, list(rows), dims)
        right = _swap(list(cols), along, dims)
        if left is not None and right is not None:
            swap = left or right
            if swap and not (left and right) and all(block.identity is not None for block in order):
                found.append(Variant(None, swap, None))
                continue
            body = _kron(order)
            found.append(Variant(left or None, body, right or None))
    if not found:
        raise Unreadable
    return found


def hadamard_form(pieces: Pieces, rows: Sequence[int], cols: Sequence[int]) -> Written:
    """The matrix when factors share axes: each factor is spread over all rows and columns
    by Kronecker products with ones, and the spread matrices multiply entrywise.

    A factor that covers all rows, or all columns, is a ``diag`` before or behind.
    """
    places: dict[int, list[int]] = {}
    dims: dict[int, Dim] = {}
    for token, label in enumerate([*rows, *cols]):
        places.setdefault(label, []).append(token)
        dims[token] = pieces.dims[label]
    down, along = list(range(len(rows))), list(range(len(rows), len(rows) + len(cols)))
    left: list[Mat] = []
    right: list[Mat] = []
    spread: list[Mat] = []

    def spread_out(blocks: Sequence[Block]) -> Mat:
        used = {token for block in blocks for token in (*block.rows, *block.cols)}
        filled = [*blocks, *(_bare(t, dims[t], down, along) for t in dims if t not in used)]
        return Mat(_whole(_least(variants(filled, down, along, dims))))

    for k in range(max(len(tokens) for tokens in places.values()) - 1):
        pairs = [tokens[k : k + 2] for tokens in places.values() if len(tokens) > k + 1]
        spread.append(spread_out([_equal_pair(a, b, dims[a], len(rows)) for a, b in pairs]))
    for piece in pieces.items:
        if isinstance(piece, Joined):
            raise Unreadable
        if any(label not in places for label in piece.labels):
            raise Unreadable
        tokens = tuple(places[label][0] for label in piece.labels)
        block = _block(_relabelled(pieces.undivided(piece), tokens), down, along)
        if not block.cols and list(block.rows) == down:
            left.append(block.mat)
        elif not block.rows and list(block.cols) == along:
            right.append(block.mat.T)
        else:
            spread.append(spread_out([block]))
    if not spread:
        spread.append(spread_out([]))
    middle = matrix.entrywise(spread)
    before = [matrix.diag(matrix.entrywise(left))] if left else []
    after = [matrix.diag(matrix.entrywise(right))] if right else []
    return chain([*before, middle, *after]).plain


def _relabelled(piece: Piece, labels: tuple[int, ...]) -> Piece:
    return Piece(piece.mat, labels)


def _equal_pair(first: int, second: int, size: Dim, rows: int) -> Block:
    """The pattern of two equal positions; positions below ``rows`` stand in the rows."""
    if first < rows <= second:
        return Block(matrix.eye_written(size), (first,), (second,), size)
    ones = _vec_of(matrix.eye_written(size))
    if second < rows:
        return Block(ones, (first, second), ())
    return Block(ones.T, (), (first, second))


def _kron(blocks: Sequence[Block]) -> Written:
    """kron(kron(a, b), c), where a column beside a row is their product: u*v', and
    identities beside one another are one."""
    mats: list[Mat] = []
    k = 0
    while k < len(blocks):
        this, after = blocks[k], blocks[k + 1] if k + 1 < len(blocks) else None
        size = _run_of_identities(blocks, k)
        if size is not None:
            length, total = size
            mats.append(matrix.eye_written(total))
            k += length
            continue
        if after is not None and not this.cols and not after.rows:
            mats.append(chain([this.mat, after.mat]))
            k += 2
        elif after is not None and not this.rows and not after.cols:
            mats.append(chain([after.mat, this.mat]))
            k += 2
        else:
            mats.append(this.mat)
            k += 1
    if not mats:
        return matrix.number(1)
    result = mats[0].plain
    for mat in mats[1:]:
        result = matrix.call("kron", result, mat.plain)
    return result


def _run_of_identities(blocks: Sequence[Block], start: int) -> tuple[int, Dim] | None:
    """How many identities stand side by side, and the size of their product."""
    total, k = ONE, start
    while k < len(blocks) and (size := blocks[k].identity) is not None:
        total, k = total * size, k + 1
    return (k - start, total) if k - start > 1 else None


def _swap(have: list[int], want: list[int], dims: dict[int, Dim]) -> Written | tuple[()] | None:
    """The matrix that reorders a vec from ``have`` to ``want``; () for none needed.

    One exchange of two neighbouring blocks of axes: kron(I, commute, I).
    """
    if have == want:
        return ()
    for start in range(len(have)):
        for middle in range(start + 1, len(have)):
            for stop in range(middle + 1, len(have) + 1):
                turned = have[:start] + have[middle:stop] + have[start:middle] + have[stop:]
                if turned == want:
                    slow = _size(have[start:middle], dims)
                    fast = _size(have[middle:stop], dims)
                    swap = matrix.call(
                        "commute", matrix.dim_written(fast), matrix.dim_written(slow)
                    )
                    before = _size(have[:start], dims)
                    after = _size(have[stop:], dims)
                    if before is not ONE:
                        swap = matrix.call("kron", matrix.eye_written(before).plain, swap)
                    if after is not ONE:
                        swap = matrix.call("kron", swap, matrix.eye_written(after).plain)
                    return swap
    return None


def _size(labels: Sequence[int], dims: dict[int, Dim]) -> Dim:
    size = ONE
    for label in labels:
        size = size * dims[label]
    return size


Term = tuple[int, Sequence[Variant], Callable[[Written], Written]]


def joined_sum(terms: Sequence[Term]) -> Written:
    """Σ sign · scalars · variant, with one commutation matrix shared where that is shorter.

    Each term is (sign, variants, a function that writes the scalars before it).
    """
    best = matrix.written_sum(_sorted([(s, wrap(_whole(_least(v)))) for s, v, wrap in terms]))
    for side in ("left", "right"):
        for shared in _shared_sides(terms, side):
            written = _with_shared(terms, side, shared)
            if written.cost < best.cost:
                best = written
    return best


def _least(options: Sequence[Variant]) -> Variant:
    return min(options, key=lambda v: v.cost)


def _whole(variant: Variant) -> Written:
    parts = [p for p in (variant.left, variant.body, variant.right) if p is not None]
    return matrix.product(parts)


def _sorted(terms: list[tuple[int, Written]]) -> list[tuple[int, Written]]:
    return sorted(terms, key=lambda term: (term[0] < 0, term[1].cost))


def _key(side: Written | None) -> str:
    return "" if side is None else matrix.skeleton(side.tree)


def _shared_sides(terms: Sequence[Term], side: str) -> list[Written]:
    seen: dict[str, Written] = {}
    for _, options, _ in terms:
        for variant in options:
            written = getattr(variant, side)
            if written is not None:
                seen.setdefault(_key(written), written)
    return list(seen.values())


def _with_shared(terms: Sequence[Term], side: str, shared: Written) -> Written:
    """Terms that can stand behind the shared matrix are bracketed together."""
    inside: list[tuple[int, Written]] = []
    outside: list[tuple[int, Written]] = []
    other = "right" if side == "left" else "left"
    for sign, options, wrap in terms:
        fitting = [v for v in options if _key(getattr(v, side)) == _key(shared)]
        fitting = [v for v in fitting if getattr(v, other) is None]
        if fitting:
            body = min((v.body for v in fitting), key=lambda w: w.cost)
            inside.append((sign, wrap(body)))
        else:
            outside.append((sign, wrap(_whole(_least(options)))))
    if len(inside) < 2:
        return Written(shared.tree, 10**9)
    sign = -1 if all(s < 0 for s, _ in inside) else 1
    bracket = matrix.written_sum(_sorted([(s * sign, w) for s, w in inside]))
    pair = [shared, bracket] if side == "left" else [bracket, shared]
    return matrix.written_sum(_sorted([(sign, matrix.product(pair)), *outside]))


def kronecker_options(pieces: Pieces, rows: list[int], cols: list[int]) -> list[Variant]:
    """Products of Kronecker factors, or, where factors share axes, the entrywise form."""
    down, along, dims = pieces.merged(rows, cols)
    try:
        return variants(blocks_of(pieces, rows, cols), down, along, dims)
    except Unreadable:
        return [Variant(None, hadamard_form(pieces, down, along), None)]
