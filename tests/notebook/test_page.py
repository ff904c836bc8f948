"""The cells of docs/notebook.md, which are indented there, run in a kernel from top to bottom."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.docs.pages import ROOT
from tests.notebook.running import run

PAGE = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")
CELLS = [
    re.sub(r"^    ", "", block, flags=re.MULTILINE).rstrip()
    for block in re.findall(
        r"(?:^    .*\n)+", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL), re.M
    )
]


@pytest.fixture(scope="module")
def outputs() -> list[list[Any]]:
    return [cell.outputs for cell in run(CELLS).cells]


def test_the_cells_show_what_the_page_says(outputs: list[list[Any]]) -> None:
    assert len(CELLS) == 4
    assert "text/html" in outputs[1][0].data
    assert outputs[2][0].data["text/plain"] == '("2*A\'*(A*x - b)", array([4., 8.]))'
    assert outputs[3][0].output_type == "error"
    assert outputs[3][0].traceback[2].endswith("^")


def test_the_page_lists_the_examples() -> None:
    assert set(re.findall(r"`([\w.-]+\.ipynb)`", PAGE)) == {
        path.name for path in (ROOT / "examples").glob("*.ipynb")
    }
