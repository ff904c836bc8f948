"""``gradform subdifferential``, ``gradform one-sided`` and ``gradform convexity``."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import Any

from gradform.api.nonsmooth import convexity, one_sided, subdifferential
from gradform.errors import InputError

__all__ = ["COMMANDS", "answer"]

FORMATS = ("text", "unicode", "latex", "json")


def answer(command: str, arguments: Sequence[str]) -> str:
    """What the command prints."""
    return COMMANDS[command](_parser(command).parse_args(_with_expression(arguments)))


def _parser(command: str) -> ArgumentParser:
    parser = ArgumentParser(prog=f"gradform {command}", allow_abbrev=False)
    add = parser.add_argument
    add("expression", help="the formula")
    if command != "convexity":
        add("--at", metavar="x=0", help="the point, exact: 1/3, sqrt(2), exp(-1)")
    add("--domain", metavar="x='[0,inf)'", help="an interval; by default where f is defined")
    add("--wrt", "-w", metavar="X", help="the variable, when there are several")
    add(
        "--param", "-p", action="append", default=[], metavar="a=2",
        help="the value of another variable",
    )  # fmt: skip
    if command == "subdifferential":
        add("--sense", choices=("sub", "super"), help="for affine functions, which have both")
        add("--format", "-f", choices=FORMATS, default="text", help="what is printed")
        add("--proof", action="store_true", help="print the steps that show the answer")
    return parser


def _with_expression(arguments: Sequence[str]) -> list[str]:
    """An expression with a leading minus is no option."""
    if arguments and arguments[0].startswith("-") and not arguments[0].startswith("--"):
        return [*arguments[1:], "--", arguments[0]]
    return list(arguments)


def _pair(text: str | None) -> Any:
    """``x=0`` as {"x": "0"}; a value alone as it is."""
    if text is None:
        return None
    name, equals, value = text.partition("=")
    return {name.strip(): value.strip()} if equals and name.strip().isidentifier() else text


def _params(found: Namespace) -> dict[str, str]:
    params: dict[str, str] = {}
    for text in found.param:
        pair = _pair(text)
        if not isinstance(pair, dict):
            raise InputError(f"'{text}' is not of the form a=2.", kind="syntax")
        params |= pair
    return params


def _common(found: Namespace) -> dict[str, Any]:
    return {"wrt": found.wrt, "domain": _pair(found.domain), "params": _params(found)}


def _subdifferential(found: Namespace) -> str:
    result = subdifferential(
        found.expression, at=_pair(found.at), sense=found.sense, **_common(found)
    )
    if found.format == "json":
        return json.dumps(result.to_dict(), ensure_ascii=False, indent=2)
    lines = [str(result) if found.format == "text" else str(getattr(result, found.format))]
    if found.proof:
        lines += [f"  {fact}" for fact in result.proof]
    return "\n".join(lines)


def _one_sided(found: Namespace) -> str:
    if found.at is None:
        raise InputError("A point is needed: --at x=0.", kind="point")
    return str(one_sided(found.expression, at=_pair(found.at), **_common(found)))


def _convexity(found: Namespace) -> str:
    return str(convexity(found.expression, **_common(found)))


COMMANDS: dict[str, Callable[[Namespace], str]] = {
    "subdifferential": _subdifferential,
    "one-sided": _one_sided,
    "convexity": _convexity,
}
