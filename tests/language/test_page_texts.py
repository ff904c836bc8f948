"""The web page speaks every language of the catalogues."""

from __future__ import annotations

import re

import pytest

from gradform.language import languages
from gradform.language.catalogue import ENGLISH, translated
from tests.language.page_texts import page_templates, unreadable_calls

OTHERS = [code for code in languages() if code != ENGLISH]


def test_the_page_says_literal_templates_only() -> None:
    assert unreadable_calls() == []
    assert len(page_templates()) > 100


@pytest.mark.parametrize("template", sorted(page_templates()))
@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_page_is_translated(language: str, template: str) -> None:
    text = translated(template, language)
    holes = re.findall(r"\{\w+\}", template)
    assert sorted(re.findall(r"\{\w+\}", text)) == sorted(holes)
    # Names such as Unicode are the same everywhere; sentences are not.
    assert text != template or template in {"Unicode", "Toeplitz"}
