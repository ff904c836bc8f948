"""Forward and reverse accumulation on the expression DAG.

The neutral derivative of y by x has the axes of y, then the axes of x. Both modes visit
every node once and are iterative; the result shares subexpressions with the input, so
its size is linear in the size of the function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.errors import CannotError
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Node,
    Sum,
    Symbol,
    symbol,
    topological,
)
from gradform.language import say

__all__ = ["derivative", "identity", "kept_sums", "pull", "push"]


_COTANGENTS = "cotangents"
_KEPT = "kept sums"


def kept_sums(root: Node) -> frozenset[Node]:
    """Sums that belong together when a derivative of ``root`` is simplified.

    Those of the function itself and those that derivatives of elementwise functions are,
    such as 1 - tanh². All others come from the chain rule.
    """
    found: frozenset[Node] | None = root.memo.get(_KEPT)
    if found is None:
        found = root.memo[_KEPT] = frozenset(_kept_sums(root))
    return found


def _kept_sums(root: Node) -> set[Node]:
    kept: set[Node] = set()
    for node in topological(root):
        if isinstance(node, Sum):
            kept.update(_forms(node))
        elif isinstance(node, Apply) and node.fn.elementwise:
            for k in range(len(node.args)):
                slope = node.fn.partial(k, node)
                if isinstance(slope, Sum):
                    kept.update(_forms(slope))
    return kept


def _forms(node: Sum) -> set[Node]:
    """A sum as it stands and as it stands inside a product."""
    core = build.primitive(node)[1]
    return {node, core, build.oriented(core)[0]}


def derivative(root: Node, wrt: Symbol) -> Node:
    """∂root/∂wrt with axes (root axes…, wrt axes…), by the cheaper mode.

    Reverse costs one sweep per output entry, forward one per input entry; the number of
    axes stands for the number of entries as long as sizes are symbolic.
    """
    if root.rank <= wrt.rank and not (root.rank == wrt.rank == 0):
        return pull(root, identity(root.axes), wrt, root.memo.setdefault(_COTANGENTS, {}))
    return push(root, {wrt: identity(wrt.axes)}, wrt.axes)


def identity(axes: Sequence[Dim]) -> Node:
    """The identity tensor with axes (axes…, axes…)."""
    rank = len(axes)
    factors = [(build.delta(axis), (k, rank + k), 1) for k, axis in enumerate(axes)]
    return build.contract(1, factors, tuple(range(2 * rank)), dict(enumerate((*axes, *axes))))


def dependents(root: Node, wrt: Mapping[Symbol, object] | Symbol) -> list[Node]:
    """Nodes below ``root`` that depend on ``wrt``, every node after its children."""
    names = {wrt} if isinstance(wrt, Symbol) else set(wrt)
    found: set[Node] = set()
    order: list[Node] = []
    for node in topological(root):
        if node in names or any(child in found for child in node.children):
            found.add(node)
            order.append(node)
    return order


# ---------------------------------------------------------------- reverse


def pull(root: Node, cotangent: Node, wrt: Symbol, known: dict[Node, Node] | None = None) -> Node:
    """Σ cotangent[o…, y…] ∂root[y…]/∂wrt[x…]: reverse accumulation.

    ``cotangent`` has some leading axes o…, then the axes of ``root``. The cotangents of nodes
    are ``known`` from sweeps for other variables, and go there: a node that depends on the
    variable has all of its cotangent from others that do.
    """
    known = {} if known is None else known
    lead = cotangent.axes[: cotangent.rank - root.rank]
    order = dependents(root, wrt)
    active = {node for node in order if node not in known}
    collected: dict[Node, list[tuple[Coefficient, Node]]] = {node: [] for node in active}
    if root in active:
        collected[root].append((1, cotangent))
    for node in reversed(order):
        total = known.get(node)
        if total is None:
            total = build.linear_combination(collected.pop(node), (*lead, *node.axes))
            known[node] = total
        if node is wrt:
            return total
        if not build.is_zero(total):
            _pull_node(node, total, len(lead), active, collected)
    return build.zero((*lead, *wrt.axes))


def _pull_node(
    node: Node,
    cotangent: Node,
    lead: int,
    active: set[Node],
    collected: dict[Node, list[tuple[Coefficient, Node]]],
) -> None:
    match node:
        case Sum():
            for coefficient, term in node.terms:
                if term in active:
                    collected[term].append((coefficient, cotangent))
        case Contraction():
            for k, (factor, _, _) in enumerate(node.factors):
                if factor in active:
                    collected[factor].append((1, _pull_factor(node, k, cotangent, lead)))
        case Apply() if node.fn.elementwise:
            for k, arg in enumerate(node.args):
                if arg in active:
                    slope = node.fn.partial(k, node)
                    collected[arg].append((1, _scale_trailing(cotangent, slope, lead)))
        case Apply():
            for k, arg in enumerate(node.args):
                if arg in active:
                    collected[arg].append((1, _pull_function(node, k, cotangent, lead)))


def _pull_factor(node: Contraction, k: int, cotangent: Node, lead: int) -> Node:
    """∂/∂f of c·Σ f[L]^p Π rest is c·p·f[L]^(p-1) Π rest, with L becoming free."""
    factor, labels, power = node.factors[k]
    leads = [("o", j) for j in range(lead)]
    factors: list[build.Term] = [
        (other, places, p) for j, (other, places, p) in enumerate(node.factors) if j != k
    ]
    if power != 1:
        factors.append((factor, labels, power - 1))
    factors.append((cotangent, (*leads, *range(node.rank)), 1))
    free: list[build.Label] = []
    for position, label in enumerate(labels):
        if labels.index(label) == position:
            free.append(label)
        else:  # a repeated label such as A[i,i]: the second place is tied by an identity
            free.append(("free", position))
            factors.append((build.delta(node.dims[label]), (label, ("free", position)), 1))
    dims: dict[build.Label, Dim] = dict(enumerate(node.dims))
    return build.contract(node.coefficient * power, factors, (*leads, *free), dims)


def _scale_trailing(cotangent: Node, slope: Node, lead: int) -> Node:
    """cotangent[o…, v…] · slope[v…]."""
    labels = tuple(range(cotangent.rank))
    return build.contract(
        1,
        [(cotangent, labels, 1), (slope, labels[lead:], 1)],
        labels,
        dict(enumerate(cotangent.axes)),
    )


def _pull_function(node: Apply, k: int, cotangent: Node, lead: int) -> Node:
    """The cotangent through a function's differential: the transpose of a linear map.

    The differential is an expression linear in a placeholder dX; pulling through that
    expression computes its transpose.
    """
    if node.fn.primary:
        higher = _frechet(node)
        out = tuple(range(lead, lead + node.rank))
        labels = tuple(range(lead + higher.rank))
        return build.contract(
            1,
            [(cotangent, (*labels[:lead], *out), 1), (higher, labels[lead:], 1)],
            (*labels[:lead], *labels[lead + node.rank :]),
        )
    if node.fn.self_adjoint:
        return _self_adjoint(node, cotangent, range(lead), range(lead, lead + 2))
    placeholder = symbol(f"\0d{k}", node.args[k].axes)
    return pull(_differential(node, {k: placeholder}), cotangent, placeholder)


def _self_adjoint(node: Apply, moved: Node, others: Sequence[int], own: Sequence[int]) -> Node:
    """A linear function that is its own transpose moves tangents and cotangents alike.

    ``own`` are the axes of ``moved`` that it acts on, ``others`` those beside them.
    """
    if not others:
        return build.apply(node.fn, moved, axes=node.axes)
    tensor = build.apply(node.fn, axes=node.axes * 2, order=1)
    new = [("new", k) for k in own]
    labels: list[build.Label] = list(range(moved.rank))
    result = labels.copy()
    result[own[0] : own[0] + len(own)] = new
    return build.contract(1, [(tensor, (*new, *own), 1), (moved, labels, 1)], tuple(result))


def _frechet(node: Apply) -> Node:
    """The next Fréchet derivative of a primary matrix function, two axes longer."""
    return build.apply(
        node.fn, *node.args, axes=(*node.axes, *node.args[0].axes), order=node.order + 1
    )


def _differential(node: Apply, moved: Mapping[int, Node]) -> Node:
    if node.fn.no_derivative is not None:
        raise CannotError(
            say(
                "{name} has no derivative: {reason}.",
                name=node.fn.name,
                reason=node.fn.no_derivative,
            ),
            kind="nowhere",
        )
    if node.fn.differential is None:
        raise CannotError(
            say(
                "The derivative of {name} has no closed form here, so this order of "
                "differentiation cannot be answered.",
                name=node.fn.name,
            ),
            kind="unsupported",
            hint=say("a lower order, or the expression without this function, can be answered"),
        )
    moves = tuple(
        Expr(moved[k]) if k in moved else Expr(build.zero(arg.axes))
        for k, arg in enumerate(node.args)
    )
    arguments = tuple(Expr(arg) for arg in node.args)
    result: Expr = node.fn.differential(arguments, Expr(node), moves)
    return result.node


# ---------------------------------------------------------------- forward


def push(root: Node, tangents: Mapping[Symbol, Node], extra: Sequence[Dim] = ()) -> Node:
    """Σ ∂root/∂x · tangent[x]: forward accumulation.

    Each tangent has the axes of its symbol, then the axes ``extra``; so has the result.
    """
    order = dependents(root, tangents)
    moved: dict[Node, Node] = dict(tangents.items())
    for node in order:
        if node not in moved:
            moved[node] = _push_node(node, moved, tuple(extra))
    return moved.get(root) or build.zero((*root.axes, *extra))


def _push_node(node: Node, moved: Mapping[Node, Node], extra: tuple[Dim, ...]) -> Node:
    axes = (*node.axes, *extra)
    parts: list[tuple[Coefficient, Node]] = []
    match node:
        case Sum():
            parts = [(c, moved[term]) for c, term in node.terms if term in moved]
        case Contraction():
            parts = [
                (1, _push_factor(node, k, moved[factor], len(extra)))
                for k, (factor, _, _) in enumerate(node.factors)
                if factor in moved
            ]
        case Apply() if node.fn.elementwise:
            labels = tuple(range(len(axes)))
            for k, arg in enumerate(node.args):
                if arg in moved:
                    slope = node.fn.partial(k, node)
                    pair = [(slope, labels[: node.rank], 1), (moved[arg], labels, 1)]
                    parts.append((1, build.contract(1, pair, labels, dict(enumerate(axes)))))
        case Apply():
            parts = [
                (1, _push_function(node, k, moved[arg], extra))
                for k, arg in enumerate(node.args)
                if arg in moved
            ]
    return build.linear_combination(parts, axes)


def _push_factor(node: Contraction, k: int, tangent: Node, extra: int) -> Node:
    factor, labels, power = node.factors[k]
    trail = [("x", j) for j in range(extra)]
    factors: list[build.Term] = [
        (other, places, p) for j, (other, places, p) in enumerate(node.factors) if j != k
    ]
    if power != 1:
        factors.append((factor, labels, power - 1))
    factors.append((tangent, (*labels, *trail), 1))
    dims: dict[build.Label, Dim] = dict(enumerate(node.dims))
    return build.contract(node.coefficient * power, factors, (*range(node.rank), *trail), dims)


def _push_function(node: Apply, k: int, tangent: Node, extra: tuple[Dim, ...]) -> Node:
    if node.fn.primary:
        higher = _frechet(node)
        rank, wide = node.rank, higher.rank
        trail = tuple(range(wide, wide + len(extra)))
        return build.contract(
            1,
            [
                (higher, tuple(range(wide)), 1),
                (tangent, (*range(rank, wide), *trail), 1),
            ],
            (*range(rank), *trail),
        )
    if node.fn.self_adjoint:
        return _self_adjoint(node, tangent, range(2, 2 + len(extra)), range(2))
    placeholder = symbol(f"\0d{k}", node.args[k].axes)
    return push(_differential(node, {k: placeholder}), {placeholder: tangent}, extra)
