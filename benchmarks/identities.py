"""The public identities: how many are right and how short they are.

python -m benchmarks.identities
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import gradform as gf
from tests.golden.points import fresh_points, frozen_points
from tests.golden.rows import CLOSED, ROWS, Array, Row, answer
from tests.golden.size import size

_TOLERANCE = 1e-8
_ROUNDING = 1e-15
_SHOWN = 20


class Written(NamedTuple):
    """A closed form beside the book's."""

    row: Row
    text: str
    ratio: float


def main() -> int:
    wrong = _failing(ROWS, _check_values)
    print(f"correct: {len(ROWS) - len(wrong)} of {len(ROWS)} rows")
    for row, reason in wrong:
        print(f"   {row.id}  {row.data['expr']}  by {row.data['wrt']}: {reason}")
    refused = {row.id for row, _ in wrong}
    closed = [row for row in CLOSED if row.id not in refused or _has_answer(row)]
    fallback = [row for row in closed if answer(row).text == answer(row).index_notation]
    print(f"closed form: {len(closed) - len(fallback)} of {len(CLOSED)} rows")
    for row in fallback:
        print(f"   {row.id}  {answer(row).text}")
    unread = _failing([row for row in closed if row not in fallback], _check_round_trip)
    print(f"text reads back: {len(closed) - len(fallback) - len(unread)} of {len(CLOSED)} rows")
    for row, reason in unread:
        print(f"   {row.id}  {answer(row).text}: {reason}")
    _print_sizes([row for row in closed if row not in fallback])
    return int(bool(wrong or fallback or unread))


def _failing(
    rows: list[Row] | tuple[Row, ...], check: Callable[[Row], None]
) -> list[tuple[Row, str]]:
    found = []
    for row in rows:
        try:
            check(row)
        except Exception as error:  # a row that fails is counted, however it fails
            found.append((row, f"{type(error).__name__}: {error}"[:200]))
    return found


def _has_answer(row: Row) -> bool:
    try:
        return bool(answer(row).text)
    except Exception:  # counted with its reason by the check of its values
        return False


def _check_values(row: Row) -> None:
    """``d.tensor`` at the frozen points and at fresh ones."""
    found = answer(row)
    for _, inputs, wanted in frozen_points(row):
        _compare(found.tensor(**inputs), wanted)
    for sizes, inputs in fresh_points(row):
        _compare(found.tensor(**inputs), row.expected(sizes, inputs))


def _check_round_trip(row: Row) -> None:
    found = answer(row)
    read = gf.parse(found.text, shapes=found.shapes, assume=row.structures)
    for _, inputs, _ in frozen_points(row):
        value = np.asarray(read(**{name: inputs[name] for name in read.variables}))
        _compare(value.ravel(), np.asarray(_matrix_value(found, inputs)).ravel())


def _matrix_value(found: gf.Derivative, inputs: dict[str, Array]) -> Array:
    """The value in the shape of the displayed matrix, three and more axes as ∂vec/∂vec."""
    value = np.asarray(found(**inputs))
    arrangement = found._solution.arrangement
    if not arrangement.vec:
        return value
    order = (*arrangement.rows, *arrangement.cols)
    return value.transpose(order)


def _compare(found: Array, wanted: Array) -> None:
    found = np.asarray(found)
    if found.shape != wanted.shape:
        raise ValueError(f"shape {found.shape} instead of {wanted.shape}")
    if wanted.size:
        error = float(np.max(np.abs(found - wanted)))
        scale = float(np.max(np.abs(wanted)))
        if not error <= max(_TOLERANCE * scale, _ROUNDING):
            raise ValueError(f"error {error:.2g} at scale {scale:.2g}")


def _print_sizes(rows: list[Row]) -> None:
    forms = [_written(row) for row in rows]
    ratios = np.array([form.ratio for form in forms])
    print("size, as a multiple of the book's:")
    for bound in (0.5, 0.75, 0.9999, 1.0, 1.1, 1.25, 1.5, 2.0):
        count = int(np.sum(ratios <= bound))
        print(f"   ≤ {bound:<6g} {count:4d}  {count / len(CLOSED):6.1%}")
    print(f"   median {np.median(ratios):.2f}, largest {ratios.max():.2f}")
    print(f"the {_SHOWN} longest beside the book's:")
    for form in sorted(forms, key=lambda form: -form.ratio)[:_SHOWN]:
        asked = f"{form.row.data['expr']}  by {form.row.data['wrt']}"
        print(f"   {form.row.id}  {form.ratio:.2f}  {asked}")
        print(f"      {form.text}\n      {form.row.book}")


def _written(row: Row) -> Written:
    text = answer(row).text
    return Written(row, text, size(text) / size(str(row.book)))


if __name__ == "__main__":
    sys.exit(main())
