"""Aligned lines, cases and matrices as MathML tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

__all__ = ["ENVIRONMENTS", "table"]

# The alignment of columns, one after the other and again, and the brackets around.
ENVIRONMENTS: dict[str, tuple[str, str, str]] = {
    "aligned": ("rl", "", ""),
    "alignedat": ("rl", "", ""),
    "gathered": ("c", "", ""),
    "cases": ("l", "{", ""),
    "matrix": ("c", "", ""),
    "bmatrix": ("c", "[", "]"),
    "pmatrix": ("c", "(", ")"),
    "array": ("c", "", ""),
}
_SIDES = {"l": "left", "c": "center", "r": "right"}


def table(environment: str, rows: Sequence[Sequence[str]], columns: str = "") -> str:
    """The table of an environment; ``columns`` are those of an array, such as ``rcl``.

    MathML Core has no attribute for alignment, so each cell says it in its style.
    """
    usual, left, right = ENVIRONMENTS[environment]
    sides = [each for each in columns if each in _SIDES] or list(usual)
    lines = "".join(_line(cells, sides, environment == "aligned") for cells in rows)
    deep = ' displaystyle="true"' if environment in ("aligned", "gathered") else ""
    body = f"<mtable{deep}>{lines}</mtable>"
    return f"<mrow>{_bracket(left, 'prefix')}{body}{_bracket(right, 'postfix')}</mrow>"


def _line(cells: Sequence[str], sides: Sequence[str], joined: bool) -> str:
    written = []
    for place, (cell, side) in enumerate(zip(cells, cycle(sides), strict=False)):
        # Aligned columns come in pairs without a gap inside.
        left = "2em" if place and place % 2 == 0 else "0"
        gap = f";padding-left:{left};padding-right:0" if joined else ""
        written.append(f'<mtd style="text-align:{_SIDES[side]}{gap}">{cell}</mtd>')
    return f"<mtr>{''.join(written)}</mtr>"


def _bracket(sign: str, form: str) -> str:
    return f'<mo fence="true" stretchy="true" form="{form}">{sign}</mo>' if sign else ""
