"""A whole picture: what is drawn, with its title, its description and its rules."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape
from pathlib import Path

from gradform.language import told
from gradform.pictures.theme import rules_for

__all__ = ["Picture", "document", "text_element", "titled"]

# What XML 1.0 has no way to say: control characters and lone surrogates.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Picture(ABC):
    """Something that can be drawn as SVG; notebooks show it by themselves."""

    @abstractmethod
    def svg(self, *, styled: bool = True) -> str:
        """The picture as one element ``<svg>``, with its rules unless ``styled`` is false.

        Without them it suits pages that forbid style in place and that serve
        ``gradform.pictures.RULES`` instead.
        """

    def _repr_svg_(self) -> str:
        return self.svg()

    def save(self, path: str | Path) -> None:
        """Write the picture to a file."""
        Path(path).write_text(self.svg(), encoding="utf-8")


def document(
    size: tuple[float, float],
    parts: Sequence[str],
    *,
    title: str,
    description: str = "",
    classes: str = "",
    styled: bool = True,
) -> str:
    """``<svg>`` of a size in pixels; it shrinks with the room that it is given."""
    width, height = size
    inside = "\n".join(parts)
    names = " ".join(["gradform", *classes.split()])
    head = [f"<title>{_escaped(title)}</title>"]
    if description:
        head.append(f"<desc>{_escaped(description)}</desc>")
    whole = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{names}" role="img" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">\n'
    )
    paper = '<rect class="paper" width="100%" height="100%"/>'
    if styled:
        head.append(f"<style>\n{rules_for(whole + paper + inside)}</style>")
    return "\n".join([whole + head[0], *head[1:], paper, inside, "</svg>\n"])


def text_element(
    text: str, x: float, y: float, classes: str = "", anchor: str = "start", title: str = ""
) -> str:
    """One line of text; ``title`` is shown where a pointer rests on it."""
    named = f' class="{classes}"' if classes else ""
    placed = f' text-anchor="{anchor}"' if anchor != "start" else ""
    told = f"<title>{_escaped(title)}</title>" if title else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}"{placed}>{told}{_escaped(text)}</text>'


def titled(text: str) -> str:
    """A title element for what it stands in, or nothing."""
    return f"<title>{_escaped(text)}</title>" if text else ""


def _escaped(text: str) -> str:
    """In the current language, as XML."""
    return escape(_NOT_XML.sub("\ufffd", told(text)), quote=True)
