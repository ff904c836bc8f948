"""Linear maps of matrices inside products, such as Fréchet derivatives of matrix functions.

The tensor M_ijkl of a map, summed with E_kl, is the map at E; summed with G_ij it is the
transposed map at G, that of transposed arguments: Fréchet's L(X', G), the solution of
A'Y + YB' = G. Only where neither is possible is the tensor built. A Fréchet derivative
∂f(X)_ij/∂X_kl along E is one evaluation of f at a matrix twice as large.
"""

from __future__ import annotations

from typing import Protocol

from gradform.codegen.lowering.contraction.network import Item, Kind, Label, Network, PlacedLeaf
from gradform.codegen.program.operations import Frechet, Mapped
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.nodes import leaf

__all__ = ["resolve_maps"]

_Pair = tuple[Label, Label]


class _Solver(Protocol):
    @property
    def program(self) -> Program: ...
    def full(self, network: Network) -> Value: ...


def resolve_maps(network: Network, solver: _Solver) -> None:
    """Turn every linear map in the network into an array."""
    while True:
        # Resolving one may take others along, as part of its direction.
        item = next((item for item in network.items if item.kind is Kind.MAP), None)
        if item is None:
            return
        network.items.remove(item)
        resolved = _resolved(item, network, solver)  # which replaces the list of items
        network.items.append(resolved)


def _resolved(item: Item, network: Network, solver: _Solver) -> Item:
    program = solver.program
    pairs = _pairs(item, network)
    sizes = {label: network.dims[label] for pair in pairs for label in pair}
    arguments = item.arguments
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
            result, *rest = rest
            arguments = _transposed(program, arguments)
            directions = [direction, *_transposed(program, tuple(directions))]
            rest = [(column, row) for row, column in rest]
    labels = tuple(label for pair in (result, *rest) for label in pair)
    assert item.function is not None
    operation = Frechet(item.function) if item.function.primary else Mapped(item.function)
    axes = [sizes[label] for label in labels]
    return Item(program.emit(operation, (*arguments, *directions), axes), labels, item.power)


def _transposed(program: Program, values: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(program.view(value, (1, 0)) for value in values)


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
