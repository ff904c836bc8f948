"""The error reference: the tree of errors, and every message by its kind, read from the source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
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
    for each in raised():
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


@cache
def raised() -> tuple[Raised, ...]:
    """What the source says wherever an error is made with a kind and a message, sorted."""
    return tuple(sorted(set(_found())))


def _found() -> Iterator[Raised]:
    for file in sorted(Path(gradform.__file__).parent.rglob("*.py")):
        functions = [
            node
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)
        ]
        makers = {each.name: ast.unparse(each.returns) for each in functions if each.returns}
        for function in functions:
            yield from _raised_in(function, makers)


def _raised_in(function: ast.FunctionDef, makers: Mapping[str, str]) -> Iterator[Raised]:
    """``makers`` are the results of the functions around, some of which make errors."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node.args:
            name = ast.unparse(node.func).removeprefix("self.")
            error = makers.get(name, name)
            kinds = [each.value for each in node.keywords if each.arg == "kind"]
            if error in errors.__all__ and kinds and isinstance(kinds[0], ast.Constant):
                for message in _texts(node.args[0], function):
                    yield Raised(str(kinds[0].value), error, message)


def _texts(node: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """A message, its values in braces; of a variable, all that it may be."""
    match node:
        case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.Name(id=name):
            for each in ast.walk(function):
                if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == name:
                    yield from _texts(each.value, function)
