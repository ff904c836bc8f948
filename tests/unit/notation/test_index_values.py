"""Index notation, evaluated entry by entry by a reader of its own."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import numpy as np

from gradform.notation.index import index_form
from tests.support.ir_eval import Array
from tests.unit.ir.networks import Point, Tensor, agrees, point, random_network, random_tensor

_TOKENS = re.compile(r"sum_\{[^}]*\}|\d+(?:\.\d+)?|\w+|[-+*^/()\[\],=>]+?")
_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "exp": np.exp,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "abs": abs,
    "sigmoid": lambda t: 1 / (1 + np.exp(-t)),
    "relu": lambda t: max(t, 0.0),
    "softplus": lambda t: float(np.logaddexp(0, t)),
}


class Entries:
    """The entries that ``D[i,j] = …`` describes.

    term    := factor (('*' | '/') factor)*     a sum_{…} reaches to the end of its term
    factor  := '-' factor | primary ['^' primary]
    primary := number | name[…] | function(…) | (…)
    """

    def __init__(self, text: str, at: Point) -> None:
        head, _, body = text.partition(" = ")
        self.outputs = re.findall(r"\w+", head)[1:]
        self.tokens: list[str] = _TOKENS.findall(body.replace(" ", ""))
        self.at = at
        self.ranges = dict(self._ranges(body))
        self.place = 0

    def _ranges(self, body: str) -> Iterator[tuple[str, int]]:
        for name, places in re.findall(r"(\w+)\[([\w,]+)\]", body):
            yield from zip(places.split(","), self.at.arrays[name].shape, strict=True)

    def array(self) -> Array:
        extent = [self.ranges[index] for index in self.outputs]
        result = np.empty(extent)
        for places in product(*map(range, extent)):
            self.place = 0
            result[places] = self.expression(dict(zip(self.outputs, places, strict=True)))
            assert self.place == len(self.tokens)
        return result

    def next(self, *wanted: str) -> str | None:
        """The next token if it is one of these."""
        if self.place < len(self.tokens) and self.tokens[self.place] in wanted:
            self.place += 1
            return self.tokens[self.place - 1]
        return None

    def expression(self, where: Mapping[str, int]) -> float:
        total = -self.term(where) if self.next("-") else self.term(where)
        while (sign := self.next("+", "-")) is not None:
            total += self.term(where) if sign == "+" else -self.term(where)
        return total

    def term(self, where: Mapping[str, int]) -> float:
        found = re.match(r"sum_\{(.*)\}", self.tokens[self.place])
        if found:
            return self._summed(found[1].split(","), where)
        value = self.factor(where)
        if self.next("/"):
            value /= self.factor(where)
        return value * self.term(where) if self.next("*") else value

    def _summed(self, indices: list[str], where: Mapping[str, int]) -> float:
        self.place += 1
        start, total = self.place, 0.0
        for places in product(*(range(self.ranges[index]) for index in indices)):
            self.place = start
            total += self.term({**where, **dict(zip(indices, places, strict=True))})
        return total

    def factor(self, where: Mapping[str, int]) -> float:
        if self.next("-"):
            return -self.factor(where)
        value = self.primary(where)
        return float(np.power(value, self.primary(where))) if self.next("^") else value

    def primary(self, where: Mapping[str, int]) -> float:
        token = self.tokens[self.place]
        self.place += 1
        if token[0].isdigit():
            return float(token)
        if token == "(" or token in _FUNCTIONS:
            assert token == "(" or self.next("(")
            value = self.expression(where)
            assert self.next(")")
            return value if token == "(" else float(_FUNCTIONS[token](value))
        if not self.next("["):
            found = self.at.arrays.get(token)
            return float(self.at.sizes[token] if found is None else found)
        entry = self.at.arrays[token]
        for _ in range(entry.ndim):
            entry = entry[where[self.tokens[self.place]]]
            self.place += 2  # the index and what follows it
        return float(entry)


SYMBOLS = tuple("cdxywuABSPXYWT")


def check(tensor: Tensor, at: Point) -> int:
    assert agrees(tensor.node, tensor.array, at) >= 0
    with np.errstate(all="ignore"):
        found = Entries(index_form(tensor.node), at).array()
    defined = np.isfinite(tensor.array) & (np.abs(tensor.array) < 1e6)
    size = max(1.0, float(np.max(np.abs(tensor.array[defined]), initial=0.0)))
    np.testing.assert_allclose(found[defined], tensor.array[defined], atol=1e-7 * size)
    return int(defined.sum())


def test_random_products() -> None:
    checked = 0
    for seed in range(120):
        at, rng = point(seed), random.Random(seed)
        made = random_network(rng, at, 1, SYMBOLS, leaves=False, outputs=2)
        work = np.prod([axis.evaluate(at.sizes) for axis in made.dims.values()])
        carried = {label for entry in made.entries for label in entry.labels}
        if work < 2000 and set(made.out) <= carried:
            checked += check(made.tensor(at), at)
    assert checked > 200


def test_random_expressions() -> None:
    checked = 0
    for seed in range(200):
        at, rng = point(seed), random.Random(seed)
        tensor = random_tensor(rng, at, 2, SYMBOLS, leaves=False)
        head, _, text = index_form(tensor.node).partition(" = ")
        outputs = set(re.findall(r"\w+", head)[1:])
        carried = set(re.findall(r"\w+", " ".join(re.findall(r"\w\[([\w,]+)\]", text))))
        if len(text) < 150 and "inv" not in text and outputs <= carried:
            checked += check(tensor, at)
    assert checked > 300
