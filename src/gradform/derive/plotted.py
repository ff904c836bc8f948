"""The part of the pipeline that plots, imported on first use so that ``import gradform`` is
light."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["plotting"]


def plotting() -> Any:
    """The module :mod:`gradform.derive.plotting.plot`."""
    return import_module("gradform.derive.plotting.plot")
