"""Every code block of the README and the documentation does what it says.

``python`` blocks are sessions, run from top to bottom of a file; ``console`` blocks are run on
a terminal. The two ``sh`` blocks of the README set up an environment: ``.ci/run`` runs them.
Pages that change files of gradform are carried out on a copy (``test_how_to.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradform
from tests.docs.pages import LANGUAGES, PAGES, README, ROOT, blocks, is_how_to, name
from tests.docs.running import check_console, command_for, failures_in_session

each_page = pytest.mark.parametrize("page", PAGES, ids=name)
each_plain_page = pytest.mark.parametrize(
    "page", [page for page in PAGES if not is_how_to(page)], ids=name
)


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    """Each page begins with the settings as they are at first."""
    yield
    gradform.settings.layout, gradform.settings.language = "ml", "en"


@each_page
def test_blocks_have_a_language_that_is_tested(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES


@each_plain_page
def test_python_blocks(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, object] = {}
    monkeypatch.setenv("PYTHONPATH", str(Path(gradform.__file__).parents[1]))
    sessions = [block for block in blocks(page) if block.language == "python"]
    assert sum(failures_in_session(block, names, page) for block in sessions) == 0


@each_plain_page
def test_console_blocks(page: Path, tmp_path: Path) -> None:
    environment = command_for(Path(gradform.__file__).parents[1], tmp_path)
    for block in blocks(page):
        if block.language == "console":
            check_console(block, ROOT, environment)


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@each_page
def test_set_up_commands_are_in_the_readme_only(page: Path) -> None:
    """They need a network, so ``.ci/run`` runs them: it takes them from there, by number."""
    commands = [block.text for block in blocks(page) if block.language == "sh"]
    wanted = ("bin/gradform", "bin/pytest", "bin/sphinx-build") if page == README else ()
    assert len(commands) == len(wanted)
    assert all(word in command for word, command in zip(wanted, commands, strict=True))
