"""The LaTeX of all answers: formulas, index forms, conditions, derivations, sets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradform as gf
from gradform.notation.layout import LAYOUTS
from tests.golden.rows import ROWS, Row, answer

__all__ = ["all_latex", "derivations", "formulas", "sets"]

_DATA = Path(__file__).parents[1] / "data"
_KINDS = ("chain", "differential", "componentwise")


@cache
def all_latex(every: int = 1) -> tuple[str, ...]:
    """Every piece once, in a fixed order; or those of every so many-th answer. Of every sixth
    of these also the derivation, which takes longer than all else of an answer."""
    rows = ROWS[::every]
    return tuple(dict.fromkeys([*formulas(rows), *sets(), *derivations(rows[::6])]))


def formulas(rows: Sequence[Row] = ROWS) -> Iterator[str]:
    """Of each identity the function, the answer in all layouts, its entries, its conditions."""
    for row in rows:
        found = answer(row, check=False)
        yield found.function_equation_latex
        yield found.index_latex
        yield from found.conditions_latex
        yield from (found.to_layout(layout).equation_latex for layout in LAYOUTS)


def derivations(rows: Sequence[Row] = ROWS) -> Iterator[str]:
    """Whole and step by step: the chain rule of each identity, the other kinds of some."""
    for place, row in enumerate(rows):
        found = answer(row, check=False)
        for kind in _KINDS if place % 3 == 0 else _KINDS[:1]:
            try:
                derivation = found.derivation if kind == "chain" else found.explain(kind)
            except gf.CannotError:
                continue
            yield derivation.latex()
            yield from (step["latex"] for step in derivation.to_dict()["steps"])


def sets() -> Iterator[str]:
    """Subdifferentials, of one variable and of several."""
    data = json.loads((_DATA / "subdifferential_univariate.json").read_text(encoding="utf-8"))
    for case in data["cases"]:
        if "expected_error" not in case:
            at = case["x0"]["closed"]
            yield gf.subdifferential(case["expr"], case["var"], at, case["domain"]).latex
    data = json.loads((_DATA / "subdifferential_multivariate.json").read_text(encoding="utf-8"))
    for case in data["cases"]:
        yield _several(case).latex


def _several(case: dict[str, Any]) -> Any:
    names = [variable["name"] for variable in case["variables"]]
    symmetric = [each["name"] for each in case["variables"] if each.get("symmetric")]
    return gf.subdifferential(
        case["expr"],
        wrt=names,
        at=case["point"],
        params=case["params"],
        assume=dict.fromkeys(symmetric, "symmetric"),
    )
