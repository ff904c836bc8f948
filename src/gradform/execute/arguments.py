"""Arrays of a call bound to parameters: by name or place, shapes checked, sizes found."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradform.codegen.task import Parameter, Task
from gradform.errors import ArrayError
from gradform.ir.dims import Dim
from gradform.language import joined, say

__all__ = ["Arguments", "Bound"]


class Bound:
    """The arrays of a call, in the order of the parameters, and all sizes.

    ``count`` is the length of the leading axis of batched parameters, None without them.
    """

    __slots__ = ("arrays", "count", "sizes")

    def __init__(self, arrays: list[Any], sizes: dict[str, int], count: int | None) -> None:
        self.arrays = arrays
        self.sizes = sizes
        self.count = count

    @property
    def key(self) -> tuple[int, ...]:
        """What a program is specialised to."""
        return tuple(self.sizes.values())


class Arguments:
    """What a compiled task is called with.

    Arrays of any library: only their ``shape`` is looked at.
    """

    def __init__(self, task: Task, batch: Sequence[str] = ()) -> None:
        self.task = task
        self.batch = frozenset(batch)
        self.names = [parameter.name for parameter in task.parameters]
        unknown = self.batch.difference(self.names)
        if unknown:
            raise ArrayError(
                say("There is no variable '{name}' to be batched.", name=min(unknown)),
                kind="undefined_variable",
                hint=say("the variables are {names}", names=joined(self.names)),
            )
        self.sizes = task.sizes
        self._known = {name for each in task.parameters for a in each.axes for name in a.names}
        self.told = self._known.difference(self.names, self.sizes)
        self._order = (*self.names, *self.sizes)
        self._usual = frozenset((*self._order, *task.unused))
        self._taken = _getter(self._order)

    def takes(self, name: str) -> bool:
        """Whether a name is that of an argument, told sizes aside."""
        return name in self._usual

    def placed(
        self,
        positional: Sequence[Any],
        named: Mapping[str, Any],
        convert: Callable[[str, Any], Any],
    ) -> tuple[Any, ...]:
        """Arrays as ``convert`` makes them of a name and a value, then sizes, in their order.

        Raises ArrayError for what is missing or unknown, and where sizes are given that are not
        those of the arrays.
        """
        given = self._in_order(positional, named)
        if given is None:
            return tuple(self.values(positional, named, convert).values())[: len(self._order)]
        arrays = map(convert, self.names, given)
        return (*arrays, *map(_whole_number, self.sizes, given[len(self.names) :]))

    def _in_order(
        self, positional: Sequence[Any], named: Mapping[str, Any]
    ) -> Sequence[Any] | None:
        """What was given for each parameter and size; None where that takes a closer look."""
        if not named:
            return positional if len(positional) == len(self._order) else None
        if positional:
            return None
        try:
            found = self._taken(named)
        except KeyError:
            return None
        return found if len(found) == len(named) or named.keys() <= self._usual else None

    def values(
        self,
        positional: Sequence[Any],
        named: Mapping[str, Any],
        convert: Callable[[str, Any], Any],
    ) -> dict[str, Any]:
        """Arrays by name, made by ``convert`` of a name and a value, then sizes.

        Raises ArrayError for what is missing or unknown, and where sizes are given that are not
        those of the arrays.
        """
        given = self.by_name(positional, named)
        found = {name: convert(name, given.pop(name)) for name in self.names}
        found |= {name: _whole_number(name, value) for name, value in given.items()}
        if len(found) > len(self._order):
            self.bind((), found)
        return found

    def for_sizes(
        self,
        positional: Sequence[Any],
        named: Mapping[str, Any],
        convert: Callable[[str, Any], Any],
    ) -> Bound:
        """What a call has, or would have: sizes may be given by name in place of arrays."""
        if not positional and named.keys() == {*self._known, *self.sizes}.difference(self.names):
            sizes = {name: _whole_number(name, size) for name, size in sorted(named.items())}
            return Bound([], sizes, None)
        return self.bind((), self.values(positional, named, convert))

    def bind(self, positional: Sequence[Any], named: Mapping[str, Any]) -> Bound:
        """Raises ArrayError for what is missing, unknown or does not fit."""
        given = self.by_name(positional, named)
        told = {*self.sizes, *self._known}.difference(self.names)
        sizes = {name: _whole_number(name, given[name]) for name in told if name in given}
        arrays = [given[name] for name in self.names]
        count: int | None = None
        pending = list(zip(self.task.parameters, arrays, strict=True))
        while pending:
            unsolved, before = [], len(sizes)
            for parameter, array in pending:
                shape, count = self._own_shape(parameter, array, count)
                if not self._settled(parameter, shape, sizes):
                    unsolved.append((parameter, array))
            if len(unsolved) == len(pending) and len(sizes) == before:
                names = {name for each, _ in unsolved for axis in each.axes for name in axis.names}
                raise self._refusal(
                    say(
                        "No value was given for '{name}'.",
                        name=min(names.difference(sizes)),
                    )
                )
            pending = unsolved
        return Bound(arrays, dict(sorted(sizes.items())), count)

    def by_name(self, positional: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """What was given for each parameter, then for each size, in their order."""
        order = (*self.names, *self.sizes)
        if len(positional) > len(order):
            raise self._refusal(
                say(
                    "{count} values were given for {names}.",
                    count=len(positional),
                    names=len(order),
                )
            )
        given = dict(zip(order, positional, strict=False))
        for name, value in named.items():
            if name in given:
                raise self._refusal(say("Two values were given for '{name}'.", name=name))
            if name in self.task.unused and name not in order:
                continue
            if name not in order and name not in self._known:
                raise self._refusal(say("There is no variable '{name}'.", name=name))
            given[name] = value
        for name in order:
            if name not in given:
                raise self._refusal(say("No value was given for '{name}'.", name=name))
        extra = {name: value for name, value in given.items() if name not in order}
        return {name: given[name] for name in order} | extra

    def _own_shape(
        self, parameter: Parameter, array: Any, count: int | None
    ) -> tuple[tuple[int, ...], int | None]:
        """The shape without the leading axis of a batch and without that of a row."""
        shape = tuple(getattr(array, "shape", ()))
        if parameter.name in self.batch:
            if not shape or (count is not None and shape[0] != count):
                wanted = (
                    say("a leading axis")
                    if count is None
                    else say("a leading axis of length {count}", count=count)
                )
                raise self._refusal(
                    say(
                        "{name} must have {wanted}, got shape {shape}.",
                        name=parameter.name,
                        wanted=wanted,
                        shape=shape,
                    )
                )
            count, shape = shape[0], shape[1:]
        if parameter.shape.is_row and len(shape) == 2 and shape[0] == 1:
            shape = shape[1:]
        if len(shape) != len(parameter.axes):
            raise self._wrong_shape(parameter, shape, {})
        return shape, count

    def _settled(self, parameter: Parameter, shape: tuple[int, ...], sizes: dict[str, int]) -> bool:
        """Find the sizes that a shape tells, and check it once all of them are known."""
        found = dict(sizes)
        axes = list(zip(parameter.axes, shape, strict=True))
        known = -1
        while known < len(found):
            known = len(found)
            for axis, length in axes:
                found |= _told(axis, length, found)
        if not all(axis.names <= found.keys() for axis in parameter.axes):
            sizes.update(found)
            return False
        if tuple(axis.evaluate(found) for axis in parameter.axes) != shape:
            raise self._wrong_shape(parameter, shape, sizes)
        sizes.update(found)
        return True

    def _wrong_shape(
        self, parameter: Parameter, shape: Sequence[int], sizes: Mapping[str, int]
    ) -> ArrayError:
        own = sorted({name for axis in parameter.axes for name in axis.names} & sizes.keys())
        wanted: str = _written(parameter.axes)
        if parameter.name in self.batch:
            wanted = say("{shape} behind its leading axis", shape=wanted)
        if own:
            known = joined(f"{name} = {sizes[name]}" for name in own)
            wanted = say("{shape} with {sizes}", shape=wanted, sizes=known)
        return self._refusal(
            say(
                "{name} must have shape {wanted}, got {shape}.",
                name=parameter.name,
                wanted=wanted,
                shape=tuple(shape),
            )
        )

    def _refusal(self, message: str) -> ArrayError:
        call = ", ".join(f"{name}=…" for name in (*self.names, *self.sizes))
        return ArrayError(message, kind="array", hint=say("call with {call}", call=call))


def _whole_number(name: str, value: Any) -> int:
    """A size. Raises ArrayError naming it for what is none."""
    try:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        size = operator.index(value)
    except TypeError:
        size = -1
    if size < 0:
        raise ArrayError(
            say("{name} is a size, not {value}.", name=name, value=repr(value)),
            kind="array",
            hint=say("give a whole number"),
        )
    return size


def _getter(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """What is there by some names, in one step where they are several."""
    if len(names) > 1:
        return operator.itemgetter(*names)
    return lambda named: tuple([named[name] for name in names])


def _written(axes: Sequence[Dim]) -> str:
    inside = ", ".join(map(str, axes))
    return f"({inside},)" if len(axes) == 1 else f"({inside})"


def _told(axis: Dim, length: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """The size that an axis tells when it is the only unknown one in it."""
    unknown = axis.names - sizes.keys()
    if len(unknown) != 1:
        return {}
    (name,) = unknown
    root = _root(axis, name, length, sizes)
    return {} if root is None else {name: root}


def _root(axis: Dim, name: str, length: int, sizes: Mapping[str, int]) -> int | None:
    """The size with which a linear axis has that length; None when it is not linear.

    A length that no integer gives is rounded: the check of the shape then refuses it.
    """
    if any(monomial.count(name) > 1 for monomial, _ in axis.terms):
        return None
    rest = axis.evaluate({**sizes, name: 0})
    slope = axis.evaluate({**sizes, name: 1}) - rest
    return (length - rest) // slope if slope else None
