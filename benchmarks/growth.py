"""How time and size grow with depth: an L-layer tanh network's loss by its first weights.

    python -m benchmarks.growth [--layers 10 100 1000]

Written with named intermediates, ``h1 = tanh(W1*x); …; norm2(hL-y)^2``, and as one nested
expression.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import gradform as gf
from gradform.codegen.lowering.count import operation_count
from gradform.ir.nodes import topological

_WIDTH = 64
_MOST_FOR_TWICE = 2.3
_MOST_OPERATIONS = 4.0


class Measured(NamedTuple):
    """One network."""

    layers: int
    seconds: float
    nodes: int
    characters: int
    gradient: int
    function: int

    @property
    def operations(self) -> float:
        """Operations of value and gradient together for one of the function."""
        return self.gradient / self.function


def with_definitions(layers: int) -> str:
    steps = [f"h{k} = tanh(W{k}*{f'h{k - 1}' if k > 1 else 'x'})" for k in range(1, layers + 1)]
    return "; ".join([*steps, f"norm2(h{layers}-y)^2"])


def nested(layers: int) -> str:
    opening = "".join(f"tanh(W{k}*" for k in range(layers, 0, -1))
    return f"norm2({opening}x{')' * layers}-y)^2"


def shapes(layers: int) -> dict[str, tuple[str, ...]]:
    weights: dict[str, tuple[str, ...]] = {f"W{k}": ("n", "n") for k in range(1, layers + 1)}
    return {"x": ("n",), "y": ("n",), **weights}


def measure(write: Callable[[int], str], layers: int, rounds: int = 1) -> Measured:
    """The gradient by W1, answered ``rounds`` times; the shortest time counts."""
    seconds = []
    for _ in range(rounds):
        gc.collect()
        begin = time.process_time()
        found = gf.derivative(write(layers), "W1", shapes=shapes(layers), check=False)
        assert isinstance(found, gf.Derivative)
        text = found.text
        seconds.append(time.process_time() - begin)
    solution = found._solution
    value, gradient = solution.function.value.node, solution.neutral
    sizes = {"n": _WIDTH}
    return Measured(
        layers,
        min(seconds),
        len(topological(gradient)),
        len(text),
        operation_count([value, gradient], sizes),
        operation_count([value], sizes),
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.growth")
    parser.add_argument("--layers", type=int, nargs="+", default=[10, 100, 1000])
    layers = parser.parse_args(arguments).layers
    good = True
    for write in (with_definitions, nested):
        print(f"{write.__name__.replace('_', ' ')}:")
        print("   layers      time    nodes  characters  operations: gradient/function")
        for count in layers:
            found = measure(write, count, rounds=3 if count <= 100 else 1)
            good &= found.operations <= _MOST_OPERATIONS
            print(
                f"   {found.layers:6d} {found.seconds * 1e3:7.0f} ms {found.nodes:8d} "
                f"{found.characters:11d}  {found.operations:.2f}"
            )
        half, whole = (measure(write, count, rounds=2) for count in (max(layers) // 2, max(layers)))
        twice = whole.seconds / half.seconds
        good &= twice <= _MOST_FOR_TWICE
        print(f"   {half.layers} to {whole.layers} layers: {twice:.2f} times the time")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
