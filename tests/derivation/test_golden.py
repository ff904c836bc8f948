"""Every public identity whose derivative has at most two axes has derivations of all kinds."""

from __future__ import annotations

from functools import cache
from statistics import median

import pytest

from gradform.derive.derivation.build import KINDS
from gradform.derive.derivation.steps import Derivation
from tests.golden.rows import ROWS, Row, answer

SMALL = [row for row in ROWS if len(row.data["derivative_shape"]) <= 2]
TOLERANCE = 1e-7  # of a limit by differences; a complex step is confirmed to 1e-8
SHORT = 12

# The chain rule of all rows, the other kinds of every third: the whole takes minutes.
SHOWN = {kind: SMALL if kind == "chain" else SMALL[::3] for kind in KINDS}
each = pytest.mark.parametrize(
    ("row", "kind"),
    [(row, kind) for kind, rows in SHOWN.items() for row in rows],
    ids=[f"{row}-{kind}" for kind, rows in SHOWN.items() for row in rows],
)
each_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def derivation(row: Row, kind: str) -> Derivation:
    return answer(row).explain(kind)


def test_there_are_as_many_as_the_data_have() -> None:
    assert len(SMALL) == 369


@each
def test_every_step_is_checked_and_the_last_line_is_the_answer(row: Row, kind: str) -> None:
    found = derivation(row, kind)
    assert found.checked > 0
    assert found.worst_error < TOLERANCE
    last = found.steps[-1].lines[-1].rights[-1]
    shown = " ".join(piece.to("text") for piece in last)
    assert shown == answer(row).text


@each_kind
def test_simple_ones_are_short(kind: str) -> None:
    lengths = [len(derivation(row, kind)) for row in SHOWN[kind] if row.data["difficulty"] <= 3]
    assert median(lengths) <= SHORT


def test_most_functions_are_broken_into_steps() -> None:
    """A step that fails its check is joined with its neighbours: that has to stay rare."""
    whole = [row for row in SMALL if len(derivation(row, "chain").steps[0].lines) == 1]
    assert len(whole) < len(SMALL) / 3


@each_kind
def test_chinese_says_every_word(kind: str) -> None:
    for row in SHOWN[kind]:
        for line in derivation(row, kind).unicode(lang="zh").splitlines():
            if line[0].isdigit():  # a title
                title = line.split(". ", 1)[1].split("(")[0]
                assert any("一" <= letter <= "鿿" for letter in title), line
