"""Compiles LaTeX with KaTeX; installs it beside this file with npm when it is missing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.npm import installed, is_available

__all__ = ["Failure", "failures", "is_available"]

_HERE = Path(__file__).parent


class Failure(NamedTuple):
    """A formula that KaTeX refuses, and why."""

    formula: str
    error: str


def failures(formulas: Sequence[str]) -> list[Failure]:
    """The formulas that KaTeX refuses in strict mode."""
    installed(_HERE, "katex")
    result = subprocess.run(
        ["node", str(_HERE / "check.mjs")],
        input=json.dumps(list(formulas)),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [Failure(each["formula"], each["error"]) for each in json.loads(result.stdout)]
