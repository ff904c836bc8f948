"""argparse in the language of the reader: titles, help and complaints."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, NoReturn

from gradform.language.message import Message, say, told

__all__ = ["Parser", "complaint"]


class _Formatter(RawDescriptionHelpFormatter):
    """Help with "usage:" translated."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        prefix = told(say("usage: ")) if prefix is None else prefix
        super().add_usage(usage, actions, groups, prefix)


class Parser(ArgumentParser):
    """A parser that takes messages for help and speaks the language it is made in."""

    def __init__(self, prog: str, description: str = "") -> None:
        super().__init__(
            prog=prog,
            description=told(description) or None,
            formatter_class=_Formatter,
            allow_abbrev=False,
            add_help=False,
        )
        self._positionals.title = told(say("positional arguments"))
        self._optionals.title = told(say("options"))
        add = self.add_argument
        add("-h", "--help", action="help", help=say("show this help message and exit"))

    def add_argument(self, *names: Any, **options: Any) -> Any:
        if isinstance(options.get("help"), str):
            options["help"] = told(options["help"])
        return super().add_argument(*names, **options)

    def error(self, message: str) -> NoReturn:
        """The usage and what is wrong with the arguments; exit status 2."""
        self.print_usage(sys.stderr)
        told = say("{program}: error: {text}", program=self.prog, text=complaint(message))
        self.exit(2, f"{told}\n")


def complaint(message: str) -> Message:
    """What argparse says of arguments that do not fit, as a message."""
    for pattern, template in _COMPLAINTS:
        match = pattern.fullmatch(message)
        if match is not None:
            values = match.groupdict()
            return template.replacing(**values | {"told": complaint(values.get("told", ""))})
    return say("{text}", text=message)


# What argparse writes in English, and the same as messages; each value is set by the match.
_COMPLAINTS = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        (r"argument (?P<name>.*?): (?P<told>.*)", say("argument {name}: {told}", name="", told="")),
        (
            r"unrecognized arguments: (?P<arguments>.*)",
            say("unrecognized arguments: {arguments}", arguments=""),
        ),
        (
            r"the following arguments are required: (?P<arguments>.*)",
            say("the following arguments are required: {arguments}", arguments=""),
        ),
        (r"expected one argument", say("expected one argument")),
        (
            r"invalid choice: (?P<value>.*?) \(choose from (?P<choices>.*)\)",
            say("invalid choice: {value} (choose from {choices})", value="", choices=""),
        ),
        (
            r"invalid (?P<type>\w+) value: (?P<value>.*)",
            say("invalid {type} value: {value}", type="", value=""),
        ),
        (
            r"ignored explicit argument (?P<value>.*)",
            say("ignored explicit argument {value}", value=""),
        ),
    )
)
