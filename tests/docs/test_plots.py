"""The pictures of the page on pictures are those that gradform draws."""

from __future__ import annotations

import re

import pytest

from docs.extension.plots import FOLDER, pictures

_NUMBER = re.compile(r"-?\d+\.\d+")


def test_pictures_are_up_to_date() -> None:
    """If not: ``python -m docs.extension.plots``. Places may differ by what rounding does."""
    made = dict(pictures())
    assert {*made} == {*FOLDER.iterdir()}
    for file, svg in made.items():
        kept = file.read_text(encoding="utf-8")
        assert _NUMBER.sub("0", kept) == _NUMBER.sub("0", svg)
        places = [[float(each) for each in _NUMBER.findall(text)] for text in (kept, svg)]
        assert places[0] == pytest.approx(places[1], abs=0.3)
