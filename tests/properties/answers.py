"""Everything an answer shows, for a fixed list of questions, in a given order.

Run as a program it prints what it finds as JSON, so that a fresh interpreter can be asked:
``python -m tests.properties.answers SEED``.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence

import gradform as gf
from tests.golden.rows import ROWS, Row
from tests.oracle.generate import Question, question

__all__ = ["QUESTIONS", "answer", "shown", "shuffled"]

QUESTIONS: tuple[Row | Question, ...] = (
    *ROWS[::11],
    *(question(seed, deepest=4) for seed in range(700_000, 700_060)),
)


def shown(asked: Row | Question) -> str:
    """Formula in all forms, facts and code, or the error."""
    try:
        found = answer(asked)
    except gf.GradformError as error:
        return str(error)
    forms = (found.text, found.unicode, found.latex, found.index_notation, found.differential)
    return "\n".join(
        (*forms, str(found.shape), *found.conditions, *found.notes, found.numpy_source)
    )


def answer(asked: Row | Question) -> gf.Derivative:
    if isinstance(asked, Row):
        source, wrt = asked.data["expr"], [asked.data["wrt"]] * asked.data.get("order", 1)
        shapes, assume, layout = asked.shapes, asked.structures, asked.layout
    else:
        source, wrt = asked.source, list(asked.wrt)
        shapes, assume, layout = asked.declared, asked.assumed, asked.layout
    found = gf.derivative(
        source,
        wrt[0] if len(wrt) == 1 else wrt,
        order=len(wrt),
        shapes=shapes,
        assume=assume,
        layout=layout,
        check=False,
    )
    assert isinstance(found, gf.Derivative)
    return found


def shuffled(seed: int) -> list[str]:
    """What all questions show, asked in a random order, listed in the usual one."""
    order = list(range(len(QUESTIONS)))
    random.Random(seed).shuffle(order)
    return in_order(order)


def in_order(order: Sequence[int]) -> list[str]:
    found = {k: shown(QUESTIONS[k]) for k in order}
    return [found[k] for k in range(len(QUESTIONS))]


if __name__ == "__main__":
    json.dump(shuffled(int(sys.argv[1])), sys.stdout)
