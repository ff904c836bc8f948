"""Linear maps of matrices contracted with a matrix: ``dexpm(X, E)``, ``sylvester(A, B, E)``."""

from __future__ import annotations

from gradform.ir import build
from gradform.ir.nodes import Apply, Contraction, contraction_node
from gradform.notation.network import Unreadable

__all__ = ["along_direction"]


def along_direction(node: Contraction) -> Contraction | None:
    """Linear maps contracted with a direction: L(X, E) as ``dexpm(X, E)``, and
    contracted on the left, Σ G[i,j] L[i,j,k,l] = L(X', G)[k,l]."""
    for k, (tensor, labels, power) in enumerate(node.factors):
        if not (isinstance(tensor, Apply) and tensor.order == 1 and tensor.fn.linear_map):
            continue
        if power != 1 or len(set(labels)) != 4:
            raise Unreadable(node)
        sides = ((labels[2:], labels[:2], False), (labels[:2], labels[2:], True))
        for side, other, on_the_left in sides:
            taken = _attached(node, k, side, other)
            if taken is None:
                continue
            axes = {label: node.dims[label] for label in side}
            direction = build.contract(1, [node.factors[n] for n in taken], side, axes)
            args = map(build.transpose, tensor.args) if on_the_left else tensor.args
            extent = [node.dims[label] for label in other]
            named = build.apply(_Along(tensor.fn.linear_map), *args, direction, axes=extent)
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


class _Along:
    """The printed function of a linear map along a direction: ``dexpm``."""

    elementwise = False
    of_transpose = None
    sign = None
    along_axis = False
    of_scalars = None
    parameters = ("expr",)
    linear_map = None
    keeps_symmetry = False
    network_law = None
    inverse_law = None

    def __init__(self, name: str) -> None:
        self.name = name


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
