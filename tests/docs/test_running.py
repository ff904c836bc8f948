"""The tests of the pages see what is wrong with a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Block, blocks, is_how_to
from tests.docs.running import check_console, command_for, failures_in_session

PAGE = Path("page.md")


def test_a_wrong_output_is_a_failure() -> None:
    names: dict[str, object] = {}
    assert failures_in_session(Block("python", ">>> x = 2\n>>> x + 2\n5\n", 1), names, PAGE) == 1
    assert failures_in_session(Block("python", ">>> x + 2\n4\n", 9), names, PAGE) == 0


def test_a_function_of_an_earlier_block_may_fail() -> None:
    names: dict[str, object] = {}
    given = ">>> a = 1\n>>> def f():\n...     raise ValueError(a)\n"
    assert failures_in_session(Block("python", given, 1), names, PAGE) == 0
    assert failures_in_session(Block("python", ">>> f()\n1\n", 9), names, PAGE) == 1


def test_a_block_that_would_not_run_is_refused() -> None:
    with pytest.raises(AssertionError, match="not run"):
        failures_in_session(Block("python", "x = 2\n", 1), {}, PAGE)


def test_what_a_command_prints_is_compared(tmp_path: Path) -> None:
    environment = command_for(tmp_path, tmp_path)
    right = "$ echo one; echo two\none\n...\n$ echo 3 passed in 1.20s\n8 passed in 0.01s\n"
    check_console(Block("console", right, 1), tmp_path, environment)
    with pytest.raises(AssertionError, match="echo one"):
        check_console(Block("console", "$ echo one\ntwo\n", 1), tmp_path, environment)


def test_blocks_are_told_from_directives(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    parts = ("{toctree}\nother", "python\n# src/gradform/new.py\n\nx = 1", "\nno")
    page.write_text("\n".join(f"```{part}\n```\n" for part in parts), encoding="utf-8")
    found = list(blocks(page))
    assert [(each.language, each.line, each.file) for each in found] == [
        ("python", 6, "src/gradform/new.py"),
        ("", 12, None),
    ]
    assert is_how_to(page)
