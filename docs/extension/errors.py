"""The error reference: the tree of errors, and every message by its kind, read from the source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import gradform
from docs.extension.markdown import code, heading, sentence, table
from gradform import errors
from gradform.errors import GradformError, InputError

__all__ = ["Raised", "errors_page", "raised"]

_INTRODUCTION = """\
Every error has a `message`, a `kind` that programs can rely on, a `hint` or None, and the
`line` and `column` it stands in where that is known; `str(error)` shows all of it. Where an
answer is refused for a reason that mathematics gives, it is a `CannotError`; what is not well
formed is an `InputError`."""


class Raised(NamedTuple):
    """An error that some line of gradform raises."""

    kind: str
    error: str
    message: str


def errors_page() -> str:
    """All of it on one page."""
    by_kind: dict[str, list[Raised]] = {}
    for each in sorted(set(raised())):
        by_kind.setdefault(each.kind, []).append(each)
    parts = [heading(1, "Errors"), _INTRODUCTION, table(["error", "means", "exit status"], _tree())]
    parts.append(heading(2, "Kinds"))
    parts.append("What stands in braces is filled in.")
    for kind, found in by_kind.items():
        parts.append(heading(3, kind, f"error-{kind}"))
        lines = [f"- {code(each.error)}: {sentence(each.message)}" for each in found]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _tree() -> Iterator[tuple[str, str, str]]:
    """Each error below the one that it is a case of."""
    tree = [getattr(errors, name) for name in errors.__all__]
    found = [error for error in tree if issubclass(error, GradformError)]
    for error in sorted(found, key=lambda each: [base.__name__ for base in each.__mro__[::-1]]):
        depth = len(error.__mro__) - len(GradformError.__mro__)
        first = (inspect.getdoc(error) or "").split("\n\n")[0]
        status = "2" if issubclass(error, InputError) else "1"
        name = "\u2003" * depth + code(error.__name__)
        yield name, sentence(" ".join(first.split())), status


def raised() -> Iterator[Raised]:
    """What the source says wherever an error is made with a kind and a message."""
    for file in sorted(Path(gradform.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind = next((each.value for each in node.keywords if each.arg == "kind"), None)
                message = _text(node.args[0])
                known = isinstance(kind, ast.Constant) and isinstance(kind.value, str)
                if node.func.id.endswith("Error") and known and message:
                    assert isinstance(kind, ast.Constant)
                    yield Raised(str(kind.value), node.func.id, message)


def _text(node: ast.expr) -> str | None:
    """A message with its places in braces."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(text)), *_]):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_part, parts))
    return None


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return f"{{{ast.unparse(part.value)}}}"
    assert isinstance(part, ast.Constant)
    return str(part.value)
