"""Functions of one variable: right answers, times, and convexity beside SymPy and CVXPY.

    python -m benchmarks.subdifferentials [--random 3000] [--convex 1000] [--peers]

The data are tests/data/subdifferential_univariate.json; --peers needs sympy and cvxpy.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import gradform as gf
from gradform.nonsmooth.line.question import parse_number
from tests.nonsmooth.checks import interval_problem, one_sided_problem
from tests.nonsmooth.random_curves import convex, mixed

_DATA = json.loads(
    (Path(__file__).parents[1] / "tests/data/subdifferential_univariate.json").read_text()
)
_PATIENCE = 3  # seconds for one question to another library


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.subdifferentials")
    parser.add_argument("--random", type=int, default=0, help="random compositions of kinks")
    parser.add_argument("--convex", type=int, default=0, help="random convex functions")
    parser.add_argument("--peers", action="store_true", help="convexity beside SymPy and CVXPY")
    options = parser.parse_args(arguments)
    bad = _points() + _maps()
    bad += _random("one-sided derivatives", options.random, mixed, one_sided_problem)
    bad += _random("intervals", options.convex, convex, interval_problem)
    if options.peers:
        _peers()
    return int(bad > 0)


def _timed(ask: Callable[[], Any], times: list[float]) -> Any:
    begin = time.perf_counter()
    try:
        return ask()
    except gf.GradformError as error:
        return error
    finally:
        times.append(time.perf_counter() - begin)


def _told(what: str, right: int, count: int, times: list[float]) -> int:
    middle, worst = statistics.median(times) * 1e3, max(times) * 1e3
    print(f"{what}: {right} of {count} right; median {middle:.1f} ms, largest {worst:.0f} ms")
    return count - right


def _points() -> int:
    times: list[float] = []
    right = 0
    for case in _DATA["cases"]:
        found = _timed(partial(_ask, case), times)
        right += _is_right(found, case)
    return _told("points", right, len(_DATA["cases"]), times)


def _ask(case: dict[str, Any]) -> Any:
    sense = case.get("subdifferential", {}).get("sense")
    return gf.subdifferential(
        case["expr"], at=case["x0"]["closed"], domain=case["domain"], sense=sense
    )


def _is_right(found: Any, case: dict[str, Any]) -> bool:
    if "expected_error" in case:
        return isinstance(found, gf.GradformError) and found.kind == case["expected_error"]
    if isinstance(found, gf.GradformError):
        return False
    wanted = case["subdifferential"]
    if (found.convexity.label, found.kind) != (case["curvature"], wanted["kind"]):
        return False
    return found.bounds is None or all(
        end == parse_number(wanted[key]["closed"])
        for end, key in zip(found.bounds, ("lo", "hi"), strict=True)
    )


def _maps() -> int:
    times: list[float] = []
    right = 0
    for case in _DATA["functions"]:
        found = _timed(
            partial(gf.subdifferential, case["expr"], domain=case["domain"]),
            times,
        )
        right += not isinstance(found, gf.GradformError) and (
            len(found.pieces) == len(case["pieces"])
            and len(found.points) == len(case["set_valued_points"])
        )
    return _told("whole maps", right, len(_DATA["functions"]), times)


def _random(
    what: str, count: int, draw: Callable[[int], Any], problem: Callable[[Any], str | None]
) -> int:
    if not count:
        return 0
    times: list[float] = []
    right = 0
    for seed in range(count):
        sample = draw(seed)
        found = _timed(partial(problem, sample), times)
        right += found is None
        if found is not None:
            print(f"  {seed}: {sample.text} at {sample.point}: {found}")
    return _told(f"random {what}", right, count, times)


# ---------------------------------------------------------------- others


def _peers() -> None:
    """convex, concave, affine or neither of every expression on its domain."""
    pairs = dict.fromkeys(
        (case["expr"], case["domain"], case["curvature"])
        for case in (*_DATA["cases"], *_DATA["functions"])
        if "expected_error" not in case
    )
    kinks = import_module("benchmarks.kinks")
    asked = {
        "gradform": lambda expr, domain: gf.convexity(expr, domain=domain).label,
        "SymPy": lambda expr, domain: _sympy_label(kinks, expr, domain),
        "CVXPY": lambda expr, domain: _cvxpy_label(kinks, expr),
    }
    print(f"\n| convexity of {len(pairs)} functions | right | wrong | undecided | no answer |")
    print("| --- | --- | --- | --- | --- |")
    for name, ask in asked.items():
        counts = _counted(ask, pairs)
        row = [counts[key] for key in ("right", "wrong", "undecided", "no answer")]
        print(f"| {name} | " + " | ".join(map(str, row)) + " |")


def _counted(ask: Callable[[str, str], str], pairs: Iterable[tuple[str, str, str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for expr, domain, wanted in pairs:
        try:
            label = _with_patience(partial(ask, expr, domain))
        except Exception:  # a peer that fails has given no answer
            counts["no answer"] += 1
            continue
        counts[
            "undecided" if label == "undecided" else "right" if label == wanted else "wrong"
        ] += 1
    return counts


def _with_patience(ask: Callable[[], str]) -> str:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(_PATIENCE)
    try:
        return ask()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _sympy_label(kinks: Any, expr: str, domain: str) -> str:
    sympy: Any = import_module("sympy")
    x = sympy.Symbol("x", real=True)
    function = kinks.in_sympy(expr, {"x": x})
    low, high = (kinks.in_sympy(end, {}) for end in domain[1:-1].split(",", 1))
    interval = sympy.Interval(low, high, domain[0] == "(", domain[-1] == ")")
    is_convex = bool(sympy.is_convex(function, x, domain=interval))
    return _label(is_convex, bool(sympy.is_convex(-function, x, domain=interval)))


def _cvxpy_label(kinks: Any, expr: str) -> str:
    found = kinks.in_cvxpy(expr)
    label = _label(found.is_convex(), found.is_concave())
    return "undecided" if label == "neither" else label


def _label(is_convex: bool, is_concave: bool) -> str:
    if is_convex and is_concave:
        return "affine"
    return "convex" if is_convex else "concave" if is_concave else "neither"


if __name__ == "__main__":
    sys.exit(main())
