"""From expressions to a program: one recipe for each kind of node.

A recipe says which other nodes it needs and how to emit the instructions once these have
values. Not every child is needed: an inverse in a product needs the matrix, not the
inverse. A value carries only the axes along which it varies; it is repeated along the
others where a whole array is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TypeAlias

from gradform.codegen.lowering.contraction.network import Item, Kind, Label, Network, PlacedLeaf
from gradform.codegen.lowering.contraction.pairs import PairSum, pair_sum
from gradform.codegen.lowering.contraction.structure import Solver
from gradform.codegen.lowering.distribute import multiplied_out
from gradform.codegen.lowering.exponentials.complements import (
    Slope,
    log_beside_tanh,
    slope_of,
    take_slopes,
)
from gradform.codegen.lowering.exponentials.shares import in_shares
from gradform.codegen.lowering.exponentials.sums import (
    Quotient,
    Ratio,
    divided,
    exponential_sum,
    logarithm,
    open_closed_parts,
    raised,
    take_quotients,
)
from gradform.codegen.lowering.exponentials.tails import over_tails
from gradform.codegen.lowering.squares.balance import balanced
from gradform.codegen.lowering.squares.forms import SquareSum, square_sum
from gradform.codegen.lowering.squares.lengths import length, put_roots, unit_of
from gradform.codegen.lowering.squares.roots import RootPower, Unit, rooted, take_roots
from gradform.codegen.lowering.sums import (
    Complement,
    combined,
    complement_in,
    complement_of,
    reads_better_negated,
    terms_of,
)
from gradform.codegen.passes.factors import shared_factors
from gradform.codegen.passes.plain import plain
from gradform.codegen.program.operations import (
    Call,
    Constant,
    Gram,
    Input,
    LogSumExp,
    PairGram,
    Softmax,
)
from gradform.codegen.program.straight_line import Arrangement, Program, Value
from gradform.functions.elementwise import log, log1p
from gradform.functions.linear_algebra import inv
from gradform.functions.softmax import logsumexp, softmax
from gradform.ir import build
from gradform.ir.definite import is_positive_definite
from gradform.ir.expr import Expr
from gradform.ir.leaves import NUMBERS
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Factor,
    Leaf,
    Node,
    Sum,
    Symbol,
    topological,
)
from gradform.ir.sign import is_nonnegative
from gradform.records import record, replaced

__all__ = ["Lowered", "Lowering", "finished", "lower", "written"]

Lowered: TypeAlias = tuple[Program, list[Value]]


def lower(
    outputs: Sequence[tuple[Node, Arrangement]],
    names: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
    known: Container[type] = (),
) -> Lowered:
    """A program and the values of its outputs.

    Variables come first, in the order of ``names``, then by name: terms of a sum and
    factors of a product are written in the order of the program. Products are contracted
    in the order that is cheapest at these ``sizes``, or at typical ones. ``known`` are the
    operations that may be used beyond those that every writer knows
    (:data:`gradform.codegen.passes.plain.EXTRA`).
    """
    return finished(*written(outputs, names, sizes, known), known)


def written(
    outputs: Sequence[tuple[Node, Arrangement]],
    names: Sequence[str],
    sizes: Mapping[str, int] | None,
    known: Container[type],
) -> Lowered:
    """The program before its factorisations are shared.

    Of the operations that are ``known``, symmetric products take part of the work.
    """
    # A product is made in the orientation that is asked for, not turned afterwards.
    turned = [_turned(balanced(in_shares(node)), arrangement) for node, arrangement in outputs]
    nodes = topological(*(node for node, _ in turned))
    lowering = Lowering(sizes or {}, known, rooted=rooted(nodes))
    lowering.lower(_variables(nodes, names))
    lowering.lower(node for node, _ in turned)
    return lowering.program, [lowering.arranged(node, how) for node, how in turned]


def finished(program: Program, values: Sequence[Value], known: Container[type]) -> Lowered:
    """The program with factorisations shared, in operations that may be used."""
    return plain(*shared_factors(program, values), known)


def _variables(nodes: Iterable[Node], names: Sequence[str]) -> list[Symbol]:
    found = [node for node in nodes if isinstance(node, Symbol)]
    place = {name: k for k, name in enumerate(names)}
    return sorted(found, key=lambda node: (place.get(node.name, len(place)), node.name))


def _turned(node: Node, arrangement: Arrangement) -> tuple[Node, Arrangement]:
    if not isinstance(node, Contraction):
        return node, arrangement
    node = build.permute(node, arrangement.axes)
    return node, Arrangement(tuple(range(node.rank)), arrangement.shape)


@record
class _Recipe:
    needs: tuple[Node, ...]
    emit: Callable[[], Item]


class Lowering:
    """The program that is being written and the values of the nodes done so far.

    ``rooted`` are the sums of squares whose roots it takes.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        known: Container[type],
        *,
        rooted: Container[Node] = (),
    ) -> None:
        self.program = Program()
        self.sizes = sizes
        self.by_pairs = PairGram in known
        self.solver = Solver(self.program, sizes, Gram in known)
        self.values: dict[Node, Item] = {}
        self.rooted = rooted

    def lower(self, roots: Iterable[Node]) -> None:
        """Give values to the roots and to everything they need; iterative."""
        recipes: dict[Node, _Recipe] = {}
        for root in roots:
            stack = [root]
            while stack:
                node = stack[-1]
                if node in self.values:
                    stack.pop()
                    continue
                recipe = recipes.get(node)
                if recipe is None:
                    recipe = recipes[node] = self._recipe(node)
                    stack.extend(need for need in reversed(recipe.needs))
                    continue
                self.values[node] = recipe.emit()
                self._note_facts(node)
                stack.pop()

    def arranged(self, node: Node, arrangement: Arrangement) -> Value:
        """The array of an output."""
        value = self.program.view(self.whole(node), arrangement.axes)
        if arrangement.shape is None:
            return value
        if not node.rank:
            return self.program.broadcast(value, arrangement.shape)
        return self.program.reshape(value, arrangement.shape)

    def whole(self, node: Node) -> Value:
        """The array of a node with all its axes."""
        item = self.values[node]
        aligned = self.program.align(item.value, item.labels, range(node.rank))
        value = self.program.broadcast(aligned, node.axes)
        if is_positive_definite(node):
            self.program.definite.add(value)
        return value

    def _note_facts(self, node: Node) -> None:
        item = self.values[node]
        if is_nonnegative(node):
            self.program.nonnegative.add(item.value)
        if len(item.labels) == 2 and build.is_symmetric(node):
            self.program.symmetric.add(item.value)

    # ------------------------------------------------------------ recipes

    def _recipe(self, node: Node) -> _Recipe:
        match node:
            case Symbol():
                return _Recipe((), lambda: self._symbol(node))
            case Sum():
                return self._sum(node)
            case Apply():
                return self._application(node)
            case Contraction():
                return self._contraction(node)
            case _:
                factor: Factor = (node, tuple(range(node.rank)), 1)
                return self._product(node, 1, (factor,))

    def _symbol(self, node: Symbol) -> Item:
        value = self.program.emit(Input(node.name), (), node.axes)
        return Item(value, tuple(range(node.rank)))

    def _sum(self, node: Sum) -> _Recipe:
        content, core = build.primitive(node)
        complement = complement_in(core) if isinstance(core, Sum) else None
        if complement is not None:
            return self._complement(content, complement)
        if abs(content) != 1:
            return _Recipe((core,), lambda: self._scaled(content, core))
        pairs = pair_sum(node, self.sizes) if self.by_pairs else None
        if pairs is not None:
            needs = (pairs.matrix, pairs.weights, *(term for _, term in pairs.rest))
            return _Recipe(needs, lambda: self._by_pairs(pairs))
        # What is a sum of another term, such as a row of it, comes after that.
        terms = sorted((term for _, term in node.terms), key=lambda x: -len(build.used_axes(x)))
        return _Recipe(
            tuple(terms),
            lambda: combined(self.program, terms_of(node, 1, self.values)),
        )

    def _complement(self, content: Coefficient, found: Complement) -> _Recipe:
        terms = [(content * c, node) for c, node in ((found.coefficient, found.node), *found.rest)]
        return _Recipe(
            tuple(node for _, node in terms),
            lambda: combined(self.program, [(c, self.values[node]) for c, node in terms]),
        )

    def _by_pairs(self, pairs: PairSum) -> Item:
        matrix = self.program.view(self.whole(pairs.matrix), (1, 0) if pairs.turned else (0, 1))
        weights = self.whole(pairs.weights)
        n, k = self.program.axes(matrix)[1], self.program.axes(weights)[1]
        value = self.program.emit(PairGram(), (matrix, weights), (n, n, k, k))
        terms = [(c, self.values[term]) for c, term in pairs.rest]
        return combined(self.program, [(1, Item(value, pairs.order)), *terms])

    def _scaled(self, coefficient: Coefficient, node: Node) -> Item:
        item = self.values[node]
        return Item(self.program.scale(coefficient, item.value), item.labels)

    # ------------------------------------------------------------ functions

    def _application(self, node: Apply) -> _Recipe:
        if node.fn in (log, log1p):
            return self._logarithm(node)
        if is_map(node):
            return self._product(node, 1, ((node, tuple(range(node.rank)), 1),))
        if node.fn in (logsumexp, softmax):
            return _Recipe(node.args, lambda: self._stable(node))
        if node.fn.elementwise:
            return _Recipe(node.args, lambda: self._entrywise(node, self._arguments(node)))
        return _Recipe(node.args, lambda: self._called(node))

    def _arguments(self, node: Apply) -> list[Item]:
        return [self.values[arg] for arg in node.args]

    def _entrywise(self, node: Apply, arguments: Sequence[Item]) -> Item:
        labels = tuple(sorted({label for item in arguments for label in item.labels}))
        values = [self.program.align(item.value, item.labels, labels) for item in arguments]
        axes = [node.axes[label] for label in labels]
        return Item(self.program.emit(Call(node.fn), values, axes), labels)

    def _called(self, node: Apply) -> Item:
        values = [self.whole(arg) for arg in node.args]
        value = self.program.emit(Call(node.fn), values, node.axes)
        return Item(value, tuple(range(node.rank)))

    def _stable(self, node: Apply) -> Item:
        """softmax and logsumexp by name: order 0 is over all entries, k over axis k - 1."""
        value = self.whole(node.args[0])
        rank = len(self.program.axes(value))
        axes = (node.order - 1,) if node.order else tuple(range(rank))
        operation = Softmax(axes) if node.fn is softmax else LogSumExp(axes)
        value = self.program.emit(operation, (value,), node.axes)
        return Item(value, tuple(range(node.rank)))

    def _logarithm(self, node: Apply) -> _Recipe:
        """log(Σ exp t) and log(f·Σ exp t) = log(f) + log(Σ exp t), else the function."""
        (inner,) = node.args
        if node.fn is log1p:
            inner = build.add(build.ones(*inner.axes), inner)
        whole = self._whole_logarithm(inner)
        if whole is not None:
            return whole
        squares = square_sum(inner)
        if node.fn is log and squares is not None and squares.is_summed:
            return _Recipe(squares.roots, lambda: self._logarithm_of_squares(squares))
        if node.fn is log and isinstance(inner, Contraction) and inner.rank == len(inner.dims):
            parts = [(factor, self._whole_logarithm(factor[0])) for factor in inner.factors]
            known = [(factor, recipe) for factor, recipe in parts if recipe is not None]
            if known:
                rest = tuple(factor for factor, recipe in parts if recipe is None)
                return self._split_logarithm(node, inner, known, rest)
        return _Recipe(node.args, lambda: self._entrywise(node, self._arguments(node)))

    def _whole_logarithm(self, inner: Node) -> _Recipe | None:
        """The logarithm of what would over- or underflow before it is taken."""
        total = exponential_sum(inner)
        if total is not None:
            return _Recipe(total.parts, lambda: logarithm(self.program, total, self.whole))
        other = log_beside_tanh(inner) or _log_by_name(inner)
        return None if other is None else _Recipe((other,), lambda: self.values[other])

    def _logarithm_of_squares(self, total: SquareSum) -> Item:
        """log(Σ x²) = 2 log((Σ x²)^(1/2))"""
        item = self._length(total)
        value = self.program.emit(Call(log), (item.value,), self.program.axes(item.value))
        return Item(self.program.scale(2, value), item.labels)

    def _split_logarithm(
        self,
        node: Apply,
        inner: Contraction,
        parts: Sequence[tuple[Factor, _Recipe]],
        rest: tuple[Factor, ...],
    ) -> _Recipe:
        product = self._product(inner, inner.coefficient, rest)
        needs = [need for _, recipe in parts for need in recipe.needs]

        def emit() -> Item:
            logs = [(factor, recipe.emit()) for factor, recipe in parts]
            terms = [(power, _placed(item, labels)) for (_, labels, power), item in logs]
            if rest or inner.coefficient != 1:
                terms.append((1, self._entrywise(node, [product.emit()])))
            return combined(self.program, terms)

        return _Recipe((*needs, *product.needs), emit)

    # ------------------------------------------------------------ products

    def _contraction(self, node: Contraction) -> _Recipe:
        expanded = multiplied_out(node)
        if expanded is not None:
            return _Recipe((expanded,), lambda: self.values[expanded])
        return self._product(node, node.coefficient, node.factors)

    def _product(
        self, node: Node, coefficient: Coefficient, factors: tuple[Factor, ...]
    ) -> _Recipe:
        """Axes of ``node`` are the labels 0, 1, …; all other labels are summed."""
        dims = node.dims if isinstance(node, Contraction) else node.axes
        factors, dims = open_closed_parts(factors, dims)
        coefficient, factors = over_tails(coefficient, factors)
        slopes, factors = take_slopes(factors)
        quotients, others = take_quotients(factors)
        units, powers, rest, sizes = take_roots(others, dims, node.rank, self.rooted)
        needs: list[Node] = [slope.argument for slope in slopes]
        for quotient in quotients:
            needs.extend(quotient.total.parts)
            needs.extend([quotient.exponent] if isinstance(quotient, Ratio) else ())
        for total in (*(unit.total for unit in units), *(power.total for power in powers)):
            needs.extend(total.roots)
        for factor, _, power in rest:
            needs.extend(_needed(factor, power))

        def emit() -> Item:
            network = Network(coefficient, list(range(node.rank)), dict(sizes))
            for quotient in quotients:
                network.items.append(self._quotient(quotient))
            for slope in slopes:
                network.items.append(self._slope(slope))
            for factor in rest:
                self._put(network, factor)
            self._put_roots(network, units, powers)
            return self.solver.solve(network)

        return _Recipe(tuple(dict.fromkeys(needs)), emit)

    def _slope(self, slope: Slope) -> Item:
        item = slope_of(self.program, self.values[slope.argument])
        self.program.nonnegative.add(item.value)
        return Item(item.value, _placed(item, slope.labels).labels, slope.power)

    def _put_roots(
        self, network: Network, units: Iterable[Unit], powers: Iterable[RootPower]
    ) -> None:
        items: list[Item] = []
        for unit in units:
            assert unit.square.root is not None
            if reads_better_negated(unit.square.root):
                network.coefficient *= -1
            norm = self._length(unit.total)
            items.append(unit_of(self.program, unit, norm, self._up_to_sign))
        roots = [(each, self._length(each.total)) for each in powers]
        placed = [replaced(_placed(item, each.places), power=each.power) for each, item in roots]
        put_roots(self.program, network, items, placed)

    def _length(self, total: SquareSum) -> Item:
        return length(self.program, total, self._up_to_sign)

    def _up_to_sign(self, node: Node, whole: bool = False) -> Item:
        """The value of a node or its negative, whichever reads better."""
        if whole:
            return Item(self.whole(node), tuple(range(node.rank)))
        if reads_better_negated(node):
            return combined(self.program, terms_of(node, -1, self.values))
        return self.values[node]

    def _quotient(self, quotient: Quotient) -> Item:
        if isinstance(quotient, Ratio):
            item = divided(self.program, quotient, self.whole)
        else:
            item = raised(self.program, quotient, self.whole)
        self.program.nonnegative.add(item.value)
        return item

    def _put(self, network: Network, factor: Factor) -> None:
        node, labels, power = factor
        if isinstance(node, Leaf):
            self._put_leaf(network, node, labels, power)
        elif isinstance(node, Apply) and is_map(node):
            unused = self.program.identity(node.axes[0])
            arguments = tuple(self.whole(arg) for arg in node.args)
            network.items.append(Item(unused, labels, power, Kind.MAP, node.fn, arguments))
        elif isinstance(node, Apply) and _is_inverse(node, power):
            matrix = self.whole(node.args[0])
            network.items.append(Item(matrix, labels, power, Kind.INVERSE, node.fn))
        else:
            item = self.values[node]
            if isinstance(power, int) and reads_better_negated(node):
                item = combined(self.program, terms_of(node, -1, self.values))
                network.coefficient *= (-1) ** (power % 2)
            network.items.append(Item(item.value, _placed(item, labels).labels, power))

    def _put_leaf(
        self, network: Network, node: Leaf, labels: tuple[Label, ...], power: Coefficient
    ) -> None:
        match node.kind:
            case "size":
                network.items.append(Item(self.solver.contractor.size(node.params[0]), (), power))
            case kind if kind in NUMBERS:
                network.items.append(Item(self.program.emit(Constant(kind), (), ()), (), power))
            case "lower":
                matrix = self.program.identity(node.axes[0])
                network.items.append(Item(matrix, labels, 1, Kind.LOWER))
            case _:
                network.leaves.append(PlacedLeaf(node, labels))


def _log_by_name(inner: Node) -> Node | None:
    """The logarithm of a function, or of a number times one minus it, as its record gives it."""
    number, found = complement_of(inner) or (1, inner)
    if number <= 0 or not isinstance(found, Apply) or found.fn.logarithm is None:
        return None
    written: Node = found.fn.logarithm(Expr(found.args[0])).node
    if number == 1:
        return written
    return (log(Expr(build.constant(number, inner.axes))) + Expr(written)).node


def _placed(item: Item, labels: Sequence[Label]) -> Item:
    """An item labelled by positions, with the labels at these positions."""
    return Item(item.value, tuple(labels[k] for k in item.labels))


def _is_inverse(node: Apply, power: Coefficient) -> bool:
    return node.fn is inv and power == 1


def is_map(node: Apply) -> bool:
    """Whether an application is the tensor of a linear map of matrices."""
    return bool(node.order and node.fn.linear_map)


def _needed(node: Node, power: Coefficient) -> tuple[Node, ...]:
    """The nodes whose values a factor needs."""
    if isinstance(node, Leaf):
        return ()
    if isinstance(node, Apply) and (is_map(node) or _is_inverse(node, power)):
        return node.args
    return (node,)
