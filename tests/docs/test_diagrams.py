"""The pictures of layouts: those in the repository are those that gradform's answers give."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import gradform as gf
from docs.extension.diagrams import CASES, LAYOUTS, diagrams
from tests.docs.pages import ROOT

FOLDERS = {"en": ROOT / "docs" / "layouts", "zh": ROOT / "docs" / "zh" / "layouts"}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("language", FOLDERS)
def test_pictures_are_up_to_date(language: str) -> None:
    """If not: ``python -m docs.extension.diagrams``. Colours may change before they do."""
    found = {file.name: file.read_text(encoding="utf-8") for file in FOLDERS[language].iterdir()}
    made = dict(diagrams(language))
    assert found.keys() == made.keys()
    assert all(_drawn(found[name]) == _drawn(made[name]) for name in made)


def _drawn(svg: str) -> str:
    return re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)


@pytest.mark.parametrize("language", FOLDERS)
def test_words_are_of_the_language(language: str) -> None:
    for _, svg in diagrams(language):
        title = ElementTree.fromstring(svg).findtext(f"{SVG}title") or ""
        assert (re.search("[\u4e00-\u9fff]", title) is not None) == (language == "zh")


def test_the_table_of_shapes_has_a_cell_for_each_entry() -> None:
    """m = 3, n = 2, p = 2 and q = 3, in each case and each layout."""
    sizes = {"m": 3, "n": 2, "p": 2, "q": 3, "1": 1}
    count = 0
    for case in CASES.values():
        for layout in LAYOUTS:
            d = gf.derivative(case.function, case.wrt, shapes=case.shapes, layout=layout)
            rows, columns = (*map(str, d.shape), "1")[:2]
            count += sizes[rows] * sizes[columns]
    svg = ElementTree.fromstring(dict(diagrams())["shapes.svg"])
    assert len(svg.findall(f".//{SVG}g[@class]")) == count


def test_the_layouts_page_says_what_the_table_shows() -> None:
    """Row by row of the page's table, such as ``| scalar by column (n) | column n | …``."""
    text = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
    start = re.compile(r"\| (scalar|row|column|matrix)\b.* by ")
    rows = [line for line in text.splitlines() if start.match(line)]
    assert len(rows) == len(CASES)
    for line, (name, case) in zip(rows, CASES.items(), strict=True):
        first, *shown = [cell.strip() for cell in line.strip("|").split("|")]
        assert re.sub(r" \(.*?\)|,.*", "", first) == name
        for layout, cell in zip(LAYOUTS, shown, strict=True):
            d = gf.derivative(case.function, case.wrt, shapes=case.shapes, layout=layout)
            assert cell.split(" (")[0] == _in_words(d.shape)


def _in_words(shape: tuple[str | int, ...]) -> str:
    match shape:
        case (size,):
            return f"column {size}"
        case (1, size):
            return f"row {size}"
    return "×".join(map(str, shape))
