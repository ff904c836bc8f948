"""Errors, answers and the command line in Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import gradform as gf
from gradform.cli.main import main
from gradform.errors import GradformError
from gradform.language import Message, speaking

_ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "errors.json").read_text(encoding="utf-8")
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
# Words of English prose that no formula, name or option has.
_ENGLISH = re.compile(r"\b(the|is|are|of|and|cannot|must|needs?|write|found|there|not)\b", re.I)


def _formula(row: dict[str, Any]) -> str:
    if "expr_python" in row:
        return str(eval(row["expr_python"], {"__builtins__": {}}))
    return str(row["expr"])


def _is_error(row: dict[str, Any]) -> bool:
    """Some rows may be answered as well, or read as if they were typed right."""
    return not {"ok", "normalise"} & {row["kind"], *row.get("acceptable", ())}


def _error(row: dict[str, Any]) -> GradformError:
    facts = row["vars"].items()
    with pytest.raises(GradformError) as caught:
        gf.derivative(
            _formula(row),
            row["wrt"],
            shapes={name: each["shape"] for name, each in facts},
            assume={name: each["structure"] for name, each in facts if "structure" in each},
            check=False,
        )
    return caught.value


@pytest.mark.parametrize(
    "row", [row for row in _ROWS if _is_error(row)], ids=lambda row: str(row["id"])
)
def test_recorded_errors_are_told_in_chinese(row: dict[str, Any]) -> None:
    error = _error(row)
    assert isinstance(error.message, Message)
    assert error.message.template != "{text}"
    for text in (error.message, error.hint):
        if text is None:
            continue
        told = text.told("zh")
        assert _HAN.search(told)
        assert not _ENGLISH.search(_without_quotes(told)), told
    assert error.told("zh").count("\n") == error.told("en").count("\n")
    assert "{" not in error.message.told("zh") or "{" in _formula(row)


def _without_quotes(text: str) -> str:
    """What is quoted is the reader's own, or a piece of formula, or the name of a character."""
    return re.sub(r"“[^”]*”|'[^']*'|（U\+[^）]*）", "", text)


def test_the_place_of_an_error_is_told_in_chinese() -> None:
    with pytest.raises(gf.FormulaSyntaxError) as caught, speaking("zh"):
        gf.parse("u = A*x\nu'*u +")
    assert str(caught.value).startswith("line 2, column 7: ")
    assert caught.value.told("zh").startswith("第 2 行第 7 列：“+”之后表达式就结束了")


def test_an_error_within_an_error_speaks_the_language_of_the_whole() -> None:
    with speaking("zh"), pytest.raises(GradformError) as caught:
        gf.one_sided("log(x)", at="-1")
    assert "is not in the domain" in caught.value.message
    assert _HAN.search(caught.value.told("zh"))


def test_conditions_notes_and_certificates_speak_the_language() -> None:
    found = gf.derivative("max(x) + a^b^a", "x", infer=True)
    with gf.settings(language="zh"):
        assert [str(each) for each in found.conditions] == ["x 的最大元素唯一", "a > 0"]
        assert [str(each) for each in found.notes] == ["a^b^a 从左边读起：(a^b)^a。"]
        assert str(found.certificate).startswith("在 4 个点上验证，维数 n=")
    assert found.conditions[0] == "the largest entry of x is unique"
    assert str(found.certificate).startswith("confirmed at 4 points, sizes n=")


def test_proofs_of_convexity_speak_the_language() -> None:
    line = gf.convexity("abs(x)^3 - x")
    space = gf.convexity("norm1(x-b) + norm2(x)^2", at={"x": [1, 0]}, params={"b": [1, 2]})
    with gf.settings(language="zh"):
        assert str(line).startswith("abs(x)^3 - x 在 (-inf, inf) 上：下凸\n")
        assert "norm2(x)^2：下凸，幂：在 [0, inf] 上为下凸且递增" in str(space)
        assert not _ENGLISH.search(str(line) + str(space))


def test_a_refused_subdifferential_speaks_the_language() -> None:
    found = gf.subdifferential("-abs(x) + x^2", at=0)
    with gf.settings(language="zh"):
        assert str(found).startswith("不存在\n-abs(x) + x^2 在 (-inf, inf) 上：既非下凸也非上凸\n")
        assert "非下凸：在 x = " in str(found)
    assert str(found).startswith("REFUSED\n-abs(x) + x^2 is neither on (-inf, inf)\n")


def test_results_of_minimisation_speak_the_language() -> None:
    x = gf.vector("x", "n")
    found = gf.sum((x - gf.ones("n")) ** 2).minimize({"x": [0.0, 0.0]})
    with gf.settings(language="zh"):
        told = str(found)
    assert "收敛" in told
    assert "已证明为全局最小点" in told
    assert not _ENGLISH.search(told)
    assert "global minimum certified" in str(found)


@pytest.mark.parametrize("arguments", [["x'*", "--lang", "zh"], ["--lang=zh", "x'*"]])
def test_the_command_line_speaks_chinese(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("错误：“*”之后表达式就结束了；缺少运算对象。\n")


def test_help_and_usage_are_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--lang", "zh", "--help"])
    told = capsys.readouterr().out
    assert told.startswith("用法：gradform [-h]")
    assert "显示本帮助并退出" in told
    with pytest.raises(SystemExit):
        main(["--lang", "zh", "x", "--layout", "y"])
    assert "错误：参数 --layout/-l：无效的选择：'y'" in capsys.readouterr().err


def test_a_language_without_a_catalogue_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["x", "--lang", "tlh"]) == 2
    assert capsys.readouterr().err == (
        "error: 'tlh' is not a language that is spoken here.\nhint: The languages are en, zh.\n"
    )
    assert main(["x", "--lang"]) == 2
