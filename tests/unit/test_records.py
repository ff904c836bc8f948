"""Records behave as frozen dataclasses with slots do."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from gradform.records import as_dict, record, replaced


@record
class Point:
    """Two numbers, the second with a default."""

    x: int
    y: int = 0

    @property
    def norm(self) -> int:
        return abs(self.x) + abs(self.y)


@record
class Named(Point):
    """A point with a name."""

    name: str = "p"


@record(eq=False)
class Token:
    """Compared by identity."""

    text: str


@record(frozen=False)
class Counter:
    """May be changed."""

    count: int


@record
class Positive:
    """Checks itself."""

    value: int

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise ValueError("not positive")


def test_fields_by_position_by_name_and_by_default() -> None:
    assert as_dict(Point(1, 2)) == {"x": 1, "y": 2}
    assert as_dict(Point(y=2, x=1)) == {"x": 1, "y": 2}
    assert as_dict(Point(1)) == {"x": 1, "y": 0}
    assert as_dict(Named(1, name="q")) == {"x": 1, "y": 0, "name": "q"}
    assert Point(3, -4).norm == 7


@pytest.mark.parametrize("values", [(), (1, 2, 3)])
def test_too_few_or_too_many_values(values: tuple[int, ...]) -> None:
    with pytest.raises(TypeError):
        Point(*values)


@pytest.mark.parametrize("named", [{"z": 1}, {"x": 1}])
def test_values_that_have_no_place(named: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        Point(1, **named)


@pytest.mark.parametrize("count", range(9))
def test_any_number_of_fields(count: int) -> None:
    names = [f"field{k}" for k in range(count)]
    made: Any = record(type("Made", (), {"__annotations__": dict.fromkeys(names, int)}))
    found = made(*range(count))
    assert as_dict(found) == dict(zip(names, range(count), strict=True))
    assert found == made(**as_dict(found))
    assert hash(found) == hash(made(*range(count)))
    assert count == 0 or found != made(*range(1, count + 1))


def test_equality_and_hash_by_value_within_a_class() -> None:
    assert Point(1) == Point(1, 0)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)


def test_identity() -> None:
    one, other = Token("a"), Token("a")
    assert one == one
    assert one != other
    assert len({one, other}) == 2


def test_frozen_or_not() -> None:
    point = Point(1)
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.x
    counter = Counter(1)
    counter.count += 1
    assert counter.count == 2
    with pytest.raises(TypeError):
        hash(counter)


def test_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Counter(1).other = 2  # type: ignore[attr-defined]


def test_replaced() -> None:
    assert replaced(Named(1, 2, "q"), y=5) == Named(1, 5, "q")
    assert replaced(Point(1)) == Point(1)
    with pytest.raises(TypeError):
        replaced(Point(1), z=2)


def test_checks_of_its_own() -> None:
    assert Positive(1).value == 1
    with pytest.raises(ValueError, match="not positive"):
        Positive(0)


def test_matching_repr_and_pickle() -> None:
    match Named(1, 2):
        case Named(x, y, name):
            assert (x, y, name) == (1, 2, "p")
    assert repr(Point(1)) == "Point(x=1, y=0)"
    assert pickle.loads(pickle.dumps(Named(1, 2, "q"))) == Named(1, 2, "q")
