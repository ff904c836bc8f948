"""Time against size and against depth, beside the peers.

    python -m benchmarks.code.scaling

Writes docs/scaling.svg and prints the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.code.__main__ import ONE_CORE
from benchmarks.code.contenders import contenders_for
from benchmarks.code.families import FAMILIES
from benchmarks.code.measure import measured
from benchmarks.code.row import Arrays, Family, Row

__all__ = ["CURVES", "deep"]

_PLOT = Path("docs/scaling.svg")
_RESULTS = Path("benchmarks/results/scaling.json")
_WIDTH, _SAMPLES = 64, 256
_CONTENDERS = ("native", "numpy", "structured", "by hand", "jax", "torch")


def deep(depth: int, quantity: str) -> Family:
    """A network of ``depth`` equal tanh layers, by the weights of the first."""
    layers = [f"H{k} = tanh(H{k - 1}*W{k})" for k in range(2, depth + 1)]
    formula = "; ".join(["H1 = tanh(X*W1)", *layers, f"norm2(H{depth} - Y)^2"])

    def inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
        weights = {
            f"W{k}": rng.normal(size=(_WIDTH, _WIDTH)) / np.sqrt(_WIDTH)
            for k in range(1, depth + 1)
        }
        data = {name: rng.normal(size=(_SAMPLES, _WIDTH)) for name in ("X", "Y")}
        direction = {"v": rng.normal(size=(_WIDTH, _WIDTH))} if quantity == "hvp" else {}
        return {**data, **weights, **direction}

    def traced(xp: Any, a: Arrays) -> Any:
        h = a["X"]
        for k in range(1, depth + 1):
            h = xp.tanh(h @ a[f"W{k}"])
        return xp.sum((h - a["Y"]) ** 2)

    return Family(
        name=f"network of {depth} layers, {quantity}",
        formula=formula,
        shapes={
            "X": ("m", "n"),
            "Y": ("m", "n"),
            **{f"W{k}": ("n", "n") for k in range(1, depth + 1)},
        },
        wrt=("W1",),
        quantity=quantity,
        sizes=({},),
        inputs=inputs,
        traced=traced,
        by_hand=lambda a: _by_hand(a, depth, quantity),
    )


def _by_hand(a: Arrays, depth: int, quantity: str) -> Any:
    """Forward and backward; for the product with a direction both carry tangents along."""
    h, t = [a["X"]], [np.zeros_like(a["X"])]
    for k in range(1, depth + 1):
        moved = t[-1] @ a[f"W{k}"]
        if k == 1 and quantity == "hvp":
            moved = moved + a["X"] @ a["v"]
        h.append(np.tanh(h[-1] @ a[f"W{k}"]))
        t.append((1 - h[-1] ** 2) * moved)
    g, dg = 2 * (h[-1] - a["Y"]), 2 * t[-1]
    for k in range(depth, 0, -1):
        slope = 1 - h[k] ** 2
        g, dg = g * slope, dg * slope - 2 * g * h[k] * t[k]
        if k > 1:
            g, dg = g @ a[f"W{k}"].T, dg @ a[f"W{k}"].T
    return a["X"].T @ (dg if quantity == "hvp" else g)


def _sized(name: str, sizes: list[dict[str, int]]) -> list[Row]:
    (family,) = [each for each in FAMILIES if each.name == name]
    return [Row(family, size) for size in sizes]


CURVES: Mapping[str, tuple[str, list[int], list[Row]]] = {
    "quadratic form, Hessian": (
        "n",
        [50, 100, 200, 400, 800],
        _sized("quadratic form, Hessian", [{"n": n} for n in (50, 100, 200, 400, 800)]),
    ),
    "logistic regression, Hessian (m = 1000)": (
        "n",
        [25, 50, 100, 200, 400],
        _sized(
            "logistic regression, Hessian", [{"m": 1000, "n": n} for n in (25, 50, 100, 200, 400)]
        ),
    ),
    "matrix factorisation, Hessian (k = 5)": (
        "n",
        [10, 20, 40, 80, 160],
        _sized("matrix factorisation, Hessian", [{"n": n, "k": 5} for n in (10, 20, 40, 80, 160)]),
    ),
    "network, gradient": (
        "layers",
        [1, 2, 4, 8, 16],
        [Row(deep(depth, "gradient"), {}) for depth in (1, 2, 4, 8, 16)],
    ),
    "network, Hessian times vector": (
        "layers",
        [1, 2, 4, 8, 12],
        [Row(deep(depth, "hvp"), {}) for depth in (1, 2, 4, 8, 12)],
    ),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.code.scaling", description=__doc__)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--curve", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.curve is not None:
        return _one_curve(options.curve, options.core)
    results = {name: _in_own_process(name, options.core) for name in CURVES}
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    _print(results)
    _plot(results)
    return 0


def _one_curve(name: str, core: int) -> int:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    rows = CURVES[name][2]
    found = []
    for row in rows:
        chosen = [c for c in contenders_for(row) if c.name in _CONTENDERS]
        found.append(measured(row, chosen)["found"])
    print(json.dumps(found))
    return 0


def _in_own_process(name: str, core: int) -> Any:
    command = [sys.executable, "-m", "benchmarks.code.scaling", "--curve", name]
    done = subprocess.run(
        [*command, "--core", str(core)],
        env={**os.environ, **ONE_CORE},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(f"{name} failed")
    return json.loads(done.stdout.splitlines()[-1])


def _print(results: Mapping[str, Any]) -> None:
    for name, found in results.items():
        axis, places, _ = CURVES[name]
        print(f"\n{name}: milliseconds for {axis} = {', '.join(map(str, places))}")
        for contender in _CONTENDERS:
            times = [point.get(contender, {}).get("seconds") for point in found]
            if any(time is not None for time in times):
                print(f"  {contender:12}", *("-" if t is None else f"{t * 1e3:.3g}" for t in times))


def _plot(results: Mapping[str, Any]) -> None:
    plt: Any = import_module("matplotlib.pyplot")
    figure, panels = plt.subplots(1, len(results), figsize=(3.2 * len(results), 3.4))
    for axes, (name, found) in zip(panels, results.items(), strict=True):
        axis, places, _ = CURVES[name]
        for k, contender in enumerate(_CONTENDERS):
            times = [point.get(contender, {}).get("seconds", np.nan) for point in found]
            axes.loglog(places, times, f"C{k}o-", markersize=3, label=contender)
        axes.set_xticks(places, [str(place) for place in places])
        axes.minorticks_off()
        axes.set_title(name, fontsize=8)
        axes.set_xlabel(axis, fontsize=8)
        axes.tick_params(labelsize=7)
    panels[0].set_ylabel("seconds per call", fontsize=8)
    panels[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(_PLOT)


if __name__ == "__main__":
    sys.exit(main())
