"""Fréchet derivatives of matrix functions inside products.

∂f(X)_ij/∂X_kl summed with E_kl is the derivative in direction E, one evaluation of f at a
matrix twice as large; summed with G_ij it is the derivative at X' in direction G (the
adjoint of L(X, ·) is L(X', ·)). Only where neither is possible is the tensor built.
"""

from __future__ import annotations

from typing import Protocol

from gradform.codegen.network import Item, Kind, Label, Network, PlacedLeaf
from gradform.codegen.operations import Frechet
from gradform.codegen.program import Program, Value
from gradform.ir.nodes import leaf

__all__ = ["resolve_derivatives"]

_Pair = tuple[Label, Label]


class _Solver(Protocol):
    @property
    def program(self) -> Program: ...
    def full(self, network: Network) -> Value: ...


def resolve_derivatives(network: Network, solver: _Solver) -> None:
    """Turn every derivative in the network into an array."""
    while True:
        # Resolving one may take others along, as part of its direction.
        item = next((item for item in network.items if item.kind is Kind.DERIVATIVE), None)
        if item is None:
            return
        network.items.remove(item)
        resolved = _resolved(item, network, solver)
        network.items.append(resolved)


def _resolved(item: Item, network: Network, solver: _Solver) -> Item:
    program = solver.program
    pairs = _pairs(item, network)
    matrix = item.value
    directions: list[Value] = []
    given: list[int] = []
    if item.power == 1:
        for k in range(1, len(pairs)):
            direction = _direction(pairs, k, network, solver)
            if direction is not None:
                directions.append(direction)
                given.append(k)
    result, *rest = [pair for k, pair in enumerate(pairs) if k not in given]
    if rest and item.power == 1:
        direction = _direction([result, *rest], 0, network, solver)
        if direction is not None:
            matrix = program.view(matrix, (1, 0))
            directions = [direction, *(program.view(value, (1, 0)) for value in directions)]
            result, *rest = rest
            rest = [(column, row) for row, column in rest]
    labels = tuple(label for pair in (result, *rest) for label in pair)
    assert item.function is not None
    n = program.axes(matrix)[0]
    value = program.emit(Frechet(item.function), (matrix, *directions), (n,) * len(labels))
    return Item(value, labels, item.power)


def _pairs(item: Item, network: Network) -> list[_Pair]:
    """The labels two by two. A repeated one, as in a trace, is tied by an identity instead."""
    pairs: list[_Pair] = []
    for row, column in zip(item.labels[::2], item.labels[1::2], strict=True):
        if row == column and item.power == 1:
            size = network.dims[row]
            column = network.fresh(size)
            network.leaves.append(PlacedLeaf(leaf("delta", (size, size)), (row, column)))
        pairs.append((row, column))
    return pairs


def _direction(pairs: list[_Pair], k: int, network: Network, solver: _Solver) -> Value | None:
    """What the k-th pair of axes is summed with, as a matrix of its own, or None."""
    held = [label for j, pair in enumerate(pairs) if j != k for label in pair]
    part = network.detach(pairs[k], held)
    return None if part is None else solver.full(part)
