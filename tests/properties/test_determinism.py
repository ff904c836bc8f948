"""The same question has the same answer: again, after others, and in another interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.properties.answers import QUESTIONS, in_order, shuffled

ROOT = Path(__file__).parents[2]


@cache
def first_answers() -> list[str]:
    return in_order(range(len(QUESTIONS)))


def test_again() -> None:
    assert in_order(range(len(QUESTIONS))) == first_answers()


@pytest.mark.parametrize("seed", [1, 2])
def test_after_other_questions(seed: int) -> None:
    """Nothing that one question leaves behind changes the answer to another."""
    found = shuffled(seed)
    different = [k for k, text in enumerate(found) if text != first_answers()[k]]
    assert different == []


def test_while_other_answers_are_kept() -> None:
    """Interned expressions that are still alive change nothing either."""
    kept = [in_order([k, *range(len(QUESTIONS))])[k] for k in (0, len(QUESTIONS) - 1)]
    assert kept == [first_answers()[0], first_answers()[-1]]


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_in_another_interpreter(hash_seed: str) -> None:
    environment = os.environ | {
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT))),
    }
    result = subprocess.run(
        [sys.executable, "-m", "tests.properties.answers", hash_seed],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    found = json.loads(result.stdout)
    different = [k for k, text in enumerate(found) if text != first_answers()[k]]
    assert different == []
