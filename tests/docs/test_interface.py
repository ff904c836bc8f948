"""The page of the Python interface: all that is exported, and nothing without a word."""

from __future__ import annotations

import inspect
import re

import pytest

import gradform as gf
from docs.extension.docstrings import as_markdown, entries, summary
from docs.extension.interface import ANSWERS, functions, interface_page, members

CLASSES = [each for classes in ANSWERS.values() for each in classes]
each_class = pytest.mark.parametrize("owner", CLASSES, ids=lambda owner: owner.__qualname__)
each_function = pytest.mark.parametrize("name", functions())


def test_all_that_is_exported_is_listed() -> None:
    shown = set(re.findall(r"^### (\w+)$", interface_page(), re.M))
    errors = {name for name in gf.__all__ if name.endswith("Error")}  # they have their own page
    assert set(gf.__all__) - errors - {"__version__"} <= shown


@each_class
def test_every_member_is_described(owner: type) -> None:
    assert [name for name, text in members(owner) if not text] == []


def examples() -> list[object]:
    """One of each class."""
    f = gf.parse("x'*x", shapes={"x": ("n",)})
    d = f.gradient("x")
    found = f.minimize({"x": [1.0, 2.0]})
    return [
        *(f, d, f.gradient(["x"]), d.certificate, d.derivation, found, found.certificate),
        *(gf.subdifferential("abs(x)", at=at) for at in (0, None)),
        gf.subdifferential("norm1(x)", at=[0, 1]),
        gf.one_sided("abs(x)", at=0),
        *(gf.convexity(text) for text in ("abs(x)", "norm1(A*x)")),
    ]


def test_what_the_docstrings_list_is_there() -> None:
    given = examples()
    assert {type(each) for each in given} == set(CLASSES)
    for each in given:
        assert [name for name in entries(type(each)) if not hasattr(each, name)] == []


@each_function
def test_every_argument_that_is_described_is_taken(name: str) -> None:
    """Options are taken as keywords: their names stand in the type of ``**options``."""
    taken = inspect.signature(getattr(gf, name)).parameters
    for word in entries(getattr(gf, name)):
        assert word in taken or "options" in taken


@each_function
def test_every_function_says_what_it_is_for(name: str) -> None:
    assert summary(getattr(gf, name)).endswith(".")


def test_two_columns_become_a_list() -> None:
    def example() -> None:
        """First.

        ``one``, two   what both
                       are
        three  {"x": 1}
        """

    assert entries(example) == {"one": "what both are", "two": "what both are", "three": '{"x": 1}'}
    assert as_markdown(example) == (
        'First.\n\n- `one`, `two`: what both are\n- `three`: \\{"x": 1\\}'
    )
