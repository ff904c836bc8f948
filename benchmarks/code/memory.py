"""Peak memory of one call, above what was in use before it (Linux; elsewhere unknown)."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["peak_megabytes"]

_STATUS = Path("/proc/self/status")
_REFERENCES = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


def peak_megabytes(call: Callable[[], Any]) -> float | None:
    """How much the resident set grew while the call ran, its result included."""
    if not _REFERENCES.exists():
        return None
    gc.collect()
    # Memory that the allocator kept from earlier calls would hide what this one needs.
    ctypes.CDLL(None).malloc_trim(0)
    _REFERENCES.write_text(_RESET_PEAK)
    before = _field("VmRSS")
    result = call()
    peak = _field("VmHWM")
    del result
    return (peak - before) / 1024


def _field(name: str) -> int:
    """A number of kilobytes of the process' status."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise LookupError(name)
