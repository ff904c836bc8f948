"""Written matrices: a formula, its cost, and both orientations.

The cost is the number of names, numbers and operators a reader meets; parentheses and
commas are free, but what makes a formula harder to read costs more: a long product that is
transposed as a whole, ``diag``, stacks, names that few know. Transposes are pushed where they
are cheapest, because every product and sum knows how to write itself transposed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Slice,
    Stack,
    Transpose,
    children,
    fold,
)
from gradform.ir.dims import ONE, Dim

__all__ = [
    "Mat",
    "Power",
    "Rank",
    "Slice",
    "Written",
    "call",
    "chain",
    "cheapest",
    "diag",
    "dim_written",
    "entrywise",
    "first_place",
    "name",
    "number",
    "powered",
    "product",
    "scaled",
    "spread_written",
    "sums",
    "written_sum",
]


class Written(NamedTuple):
    """A formula and its cost."""

    tree: Formula
    cost: int


Rank = tuple[int, Fraction, int]
"""Place of the first name, number of the entry, cost: for one order of equals."""

Numerator = Callable[[Sequence[Written], Sequence[Written]], "Mat"]


class Mat:
    """A written matrix, column or scalar, with its transpose on demand.

    ``parts`` are the factors of a matrix chain (one for anything else), so that chains
    join without parentheses. ``key`` identifies what is written, for powers of runs.
    ``numerator`` writes the product with scalars where a 1 stands above: 2./x, diag(2./x).
    """

    __slots__ = ("_flip", "_flipped", "key", "numerator", "parts", "plain")

    def __init__(
        self,
        plain: Written,
        flip: Callable[[], Written] | None = None,
        key: object = None,
    ) -> None:
        self.plain = plain
        self._flip = flip
        self._flipped: Written | None = None
        self.key = key
        self.parts: tuple[Mat, ...] = (self,)
        self.numerator: Numerator | None = None

    @property
    def flipped(self) -> Written:
        if self._flipped is None:
            self._flipped = self._flip() if self._flip else transposed(self.plain)
        return self._flipped

    @property
    def shorter(self) -> Written:
        """The matrix or its transpose, for functions that do not tell them apart."""
        return cheaper(self.plain, self.flipped)

    @property
    def cost(self) -> int:
        return self.plain.cost

    @property
    def T(self) -> Mat:
        if self.flipped is self.plain:
            return self
        other = Mat(self.flipped, lambda: self.plain, ("T", self.key) if self.key else None)
        if isinstance(self.key, tuple) and self.key[0] == "T":
            other.key = self.key[1]
        if len(self.parts) > 1:
            other.parts = tuple(part.T for part in reversed(self.parts))
        taken = self.numerator
        if taken is not None:
            other.numerator = lambda top, foot: taken(top, foot).T
        return other


def symmetric(plain: Written, key: object = None) -> Mat:
    """A matrix that is its own transpose, or a scalar."""
    return Mat(plain, lambda: plain, key)


def transposed(written: Written) -> Written:
    if isinstance(written.tree, Transpose):
        operand = written.tree.operand
        return Written(operand, written.cost - _turn_cost(operand))
    return Written(Transpose(written.tree), written.cost + _turn_cost(written.tree))


def _turn_cost(tree: Formula) -> int:
    """C'*B'*A' reads more easily than (A*B*C)', and (B + C)'*A' than (A*(B + C))'."""
    if not isinstance(tree, Mul) or tree.ops[1] != "*":
        return 1
    return 1 + (len(tree.factors) > 2 or any(isinstance(f, Add) for f in tree.factors))


def cheaper(first: Written, second: Written) -> Written:
    return second if second.cost < first.cost else first


def cheapest(options: Sequence[Mat]) -> Mat:
    """The first of the shortest ways to write a matrix, in either orientation."""
    best = min(options, key=lambda mat: mat.cost)
    if len(options) == 1 or len(best.parts) > 1:
        return best
    result = Mat(best.plain, lambda: min((mat.flipped for mat in options), key=lambda w: w.cost))
    result.numerator = best.numerator
    return result


def name(text: str) -> Written:
    return Written(Name(text), 1)


def number(value: Fraction | int) -> Written:
    """A nonnegative number; a ratio that is no short decimal costs its three tokens."""
    fraction = Fraction(value)
    short = (10**6 % fraction.denominator) == 0
    return Written(Number(fraction), 1 if short else 3)


def call(function: str, *args: Written) -> Written:
    return Written(
        Call(function, tuple(arg.tree for arg in args)), 1 + sum(arg.cost for arg in args)
    )


def dim_written(size: Dim) -> Written:
    """A dimension as written in ``ones(n-1)``."""
    terms: list[tuple[int, Written]] = []
    for monomial, coefficient in sorted(size.terms, key=lambda t: (not t[0], t[1] < 0, t)):
        words = [name(word) for word in monomial]
        if abs(coefficient) != 1 or not words:
            words.insert(0, number(abs(coefficient)))
        terms.append((1 if coefficient > 0 else -1, product(words)))
    return written_sum(terms) if terms else number(0)


def powered(base: Written, exponent: Fraction | int, *, entries: bool) -> Written:
    """base^exponent, entrywise with ``entries``; a square root has its own name."""
    if exponent == 1:
        return base
    if exponent == Fraction(1, 2):
        return call("sqrt", base)
    value = number(exponent if exponent > 0 else -exponent)
    tree = value.tree if exponent > 0 else Neg(value.tree)
    return Written(
        Power(base.tree, tree, entries), base.cost + 1 + value.cost + (1 if exponent < 0 else 0)
    )


def product(
    factors: Sequence[Written], divisors: Sequence[Written] = (), *, entries: bool = False
) -> Written:
    """f1*f2*…/d1/d2…; several divisors are written as one product below."""
    times, over = (".*", "./") if entries else ("*", "/")
    if not factors:
        factors = [number(1)]
    trees = [f.tree for f in factors]
    ops = [times] * len(trees)
    cost = sum(f.cost for f in factors) + len(factors) - 1
    if divisors:
        below = product(divisors, entries=entries)
        trees.append(below.tree)
        ops.append(over)
        cost += 1 + below.cost
    if len(trees) == 1:
        return Written(trees[0], cost)
    ops[0] = "*"
    _splice(trees, ops, 0, times)
    return Written(Mul(tuple(trees), tuple(ops)), cost)


def _splice(trees: list[Formula], ops: list[str], k: int, times: str) -> None:
    """Write the product at place k without parentheses when all its operators agree."""
    inner = trees[k]
    if isinstance(inner, Mul) and all(op == times for op in inner.ops[1:]):
        trees[k : k + 1] = inner.factors
        ops[k : k + 1] = (ops[k], *inner.ops[1:])


def scaled(factors: Sequence[Written], divisors: Sequence[Written], body: Written) -> Written:
    """Scalars times a matrix: ``2*A*x/m``, ``2*x.*y``. The product needs no parentheses."""
    if factors and isinstance(body.tree, Mul) and _leads_with_number(body.tree, factors[0].tree):
        (number_, *rest), (_, after, *ops) = body.tree.factors, body.tree.ops
        if after == "*":
            first = Written(number_, 1)
            inner = Mul(tuple(rest), ("*", *ops)) if ops else rest[0]
            return scaled([first, *factors], divisors, Written(inner, body.cost - 2))
    whole = product([*factors, body], divisors)
    place = len(factors)
    if not (isinstance(whole.tree, Mul) and isinstance(body.tree, Mul)):
        return whole
    if whole.tree.factors[place] is not body.tree:
        return whole
    trees, ops = list(whole.tree.factors), list(whole.tree.ops)
    trees[place : place + 1] = body.tree.factors
    ops[place : place + 1] = (ops[place], *body.tree.ops[1:])
    return Written(Mul(tuple(trees), tuple(ops)), whole.cost)


def _leads_with_number(product: Mul, before: Formula) -> bool:
    """Whether a number would stand behind what is no number."""
    return isinstance(product.factors[0], Number) and not isinstance(before, Number)


def written_sum(terms: Sequence[tuple[int, Written]]) -> Written:
    """Σ sign·term, in the given order."""
    if len(terms) == 1:
        sign, only = terms[0]
        return only if sign > 0 else negated(only)
    first_sign, first = terms[0]
    head = first if first_sign > 0 else negated(first)
    trees = [head.tree]
    signs = [1]
    cost = head.cost
    for sign, term in terms[1:]:
        trees.append(term.tree)
        signs.append(sign)
        cost += 1 + term.cost
    return Written(Add(tuple(trees), tuple(signs)), cost)


def negated(written: Written) -> Written:
    if isinstance(written.tree, Neg):
        return Written(written.tree.operand, written.cost - 1)
    return Written(Neg(written.tree), written.cost + 1)


def chain(parts: Sequence[Mat]) -> Mat:
    """The matrix product, written in whichever orientation is shorter."""
    flat = [part for mat in parts for part in mat.parts]
    if len(flat) == 1:
        return flat[0]
    straight = _join(flat)
    back = _join([part.T for part in reversed(flat)])
    plain = cheaper(straight, transposed(back))
    flipped = cheaper(back, transposed(straight))
    result = Mat(plain, lambda: flipped)
    result.parts = tuple(flat)
    for k, part in enumerate(flat):
        taken = part.numerator
        if taken is not None:
            result.numerator = _in_chain(flat, k, taken)
            break
    return result


def _in_chain(parts: Sequence[Mat], k: int, taken: Numerator) -> Numerator:
    return lambda top, foot: chain([*parts[:k], taken(top, foot), *parts[k + 1 :]])


def _join(parts: Sequence[Mat]) -> Written:
    """f1*f2*…, runs of one factor or of several as a power: A*A is A^2, A*B*A*B is (A*B)^2."""
    words: list[Written] = []
    k = 0
    while k < len(parts):
        length, times = _longest_run(parts, k)
        block = [part.plain for part in parts[k : k + length]]
        words.append(powered(product(block), times, entries=False))
        k += length * times
    return product(words)


def _longest_run(parts: Sequence[Mat], start: int) -> tuple[int, int]:
    """(length, times) of the block that stands several times from here, where it covers most."""
    keys = [part.key for part in parts[start:]]
    best = (1, 1)
    for length in range(1, len(keys) // 2 + 1):
        block, times = keys[:length], 1
        if None in block:
            break
        while keys[times * length : (times + 1) * length] == block:
            times += 1
        if times > 1 and length * times > best[0] * best[1]:
            best = (length, times)
    return best


def entrywise(factors: Sequence[Mat], divisors: Sequence[Mat] = ()) -> Mat:
    """Hadamard product and quotient; equal factors become a power."""
    factors = _collected(factors)
    if len(factors) == 1 and not divisors:
        return factors[0]
    plain = product([f.plain for f in factors], [d.plain for d in divisors], entries=True)

    def flip() -> Written:
        inside = product([f.flipped for f in factors], [d.flipped for d in divisors], entries=True)
        return cheaper(inside, transposed(plain))

    result = Mat(plain, flip)
    if len(factors) == 1 and divisors and _is_one(factors[0].plain.tree):
        result.numerator = lambda top, foot: _over(top, foot, divisors)
    return result


def _over(top: Sequence[Written], foot: Sequence[Written], divisors: Sequence[Mat]) -> Mat:
    """top./(foot*d)"""
    above = symmetric(product(top))
    below = entrywise(divisors)
    if foot:
        grid = below
        below = Mat(scaled(foot, [], grid.plain), lambda: scaled(foot, [], grid.flipped))
    return entrywise([above], [below])


def _is_one(tree: Formula) -> bool:
    return isinstance(tree, Number) and tree.value == 1


def diag(vector: Mat) -> Mat:
    """diag(v), which costs two more: products of entries read more easily."""
    written = call("diag", vector.shorter)
    result = symmetric(Written(written.tree, written.cost + 2))
    taken = vector.numerator
    if taken is not None:
        result.numerator = lambda top, foot: diag(taken(top, foot))
    return result


def _collected(factors: Sequence[Mat]) -> list[Mat]:
    """x.*x as x.^2."""
    by_cost: dict[int, int] = {}
    for mat in factors:
        by_cost[mat.cost] = by_cost.get(mat.cost, 0) + 1
    groups: dict[object, list[Mat]] = {}
    for k, mat in enumerate(factors):
        alone = by_cost[mat.cost] == 1
        groups.setdefault(k if alone else skeleton(mat.plain.tree), []).append(mat)
    return [raised(group[0], len(group)) for group in groups.values()]


def raised(base: Mat, exponent: Fraction | int) -> Mat:
    """base.^exponent in both orientations."""
    if exponent == 1:
        return base
    plain = powered(base.plain, exponent, entries=True)
    return Mat(
        plain, lambda: cheaper(powered(base.flipped, exponent, entries=True), transposed(plain))
    )


def sums(
    terms: Sequence[tuple[int, Mat]],
    rank: Callable[[Written], Rank],
    *,
    is_symmetric: bool = False,
) -> Mat:
    """A sum in either orientation, positive terms first, then by ``rank``."""

    def ordered(words: list[tuple[int, Written]]) -> Written:
        return written_sum(sorted(words, key=lambda term: (term[0] < 0, *rank(term[1]))))

    straight = ordered([(sign, mat.plain) for sign, mat in terms])
    if is_symmetric:
        return symmetric(straight)
    back = ordered([(sign, mat.flipped) for sign, mat in terms])
    plain = cheaper(straight, transposed(back))
    flipped = cheaper(back, transposed(straight))
    return Mat(plain, lambda: flipped)


def ones_written(sizes: Sequence[Dim]) -> Mat:
    """ones(n) or ones(m,n)."""
    kept = [size for size in sizes if size is not ONE]
    plain = call("ones", *(dim_written(size) for size in kept))
    if len(kept) == 2:
        return Mat(plain, lambda: call("ones", *(dim_written(s) for s in reversed(kept))))
    return Mat(plain)


def spread_written(size: Dim) -> Mat:
    """The ones of ``ones(m)*x'``, which cost three more: diag(p) - p*p' reads more easily than
    diag(p)*(eye - ones*p')."""
    ones = call("ones", dim_written(size))
    return Mat(Written(ones.tree, ones.cost + 3))


def eye_written(size: Dim) -> Mat:
    return symmetric(call("eye", dim_written(size)))


def first_place(tree: Formula, places: Mapping[str, int]) -> tuple[int, Fraction]:
    """The place of the first known name in a formula, for the order of equals, and the
    number of the entry if it is one: x(1) comes before x(2)."""
    stack: list[Formula] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Name) and node.name in places:
            return places[node.name], Fraction(0)
        if isinstance(node, Call) and node.name in places:
            first = node.args[0] if node.args else None
            start = first.start if isinstance(first, Slice) else first
            number = start.value if isinstance(start, Number) else 0
            return places[node.name], Fraction(number)
        stack.extend(reversed(children(node)))
    return len(places), Fraction(0)


def skeleton(tree: Formula) -> str:
    """A text that is equal for equal formulas."""

    def visit(node: Formula, inside: list[str]) -> str:
        match node:
            case Name():
                return node.name
            case Number():
                return str(node.value)
            case Call():
                return f"{node.name}({','.join(inside)})"
            case Add():
                return f"Add{node.signs}[{','.join(inside)}]"
            case Mul():
                return f"Mul{node.ops}[{','.join(inside)}]"
            case Slice():
                return f"Slice{node.start is None}{node.stop is None}[{','.join(inside)}]"
            case Stack():
                return f"Stack{[len(row) for row in node.rows]}[{','.join(inside)}]"
            case Power():
                return f"Power{node.elementwise}[{','.join(inside)}]"
            case _:
                return f"{type(node).__name__}[{','.join(inside)}]"

    return fold(tree, visit)
