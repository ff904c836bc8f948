"""What the numbers were measured with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["machine"]

_LIBRARIES = ("numpy", "scipy", "jax", "torch", "autograd", "casadi")
_PROCESSOR = Path("/proc/cpuinfo")


def machine() -> str:
    """The processor, its cores, and the versions of Python and the libraries."""
    found = [f"{_processor()} ({os.cpu_count()} cores)", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _processor() -> str:
    lines = _PROCESSOR.read_text().splitlines() if _PROCESSOR.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
