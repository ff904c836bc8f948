"""The notebooks of examples/: made from their sources, run without an error, as they are stored."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from examples.build import cells_of, executed, kept, notebook_of, sources, stored

SOURCES = sources()
TOLD = "run: python -m examples.build"
_LARGEST = 100_000
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+\.?\d*(?:e[-+]?\d+)?(?![\w.])")
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


def notebook(source: Path) -> Any:
    read: Any = nbformat.read(stored(source), as_version=4)
    return read


def code(source: Path) -> list[str]:
    text = source.read_text(encoding="utf-8")
    return [content for kind, content in cells_of(text) if kind == "code"]


def test_there_are_the_notebooks_that_people_look_for() -> None:
    assert {source.stem for source in SOURCES} >= {
        "seed.zh", "seed.en", "logistic-regression", "backpropagation", "lasso",
    }  # fmt: skip
    made = {stored(source).name for source in SOURCES}
    assert made == {path.name for path in stored(SOURCES[0]).parent.glob("*.ipynb")}


@each_source
def test_the_notebook_is_made_from_its_source(source: Path) -> None:
    cells = [each for each in cells_of(source.read_text(encoding="utf-8")) if each[1]]
    written = [(cell.cell_type, cell.source) for cell in notebook(source).cells]
    assert written == cells, TOLD
    nbformat.validate(notebook(source))
    assert stored(source).stat().st_size < _LARGEST


@each_source
def test_every_cell_runs_and_shows_what_is_stored(source: Path) -> None:
    made = notebook_of(list(cells_of(source.read_text(encoding="utf-8"))))
    found = [cell for cell in kept(executed(made)).cells if cell.cell_type == "code"]
    before = [cell for cell in notebook(source).cells if cell.cell_type == "code"]
    assert any(cell.outputs for cell in before)
    for cell, old in zip(found, before, strict=True):
        assert len(cell.outputs) == len(old.outputs), f"{cell.source}\n{TOLD}"
        for output, expected in zip(cell.outputs, old.outputs, strict=True):
            assert output.output_type == expected.output_type != "error"
            for shown, wanted in zip(texts(output), texts(expected), strict=True):
                same(shown, wanted)


def texts(output: Any) -> list[str]:
    return [output.text] if "text" in output else [*output.data, *output.data.values()]


def same(shown: str, wanted: str) -> None:
    """The words are the same, and the numbers up to what another machine may round."""
    assert _NUMBER.sub("#", shown) == _NUMBER.sub("#", wanted), TOLD
    numbers = [float(number) for number in _NUMBER.findall(shown)]
    assert numbers == pytest.approx([float(x) for x in _NUMBER.findall(wanted)], 2e-2, 1e-6), TOLD


def test_the_note_is_the_same_code_in_both_languages() -> None:
    chinese, english = (code(path) for path in SOURCES if path.stem.startswith("seed"))
    assert [plain(cell) for cell in chinese] == [plain(cell) for cell in english]


def plain(cell: str) -> list[str]:
    """The lines of a cell without comments and without the choice of a language."""
    lines = [line.partition("#")[0].rstrip() for line in cell.split("\n")]
    return [line for line in lines if line and not line.startswith("gf.settings.language")]


def test_every_formula_of_the_note_is_asserted() -> None:
    """What tests/test_seed.py holds the library to is claimed in the notebook, too."""
    whole = "\n".join(code(next(path for path in SOURCES if path.stem == "seed.en")))
    for formula in ('"A\'"', '"A"', '"(A + A\')*x"', '"2*x"', '"2*X"'):
        assert f".text == {formula} and" in whole
    assert whole.count("assert ") >= 50
    assert "Σ_{k,l} ∂z/∂uₖ · ∂uₖ/∂vₗ · ∂vₗ/∂xᵢ" in whole
