"""The five node types of an expression, interned.

Every node has ordered ``axes`` (dimensions) and a structural ``hash`` that is the
same in every process, so orderings by hash are deterministic. Structurally equal
nodes are one object: compare with ``is``.

Build nodes through :mod:`gradform.ir.build`, never directly: the constructors here
only intern what they are given.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol
from weakref import WeakValueDictionary

from gradform.ir.dims import Dim, stable_text_hash

__all__ = [
    "Apply",
    "Coefficient",
    "Contraction",
    "Factor",
    "FunctionLike",
    "Leaf",
    "Node",
    "Sum",
    "Symbol",
    "exact",
    "known",
    "magnitude",
    "number_hash",
    "topological",
]

Coefficient = int | Fraction


class FunctionLike(Protocol):
    """What the IR needs to know of a function record.

    The records live in :mod:`gradform.functions`; nodes only hold them.
    """

    @property
    def name(self) -> str: ...
    @property
    def elementwise(self) -> bool: ...
    @property
    def sign(self) -> str | None: ...


class Node:
    """Base of all nodes: ``axes``, the distinct direct subexpressions in a fixed order,
    structural ``hash`` and a memo for derived facts."""

    __slots__ = ("__weakref__", "axes", "children", "hash", "memo", "rank")

    axes: tuple[Dim, ...]
    rank: int
    children: tuple[Node, ...]
    hash: int
    memo: dict[str, Any]

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other


class Symbol(Node):
    """A variable with its declared structure (``symmetric``, ``positive``, …)."""

    __slots__ = ("name", "structure")

    name: str
    structure: frozenset[str]


class Leaf(Node):
    """A structured constant tensor that is never materialised.

    kind and axes:
      ``delta``   (n, n)       identity
      ``unit``    (n,)         params (k,): 1 at the 0-based position k (a ``Dim``)
      ``select``  (k, n)       params (offset,): rows offset … offset+k-1 of the identity
      ``lower``   (n, n)       1 where row >= column
      ``flatten`` (p*q, p, q)  1 at (i*q + j, i, j): joins two axes, the second fastest
      ``size``    ()           params (dimension,): the dimension as a number
      ``pi``, ``EulerGamma``, ``inf``   (): the constants of :mod:`gradform.ir.leaves`
    """

    __slots__ = ("kind", "params")

    kind: str
    params: tuple[Dim, ...]


class Apply(Node):
    """A function record applied to arguments; elementwise when the record says so.

    Elementwise arguments all have the axes of the result. ``order`` > 0 stands for the
    order-th Fréchet derivative of a primary matrix function: axes (i, j, k1, l1, …).
    """

    __slots__ = ("args", "fn", "order")

    fn: Any
    args: tuple[Node, ...]
    order: int


class Sum(Node):
    """``Σ coefficient · term`` with at least two distinct terms of equal axes."""

    __slots__ = ("terms",)

    terms: tuple[tuple[Coefficient, Node], ...]


Factor = tuple[Node, tuple[int, ...], Coefficient]


class Contraction(Node):
    """``coefficient · Σ Π factor[labels] ^ power``.

    Labels are 0, 1, …; the first ``rank`` are the output axes in order, the others are
    summed. ``dims[label]`` is the dimension of a label. A label may occur any number
    of times; an output label that occurs in no factor broadcasts.
    """

    __slots__ = ("coefficient", "dims", "factors")

    coefficient: Coefficient
    factors: tuple[Factor, ...]
    dims: tuple[Dim, ...]


_table: WeakValueDictionary[Any, Any] = WeakValueDictionary()


def known() -> list[Node]:
    """All expressions that there are."""
    return list(_table.values())


_TAG = {Symbol: 11, Leaf: 13, Apply: 17, Sum: 19, Contraction: 23}


def exact(value: Coefficient) -> Coefficient:
    """A coefficient in normal form: a Fraction with denominator 1 becomes an int."""
    if type(value) is Fraction and value.denominator == 1:
        return value.numerator
    return value


def magnitude(value: Coefficient) -> Coefficient:
    """|value|"""
    return value if value >= 0 else -value


@lru_cache(maxsize=1024)
def number_hash(value: Coefficient) -> int:
    """A hash that tells -1 from -2, which Python's own does not."""
    return hash((value.numerator < 0, abs(value.numerator), value.denominator))


def _finish(
    node: Node, key: Any, axes: tuple[Dim, ...], children: tuple[Node, ...], hash_: int
) -> None:
    node.axes = axes
    node.rank = len(axes)
    node.children = children
    node.hash = hash_
    node.memo = {}
    _table[key] = node


def symbol(name: str, axes: tuple[Dim, ...], structure: frozenset[str] = frozenset()) -> Symbol:
    key = (Symbol, name, axes, structure)
    found: Symbol | None = _table.get(key)
    if found is None:
        found = Symbol()
        found.name, found.structure = name, structure
        words = tuple(sorted(stable_text_hash(word) for word in structure))
        _finish(found, key, axes, (), hash((11, stable_text_hash(name), axes, words)))
    return found


def leaf(kind: str, axes: tuple[Dim, ...], params: tuple[Dim, ...] = ()) -> Leaf:
    key = (Leaf, kind, axes, params)
    found: Leaf | None = _table.get(key)
    if found is None:
        found = Leaf()
        found.kind, found.params = kind, params
        _finish(found, key, axes, (), hash((13, stable_text_hash(kind), axes, params)))
    return found


def apply_node(
    fn: FunctionLike, args: tuple[Node, ...], axes: tuple[Dim, ...], order: int
) -> Apply:
    key = (Apply, fn.name, args, axes, order)
    found: Apply | None = _table.get(key)
    if found is None:
        found = Apply()
        found.fn, found.args, found.order = fn, args, order
        hash_ = hash((17, stable_text_hash(fn.name), args, axes, order))
        _finish(found, key, axes, args, hash_)
    return found


def sum_node(terms: tuple[tuple[Coefficient, Node], ...]) -> Sum:
    key = (Sum, terms)
    found: Sum | None = _table.get(key)
    if found is None:
        found = Sum()
        found.terms = terms
        below = tuple([term for _, term in terms])
        _finish(found, key, below[0].axes, below, _hash_of_sum(terms))
    return found


def contraction_node(
    coefficient: Coefficient, factors: tuple[Factor, ...], dims: tuple[Dim, ...], rank: int
) -> Contraction:
    key = (Contraction, coefficient, factors, dims, rank)
    found: Contraction | None = _table.get(key)
    if found is None:
        found = Contraction()
        found.coefficient, found.factors, found.dims = coefficient, factors, dims
        below = tuple(dict.fromkeys([factor for factor, _, _ in factors]))
        hash_ = _hash_of_product(coefficient, factors, dims, rank)
        _finish(found, key, dims[:rank], below, hash_)
    return found


def _hash_of_sum(terms: tuple[tuple[Coefficient, Node], ...]) -> int:
    return hash((19, *((number_hash(c), term.hash) for c, term in terms)))


def _hash_of_product(
    coefficient: Coefficient, factors: tuple[Factor, ...], dims: tuple[Dim, ...], rank: int
) -> int:
    inside = tuple((node.hash, labels, number_hash(power)) for node, labels, power in factors)
    return hash((23, number_hash(coefficient), inside, dims, rank))


def topological(*roots: Node, enter: Callable[[Node], bool] | None = None) -> list[Node]:
    """All nodes below ``roots``, every node after its children, each once; iterative.

    ``enter(node)`` false leaves the children of that node out.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | None] = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if node is None:  # the node below is done
            order.append(stack.pop())  # type: ignore[arg-type]  # below None stands a node
        elif node not in seen:
            seen.add(node)
            if node.children and (enter is None or enter(node)):
                stack += (node, None, *node.children[::-1])
            else:
                order.append(node)
    return order
