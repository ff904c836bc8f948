"""The results as a table and as a plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from math import exp, log
from pathlib import Path
from typing import Any

__all__ = ["write_plot", "write_table"]

PEERS = ("jax", "torch", "torch.compile", "autograd", "casadi")
# So much of the code by hand counts as level with it.
_LEVEL = {"native": 1.1, "numpy": 1.15}
_PAGE = Path(__file__).with_name("page.md")
_OURS = ("native", "numpy", "structured")


def best_peer(found: dict[str, Any]) -> float | None:
    """Seconds of the fastest peer."""
    times = [found[name]["seconds"] for name in PEERS if "seconds" in found.get(name, {})]
    return min(times, default=None)


def ratio(found: dict[str, Any], name: str, base: float | None) -> float | None:
    """Time of a contender over ``base``."""
    seconds = found.get(name, {}).get("seconds")
    return None if seconds is None or base is None else seconds / base


def write_table(results: Sequence[Any], *, page: bool = False) -> str:
    """Every row in multiples of the code written by hand; native over the best peer comes last."""
    names = ("native", "numpy", "structured", "by hand", *PEERS)
    lines = [
        "| function | by hand | "
        + " | ".join(n for n in names if n != "by hand")
        + " | native / best peer |",
        "|---" * (len(names) + 2) + "|",
    ]
    for result in results:
        found = result["found"]
        base = found["by hand"]["seconds"]
        cells = [result["row"], _time(base)]
        cells += [_cell(found, name, base) for name in names if name != "by hand"]
        cells.append(_number(ratio(found, "native", best_peer(found))))
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", *_summary(results)]
    if page:
        lines += ["", *_lost(results), "", *_second_table(results)]
    text = "\n".join([*lines, ""])
    if not page:
        return text
    machines = dict.fromkeys(row.get("machine", "an unknown machine") for row in results)
    return f"{_PAGE.read_text()}Measured on {'; '.join(machines)}.\n\n{text}"


def _second_table(results: Sequence[Any]) -> list[str]:
    """What is waited for before the first result, and the memory of a call."""
    names = ("native", "numpy", "structured", "by hand", *PEERS)
    lines = [
        "## Latency and memory",
        "",
        "Milliseconds from the formula (or, for the peers, the function) to the first result,",
        "and megabytes that a call needs at its peak, result included.",
        "",
        "| function | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for result in results:
        cells = [_latency_and_memory(result["found"].get(name, {})) for name in names]
        lines.append("| " + " | ".join([result["row"], *cells]) + " |")
    return lines


def _latency_and_memory(found: dict[str, Any]) -> str:
    if "seconds" not in found:
        return ""
    memory = found.get("peak_mb")
    shown = "" if memory is None else f", {memory:.1f} MB"
    return f"{found['latency_ms']:,.0f} ms{shown}"


def _summary(results: Sequence[Any]) -> list[str]:
    by_hand = [r["found"]["by hand"]["seconds"] for r in results]
    lines = []
    for name in _OURS:
        own = [
            x
            for r, base in zip(results, by_hand, strict=True)
            if (x := ratio(r["found"], name, base)) is not None
        ]
        peers = [
            x for r in results if (x := ratio(r["found"], name, best_peer(r["found"]))) is not None
        ]
        if own and peers:
            lines.append(
                f"- {name}: geometric mean {_mean(own):.2f} of by hand (largest {max(own):.2f}), "
                f"{_mean(peers):.2f} of the best peer (largest {max(peers):.2f}), "
                f"{len(own)} rows"
            )
    return lines


def _lost(results: Sequence[Any]) -> list[str]:
    """The rows in which native is not ahead of every peer, or ours behind the code by hand."""
    behind = []
    for result in results:
        found = result["found"]
        over_peer = ratio(found, "native", best_peer(found))
        if over_peer is not None and over_peer > 1:
            behind.append(f"- {result['row']}: native, {over_peer:.2f} of the fastest peer")
        for name, level in _LEVEL.items():
            over_hand = ratio(found, name, found["by hand"]["seconds"])
            if over_hand is not None and over_hand > level:
                behind.append(f"- {result['row']}: {name}, {over_hand:.2f} of the code by hand")
    return ["What is behind:", "", *behind] if behind else ["Nothing is behind in any row."]


def _mean(values: Iterable[float]) -> float:
    logs = [log(value) for value in values]
    return exp(sum(logs) / len(logs))


def _cell(found: dict[str, Any], name: str, base: float) -> str:
    if name not in found:
        return ""
    if "seconds" not in found[name]:
        return "failed"
    return _number(found[name]["seconds"] / base)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.2f}"


def _time(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def write_plot(results: Sequence[Any], path: Path) -> None:
    """One point for each contender and row, on a logarithmic scale over the best peer."""
    plt: Any = import_module("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(8, 0.26 * len(results) + 1.2))
    places = range(len(results))
    for name, mark in (("native", "o"), ("numpy", "s"), ("by hand", "|"), ("structured", "*")):
        points = [ratio(r["found"], name, best_peer(r["found"])) for r in results]
        shown = [(k, x) for k, x in zip(places, points, strict=True) if x is not None]
        axes.plot([x for _, x in shown], [k for k, _ in shown], mark, label=name, linestyle="")
    axes.axvline(1.0, color="gray", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yticks(list(places), [r["row"] for r in results], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("time over that of the best peer (JAX, PyTorch, autograd, CasADi)")
    axes.legend(fontsize=7, loc="lower left")
    axes.grid(axis="x", alpha=0.3)
    figure.tight_layout()
    figure.savefig(path)
