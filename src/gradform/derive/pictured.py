"""The parts of the pipeline that draw, imported on first use so that ``import gradform`` is
light."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["drawing", "plotting"]


def plotting() -> Any:
    """The module :mod:`gradform.derive.plotting.plot`."""
    return import_module("gradform.derive.plotting.plot")


def drawing() -> Any:
    """The module :mod:`gradform.derive.derivation.graph`."""
    return import_module("gradform.derive.derivation.graph")
