"""``gradform subdifferential``, ``gradform one-sided`` and ``gradform convexity``."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

from gradform.api.nonsmooth import convexity, one_sided, subdifferential
from gradform.errors import InputError
from gradform.language import say
from gradform.language.command_line import Parser

__all__ = ["COMMANDS", "answer"]

FORMATS = ("text", "unicode", "latex", "json", "numpy", "svg")


def answer(command: str, arguments: Sequence[str]) -> str:
    """What the command prints."""
    return COMMANDS[command](_parser(command).parse_args(_with_expression(arguments)))


def _parser(command: str) -> Parser:
    parser = Parser(prog=f"gradform {command}")
    add = parser.add_argument
    add("expression", help=say("the formula"))
    if command != "convexity":
        add(
            "--at", action="append", default=[], metavar="x=0",
            help=say("the point, exact: 1/3, sqrt(2), exp(-1); arrays as [1,0] and [[1,0],[0,1]]"),
        )  # fmt: skip
    add("--domain", metavar="x='[0,inf)'", help=say("an interval; by default where f is defined"))
    add("--wrt", "-w", metavar="X", help=say("the variable, when there are several; x,t for two"))
    add(
        "--param", "-p", action="append", default=[], metavar="a=2",
        help=say("the value of another variable"),
    )  # fmt: skip
    add(
        "--assume", "-a", action="append", default=[], metavar="X=symmetric",
        help=say("structure of a variable"),
    )  # fmt: skip
    if command == "subdifferential":
        add("--sense", choices=("sub", "super"), help=say("for affine functions, which have both"))
        add("--format", "-f", choices=FORMATS, default="text", help=say("what is printed"))
        add("--proof", action="store_true", help=say("print the steps that show the answer"))
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


def _pairs(texts: Sequence[str], example: str) -> dict[str, Any]:
    """Values by name, those in brackets as arrays."""
    pairs: dict[str, Any] = {}
    for text in texts:
        pair = _pair(text)
        if not isinstance(pair, dict):
            raise InputError(
                say("'{text}' is not of the form {example}.", text=text, example=example),
                kind="syntax",
            )
        pairs |= {name: _array(value) for name, value in pair.items()}
    return pairs


def _array(text: str) -> Any:
    """``[1, 1/2]`` as a list of exact texts, other values as they are."""
    if not text.startswith("["):
        return text
    quoted = re.sub(r"[^\[\],\s][^\[\],]*", lambda found: json.dumps(found[0].strip()), text)
    try:
        return json.loads(quoted)
    except ValueError:
        raise InputError(
            say("'{text}' is not an array.", text=text),
            kind="syntax",
            hint=say("Write [1, 0] or [[1, 0], [0, 1]]."),
        ) from None


def _point(found: Namespace) -> Any:
    """A value alone, or values by name."""
    if len(found.at) == 1 and isinstance(_pair(found.at[0]), str):
        return _array(found.at[0])
    return _pairs(found.at, "x=0") or None


def _common(found: Namespace) -> dict[str, Any]:
    names = None if found.wrt is None else [name.strip() for name in found.wrt.split(",")]
    return {
        "wrt": names[0] if names is not None and len(names) == 1 else names,
        "domain": _pair(found.domain),
        "params": _pairs(found.param, "a=2"),
    }


def _subdifferential(found: Namespace) -> str:
    result = subdifferential(
        found.expression,
        at=_point(found),
        sense=found.sense,
        assume=_pairs(found.assume, "X=symmetric") or None,
        **_common(found),
    )
    if found.format == "json":
        return json.dumps(result.to_dict(), ensure_ascii=False, indent=2)
    if found.format == "numpy":
        return str(result.numpy_source)
    if found.format == "svg":
        if not hasattr(result, "svg"):
            raise InputError(
                say("There is a picture for one variable at a point only."),
                kind="format",
                hint=say("Give the point: --at x=0"),
            )
        return str(result.svg())
    lines = [str(result) if found.format == "text" else str(getattr(result, found.format))]
    if found.proof:
        lines += [f"  {fact}" for fact in result.proof]
    return "\n".join(lines)


def _one_sided(found: Namespace) -> str:
    if not found.at:
        raise InputError(say("A point is needed: --at x=0."), kind="point")
    return str(one_sided(found.expression, at=_point(found), **_common(found)))


def _convexity(found: Namespace) -> str:
    assume = _pairs(found.assume, "X=symmetric") or None
    return str(convexity(found.expression, assume=assume, **_common(found)))


COMMANDS: dict[str, Callable[[Namespace], str]] = {
    "subdifferential": _subdifferential,
    "one-sided": _one_sided,
    "convexity": _convexity,
}
