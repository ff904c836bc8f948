"""Numbers as people paste them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.watched import Watched

MODULE = "/static/js/numbers.js"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        (" -2.5e-3 ", -0.0025),
        ("−4", -4),
        ("1/4", 0.25),
        ("[1, 2, 3]", [1, 2, 3]),
        ("1 2 3", [1, 2, 3]),
        ("1\t2\n3\t4", [[1, 2], [3, 4]]),
        ("1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("[1 2; 3 4]", [[1, 2], [3, 4]]),
        ("[1; 2; 3]", [[1], [2], [3]]),
        ("[[1. 2.]\n [3. 4.]]", [[1, 2], [3, 4]]),
        ("np.array([[1., 2.],\n       [3., 4.]])", [[1, 2], [3, 4]]),
        ("array([0.5, 1.5], dtype=float32)", [0.5, 1.5]),
        ("tensor([[1., 2.]], device='cuda:0')", [[1, 2]]),
        ("A = [1 2; 3 4];", [[1, 2], [3, 4]]),
        ("{1, 2}", [1, 2]),
        ("[[1, 2]]", [[1, 2]]),
        ("(1, 2)", [1, 2]),
    ],
)
def test_numbers_are_read(modules: Watched, text: str, value: Any) -> None:
    assert modules.call(MODULE, "m.parseNumbers(v[0])", text) == value


@pytest.mark.parametrize("text", ["", "x", "[1, 2", "1]", "[1, two]", "1; alert(1)", "[]"])
def test_what_are_no_numbers_is_refused(modules: Watched, text: str) -> None:
    script = (
        "(() => { try { m.parseNumbers(v[0]); return false; } catch (e) { return e.name; } })()"
    )
    assert modules.call(MODULE, script, text) == "SyntaxError"


@pytest.mark.parametrize(
    ("value", "kind", "fitting"),
    [
        ([5], "scalar", 5),
        ([[1], [2]], "column", [1, 2]),
        ([1, 2], "column", [1, 2]),
        ([1, 2], "row", [[1, 2]]),
        ([1, 2], "matrix", [[1, 2]]),
        (3, "matrix", [[3]]),
        ([[1, 2], [3, 4]], "matrix", [[1, 2], [3, 4]]),
        ([[1, 2], [3, 4]], "column", None),
        ([[1, 2], [3]], "matrix", None),
        ([1, 2], "scalar", None),
    ],
)
def test_numbers_are_fitted_to_the_type(
    modules: Watched, value: Any, kind: str, fitting: Any
) -> None:
    assert modules.call(MODULE, "m.fitted(v[0], v[1])", value, kind) == fitting
