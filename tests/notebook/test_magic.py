"""The cell magic in a real kernel: what is shown, what is stored, how errors look."""

from __future__ import annotations

from typing import Any

import pytest

import gradform as gf
from tests.notebook.reading import read
from tests.notebook.running import run

CELLS = {
    "load": "%load_ext gradform",
    "answer": "%%gradform --wrt x --shape b=m --as d\nu = A*x - b\nu'*u",
    "stored": "(d.text, Out[2] is d, d.value(A=[[1.0, 2.0]], x=[1.0, 1.0], b=[1.0]))",
    "transposed": "%%gradform --wrt x' --layout numerator\nx'*A*x",
    "condition": '%%gradform -w X --assume X=spd --condition "n > 2" --order 2\nlogdet(X)',
    "several": "%%gradform\nx'*A*x",
    "chinese": "%%gradform --lang zh --as e\nx'*x",
    "chinese stored": "e.text",
    "wrong formula": "%%gradform --wrt x\nu = A*x + c\nu'*u",
    "wrong in chinese": "%%gradform --lang zh\nA*x + c",
    "wrong option": "%%gradform --wrtt x\nx'*x",
    "wrong value": "%%gradform --order two\nx'*x",
    "wrong name": "%%gradform --as class\nx'*x",
    "wrong language": "%%gradform --lang xx\nx'*x",
    "help": "%%gradform --help\nx",
}


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[Any]]:
    notebook = run(list(CELLS.values()))
    return {
        name: [output for output in cell.outputs if output.get("name") != "stderr"]
        for name, cell in zip(CELLS, notebook.cells, strict=True)
    }


def test_the_answer_is_shown_in_all_forms(outputs: dict[str, list[Any]]) -> None:
    (output,) = outputs["answer"]
    shapes: dict[str, tuple[str, ...]] = {"A": ("m", "n"), "x": ("n",), "b": ("m",)}
    expected = gf.derivative("u = A*x - b\nu'*u", "x", shapes=shapes)
    assert output.output_type == "execute_result"
    assert output.data["text/plain"] == repr(expected)
    assert output.data["text/latex"] == rf"$\displaystyle {expected.latex}$"
    assert rf"$\displaystyle {expected.equation_latex}$" in read(output.data["text/html"]).latex


def test_the_answer_is_stored(outputs: dict[str, list[Any]]) -> None:
    (output,) = outputs["stored"]
    assert output.data["text/plain"] == '("2*A\'*(A*x - b)", True, 4.0)'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("transposed", "(A + A')*x"),
        ("condition", "logdet(X) by X, X: -kron(inv(X), inv(X))"),
        ("several", "<derivatives by x, A>"),
        ("chinese", "<derivative of x'*x by x: 2*x>"),
        ("chinese stored", "2*x"),
    ],
)
def test_options(name: str, text: str, outputs: dict[str, list[Any]]) -> None:
    (output,) = outputs[name]
    assert text in output.data["text/plain"]


def test_the_language_is_spoken_in_one_cell(outputs: dict[str, list[Any]]) -> None:
    (chinese,), (english,) = outputs["chinese"], outputs["answer"]
    assert "函数" in chinese.data["text/html"]
    assert "函数" not in english.data["text/html"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "wrong formula",
            [
                "line 1, column 9: Cannot add a vector and a scalar; use A*x+vector(c).",
                "u = A*x + c",
                "        ^",
            ],
        ),
        ("wrong in chinese", ["第 1 行第 5 列：", "A*x + c", "    ^"]),
        ("wrong option", ["unrecognized arguments: --wrtt x"]),
        ("wrong value", ["invalid int value: 'two'"]),
        ("wrong name", ["'class' is no name of a variable in Python."]),
        ("wrong language", ["'xx'"]),
    ],
)
def test_errors_are_underlined_and_have_no_traceback(
    name: str, lines: list[str], outputs: dict[str, list[Any]]
) -> None:
    (output,) = outputs[name]
    assert output.output_type == "error"
    assert len(output.traceback) <= 5
    assert not any("Traceback" in line or "gradform/" in line for line in output.traceback)
    for wanted, shown in zip(lines, output.traceback, strict=False):
        assert wanted in shown


def test_help_lists_the_options_of_the_command_line(outputs: dict[str, list[Any]]) -> None:
    (output,) = outputs["help"]
    for option in ("--wrt", "--shape", "--assume", "--layout", "--order", "--lang", "--as"):
        assert option in output.text
