"""The NumPy part of the pipeline, imported on first use so that ``import gradform`` is light."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["differences", "numeric"]


def numeric() -> Any:
    """The module :mod:`gradform.derive.checking`."""
    return import_module("gradform.derive.checking")


def differences() -> Any:
    """The module :mod:`gradform.derive.differences`."""
    return import_module("gradform.derive.differences")
