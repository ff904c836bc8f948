"""Constraints in a sum: do relative interiors of the domains meet, and what if not?

Polyhedral indicator functions need no qualification (Rockafellar, 23.8). Round ones do: the
sum rule holds when some direction leads strictly into all round sets at whose border the
point lies and stays in the polyhedral ones. If there is none, Motzkin's alternative gives
multipliers with Σ λⱼ·nⱼ + (polyhedral normals) = 0. As balls are strictly convex, no point of
the domain then differs from x in what ball j with λⱼ > 0 looks at, so that ball says no more
than "Aⱼ·(z - x) = 0". That replaces it, and the question is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import linprog

from gradform.language import Message, say
from gradform.nonsmooth.space.changes import (
    Added,
    Array,
    Bent,
    Change,
    Linear,
    Mapped,
    Supported,
    added,
    dense,
)
from gradform.nonsmooth.space.indicators import RoundCone
from gradform.records import record
from gradform.sets import Box, Cone, ConvexSet, PsdShift, Sandwich, subspace, whole_space

__all__ = ["Qualified", "falls_vertically", "leaves_a_ball", "qualified"]

_POSITIVE = 1e-9


@record(eq=False)
class Qualified:
    """The change with what holds; ``holds`` None when the qualification is not decided."""

    change: Change
    holds: bool | None
    notes: tuple[Message, ...]


@record(eq=False)
class _Round:
    """A ball at whose border the point lies: normal n, and the map A it looks through."""

    term: Supported
    normal: Array
    matrix: Array


def qualified(change: Change, dimension: int) -> Qualified:
    """The sum with constraints replaced where the sum rule fails."""
    terms = list(change.terms) if isinstance(change, Added) else [change]
    constraints = [term for term in map(_constraint, terms) if term is not None]
    steep = list(_vertical(change))
    if not constraints and not steep:
        return Qualified(change, True, ())
    notes: list[Message] = []
    if len(constraints) + bool(steep) == 1 and not _through_map(constraints):
        return Qualified(change, True, (say("one constraint, all other terms are finite nearby"),))
    replaced = {id(term): term for term in terms}
    while True:
        flat = [_constraint(t) for t in replaced.values()]
        now = [t for t in flat if t is not None]
        rounds, planes, spectral = _sorted(now)
        if steep:
            planes = np.vstack([planes, *(-row for row in steep)])
        if not rounds and not spectral:
            notes.append(say("all constraints are polyhedral: the sum rule needs nothing more"))
            break
        multipliers = _alternative([r.normal for r in rounds], planes, dimension)
        if multipliers is None:
            if spectral and not _spectral_inside(spectral, rounds, planes, dimension):
                return Qualified(
                    added(list(replaced.values())),
                    None,
                    (say("whether relative interiors of the domains meet was not found"),),
                )
            notes.append(say("a direction leads strictly into all round constraints at once"))
            break
        for weight, ball in zip(multipliers, rounds, strict=True):
            if weight > _POSITIVE:
                for key, term in replaced.items():
                    if _constraint(term) is ball.term:
                        replaced[key] = _only_equal(ball, dimension)
        notes.append(
            say("relative interiors do not meet: balls that only touch fix what they look at")
        )
    return Qualified(added(list(replaced.values())), True, tuple(notes))


def _constraint(term: Change) -> Supported | None:
    """A normal cone of an affine argument; multiples of indicators are the same indicators."""
    if isinstance(term, Mapped) and term.matrix.shape == (1, 1) and float(term.matrix[0, 0]) > 0:
        term = term.inner
    if isinstance(term, Supported) and not term.set.is_bounded:
        return term
    return None


def _through_map(constraints: list[Supported]) -> bool:
    """Whether a round constraint looks through a map that is not onto."""
    for term in constraints:
        if isinstance(term.set, Box) or not isinstance(term.inner, Linear):
            continue
        matrix = dense(term.inner.matrix)
        if isinstance(term.set, Sandwich | PsdShift) and np.linalg.matrix_rank(matrix) < len(
            matrix
        ):
            n = round(len(matrix) ** 0.5)
            if np.linalg.matrix_rank(matrix) < n * (n + 1) // 2:
                return True
    return False


def _vertical(change: Change) -> Iterator[Array]:
    """Rows a with a·d >= 0 in the domain, where it ends or the graph is vertical."""
    match change:
        case Bent(inner=Linear() as inner):
            for i in np.flatnonzero(np.isinf(change.left) | np.isinf(change.right)):
                yield dense(inner.matrix[[i]])[0] * (1.0 if np.isinf(change.left[i]) else -1.0)
        case Added():
            for term in change.terms:
                yield from _vertical(term)
        case Mapped():
            yield from _vertical(change.inner)


def falls_vertically(change: Change, dimension: int) -> bool:
    """Whether some direction of the domain enters where the graph is vertical."""
    steep: list[Array] = []
    walls: list[Array] = []
    for part in _parts(change):
        if isinstance(part, Bent) and isinstance(part.inner, Linear):
            rows = dense(part.inner.matrix)
            for i in range(part.size):
                both = np.isinf(part.left[i]) and np.isinf(part.right[i])
                if both and part.left[i] == part.right[i]:
                    steep.append(rows[i])
                elif np.isinf(part.left[i]):
                    walls.append(-rows[i])
                elif np.isinf(part.right[i]):
                    walls.append(rows[i])
    terms = list(change.terms) if isinstance(change, Added) else [change]
    rounds, planes, _ = _sorted([t for t in map(_constraint, terms) if t is not None])
    walls += [*planes, *(ball.normal for ball in rounds)]
    count = len(steep)
    upper = [np.append(-row, np.eye(count)[i]) for i, row in enumerate(steep)]
    upper += [np.append(row, np.zeros(count)) for row in walls]
    found = linprog(
        np.append(np.zeros(dimension), -np.ones(count)),
        A_ub=np.array(upper),
        b_ub=np.zeros(len(upper)),
        bounds=[(-1, 1)] * dimension + [(0, 1)] * count,
    )
    return bool(found.status == 0 and -found.fun > _POSITIVE)


def leaves_a_ball(change: Change, d: Array) -> bool:
    """Whether d runs along the border of a ball at which the point lies."""
    for part in _parts(change):
        if not isinstance(part, Supported) or not _is_round(part):
            continue
        assert isinstance(part.set, RoundCone)
        moved = part.inner.at(d)
        normal = part.set.generators.values[0]
        along = abs(float(normal @ moved))
        least = 1e-12 * float(np.linalg.norm(normal) * np.linalg.norm(moved))
        if moved.any() and along <= least:
            return True
    return False


def _parts(change: Change) -> Iterator[Change]:
    yield change
    match change:
        case Added():
            for term in change.terms:
                yield from _parts(term)
        case Mapped() | Bent() | Supported():
            yield from _parts(change.inner)


def _sorted(terms: list[Supported]) -> tuple[list[_Round], Array, list[Supported]]:
    """Round ones with their normals, rows of all polyhedral normals (lines both ways), others."""
    rounds: list[_Round] = []
    rows: list[Array] = []
    spectral: list[Supported] = []
    width = 0
    for term in terms:
        if not isinstance(term.inner, Linear):
            spectral.append(term)
            continue
        matrix = dense(term.inner.matrix)
        width = matrix.shape[1]
        if _is_round(term):
            assert isinstance(term.set, Cone)
            normal = term.set.generators.values[0]
            rounds.append(_Round(term, matrix.T @ normal, matrix))
        elif isinstance(term.set, Box | Cone):
            rows += [matrix.T @ ray for ray in _rays(term.set)]
        else:
            spectral.append(term)
    return rounds, np.array(rows).reshape(len(rows), width), spectral


def _is_round(term: Supported) -> bool:
    """A strictly convex set in more than one dimension; an interval is a polyhedron."""
    return isinstance(term.set, RoundCone) and term.set.dim > 1


def _rays(s: Box | Cone) -> Iterator[Array]:
    units = np.eye(s.dim)
    if isinstance(s, Box):
        for i in range(s.dim):
            if np.isinf(s.hi[i]):
                yield units[i]
            if np.isinf(s.lo[i]):
                yield -units[i]
        return
    yield from s.generators.values
    for line in s.lineality.values:
        yield line
        yield -line


def _alternative(normals: list[Array], planes: Array, dimension: int) -> Array | None:
    """λ >= 0, Σ λ = 1 with Σ λⱼnⱼ + planes'·μ = 0, μ >= 0; None when a direction d exists."""
    if not normals:
        return None
    sizes = [float(np.linalg.norm(n)) or 1.0 for n in normals]
    columns = np.array([n / size for n, size in zip(normals, sizes, strict=True)])
    both = np.vstack([columns, planes]) if planes.size else columns
    equal = np.vstack(
        [both.T, np.append(np.ones(len(normals)), np.zeros(len(both) - len(normals)))]
    )
    right = np.append(np.zeros(dimension), 1.0)
    best = np.zeros(len(normals))
    for j in range(len(normals)):  # the largest support: one multiplier after the other
        cost = np.zeros(len(both))
        cost[j] = -1.0
        found = linprog(cost, A_eq=equal, b_eq=right, bounds=[(0, None)] * len(both))
        if found.status == 2:
            return None
        if found.status in (0, 3):
            best[j] = max(best[j], 1.0 if found.status == 3 else float(found.x[j]))
    return best if best.max() > _POSITIVE else None


def _spectral_inside(
    spectral: list[Supported], rounds: list[_Round], planes: Array, dimension: int
) -> bool:
    """Whether moving every semidefinite argument towards the identity meets all the others."""
    matrices, targets = [], []
    for term in spectral:
        if not isinstance(term.inner, Linear) or not isinstance(term.set, Sandwich | PsdShift):
            return False
        matrix = dense(term.inner.matrix)
        n = round(len(matrix) ** 0.5)
        matrices.append(matrix)
        targets.append(np.eye(n).ravel())
    rows, right = np.vstack(matrices), np.concatenate(targets)
    d, *_ = np.linalg.lstsq(rows, right, rcond=None)
    if np.abs(rows @ d - right).max() > 1e-9:
        return False
    if planes.size and (planes @ d).max() > 1e-9:
        return False
    return all(float(ball.normal @ d) < -1e-9 for ball in rounds)


def _only_equal(ball: _Round, dimension: int) -> Change:
    """The normal space of {z : A·(z - x) = 0}."""
    rank = np.linalg.matrix_rank(ball.matrix)
    s: ConvexSet = whole_space(dimension) if rank == dimension else subspace(ball.matrix)
    return Supported(s, Linear(np.eye(dimension)))
