"""Packages from npm that tests use, installed beside the test that names them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["installed", "is_available"]


def is_available() -> bool:
    """Whether Node.js and npm are on this machine."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def installed(folder: Path, package: str) -> Path:
    """The folder of a package of ``folder/package.json``, installed when it is missing."""
    modules = folder / "node_modules"
    if not (modules / package).is_dir():
        _install(folder, modules / package)
    return modules / package


def _install(folder: Path, wanted: Path) -> None:
    """Install into a folder of its own and move it into place at once.

    Test processes running side by side may both install; the second finds the work done.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="node_modules.") as place:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, place)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=place, check=True, timeout=300)
        try:
            (Path(place) / "node_modules").rename(folder / "node_modules")
        except OSError:
            if not wanted.is_dir():
                raise
