"""JAX programs on several devices."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import gradform as gf
from gradform.errors import InputError
from tests.unit.codegen.loss_cases import LOSSES

_ROOT = Path(__file__).parents[2]


def test_losses_on_four_devices() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.execute.sharded_losses"],
        capture_output=True,
        text=True,
        check=False,
        cwd=_ROOT,
        env={"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}", "OMP_NUM_THREADS": "1"},
    )
    names = [loss.name for loss in LOSSES]
    assert done.stdout.splitlines() == [*names, names[0], *["refused"] * 3], done.stderr


def test_other_backends_have_no_mesh() -> None:
    with pytest.raises(InputError, match="no backend for several devices 'numpy'"):
        gf.compile(*LOSSES[0].parts(), mesh=object())
