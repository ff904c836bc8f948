"""Written programs are kept by all that makes them, and by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.text.tasks import task_text
from gradform.execute.native import specialised

ASKED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("x'*A*x", "x", {}),
    ("x'*A*x", "A", {}),
    ("x'*A*x", "x", {"assume": {"A": "symmetric"}}),
    ("y'*A*y", "y", {}),
    ("2*x'*A*x", "x", {}),
    ("x'*A*x/3", "x", {}),
    ("sum(exp(x))", "x", {}),
    ("sum(sin(x))", "x", {}),
    ("sum(x.^3)", "x", {}),
    ("sum(x.^4)", "x", {}),
    ("sum(exp(x(2:n)))", "x", {}),
    ("sum(exp(x(1:n-1)))", "x", {}),
    ("A*x", "x", {}),
    ("A*x", "x", {"layout": "numerator"}),
    ("logdet(X)", "X", {}),
    ("tr(expm(X))", "X", {}),
)


def text(asked: tuple[str, str, dict[str, Any]]) -> str:
    formula, wrt, options = asked
    return task_text(gf.compile(gf.derivative(formula, wrt=wrt, check=False, **options)).task)


def test_tasks_are_told_apart() -> None:
    texts = [text(asked) for asked in ASKED]
    for (one, first), (other, second) in combinations(zip(ASKED, texts, strict=True), 2):
        assert first != second, (one, other)


def test_texts_are_the_same_in_every_process() -> None:
    program = (
        "from tests.execute.native_runtime.test_kept import ASKED, text\n"
        "print('\\n\\n'.join(map(text, ASKED)))\n"
    )
    for seed in ("1", "2"):
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([os.getcwd(), *map(str, sys.path)]),
        }
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "\n\n".join(map(text, ASKED)) + "\n"


def value(x: Any, **options: Any) -> Any:
    derivative = gf.derivative("sum(exp(sin(x)))", wrt="x", check=False)
    return gf.compile(derivative, backend="native", **options)(x=x)


def test_what_is_kept_is_not_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.linspace(-1.0, 1.0, 7)
    wanted = np.cos(x) * np.exp(np.sin(x))
    np.testing.assert_allclose(value(x), wanted, rtol=1e-13)

    def refused(*arguments: Any) -> None:
        raise AssertionError("written again")

    monkeypatch.setattr(specialised, "Draft", refused)
    np.testing.assert_array_equal(value(x), value(x))
    np.testing.assert_allclose(value(x), wanted, rtol=1e-13)
    for other in ({"dtype": "float32"}, {"fast_math": True}, {"batch": ["x"]}):
        with pytest.raises(AssertionError, match="written again"):
            value(x[None] if "batch" in other else x, **other)
    with pytest.raises(AssertionError, match="written again"):
        value(x[1:])
