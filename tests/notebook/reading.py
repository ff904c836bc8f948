"""HTML read strictly: every tag known and closed, nothing that runs or is fetched."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["Reading", "read"]

_HTML = {"div", "span", "style", "pre", "code", "details", "summary"}
# https://www.w3.org/TR/mathml-core/: what browsers draw.
_MATHML = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup",
    "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mphantom",
}  # fmt: skip
_SVG = {
    "svg", "title", "desc", "g", "path", "rect", "circle", "text", "clippath", "defs", "marker",
    "tspan", "line", "polygon", "ellipse",
}  # fmt: skip
_EMPTY = {"mspace"}  # written <mspace …/>


class Reading(HTMLParser):
    """What a block of HTML holds; AssertionError where it is not well formed or not safe."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.latex: list[str] = []
        self.mathml = 0
        self.code: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _HTML | _MATHML | _SVG, tag
        names = [name for name, _ in attrs]
        assert not any(name.startswith("on") or name in ("src", "href") for name in names), attrs
        assert len(names) == len(set(names))
        self.tags.append(tag)
        self.mathml += tag == "math"
        self.open.append((tag, dict(attrs).get("class") or ""))
        if tag in ("pre", "code"):
            self.code.append("")
        if self.open[-1][1] == "gf-tex":
            self.latex.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop()[0] == tag, tag

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.open]
        if "style" in tags or "math" in tags or "svg" in tags:
            return
        if self.open and self.open[-1][1] == "gf-tex":
            self.latex[-1] += data
        elif "pre" in tags or "code" in tags:
            self.code[-1] += data
        else:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def read(html: str) -> Reading:
    """The HTML as a browser would see it."""
    reading = Reading()
    reading.feed(html)
    reading.close()
    assert not reading.open
    assert not any(mark in html for mark in ("javascript:", "http://", "https://", "url(")) or all(
        mark not in html.replace("http://www.w3.org/", "").replace("url(#", "")
        for mark in ("javascript:", "http://", "https://", "url(")
    )
    return reading
