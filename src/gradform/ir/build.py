"""Constructors that keep every expression in normal form.

``contract`` is the workhorse. It owns renaming: callers use labels of their own
choice and get back a node whose labels are canonical.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from gradform.ir import laws
from gradform.ir.canonical import canonical_order
from gradform.ir.dims import Dim
from gradform.ir.leaves import (
    constant,
    constant_value,
    delta,
    flatten_leaf,
    is_zero,
    lower,
    number,
    ones,
    pi,
    select,
    size_of,
    symbol_like,
    unit,
    zero,
)
from gradform.ir.memo import remembered
from gradform.ir.nodes import (
    Coefficient,
    Contraction,
    FunctionLike,
    Leaf,
    Node,
    Sum,
    apply_node,
    contraction_node,
    exact,
)
from gradform.ir.roots import rational_power
from gradform.ir.sign import is_nonnegative
from gradform.ir.structure import noted_symmetric
from gradform.ir.sums import (
    add,
    linear_combination,
    primitive,
    scale,
    subtract,
    with_coefficient,
)

__all__ = [
    "Label",
    "Term",
    "add",
    "apply",
    "broadcast",
    "constant",
    "constant_value",
    "contract",
    "delta",
    "drop_axes",
    "flatten_leaf",
    "hadamard",
    "is_symmetric",
    "is_zero",
    "linear_combination",
    "lower",
    "matmul",
    "number",
    "ones",
    "oriented",
    "outer",
    "permute",
    "pi",
    "power",
    "primitive",
    "scale",
    "select",
    "size_of",
    "subtract",
    "symbol_like",
    "total",
    "transpose",
    "turned_factors",
    "unit",
    "upright",
    "used_axes",
    "zero",
]

Label = Hashable
Term = tuple[Node, Sequence[Label], Coefficient]


# A contraction is flattened into the one that uses it up to this many factors; beyond,
# it stays a factor of its own, so that long products cost linear, not quadratic, time.
FLATTEN_LIMIT = 24

# Labels made here are negative, so that they never meet the labels of callers.
_fresh = count(-1, -1)


# ---------------------------------------------------------------- contractions


def contract(
    coefficient: Coefficient,
    factors: Iterable[Term],
    out: Sequence[Label],
    dims: Mapping[Any, Dim] | None = None,
) -> Node:
    """``coefficient · Σ Π factor[labels]^power`` with output labels ``out``.

    Labels that are not in ``out`` are summed. ``dims`` gives the dimension of labels that
    no factor may carry: outputs are broadcast, summed ones count (Σ_i 1 = n).
    """
    work = laws.Network(coefficient, tuple(out), dict(dims or {}))
    work.summed.update(label for label in work.dims if label not in work.out)
    _expand(work, factors)
    if work.coefficient == 0:
        return zero([work.dims[label] for label in out])
    work.simplify()
    while work.pending and work.coefficient:
        opened, work.pending = work.pending, []
        _expand(work, opened)
        work.simplify()
    if work.coefficient == 0:
        return zero([work.dims[label] for label in out])
    return _close(work)


def _expand(work: laws.Network, factors: Iterable[Term]) -> None:
    """Flatten nested contractions and take numeric contents out."""
    stack: list[Term] = list(factors)[::-1]
    budget = FLATTEN_LIMIT - len(stack)
    while stack:
        node, labels, power = stack.pop()
        for label, axis in zip(labels, node.axes, strict=True):
            work.dims[label] = axis
            if label not in work.out:
                work.summed.add(label)
        if _is_summed_square(node, labels, power, work.out):
            # Σ_k (A x)_k² is x'A'A x: one form, however the square was written
            stack.extend([(node, labels, 1), (node, labels, 1)])
            continue
        if isinstance(node, Contraction):
            inner = _openable(node, power, budget)
            if inner is not None:
                content, flip = inner
                work.coefficient *= content
                names: list[Label] = list(labels)
                names.extend(next(_fresh) for _ in range(len(node.dims) - node.rank))
                for label, axis in zip(names, node.dims, strict=True):
                    work.dims[label] = axis
                budget -= len(node.factors) - 1
                stack.extend(
                    (child, tuple(names[k] for k in inner_labels), exact(p * flip))
                    for child, inner_labels, p in reversed(node.factors)
                )
                continue
            node, content, scalars = _split_content(node, power)
            work.coefficient *= content
            if scalars:
                stack.extend([*scalars, (node, labels, power)])
                continue
        elif isinstance(node, Sum):
            content, core = primitive(node)
            root = rational_power(content, power)
            if root is not None:
                node = core
                work.coefficient *= root
            if isinstance(node, Sum) and work.put_sum(node, tuple(labels), power):
                continue
        if node.rank and isinstance(node, (Sum, Contraction)):
            used = used_axes(node)
            if len(used) < node.rank:  # constant along an axis: broadcast after the power
                node, labels = drop_axes(node, used), [labels[k] for k in used]
                if isinstance(node, (Sum, Contraction)) and not node.rank:
                    stack.append((node, (), power))
                    continue
        if node.rank == 2 and isinstance(node, (Sum, Contraction)):
            node, flipped, sign = upright(node, power)
            work.coefficient *= sign
            labels = labels[::-1] if flipped else labels
        work.put(node, tuple(labels), power)


def upright(node: Node, power: Coefficient = 1) -> tuple[Node, bool, int]:
    """The canonical one of a matrix and its transpose; for a sum, up to sign, both with
    their first coefficient positive: ``(core, flipped, sign)``."""
    if not isinstance(node, Sum) or not isinstance(power, int):
        core, flipped = oriented(node)
        return core, flipped, 1
    other = transpose(node)
    if other is node or not isinstance(other, Sum):
        return node, False, 1
    content, core = primitive(other)
    if abs(content) != 1 or not _simpler(core, node):
        return node, False, 1
    return core, True, 1 if power % 2 == 0 else int(content)


def _is_summed_square(
    node: Node, labels: Sequence[Label], power: Coefficient, out: Sequence[Label]
) -> bool:
    """The square of a product with inner sums, itself summed over all its axes."""
    return (
        power == 2
        and isinstance(node, Contraction)
        and node.rank > 0
        and len(node.dims) > node.rank
        and len(node.factors) <= 6
        and not any(label in out for label in labels)
    )


def _openable(
    node: Contraction, power: Coefficient, budget: int
) -> tuple[Coefficient, Coefficient] | None:
    """(number, exponent factor) when the factors of ``node`` may be inlined, else None."""
    if len(node.factors) > max(budget, 2):
        return None
    if power == 1:
        closed = node.rank == 0 and len(node.dims) > 0
        return None if closed else (node.coefficient, 1)
    if len(node.dims) > node.rank and not laws.sums_nothing(node):
        return None
    root = rational_power(node.coefficient, power)
    if root is None:
        return None
    if not isinstance(power, int):
        for child, _, p in node.factors:
            # (b^p)^q = b^(pq) holds for b >= 0, and for odd p where b^p >= 0 is required;
            # a product may be split only when each part is known to be nonnegative.
            even = isinstance(p, int) and p % 2 == 0
            if not is_nonnegative(child) and (even or len(node.factors) > 1):
                return None
    return root, power


def _split_content(node: Contraction, power: Coefficient) -> tuple[Node, Coefficient, list[Term]]:
    """The number and the scalar factors of a contraction that stays one factor, apart."""
    root = rational_power(node.coefficient, power)
    if root is None:
        return node, 1, []
    scalars = [f for f in node.factors if not f[1]] if isinstance(power, int) else []
    if not scalars or len(scalars) == len(node.factors):
        return with_coefficient(node, 1), root, []
    wide = [f for f in node.factors if f[1]]
    core = contract(1, wide, tuple(range(node.rank)), dict(enumerate(node.dims)))
    return core, root, [(f, (), exact(p * power)) for f, _, p in scalars]


def _close(work: laws.Network) -> Node:
    """Split closed components off as scalar factors, then order, number and intern."""
    components = work.closed_components()
    for component in components:
        part = laws.Network(1, (), work.dims)
        part.factors = component
        power = _power_at_unit(part)
        if power == 1:
            work.put(_finish(part), (), 1)
        else:  # the entry may open up now that its power stands outside
            _expand(work, [(contract(1, part.factors, ()), (), power)])
    if components:
        work.merge_powers()
        if work.pending:
            dims = {label: work.dims[label] for label in work.out}
            return contract(work.coefficient, [*work.factors, *work.pending], work.out, dims)
    elif not work.out and (power := _power_at_unit(work)) != 1:
        entry = contract(1, work.factors, ())
        return contract(work.coefficient, [(entry, (), power)], ())
    return _finish(work)


def _power_at_unit(part: laws.Network) -> Coefficient:
    """Σ_i e_k[i] f[i]^p = (Σ_i e_k[i] f[i])^p: an entry's power stands outside."""
    kinds = [isinstance(node, Leaf) and node.kind == "unit" for node, _, _ in part.factors]
    if len(kinds) != 2 or sum(kinds) != 1:
        return 1
    k = kinds.index(False)
    node, labels, power = part.factors[k]
    if len(labels) != 1 or power == 1:
        return 1
    part.factors[k] = (node, labels, 1)
    return power


def _finish(work: laws.Network) -> Node:
    out = work.out
    factors = work.factors
    if len(factors) == 1:
        node, labels, power = factors[0]
        same = labels == out or (labels[::-1] == out and noted_symmetric(node))
        if power == 1 and same:
            return scale(exact(work.coefficient), node)
    ordered, names = canonical_order(factors, out, work.dims)
    number = {label: k for k, label in enumerate(names)}
    return contraction_node(
        exact(work.coefficient),
        tuple([(node, tuple([number[x] for x in labels]), p) for node, labels, p in ordered]),
        tuple([work.dims[label] for label in names]),
        len(out),
    )


# ---------------------------------------------------------------- products by hand


def permute(node: Node, order: Sequence[int]) -> Node:
    """Axes rearranged: axis k of the result is axis ``order[k]`` of ``node``."""
    if tuple(order) == tuple(range(node.rank)):
        return node
    if isinstance(node, Sum):
        axes = [node.axes[k] for k in order]
        return linear_combination([(c, permute(term, order)) for c, term in node.terms], axes)
    if isinstance(node, Contraction):  # a long product would not be opened, and turned for ever
        return contract(node.coefficient, node.factors, tuple(order), dict(enumerate(node.dims)))
    return contract(1, [(node, range(node.rank), 1)], tuple(order))


def transpose(node: Node) -> Node:
    """The matrix transposed (axes reversed); cached, and an involution."""
    if node.rank < 2:
        return node
    found: Node | None = node.memo.get("transpose")
    if found is None:
        if noted_symmetric(node):
            found = node
        elif isinstance(node, Sum):
            axes = node.axes[::-1]
            found = linear_combination([(c, transpose(term)) for c, term in node.terms], axes)
        else:
            found = permute(node, range(node.rank)[::-1])
        node.memo["transpose"] = found
        node.memo["symmetric"] = found is node
    return found


def is_symmetric(node: Node) -> bool:
    """Whether a matrix provably equals its transpose: then interning makes them one node."""
    return node.rank == 2 and node.axes[0] is node.axes[1] and transpose(node) is node


def hadamard(*nodes: Node) -> Node:
    """Entrywise product; scalars broadcast."""
    rank = max(node.rank for node in nodes)
    axes = next(node.axes for node in nodes if node.rank == rank)
    labels = tuple(range(rank))
    return contract(
        1, [(n, labels if n.rank else (), 1) for n in nodes], labels, dict(enumerate(axes))
    )


def power(node: Node, exponent: Coefficient) -> Node:
    """Entrywise power with a rational exponent."""
    labels = tuple(range(node.rank))
    if exponent == 0:
        return ones(*node.axes)
    return contract(1, [(node, labels, exact(exponent))], labels, dict(enumerate(node.axes)))


def matmul(*nodes: Node) -> Node:
    """The chain product: last axis of each with the first axis of the next."""
    labels: list[tuple[Label, ...]] = []
    free: list[Label] = []
    link: Label | None = None
    for position, node in enumerate(nodes):
        names: list[Label] = [next(_fresh) for _ in node.axes]
        if link is not None:
            names[0] = link
        labels.append(tuple(names))
        last = position == len(nodes) - 1
        start = 0 if link is None else 1
        free.extend(names[start:] if last else names[start:-1])
        link = None if last else names[-1]
    return contract(1, [(n, x, 1) for n, x in zip(nodes, labels, strict=True)], free)


def outer(left: Node, right: Node) -> Node:
    """Tensor product: axes of left, then of right."""
    names = tuple(range(left.rank + right.rank))
    return contract(1, [(left, names[: left.rank], 1), (right, names[left.rank :], 1)], names)


def broadcast(node: Node, axes: Sequence[Dim]) -> Node:
    """A scalar spread over ``axes``."""
    if not axes:
        return node
    return contract(1, [(node, (), 1)], tuple(range(len(axes))), dict(enumerate(axes)))


def total(node: Node, axis: int | None = None) -> Node:
    """Sum over all entries, or over one axis."""
    labels = tuple(range(node.rank))
    out = () if axis is None else tuple(k for k in labels if k != axis)
    return contract(1, [(node, labels, 1)], out)


# ---------------------------------------------------------------- functions


def apply(fn: FunctionLike, *args: Node, axes: Sequence[Dim] | None = None, order: int = 0) -> Node:
    """A function record applied. Elementwise functions commute with transposition and
    broadcasting, so these are pulled out: ``tanh(X')`` is ``tanh(X)'``."""
    for arg in args:
        if arg.rank == 2:
            transpose(arg)  # notes whether it is symmetric
    if not fn.elementwise:
        return apply_node(fn, args, tuple(axes if axes is not None else ()), order)
    if len(args) == 1 and args[0].rank:
        pulled = _pull_out(fn, args[0])
        if pulled is not None:
            return pulled
    elif args[0].rank == 2 and _stands_turned(args):
        turned = tuple(map(transpose, args))
        return transpose(apply_node(fn, turned, turned[0].axes, 0))
    return apply_node(fn, args, args[0].axes, 0)


def _stands_turned(args: Sequence[Node]) -> bool:
    """Whether f(A', B') is the canonical one of f(A, B) and f(A', B')': the first argument that
    is not its own transpose decides, those that vary along both axes before others."""
    for arg in sorted(args, key=lambda arg: len(used_axes(arg)) < 2):
        other = transpose(arg)
        if other is not arg:
            return _simpler(other, arg)
    return False


def _pull_out(fn: FunctionLike, arg: Node) -> Node | None:
    """f(arg) through unused axes and towards the canonical orientation, or None."""
    used = used_axes(arg)
    if len(used) < arg.rank:
        core = drop_axes(arg, used)
        inner = apply(fn, core)
        return contract(1, [(inner, used, 1)], range(arg.rank), dict(enumerate(arg.axes)))
    if arg.rank == 2:
        other = transpose(arg)
        if other is not arg and _simpler(other, arg):
            return transpose(apply_node(fn, (other,), other.axes, 0))
    return None


def _simpler(left: Node, right: Node) -> bool:
    """A fixed choice between a node and its transpose: bare nodes first, then the one with
    fewer transposed factors, then by hash."""
    bare_left, bare_right = not isinstance(left, Contraction), not isinstance(right, Contraction)
    if bare_left != bare_right:
        return bare_left
    return (turned_factors(left), left.hash) < (turned_factors(right), right.hash)


@remembered
def turned_factors(node: Node) -> int:
    """How many factors stand transposed."""
    if isinstance(node, Sum):
        return sum(turned_factors(term) for _, term in node.terms)
    if not isinstance(node, Contraction):
        return 0
    outs = range(node.rank)
    return sum(
        len(labels) == 2
        and ((labels[0] == 1 and 1 in outs) or labels[1] == 0)
        and not noted_symmetric(factor)
        for factor, labels, _ in node.factors
    )


def oriented(node: Node) -> tuple[Node, bool]:
    """The canonical one of a matrix and its transpose, and whether it was flipped."""
    if node.rank != 2:
        return node, False
    other = transpose(node)
    if other is not node and _simpler(other, node):
        return other, True
    return node, False


@remembered
def used_axes(node: Node) -> tuple[int, ...]:
    """Axes along which the value can vary (it is constant along the others)."""
    if isinstance(node, Contraction):
        seen = {label for _, labels, _ in node.factors for label in labels}
        return tuple(k for k in range(node.rank) if k in seen)
    if isinstance(node, Sum):
        used: set[int] = set()
        for _, term in node.terms:
            used.update(used_axes(term))
            if len(used) == node.rank:
                break
        return tuple(sorted(used))
    return tuple(range(node.rank))


def drop_axes(node: Node, keep: Sequence[int]) -> Node:
    """The node without axes it does not depend on."""
    axes = [node.axes[k] for k in keep]
    if isinstance(node, Sum):
        return linear_combination([(c, drop_axes(term, keep)) for c, term in node.terms], axes)
    assert isinstance(node, Contraction)
    return contract(
        node.coefficient,
        [(child, labels, p) for child, labels, p in node.factors],
        tuple(keep),
        {k: node.axes[k] for k in keep},
    )
