"""The pages that say how gradform is extended, carried out from top to bottom on a copy.

A Python block whose first line is the name of a file is written at the end of that file, a
``diff`` is applied; sessions and commands run on what has become of the copy by then.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Block, blocks, is_how_to, name
from tests.docs.running import check_console, command_for

HOW_TO = [page for page in PAGES if is_how_to(page)]


@pytest.mark.slow
@pytest.mark.parametrize("page", HOW_TO, ids=name)
def test_the_steps_do_what_they_say(page: Path, tmp_path: Path) -> None:
    copy = copied(tmp_path)
    environment = command_for(copy / "src", tmp_path)
    for block in blocks(page):
        if block.file is not None:
            written(copy / block.file, block)
        elif block.language == "diff":
            patched(copy, block)
        elif block.language == "python":
            in_session(block, copy, environment)
        elif block.language == "console":
            check_console(block, copy, environment)


def copied(folder: Path) -> Path:
    """The parts of the repository that steps change and tests read."""
    copy = folder / "copy"
    forget = shutil.ignore_patterns("__pycache__", "node_modules", "page")
    for part in ("src", "tests", "docs/extension"):
        shutil.copytree(ROOT / part, copy / part, ignore=forget)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def written(file: Path, block: Block) -> None:
    """The block at the end of the file, or as the file where there is none."""
    text = block.text.split("\n", 1)[1].lstrip("\n")
    old = file.read_text(encoding="utf-8") + "\n\n" if file.exists() else ""
    file.write_text(old + text, encoding="utf-8")


def patched(copy: Path, block: Block) -> None:
    """Lines may have moved, but what stands around them must be what the page says."""
    subprocess.run(
        ["git", "apply", "--recount", "-p1"],
        input=block.text,
        text=True,
        cwd=copy,
        check=True,
        env={"GIT_CEILING_DIRECTORIES": str(copy.parent), "PATH": "/usr/bin:/bin"},
    )


def in_session(block: Block, copy: Path, environment: dict[str, str]) -> None:
    """A block is a session of its own, in a new process."""
    file = copy / "session.txt"
    file.write_text(block.text, encoding="utf-8")
    command = [sys.executable, "-m", "doctest", "-o", "ELLIPSIS", str(file)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert not found.returncode, found.stdout
