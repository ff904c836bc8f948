"""What the site adds to Sphinx: generated pages, formulas, pictures, Chinese search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from docs.extension.blocks import TrimBlocks
from docs.extension.generated import write_pages
from docs.extension.mathematics import add_mathematics
from docs.extension.pictures import InlinePictures
from docs.extension.search import SearchEnglishAndChinese

__all__ = ["setup"]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    app.connect("html-page-context", _tell_language)
    app.add_search_language(SearchEnglishAndChinese)
    app.add_transform(TrimBlocks)
    app.add_post_transform(InlinePictures)
    add_mathematics(app)
    return {"parallel_read_safe": True}


def _generate(app: Sphinx) -> None:
    write_pages(Path(app.srcdir) / "reference" / "generated")


def _tell_language(
    _app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Browsers choose fonts, and screen readers voices, by the language of a page."""
    if page.startswith("zh/"):
        context["language"] = "zh-CN"
