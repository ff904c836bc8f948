"""Derivatives by the distinct parameters of a structured matrix.

Entry (i, j) is df/d(the parameter that sits at (i, j)): the entries of the ordinary
derivative G that belong to one parameter are added up (Matrix Cookbook, 2.8).
"""

from __future__ import annotations

from gradform.errors import CannotError, InputError
from gradform.functions.record import lookup
from gradform.ir import build
from gradform.ir.nodes import Node
from gradform.language import joined, say

__all__ = ["CONSTRAINTS", "by_parameters"]

CONSTRAINTS = ("symmetric", "diagonal", "toeplitz", "symmetric_toeplitz")


def by_parameters(derivative: Node, constraint: str, lead: int) -> Node:
    """``derivative`` (axes lead…, n, n) added up over the places of each parameter.

    symmetric: G + G' - G∘I.  diagonal: G∘I.  Toeplitz: the sum of each diagonal, on it.
    """
    if constraint not in CONSTRAINTS:
        raise InputError(
            say("Unknown constraint '{constraint}'.", constraint=constraint),
            kind="structure",
            hint=say("constraints are {known}", known=joined(CONSTRAINTS)),
        )
    if derivative.rank != lead + 2 or derivative.axes[lead] is not derivative.axes[lead + 1]:
        raise InputError(
            say(
                "The constraint '{constraint}' needs a derivative by a square matrix.",
                constraint=constraint,
            ),
            kind="not_square",
        )
    n = derivative.axes[lead]
    axes = dict(enumerate(derivative.axes))
    labels = tuple(range(lead + 2))
    head, i, j = labels[:lead], lead, lead + 1

    def read(*places: int) -> build.Term:
        return (derivative, (*head, *places), 1)

    straight = build.contract(1, [read(i, j)], labels, axes)
    turned = build.contract(1, [read(j, i)], labels, axes)
    identity = (build.delta(n), (i, j), 1)
    on_diagonal = build.contract(1, [read(i, j), identity], labels, axes)
    if constraint == "diagonal":
        return on_diagonal
    if constraint == "symmetric":
        return build.subtract(build.add(straight, turned), on_diagonal)
    if lead:
        raise CannotError(
            say(
                "The derivative of a vector or matrix by the parameters of a {constraint} "
                "matrix is not answered.",
                constraint=constraint,
            ),
            kind="unsupported",
            hint=say("differentiate one entry of it at a time"),
        )
    summed = _band_sums(straight)
    if constraint == "toeplitz":
        return summed
    once = build.contract(1, [(summed, (i, j), 1), identity], labels, axes)
    return build.subtract(build.add(summed, build.transpose(summed)), once)


def _band_sums(node: Node) -> Node:
    """Every entry replaced by the sum of its diagonal."""
    function = lookup("bandsum")
    assert function is not None
    return build.apply(function, node, axes=node.axes)
