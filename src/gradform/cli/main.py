"""The command: read the arguments, ask, print the answer or the error."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import TextIOWrapper

from gradform.api.several import Derivatives
from gradform.cli.arguments import Request, parse_arguments
from gradform.cli.asking import ask
from gradform.cli.colours import Colours
from gradform.cli.language import in_language, without_language
from gradform.cli.nonsmooth import COMMANDS, answer
from gradform.cli.show import derivations, in_format, readable
from gradform.cli.vocabulary import vocabulary
from gradform.derive.answer import Derivative
from gradform.errors import CannotError, GradformError, InputError
from gradform.language import say

__all__ = ["main"]

ANSWERED, CANNOT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 answered, 1 cannot, 2 bad input.

    This is the one place where every exception is caught: whatever happens, the user gets
    one message and no traceback.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Whatever the bytes and the locale are, reading and printing do not fail.
            stream.reconfigure(errors="replace" if stream is sys.stdin else "backslashreplace")
    given = sys.argv[1:] if arguments is None else arguments
    try:
        rest, language = without_language(given)
        with in_language(language):
            return _answered(rest)
    except GradformError as error:
        return _refused(error)  # no such language


def _answered(arguments: Sequence[str]) -> int:
    try:
        if arguments and arguments[0] == "serve":
            return _serve(arguments[1:])
        print(_output(arguments))
        sys.stdout.flush()
    except GradformError as error:
        return _refused(error)
    except BrokenPipeError:
        # The reader has gone; what Python still wants to write at exit goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # a defect of ours: the user gets one message, no traceback
        kind = type(error).__name__
        _complain(say("internal error, please report: {kind}: {error}", kind=kind, error=error))
        return CANNOT
    return ANSWERED


def _serve(arguments: Sequence[str]) -> int:
    """Run the web server; CannotError without the packages it takes."""
    try:
        web = import_module("gradform.web.serve")
    except ModuleNotFoundError as error:
        raise CannotError(
            say("The web page needs the package {name}.", name=error.name),
            kind="missing_package",
            hint=say("Install it with: pip install 'gradform[web]'"),
        ) from None
    status: int = web.serve(arguments)
    return status


def _refused(error: GradformError) -> int:
    _complain(error.message, _where(error), error.hint)
    return BAD_INPUT if isinstance(error, InputError) else CANNOT


def _output(arguments: Sequence[str]) -> str:
    if arguments and arguments[0] in COMMANDS:
        return answer(arguments[0], arguments[1:])
    request = parse_arguments(arguments)
    colours = Colours(sys.stdout)
    if request.expression == "functions":
        return vocabulary(colours)
    answers = _answers(request)
    if request.derivation is not None:
        return derivations(answers, request.derivation, request.format or "unicode")
    if request.format is not None:
        return in_format(answers, request.format)
    return readable(answers, colours) if sys.stdout.isatty() else in_format(answers, "text")


def _answers(request: Request) -> Mapping[str, Derivative]:
    text = sys.stdin.read() if request.expression == "-" else request.expression
    found = ask(text.strip("\n"), request.options)
    return found if isinstance(found, Derivatives) else {", ".join(found.wrt): found}


def _where(error: GradformError) -> str | None:
    """The offending line with a mark under it, and its number when there are several."""
    underlined = error.underlined()
    if underlined is None or error.source is None or "\n" not in error.source.strip():
        return underlined
    return f"{say('line {line}:', line=error.line)}\n{underlined}"


def _complain(message: str, where: str | None = None, hint: str | None = None) -> None:
    colours = Colours(sys.stderr)
    lines = [_labelled(colours.alarm(say("error:")), message)]
    if where is not None:
        lines += [f"  {line}" for line in where.split("\n")]
    if hint is not None:
        lines.append(_labelled(colours.faint(say("hint:")), hint))
    print("\n".join(lines), file=sys.stderr)


def _labelled(label: str, text: str) -> str:
    return say("{label} {text}", label=label, text=text).told()
