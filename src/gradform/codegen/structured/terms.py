"""A linear map as a sum of products, and the groups of labels that must be equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradform.codegen.lowering.distribute import exponents
from gradform.ir import build
from gradform.ir.dims import ZERO_DIM, Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, Sum

__all__ = ["Classes", "Unstructured", "linked", "parts_exponentials", "products_of"]

_MOST_TERMS = 48


class Unstructured(Exception):
    """No structure is known for this expression."""


def products_of(node: Node) -> list[tuple[Coefficient, Node]]:
    """The expression as Σ coefficient · term, where no term is a sum with identities inside.

    Raises Unstructured for very many terms.
    """
    found: list[tuple[Coefficient, Node]] = []
    stack: list[tuple[Coefficient, Node]] = [(1, node)]
    while stack:
        coefficient, term = stack.pop()
        if len(found) + len(stack) > _MOST_TERMS:
            raise Unstructured
        if isinstance(term, Sum):
            stack.extend((coefficient * c, part) for c, part in reversed(term.terms))
        elif isinstance(term, Contraction) and (place := _divisible(term)) is not None:
            stack.extend((coefficient * c, part) for c, part in reversed(_divided(term, place)))
        else:
            found.append((coefficient, term))
    return found


def _divisible(node: Contraction) -> int | None:
    """A factor that is a sum with identities or selections among its terms."""
    for place, (factor, labels, power) in enumerate(node.factors):
        if power != 1 or len(labels) < 2 or not isinstance(factor, Sum):
            continue
        if any(_has_places(term) for _, term in factor.terms):
            return place
    return None


def _has_places(node: Node) -> bool:
    factors = node.factors if isinstance(node, Contraction) else ((node, (), 1),)
    inner = [factor for factor, _, _ in factors]
    return any(isinstance(each, Leaf) and each.kind in ("delta", "select") for each in inner) or (
        any(isinstance(each, Sum) and any(_has_places(t) for _, t in each.terms) for each in inner)
    )


def _divided(node: Contraction, place: int) -> list[tuple[Coefficient, Node]]:
    """The product with each term of one of its factors in the place of that factor."""
    total, labels, _ = node.factors[place]
    assert isinstance(total, Sum)
    dims: dict[build.Label, Dim] = dict(enumerate(node.dims))
    parts: list[tuple[Coefficient, Node]] = []
    for coefficient, term in total.terms:
        factors = list(node.factors)
        factors[place] = (term, labels, 1)
        product = build.contract(node.coefficient, factors, tuple(range(node.rank)), dims)
        parts.append((coefficient, product))
    return parts


class Classes:
    """Labels whose positions differ by constants: position(x) = position(root) + shift."""

    def __init__(self, dims: dict[int, Dim]) -> None:
        self.dims = dims
        self._place: dict[int, tuple[int, Dim]] = {label: (label, ZERO_DIM) for label in dims}

    def find(self, label: int) -> tuple[int, Dim]:
        """The root of a label and its shift from it."""
        shift = ZERO_DIM
        while self._place[label][0] != label:
            label, step = self._place[label]
            shift = shift + step
        return label, shift

    def join(self, first: int, second: int, shift: Dim) -> None:
        """position(second) = position(first) + shift. Raises Unstructured where it cannot be."""
        root, a = self.find(first)
        other, b = self.find(second)
        step = a + shift - b
        if root != other:
            self._place[other] = (root, step)
        elif step is not ZERO_DIM:
            raise Unstructured

    def members(self) -> dict[int, list[int]]:
        """The labels of every class, by its root."""
        found: dict[int, list[int]] = {}
        for label in self.dims:
            found.setdefault(self.find(label)[0], []).append(label)
        return found

    def between(self, first: int, second: int) -> Dim:
        """position(second) - position(first), for two labels of a class."""
        return self.find(second)[1] - self.find(first)[1]

    def base(self, members: list[int]) -> int:
        """A member that runs only where all others do as well.

        Raises Unstructured when there is none, or the sizes do not tell.
        """
        for label in members:
            if all(self._covers(other, label) for other in members):
                return label
        raise Unstructured

    def _covers(self, wide: int, narrow: int) -> bool:
        """Whether ``wide`` has a position wherever ``narrow`` has one."""
        start = self.between(narrow, wide)
        left = self.dims[wide] - self.dims[narrow] - start
        return all(each.value is not None and each.value >= 0 for each in (start, left))


def parts_exponentials(groups: Sequence[Sequence[Factor]]) -> bool:
    """Whether exponentials stand in one group and their sum, which they are divided by, in
    another: computed apart they overflow."""
    sides = [exponents(group) for group in groups]
    return any(
        above & below
        for k, (above, _) in enumerate(sides)
        for j, (_, below) in enumerate(sides)
        if j != k
    )


def linked(factors: tuple[Factor, ...], classes: Classes) -> Iterator[Factor]:
    """Join the labels that identities and selections tie; the other factors."""
    for factor in factors:
        node, labels, power = factor
        if isinstance(node, Leaf) and node.kind in ("delta", "select") and power > 0:
            shift = node.params[0] if node.kind == "select" else ZERO_DIM
            classes.join(labels[0], labels[1], shift)
        else:
            yield factor
