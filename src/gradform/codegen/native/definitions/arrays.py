"""What native code is written from: arrays of known shapes, each defined entry by entry.

A few kinds of definitions stand for all operations of a program. Index maps (:class:`Move`,
:class:`Reshape`) and functions of entries (:class:`Formula`) are expressions that can be written
wherever an entry is needed; contractions and the rest are computed into memory.
"""

from __future__ import annotations

from math import prod
from typing import TypeAlias

from gradform.records import record

__all__ = [
    "Affine",
    "Argument",
    "Array",
    "Arrays",
    "ByFactors",
    "Combination",
    "Contract",
    "Extreme",
    "Factored",
    "Filled",
    "Formula",
    "Gemm",
    "Symmetric",
    "Kind",
    "Monomial",
    "Move",
    "Packed",
    "Reshaped",
    "Scan",
    "Squares",
    "Unpacked",
]


@record
class Affine:
    """``constant + Σ coefficient · index`` of some axes of the result."""

    terms: tuple[tuple[int, int], ...] = ()
    constant: int = 0

    @property
    def axis(self) -> int | None:
        """The axis when the map is just its index."""
        if not self.constant and len(self.terms) == 1 and self.terms[0][1] == 1:
            return self.terms[0][0]
        return None


@record
class Argument:
    """An array that is given: the input at ``place``."""

    place: int


@record
class Filled:
    """A number."""

    value: float


@record
class Move:
    """Entries of the argument under other indices.

    Index k of the argument is ``indices[k]`` of those of the result. Where one of ``equal`` is
    not 0 or one of ``least`` is negative, the entry is 0.
    """

    indices: tuple[Affine, ...]
    equal: tuple[Affine, ...] = ()
    least: tuple[Affine, ...] = ()

    @property
    def everywhere(self) -> bool:
        return not self.equal and not self.least


@record
class Reshaped:
    """The same entries, last axis fastest."""


@record
class Combination:
    """``Σ coefficient · argument`` entry by entry."""

    coefficients: tuple[float, ...]


@record
class Monomial:
    """``coefficient · Π argument ^ power`` entry by entry."""

    coefficient: float
    powers: tuple[float, ...]


@record
class Formula:
    """A C expression over the entries ``{0}``, ``{1}`` …, and what it is called."""

    name: str
    template: str


@record
class Contract:
    """``scale · Σ Π argument``: a letter for each axis; what is not in ``out`` is summed."""

    letters: tuple[str, ...]
    out: str
    scale: float = 1.0


@record
class Gemm:
    """``scale`` times the product of two matrices, whose rows and columns are groups of axes.

    So many axes are ``batch`` axes of all three, then come ``rows`` and ``summed`` axes of the
    first, ``summed`` and ``columns`` axes of the second; the other way round where it is
    ``turned``. The result has the axes batch, rows, columns.
    """

    batch: int
    rows: int
    summed: int
    columns: int
    turned: tuple[bool, bool]
    scale: float = 1.0


@record
class Symmetric:
    """``scale · A'A`` or, with a second argument, ``scale · A' diag(weights) A``.

    The first ``summed`` axes of the argument are summed; the last are where it is ``turned``.
    """

    summed: int
    turned: bool
    scale: float = 1.0


@record
class Packed:
    """The upper triangles of symmetric matrices, which are the last two axes, as rows."""


@record
class Unpacked:
    """Each axis of the argument, packed, as the two axes that it was."""


@record
class Extreme:
    """The largest entry over some axes; NaN if one is."""

    axes: tuple[int, ...]


@record
class Squares:
    """Sums of squares over some axes: of the entries, of these scaled down, and scaled up.

    The three stand along a new first axis. The root of the right one is a norm.
    """

    axes: tuple[int, ...]


@record
class Scan:
    """Running sums along an axis."""

    axis: int
    backwards: bool


@record
class Factored:
    """The factors of a square matrix, and the row exchanges: for ByFactors only.

    ``positive``: L L' by Cholesky's method, else L U. ``failure``: what is wrong with a matrix
    that has none; without it an LU factorisation may leave a zero on the diagonal.
    """

    positive: bool
    failure: str = ""


@record
class ByFactors:
    """``solution``, ``inverse``, ``determinant`` or ``logarithm`` of a matrix by its factors.

    The second argument of a solution is the right-hand side, one or a matrix of them.
    """

    what: str
    positive: bool
    transposed: bool = False


Kind: TypeAlias = (
    Argument
    | Filled
    | Move
    | Reshaped
    | Combination
    | Monomial
    | Formula
    | Contract
    | Gemm
    | Symmetric
    | Packed
    | Unpacked
    | Extreme
    | Squares
    | Scan
    | Factored
    | ByFactors
)


@record
class Array:
    """A definition with the arrays that it is over, and its shape."""

    kind: Kind
    arguments: tuple[int, ...]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return prod(self.shape)


class Arrays:
    """Definitions in order, equal ones once; an array is the position of its definition."""

    def __init__(self) -> None:
        self.all: list[Array] = []
        self._numbers: dict[Array, int] = {}

    def __getitem__(self, array: int) -> Array:
        return self.all[array]

    def add(self, kind: Kind, arguments: tuple[int, ...], shape: tuple[int, ...]) -> int:
        return self.fresh(Array(kind, arguments, shape), shared=True)

    def fresh(self, array: Array, *, shared: bool = False) -> int:
        """The number of a definition; a new one unless ``shared`` and known."""
        found = self._numbers.get(array) if shared else None
        if found is None:
            found = len(self.all)
            self.all.append(array)
            self._numbers.setdefault(array, found)
        return found
