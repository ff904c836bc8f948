"""Every code block of the README and the documentation does what it says.

``python`` blocks are sessions, run from top to bottom of a file; ``console`` blocks are run on
a terminal. The two ``sh`` blocks of the README set up an environment: ``.ci/run`` runs them.
"""

from __future__ import annotations

import doctest
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import gradform

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LANGUAGES = {"python", "console", "sh"}


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 2)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_blocks_have_a_language_that_is_tested(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_python_blocks(page: Path) -> None:
    session = doctest.DocTestParser()
    flags = doctest.ELLIPSIS | doctest.REPORT_NDIFF
    names: dict[str, object] = {}
    failures = 0
    for block in blocks(page):
        if block.language == "python":
            test = session.get_doctest(block.text, names, page.name, str(page), block.line)
            assert test.examples
            runner = doctest.DocTestRunner(optionflags=flags)
            runner.run(test, clear_globs=False)
            names = test.globs
            failures += runner.summarize(verbose=False).failed
    assert failures == 0


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_console_blocks(page: Path, tmp_path: Path) -> None:
    command = tmp_path / "gradform"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradform "$@"\n')
    command.chmod(0o755)
    for block in blocks(page):
        if block.language == "console":
            for typed, expected in dialogue(block.text):
                assert masked(on_terminal(typed, tmp_path)) == masked(expected), typed


def dialogue(text: str) -> Iterator[tuple[str, str]]:
    """Commands after ``$`` with what they print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        typed, _, printed = part.partition("\n")
        yield typed, printed


def masked(text: str) -> str:
    """The worst error of a certificate depends on the machine."""
    return re.sub(r"error \S+ \(", "error … (", text)


def on_terminal(typed: str, folder: Path) -> str:
    """What a command prints on a terminal without colours."""
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(gradform.__file__).parent.parent),
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    with subprocess.Popen(
        ["sh", "-c", typed], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        printed = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # the terminal is closed
                break
            if not more:
                break
            printed += more
        process.wait(timeout=60)
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_the_readme_has_two_commands() -> None:
    commands = [block.text for block in blocks(PAGES[0]) if block.language == "sh"]
    assert len(commands) == 2
    assert "gradform" in commands[0]
    assert "pytest" in commands[1]
