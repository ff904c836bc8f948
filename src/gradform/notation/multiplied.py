"""Products, written: scalars before and below, the rest as one matrix."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from gradform.ir import build
from gradform.ir.nodes import (
    Coefficient,
    Contraction,
    Factor,
    Leaf,
    Node,
    Sum,
    contraction_node,
    exact,
    magnitude,
)
from gradform.notation import matrix
from gradform.notation.elimination import eliminate
from gradform.notation.frechet import along_direction
from gradform.notation.kronecker import expand_joined, joined_sum, kronecker_options
from gradform.notation.matrix import Mat, Written, symmetric
from gradform.notation.network import Pieces, Unreadable
from gradform.notation.reads import Reads
from gradform.notation.recognise import Recognised, half_of_row_square, half_of_square, recognise
from gradform.notation.stacked import written_stacks

__all__ = ["inner_cost", "natural_signs", "pieces_of", "scalars_of", "times", "write_product"]


def write_product(reader: Reads, node: Contraction) -> Mat:
    """A product: Fréchet derivatives first, then constants and scalars, then matrices."""
    while (joined := along_direction(node)) is not None:
        node = joined
    if not node.factors:
        return _constant(reader, node)
    if node.rank == 0 and len(node.dims) > 0:
        return _closed(reader, node)
    stacks = written_stacks(reader, node)
    if not stacks:
        return _multiplied(reader, node)
    with suppress(Unreadable):
        stacks.append(_multiplied(reader, node))
    return matrix.cheapest(stacks)


def _multiplied(reader: Reads, node: Contraction) -> Mat:
    """The scalars before the matrices."""
    turned = natural_signs(reader, node)
    taken = _number_taken_in(reader, turned)
    if taken is not None:
        node, number = taken
    else:
        if turned.coefficient > 0 or node.coefficient < 0:
            node = turned
        number = node.coefficient
    found = recognise(node)
    above, below = scalars_of(reader, found)
    body = _body(reader, node, found)
    return times(reader, number, above, below, body)


def times(
    reader: Reads,
    coefficient: Coefficient,
    above: list[Written],
    below: list[Written],
    body: Mat | None,
) -> Mat:
    """coefficient · scalars above / scalars below · body."""
    above = sorted(above, key=lambda word: (not reader.is_constant(word), *reader.rank(word)))
    below = sorted(below, key=lambda word: (not reader.is_constant(word), *reader.rank(word)))
    top, bottom = _ratio(Fraction(magnitude(coefficient)), bool(below))
    head = ([] if top == 1 else [matrix.number(top)]) + above
    foot = ([] if bottom == 1 else [matrix.number(bottom)]) + below

    def wrap(inner: Written | None) -> Written:
        whole = matrix.product(head, foot) if inner is None else matrix.scaled(head, foot, inner)
        return whole if coefficient >= 0 else matrix.negated(whole)

    if body is None:
        return symmetric(wrap(None))
    if not head and not foot and coefficient >= 0:
        return body
    inside = body
    plain = wrap(inside.plain)
    if body.numerator is not None and head:
        above_one = body.numerator(head, foot)
        written = above_one.plain if coefficient >= 0 else matrix.negated(above_one.plain)
        if written.cost < plain.cost:
            turned = above_one.flipped if coefficient >= 0 else matrix.negated(above_one.flipped)
            return Mat(written, lambda: turned)
    return Mat(plain, lambda: wrap(inside.flipped))


def _ratio(number: Fraction, over_something: bool) -> tuple[Fraction, Fraction]:
    """What stands above and below: 0.5*x, but x/3, and 3*x/(2*y) over a divisor."""
    short = 10**6 % number.denominator == 0
    if short and not (over_something and number.numerator != 1):
        return number, Fraction(1)
    return Fraction(number.numerator), Fraction(number.denominator)


def natural_signs(reader: Reads, node: Contraction) -> Contraction:
    """Sums among the factors in their natural sign: A*x - b, 1 - tanh(x).^2."""
    number = node.coefficient
    factors: list[Factor] = []
    for factor, labels, power in node.factors:
        if isinstance(power, int) and isinstance(factor, Sum):
            turned = natural(reader, factor)
            if turned is not factor and power % 2:
                number = -number
            factor = turned
        elif isinstance(power, int) and isinstance(factor, Contraction) and not labels:
            inner = natural_signs(reader, factor)
            if inner is not factor:
                sign = -1 if (inner.coefficient < 0) != (factor.coefficient < 0) else 1
                number = number * (sign if power % 2 else 1)
                factor = build.scale(sign, inner)
        factors.append((factor, labels, power))
    if all(new is old for (new, _, _), (old, _, _) in zip(factors, node.factors, strict=True)):
        return node
    return contraction_node(number, tuple(factors), node.dims, node.rank)


def natural(reader: Reads, node: Node) -> Node:
    """The sum or its negative: a constant term positive, else the first one to be read."""
    if not isinstance(node, Sum):
        return node
    if all(_is_size(term) or (not term.rank and _is_number(term)) for _, term in node.terms):
        first = next(c for c, term in node.terms if _is_size(term))  # n - 1
    elif any(_is_number(term) for _, term in node.terms):
        first = build.primitive(node)[0]
    else:
        first = min(node.terms, key=lambda pair: reader.rank(reader.known(pair[1]).plain))[0]
    return node if first > 0 else build.scale(-1, node)


def _is_number(node: Node) -> bool:
    return build.constant_value(node) is not None


def _is_size(node: Node) -> bool:
    return isinstance(node, Leaf) and node.kind == "size"


def _number_taken_in(reader: Reads, node: Contraction) -> tuple[Contraction, Coefficient] | None:
    """A sum among the factors that takes in the number, or its sign, where that is
    shorter: -(a - b) is b - a, and -2*(1 - 3*t) is 6*t - 2."""
    number = node.coefficient
    best: tuple[int, int, Coefficient] | None = None
    for k, (factor, _, power) in enumerate(node.factors):
        if power != 1 or not isinstance(factor, Sum):
            continue
        for take in (number, -1 if number < 0 else 1):
            if take == 1:
                continue
            gain = _number_cost(number) - _number_cost(exact(number / Fraction(take)))
            gain += inner_cost(factor, 1) - inner_cost(factor, take)
            if gain > 0 and (best is None or gain > best[0]):
                best = (gain, k, take)
    if best is None:
        return None
    _, k, take = best
    factor, labels, _ = node.factors[k]
    factors = (
        *node.factors[:k],
        (build.scale(take, factor), labels, 1),
        *node.factors[k + 1 :],
    )
    number = exact(number / Fraction(take))
    return contraction_node(number, factors, node.dims, node.rank), number


def _constant(reader: Reads, node: Contraction) -> Mat:
    if node.rank == 0:
        return times(reader, node.coefficient, [], [], None)
    if node.coefficient == 0:
        plain = matrix.call("zeros", *(matrix.dim_written(d) for d in node.axes))
        back = matrix.call("zeros", *(matrix.dim_written(d) for d in reversed(node.axes)))
        return Mat(plain, (lambda: back) if node.rank == 2 else None)
    return times(reader, node.coefficient, [], [], matrix.ones_written(node.axes))


def _closed(reader: Reads, node: Contraction) -> Mat:
    """A scalar with summed labels: a norm, a trace, a sum, or a product through."""
    half = half_of_square(node)
    if half is not None and half.rank:
        norm = matrix.call("norm2", reader.known(natural(reader, half)).shorter)
        norm = matrix.powered(norm, 2, entries=False)
        return times(reader, node.coefficient, [], [], symmetric(norm, node))
    turned = natural_signs(reader, node)
    if turned.coefficient > 0 or node.coefficient < 0:
        node = turned
    found = recognise(node)
    above, below = scalars_of(reader, found)
    pieces = pieces_of(reader, node, found)
    eliminate(pieces)
    body = pieces.scalar()
    return times(reader, node.coefficient, above, below, body)


def scalars_of(reader: Reads, found: Recognised) -> tuple[list[Written], list[Written]]:
    above: list[Written] = []
    below: list[Written] = []
    for name, inner, power in found.calls:
        called = matrix.call(name, reader.known(inner).shorter)
        written = matrix.powered(called, magnitude(power), entries=False)
        (above if power > 0 else below).append(written)
    roots: dict[Coefficient, list[Written]] = {}
    for node, power in found.scalars:
        if isinstance(power, int) or _square_root(node) is not None:
            written = _scalar_power(reader, node, magnitude(power))
            (above if power > 0 else below).append(written)
        else:
            roots.setdefault(power, []).append(reader.known(node).plain)
    for power, bases in roots.items():
        inside = matrix.product(sorted(bases, key=reader.rank))
        written = matrix.powered(inside, magnitude(power), entries=False)
        (above if power > 0 else below).append(written)
    return above, below


def _scalar_power(reader: Reads, node: Node, power: Coefficient) -> Written:
    half = _square_root(node)
    if half is not None:
        norm = matrix.call("norm2", reader.known(natural(reader, half)).shorter)
        return matrix.powered(norm, exact(Fraction(power) * 2), entries=False)
    return matrix.powered(reader.known(node).plain, power, entries=False)


def _square_root(node: Node) -> Node | None:
    """t when node = Σ t² exactly, with no number before it."""
    if not isinstance(node, Contraction) or node.coefficient != 1:
        return None
    half = half_of_square(node)
    return half if half is not None and half.rank else None


def pieces_of(reader: Reads, node: Contraction, found: Recognised) -> Pieces:
    pieces = Pieces(tuple(range(node.rank)), dict(enumerate(node.dims)), reader.rank)
    for factor, labels, power in found.factors:
        _put(reader, pieces, (factor, labels, power))
    return pieces


def _put(reader: Reads, pieces: Pieces, factor: Factor) -> None:
    node, labels, power = factor
    if isinstance(node, Leaf):
        if node.kind == "delta":
            pieces.put_delta(labels)
            return
        if node.kind == "unit":
            pieces.put_unit(reader.known(node), labels[0], node.params[0])
            return
        if node.kind == "lower":
            pieces.put_lower(reader.known(node), labels)
            return
        if node.kind == "select":
            pieces.put_select(reader.known(node), labels, node)
            return
        if node.kind == "flatten":
            pieces.put_flatten(labels)
            return
    base = reader.known(node)
    if power == 1:
        pieces.put(base, labels)
    elif power < 0:
        pieces.put(matrix.raised(base, -power), labels, divide=True)
    else:
        pieces.put(matrix.raised(base, power), labels)


def _body(reader: Reads, node: Contraction, found: Recognised) -> Mat | None:
    if not found.factors:
        return matrix.ones_written(node.axes) if node.rank else None
    if any(isinstance(f[0], Leaf) and f[0].kind == "flatten" for f in found.factors):
        return write_joined(reader, node, found)
    pieces = pieces_of(reader, node, found)
    eliminate(pieces)
    body = pieces.read()
    if node.rank == 1:
        options = [body, *_as_diagonal(reader, node, found)]
        body = min(options, key=lambda mat: mat.cost + ("diag" in str(mat.key)))
    return body


def _as_diagonal(reader: Reads, node: Contraction, found: Recognised) -> list[Mat]:
    """Other ways to write Σ_k A[i,k] B[k,i]: diag(A*B), or sum(H.^2, 2) for A = B' = H."""
    grids = [k for k, (_, labels, _) in enumerate(found.factors) if 0 in labels]
    if len(grids) != 2 or any(len(found.factors[k][1]) != 2 for k in grids):
        return []
    options: list[Mat] = []
    half = half_of_row_square(found.factors, node.dims)
    if half is not None:
        squared = matrix.powered(reader.read(half).plain, 2, entries=True)
        options.append(Mat(matrix.call("sum", squared, matrix.number(2))))
    second = len(node.dims)
    turned = [
        (f, tuple(second if x == 0 else x for x in labels), p) if k == grids[1] else (f, labels, p)
        for k, (f, labels, p) in enumerate(found.factors)
    ]
    whole = build.contract(1, turned, (0, second))
    with suppress(Unreadable):
        mat = reader.read(whole)
        options.append(Mat(matrix.call("diag", mat.shorter), None, "diag"))
    return options


def write_joined(reader: Reads, node: Contraction, found: Recognised) -> Mat:
    """kron(…) and vec(…) with at most two axes."""
    pieces = pieces_of(reader, node, found)
    rows, cols = (0,), tuple(range(1, node.rank))
    down, along = expand_joined(pieces, rows, cols)
    pieces.out = tuple(dict.fromkeys([*down, *along]))
    eliminate(pieces)
    options = kronecker_options(pieces, down, along)
    body = joined_sum([(1, options, lambda w: w)])
    scalars = list(pieces.scalars)
    return Mat(matrix.product([*scalars, body]) if scalars else body)


def _number_cost(number: Coefficient) -> int:
    """Tokens of a number before a product, its sign included."""
    return (abs(number) != 1) * 2 + (number < 0)


def inner_cost(node: Sum, take: Coefficient) -> int:
    """Tokens of the numbers in a sum multiplied by ``take``, and of a leading minus."""
    numbers = [c * take for c, _ in node.terms]
    products = sum(
        abs(c) != 1 and (term.rank > 0 or build.constant_value(term) is None)
        for c, (_, term) in zip(numbers, node.terms, strict=True)
    )
    return 2 * products + all(c < 0 for c in numbers)
