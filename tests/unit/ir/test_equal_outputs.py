"""Several identities between output labels, in every order of the outputs."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.nodes import symbol
from tests.support.ir_eval import evaluate_node

PAIRS = ((0, 2), (0, 3), (1, 4))


@pytest.mark.parametrize("out", list(permutations(range(5))))
def test_identities_share_a_first_label(out: tuple[int, ...]) -> None:
    m, n = dim("m"), dim("n")
    sizes = {"m": 2, "n": 3}
    matrix = symbol("A", (n, m))
    axes = {0: n, 1: m, 2: n, 3: n, 4: m}
    factors = [(build.delta(axes[a]), (a, b), 1) for a, b in PAIRS]
    node = build.contract(1, [*factors, (matrix, (3, 4), 1)], out, axes)
    value = np.random.default_rng(0).standard_normal((3, 2))
    eye = {3: np.eye(3), 2: np.eye(2)}
    letters = "abcde"
    spec = ",".join(letters[a] + letters[b] for a, b in PAIRS) + ",de->"
    expected = np.einsum(spec + "".join(letters[x] for x in out), eye[3], eye[3], eye[2], value)
    np.testing.assert_allclose(evaluate_node(node, {"A": value}, sizes), expected)
