"""Pictures of gradform as part of the page, so that they are light or dark as the page is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

__all__ = ["InlinePictures"]


class InlinePictures(SphinxPostTransform):
    """An image file shows the colours of the reader's system, whatever the page shows."""

    default_priority = 400
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for image in list(self.document.findall(nodes.image)):
            file = Path(self.env.srcdir) / image["uri"]
            if file.suffix == ".svg" and file.exists():
                text = file.read_text(encoding="utf-8")
                if 'class="gradform' in text:
                    image.replace_self(nodes.raw("", text, format="html"))
