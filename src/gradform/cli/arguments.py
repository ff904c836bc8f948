"""What the command takes, and its meaning for the Python interface."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Sequence
from typing import NamedTuple

from gradform.cli.language import OPTION
from gradform.derive.derivation.build import KINDS
from gradform.derive.structured import CONSTRAINTS
from gradform.errors import InputError
from gradform.execute.backend import language_names
from gradform.language import say
from gradform.language.command_line import Parser
from gradform.notation.layout import LAYOUTS
from gradform.version import __version__

__all__ = ["FORMATS", "Options", "Request", "add_options", "options_of", "parse_arguments"]

FORMATS = ("text", "unicode", "latex", "json", *language_names(any_sizes=True), "svg", "dot", "all")

_DESCRIPTION = say(
    "The derivative of a function of scalars, vectors and matrices as a closed formula, confirmed\n"
    "by an independent numerical check.\n"
    "\n"
    "{examples}\n"
    "\n"
    "Undeclared letters are scalars (a-g), column vectors (h-z) and matrices (A-Z). Without --wrt\n"
    "every variable of the expression is taken. On a terminal the answer comes with shapes,\n"
    "conditions and certificate; into a pipe goes the formula alone, unless --format says "
    "otherwise.\n"
    "\n"
    "exit status: 0 answered, 1 cannot be answered or not confirmed, 2 bad input",
    examples="""\
  gradform "x'*A*x" --wrt x
  gradform "norm2(A*x-b)^2" --wrt x --shape b=m
  gradform "logdet(X)" --assume X=spd --format latex
  gradform functions""",
)


class Options(NamedTuple):
    """What is asked of a formula."""

    wrt: str | list[str] | None
    shapes: dict[str, tuple[str | int, ...]]
    assume: dict[str, list[str]]
    layout: str | None
    order: int
    constraint: str | None
    conditions: list[str]
    check: bool


class Request(NamedTuple):
    """One question as the command line asks it."""

    expression: str
    options: Options
    format: str | None
    derivation: str | None = None


def parse_arguments(arguments: Sequence[str]) -> Request:
    """The request. Exits with status 2 and a usage line for unknown options, and raises
    InputError for values that cannot be read."""
    found = _parser().parse_args(_expression_last(arguments))
    format_ = "json" if found.json else found.format
    return Request(found.expression, options_of(found), format_, found.derivation)


def options_of(found: Namespace) -> Options:
    """The options of :func:`add_options`. Raises InputError for values that cannot be read."""
    return Options(
        wrt=_variables(found),
        shapes=dict(map(_shape, found.shape)),
        assume=_structures(found.assume),
        layout=found.layout,
        order=found.order,
        constraint=found.constraint,
        conditions=found.condition,
        check=not found.no_check,
    )


def _parser() -> Parser:
    parser = Parser(prog="gradform", description=_DESCRIPTION)
    add = parser.add_argument
    add(
        "expression",
        help=say("the formula; '-' reads it from standard input; 'functions' lists all"),
    )
    add_options(parser)
    add("--format", "-f", choices=FORMATS, help=say("what is printed"))
    add(
        "--derivation", nargs="?", const="chain", choices=KINDS,
        help=say("the steps to the answer; by the chain rule if no kind is given"),
    )  # fmt: skip
    add("--json", action="store_true", help=say("the same as --format json"))
    add("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def add_options(parser: Parser) -> None:
    """The options that say what is asked of a formula."""
    add = parser.add_argument
    add(
        "--wrt", "-w", action="append", metavar="X",
        help=say("variable of differentiation: x, x', x(2); several: x,A"),
    )  # fmt: skip
    add(
        "--shape", "-s", action="append", default=[], metavar="A=m,n",
        help=say("shape of a variable: A=m,n matrix, x=n column, r=1,n row, c= scalar"),
    )  # fmt: skip
    add(
        "--assume", "-a", action="append", default=[], metavar="A=symmetric",
        help=say("structure of a variable: symmetric, spd, diagonal, positive, orthogonal, …"),
    )  # fmt: skip
    add("--layout", "-l", choices=LAYOUTS, help=say("how derivatives are arranged, by default ml"))
    add("--order", "-o", type=int, default=1, metavar="K", help=say("order of differentiation"))
    add("--constraint", choices=CONSTRAINTS, help=say("by the distinct parameters of the matrix"))
    add(
        "--condition", action="append", default=[], metavar='"m > n"',
        help=say("what holds for the dimensions"),
    )  # fmt: skip
    add("--no-check", action="store_true", help=say("skip the numerical check"))
    add(OPTION, metavar="zh", help=say("the language of messages"))


def _expression_last(arguments: Sequence[str]) -> list[str]:
    """Arguments such that an expression with a leading minus is no option."""
    if "--" in arguments:
        return list(arguments)
    options: list[str] = []
    expressions: list[str] = []
    for argument in arguments:
        if re.match(r"-(?!-|$)", argument) and not re.match(r"-[hwsalof]($|=)", argument):
            expressions.append(argument)
        else:
            options.append(argument)
    return [*options, "--", *expressions] if expressions else options


def _variables(found: Namespace) -> str | list[str] | None:
    if found.wrt is None:
        return None
    outside_brackets = r",(?![^(]*\))"
    names = [name for text in found.wrt for name in re.split(outside_brackets, text)]
    return names[0] if len(names) == 1 else names


def _assigned(text: str, example: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise InputError(
            say("'{text}' is not of the form {example}.", text=text, example=example), kind="syntax"
        )
    return name.strip(), value.strip()


def _shape(text: str) -> tuple[str, tuple[str | int, ...]]:
    name, value = _assigned(text, "A=m,n")
    sizes = [size.strip() for size in value.strip("()[]").split(",") if size.strip()]
    return name, tuple(int(size) if size.isdecimal() else size for size in sizes)


def _structures(texts: Sequence[str]) -> dict[str, list[str]]:
    assume: dict[str, list[str]] = {}
    for text in texts:
        name, value = _assigned(text, "A=symmetric")
        assume.setdefault(name, []).extend(value.replace(",", " ").split())
    return assume
