"""The command as users run it: in a process of its own, output and exit status as they see them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import gradform
from gradform.cli import main as command
from gradform.execute.backend import language_names

SOURCE = Path(gradform.__file__).parent.parent


class Run(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1", "TERM": "xterm", **more}


def gradform_(*arguments: str, typed: str | None = None, **more: str) -> Run:
    found = subprocess.run(
        [sys.executable, "-m", "gradform", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(**more),
    )
    return Run(found.returncode, found.stdout, found.stderr)


def on_terminal(*arguments: str, **more: str) -> str:
    """What appears on a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "gradform", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**more),
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # closed at the other end
                break
            shown += part
            if not part:
                break
        process.wait(timeout=60)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


# ---------------------------------------------------------------- answers


def test_into_a_pipe_goes_the_formula_alone() -> None:
    assert gradform_("x'*A*x", "--wrt", "x") == Run(0, "(A + A')*x\n", "")


def test_the_only_variable_need_not_be_named() -> None:
    assert gradform_("norm2(x)^2") == Run(0, "2*x\n", "")


def test_of_several_variables_all_are_shown() -> None:
    assert gradform_("x'*A*x").out == "x: (A + A')*x\nA: x*x'\n"
    assert gradform_("x'*A*x", "-w", "A,x").out == "A: x*x'\nx: (A + A')*x\n"
    assert gradform_("x'*A*x", "-w", "A", "-w", "x").out == "A: x*x'\nx: (A + A')*x\n"


def test_options_reach_the_question() -> None:
    assert gradform_("A*x", "-w", "x").out == "A'\n"
    assert gradform_("A*x", "-w", "x", "--layout", "numerator").out == "A\n"
    assert gradform_("x'*A*x", "-w", "x", "--order", "2").out == "A + A'\n"
    assert gradform_("x'*A*y", "-w", "x,y", "--order", "2").out == "A\n"
    assert gradform_("x'*A*x", "-w", "x", "--assume", "A=symmetric").out == "2*A*x\n"
    assert gradform_("x'*A*x", "-w", "x", "-a", "A=spd,positive", "--no-check").out == "2*A*x\n"
    tied = gradform_("x'*A*x", "-w", "A", "--constraint", "symmetric")
    assert tied.out == "2*x*x' - diag(x.^2)\n"
    assert gradform_("X(1,2)*X(2,1)", "-w", "X(1,2)").out == "X(2, 1)\n"
    long = gradform_("logdet(X'*X)", "-w", "X", "--shape", "X=m,n", "--condition", "m > n")
    assert (long.status, long.err) == (0, "")


def test_shapes_given_in_part_leave_the_rest_to_the_letters() -> None:
    assert gradform_("norm2(A*x-b)^2", "-w", "b", "--shape", "b=m").out == "2*(b - A*x)\n"
    assert gradform_("r*A*r'", "-w", "r", "-s", "r=1,n").out == "r*(A + A')\n"
    assert gradform_("x*y", "-w", "x", "-s", "x=", "-s", "y=()").out == "y\n"
    three = gradform_("x'*x", "-w", "x", "-s", "x=3", "--json")
    assert json.loads(three.out)["shape"] == [3]


def test_expression_with_a_leading_minus() -> None:
    assert gradform_("-x'*x", "--wrt", "x").out == "-2*x\n"
    assert gradform_("--wrt", "x", "-x'*x").out == "-2*x\n"
    assert gradform_("--wrt", "x", "--", "-x'*x").out == "-2*x\n"


def test_expression_from_standard_input() -> None:
    typed = "u = A*x - y\nu'*u\n"
    assert gradform_("-", "--wrt", "x", typed=typed).out == "2*A'*(A*x - y)\n"


@pytest.mark.parametrize(
    ("kind", "printed"),
    [
        ("text", "(A + A')*x\n"),
        ("unicode", "(A + Aᵀ)·x\n"),
        ("latex", "(\\mathbf{A} + \\mathbf{A}^{\\top})\\mathbf{x}\n"),
    ],
)
def test_formats(kind: str, printed: str) -> None:
    assert gradform_("x'*A*x", "-w", "x", "--format", kind).out == printed


def test_numpy_format_is_a_module() -> None:
    namespace: dict[str, object] = {}
    exec(gradform_("x'*A*x", "-w", "x", "-f", "numpy").out, namespace)
    assert "derivative" in namespace


@pytest.mark.parametrize("language", language_names(any_sizes=True))
def test_every_language_is_a_format(language: str) -> None:
    loss = "norm2(X*w - y)^2"
    shown = gradform_(loss, "-w", "w", "-f", language, "--no-check").out
    assert "derivative" in shown
    if language != "numpy":
        assert shown == gradform.derivative(loss, "w", check=False).source(language)


def test_several_sources_are_told_apart_by_comments() -> None:
    assert gradform_("x'*A*x", "-f", "c", "--no-check").out.startswith("// by x\n#include")
    assert gradform_("x'*A*x", "-f", "matlab", "--no-check").out.startswith("% by x\nfunction")


def test_json_has_every_field() -> None:
    fields = json.loads(gradform_("x'*A*x", "-w", "x", "--json").out)
    expected = gradform.derivative("x'*A*x", "x").to_dict()
    assert fields == json.loads(json.dumps(expected))
    several = json.loads(gradform_("x'*A*x", "--format", "json").out)
    assert set(several) == {"x", "A"}


def test_pictures_are_those_of_the_graph() -> None:
    graph = gradform.derivative("x'*A*x", "x").graph
    assert gradform_("x'*A*x", "-w", "x", "--format", "svg").out == graph.svg()
    assert gradform_("x'*A*x", "-w", "x", "--format", "dot").out == graph.dot()
    several = gradform_("x'*A*x", "--format", "svg")
    assert (several.status, several.out) == (2, "")
    assert "A picture shows the derivative by one variable." in several.err


def test_all_formats_at_once() -> None:
    shown = gradform_("x'*A*x", "-w", "x", "-f", "all").out
    labels = ("text: (A + A')*x", "unicode: ", "latex: ", "index notation: ", "differential: ")
    for label in (*labels, "layout: ml", "shape: (n)", "certificate: confirmed", "def derivative("):
        assert label in shown
    assert "certificate" not in gradform_("x'*A*x", "-w", "x", "-f", "all", "--no-check").out


def test_vocabulary() -> None:
    shown = gradform_("functions").out
    names = {line.split("(")[0] for line in shown.splitlines()}
    assert {"norm2", "softmax", "expm", "polygamma"} <= names
    assert len(names) == len(shown.splitlines())
    assert "softmax(x[, axis])" in shown


def test_version_and_help() -> None:
    assert gradform_("--version").out == f"gradform {gradform.__version__}\n"
    assert "exit status" in gradform_("--help").out


def test_bytes_that_are_no_text_and_locales_without_unicode() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "gradform", "-"],
        input=b"x'*\xff*x",
        capture_output=True,
        timeout=60,
        check=False,
        env=environment(),
    )
    assert run.returncode == 2
    assert b"error: " in run.stderr
    ascii_only = gradform_("x'*A*x", "-w", "x", "-f", "unicode", PYTHONUTF8="0", LC_ALL="C")
    assert ascii_only.status == 0


# ---------------------------------------------------------------- on a terminal


def test_readable_answer_on_a_terminal() -> None:
    shown = on_terminal("norm2(A*x-b)/c", "--wrt", "x", "--shape", "b=m", NO_COLOR="1")
    lines = shown.splitlines()
    assert lines[0] == "f = norm2(A*x-b)/c"
    assert lines[1].startswith("∂f/∂x = ")
    assert "  variables: b (m), A (m, n), x (n), c scalar" in lines
    assert any(line.startswith("  holds where: ") and "c != 0" in line for line in lines)
    assert any(line.startswith("  certificate: confirmed at ") for line in lines)
    assert "\033" not in shown


def test_colours_on_a_terminal_only() -> None:
    assert "\033[1m(A + Aᵀ)·x\033[0m" in on_terminal("x'*A*x", "--wrt", "x")
    assert "\033[1;31merror:\033[0m" in on_terminal("x'*A*")
    assert "\033" not in on_terminal("x'*A*", NO_COLOR="1")
    assert "\033" not in on_terminal("x'*A*", TERM="dumb")
    assert "\033" not in gradform_("x'*A*x").out
    assert "\033" not in gradform_("x'*A*").err


# ---------------------------------------------------------------- errors


def test_bad_input_is_underlined_at_its_column() -> None:
    expected = (
        "error: Cannot add a vector and a scalar; use A*x+vector(c).\n"
        "  A*x + c\n"
        "      ^\n"
        "hint: c was taken as a scalar because of its letter: declare its shape.\n"
    )
    assert gradform_("A*x + c", "-w", "x") == Run(2, "", expected)


def test_bad_input_of_several_lines_names_the_line() -> None:
    run = gradform_("-", "-w", "x", typed="u = A*x\nu'*u + + *\n")
    assert run.status == 2
    assert "  line 2:\n  u'*u + + *\n" in run.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("x'*A*",),
        ("",),
        ("x'*x", "--wrt", "q"),
        ("x'*x", "--wrt", ""),
        ("x'*x", "--shape", "x"),
        ("x'*x", "--shape", "x=n,n,n"),
        ("x'*x", "--assume", "x=nice"),
        ("x'*x", "--condition", "n is large"),
        ("x'*x", "--order", "0"),
        ("x'*x", "--order", "7"),
        ("1+2",),
        ("frobnicate(x)",),
    ],
)
def test_bad_input_has_status_two_and_one_message(arguments: tuple[str, ...]) -> None:
    run = gradform_(*arguments)
    assert run.status == 2
    assert run.out == ""
    assert run.err.startswith("error: ")
    assert "Traceback" not in run.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x", "y"),
        ("x'*x", "--layout", "rows"),
        ("x'*x", "--order", "two"),
        ("x'*x", "--frob"),
        ("x'*x", "--constraint", "triangular"),
    ],
)
def test_wrong_usage_has_status_two(arguments: tuple[str, ...]) -> None:
    run = gradform_(*arguments)
    assert run.status == 2
    assert run.err.startswith("usage: gradform")


def test_what_cannot_be_answered_has_status_one() -> None:
    """No point satisfies both conditions of this formula, so nothing can be confirmed."""
    run = gradform_("log(c)*log(-c)", "-w", "c")
    assert run.status == 1
    assert run.out == ""
    assert run.err.startswith("error: No admissible point was found")


def test_defects_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(command, "ask", broken)
    assert command.main(["x'*x"]) == 1


def test_a_reader_that_stops_is_no_error() -> None:
    run = subprocess.run(
        f'"{sys.executable}" -m gradform functions | head -n 1',
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(),
    )
    assert run.stderr == ""
    assert len(run.stdout.splitlines()) == 1
