"""Directories and programs of the system. What is rarely needed is imported when it is."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

__all__ = ["fresh_directory", "program", "remove", "temporary_directory"]

_TRIES = 100


def program(name: str) -> Path | None:
    """Where the shell would find a program; None when it would not."""
    places = [""] if os.sep in name else os.environ.get("PATH", "").split(os.pathsep)
    for place in places:
        path = os.path.join(place, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return Path(path)
    return None


def fresh_directory(parent: Path, prefix: str) -> Path:
    """A new directory that only its owner can enter. Raises OSError where none can be made."""
    for _ in range(_TRIES):
        path = parent / f"{prefix}{os.urandom(8).hex()}"
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(str(parent))


def temporary_directory() -> Path:
    """A new directory where the system keeps such. Raises OSError without a place for one."""
    return Path(import_module("tempfile").mkdtemp(prefix="gradform-"))


def remove(directory: Path) -> None:
    """Remove a directory and what is in it, as far as that is allowed."""
    import_module("shutil").rmtree(directory, ignore_errors=True)
