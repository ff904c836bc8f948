"""Everything small works without the optional conic solver."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradform.sets import Affine, Box, MatrixBall, Spectraplex, Sum, conic
from gradform.sets.nearest import nearest
from tests.sets.registry import SETS

FULL = [name for name, s in SETS.items() if not s.is_empty]


@pytest.fixture(autouse=True)
def _no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conic, "_solver", lambda: None)


@pytest.mark.parametrize("name", FULL)
def test_membership_and_projection_without_a_conic_solver(name: str) -> None:
    s = SETS[name]
    rng = np.random.default_rng(11)
    for point in s.sample(3, rng):
        assert s.contains(point)
    for scale in (0.0, 1.0, 10.0):
        g = scale * rng.standard_normal(s.dim)
        found = nearest(s, g)
        assert found.gap <= 1e-11 * (1 + scale**2)
        if found.distance > 1e-5:
            assert not s.contains(g)


def test_sets_of_dimension_fifty() -> None:
    rng = np.random.default_rng(12)
    zonotope = Affine(rng.standard_normal((50, 60)), Box([-1] * 60, [1] * 60))
    mixed = Sum(
        Affine(rng.standard_normal((16, 36)), Spectraplex(6, 1)),
        MatrixBall("spectral", (4, 4), np.eye(4), 1),
    )
    for s in (zonotope, mixed):
        inside = s.sample(3, rng).mean(axis=0)
        assert s.contains(inside)
        assert not s.contains(30 * rng.standard_normal(s.dim))


def test_importing_gradform_loads_no_sets() -> None:
    code = "import gradform, sys; sys.exit(any(m in sys.modules for m in ('numpy', 'scipy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_importing_sets_loads_no_solver() -> None:
    code = "import gradform.sets, sys; sys.exit('clarabel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
