"""Records: small immutable classes of named values.

``@record`` gives a class what ``@dataclass(frozen=True, slots=True)`` gives it, without
compiling source for each class and without the modules that takes, which were a third of
``import gradform``. Where import time does not matter, ``dataclasses`` will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, dataclass_transform, overload

__all__ = ["as_dict", "record", "replaced"]

_T = TypeVar("_T")
_Getter: TypeAlias = Callable[[Any], Any]


@overload
@dataclass_transform(frozen_default=True)
def record(cls: type[_T], /) -> type[_T]: ...
@overload
@dataclass_transform(frozen_default=True)
def record(*, eq: bool = True, frozen: bool = True) -> Callable[[type[_T]], type[_T]]: ...
def record(cls: type[Any] | None = None, /, *, eq: bool = True, frozen: bool = True) -> Any:
    """The class with its annotations as fields, after those of its bases.

    A value in the class body is the default of its field. With ``eq`` false, records compare
    and hash by identity; with ``frozen`` false, fields can be set. ``__post_init__`` is
    called when it is defined.
    """
    if cls is None:
        return lambda decorated: _made(decorated, eq, frozen)
    return _made(cls, eq, frozen)


def replaced(found: _T, **changes: Any) -> _T:
    """The same record with some fields changed."""
    cls: Any = type(found)
    fields: tuple[str, ...] = cls.__match_args__
    values = [changes.pop(name) if name in changes else getattr(found, name) for name in fields]
    made: _T = cls(*values, **changes)
    return made


def as_dict(found: Any) -> dict[str, Any]:
    """The fields of a record by name."""
    return dict(zip(found.__match_args__, _values(found), strict=True))


def _made(cls: type[Any], eq: bool, frozen: bool) -> type[Any]:
    """The class once more: slots have to be there when a class is made."""
    own = tuple(cls.__annotations__)
    fields = (*getattr(cls, "__match_args__", ()), *own)
    given = {name: cls.__dict__[name] for name in own if name in cls.__dict__}
    hidden = {*own, "__dict__", "__weakref__"}
    body = {name: value for name, value in cls.__dict__.items() if name not in hidden}
    body |= {
        "__slots__": own,
        "__match_args__": fields,
        "_defaults": {**getattr(cls, "_defaults", {}), **given},
        "__repr__": _repr,
        "__reduce__": cls.__dict__.get("__reduce__", _reduce),
    }
    if frozen:
        body |= {"__setattr__": _immutable, "__delattr__": _immutable}
    if eq:
        get = _getter(fields)
        body |= {"__eq__": _equality(get), "__hash__": _hashing(get) if frozen else None}
    metaclass: Any = type(cls)
    made: Any = metaclass(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _constructor(made)
    found: type[Any] = made
    return found


def _constructor(cls: type[Any]) -> Callable[..., None]:
    fields: tuple[str, ...] = cls.__match_args__
    fill = _filler([getattr(cls, name).__set__ for name in fields])
    after = getattr(cls, "__post_init__", None)
    count = len(fields)
    rests = _rests(cls)

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
        if named:
            values = _completed(cls, values, named)
        elif len(values) != count:
            rest = rests.get(len(values))
            values = _completed(cls, values, named) if rest is None else values + rest
        fill(self, *values)
        if after is not None:
            after(self)

    return __init__


def _filler(setters: Sequence[Callable[[Any, Any], None]]) -> Callable[..., None]:
    """What sets all fields, three at a time: loops take longer than most of what records do."""
    match setters:
        case []:
            return lambda found: None
        case [one]:
            return one
        case [one, two]:

            def fill_two(found: Any, first: Any, second: Any) -> None:
                one(found, first)
                two(found, second)

            return fill_two
        case [one, two, three]:

            def fill_three(found: Any, first: Any, second: Any, third: Any) -> None:
                one(found, first)
                two(found, second)
                three(found, third)

            return fill_three
    begin, rest = _filler(setters[:3]), _filler(setters[3:])

    def fill(found: Any, first: Any, second: Any, third: Any, *others: Any) -> None:
        begin(found, first, second, third)
        rest(found, *others)

    return fill


def _getter(fields: tuple[str, ...]) -> _Getter:
    """What reads all fields, as a tuple."""
    return attrgetter(*fields) if len(fields) > 1 else _values


def _rests(cls: type[Any]) -> dict[int, tuple[Any, ...]]:
    """By the number of values that are given, the defaults of the other fields."""
    fields, defaults = cls.__match_args__, cls._defaults
    first = len(fields)
    while first and fields[first - 1] in defaults:
        first -= 1
    return {
        given: tuple(defaults[name] for name in fields[given:])
        for given in range(first, len(fields))
    }


def _completed(
    cls: type[Any], values: tuple[Any, ...], named: Mapping[str, Any]
) -> tuple[Any, ...]:
    """The values of all fields in order. Raises TypeError as calls of functions do."""
    fields: tuple[str, ...] = cls.__match_args__
    if len(values) > len(fields):
        raise TypeError(f"{cls.__name__} takes {len(fields)} values, {len(values)} were given")
    rest = fields[len(values) :]
    for name in named:
        if name not in rest:
            raise TypeError(f"{cls.__name__} got an unexpected value for '{name}'")
    found = {**cls._defaults, **named}
    for name in rest:
        if name not in found:
            raise TypeError(f"{cls.__name__} needs a value for '{name}'")
    return (*values, *(found[name] for name in rest))


def _equality(get: _Getter) -> Callable[[Any, object], bool]:
    def equal(self: Any, other: object) -> bool:
        return other.__class__ is self.__class__ and bool(get(self) == get(other))

    return equal


def _hashing(get: _Getter) -> Callable[[Any], int]:
    return lambda self: hash(get(self))


def _values(found: Any) -> tuple[Any, ...]:
    return tuple(getattr(found, name) for name in found.__match_args__)


def _repr(self: Any) -> str:
    fields = zip(self.__match_args__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in fields)})"


def _reduce(self: Any) -> tuple[Any, ...]:
    return type(self), _values(self)


def _immutable(self: Any, name: str, *value: Any) -> None:
    raise AttributeError(f"{type(self).__name__} is immutable: '{name}' cannot be changed")
