"""Certificates: a derivative is shown only after the limit definition has confirmed it.

At random points, for several sizes with all dimensions different, the derivative tensor
contracted with random directions must equal the directional derivative of the formula.
The point must be admissible: value and limit exist there. The candidates have no say in
the choice of points, except where entries are restricted to a few values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from gradform.formula.tree import Program
from gradform.functions.shapes import Shape
from gradform.language import Message, joined, say
from gradform.records import record
from gradform.verify.comparison import (
    DIRECTIONS,
    Agreement,
    Along,
    Candidate,
    Comparison,
    Declared,
    Question,
)
from gradform.verify.sampling import Sampler, Variable, index_conditions
from gradform.verify.sizes import Assignment, listed, parse_condition

__all__ = ["Along", "Candidate", "Certificate", "certify"]

_ASSIGNMENTS = 2


@record
class Certificate:
    """What was compared, and how well it agreed.

    points        number of random points, over all sizes
    sizes         the size assignments
    directions    number of comparisons per candidate
    worst_error   largest max|E - T| / max(max|T|, scale): E from the candidate, T the
                  limit, scale the size of a derivative that rounding cannot tell from 0
    tolerance     the error up to which a comparison passed; it follows the limit's own error
    method        how the limit was taken
    checked       names of the candidates
    passed_over   why other points were not used where the derivative exists but the formula
                  or the code has no accurate value, as where an exponential overflows
    """

    points: int
    sizes: tuple[Assignment, ...]
    directions: int
    worst_error: float
    tolerance: float
    method: str
    checked: tuple[str, ...]
    passed_over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.points > 0 and self.worst_error <= self.tolerance

    @property
    def text(self) -> Message:
        """All of it in a line."""
        facts = [self._where()]
        error = f"{self.worst_error:.0e}" if self.worst_error else "0"
        facts.append(
            say("worst relative error {error} ({method})", error=error, method=self.method)
        )
        facts += [
            say("passed over {count} where {reason}", count=count, reason=reason)
            for reason, count in Counter(self.passed_over).items()
        ]
        return joined(facts, "; ")

    def _where(self) -> Message:
        sizes = joined((listed(each) for each in self.sizes if each), " and ")
        if not sizes:
            return say("confirmed at {points} points", points=self.points)
        return say("confirmed at {points} points, sizes {sizes}", points=self.points, sizes=sizes)

    def __str__(self) -> str:
        return str(self.text)


@np.errstate(all="ignore")
def certify(
    function: Program,
    shapes: Mapping[int, Shape],
    variables: Mapping[str, Variable],
    wrt: Sequence[str],
    candidates: Mapping[str, Candidate],
    *,
    along: Sequence[Along | None] = (),
    constraint: str | None = None,
    size_conditions: Sequence[str] = (),
    seed: int = 0,
    points_per_size: int = 2,
) -> Certificate:
    """Confirm derivatives of ``function`` by their limit definition, or raise.

    shapes       ``id(node)`` → written shape, for the nodes of ``function``
    wrt          one variable per order: ["x", "x"] is a Hessian, ["x", "y"] a mixed one
    candidates   name → ``(env, sizes) -> T``. T has the axes of the value, then those of
                 each variable in turn; columns and rows have one axis, scalars none
    along        per order the direction in which the derivative is taken, or None. Such an
                 order adds no axes to T
    constraint   "symmetric", "diagonal", "toeplitz" or "symmetric_toeplitz": the entry
                 (i, j) is the derivative by the parameter at (i, j), and 0 outside the
                 structure. None: all entries are independent

    Raises UnconfirmedError when a candidate has another shape, is not finite or differs,
    and when no admissible points are found; InputError for malformed conditions.
    """
    declared = {
        name: Declared(variable.shape, frozenset(variable.structure))
        for name, variable in variables.items()
    }
    for name in set(wrt) if constraint else ():
        declared[name] = declared[name].tied_by(constraint)
    directions = [*along, *[None] * (len(wrt) - len(along))]
    question = Question(function, shapes, declared, wrt, candidates, constraint, directions)
    sampler = _sampler(question, size_conditions)
    rng = np.random.default_rng(seed)
    assignments = sampler.size_assignments(_ASSIGNMENTS)
    points = points_per_size * _ASSIGNMENTS // len(assignments)
    agreement = Agreement()
    for sizes in assignments:
        agreement |= Comparison(question, sizes, rng).run(sampler, points)
    return Certificate(
        points=points * len(assignments),
        sizes=tuple(assignments),
        directions=points * len(assignments) * DIRECTIONS,
        worst_error=agreement.error,
        tolerance=agreement.tolerance,
        method=joined(sorted(agreement.methods)),
        checked=tuple(candidates),
        passed_over=agreement.passed_over,
    )


def _sampler(question: Question, size_conditions: Sequence[str]) -> Sampler:
    conditions = [parse_condition(condition) for condition in size_conditions]
    conditions += index_conditions(question.function, question.variables, question.shapes)
    dimensions = (size for shape in question.shapes.values() for size in shape)
    return Sampler(question.variables, conditions, dimensions)
