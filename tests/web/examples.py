"""The gallery of the page. ``python -m tests.web.examples`` writes its LaTeX anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gradform.derive.answer import Derivative
from gradform.web.answers.question import asked_derivative

__all__ = ["answer_to", "body_of", "examples", "topics"]

_FILE = Path(__file__).parents[2] / "src" / "gradform" / "web" / "page" / "examples.json"
_ASKED = ("formula", "wrt", "order", "layout", "variables")


def topics() -> list[dict[str, Any]]:
    """The topics with their examples."""
    found: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["topics"]
    return found


def examples() -> Iterator[dict[str, Any]]:
    """All examples."""
    for topic in topics():
        yield from topic["examples"]


def body_of(example: Mapping[str, Any]) -> dict[str, Any]:
    """What the page asks when an example is chosen."""
    return {name: example[name] for name in _ASKED if name in example}


def answer_to(example: Mapping[str, Any]) -> Derivative:
    """The derivative, confirmed."""
    return asked_derivative(body_of(example))


def _write() -> None:
    found = topics()
    for topic in found:
        for example in topic["examples"]:
            example["latex"] = answer_to(example).function_latex
    text = json.dumps({"topics": found}, ensure_ascii=False, indent=1)
    _FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
