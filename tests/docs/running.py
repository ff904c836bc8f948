"""Running blocks of code: Python sessions and commands on a terminal."""

from __future__ import annotations

import doctest
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.docs.pages import Block

__all__ = ["check_console", "command_for", "failures_in_session"]

_FLAGS = doctest.ELLIPSIS | doctest.REPORT_NDIFF


def failures_in_session(block: Block, names: dict[str, object], page: Path) -> int:
    """Run a session in the names that earlier blocks of the page left behind."""
    # Functions of earlier blocks may fail in this one: tracebacks look blocks up by their names.
    name = f"{page.name} line {block.line}"
    test = doctest.DocTestParser().get_doctest(block.text, names, name, str(page), block.line)
    assert test.examples, f"line {block.line}: a Python block without >>> is not run"
    runner = doctest.DocTestRunner(optionflags=_FLAGS)
    runner.run(test, clear_globs=False)
    names.update(test.globs)
    return runner.summarize(verbose=False).failed


def check_console(block: Block, folder: Path, environment: Mapping[str, str]) -> None:
    """Type the commands of a block and compare what they print."""
    for typed, expected in _dialogue(block.text):
        wanted, found = _masked(expected), _masked(_on_terminal(typed, folder, environment))
        same = doctest.OutputChecker().check_output(wanted, found, doctest.ELLIPSIS)
        assert same, f"{typed}\n{found}"


def command_for(source: Path, folder: Path) -> dict[str, str]:
    """An environment in which ``gradform`` and ``pytest`` are those of a source tree."""
    for name in ("gradform", "pytest"):
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {name} "$@"\n')
        command.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(source),
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }


def _dialogue(text: str) -> Iterator[tuple[str, str]]:
    """Commands after ``$`` with what they print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        typed, _, printed = part.partition("\n")
        yield typed, printed


def _masked(text: str) -> str:
    """What depends on the machine, and how many tests there are, is left out."""
    text = re.sub(r"error \S+ \(", "error … (", text)
    text = re.sub(r"\d+ (passed|failed|deselected)", r"… \1", text)
    return re.sub(r" in \d+\.\d+s", " in …s", text)


def _on_terminal(typed: str, folder: Path, environment: Mapping[str, str]) -> str:
    """What a command prints on a terminal without colours."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["sh", "-c", typed],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        cwd=folder,
    ) as process:
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b""))
        process.wait(timeout=60)
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the terminal is closed
        return b""
