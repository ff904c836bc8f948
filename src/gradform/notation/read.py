"""Reading an expression back as matrix notation.

A contraction is a network of factors joined by labels. It is read by eliminating labels:
a label between two factors is a product, a label of one factor alone a row sum, a label
that several factors share a Hadamard product or a ``diag``; what is left over outer
products join. Every intermediate has at most two axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Leaf, Node, Sum, Symbol
from gradform.ir.nodes import contraction_node, exact, topological
from gradform.ir.structure import is_symmetric
from gradform.notation import matrix
from gradform.notation.matrix import Mat, Written, chain, entrywise, symmetric
from gradform.notation.kronecker import (
    Term,
    Variant,
    blocks_of,
    expand_joined,
    hadamard_form,
    joined_sum,
    variants,
)
from gradform.notation.network import Pieces, Unreadable
from gradform.notation.recognise import (
    Recognised,
    half_of_row_square,
    half_of_square,
    recognise,
    stacked_blocks,
)

__all__ = ["Reader", "Unreadable"]

class Reader:
    """Reads nodes bottom-up; every node once. ``read(node)`` is a :class:`Mat`.

    Raises :class:`Unreadable` for an expression that matrix notation does not reach.
    """

    def __init__(self, variable_names: Sequence[str] = ()) -> None:
        self.variable_names = frozenset(variable_names)
        self.places = {name: k for k, name in enumerate(variable_names)}
        self.done: dict[Node, Mat] = {}

    def read(self, root: Node) -> Mat:
        for node in topological(root, lambda node: node not in self.done):
            if node not in self.done and node.rank <= 2:
                try:
                    self.done[node] = self._read(node)
                except Unreadable:
                    if node is root:
                        raise
        found = self.done.get(root)
        if found is None:
            raise Unreadable(root)
        return found

    def known(self, node: Node) -> Mat:
        found = self.done.get(node)
        return found if found is not None else self.read(node)

    def _read(self, node: Node) -> Mat:
        match node:
            case Symbol():
                return Mat(
                    matrix.name(node.name),
                    (lambda: matrix.name(node.name)) if is_symmetric(node) else None,
                    node,
                )
            case Leaf():
                return self._leaf(node)
            case Sum():
                return self._sum(node)
            case Apply():
                return self._apply(node)
            case Contraction():
                return self._contraction(node)
        raise Unreadable(node)

    # ------------------------------------------------------------ leaves and functions

    def size(self, size: Dim) -> Written:
        """A dimension as a number."""
        if size.value is not None:
            return matrix.number(size.value)
        if size.names & self.variable_names:
            return matrix.call("sum", matrix.ones_written([size]).plain)
        return matrix.dim_written(size)

    def _leaf(self, node: Leaf) -> Mat:
        match node.kind:
            case "pi":
                return symmetric(matrix.name("pi"), node)
            case "size":
                return symmetric(self.size(node.params[0]), node)
            case "delta":
                return matrix.eye_written(node.axes[0])
            case "unit":
                position = matrix.dim_written(node.params[0] + 1)
                return Mat(
                    matrix.call("unit", matrix.dim_written(node.axes[0]), position), None, node
                )
            case "lower":
                ones = matrix.ones_written(node.axes).plain
                return Mat(
                    matrix.call("tril", ones), lambda: matrix.call("triu", ones), node
                )
            case "select":
                first = matrix.dim_written(node.params[0] + 1)
                last = matrix.dim_written(node.params[0] + node.axes[0])
                size = matrix.dim_written(node.axes[1])
                return Mat(matrix.call("select", size, first, last), None, node)
        raise Unreadable(node)

    def _apply(self, node: Apply) -> Mat:
        if node.fn.along_axis:
            args = [self.known(node.args[0]).plain]
            if node.order:
                args.append(matrix.number(node.order))
            return Mat(matrix.call(node.fn.name, *args), None, node)
        if node.order:
            raise Unreadable(node)
        if node.rank == 2 or node.fn.of_transpose == "invariant":
            return self._apply_to_matrix(node)
        args = [self.known(arg).plain for arg in node.args]
        if node.fn.elementwise and len(args) == 2:
            args = self._scalars_where_constant(node, args)
        if node.fn.name == "pow":
            return Mat(self._power_call(node, args), None, node)
        return Mat(matrix.call(node.fn.name, *args), None, node)

    def _apply_to_matrix(self, node: Apply) -> Mat:
        """A function of a matrix, written over the matrix or its transpose."""
        mats = [self.known(arg) for arg in node.args]
        straight = self._named(node, [mat.plain for mat in mats])
        if is_symmetric(node):
            return symmetric(straight, node)
        turns = node.fn.elementwise or node.fn.of_transpose is not None
        if not turns:
            return Mat(straight, None, node)
        back = self._named(node, [mat.flipped for mat in mats])
        if node.fn.of_transpose == "invariant":
            return symmetric(matrix.cheaper(straight, back), node)
        plain = matrix.cheaper(straight, matrix.transposed(back))
        flipped = matrix.cheaper(back, matrix.transposed(straight))
        return Mat(plain, lambda: flipped, node)

    def _named(self, node: Apply, args: list[Written]) -> Written:
        if node.fn.elementwise and len(args) == 2:
            args = self._scalars_where_constant(node, args)
        if node.fn.name == "pow":
            return self._power_call(node, args)
        return matrix.call(node.fn.name, *args)

    def _power_call(self, node: Apply, args: list[Written]) -> Written:
        tree = matrix.Power(args[0].tree, args[1].tree, node.rank > 0)
        return Written(tree, args[0].cost + args[1].cost + 1)

    def _scalars_where_constant(self, node: Apply, args: list[Written]) -> list[Written]:
        """A broadcast scalar argument is written as the scalar it is."""
        result = list(args)
        for k, arg in enumerate(node.args):
            if arg.rank and not build.used_axes(arg) and (k > 0 or node.fn.name == "pow"):
                result[k] = self.known(build.drop_axes(arg, ())).plain
        return result

    # ------------------------------------------------------------ sums

    def _sum(self, node: Sum) -> Mat:
        blocks = stacked_blocks(node)
        if blocks is not None:
            return self._stack(*blocks)
        content, core = self._content(node)
        terms: list[tuple[int, Mat]] = []
        for coefficient, term in core:
            mat = self._scaled(abs(coefficient), term)
            terms.append((1 if coefficient > 0 else -1, mat))
        terms.sort(key=lambda term: (term[0] < 0, *self._rank(term[1].plain)))
        body = matrix.sums(terms, is_symmetric=is_symmetric_sum(node))
        return self._times(content, [], [], body)

    def _stack(self, axis: int, blocks: list[Node]) -> Mat:
        """[a; b] for blocks below one another (axis 0), [A, B] side by side (axis 1)."""
        mats = [self.read(block) for block in blocks]
        upright = [mat.plain for mat in mats]
        turned = [mat.flipped for mat in mats]
        if axis == 0:
            return Mat(matrix.stack(upright, down=True), lambda: matrix.stack(turned, down=False))
        return Mat(matrix.stack(upright, down=False), lambda: matrix.stack(turned, down=True))

    def _content(self, node: Sum) -> tuple[Coefficient, list[tuple[Coefficient, Node]]]:
        """A number before the bracket, where that shortens: 2*(a + b), but a - 0.5*b.

        The number is negative only when every term is.
        """
        content = abs(build.primitive(node)[0])
        shorter = _inner_cost(node, 1 / Fraction(content)) + 2 <= _inner_cost(node, 1)
        if content == 1 or not shorter:
            content = 1
        if all(c < 0 for c, _ in node.terms):
            content = -content
        return content, [(exact(c / Fraction(content)), term) for c, term in node.terms]

    def _rank(self, written: Written) -> tuple[int, int]:
        """Terms and factors come in the order in which the reader knows their names."""
        return matrix.first_place(written.tree, self.places), written.cost

    def _scaled(self, coefficient: Coefficient, term: Node) -> Mat:
        if coefficient == 1:
            return self.known(term)
        scaled = build.scale(coefficient, term)
        return self._contraction(scaled) if isinstance(scaled, Contraction) else self.known(scaled)

    # ------------------------------------------------------------ contractions

    def _times(
        self, coefficient: Coefficient, above: list[Written], below: list[Written], body: Mat | None
    ) -> Mat:
        """coefficient · scalars above / scalars below · body."""
        size = Fraction(abs(coefficient))
        sign = -1 if coefficient < 0 else 1
        above = sorted(above, key=self._rank)
        below = sorted(below, key=self._rank)
        if size.numerator != 1 and (below or 10**6 % size.denominator):
            top, bottom = size.numerator, size.denominator
        elif 10**6 % size.denominator:
            top, bottom = size.numerator, size.denominator
        else:
            top, bottom = size, 1  # type: ignore[assignment]
        head = ([] if top == 1 else [matrix.number(top)]) + above
        foot = ([] if bottom == 1 else [matrix.number(bottom)]) + below

        def wrap(inner: Written | None) -> Written:
            if inner is None:
                whole = matrix.product(head, foot)
            else:
                whole = matrix.scaled(head, foot, inner)
            return whole if sign > 0 else matrix.negated(whole)

        if body is None:
            return symmetric(wrap(None))
        if not head and not foot and sign > 0:
            return body
        flipped_body = body
        return Mat(wrap(body.plain), lambda: wrap(flipped_body.flipped))

    def _along(self, node: Contraction) -> Contraction | None:
        """Fréchet derivatives contracted with a direction: L(X, E) as ``dexpm(X, E)``, and
        contracted on the left, Σ G[i,j] L[i,j,k,l] = L(X', G)[k,l]."""
        for k, (tensor, labels, power) in enumerate(node.factors):
            if not (isinstance(tensor, Apply) and tensor.order == 1 and tensor.fn.primary):
                continue
            if power != 1 or len(set(labels)) != 4:
                raise Unreadable(node)
            sides = ((labels[2:], labels[:2], False), (labels[:2], labels[2:], True))
            for side, other, on_the_left in sides:
                taken = _attached(node, k, side, other)
                if taken is None:
                    continue
                direction = build.contract(1, [node.factors[n] for n in taken], side)
                x = tensor.args[0]
                if on_the_left:
                    x = build.transpose(x)
                named = build.apply(_Along(tensor.fn.name), x, direction, axes=tensor.axes[:2])
                rest = [f for n, f in enumerate(node.factors) if n != k and n not in taken]
                joined = build.contract(
                    node.coefficient,
                    [*rest, (named, other, 1)],
                    tuple(range(node.rank)),
                    dict(enumerate(node.axes)),
                )
                if isinstance(joined, Contraction):
                    return joined
                return contraction_node(1, ((named, (0, 1), 1),), node.axes, 2)
            raise Unreadable(node)
        return None

    def _contraction(self, node: Contraction) -> Mat:
        while (joined := self._along(node)) is not None:
            for kid in topological(joined, lambda kid: kid not in self.done):
                if kid is not joined and kid.rank <= 2 and kid not in self.done:
                    self.done[kid] = self._read(kid)
            node = joined
        if not node.factors:
            return self._constant(node)
        if node.rank == 0 and len(node.dims) > 0:
            return self._closed(node)
        number = node.coefficient
        taken = self._number_taken_in(node)
        if taken is not None:
            node, number = taken
        found = recognise(node)
        above, below = self._scalars(found)
        body = self._body(node, found)
        return self._times(number, above, below, body)

    def _number_taken_in(self, node: Contraction) -> tuple[Contraction, Coefficient] | None:
        """A sum among the factors that takes in the number, or its sign, where that is
        shorter: -(a - b) is b - a, and -2*(1 - 3*t) is 6*t - 2."""
        number = node.coefficient
        best: tuple[int, int, Coefficient] | None = None
        for k, (factor, _, power) in enumerate(node.factors):
            if power != 1 or not isinstance(factor, Sum):
                continue
            for take in {number, -1 if number < 0 else 1}:
                if take == 1:
                    continue
                gain = _number_cost(number) - _number_cost(exact(number / Fraction(take)))
                gain += _inner_cost(factor, 1) - _inner_cost(factor, take)
                if gain > 0 and (best is None or gain > best[0]):
                    best = (gain, k, take)
        if best is None:
            return None
        _, k, take = best
        factor, labels, _ = node.factors[k]
        scaled = build.scale(take, factor)
        if scaled not in self.done:
            self.done[scaled] = self._read(scaled)
        factors = (*node.factors[:k], (scaled, labels, 1), *node.factors[k + 1 :])
        number = exact(number / Fraction(take))
        return contraction_node(number, factors, node.dims, node.rank), number

    def _constant(self, node: Contraction) -> Mat:
        if node.rank == 0:
            return self._times(node.coefficient, [], [], None)
        if node.coefficient == 0:
            plain = matrix.call("zeros", *(matrix.dim_written(d) for d in node.axes))
            back = matrix.call("zeros", *(matrix.dim_written(d) for d in reversed(node.axes)))
            return Mat(plain, (lambda: back) if node.rank == 2 else None)
        return self._times(node.coefficient, [], [], matrix.ones_written(node.axes))

    def _closed(self, node: Contraction) -> Mat:
        """A scalar with summed labels: a norm, a trace, a sum, or a product through."""
        half = half_of_square(node)
        if half is not None and half.rank:
            norm = matrix.call("norm2", self.known(half).plain)
            norm = matrix.powered(norm, 2, entries=False)
            return self._times(node.coefficient, [], [], symmetric(norm, node))
        found = recognise(node)
        above, below = self._scalars(found)
        body = self._pieces(node, found).scalar()
        return self._times(node.coefficient, above, below, body)

    def _scalars(self, found: Recognised) -> tuple[list[Written], list[Written]]:
        above: list[Written] = []
        below: list[Written] = []
        for name, inner, power in found.calls:
            called = matrix.call(name, self.known(inner).plain)
            written = matrix.powered(called, abs(power), entries=False)
            (above if power > 0 else below).append(written)
        roots: dict[Coefficient, list[Written]] = {}
        for node, power in found.scalars:
            if isinstance(power, int) or half_of_square(node) is not None:
                written = self._scalar_power(node, abs(power))
                (above if power > 0 else below).append(written)
            else:
                roots.setdefault(power, []).append(self.known(node).plain)
        for power, bases in roots.items():
            inside = matrix.product(sorted(bases, key=self._rank))
            written = matrix.powered(inside, abs(power), entries=False)
            (above if power > 0 else below).append(written)
        return above, below

    def _scalar_power(self, node: Node, power: Coefficient) -> Written:
        half = half_of_square(node) if isinstance(node, Contraction) else None
        if half is not None and half.rank:
            norm = matrix.call("norm2", self.known(half).plain)
            return matrix.powered(norm, exact(Fraction(power) * 2), entries=False)
        return matrix.powered(self.known(node).plain, power, entries=False)

    def _pieces(self, node: Contraction, found: Recognised) -> Pieces:
        pieces = Pieces(tuple(range(node.rank)), dict(enumerate(node.dims)), self._rank)
        for factor, labels, power in found.factors:
            self._put(pieces, (factor, labels, power))
        return pieces

    def _put(self, pieces: Pieces, factor: Factor) -> None:
        node, labels, power = factor
        if isinstance(node, Leaf):
            if node.kind == "delta":
                pieces.put_delta(labels)
                return
            if node.kind == "unit":
                pieces.put_unit(self.known(node), labels[0], node.params[0])
                return
            if node.kind == "lower":
                pieces.put_lower(self.known(node), labels)
                return
            if node.kind == "select":
                pieces.put_select(self.known(node), labels, node)
                return
            if node.kind == "flatten":
                pieces.put_flatten(labels)
                return
        base = self.known(node)
        if power == 1:
            pieces.put(base, labels)
        elif power < 0:
            pieces.put(matrix.raised(base, -power), labels, divide=True)
        else:
            pieces.put(matrix.raised(base, power), labels)

    # ------------------------------------------------------------ Kronecker forms

    def read_vec(self, node: Node, rows: tuple[int, ...], cols: tuple[int, ...]) -> Mat:
        """The matrix with the given axes along its rows and columns, slowest first."""
        for kid in topological(node):
            if kid is not node and kid.rank <= 2 and kid not in self.done:
                self.read(kid)
        if isinstance(node, Sum):
            content, core = build.primitive(node)
            assert isinstance(core, Sum)
            terms = [self._vec_term(c, term, rows, cols) for c, term in core.terms]
            if all(sign < 0 for sign, _, _ in terms) or content < 0:
                terms = [(-sign, options, wrap) for sign, options, wrap in terms]
                content = -content
            return self._times(content, [], [], Mat(joined_sum(terms)))
        sign, options, wrap = self._vec_term(1, node, rows, cols)
        return Mat(joined_sum([(sign, options, wrap)]))

    def _vec_term(
        self, coefficient: Coefficient, node: Node, rows: tuple[int, ...], cols: tuple[int, ...]
    ) -> Term:
        if isinstance(node, Apply):
            raise Unreadable(node)
        if not isinstance(node, Contraction):
            node = contraction_node(
                1, ((node, tuple(range(node.rank)), 1),), node.axes, node.rank
            )
        found = recognise(node)
        above, below = self._scalars(found)
        wide = [f for f in found.factors if f[0].rank > 2 and isinstance(f[0], (Sum, Contraction))]
        value = abs(coefficient * node.coefficient)
        sign = 1 if coefficient * node.coefficient > 0 else -1
        covered = bool(wide) and set(wide[0][1]) == set(range(node.rank))
        if len(wide) == len(found.factors) == 1 and wide[0][2] == 1 and covered:
            inner, labels, _ = wide[0]
            turned = build.permute(inner, [labels.index(k) for k in range(node.rank)])
            body = self.read_vec(turned, rows, cols).plain
            return sign, [Variant(None, body, None)], self._wrapper(value, above, below)
        pieces = self._pieces(node, found)
        down, along = expand_joined(pieces, rows, cols)
        pieces.out = tuple(dict.fromkeys([*down, *along]))
        pieces.eliminate()
        options = _kronecker_options(pieces, down, along)
        return sign, options, self._wrapper(value, above + pieces.scalars, below)

    def _wrapper(
        self, value: Coefficient, above: list[Written], below: list[Written]
    ) -> Callable[[Written], Written]:
        return lambda body: self._times(value, above, below, Mat(body)).plain

    def _body(self, node: Contraction, found: Recognised) -> Mat | None:
        if not found.factors:
            return matrix.ones_written(node.axes) if node.rank else None
        if any(isinstance(f[0], Leaf) and f[0].kind == "flatten" for f in found.factors):
            return self._joined_axes(node, found)
        body = self._pieces(node, found).read()
        if node.rank == 1:
            body = min((body, *self._as_diagonal(node, found)), key=lambda mat: mat.cost)
        return body

    def _as_diagonal(self, node: Contraction, found: Recognised) -> list[Mat]:
        """Other ways to write Σ_k A[i,k] B[k,i]: diag(A*B), or sum(H.^2, 2) for A = B' = H."""
        grids = [k for k, (_, labels, _) in enumerate(found.factors) if 0 in labels]
        if len(grids) != 2 or any(len(found.factors[k][1]) != 2 for k in grids):
            return []
        options: list[Mat] = []
        half = half_of_row_square(found.factors, node.dims)
        if half is not None:
            squared = matrix.powered(self.read(half).plain, 2, entries=True)
            options.append(Mat(matrix.call("sum", squared, matrix.number(2))))
        second = len(node.dims)
        turned = [
            (f, tuple(second if x == 0 else x for x in labels), p) if k == grids[1] else (f, labels, p)
            for k, (f, labels, p) in enumerate(found.factors)
        ]
        whole = build.contract(1, turned, (0, second))
        try:
            options.append(Mat(matrix.call("diag", self._shorter(self.read(whole)))))
        except Unreadable:
            pass
        return options

    @staticmethod
    def _shorter(mat: Mat) -> Written:
        return matrix.cheaper(mat.plain, mat.flipped)


    def _joined_axes(self, node: Contraction, found: Recognised) -> Mat:
        """kron(…) and vec(…) with at most two axes."""
        pieces = self._pieces(node, found)
        rows, cols = (0,), tuple(range(1, node.rank))
        down, along = expand_joined(pieces, rows, cols)
        pieces.out = tuple(dict.fromkeys([*down, *along]))
        pieces.eliminate()
        options = _kronecker_options(pieces, down, along)
        body = joined_sum([(1, options, lambda w: w)])
        scalars = list(pieces.scalars)
        return Mat(matrix.product([*scalars, body]) if scalars else body)


def _kronecker_options(pieces: Pieces, rows: list[int], cols: list[int]) -> list[Variant]:
    """Products of Kronecker factors, or, where factors share axes, the entrywise form."""
    down, along, dims = pieces.merged(rows, cols)
    try:
        return variants(blocks_of(pieces, rows, cols), down, along, dims)
    except Unreadable:
        return [Variant(None, hadamard_form(pieces, down, along), None)]


def _number_cost(number: Coefficient) -> int:
    """Tokens of a number before a product, its sign included."""
    return (abs(number) != 1) * 2 + (number < 0)


def _inner_cost(node: Sum, take: Coefficient) -> int:
    """Tokens of the numbers in a sum multiplied by ``take``, and of a leading minus."""
    numbers = [c * take for c, _ in node.terms]
    products = sum(
        abs(c) != 1 and (term.rank > 0 or build.constant_value(term) is None)
        for c, (_, term) in zip(numbers, node.terms, strict=True)
    )
    return 2 * products + all(c < 0 for c in numbers)


class _Along:
    """The printed function of a Fréchet derivative along a direction: ``dexpm``."""

    elementwise = False
    of_transpose = None
    sign = None
    along_axis = False
    primary = False
    keeps_symmetry = False
    network_law = None
    inverse_law = None

    def __init__(self, name: str) -> None:
        self.name = "d" + name


def _attached(
    node: Contraction, k: int, side: tuple[int, ...], other: tuple[int, ...]
) -> list[int] | None:
    """Positions of the factors that hang on the labels ``side`` of factor k alone."""
    if any(label < node.rank for label in side):
        return None
    reached = set(side)
    taken: list[int] = []
    grew = True
    while grew:
        grew = False
        for n, (_, labels, _) in enumerate(node.factors):
            if n != k and n not in taken and reached & set(labels):
                taken.append(n)
                reached |= set(labels)
                grew = True
    outside = set(other) | set(range(node.rank))
    return sorted(taken) if taken and not reached & outside else None


def is_symmetric_sum(node: Sum) -> bool:
    return node.rank == 2 and build.transpose(node) is node
