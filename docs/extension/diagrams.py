"""Pictures of layouts: which partial derivative goes where, and which shapes come of it.

``python -m docs.extension.diagrams`` writes them beside the pages, so that they are seen in the
repository too. Shapes and places are those of gradform's answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

import gradform as gf
from gradform.pictures.document import document, text_element

__all__ = ["CASES", "LAYOUTS", "diagrams", "write_diagrams"]

DOCS = Path(__file__).parents[1]
LAYOUTS = ("ml", "denominator", "numerator", "mixed")
SIZES = {"m": 3, "n": 2, "p": 2, "q": 3, "k": 4}
SUBSCRIPTS = "₀₁₂₃₄"

Shape = tuple[str | int, ...]


class Case(NamedTuple):
    """A function and a variable whose shapes stand for all such."""

    function: str
    wrt: str
    shapes: dict[str, tuple[str | int, ...]]


A, ROW = {"A": ("m", "n")}, (1, "n")
CASES: Mapping[str, Case] = {
    "scalar by column": Case("a'*x", "x", {"a": ("n",), "x": ("n",)}),
    "scalar by row": Case("r*a", "r", {"a": ("n",), "r": ROW}),
    "column by scalar": Case("t*b", "t", {"b": ("m",), "t": ()}),
    "row by scalar": Case("t*b", "t", {"b": (1, "m"), "t": ()}),
    "column by column": Case("A*x", "x", {**A, "x": ("n",)}),
    "row by row": Case("r*A'", "r", {**A, "r": ROW}),
    "column by row": Case("A*r'", "r", {**A, "r": ROW}),
    "row by column": Case("x'*A'", "x", {**A, "x": ("n",)}),
    "scalar by matrix": Case("tr(C'*X)", "X", {"C": ("p", "q"), "X": ("p", "q")}),
    "matrix by scalar": Case("t*C", "t", {"C": ("p", "q"), "t": ()}),
}

_CHINESE = {
    "scalar by column": "标量对列向量",
    "scalar by row": "标量对行向量",
    "column by scalar": "列向量对标量",
    "row by scalar": "行向量对标量",
    "column by column": "列向量对列向量",
    "row by row": "行向量对行向量",
    "column by row": "列向量对行向量",
    "row by column": "行向量对列向量",
    "scalar by matrix": "标量对矩阵",
    "matrix by scalar": "矩阵对标量",
    "y by x": "y 对 x 求导",
    "denominator": "分母布局",
    "numerator": "分子布局",
    "mixed": "混合布局",
    "Where each partial derivative goes": "每个偏导数的位置",
    "The shape of the derivative in each layout": "各种布局下导数的形状",
    "The order of factors in the chain rule": "链式法则中因子的次序",
}


def diagrams(language: str = "en") -> Iterator[tuple[str, str]]:
    """File names and SVG."""
    words = _CHINESE if language == "zh" else {}
    yield "entries.svg", _Entries(words).svg()
    yield "shapes.svg", _Shapes(words).svg()
    yield "chain.svg", _Chain(words).svg()


def write_diagrams() -> None:
    """The pictures of both languages."""
    for language, folder in (("en", DOCS / "layouts"), ("zh", DOCS / "zh" / "layouts")):
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in diagrams(language):
            (folder / name).write_text(svg, encoding="utf-8")


# ---------------------------------------------------------------- what is drawn


def _extent(shape: Shape) -> tuple[int, int]:
    """Rows and columns: a vector is a column."""
    sizes = [size if isinstance(size, int) else SIZES[size] for size in shape]
    rows, columns = (*sizes, 1, 1)[:2]
    return rows, columns


def _label(shape: Shape) -> str:
    return "×".join(map(str, shape)) if len(shape) > 1 else "".join(map(str, shape)) or "1"


class _Drawing(ABC):
    """Cells and words at places; y goes down."""

    title: str

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words
        self.parts: list[str] = []
        self.size = self.draw()

    @abstractmethod
    def draw(self) -> tuple[float, float]:
        """Add the parts; the size that they need."""

    def svg(self) -> str:
        return document(self.size, self.parts, title=self.word(self.title))

    def word(self, text: str) -> str:
        return self.words.get(text, text)

    def text(self, text: str, x: float, y: float, style: str = "", anchor: str = "middle") -> None:
        self.parts.append(text_element(self.word(text), x, y, style, anchor))

    def layout(self, name: str, x: float, y: float, anchor: str = "middle") -> None:
        """A layout in words, and below as it is typed where that is not the same."""
        self.text(name, x, y, "name", anchor)
        if self.word(name) != name:
            self.parts.append(text_element(name, x, y + 15, "aside", anchor))

    def cell(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2"'
        self.parts.append(f'<g class="node {kind}"><rect {place}/></g>')

    def grid(self, shape: Shape, x: float, y: float, kind: str, cell: float = 11) -> None:
        """A shape with its middle at a place, and its sizes below."""
        rows, columns = _extent(shape)
        left, top = x - columns * cell / 2, y - rows * cell / 2
        for row in range(rows):
            for column in range(columns):
                self.cell(left + column * cell, top + row * cell, cell - 1.5, cell - 1.5, kind)
        self.text(_label(shape), x, top + rows * cell + 13, "aside")


class _Shapes(_Drawing):
    """A line for each case; what differs from the default is coloured."""

    title = "The shape of the derivative in each layout"

    def draw(self) -> tuple[float, float]:
        left, step, line = 190.0, 120.0, 68.0
        self.text("y by x", 16, 22, "name", "start")
        for k, layout in enumerate(LAYOUTS):
            self.layout(layout, left + k * step, 22)
        for number, (name, case) in enumerate(CASES.items()):
            y = 72 + number * line
            rule = f'<path class="grid" d="M16 {y - 28:.1f} H{left + 3.5 * step:.1f}"/>'
            self.parts.append(rule)
            self.text(name, 16, y + 4, "", "start")
            d = gf.derivative(case.function, case.wrt, shapes=case.shapes)
            default = d.to_layout("ml").shape
            for k, layout in enumerate(LAYOUTS):
                shape = d.to_layout(layout).shape
                kind = "variable" if shape == default else "output"
                self.grid(shape, left + k * step, y, kind)
        return left + 3.5 * step + 16, 72 + len(CASES) * line - 20


class _Entries(_Drawing):
    """A column of three by a column of two, entry by entry."""

    title = "Where each partial derivative goes"
    kinds = ("variable", "output", "intermediate")
    width, height = 62.0, 34.0

    def draw(self) -> tuple[float, float]:
        m, n = SIZES["m"], SIZES["n"]
        y = [(f"y{SUBSCRIPTS[i + 1]}", self.kinds[i]) for i in range(m)]
        x = [(f"x{SUBSCRIPTS[i + 1]}", "constant") for i in range(n)]
        self.table([[each] for each in y], 66, "y")
        self.table([[each] for each in x], 156, "x")
        self.table(self.placed("ml"), 340, "ml")
        self.table(self.placed("numerator"), 570, "numerator")
        return 670, 188

    def placed(self, layout: str) -> list[list[tuple[str, str]]]:
        """What stands where: A has a number for each entry, and A*x tells which comes out."""
        case = CASES["column by column"]
        d = gf.derivative(case.function, case.wrt, shapes=case.shapes, layout=layout)
        m, n = SIZES["m"], SIZES["n"]
        numbers = np.arange(m * n).reshape(m, n)
        found = d(A=numbers, x=np.zeros(n)).astype(int)
        return [[self.entry(*divmod(int(number), n)) for number in row] for row in found]

    def entry(self, i: int, j: int) -> tuple[str, str]:
        return f"∂y{SUBSCRIPTS[i + 1]}/∂x{SUBSCRIPTS[j + 1]}", self.kinds[i]

    def table(self, cells: list[list[tuple[str, str]]], x: float, title: str) -> None:
        self.layout(title, x, 22)
        left, top = x - len(cells[0]) * self.width / 2, 104 - len(cells) * self.height / 2
        for row, line in enumerate(cells):
            for column, (text, kind) in enumerate(line):
                at = left + column * self.width, top + row * self.height
                self.cell(*at, self.width - 3, self.height - 3, kind)
                self.text(text, at[0] + self.width / 2 - 1.5, at[1] + self.height / 2 + 3)


class _Chain(_Drawing):
    """∂z/∂x for z of y of x, all columns."""

    title = "The order of factors in the chain rule"

    def draw(self) -> tuple[float, float]:
        for k, layout in enumerate(("ml", "numerator")):
            y = 62 + 104 * k
            inner = ("∂y/∂x", self.shape("A*x", "x", layout, ("m", "n")))
            outer = ("∂z/∂y", self.shape("A*x", "x", layout, ("k", "m")))
            factors = (inner, outer) if layout == "ml" else (outer, inner)
            whole = ("∂z/∂x", self.shape("A*x", "x", layout, ("k", "n")))
            self.layout(layout, 16, y + 4, "start")
            for place, (name, shape) in zip((250, 380, 510), (whole, *factors), strict=True):
                self.grid(shape, place, y, "output" if name == "∂z/∂x" else "variable")
                self.text(name, place, y - 34)
            self.text("=", 315, y + 4)
            self.text("·", 445, y + 4)
        return 590, 220

    def shape(self, function: str, wrt: str, layout: str, sizes: tuple[str, str]) -> Shape:
        """Of the derivative of a column by a column."""
        shapes = {"A": sizes, "x": sizes[1:]}
        return gf.derivative(function, wrt, shapes=shapes, layout=layout).shape


if __name__ == "__main__":
    write_diagrams()
