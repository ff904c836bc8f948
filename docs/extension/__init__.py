"""What the site adds to Sphinx: pages made from the registries, formulas, Chinese search."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

__all__ = ["setup"]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    return {"parallel_read_safe": True}
