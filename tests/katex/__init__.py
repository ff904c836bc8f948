"""Compiles LaTeX with KaTeX; installs it beside this file with npm when it is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Failure", "failures", "is_available"]

_HERE = Path(__file__).parent
_MODULES = _HERE / "node_modules"


class Failure(NamedTuple):
    """A formula that KaTeX refuses, and why."""

    formula: str
    error: str


def is_available() -> bool:
    """Whether Node.js and npm are on this machine."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def failures(formulas: Sequence[str]) -> list[Failure]:
    """The formulas that KaTeX refuses in strict mode."""
    if not (_MODULES / "katex").is_dir():
        _install()
    result = subprocess.run(
        ["node", str(_HERE / "check.mjs")],
        input=json.dumps(list(formulas)),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [Failure(each["formula"], each["error"]) for each in json.loads(result.stdout)]


def _install() -> None:
    """Install into a folder of its own and move it into place at once.

    Test processes running side by side may both install; the second finds the work done.
    """
    with tempfile.TemporaryDirectory(dir=_HERE, prefix="node_modules.") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, folder)
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300
        )
        try:
            (Path(folder) / "node_modules").rename(_MODULES)
        except OSError:
            if not (_MODULES / "katex").is_dir():
                raise
