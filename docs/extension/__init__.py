"""What the site adds to Sphinx: pages made from the registries, formulas, Chinese search."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from docs.extension.blocks import TrimBlocks
from docs.extension.generated import write_pages
from docs.extension.mathematics import add_mathematics
from docs.extension.pictures import InlinePictures

__all__ = ["setup"]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    app.add_transform(TrimBlocks)
    app.add_post_transform(InlinePictures)
    add_mathematics(app)
    return {"parallel_read_safe": True}


def _generate(app: Sphinx) -> None:
    write_pages(Path(app.srcdir) / "reference" / "generated")
