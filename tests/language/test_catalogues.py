"""The catalogues hold every text of the product, whole and nothing else."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from string import Formatter

import pytest

from gradform import errors
from gradform.language import languages
from tests.support import templates

CATALOGUES = [language for language in languages() if language != "en"]
# Where the template comes from a record; of_records() finds those.
_FROM_RECORDS = {"syntax/requirements.py"}
_LETTER = re.compile(r"[^\W\d_]{2}")
_ERRORS = {
    name
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, errors.GradformError)
}


@cache
def _catalogue(language: str) -> dict[str, str]:
    path = templates.SOURCE / "language" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _needed() -> set[str]:
    """All texts with words in them: signs alone are the same in every language."""
    texts = templates.of_python() | templates.of_records() | templates.of_page()
    return {text for text in texts if _LETTER.search(re.sub(r"\{[^}]*\}", "", text))}


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_text_is_translated(language: str) -> None:
    assert sorted(_needed() - _catalogue(language).keys()) == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_translations_have_the_placeholders_of_the_english_text(language: str) -> None:
    wrong = {
        english: text
        for english, text in _catalogue(language).items()
        if _has_values(english) and _placeholders(english) != _placeholders(text)
    }
    assert wrong == {}


def _has_values(template: str) -> bool:
    """Descriptions of functions are not templates: braces are braces there."""
    return template not in templates.of_records() or "{0}" in template


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_translation_is_left_over(language: str) -> None:
    used = templates.of_python() | templates.of_records() | templates.of_page()
    assert sorted(_catalogue(language).keys() - used - templates.strings_of_page()) == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_catalogues_are_sorted_and_have_no_empty_text(language: str) -> None:
    catalogue = _catalogue(language)
    assert list(catalogue) == sorted(catalogue)
    assert all(text.strip() or not english.strip() for english, text in catalogue.items())


def test_the_scan_finds_texts() -> None:
    """Of every kind, so that the tests above are not about nothing."""
    assert len(templates.of_python()) > 900
    assert "Write sqrt(a)." in templates.of_python()
    assert "Σ x_i² over all entries" in templates.of_records()
    assert "{0} has full rank" in templates.of_records()
    assert "Skip to the formula" in templates.of_page()


def test_templates_are_literals() -> None:
    places = [told.place for told in templates.calls_of("say") if told.template is None]
    assert {place.partition(":")[0] for place in places} <= _FROM_RECORDS


def test_templates_get_the_values_they_name() -> None:
    wrong = []
    for told in templates.calls_of("say"):
        keywords = [each.arg for each in told.call.keywords]
        if told.template is None or None in keywords:  # values from elsewhere
            continue
        if set(keywords) != _placeholders(told.template) or len(told.call.args) > 1:
            wrong.append((told.place, told.template))
    assert wrong == []


def test_errors_are_made_of_messages() -> None:
    """No error of the tree is given a plain text or an f-string, as message or as hint."""
    wrong = []
    for told in templates.calls_of(*_ERRORS):
        hints = [each.value for each in told.call.keywords if each.arg == "hint"]
        if any(_is_plain(each) for each in (told.call.args[0], *hints)):
            wrong.append(told.place)
    assert wrong == []


def _is_plain(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp():
            return _is_plain(node.left) or _is_plain(node.right)
        case ast.IfExp():
            return _is_plain(node.body) or _is_plain(node.orelse)
        case ast.Call(func=ast.Name(id="str")) | ast.Call(func=ast.Attribute(attr="format")):
            return True
        case _:
            return False
