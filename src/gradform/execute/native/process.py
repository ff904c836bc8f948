"""A compiler run once, quietly, for a limited time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from gradform.language import say

__all__ = ["Outcome", "run"]

_SECONDS = 120.0
_SHOWN = 3  # lines of what a program says


class Outcome:
    """Whether a program succeeded, and what it wrote."""

    __slots__ = ("errors", "output", "succeeded")

    def __init__(self, succeeded: bool, output: str, errors: str) -> None:
        self.succeeded = succeeded
        self.output = output
        self.errors = errors

    @property
    def complaint(self) -> str:
        """The lines that say what went wrong, shortened."""
        lines = [line.strip() for line in self.errors.splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower()] or lines
        return "; ".join(telling[:_SHOWN]) or say("it gave no reason")


def run(command: Sequence[str], directory: Path) -> Outcome:
    """Run a program in a directory; its messages in English, nothing to read from."""
    subprocess = import_module("subprocess")  # a process that compiles nothing goes without
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(
            False,
            "",
            say(
                "{command} did not end within {seconds:.0f} s", command=command[0], seconds=_SECONDS
            ),
        )
    except OSError as error:
        return Outcome(
            False,
            "",
            say("{command} does not run: {reason}", command=command[0], reason=error.strerror),
        )
    output, errors = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
    return Outcome(done.returncode == 0, output, errors)
