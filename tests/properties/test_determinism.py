"""The same question has the same answer: again, after others, and in another interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

import gradform as gf
from gradform.ir import build, nodes
from tests.properties.answers import QUESTIONS, answer, in_order, shown, shuffled

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


def test_where_more_is_known_of_expressions() -> None:
    """Facts that another question asked for, here the symmetry of everything, change nothing."""
    for k, asked in enumerate(QUESTIONS):
        with suppress(gf.GradformError):
            kept = answer(asked)
            assert kept.numpy_source
            for node in nodes.known():
                build.transpose(node)
            assert shown(asked) == first_answers()[k]


@pytest.mark.parametrize("hash_seed", ["4242"])
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
