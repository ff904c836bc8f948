"""Small sizes for the dimensions of a formula, and the conditions they must satisfy."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from gradform.errors import CannotError, InputError, UnknownNameError
from gradform.ir.dims import Dim, dim
from gradform.language import Message, joined, say
from gradform.records import record

__all__ = ["Assignment", "SizeCondition", "listed", "parse_condition", "size_assignments"]

Assignment: TypeAlias = dict[str, int]

_RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
_RELATION = re.compile("(<=|>=|==|!=|<|>)")
_ATOM = r"(?:[0-9]{1,9}|[^\W\d]\w*)"
_PRODUCT = rf"{_ATOM}(?:\s*\*\s*{_ATOM})*"
_SUM = re.compile(rf"\s*[-+]?\s*{_PRODUCT}(?:\s*[-+]\s*{_PRODUCT})*\s*")
_TERM = re.compile(rf"([-+]?)\s*({_PRODUCT})")
_ASCII = str.maketrans({"≤": "<=", "≥": ">=", "≠": "!="})

_FAVOURITES = (3, 4, 5, 2, 6, 7)  # unequal neighbours, neither trivial nor slow
_LARGEST = 256
_MOST_STEPS = 10_000


@record
class SizeCondition:
    """``left relation right`` between dimensions, such as m > n."""

    left: Dim
    relation: str
    right: Dim

    @property
    def names(self) -> frozenset[str]:
        return self.left.names | self.right.names

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether the condition is true for these sizes."""
        return _RELATIONS[self.relation](self.left.evaluate(sizes), self.right.evaluate(sizes))

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"


def parse_condition(text: str) -> SizeCondition:
    """``m > n``, ``p <= m + n - 1``, ``2*n != m``; InputError for anything else."""
    parts = _RELATION.split(text.translate(_ASCII))
    if len(parts) != 3 or not all(_SUM.fullmatch(side) for side in (parts[0], parts[2])):
        raise InputError(
            say("'{text}' is not a condition on dimensions.", text=text),
            kind="condition",
            hint=say("Write two dimensions with one of < <= == != >= > between them: m > n + 1"),
        )
    return SizeCondition(_sum(parts[0]), parts[1], _sum(parts[2]))


def _sum(text: str) -> Dim:
    total = dim(0)
    for sign, product in _TERM.findall(text):
        term = dim(-1 if sign == "-" else 1)
        for atom in map(str.strip, product.split("*")):
            term = term * (int(atom) if atom.isdecimal() else dim(atom))
        total = total + term
    return total


def listed(sizes: Mapping[str, int]) -> str:
    """``n=3,m=4``"""
    return ",".join(f"{name}={size}" for name, size in sizes.items())


class _Strictness(NamedTuple):
    """What is asked beyond the conditions; less and less until sizes are found."""

    least: int  # of every dimension
    all_different: bool  # also the composed ones such as m*n
    names_different: bool
    new: bool  # each size differs from that in earlier assignments


_STRICTNESS = (
    _Strictness(2, True, True, True),
    _Strictness(1, False, True, True),
    _Strictness(1, False, True, False),
    _Strictness(1, False, False, False),
)


def size_assignments(
    dimensions: Iterable[Dim], conditions: Sequence[SizeCondition], count: int
) -> list[Assignment]:
    """``count`` assignments of small sizes to all names in ``dimensions``.

    All dimensions are at least 1, and as far as the conditions allow at least 2,
    different from one another and different in every assignment, so that no mistake
    hides behind two equal sizes. One empty assignment when there are no names.
    Raises UnknownNameError for a condition on other names, InputError when no sizes
    satisfy the conditions, CannotError when only large or long-sought ones might.
    """
    search = _Search(list(dict.fromkeys(dimensions)), conditions)
    if not search.names:
        search.require_constant_conditions()
        return [{}]
    found: list[Assignment] = []
    for turn in range(count):
        found.append(search.assignment(turn, found))
    return found


class _Search:
    """Backtracking over the names in turn, checking each demand once its names are known."""

    def __init__(self, dimensions: Sequence[Dim], conditions: Sequence[SizeCondition]) -> None:
        self.conditions = conditions
        self.gave_up = False
        self.names = sorted({name for size in dimensions for name in size.names})
        self.fixed = {size.value for size in dimensions if size.value not in (None, 0, 1)}
        for condition in conditions:
            unknown = sorted(condition.names - set(self.names))
            if unknown:
                raise UnknownNameError(
                    say(
                        "The condition {condition} is about '{name}', which is no dimension.",
                        condition=condition,
                        name=unknown[0],
                    ),
                    kind="undefined_variable",
                )
        composed = [size for size in dimensions if size.names and not size.is_name]
        order = {name: place for place, name in enumerate(self.names)}
        self.conditions_at: list[list[SizeCondition]] = [[] for _ in self.names]
        self.composed_at: list[list[Dim]] = [[] for _ in self.names]
        for condition in conditions:
            if condition.names:
                last = max(order[name] for name in condition.names)
                self.conditions_at[last].append(condition)
        for size in composed:
            self.composed_at[max(order[name] for name in size.names)].append(size)

    def require_constant_conditions(self) -> None:
        if not all(condition.holds({}) for condition in self.conditions if not condition.names):
            raise self._contradiction()

    def assignment(self, turn: int, earlier: Sequence[Assignment]) -> Assignment:
        """The first sizes that satisfy as much as can be satisfied."""
        self.require_constant_conditions()
        smallest = max(7, len(self.names) + 3)
        reach = self._reach()
        tops = (smallest, smallest + reach) if reach <= _LARGEST else (smallest,)
        for strictness in _STRICTNESS:
            for top in tops:
                found = self._first(_pool(turn, top), strictness, earlier)
                if found is not None:
                    return found
        if self.gave_up or reach > _LARGEST:
            raise CannotError(
                say(
                    "No sizes up to {largest} were found that satisfy {conditions}.",
                    largest=_LARGEST,
                    conditions=self._listed(),
                ),
                kind="unconfirmed",
            )
        raise self._contradiction()

    def _reach(self) -> int:
        """A size at which every demand has room: 30 for the 10*n of m > 10*n."""
        demands = [side for c in self.conditions for side in (c.left, c.right)]
        composed = (size for sizes in self.composed_at for size in sizes)
        demands.extend(size for size in composed if any(c < 0 for _, c in size.terms))
        return max(
            (sum(abs(c) * 3 ** len(names) for names, c in size.terms) for size in demands),
            default=0,
        )

    def _listed(self) -> Message:
        return joined(self.conditions) or say("that all dimensions are at least 1")

    def _contradiction(self) -> InputError:
        return InputError(
            say("No sizes satisfy {conditions}.", conditions=self._listed()), kind="condition"
        )

    def _first(
        self, pool: Sequence[int], strictness: _Strictness, earlier: Sequence[Assignment]
    ) -> Assignment | None:
        chosen: Assignment = {}
        trail: list[Iterator[int]] = [iter(pool)]
        steps = 0
        while trail and steps < _MOST_STEPS:
            place = len(trail) - 1
            name = self.names[place]
            for size in trail[-1]:
                steps += 1
                chosen[name] = size
                if self._admits(chosen, place, strictness, earlier):
                    if len(chosen) == len(self.names):
                        return chosen
                    trail.append(iter(pool))
                    break
            else:
                chosen.pop(name, None)
                trail.pop()
        self.gave_up = self.gave_up or bool(trail)
        return None

    def _admits(
        self, chosen: Assignment, place: int, strictness: _Strictness, earlier: Sequence[Assignment]
    ) -> bool:
        """Whether the size just given to the name at ``place`` breaks no demand."""
        name = self.names[place]
        size = chosen[name]
        if size < strictness.least:
            return False
        if strictness.new and any(sizes[name] == size for sizes in earlier):
            return False
        if strictness.names_different and (len(set(chosen.values())) < len(chosen)):
            return False
        if not all(condition.holds(chosen) for condition in self.conditions_at[place]):
            return False
        new = [composed.evaluate(chosen) for composed in self.composed_at[place]]
        if any(value < strictness.least for value in new):
            return False
        return not strictness.all_different or self._all_different(chosen, place)

    def _all_different(self, chosen: Assignment, place: int) -> bool:
        ready = [size for sizes in islice(self.composed_at, place + 1) for size in sizes]
        values = [*chosen.values(), *(size.evaluate(chosen) for size in ready)]
        return len(set(values)) == len(values) and not self.fixed.intersection(values)


def _pool(turn: int, top: int) -> list[int]:
    """The sizes to try, in an order that differs from turn to turn; 1 comes last."""
    begin = 2 * turn % len(_FAVOURITES)
    rotated = _FAVOURITES[begin:] + _FAVOURITES[:begin]
    return [*rotated, *range(max(_FAVOURITES) + 1, top + 1), 1]
