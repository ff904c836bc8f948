"""Random admissible points: arrays that have the declared structures.

Plain points are standard normal, or as the structure says. Formulas with a restricted
domain (``log(1 - x'*x)``, ``acos(x'*y)``) need other points, so the attempts go through
strategies: small, positive, in (0, 1), near the identity, large, …, and mixtures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Protocol

import numpy as np

from gradform.errors import GradformError, ShapeError, StructureError
from gradform.formula.tree import Call, Formula, Number, Program, Slice, children
from gradform.functions.record import lookup
from gradform.functions.shapes import Shape, describe
from gradform.ir.dims import ONE, Dim, dim
from gradform.language import listed, say
from gradform.records import record
from gradform.syntax.sizes import dimension
from gradform.verify.interpreter import Array
from gradform.verify.sizes import Assignment, SizeCondition, parse_condition, size_assignments

__all__ = ["Sampler", "Variable", "index_conditions"]


class Variable(Protocol):
    """What is known of a variable: its shape as written and its structures."""

    @property
    def shape(self) -> Shape: ...
    @property
    def structure(self) -> Collection[str]: ...


@record
class _Strategy:
    """How entries are drawn: ``sign`` 0 is normal, ±1 uniform on ±scale·(0.2, 1.8).

    ``identity`` > 0 draws square matrices as I + identity·(entries).
    """

    scale: float = 1.0
    sign: int = 0
    identity: float = 0.0


_PLAIN = _Strategy()
_STRATEGIES = (
    _PLAIN,
    _PLAIN,
    _PLAIN,
    _PLAIN,
    _Strategy(scale=0.3),
    _Strategy(sign=1),
    _Strategy(scale=0.5, sign=1),  # in (0, 1)
    _Strategy(identity=0.2),
    _Strategy(scale=3.0, sign=1),
    _Strategy(sign=-1),
    _Strategy(scale=0.05),
    _Strategy(sign=1, identity=0.2),
    _Strategy(scale=0.1, sign=1),
    _Strategy(scale=4.0),
    _Strategy(scale=12.0, sign=1),
)
_MOST_ATTEMPTS = 150
_MOST_REDRAWS = 30
_LARGEST_CONDITION = 60.0

_ENTRYWISE = frozenset({"binary", "large", "onehot", "pm1", "positive", "simplex", "unit"})
_PATTERNS = frozenset({"diagonal", "spd", "symmetric", "symmetric_toeplitz", "toeplitz"})
_ALONE = frozenset({"lower_positive", "orthogonal"})


class Sampler:
    """Random points for declared variables.

    variables    name → shape and structures
    conditions   on the dimensions, as text ("m > n") or parsed
    dimensions   further dimensions that occur, such as those of intermediate results
    """

    def __init__(
        self,
        variables: Mapping[str, Variable],
        conditions: Iterable[str | SizeCondition] = (),
        dimensions: Iterable[Dim] = (),
    ) -> None:
        self.variables = {
            name: (variable.shape, frozenset(variable.structure))
            for name, variable in variables.items()
        }
        for name, (shape, structure) in self.variables.items():
            _check_structure(name, shape, structure)
        self.conditions = [
            parse_condition(condition) if isinstance(condition, str) else condition
            for condition in conditions
        ]
        declared = (size for shape, _ in self.variables.values() for size in shape)
        self.dimensions = [*declared, *dimensions]

    def size_assignments(self, count: int) -> list[Assignment]:
        """See :func:`gradform.verify.sizes.size_assignments`."""
        return size_assignments(self.dimensions, self.conditions, count)

    def point(self, sizes: Mapping[str, int], rng: np.random.Generator) -> dict[str, Array]:
        """A plain random point: 2-D arrays, read-only, with the declared structures."""
        return self._draw(sizes, rng, _PLAIN)

    def attempts(
        self, sizes: Mapping[str, int], rng: np.random.Generator
    ) -> Iterator[dict[str, Array]]:
        """Points of every strategy, plain ones first, then mixtures; a bounded number."""
        for strategy in _STRATEGIES:
            yield self._draw(sizes, rng, strategy)
        for _ in range(_MOST_ATTEMPTS - len(_STRATEGIES)):
            yield self._draw(sizes, rng, None)

    def _draw(
        self, sizes: Mapping[str, int], rng: np.random.Generator, strategy: _Strategy | None
    ) -> dict[str, Array]:
        point: dict[str, Array] = {}
        for name, (shape, structure) in self.variables.items():
            own = strategy or _STRATEGIES[int(rng.integers(len(_STRATEGIES)))]
            extent = (shape.rows.evaluate(sizes), shape.cols.evaluate(sizes))
            array = _well_conditioned(rng, extent, structure, own, shape.is_matrix)
            array.flags.writeable = False
            point[name] = array
        return point


def index_conditions(
    function: Program, variables: Mapping[str, Variable], shapes: Mapping[int, Shape]
) -> list[SizeCondition]:
    """What the formula asks of the dimensions: ``x(4)`` needs a length of at least 4, and
    ``svdvals(X)`` at least as many rows as columns."""
    indexed = {name: variable.shape for name, variable in variables.items()}
    for definition in function.definitions:
        indexed[definition.name] = shapes[id(definition.value)]
    declared = [*indexed.values(), *shapes.values()]
    known = {name for shape in declared for size in shape for name in size.names}
    conditions: dict[SizeCondition, None] = {}
    pending: list[Formula] = [*(d.value for d in function.definitions), function.body]
    while pending:
        node = pending.pop()
        pending.extend(children(node))
        if isinstance(node, Call) and node.name in indexed:
            conditions |= dict.fromkeys(_access_conditions(node, indexed[node.name], known))
        elif isinstance(node, Call):
            conditions |= dict.fromkeys(_tall_conditions(node, shapes))
            conditions |= dict.fromkeys(_count_conditions(node, shapes))
    return list(conditions)


def _tall_conditions(node: Call, shapes: Mapping[int, Shape]) -> Iterator[SizeCondition]:
    record = lookup(node.name)
    if record is not None and record.needs_tall and shapes[id(node.args[0])].is_matrix:
        shape = shapes[id(node.args[0])]
        if (shape.rows - shape.cols).value is None:
            yield SizeCondition(shape.cols, "<=", shape.rows)


def _count_conditions(node: Call, shapes: Mapping[int, Shape]) -> Iterator[SizeCondition]:
    """``sum_largest(x, 3)`` needs a length of at least 3."""
    record = lookup(node.name)
    if record is not None and record.takes_entries and isinstance(node.args[1], Number):
        shape = shapes[id(node.args[0])]
        length = shape.cols if shape.is_row else shape.rows
        if length.value is None:
            yield SizeCondition(dim(node.args[1].value.numerator), "<=", length)


def _access_conditions(node: Call, shape: Shape, known: Collection[str]) -> Iterator[SizeCondition]:
    def reject(part: Formula) -> GradformError:
        return ShapeError(
            say("An index of {name} is no size.", name=node.name),
            kind="dimension_mismatch",
            span=part.span,
        )

    single = (shape.cols if shape.is_row else shape.rows,)
    for index, length in zip(node.args, single if len(node.args) == 1 else shape, strict=False):
        ends = children(index) if isinstance(index, Slice) else (index,)
        positions = [dimension(end, known, reject) for end in ends]
        for below, above in pairwise((ONE, *positions, length)):
            always = (above - below).value is not None or (below is ONE and above.is_name)
            if not always:
                yield SizeCondition(below, "<=", above)


def _check_structure(name: str, shape: Shape, structure: frozenset[str]) -> None:
    unknown = structure - _ENTRYWISE - _PATTERNS - _ALONE
    alone = structure & _ALONE
    if unknown or (alone and len(structure) > 1):
        raise StructureError(
            say(
                "No points are known in which {name} is {structure}.",
                name=name,
                structure=listed(sorted(structure)),
            ),
            kind="structure",
        )
    if structure - _ENTRYWISE and shape.rows is not shape.cols:
        raise StructureError(
            say(
                "{name} cannot be {structure}: it is {shape}.",
                name=name,
                structure=min(structure - _ENTRYWISE),
                shape=describe(shape),
            ),
            kind="structure",
        )


def _well_conditioned(
    rng: np.random.Generator,
    extent: tuple[int, int],
    structure: frozenset[str],
    strategy: _Strategy,
    is_matrix: bool,
) -> Array:
    """An array with the structure; a square matrix far from singular when that is possible."""
    array = _structured(rng, extent, structure, strategy)
    if not is_matrix or extent[0] != extent[1]:
        return array
    best, smallest = array, _condition(array)
    for _ in range(_MOST_REDRAWS):
        if smallest < _LARGEST_CONDITION:
            break
        array = _structured(rng, extent, structure, strategy)
        condition = _condition(array)
        if condition < smallest:
            best, smallest = array, condition
    return best


def _condition(matrix: Array) -> float:
    values = np.linalg.svd(matrix, compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 0 else float("inf")


def _structured(
    rng: np.random.Generator,
    extent: tuple[int, int],
    structure: frozenset[str],
    strategy: _Strategy,
) -> Array:
    entries = _entries(rng, extent, structure, strategy)
    if structure - _ENTRYWISE:
        entries = _arranged(entries, structure)
    near_identity = strategy.identity and not structure & (_ENTRYWISE | {"orthogonal"})
    if near_identity and extent[0] == extent[1]:
        return np.eye(extent[0]) + strategy.identity * entries
    return entries


def _entries(
    rng: np.random.Generator,
    extent: tuple[int, int],
    structure: frozenset[str],
    strategy: _Strategy,
) -> Array:
    """Independent entries, apart from ``onehot`` and ``simplex``, which hold for all entries."""
    if "pm1" in structure:
        return rng.integers(0, 2, extent) * 2.0 - 1.0
    if "onehot" in structure:
        array = np.zeros(extent)
        array.flat[rng.integers(array.size)] = 1.0
        return array
    if "binary" in structure:
        return rng.integers(0, 2, extent) * 1.0
    if "simplex" in structure:
        array = rng.uniform(0.2, 1.8, extent)
        array /= array.sum()
        return array
    if "unit" in structure:
        return min(strategy.scale, 1.0) * rng.uniform(0.1, 0.9, extent)
    if "large" in structure:
        return 4.0 + max(strategy.scale, 1.0) * rng.uniform(0.2, 1.8, extent)
    if "positive" in structure:
        return strategy.scale * rng.uniform(0.2, 1.8, extent)
    if strategy.sign:
        return strategy.sign * strategy.scale * rng.uniform(0.2, 1.8, extent)
    return strategy.scale * rng.standard_normal(extent)


def _arranged(entries: Array, structure: frozenset[str]) -> Array:
    """Independent entries of a square matrix, made to have all structures of matrices."""
    size = len(entries)
    row, column = np.indices((size, size))
    toeplitz = structure & {"toeplitz", "symmetric_toeplitz"}
    if "orthogonal" in structure:
        return np.linalg.qr(entries)[0]
    if "lower_positive" in structure:
        return np.where(row == column, np.abs(entries), np.tril(entries))
    if "spd" in structure and not structure & (_ENTRYWISE | {"diagonal"} | toeplitz):
        gram: Array = entries @ entries.T / size
        gram += 0.5 * np.mean(entries**2) * np.eye(size)
        return gram
    if "diagonal" in structure:
        entries = np.where(row == column, entries, 0.0)
    if toeplitz:
        entries = np.where(row >= column, entries[row - column, 0], entries[0, column - row])
    if structure & {"symmetric", "symmetric_toeplitz", "spd"}:
        entries = np.where(row >= column, entries, entries.T)
    if "spd" in structure:  # by a dominant diagonal, which keeps the other structures
        beside = np.where(row == column, 0.0, np.abs(entries)).sum(axis=1).max()
        entries = np.where(row == column, np.abs(entries) + beside, entries)
    return entries
