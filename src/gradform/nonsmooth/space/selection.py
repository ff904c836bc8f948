"""Subgradients for optimisers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradform.nonsmooth.space.question import SpaceQuestion


def numpy_source(question: SpaceQuestion) -> str:
    return ""
