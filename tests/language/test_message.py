"""Messages: English strings that can be told in another language."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import gradform as gf
from gradform.errors import FormulaSyntaxError, Span, UndecidedError
from gradform.language import (
    Message,
    catalogue,
    current,
    joined,
    languages,
    listed,
    matching,
    say,
    speaking,
    told,
)

# A template that every catalogue has.
HINT = say("hint: {hint}", hint="x")


def test_a_message_is_its_english_text() -> None:
    assert HINT == "hint: x"
    assert hash(HINT) == hash("hint: x")
    assert str(HINT) == f"{HINT}" == "hint: x"
    assert told("x", "zh") == "x"


def test_a_message_is_told_in_another_language() -> None:
    assert HINT.told("zh") == "提示：x"
    assert HINT.told("en") == "hint: x"


def test_showing_a_message_speaks_the_current_language() -> None:
    with speaking("zh"):
        assert str(HINT) == f"{HINT}" == told(HINT) == "提示：x"
        assert HINT == "hint: x"
    assert str(HINT) == "hint: x"


def test_messages_within_messages_are_told_in_the_language_of_the_whole() -> None:
    nested = say("hint: {hint}", hint=listed(["a", say("hint: {hint}", hint=1), "c"]))
    assert nested == "hint: a, hint: 1 and c"
    assert nested.told("zh") == "提示：a、提示：1 和 c"


@pytest.mark.parametrize(
    ("parts", "english", "chinese"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a or b", "a 或 b"),
        (["a", "b", "c"], "a, b or c", "a、b 或 c"),
    ],
)
def test_alternatives_are_listed(parts: list[str], english: str, chinese: str) -> None:
    message = listed(parts, "or")
    assert (message, message.told("zh")) == (english, chinese)


def test_a_message_made_while_chinese_is_spoken_is_english_underneath() -> None:
    with speaking("zh"):
        nested = say("hint: {hint}", hint=HINT)
    assert nested == "hint: hint: x"
    assert nested.told("zh") == "提示：提示：x"


def test_braces_in_values_stay_as_they_are() -> None:
    assert say("hint: {hint}", hint="{x} {0} {{}}").told("zh") == "提示：{x} {0} {{}}"


def _pickled(message: Message) -> Message:
    made: Message = pickle.loads(pickle.dumps(message))
    return made


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, _pickled])
@pytest.mark.parametrize("message", [HINT, joined(["a", HINT]), HINT.shortened(4)])
def test_messages_are_copied_and_pickled(
    message: Message, again: Callable[[Message], Message]
) -> None:
    made = again(message)
    assert made == message
    assert made.told("zh") == message.told("zh")


def test_a_shortened_message_is_short_in_every_language() -> None:
    message = say("hint: {hint}", hint="x" * 50).shortened(10)
    assert message == "hint: xxx…"
    assert message.told("zh") == "提示：xxxxxx…"


def test_chinese_and_latin_letters_have_a_space_between_them() -> None:
    """Also where a value meets the template; what the value says inside stays as it is."""
    message = say("Cannot add {first} and {second}.", first="x'*y", second="(n)B")
    assert message.told("zh") == "不能把 x'*y 与(n)B 相加。"


def test_locales_find_their_language() -> None:
    assert [matching(code) for code in ("zh", "zh-CN", "ZH_cn.UTF-8", "en_GB", "xx")] == [
        "zh", "zh", "zh", "en", None,
    ]  # fmt: skip
    assert languages()[0] == "en"


def test_a_whole_error_is_told_in_chinese() -> None:
    error = FormulaSyntaxError(
        HINT, kind="syntax", span=Span(2, 3), source="a\nb", hint=say("line {line}:", line=3)
    )
    assert error.told() == str(error) == "line 2, column 1: hint: x\nb\n^\nhint: line 3:"
    assert error.told("zh") == "第 2 行第 1 列：提示：x\nb\n^\n提示：第 3 行："


def test_the_line_with_the_error_is_shown_as_typed() -> None:
    error = FormulaSyntaxError(HINT, kind="syntax", span=Span(2, 3), source="x中y")
    assert error.told("zh").split("\n")[1:] == ["x中y", "  ^"]


@pytest.mark.parametrize(
    "error",
    [
        FormulaSyntaxError("wrong", kind="syntax", span=Span(0, 1), source="a", hint="right"),
        UndecidedError(HINT),
    ],
)
def test_errors_are_pickled(error: gf.GradformError) -> None:
    made = pickle.loads(pickle.dumps(error))
    assert type(made) is type(error)
    assert vars(made) == vars(error)
    assert made.told("zh") == error.told("zh")


def test_two_threads_speak_two_languages() -> None:
    together = Barrier(2)

    def shown(language: str) -> str:
        with gf.settings(language=language):
            together.wait(timeout=20)
            return str(HINT)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(shown, ["en", "zh"])) == ["hint: x", "提示：x"]


def test_the_settings_have_a_language() -> None:
    assert gf.settings.language == "en"
    gf.settings.language = "zh-CN"
    try:
        assert gf.settings.language == "zh"
        with gf.settings(language="en", layout="numerator"):
            assert (gf.settings.language, gf.settings.layout) == ("en", "numerator")
        assert (gf.settings.language, gf.settings.layout) == ("zh", "ml")
    finally:
        current._chosen.clear()
    with pytest.raises(gf.InputError, match="'xx' is not a language"):
        gf.settings.language = "xx"


@pytest.fixture
def pirates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third language: one more file, with one text."""
    (tmp_path / "xx.json").write_text('{"hint: {hint}": "arr, {hint}!"}', encoding="utf-8")
    caches = (catalogue.languages, catalogue._catalogue)
    monkeypatch.setattr(catalogue, "_folder", lambda: tmp_path)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


@pytest.mark.usefixtures("pirates")
def test_a_third_language_is_one_file() -> None:
    assert languages() == ("en", "xx")
    with gf.settings(language="xx"):
        assert str(HINT) == "arr, x!"
        assert str(say("line {line}:", line=1)) == "line 1:"  # not in the file


def test_an_unknown_language_of_the_environment_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRADFORM_LANG", "tlh")
    current._of_environment.cache_clear()
    try:
        with pytest.warns(UserWarning, match="GRADFORM_LANG=tlh is none of the languages en, zh"):
            assert str(HINT) == "hint: x"
        monkeypatch.setenv("GRADFORM_LANG", "zh_CN.UTF-8")
        current._of_environment.cache_clear()
        assert str(HINT) == "提示：x"
    finally:
        current._of_environment.cache_clear()
