"""``%%gradform``: a cell that holds a formula and shows its derivative.

%load_ext gradform

%%gradform --wrt x --shape A=m,n --shape b=m --as d
u = A*x - b
u'*u
"""

from __future__ import annotations

import re
from argparse import Namespace
from importlib import import_module
from keyword import iskeyword
from typing import Any, NoReturn

from gradform.api.several import Derivatives
from gradform.cli.arguments import add_options, options_of
from gradform.cli.asking import ask
from gradform.cli.language import in_language
from gradform.derive.answer import Derivative
from gradform.errors import GradformError, InputError
from gradform.language import say
from gradform.language.command_line import Parser, complaint

__all__ = ["Refused", "register"]

# A transpose is a single quote too, so quotes only count around a whole word.
_WORD = re.compile(r'"([^"]*)"(?!\S)|\'([^\']*)\'(?!\S)|(\S+)')


class Refused(Exception):
    """An error of the formula or its options, shown without the traceback of this code."""

    def __init__(self, error: GradformError) -> None:
        super().__init__(str(error))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return str(self).split("\n")


def register(shell: Any) -> None:
    """Give a running IPython the magic."""
    shell.register_magic_function(_Magic(shell).cell, "cell", "gradform")


class _Magic:
    """The magic of one shell, whose variables it sets."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def cell(self, line: str, cell: str) -> Derivative | Derivatives | None:
        """The derivative of the formula in this cell. Options: %%gradform --help"""
        try:
            found = _parser().parse_args(_words(line))
            language = in_language(found.lang)
        except SystemExit:  # after --help
            return None
        except GradformError as error:
            raise Refused(error) from None
        with language:
            try:
                return self._answered(found, cell.strip("\n"))
            except GradformError as error:
                raise Refused(error) from None  # told in the language that is spoken here

    def _answered(self, found: Namespace, formula: str) -> Derivative | Derivatives | None:
        name = _checked_name(found.name)
        answer = ask(formula, options_of(found))
        if name is not None:
            self._shell.user_ns[name] = answer
        if found.lang is None:
            return answer
        # The language is only spoken here, so the answer is shown here.
        import_module("IPython.display").display(answer)
        return None


class _Parser(Parser):
    def error(self, message: str) -> NoReturn:
        """A message in place of an exit."""
        raise InputError(
            complaint(message), kind="usage", hint=say("%%gradform --help lists the options")
        )


def _parser() -> Parser:
    parser = _Parser(
        prog="%%gradform", description=say("The derivative of the formula in this cell.")
    )
    add_options(parser)
    parser.add_argument(
        "--as", dest="name", metavar="name", help=say("the variable to store it in")
    )
    return parser


def _words(line: str) -> list[str]:
    """``--wrt x' --condition "m > n"`` in words."""
    return [next(filter(None, groups), "") for groups in _WORD.findall(line)]


def _checked_name(name: str | None) -> str | None:
    if name is not None and (not name.isidentifier() or iskeyword(name)):
        message = say("'{name}' is no name of a variable in Python.", name=name)
        raise InputError(message, kind="name")
    return name
