"""Formulas by KaTeX, which the web page brings with it: read offline, from files as well."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

__all__ = ["add_mathematics"]


def add_mathematics(app: Sphinx) -> None:
    """The renderer ``katex``, and what pages with formulas load."""
    app.add_html_math_renderer("katex", (_inline, None), (_displayed, None))
    app.connect("html-page-context", _load)


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(f'<span class="formula">{escape(node.astext())}</span>')
    raise nodes.SkipNode


def _displayed(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="formula">{escape(node.astext())}</div>\n')
    raise nodes.SkipNode


def _load(
    app: Sphinx,
    _page: str,
    _template: str,
    _context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Added while a page is written, files belong to that page alone."""
    if doctree is not None and any(_formulas(doctree)):
        app.add_css_file("katex/katex.min.css")
        app.add_js_file("katex/katex.min.js")
        app.add_js_file("formulas.js")


def _formulas(doctree: nodes.document) -> list[nodes.Node]:
    return [*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)]
