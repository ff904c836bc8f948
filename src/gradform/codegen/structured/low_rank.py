"""Products through summed axes: which factors touch the rows, which the columns."""

from __future__ import annotations

from gradform.codegen.structured.components import Component, Network
from gradform.codegen.structured.forms import Full, LowRank
from gradform.codegen.structured.terms import parts_exponentials
from gradform.ir import build
from gradform.ir.nodes import Factor, Node

__all__ = ["low_rank", "outer"]


def low_rank(network: Network, component: Component, full: Full) -> LowRank | None:
    """left · core · right': the factors at the rows meet one summed axis, those at the columns
    one, perhaps the same; the rest is the core. None for other products."""
    left = [f for f in component.contents if network.touches(f, component.rows)]
    right = [f for f in component.contents if network.touches(f, component.columns)]
    if any(factor in right for factor in left):
        return None
    core = [f for f in component.contents if f not in left and f not in right]
    near, far = _summed(network, component, left), _summed(network, component, right)
    if len(near) != 1 or len(far) != 1 or parts_exponentials([left, core, right]):
        return None
    (s,), (t,) = near, far
    down, along = component.outputs(network)
    left_node = network.expression(left, (*down, s))
    right_node = network.expression(right, (*along, t))
    core_node = None
    if s != t:
        core_node = network.expression(core, (s, t))
    elif core:
        core_node = network.expression(core, (s,))
    same = left_node is right_node
    gram = same and (core_node is None or core_node.rank == 1 or build.is_symmetric(core_node))
    return LowRank(left_node, core_node, right_node, full, gram)


def _summed(network: Network, component: Component, factors: list[Factor]) -> list[int]:
    """The summed axes of some factors."""
    outputs = {*component.rows, *component.columns}
    found = {label for factor in factors for label in network.labels(factor)}
    return sorted(found - outputs)


def outer(left: Node, right: Node) -> LowRank:
    """u v', of rank one."""
    full = Full(build.outer(left, right), left.rank, left is right)
    return LowRank(left, None, right, full, left is right, thin=True)
